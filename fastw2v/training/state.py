"""The tables of a run, in memory made for random access by rows."""

import mmap
from contextlib import suppress

import numpy as np

from fastw2v.errors import TrainingError
from fastw2v.kernels.skipgram import Tables
from fastw2v.kernels.tiles import padded

ROWS = 8192  # drawn at a time


def aligned(shape, dtype):
    """Zeros that begin at a page boundary, on huge pages where the system has them: random rows then miss no TLB."""
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    try:
        memory = _anonymous(max(size, 1))
    except (OSError, ValueError, OverflowError) as error:
        raise TrainingError(
            f"no memory for an array of {size / 2**30:.1f} GiB; lower --vector-size or raise --min-count"
        ) from error
    return np.frombuffer(memory, dtype, count=int(np.prod(shape, dtype=np.int64))).reshape(shape)


def _anonymous(size):
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def initial_tables(V, vector_size, seed, dtype=np.float32):
    """W_in uniform in -0.5/D ... 0.5/D and W_out zero, [V, padded]: as in word2vec.c, from a generator without its flaws."""
    stride = padded(vector_size, dtype)
    tables = Tables(aligned((V, stride), dtype), aligned((V, stride), dtype))
    rng = np.random.default_rng(seed)
    for first in range(0, V, ROWS):
        rows = tables.W_in[first : first + ROWS]
        rows[:, :vector_size] = (rng.random((len(rows), vector_size)) - 0.5) / vector_size
    return tables
