"""Weighted means of vectors over texts, on several threads."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from fastw2v.kernels.text.means import START, count_texts, put_text_vectors
from fastw2v.vectors.tables import read_only

PIECE_WORDS = 1 << 15  # of texts that a thread embeds at a time, at least
GROUP_IDS = 1 << 20  # of texts that are embedded together

Ids = NDArray[np.int32]
Starts = NDArray[np.int64]
Floats = NDArray[np.float32]


def text_starts(ids: Ids) -> Starts:
    """Where each text begins, and where the last one ends [texts + 1]."""
    return np.append(np.flatnonzero(ids == START), len(ids)).astype(np.int64)


def text_groups(ids: Ids) -> Iterator[tuple[Ids, Starts]]:
    """Whole texts, about ``GROUP_IDS`` ids at a time, and where each begins."""
    begin = 0
    while begin < len(ids):
        stop = min(begin + GROUP_IDS, len(ids))
        starts = text_starts(ids[begin:stop])
        while stop < len(ids) and len(starts) == 2:  # a long text
            stop = min(2 * stop - begin, len(ids))
            starts = text_starts(ids[begin:stop])
        if stop < len(ids):
            starts = starts[:-1]  # the last text goes on
        yield ids[begin : begin + starts[-1]], starts
        begin += int(starts[-1])


def weighted_means(
    table: Floats, extra: Floats, ids: Ids, starts: Starts, weights: Floats, threads: int
) -> Floats:
    """1/n sum_w weight(w) v_w over the n words of each text [texts, D] (Eq. 21 and 22).

    table, extra : the vectors [V, D] of ids below V, and [E, D] of the ids after them;  weights :
    [V + E]. A piece of work is whole texts, so one long text is one thread's.
    """
    out = np.empty((len(starts) - 1, table.shape[1]), np.float32)
    # all read-only: the kernel is compiled for one kind of arrays
    table, extra, ids, weights = map(read_only, (table, extra, ids, weights))

    def embed(first: int, stop: int) -> None:
        workspace = np.zeros(table.shape[1], np.float32), np.zeros(table.shape[1])
        own = read_only(starts[first : stop + 1])
        put_text_vectors(table, extra, ids, own, weights, workspace, out[first:stop])

    cuts = _part_bounds(starts, threads)
    if threads == 1 or len(cuts) < 3:
        embed(0, len(out))
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(embed, cuts[:-1], cuts[1:]))
    return out


def _part_bounds(starts: Starts, threads: int) -> list[int]:
    """Texts at which work is cut into pieces of about equal size."""
    words = int(starts[-1] - starts[0])
    pieces = max(1, min(words // PIECE_WORDS, 8 * threads))
    cuts = np.searchsorted(starts, starts[0] + words * np.arange(1, pieces) / pieces)
    return np.unique([0, *cuts.tolist(), len(starts) - 1]).tolist()


class TextCounts:
    """In how many texts each word is: ``frequencies`` int64 [words], of ``texts``."""

    def __init__(self, words: int) -> None:
        self.frequencies = np.zeros(words, np.int64)
        self.seen = np.full(words, -1, np.int64)
        self.texts = 0

    def add(self, ids: Ids, starts: Starts) -> None:
        """Count more texts."""
        count_texts(read_only(ids), read_only(starts), self.texts, self.seen, self.frequencies)
        self.texts += len(starts) - 1
