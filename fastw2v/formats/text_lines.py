"""Lines "word v1 ... vD", read and written by all threads in pieces.

Compiled code reads and writes what it is sure of; Python reads and writes the other lines.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import VectorsError
from fastw2v.files import reason
from fastw2v.formats.content import max_line_bytes, split_row
from fastw2v.formats.sources import FileBytes
from fastw2v.kernels import too_little_memory
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import Table, blocks

PIECE_BYTES = 1 << 23  # read together by one thread
# bytes or numbers below which no compiled code is used: it takes longer to load
SMALL = 1 << 20
# the end of a word that is rather a number too many: "a 0.5", but not "windows 7"
DECIMAL = re.compile(
    rb"[ \t](?:[-+]\d+|[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+)$"
)

Task = TypeVar("Task")
Result = TypeVar("Result")


class Piece(NamedTuple):
    """Bytes [begin:end] of a source that hold whole lines: how many."""

    begin: int
    end: int
    lines: int


def content_end(source: FileBytes) -> int:
    """The byte after the last one of a source that is no white space."""
    stop = len(source)
    while stop:
        begin = max(0, stop - PIECE_BYTES)
        rest = source.read(begin, stop).rstrip()
        if rest:
            return begin + len(rest)
        stop = begin
    return 0


def lines_of(
    source: FileBytes, begin: int, D: int, first_line: int, limit: int | None = None
) -> list[Piece]:
    """Pieces of a source from ``begin`` on. Blank lines at the end are left out.

    limit : lines after which no more are looked for. Raises VectorsError for a line that is longer
    than D numbers can be.
    """
    pieces: list[Piece] = []
    stop, max_line, total = content_end(source), max_line_bytes(D), 0
    while begin < stop and (limit is None or total < limit):
        for size in (PIECE_BYTES, max_line):
            data = source.read(begin, min(begin + size, stop))
            end = len(data) if begin + len(data) == stop else data.rfind(b"\n") + 1
            if end:
                break
        else:
            raise VectorsError(
                f"{source.path}:{first_line + total}: is too long for a word and {D:,} numbers; is"
                " this a file of vectors?"
            )
        lines = data.count(b"\n", 0, end) + (begin + end == stop)
        pieces.append(Piece(begin, begin + end, lines))
        begin, total = begin + end, total + lines
    return pieces


class LineReader:
    """Reads rows of D numbers from the lines of a source.

    Parameters
    ----------
    first_line
        The number of the first line, for errors.
    decode
        Function from the bytes of words, a newline after each, and the number of the first one,
        to a list.
    table
        Array [V, D] that is filled. Numbers of float32 in large files are read by compiled
        code.
    """

    def __init__(
        self,
        source: FileBytes,
        first_line: int,
        decode: Callable[[bytes, int], list[str]],
        table: NDArray[Any],
    ) -> None:
        self.source, self.first_line, self.decode, self.table = source, first_line, decode, table
        self.compiled = False

    def read(self, pieces: list[Piece]) -> list[str]:
        """The words of the table's rows, which are read from pieces that follow one another."""
        self._check_room(pieces)
        large = pieces[-1].end - pieces[0].begin > SMALL
        self.compiled = large and self.table.dtype == np.float32 and _can_compile()
        rows = np.cumsum([0, *(piece.lines for piece in pieces)]).tolist()
        tasks = list(zip(pieces, rows, strict=False))
        spelt = _on_threads(self._words, tasks) if self.compiled else map(self._words, tasks)
        words = []
        for letters, row in spelt:
            words += self.decode(letters, row)
        return words

    def _check_room(self, pieces: list[Piece]) -> None:
        """Raise VectorsError, naming a line, if the lines are too many to hold D numbers each."""
        row, D = 0, self.table.shape[1]
        for begin, end, lines in pieces:
            if 2 * D * lines > end - begin + 1:
                short = next(
                    n
                    for n, line in enumerate(self.source.read(begin, end).split(b"\n"))
                    if len(line) < 2 * D
                )
                _refuse_row(self.source.path, self.first_line + row + short, D)
            row += lines

    def _words(self, task: tuple[Piece, int]) -> tuple[bytes, int]:
        """Fill the rows of a piece from ``row`` on; returns the bytes of their words, a newline
        after each, and ``row``.
        """
        piece, first = task
        stop_row, D = min(first + piece.lines, len(self.table)), self.table.shape[1]
        row, position, spelt = first, 0, []
        data = self.source.read(piece.begin, piece.end)
        if self.compiled:
            from fastw2v.kernels.text.decimals import read_rows

            spaced = np.frombuffer(data.replace(b"\t", b" "), np.uint8)
            letters = np.empty(len(spaced) + 1, np.uint8)
        while row < stop_row:
            if self.compiled:
                row, position, n = read_rows(
                    spaced, position, len(spaced), self.table, row, stop_row, letters, 0
                )
                spelt.append(letters[:n].tobytes())
            if row < stop_row:
                end = data.find(b"\n", position) + 1 or len(data)
                line, number = data[position:end], self.first_line + row
                word, numbers = read_line(self.source.path, number, line, D)
                with np.errstate(over="ignore", under="ignore"):
                    self.table[row] = numbers
                spelt.append(word + b"\n")
                row, position = row + 1, end
        return b"".join(spelt), first


def read_line(path: AnyPath, number: int, line: bytes, D: int) -> tuple[bytes, NDArray[np.float64]]:
    """The bytes of the word and the D numbers of a line. Raises VectorsError, naming the line."""
    row = split_row(line, D)
    if row is None:
        _refuse_row(path, number, D)
    word, fields = row
    if DECIMAL.search(word):
        raise VectorsError(
            f"{shown(path)}:{number}: holds more than {D} numbers, or a word that ends with one;"
            " write _ for its spaces"
        )
    try:
        numbers = [float(field) for field in fields if b"_" not in field]
    except ValueError as error:
        raise VectorsError(f"{shown(path)}:{number}: {reason(error)}") from None
    if len(numbers) < D:
        _refuse_row(path, number, D)
    return word, np.array(numbers)


def _refuse_row(path: AnyPath, number: int, D: int) -> NoReturn:
    raise VectorsError(
        f"{shown(path)}:{number}: should hold a word and {D:,} numbers, between spaces or tabs"
    )


def more_lines(source: FileBytes, pieces: list[Piece], V: int, first_line: int) -> VectorsError:
    """The error for lines after the V-th, naming the first one that is not blank."""
    row = 0
    for begin, end, lines in pieces:
        if row + lines > V:
            for number, line in enumerate(source.read(begin, end).split(b"\n"), row):
                if number >= V and line.strip():
                    return VectorsError(
                        f"{source.path}:{first_line + number}: has more data after its {V:,} words;"
                        f" its header is wrong; limit={V} reads those"
                    )
        row += lines
    raise AssertionError("no line after the V-th")


def written_lines(words: Sequence[str], table: Table) -> Iterator[bytes]:
    """The lines of words and rows of a table, in pieces of bytes."""
    tasks = ((words[rows], np.array(table[rows], np.float32)) for rows in blocks(table))
    if table.shape[0] * table.shape[1] > SMALL and _can_compile():
        return _on_threads(_formatted_piece, tasks)
    return (
        b"".join(write_line(word, row) for word, row in zip(*task, strict=True)) for task in tasks
    )


def _can_compile() -> bool:
    """Whether ``ulimit -v`` allows compiled code; lines are read and written without it, too."""
    return not too_little_memory(os.cpu_count() or 1)


def _formatted_piece(task: tuple[Sequence[str], NDArray[np.float32]]) -> bytes:
    from fastw2v.kernels.text.decimals import WIDEST, write_rows

    words, rows = task
    spelt = [word.encode() for word in words]
    starts = np.concatenate([[0], np.cumsum([len(word) for word in spelt])])
    out = np.empty(int(starts[-1]) + len(rows) * (WIDEST * rows.shape[1] + 1), np.uint8)
    letters, pieces, row = np.frombuffer(b"".join(spelt) + b" ", np.uint8), [], 0
    while row < len(rows):
        row, n = write_rows(letters, starts, rows, row, out)
        pieces.append(out[:n].tobytes())
        if row < len(rows):
            pieces.append(write_line(words[row], rows[row]))
            row += 1
    return b"".join(pieces)


def write_line(word: str, row: NDArray[np.float32]) -> bytes:
    """A word and its numbers [D], each in its shortest float32 form, as the bytes of a line."""
    return " ".join([word, *(str(x).removesuffix(".0") for x in row)]).encode() + b"\n"


def _on_threads(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """The results of a function of each task, in order; not many more are computed than taken."""
    threads = os.cpu_count() or 1
    tasks = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        while batch := list(islice(tasks, 2 * threads)):
            yield from pool.map(function, batch)
