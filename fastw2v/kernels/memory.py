"""Arrays for random access by rows: page-aligned, on huge pages where the system has them."""

import mmap
from contextlib import suppress

import numpy as np
from numpy.typing import DTypeLike

from fastw2v.errors import TrainingError

CACHE_LINES = 32  # numbers: as many int32 fill two cache lines, which processors fetch together


def aligned_zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return zeros that begin at a page boundary; huge pages save TLB misses on random rows.

    Raises TrainingError.
    """
    count = int(np.prod(shape, dtype=np.int64))
    size = count * np.dtype(dtype).itemsize
    try:
        memory = _anonymous_map(max(size, 1))
    except (OSError, ValueError, OverflowError) as error:
        raise TrainingError(
            f"no memory for an array of {size / 2**30:.1f} GiB; lower vector_size or raise"
            " min_count",
            options=("vector_size", "min_count"),
        ) from error
    return np.frombuffer(memory, dtype, count=count).reshape(shape)


def _anonymous_map(size: int) -> mmap.mmap:
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def padded_count(n: int) -> int:
    """Round n up to a multiple of 32 numbers, so that no two workers write to one cache line."""
    return -(-n // CACHE_LINES) * CACHE_LINES
