"""Metadata of words: a table of tab-separated columns, the first of which is the word.

The first line names the columns. A column named ``title`` is what people read in place of the
word; others, such as ``group``, may colour or filter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastw2v.errors import ConfigError, MissingVectorsError, VectorsError, quoted
from fastw2v.files import reason
from fastw2v.paths import AnyPath, checked_path, shown

TITLE, GROUP = "title", "group"  # columns that are used without being asked for
MAX_LINE_BYTES = 1 << 20
MAX_COLUMNS = 1000
QUOTED = 60  # letters of a file in an error


@dataclass(frozen=True)
class Metadata:
    """Columns of text about words, from a tab-separated file.

    Attributes
    ----------
    columns
        Names of all columns but the first.
    values
        For each word with a line, one string per column.
    path
        Path of the file, for errors.
    """

    columns: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    path: AnyPath

    def title(self, word: str) -> str:
        """The title of a word, or the word itself if it has none."""
        return (self.value(TITLE, word) if TITLE in self.columns else "") or word

    def value(self, column: str, word: str) -> str:
        """What a column says of a word; empty if nothing. Raises ConfigError for no column."""
        values = self.values.get(word)
        place = self._column_index(column)
        return "" if values is None else values[place]

    def of(self, word: str) -> dict[str, str]:
        """All that is said of a word, by column."""
        values = zip(self.columns, self.values.get(word, ()), strict=False)
        return {column: value for column, value in values if value}

    def matching(self, words: Sequence[str], where: Mapping[str, str]) -> list[int]:
        """The places of words whose columns have these values. Raises ConfigError."""
        conditions = [(self._column_index(column), value) for column, value in where.items()]
        empty = ("",) * len(self.columns)
        return [
            place
            for place, word in enumerate(words)
            if all(self.values.get(word, empty)[column] == value for column, value in conditions)
        ]

    def _column_index(self, column: str) -> int:
        if column not in self.columns:
            named = ", ".join(self.columns)[:QUOTED]
            raise ConfigError(
                f"{shown(self.path)}: has no column {quoted(column)}; there are {named}"
            )
        return self.columns.index(column)


def read_metadata(path: AnyPath, words: Iterable[str]) -> Metadata:
    """The Metadata of some words, from a file; of a word with several lines, the first.

    Raises VectorsError.
    """
    known, values, columns = frozenset(words), {}, None
    try:
        with open(checked_path(path, VectorsError), "rb") as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES):
                number += 1
                fields = _fields(path, number, line)
                if columns is None:
                    columns = _columns(path, fields)
                elif fields[0] in known and fields[0] not in values:
                    if len(fields) > len(columns) + 1:
                        raise VectorsError(
                            f"{shown(path)}:{number}: has {len(fields)} columns, the first line"
                            f" {len(columns) + 1}"
                        )
                    row = fields[1:] + [""] * (len(columns) + 1 - len(fields))
                    values[fields[0]] = tuple(row)
    except FileNotFoundError as error:
        raise MissingVectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except OSError as error:
        raise VectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    if not values:
        raise VectorsError(
            f"{shown(path)}: names no word of the vectors; its first column must be the words, and"
            " its first line the names of the columns"
        )
    return Metadata(columns or (), values, path)


def _fields(path: AnyPath, number: int, line: bytes) -> list[str]:
    """The fields of a line. Raises VectorsError."""
    if len(line) == MAX_LINE_BYTES:
        raise VectorsError(f"{shown(path)}:{number}: is longer than {MAX_LINE_BYTES:,} bytes")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise VectorsError(
            f"{shown(path)}:{number}: is not UTF-8 at byte {error.start + 1}"
        ) from error
    return text.rstrip("\r\n").split("\t")


def _columns(path: AnyPath, names: list[str]) -> tuple[str, ...]:
    """The columns that the first line names. Raises VectorsError."""
    if not 2 <= len(names) <= MAX_COLUMNS or len(set(names)) < len(names):
        text: Any = "\t".join(names)[:QUOTED]
        raise VectorsError(
            f"{shown(path)}:1: must name the columns, different ones between tabs: word, title,"
            f" group ..., not {quoted(text)}"
        )
    return tuple(names[1:])
