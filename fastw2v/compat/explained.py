"""Errors of the gensim-compatible classes over arguments that a method cannot use.

Scripts catch Python's own TypeError and ValueError there. What is raised is one of these, and an
error of fastw2v too: one line that names the method and what it was given.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Container, Iterator
from typing import Any, NoReturn, TypeVar

from fastw2v.errors import Fastw2vError, printable, quoted, shortened

Class = TypeVar("Class", bound=type)
TYPES = (TypeError, AttributeError)
VALUES = (ValueError, IndexError, OverflowError)  # a KeyError may be of an iterable of the user
ERRORS = (*TYPES, *VALUES)
SPECIAL = ("__init__", "__getitem__", "__setitem__")  # that are public
REASON_CHARACTERS = 100  # characters of Python's own message
# whose code raises such errors over arguments; any other's is an iterable or a callback of the user
LIBRARIES = {"fastw2v", "numpy", "scipy", *sys.stdlib_module_names}


def is_of_user(error: BaseException) -> bool:
    """Whether code of the user raised an error, such as an iterable or a callback, or it is of
    text that such code reads.
    """
    step = error.__traceback__
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in LIBRARIES:
            return True
        step = step.tb_next
    return isinstance(error, UnicodeDecodeError)


def explained(
    of_types: type[Fastw2vError], of_values: type[Fastw2vError], only: Container[str] = ()
) -> Callable[[Class], Class]:
    """Decorator of a class: its public methods raise these errors in place of Python's own.

    Parameters
    ----------
    of_types : the error in place of TypeError and AttributeError.
    of_values : the error in place of ValueError, IndexError and OverflowError.
    only : names of the methods; without, all public methods.
    """

    def wrap(method: Callable[..., Any], bound: int = 1) -> Callable[..., Any]:
        # bound : how many arguments are the object itself
        def explain(error: Exception, args: tuple[Any, ...], options: dict[str, Any]) -> NoReturn:
            if isinstance(error, Fastw2vError) or is_of_user(error):
                raise error
            given = [quoted(arg, 40) for arg in args[bound:]]
            given += [f"{name}={quoted(value, 40)}" for name, value in options.items()]
            reason = printable(str(error))[:REASON_CHARACTERS]
            text = f"{method.__name__} cannot take ({', '.join(given)}): {reason}"
            error_type = of_types if isinstance(error, TYPES) else of_values
            raise error_type(shortened(text)) from error

        @functools.wraps(method)
        def call(*args: Any, **options: Any) -> Any:
            try:
                return method(*args, **options)
            except ERRORS as error:
                explain(error, args, options)

        @functools.wraps(method)
        def iterate(*args: Any, **options: Any) -> Iterator[Any]:
            try:
                yield from method(*args, **options)
            except ERRORS as error:
                explain(error, args, options)

        return iterate if inspect.isgeneratorfunction(method) else call

    def decorate(cls: Class) -> Class:
        for name, member in list(vars(cls).items()):
            public = not name.startswith("_") or name in SPECIAL
            if not public or (only and name not in only):
                continue
            if isinstance(member, staticmethod):
                setattr(cls, name, staticmethod(wrap(member.__func__, bound=0)))
            elif isinstance(member, classmethod):
                setattr(cls, name, classmethod(wrap(member.__func__)))
            elif inspect.isfunction(member):
                setattr(cls, name, wrap(member))
        return cls

    return decorate
