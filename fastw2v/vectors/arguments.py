"""Arguments of queries: refused with the call that is meant, before anything is computed."""

import functools
import inspect
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

from fastw2v.errors import UnknownOptionError, VectorsTypeError

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
QUOTED = 60  # letters of a value in an error


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
            why = str(error) if unknown is None else f"there is no option {unknown[:QUOTED]!r}"
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


def checked_count(value: Any, name: str) -> int:
    """A whole number as an int. Raises VectorsTypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise VectorsTypeError(f"{name} must be a whole number, got {repr(value)[:QUOTED]}")
    return int(value)


def checked_words(words: Any, name: str) -> list[Any]:
    """Several words or vectors as a list. Raises VectorsTypeError for one word, or no iterable."""
    if isinstance(words, (str, bytes)) or not hasattr(words, "__iter__"):
        example = f"[{words!r}]" if isinstance(words, str) else '["king", "queen"]'
        raise VectorsTypeError(
            f"{name} takes a list of words, such as {example[:QUOTED]}, not"
            f" {repr(words)[:QUOTED]} alone"
        )
    return list(words)


def as_word(word: Any) -> str:
    """A token as the vocabulary spells it: numbers, as in walks over a graph, by their digits.

    Raises VectorsTypeError for anything but strings and numbers.
    """
    if isinstance(word, str):
        return word
    if isinstance(word, Real):
        return str(word)
    if isinstance(word, bytes):
        raise VectorsTypeError(
            f"words are strings, not bytes; word.decode() makes one of {word[:40]!r}"
        )
    raise VectorsTypeError(
        f"a word is a string, not a {type(word).__name__}: {repr(word)[:QUOTED]}"
    )
