"""Every error that is a user's to mend: one line that says what, where, and what to do.

Anything else is a bug.
"""

import re
import reprlib
from collections.abc import Iterable
from pickle import UnpicklingError
from typing import Any

MESSAGE_CHARACTERS, PATH_CHARACTERS = 300, 140  # of a message, and of a path in one, at most
QUOTED = 60  # characters of a value in a message, at most
LONG_PATH = re.compile(rf"\S{{{PATH_CHARACTERS + 1},}}")


def shortened(text: str, longest: int = MESSAGE_CHARACTERS) -> str:
    """Return ``text`` with its middle cut out if it is too long.

    Errors begin with a file name and end with what to do.
    """
    half = (longest - 5) // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


_SHORT = reprlib.Repr()  # looks at the first items of a large object alone
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 4 * QUOTED


def printable(text: str) -> str:
    """Return ``text`` with escapes for what is not printable, line ends among it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def quoted(value: object, longest: int = QUOTED) -> str:
    """Return a value as an error shows it: its repr, in one line of at most ``longest`` characters.

    A value whose repr fails, such as a whole number of thousands of digits, is shown by its type.
    """
    try:
        text = _SHORT.repr(value)
    except Exception:  # a __repr__ of others
        text = f"<{type(value).__name__}>"
    return shortened(printable(" ".join(map(str.strip, text.splitlines()))), longest)


def _without_long_paths(message: object) -> str:
    return LONG_PATH.sub(lambda path: shortened(path[0], PATH_CHARACTERS), str(message))


class Fastw2vError(Exception):
    """The base of all errors raised on purpose. Long paths in a message lose their middle.

    options : names in the message that are those of options, as Python has them. The command line
    shows them as they are typed there: ``min_count`` as ``--min-count``, and ``maxn=6`` as
    ``--maxn 6``.
    """

    def __init__(self, message: str = "", *, options: Iterable[str] = (), **more: Any) -> None:
        super().__init__(_without_long_paths(message), **more)
        self.options = tuple(options)


class ConfigError(Fastw2vError, ValueError):
    """An option out of its range."""


class CorpusError(Fastw2vError):
    """Text, or an encoded corpus, that cannot be read or holds nothing to train on."""


class VectorsError(Fastw2vError):
    """A vector file that is damaged, or vectors that a format cannot hold."""


class OutputError(Fastw2vError, OSError):
    """A file that cannot be written."""


class TrainingError(Fastw2vError):
    """A run that cannot begin, or that has gone out of range."""


class CheckpointError(Fastw2vError):
    """A run folder, or a checkpoint in it, that cannot be resumed from."""


class EvaluationError(Fastw2vError):
    """A file of analogies or pairs that cannot be read."""


class PlotError(Fastw2vError):
    """What cannot be drawn: too few words, a run folder without a run, a library that is not
    installed.
    """


class UnknownWordError(Fastw2vError, KeyError):
    """A word that is not in the vocabulary."""

    def __str__(self) -> str:
        return str(self.args[0])


class NotOfferedError(Fastw2vError, NotImplementedError):
    """Something of another program that its face here does not have."""


class UnknownOptionError(Fastw2vError, TypeError):
    """The name of an option that there is not."""


class VectorsTypeError(VectorsError, TypeError):
    """A query of vectors with an argument of another type than it takes."""


class ConfigTypeError(ConfigError, TypeError):
    """An option of another type than it takes."""


class MissingVectorsError(VectorsError, FileNotFoundError):
    """A vector or model file that does not exist."""


class TruncatedVectorsError(VectorsError, EOFError):
    """A vector or model file that ends too early."""


class UndecodableVectorsError(VectorsError, UnicodeDecodeError):
    """A file of vectors that is not text in the encoding that was asked for."""

    def __init__(self, message: str) -> None:
        UnicodeDecodeError.__init__(self, "utf-8", b"", 0, 1, message)
        self.args, self.options = (
            (_without_long_paths(message),),
            (),
        )  # one argument, so that it is pickled

    def __str__(self) -> str:
        return str(self.args[0])


class NotAModelError(VectorsError, UnpicklingError):
    """A file that is no model that can be read: of another format, damaged, or a pickle whose
    contents are refused.
    """


class NoTrainedModelError(NotAModelError, AttributeError):
    """A file of vectors alone, or of another class, where a model of gensim's names is loaded."""


class MissingEvaluationError(EvaluationError, FileNotFoundError):
    """A file of analogies or pairs that does not exist."""


class NotInstalledError(Fastw2vError, ModuleNotFoundError):
    """A part of another program's face that needs a library that is not installed."""


class NotOfferedAttributeError(NotOfferedError, AttributeError):
    """An attribute of another program's object that its face here does not have."""
