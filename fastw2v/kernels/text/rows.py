"""Strings of a table, which are held end to end, as lines of text."""

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel

SPACE, NEWLINE = 32, 10


@kernel
def join_rows(data: Array, offsets: Array, rows: Array, out: Array) -> int:
    """Write rows of strings to out, a space between the strings of a row, a newline after each row.

    data : uint8, the strings end to end;  offsets : int64, string i is data[offsets[i] :
        offsets[i + 1]];  rows : int64, row r has the strings rows[r] ... rows[r + 1] - 1;
    out : uint8, of one byte more than the strings for each string and each row. A newline within a
    string becomes a space. Returns how many bytes were written.
    """
    at = 0
    for row in range(len(rows) - 1):
        for i in range(rows[row], rows[row + 1]):
            if i > rows[row]:
                out[at] = SPACE
                at += 1
            for place in range(offsets[i], offsets[i + 1]):
                byte = data[place]
                out[at] = SPACE if byte == NEWLINE else byte
                at += 1
        out[at] = NEWLINE
        at += 1
    return at
