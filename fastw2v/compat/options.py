"""Numbers as gensim's options take them, refused by name if they are none."""

import operator
from typing import Any

from fastw2v.errors import ConfigError, ConfigTypeError, quoted


def as_integer(name: str, value: Any) -> int:
    """An option as a whole number. Raises ConfigError, a ValueError or TypeError."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(error)(f"{name} must be a whole number, got {quoted(value)}") from None


def as_float(name: str, value: Any) -> float:
    """An option as a number. Raises ConfigError, a ValueError or TypeError."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(error)(f"{name} must be a number, got {quoted(value)}") from None


def as_boolean(name: str, value: Any) -> bool:
    """An option as a truth value. Raises ConfigError, a ValueError."""
    try:
        return operator.truth(value)
    except (TypeError, ValueError) as error:  # an array of many numbers
        raise _refused(error)(f"{name} must be true or false, got {quoted(value)}") from None


def _refused(error: Exception) -> type[ConfigError]:
    return ConfigTypeError if isinstance(error, TypeError) else ConfigError
