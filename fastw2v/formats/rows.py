"""Tables of vectors whose rows stay in their file, and are read when they are used."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastw2v.vectors.tables import to_array

LARGE = 1 << 26  # bytes: tables beyond it stay in their file


class Source(Protocol):
    """What rows are read from."""

    def fill(self, array: NDArray[Any], begin: int) -> None:
        """Read the bytes from ``begin`` on into an array, all of it."""


class FileRows:
    """A table [V, D] in a file. As an array, or pickled, it is read whole.

    Parameters
    ----------
    source
        The FileBytes of the table.
    offsets
        int64 [V], the byte at which each row begins, ascending.
    D
        Number of columns.
    dtype
        Type of the numbers.
    """

    def __init__(
        self, source: Source, offsets: NDArray[np.int64], D: int, dtype: DTypeLike = "<f4"
    ) -> None:
        self.source, self.offsets = source, offsets
        self.shape, self.dtype = (len(offsets), D), np.dtype(dtype)
        self.size = self.dtype.itemsize * D  # bytes of a row

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> NDArray[Any]:
        step_one = isinstance(rows, slice) and rows.step in (None, 1)
        offsets = self.offsets[rows]
        if not step_one or not len(offsets):
            return self._scattered(offsets)
        first, span = int(offsets[0]), int(offsets[-1]) + self.size - int(offsets[0])
        raw = np.empty(span, np.uint8)
        self.source.fill(raw, first)
        if span > self.size * len(offsets):
            # A view of every run of ``size`` bytes: one item for each, so that rows are gathered as
            # numbers are.
            raw = np.ndarray(span - self.size + 1, f"V{self.size}", buffer=raw, strides=(1,))[
                offsets - first
            ]
        return raw.view(self.dtype).reshape(len(offsets), self.shape[1])

    def _scattered(self, offsets: NDArray[np.int64]) -> NDArray[Any]:
        rows = np.empty((len(offsets), self.shape[1]), self.dtype)
        for row, offset in zip(rows, offsets.tolist(), strict=True):
            self.source.fill(row, offset)
        return rows

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return to_array(self, dtype)

    def __reduce__(self) -> tuple[Any, tuple[ArrayLike]]:
        return np.asarray, (np.asarray(self),)
