"""Tables of rows that are not plain arrays: rows that stay in their file, and numbers kept in fewer
bits.

What holds for every table, arrays among them: ``shape`` is (V, D), ``table[rows]`` are some rows as
float32 [n, D] for a slice or an array of row numbers, ``np.asarray(table)`` are all of them.
"""

import numpy as np

BLOCK = 1 << 18  # numbers looked at together: they stay in a core's own cache
DTYPES = ("float32", "float16", "int8")
LARGE = 1 << 26  # bytes: tables beyond it stay in their file
# lengths of rows between which arithmetic in float32 neither overflows nor underflows
SHORT, LONG = (
    1e-12,
    1e18,
)


class FileRows:
    """Rows that stay in a file, and are read when they are used.

    As an array, or pickled, they are read whole.

    source : FileBytes;  places : int64 [V], the byte at which each row begins, ascending;  D :
        numbers in a row;
    dtype : of the numbers.
    """

    def __init__(self, source, places, D, dtype="<f4"):
        self.source, self.places, self.shape, self.dtype = (
            source,
            places,
            (len(places), D),
            np.dtype(dtype),
        )
        self.size = self.dtype.itemsize * D

    def __len__(self):
        return len(self.places)

    def __getitem__(self, rows):
        step_one = isinstance(rows, slice) and rows.step in (None, 1)
        places = self.places[rows]
        if not step_one or not len(places):
            return self._scattered(places)
        first, span = int(places[0]), int(places[-1]) + self.size - int(places[0])
        raw = np.empty(span, np.uint8)
        self.source.fill(raw, first)
        if span > self.size * len(places):
            # A view of every run of ``size`` bytes: one item for each, so that rows are gathered as
            # numbers are.
            raw = np.ndarray(span - self.size + 1, f"V{self.size}", buffer=raw, strides=(1,))[
                places - first
            ]
        return raw.view(self.dtype).reshape(len(places), self.shape[1])

    def _scattered(self, places):
        rows = np.empty((len(places), self.shape[1]), self.dtype)
        for row, place in zip(rows, places.tolist(), strict=True):
            self.source.fill(row, place)
        return rows

    def __array__(self, dtype=None, copy=None):
        return whole(self, dtype)

    def __reduce__(self):
        return np.asarray, (np.asarray(self),)


class ScaledRows:
    """Rows kept in fewer bits.

    numbers : a table of other numbers [V, D], as float16 or int8;  scales : float32 [V], what each
    row is to be multiplied by, or None.
    """

    def __init__(self, numbers, scales=None):
        self.numbers, self.scales, self.shape, self.dtype = (
            numbers,
            scales,
            numbers.shape,
            numbers.dtype,
        )

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, rows):
        # what is not finite is refused when it is read
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            some = np.asarray(self.numbers[rows], np.float32)
            return (
                some
                if self.scales is None
                else some * np.asarray(self.scales[rows, None], np.float32)
            )

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


def read_only(table):
    """A table that cannot be written to: of an array a view."""
    if not isinstance(table, np.ndarray):
        return table
    table = table.view()
    table.flags.writeable = False
    return table


def lengths(table):
    """The length of each row, float64 [V]; and the first row that holds a number that is not
    finite, or None.
    """
    squares = np.empty(len(table), np.float64)
    for rows in blocks(table):
        some = np.asarray(table[rows], np.float32)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            squares[rows] = np.einsum("ij,ij->i", some, some)
            odd = rows.start + np.flatnonzero(
                ~((squares[rows] > SHORT**2) & (squares[rows] < LONG**2))
            )
            if len(odd):
                wide = some[odd - rows.start].astype(np.float64)
                squares[odd] = np.einsum("ij,ij->i", wide, wide)
    bad = np.flatnonzero(~np.isfinite(squares))
    return np.sqrt(squares), int(bad[0]) if len(bad) else None


def unit(vectors):
    """Vectors [n, D] scaled to length 1; zero vectors stay zero."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        scaled = vectors / np.maximum(norms, np.float32(SHORT))
    odd = np.flatnonzero(~((norms[:, 0] > SHORT) & (norms[:, 0] < LONG)))
    if len(odd):
        wide = np.asarray(vectors[odd], np.float64)
        norms = np.linalg.norm(wide, axis=1, keepdims=True)
        scaled[odd] = wide / np.where(norms > 0, norms, 1)
    return scaled


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
        with np.errstate(over="ignore", under="ignore"):
            numbers[rows] = some
    return numbers, scales
