"""The tables of a run, in memory made for random access by rows."""

import mmap
from contextlib import suppress

import numpy as np

from fastw2v.corpus.huffman import huffman_paths
from fastw2v.corpus.subwords import Bags, subword_bags
from fastw2v.errors import TrainingError
from fastw2v.kernels.room import PIECE, Tables
from fastw2v.kernels.tiles import padded

ROWS = 8192  # drawn at a time
BAGS = 256  # whose rows are gathered at a time


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
        try:
            bags = subword_bags(vocabulary.words, *config.ngrams, config.buckets)
        except MemoryError as error:
            raise TrainingError(f"no memory to number {config.buckets:,} buckets, 8 bytes each; lower --buckets") from error
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


def begin_with(start, words, config, tables, buckets):
    """Give the words that are in ``start`` (WordVectors) its rows, of both tables where it has them; returns what was done, in
    a sentence. Raises TrainingError if they do not fit."""
    D, V, sub = start.vectors.shape[1], len(words), start.subwords
    if config.vector_size != D:
        raise TrainingError(f"the vectors to begin with have {D} dimensions; give --vector-size {D}")
    if config.ngrams and (sub is None or (sub.least, sub.most, sub.buckets) != (*config.ngrams, config.buckets)):
        raise TrainingError(
            f"the vectors to begin with have n-grams of {sub.least}-{sub.most} letters: give --subwords {sub.least}-{sub.most}"
            f" --buckets {sub.buckets}" if sub else "the vectors to begin with have no n-grams: leave out --subwords"
        )  # fmt: skip
    ids = np.array([start.ids.get(word, -1) for word in words])
    here = np.flatnonzero(ids >= 0)
    if not len(here):
        raise TrainingError("the vectors to begin with share no word with the corpus")
    tables.W_in[here, :D] = (sub.own if config.ngrams else start.vectors)[ids[here]]
    with_outputs = start.output_vectors is not None and config.loss != "hs"
    if with_outputs:
        tables.W_out[here, :D] = start.output_vectors[ids[here]]
    if config.ngrams:
        rows = np.array([sub.rows.get(bucket, -1) for bucket in buckets.tolist()], np.int64)
        known = np.flatnonzero(rows >= 0)
        tables.W_in[V + known, :D] = sub.vectors[rows[known]]
    others = "and their output vectors" if with_outputs else "the other table begins anew"
    left = "; their n-grams are left out" if sub and not config.ngrams else ""
    return f"{len(here):,} of {V:,} words begin with the vectors given, {others}{left}"


def word_rows(tables, V):
    """The vectors of V words [V, padded]: their rows of W_in, or the means of their bags (Eq. 20)."""
    if not len(tables.bags):
        return tables.W_in[:V]
    vectors, starts = np.empty((V, tables.W_in.shape[1]), tables.W_in.dtype), tables.bag_starts
    for first in range(0, V, BAGS):
        begins, stop = starts[first : min(first + BAGS, V) + 1], min(first + BAGS, V)
        sums = np.add.reduceat(tables.W_in[tables.bags[begins[0] : begins[-1]]], begins[:-1] - begins[0])
        vectors[first:stop] = sums / np.diff(begins)[:, None]
    return vectors


def is_finite(table):
    """Whether all numbers of a table are finite, looked at a few rows at a time."""
    return all(np.isfinite(table[first : first + PIECE]).all() for first in range(0, len(table), PIECE))
