"""Tables of vectors [V, D]: arrays, and others that make their rows when they are used.

Every table has ``shape`` (V, D), ``dtype`` and a length; ``table[rows]`` are rows as float32
[n, D] for a slice or an array of row numbers; ``np.asarray(table)`` is the whole.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK_NUMBERS = 1 << 18  # handled together: they stay in a core's own cache
EXTREME_ROWS = 1 << 10  # rows of extreme length scaled together
# lengths of rows between which arithmetic in float32 neither overflows nor underflows
SHORT, LONG = 1e-12, 1e18

FloatArray = NDArray[np.floating[Any]]
Anything = TypeVar("Anything")


class Table(Protocol):
    """What every table has, arrays among them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(V, D)."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The numbers as they are stored."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[Any]: ...

    def __array__(self, dtype: Any = None, /) -> NDArray[Any]: ...


class ScaledRows:
    """A table in fewer bits.

    numbers : a table [V, D], as float16 or int8;  scales : float32 [V], by which each row is
    multiplied, or None.
    """

    def __init__(self, numbers: Table, scales: NDArray[np.floating[Any]] | None = None) -> None:
        self.numbers, self.scales = numbers, scales
        self.shape, self.dtype = numbers.shape, numbers.dtype

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        # numbers that are not finite are refused when a file is read
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            vectors = np.asarray(self.numbers[rows], np.float32)
            if self.scales is None:
                return vectors
            return vectors * np.asarray(self.scales[rows, None], np.float32)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return to_array(self, dtype)


def blocks(table: Table) -> Iterator[slice]:
    """The rows of a table in order, as slices of about ``BLOCK_NUMBERS`` numbers."""
    step = max(1, BLOCK_NUMBERS // max(1, table.shape[1]))
    return (slice(begin, min(begin + step, len(table))) for begin in range(0, len(table), step))


def to_array(table: Table, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """All rows of a table as an array, of float32 unless another ``dtype`` is given."""
    array = np.empty(table.shape, dtype or np.float32)
    for rows in blocks(table):
        array[rows] = table[rows]
    return array


@overload
def read_only(table: NDArray[Any]) -> NDArray[Any]: ...
@overload
def read_only(table: Anything) -> Anything: ...
def read_only(table: Any) -> Any:
    """A table that cannot be written to: of an array a view, anything else as it is."""
    if not isinstance(table, np.ndarray):
        return table
    table = table.view()
    table.flags.writeable = False
    return table


def lengths(table: Table) -> tuple[NDArray[np.float64], int | None]:
    """The length of each row [V]; and the first row that holds a number that is not finite, or
    None.
    """
    squares = np.empty(len(table), np.float64)
    for rows in blocks(table):
        vectors = np.asarray(table[rows], np.float32)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            squares[rows] = np.einsum("ij,ij->i", vectors, vectors)
            odd = rows.start + np.flatnonzero(
                ~((squares[rows] > SHORT**2) & (squares[rows] < LONG**2))
            )
            if len(odd):
                wide = vectors[odd - rows.start].astype(np.float64)
                squares[odd] = np.einsum("ij,ij->i", wide, wide)
    bad = np.flatnonzero(~np.isfinite(squares))
    return np.sqrt(squares), int(bad[0]) if len(bad) else None


def all_finite(table: Table) -> bool:
    """Whether every number of a table is finite."""
    return lengths(table)[1] is None


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
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


def unit_vector(vector: NDArray[Any]) -> NDArray[Any]:
    """A vector [D] scaled to length 1, rounded as gensim does: in float64, then to its own type;
    zeros stay zeros.
    """
    wide = np.asarray(vector, np.float64)
    length = np.linalg.norm(wide)
    return (wide * (1.0 / length)).astype(vector.dtype) if length > 0 else vector


def products(table: Table, queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows of a table times queries [D] or [D, n], in one pass over the table."""
    if isinstance(table, np.ndarray) and table.dtype == np.float32:
        return table @ queries
    scores = np.empty((len(table), *queries.shape[1:]), np.float32)
    for rows in blocks(table):
        np.matmul(table[rows], queries, out=scores[rows])
    return scores


class Scaling(NamedTuple):
    """How scores of rows are scaled to cosines.

    divisors : the lengths of the rows [V], 1 in place of 0;  extreme : the rows whose products may
    leave float32's range.
    """

    divisors: FloatArray
    extreme: NDArray[np.intp]

    @classmethod
    def of(cls, norms: FloatArray) -> "Scaling":
        """The Scaling of rows of these lengths [V]."""
        extreme = np.flatnonzero(((norms < SHORT) & (norms > 0)) | (norms > LONG))
        return cls(np.where(norms > 0, norms, 1), extreme)


def cosines(table: Table, scaling: Scaling, queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each row with queries of length 1, [D] or [D, n]: float32 [V] or [V, n]; 0 for
    zero rows.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        scores = products(table, queries)
        scores /= scaling.divisors.reshape(-1, *[1] * (scores.ndim - 1))
    for begin in range(0, len(scaling.extreme), EXTREME_ROWS):
        rows = scaling.extreme[begin : begin + EXTREME_ROWS]
        scores[rows] = unit(np.asarray(table[rows], np.float32)) @ queries
    return scores


def quantised(table: Table, dtype: str) -> tuple[NDArray[Any], NDArray[np.float32] | None]:
    """A table in the numbers that a file holds: (numbers [V, D], scales [V] or None).

    float16 : the nearest ones.  int8 : the greatest number of each row is 127 times its scale.
    """
    if dtype == "float32":
        return np.ascontiguousarray(table, np.float32), None
    numbers = np.empty(table.shape, dtype)
    scales = None if dtype == "float16" else np.empty(len(table), np.float32)
    for rows in blocks(table):
        vectors = np.asarray(table[rows], np.float32)
        if scales is not None:
            scales[rows] = np.abs(vectors).max(axis=1, initial=0) / np.float32(127)
            vectors = np.rint(vectors / np.where(scales[rows] > 0, scales[rows], 1)[:, None])
        with np.errstate(over="ignore", under="ignore"):
            numbers[rows] = vectors
    return numbers, scales
