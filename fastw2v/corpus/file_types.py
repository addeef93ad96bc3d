"""Refuse files that are not text in UTF-8: other types, binary data, many zero bytes."""

import re
from collections.abc import Callable, Sequence

from fastw2v.errors import CorpusError
from fastw2v.events import Notice
from fastw2v.file_types import ARROW_FILE, ARROW_STREAM, PARQUET, convert, file_type

SHARE = 8  # at most one byte in SHARE may be zero
# Which of four bytes are zero, most often
ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "UTF-32LE",
    (True, True, True, False): "UTF-32BE",
    (False, True, False, True): "UTF-16LE",
    (True, False, True, False): "UTF-16BE",
}
# control characters that no text has, but zero bytes
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
SAMPLE = 4096  # bytes in which they are counted
NAMED, LONGEST_NAME = 6, 24  # columns named in an error, and characters of each
TEXT_NAME = re.compile("text|tokens|words|content|body|review|sentence", re.IGNORECASE)
CONTROLS = 20  # at most one byte in CONTROLS may be a control character, if it is not UTF-8


def check_file_type(
    head: bytes, source: object, column_names: Callable[[], list[str]] = list
) -> None:
    """Raise CorpusError if a source that begins with these bytes is no text, saying what it is and
    what to do with it.

    column_names : called for a table, returns the names of its columns if they are known.
    """
    kind = file_type(head)
    if kind is None or kind.text is None:
        return
    if head.startswith((PARQUET, ARROW_FILE, ARROW_STREAM)):
        raise needs_column(source, kind.name, column_names())
    raise CorpusError(f"{source}: is {kind.name}; {kind.text}")


def needs_column(
    source: object, kind: str, names: Sequence[object], best: object = None
) -> CorpusError:
    """The error of a table of which no column was named; best : the one that holds most text."""
    if not names:
        return CorpusError(
            f"{source}: is {kind}; name the one that holds the text, column=NAME; it takes pip"
            " install 'fastw2v[data]'",
            options=("column",),
        )
    if best is None:
        best = next((name for name in names if TEXT_NAME.search(str(name))), names[-1])
    return CorpusError(
        f"{source}: is {kind} with {listed(names)}; name the one that holds the text, for instance"
        f" column={printable(best)!r}",
        options=("column",),
    )


def listed(names: Sequence[object]) -> str:
    """The names of columns, the first few of many, for an error."""
    return (
        "the columns " + ", ".join(map(printable, names[:NAMED])) + ", ..." * (len(names) > NAMED)
    )


def printable(name: object, longest: int = LONGEST_NAME) -> str:
    """The beginning of a name, as an error can show it."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(name)[:longest])


def check_binary(head: bytes, source: object) -> None:
    """Raise CorpusError if a source begins with control characters and with bytes that are not
    UTF-8.
    """
    sample = bytes(head[:SAMPLE])
    if CONTROLS * len(CONTROL.findall(sample)) > len(sample) and not is_utf8(sample):
        raise CorpusError(f"{source}: is binary data, not text; give text in UTF-8")


def is_utf8(sample: bytes) -> bool:
    """Return whether bytes are UTF-8, except for a character that may be cut at their end."""
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def check_zeros(text: bytearray, size: int, where: Callable[[int], str]) -> Notice | None:
    """A Notice if text[:size] holds zero bytes, or None. Raises CorpusError if it holds many.

    where : a function from a place in the text to its name in an error.
    """
    first = text.find(0, 0, size)
    if first < 0:
        return None
    zeros = text.count(0, 0, size)
    if SHARE * zeros <= size:
        return Notice(f"{where(first)} is the first zero byte; zero bytes count as letters")
    name = ZEROS.get(tuple(2 * text[k:size:4].count(0) > size // 4 for k in range(4)))
    advice = f"if it is {name}, {convert(name)}" if name else "is this text?"
    raise CorpusError(f"{where(first)} is the first of many zero bytes; {advice}")
