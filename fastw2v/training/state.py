"""The tables of a run, in memory made for random access by rows."""

import mmap
from contextlib import suppress

import numpy as np

from fastw2v.corpus.huffman import huffman_paths
from fastw2v.corpus.subwords import Bags, subword_bags
from fastw2v.errors import TrainingError
from fastw2v.kernels.room import Tables
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


def run_tables(vocabulary, config, dtype=np.float32):
    """The tables of a new run, and the buckets (int32) of the n-grams that W_in's rows from V on are for, if any."""
    V, bags = len(vocabulary), Bags(*[np.empty(0, np.int32)] * 3)
    lists, outputs = {}, V
    if config.ngrams:
        bags = subword_bags(vocabulary.words, *config.ngrams, config.buckets)
        lists = {"bags": bags.rows, "bag_starts": bags.starts}
    if config.loss == "hs":
        paths, outputs = huffman_paths(vocabulary.counts), max(V - 1, 1)
        lists |= {"turns": paths.turns, "turn_starts": paths.starts}
    tables = initial_tables(V + len(bags.buckets), config.vector_size, config.seed, dtype, outputs)
    return tables._replace(**lists), bags.buckets


def initial_tables(rows, vector_size, seed, dtype=np.float32, outputs=None):
    """W_in [rows, padded] uniform in -0.5/D ... 0.5/D, and W_out, of as many rows or ``outputs``, zero: as in word2vec.c,
    from a generator without its flaws."""
    stride = padded(vector_size, dtype)
    tables = Tables(aligned((rows, stride), dtype), aligned((outputs or rows, stride), dtype))
    rng = np.random.default_rng(seed)
    for first in range(0, rows, ROWS):
        some = tables.W_in[first : first + ROWS]
        some[:, :vector_size] = (rng.random((len(some), vector_size)) - 0.5) / vector_size
    return tables


def word_rows(tables, V):
    """The vectors of V words [V, padded]: their rows of W_in, or the means of their bags (Eq. 20)."""
    if not len(tables.bags):
        return tables.W_in[:V]
    vectors, starts = np.empty((V, tables.W_in.shape[1]), tables.W_in.dtype), tables.bag_starts
    for first in range(0, V, ROWS):
        begins, stop = starts[first : min(first + ROWS, V) + 1], min(first + ROWS, V)
        sums = np.add.reduceat(tables.W_in[tables.bags[begins[0] : begins[-1]]], begins[:-1] - begins[0])
        vectors[first:stop] = sums / np.diff(begins)[:, None]
    return vectors
