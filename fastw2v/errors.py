"""Errors that a user can correct: one line that says what, where, and what to do.

Any other exception is a bug.
"""

import re
import reprlib
from collections.abc import Iterable
from pickle import UnpicklingError
from typing import Any

MESSAGE_CHARACTERS, PATH_CHARACTERS = 300, 140  # of a message, and of a path in one, at most
QUOTED = 60  # characters of a value in a message, at most
# advice about corpora that only programs, or only some commands, can follow
GIVE_TOKEN_LISTS = "to train on text itself, give token lists from Python"
REPLACE_BYTES = "pass --encoding-errors replace to keep going"
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


def _in_a_line(message: object) -> str:
    """A message with escapes for line ends and the like, its long paths without their middle."""
    text = printable(str(message))
    return LONG_PATH.sub(lambda path: shortened(path[0], PATH_CHARACTERS), text)


class Fastw2vError(Exception):
    """Base class of all errors that fastw2v raises on purpose. A message is one line, in which long
    paths are cut in the middle.

    options : option names in the message, in their Python form. The command line shows them in its
    own form: ``min_count`` as ``--min-count``, and ``maxn=6`` as ``--maxn 6``.
    """

    def __init__(self, message: str = "", *, options: Iterable[str] = (), **more: Any) -> None:
        super().__init__(_in_a_line(message), **more)
        self.options = tuple(options)


class ConfigError(Fastw2vError, ValueError):
    """An option is out of range."""


class CorpusError(Fastw2vError):
    """A text or an encoded corpus cannot be read, or holds no words to train on."""


class VectorsError(Fastw2vError):
    """A vector file is damaged, or a format cannot store these vectors."""


class OutputError(Fastw2vError, OSError):
    """A file cannot be written."""


class TrainingError(Fastw2vError):
    """Training cannot start, or its numbers overflowed."""


class CheckpointError(Fastw2vError):
    """A run cannot be resumed from a run folder or a checkpoint."""


class EvaluationError(Fastw2vError):
    """An evaluation file cannot be read."""


class PlotError(Fastw2vError):
    """A picture or page cannot be drawn: too few words, a run folder without a run, a library that
    is not installed.
    """


class UnknownWordError(Fastw2vError, KeyError):
    """A word is not in the vocabulary."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnsupportedError(Fastw2vError, NotImplementedError):
    """fastw2v.compat does not support this feature of the other program."""


class UnknownOptionError(Fastw2vError, TypeError):
    """An option of this name does not exist."""


class VectorsTypeError(VectorsError, TypeError):
    """An argument of a query has the wrong type."""


class VectorsValueError(VectorsError, ValueError):
    """A query of vectors with an argument that has no answer."""


class EmptyQueryError(VectorsValueError, ZeroDivisionError):
    """A query of two lists of words, one of which is empty; gensim divides by their lengths."""


class NotReadyError(TrainingError, RuntimeError):
    """A model of gensim's names lacks the vocabulary, or the tables, that a method needs."""


class ConfigTypeError(ConfigError, TypeError):
    """An option has the wrong type."""


class MissingVectorsError(VectorsError, FileNotFoundError):
    """A vector or model file does not exist."""


class TruncatedVectorsError(VectorsError, EOFError):
    """A vector or model file ends too early."""


class UndecodableError(Fastw2vError, UnicodeDecodeError):
    """A text file is not in the given encoding."""

    def __init__(self, message: str) -> None:
        UnicodeDecodeError.__init__(self, "utf-8", b"", 0, 1, message)
        self.args, self.options = (
            (_in_a_line(message),),
            (),
        )  # one argument, so that it is pickled

    def __str__(self) -> str:
        return str(self.args[0])


class UndecodableVectorsError(UndecodableError, VectorsError):
    """A text file of vectors is not in the given encoding."""


class UndecodableCorpusError(UndecodableError, CorpusError):
    """A text file of sentences is not UTF-8, where scripts catch Python's UnicodeDecodeError."""


class UnreadableCorpusError(CorpusError, OSError, EOFError):
    """A file of sentences is damaged or cannot be read, where scripts catch Python's errors."""


class MissingCorpusError(UnreadableCorpusError, FileNotFoundError):
    """A file of sentences does not exist."""


class NotAModelError(VectorsError, UnpicklingError):
    """A file cannot be read as a model: it has another format, is damaged, or is a pickle with
    refused contents.
    """


class NoTrainedModelError(NotAModelError, AttributeError):
    """A file of vectors alone, or of another class, where a model of gensim's names is loaded."""


class MissingEvaluationError(EvaluationError, FileNotFoundError):
    """An evaluation file does not exist."""


class NotInstalledError(Fastw2vError, ModuleNotFoundError):
    """A part of fastw2v.compat needs a library that is not installed."""


class UnsupportedAttributeError(UnsupportedError, AttributeError):
    """fastw2v.compat does not support this attribute of the other program."""
