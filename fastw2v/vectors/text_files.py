"""Lines "word v1 ... vD", read and written by all threads in pieces; what a kernel is not sure of, a line at a time."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import reason
from fastw2v.vectors.tables import blocks

PIECE = 1 << 23  # bytes read together by one thread
SMALL = 1 << 20  # bytes or numbers below which no compiled code is asked for: it takes longer to load


def lines_of(data, begin):
    """Pieces of data[begin:] that end with lines: list of (begin, end, lines). A last line may be without a newline."""
    pieces, size = [], len(data)
    while begin < size:
        end = min(begin + PIECE, size)
        while end < size and data[end - 1] != 10:
            more = data[end : end + PIECE]
            found = np.flatnonzero(more == 10)
            end += int(found[0]) + 1 if len(found) else len(more)
        lines = int(np.count_nonzero(data[begin:end] == 10)) + int(end == size and data[end - 1] != 10)
        pieces.append((begin, end, lines))
        begin = end
    return pieces


def read_lines(path, data, begin, V, D, first_line, decode):
    """Read V lines of D numbers from data[begin:] (uint8); returns words and vectors [V, D].

    first_line : the number of the first one, for errors;  decode : from the bytes of words, with newlines, to a list.
    """
    pieces, table, tasks, row = lines_of(data, begin), np.empty((V, D), np.float32), [], 0
    for begin, end, lines in pieces:
        tasks.append((begin, end, row, min(row + lines, V)))
        row += lines

    def read(task):
        begin, end, row, last = task
        return _read_piece(path, data, begin, end, table, row, last, first_line)

    pieces = _on_threads(read, tasks) if len(data) > SMALL else map(read, tasks)
    words = [word for letters, row in pieces for word in decode(letters, row)]
    if row > V:
        _check_blank(path, data, tasks, V, first_line)
    return words, table


def _read_piece(path, data, at, stop, table, row, last, first_line):
    """Rows ``row`` ... last - 1 from data[at:stop]; returns the bytes of their words, a newline after each, and ``row``."""
    first, spelt = row, []
    some, place = data[at:stop], 0
    if len(data) > SMALL:
        from fastw2v.kernels.text.decimals import read_rows

        letters = np.empty(len(some) + 1, np.uint8)
    raw = some.tobytes()
    while row < last:
        if len(data) > SMALL:
            row, place, n = read_rows(some, place, len(some), table, row, last, letters, 0)
            spelt.append(letters[:n].tobytes())
        if row < last:
            end = raw.find(b"\n", place) + 1 or len(raw)
            word, table[row] = read_line(path, first_line + row, raw[place:end], table.shape[1])
            spelt.append(word + b"\n")
            row, place = row + 1, end
    return b"".join(spelt), first


def read_line(path, number, line, D):
    """The bytes of the word and the D numbers of a line. Raises VectorsError, naming the line."""
    fields = line.rstrip(b" \r\n").rsplit(b" ", D)
    if len(fields) != D + 1:
        raise VectorsError(f"{path}:{number}: should hold a word and {D} numbers")
    try:
        numbers = [float(field) for field in fields[1:] if b"_" not in field]
    except ValueError as error:
        raise VectorsError(f"{path}:{number}: {reason(error)}") from None
    if len(numbers) < D:
        raise VectorsError(f"{path}:{number}: should hold a word and {D} numbers")
    with np.errstate(over="ignore"):
        return fields[0], np.array(numbers).astype(np.float32)


def _check_blank(path, data, tasks, V, first_line):
    """Raise VectorsError unless all lines after the V-th are blank."""
    for begin, end, row, last in tasks:
        if last < V:
            continue
        for number, line in enumerate(data[begin:end].tobytes().split(b"\n"), row):
            if number >= V and line.strip():
                raise VectorsError(f"{path}:{first_line + number}: goes on after its {V:,} words; its header is wrong")


def written_lines(words, table):
    """The lines of words and rows of a table, in pieces of bytes."""
    tasks = ((words[rows], np.asarray(table[rows], np.float32)) for rows in blocks(table))
    if table.shape[0] * table.shape[1] > SMALL:
        return _on_threads(_write_piece, tasks)
    return (b"".join(write_line(word, row) for word, row in zip(*task, strict=True)) for task in tasks)


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
