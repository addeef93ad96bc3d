"""The nearest words of many queries at once: blocks of queries times blocks of words."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from fastw2v.cores import available_cores
from fastw2v.vectors.tables import Scaling, Table, cosines

QUERIES = 512  # multiplied together
WORDS = 4096  # that they are multiplied with; the scores stay in a core's own cache
FIRST_WORDS = 64  # of the first block

Best = tuple[NDArray[np.int64], NDArray[np.float32]]


def best_rows(
    table: Table, scaling: Scaling, queries: NDArray[np.float32], count: int
) -> Iterator[Best]:
    """Yield, for each query, the rows of the highest cosines and these, best first, ties by row.

    queries : float32 [n, D], of length 1 or 0;  count : rows for each query, at most V.
    """
    blocks = [queries[first : first + QUERIES] for first in range(0, len(queries), QUERIES)]
    with ThreadPoolExecutor(min(available_cores(), len(blocks))) as pool:
        for found in pool.map(lambda block: _best_of_block(table, scaling, block, count), blocks):
            yield from found


def _growing_blocks(n: int) -> Iterator[slice]:
    """Blocks of n rows: the first are small, since all of their scores are candidates."""
    first, size = 0, FIRST_WORDS
    while first < n:
        yield slice(first, min(first + size, n))
        first, size = first + size, min(2 * size, WORDS)


def _best_of_block(
    table: Table, scaling: Scaling, queries: NDArray[np.float32], count: int
) -> list[Best]:
    n = len(queries)
    # of the best rows so far: the number of their query, the row, its cosine
    number, rows = np.empty(0, np.int64), np.empty(0, np.int64)
    scores = np.empty(0, np.float32)
    threshold = np.full(n, -np.inf, np.float32)  # that a further row must exceed
    for words in _growing_blocks(len(table)):
        first = words.start
        extreme = scaling.extreme[(scaling.extreme >= first) & (scaling.extreme < words.stop)]
        part = Scaling(scaling.divisors[words].astype(np.float32), extreme - first)
        found = cosines(table[words], part, queries.T)  # [words, n]
        # np.nonzero of a matrix takes twenty times as long
        row, column = np.divmod(np.flatnonzero(found > threshold), n)
        number = np.concatenate([number, column])
        rows = np.concatenate([rows, row + first])
        scores = np.concatenate([scores, found[row, column]])
        order = np.lexsort((rows, -scores, number))
        begins = np.searchsorted(number[order], np.arange(n + 1))
        rank = np.arange(len(order)) - begins[number[order]]
        order = order[rank < count]
        number, rows, scores = number[order], rows[order], scores[order]
        full = np.flatnonzero(np.bincount(number, minlength=n) == count)
        threshold[full] = scores[np.searchsorted(number, full, side="right") - 1]
    begins = np.searchsorted(number, np.arange(n + 1))
    return [(rows[begin:stop], scores[begin:stop]) for begin, stop in itertools.pairwise(begins)]
