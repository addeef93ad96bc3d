"""Numbers as gensim's options take them, refused by name if they are none."""

import math
import operator
from typing import Any

from fastw2v.errors import ConfigError, ConfigTypeError, quoted


def as_integer(name: str, value: Any) -> int:
    """An option as a whole number. Raises ConfigError, a ValueError or TypeError."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(error)(f"{name} must be a whole number, got {quoted(value)}") from None


def at_least(name: str, value: Any, low: int) -> int:
    """An option as a whole number, ``low`` or more. Raises ConfigError, a ValueError or
    TypeError.
    """
    number = as_integer(name, value)
    if number < low:
        raise ConfigError(f"{name} must be at least {low}, got {quoted(value)}")
    return number


def as_float(name: str, value: Any) -> float:
    """An option as a number. Raises ConfigError, a ValueError or TypeError."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(error)(f"{name} must be a number, got {quoted(value)}") from None


def sample_option(value: Any) -> float:
    """gensim's ``sample``, a finite number of at least 0. Raises ConfigError, a ValueError or
    TypeError.
    """
    number = as_float("sample", value)
    if not 0 <= number < math.inf:
        raise ConfigError(f"sample must be at least 0 and finite, got {quoted(value)}")
    return number


def as_boolean(name: str, value: Any) -> bool:
    """An option as a truth value. Raises ConfigError, a ValueError."""
    try:
        return operator.truth(value)
    except (TypeError, ValueError) as error:  # an array of many numbers
        raise _refused(error)(f"{name} must be true or false, got {quoted(value)}") from None


def _refused(error: Exception) -> type[ConfigError]:
    return ConfigTypeError if isinstance(error, TypeError) else ConfigError
