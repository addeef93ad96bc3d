"""Lines "word v1 ... vD", read and written by all threads in pieces; what a kernel is not sure of,
a line at a time.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import reason
from fastw2v.vectors.contents import longest_line, numbers_of
from fastw2v.vectors.tables import blocks

PIECE = 1 << 23  # bytes read together by one thread
# bytes or numbers below which no compiled code is asked for: it takes longer to load
SMALL = 1 << 20
# the end of a word that is rather a number too many: "a 0.5", but not "windows 7"
DECIMAL = re.compile(
    rb"[ \t](?:[-+]\d+|[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+)$"
)


def content_end(source):
    """The byte after the last one of a source that is no white space."""
    stop = len(source)
    while stop:
        begin = max(0, stop - PIECE)
        rest = source.read(begin, stop).rstrip()
        if rest:
            return begin + len(rest)
        stop = begin
    return 0


def lines_of(source, begin, D, first_line, most=None):
    """Pieces of a source from ``begin`` on that end with lines: list of (begin, end, lines).

    Blank lines at the end are left out.

    most : lines after which no more are looked for. Raises VectorsError for a line that is
        longer than D numbers can be.
    """
    pieces, stop, longest, total = [], content_end(source), longest_line(D), 0
    while begin < stop and (most is None or total < most):
        for size in (PIECE, longest):
            piece = source.read(begin, min(begin + size, stop))
            end = len(piece) if begin + len(piece) == stop else piece.rfind(b"\n") + 1
            if end:
                break
        else:
            where = f"{source.path}:{first_line + total}"
            raise VectorsError(
                f"{where}: is too long for a word and {D:,} numbers; is this a file of vectors?"
            )
        lines = piece.count(b"\n", 0, end) + (begin + end == stop)
        pieces.append((begin, begin + end, lines))
        begin, total = begin + end, total + lines
    return pieces


def read_lines(source, pieces, V, D, first_line, decode):
    """Read V lines of D numbers from pieces of a source; returns words and vectors [V, D].

    first_line : the number of the first one, for errors;  decode : from the bytes of words,
        with newlines, to a list.
    """
    _check_room(source, pieces, D, first_line)
    table, tasks, row, compiled = (
        np.empty((V, D), np.float32),
        [],
        0,
        pieces[-1][1] - pieces[0][0] > SMALL,
    )
    for begin, end, lines in pieces:
        tasks.append((begin, end, row, min(row + lines, V)))
        row += lines

    def read(task):
        begin, end, row, last = task
        return _read_piece(source, begin, end, table, row, last, first_line, compiled)

    letters = _on_threads(read, tasks) if compiled else map(read, tasks)
    return [word for some, row in letters for word in decode(some, row)], table


def _check_room(source, pieces, D, first_line):
    """Raise VectorsError, naming a line, if there are so many lines that not all can hold D
    numbers: before memory is taken.
    """
    row = first_line
    for begin, end, lines in pieces:
        if 2 * D * lines > end - begin + 1:
            short = next(
                n
                for n, line in enumerate(source.read(begin, end).split(b"\n"))
                if len(line) < 2 * D
            )
            raise _no_row(source.path, row + short, D)
        row += lines


def _read_piece(source, begin, end, table, row, last, first_line, compiled):
    """Rows ``row`` ... last - 1 from bytes [begin:end]; returns the bytes of their words, a newline
    after each, and ``row``.
    """
    first, spelt, place = row, [], 0
    raw = source.read(begin, end)
    if compiled:
        from fastw2v.kernels.text.decimals import read_rows

        some = np.frombuffer(raw.replace(b"\t", b" "), np.uint8)
        letters = np.empty(len(some) + 1, np.uint8)
    while row < last:
        if compiled:
            row, place, n = read_rows(some, place, len(some), table, row, last, letters, 0)
            spelt.append(letters[:n].tobytes())
        if row < last:
            stop = raw.find(b"\n", place) + 1 or len(raw)
            word, table[row] = read_line(
                source.path, first_line + row, raw[place:stop], table.shape[1]
            )
            spelt.append(word + b"\n")
            row, place = row + 1, stop
    return b"".join(spelt), first


def read_line(path, number, line, D):
    """The bytes of the word and the D numbers of a line. Raises VectorsError, naming the line."""
    found = numbers_of(line, D)
    if found is None:
        raise _no_row(path, number, D)
    word, fields = found
    if DECIMAL.search(word):
        raise VectorsError(
            f"{path}:{number}: holds more than {D} numbers, or a word that ends with one; write _"
            " for its spaces"
        )
    try:
        numbers = [float(field) for field in fields if b"_" not in field]
    except ValueError as error:
        raise VectorsError(f"{path}:{number}: {reason(error)}") from None
    if len(numbers) < D:
        raise _no_row(path, number, D)
    with np.errstate(over="ignore", under="ignore"):
        return word, np.array(numbers).astype(np.float32)


def _no_row(path, number, D):
    return VectorsError(
        f"{path}:{number}: should hold a word and {D:,} numbers, between spaces or tabs"
    )


def more_lines(source, pieces, V, first_line):
    """A VectorsError for lines after the V-th, naming the first one that is not blank."""
    row = 0
    for begin, end, lines in pieces:
        if row + lines > V:
            for number, line in enumerate(source.read(begin, end).split(b"\n"), row):
                if number >= V and line.strip():
                    where = f"{source.path}:{first_line + number}"
                    return VectorsError(
                        f"{where}: goes on after its {V:,} words; its header is wrong; limit={V}"
                        " reads those"
                    )
        row += lines
    return None


def written_lines(words, table):
    """The lines of words and rows of a table, in pieces of bytes."""
    tasks = ((words[rows], np.array(table[rows], np.float32)) for rows in blocks(table))
    if table.shape[0] * table.shape[1] > SMALL:
        return _on_threads(_write_piece, tasks)
    return (
        b"".join(write_line(word, row) for word, row in zip(*task, strict=True)) for task in tasks
    )


def _write_piece(task):
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


def write_line(word, row):
    """A word and its numbers [D], each in its shortest float32 form, as the bytes of a line."""
    return " ".join([word, *(str(x).removesuffix(".0") for x in row)]).encode() + b"\n"


def _on_threads(function, tasks):
    """The results of a function of each task, in order; not many more are made than are taken."""
    threads = os.cpu_count() or 1
    tasks = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        while some := list(islice(tasks, 2 * threads)):
            yield from pool.map(function, some)
