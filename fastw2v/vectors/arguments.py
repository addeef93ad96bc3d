"""Arguments of queries: refused with the call that is meant, before anything is computed."""

import functools
import inspect
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import UnknownOptionError, VectorsError, VectorsTypeError, quoted

P = ParamSpec("P")
R = TypeVar("R")
COUNTS = ("n", "topn", "top_n", "top_k", "k", "limit", "number")  # of answers, by any name
TRAINING = {
    "size": "vector_size",
    "vector_size": "vector_size",
    "workers": "threads",
    "threads": "threads",
    "window": "window",
    "epochs": "epochs",
    "iter": "epochs",
    "min_count": "min_count",
}
MAX_SEARCH_COUNT = 1 << 31  # of a count that a library in C takes


def checked_call(method: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a method: refuse arguments that it does not take, and name those that it does.

    Raises UnknownOptionError, a TypeError.
    """
    name, signature = method.__name__, inspect.signature(method)
    options = list(signature.parameters)[1:]

    @functools.wraps(method)
    def call(*args: P.args, **given: P.kwargs) -> R:
        try:
            signature.bind(*args, **given)
        except TypeError as error:
            unknown = next((option for option in given if option not in options), None)
            advice = (
                f"it takes {', '.join(options)}" if unknown is None else _advice(unknown, options)
            )
            why = str(error) if unknown is None else f"there is no option {quoted(unknown)}"
            raise UnknownOptionError(f"{name}: {why}; {advice}") from None
        return method(*args, **given)

    return call


def _advice(name: str, options: list[str]) -> str:
    count = next((option for option in options if option in COUNTS), None)
    if name in COUNTS and count:
        return f"the number of answers is {count}=..."
    if name in TRAINING:
        return f"it is an option of training: fastw2v.train(corpus, {TRAINING[name]}=...)"
    return f"it takes {', '.join(options)}"


def checked_count(value: Any, name: str, low: int | None = None, high: int | None = None) -> int:
    """A whole number, at least ``low`` and at most ``high``, as an int.

    Raises VectorsTypeError for what is no whole number, VectorsError for one out of its range.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise VectorsTypeError(f"{name} must be a whole number, got {quoted(value)}")
    number = int(value)
    if low is not None and number < low:
        raise VectorsError(f"{name} must be at least {low}, got {quoted(number)}")
    if high is not None and number > high:
        raise VectorsError(f"{name} must be at most {high:,}, got {quoted(number)}")
    return number


def checked_words(words: Any, name: str) -> list[Any]:
    """Several words or vectors as a list. Raises VectorsTypeError for one word, or no iterable."""
    if isinstance(words, (str, bytes)) or not hasattr(words, "__iter__"):
        raise _no_words(words, name)
    try:
        return list(words)
    except TypeError:  # an array of one number has an __iter__ that fails
        raise _no_words(words, name) from None


def _no_words(words: Any, name: str) -> VectorsTypeError:
    example = f"[{quoted(words)}]" if isinstance(words, str) else '["king", "queen"]'
    return VectorsTypeError(
        f"{name} takes a list of words, such as {example}, not {quoted(words)} alone"
    )


def checked_choice(value: Any, name: str, choices: Sequence[str]) -> str:
    """One of some names. Raises VectorsError for a string that is none, VectorsTypeError for what
    is no string.
    """
    if isinstance(value, str) and value in choices:
        return value
    kind = VectorsError if isinstance(value, str) else VectorsTypeError
    raise kind(f"{name} must be {' or '.join(choices)}, got {quoted(value)}")


def real_array(values: Any, dtype: type[np.floating[Any]]) -> NDArray[Any]:
    """Numbers as an array. Raises TypeError, ValueError or OverflowError for what are none, complex
    numbers among them, of which NumPy would take the real part.
    """
    array = np.asarray(values)
    if array.dtype.kind == "c":
        raise TypeError("complex numbers")
    return array.astype(dtype, copy=False)


def is_scalar(value: Any) -> bool:
    """Whether a value is an array of no dimension, whose ``__iter__`` and ``__len__`` fail."""
    return getattr(value, "ndim", None) == 0


def as_word(word: Any) -> str:
    """A token as the vocabulary spells it: numbers, as in walks over a graph, by their digits.

    Raises VectorsTypeError for anything but strings and numbers.
    """
    if isinstance(word, str):
        return word
    if isinstance(word, Real):
        try:
            return str(word)
        except ValueError:  # a whole number of thousands of digits
            raise VectorsTypeError(f"a word is a string, not {quoted(word)}") from None
    if isinstance(word, bytes):
        raise VectorsTypeError(
            f"words are strings, not bytes; word.decode() makes one of {quoted(word, 40)}"
        )
    raise VectorsTypeError(f"a word is a string, not a {type(word).__name__}: {quoted(word)}")
