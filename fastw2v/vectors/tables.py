"""Tables of rows that are not plain arrays: bytes of a mapped file, and numbers kept in fewer bits. Read a block at a time.

What holds for every table, arrays among them: ``shape`` is (V, D), ``table[rows]`` are some rows as float32 [n, D] for a
slice or an array of row numbers, ``np.asarray(table)`` are all of them.
"""

import numpy as np

BLOCK = 1 << 16  # numbers looked at together: they stay in a core's own cache
DTYPES = ("float32", "float16", "int8")
MAPPED = 1 << 26  # bytes: tables beyond it stay in their file


class PackedRows:
    """Rows that lie in the bytes of a file, at places that follow no rule, as words of different lengths stand between them.

    data : uint8 [n], mapped from a file;  places : int64 [V], the byte at which each row begins;  D : float32 numbers in a row.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, data, places, D):
        self.shape, self.places = (len(places), D), places
        size = 4 * D
        # A view of every run of ``size`` bytes in the file: one number for each, so that rows are gathered as numbers are.
        self.windows = np.ndarray(len(data) - size + 1, f"V{size}", buffer=data, strides=(1,))

    def __len__(self):
        return len(self.places)

    def __getitem__(self, rows):
        return self.windows[self.places[rows]].view("<f4").reshape(-1, self.shape[1])

    def __array__(self, dtype=None, copy=None):
        return whole(self, dtype)


class ScaledRows:
    """Rows kept in fewer bits.

    numbers : float16 or int8 [V, D];  scales : float32 [V], what each row is to be multiplied by, or None.
    """

    def __init__(self, numbers, scales=None):
        self.numbers, self.scales, self.shape, self.dtype = numbers, scales, numbers.shape, numbers.dtype

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, rows):
        some = np.asarray(self.numbers[rows], np.float32)
        return some if self.scales is None else some * self.scales[rows, None]

    def __array__(self, dtype=None, copy=None):
        return whole(self, dtype)


def blocks(table):
    """The rows of a table in order, as slices of about ``BLOCK`` numbers."""
    step = max(1, BLOCK // max(1, table.shape[1]))
    return (slice(first, min(first + step, len(table))) for first in range(0, len(table), step))


def whole(table, dtype=None):
    """All rows of a table as an array, of float32 unless another ``dtype`` is asked for."""
    made = np.empty(table.shape, dtype or np.float32)
    for rows in blocks(table):
        made[rows] = table[rows]
    return made


def lengths(table):
    """The length of each row, float32 [V]; and the first row that holds a number that is not finite, or None."""
    squares, bad = np.empty(len(table), np.float64), None
    for rows in blocks(table):
        some = np.asarray(table[rows], np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            squares[rows] = np.einsum("ij,ij->i", some, some)
        for row in np.flatnonzero(~np.isfinite(squares[rows])).tolist():  # not a number, or too large to be squared
            if not np.isfinite(some[row]).all():
                bad = rows.start + row if bad is None else bad
            else:
                squares[rows.start + row] = (some[row].astype(np.float64) ** 2).sum()
    return np.sqrt(squares).astype(np.float32), bad


def products(table, queries):
    """The rows of a table times queries [D] or [D, n], in one pass over the table."""
    if isinstance(table, np.ndarray) and table.dtype == np.float32:
        return table @ queries
    made = np.empty((len(table), *queries.shape[1:]), np.float32)
    for rows in blocks(table):
        np.matmul(table[rows], queries, out=made[rows])
    return made


def stored(table, dtype):
    """A table in the numbers that a file is to hold: (numbers [V, D], scales [V] or None).

    float16 : the nearest ones.  int8 : of each row the greatest number is 127 times its scale.
    """
    if dtype == "float32":
        return np.ascontiguousarray(table, np.float32), None
    numbers = np.empty(table.shape, dtype)
    scales = None if dtype == "float16" else np.empty(len(table), np.float32)
    for rows in blocks(table):
        some = np.asarray(table[rows], np.float32)
        if scales is not None:
            scales[rows] = np.abs(some).max(axis=1, initial=0) / np.float32(127)
            some = np.rint(some / np.where(scales[rows] > 0, scales[rows], 1)[:, None])
        with np.errstate(over="ignore"):
            numbers[rows] = some
    return numbers, scales
