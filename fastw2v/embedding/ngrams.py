"""Vectors of many unknown words at once, from their n-grams (Eq. 20)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fastw2v.embedding.means import weighted_means
from fastw2v.kernels.text.means import START
from fastw2v.kernels.text.ngrams import put_bags
from fastw2v.vectors.subwords import MAX_WORD_BYTES, Subwords

BATCH_NGRAMS = 1 << 22  # of words that are looked up together, at most

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]


class NgramVectors:
    """The vectors of unknown words, as ``Subwords.vector`` has them.

    table : float32 [R, D], the rows of the buckets ``used``, int32 [R], which ascend.
    """

    def __init__(self, subwords: Subwords) -> None:
        self.subwords = subwords
        self.table = np.asarray(subwords.vectors, np.float32)
        self.order = np.argsort(subwords.used, kind="stable").astype(np.int32)
        self.used = subwords.used[self.order]

    def of(self, words: list[bytes]) -> tuple[Floats, NDArray[np.intp]]:
        """The vectors of the words (UTF-8) that have one [n, D], and their places [n]."""
        vectors, places = [self.table[:0]], [np.zeros(0, np.intp)]
        for first, some in self._batches(words):
            rows, starts = self._rows(some)
            counts = np.concatenate([np.zeros(1, np.int64), np.cumsum(rows >= 0)])
            having = np.diff(counts[starts])
            known = np.flatnonzero(having)
            weights = np.ones(len(self.table), np.float32)
            means = weighted_means(self.table, self.table[:0], rows, starts, weights, 1)
            # an n-gram that has no row counts as zeros; START is none
            shares = having[known] / (np.diff(starts)[known] - 1)
            vectors.append(means[known] * shares[:, None].astype(np.float32))
            places.append(first + known)
        return np.concatenate(vectors), np.concatenate(places)

    def _batches(self, words: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
        """Words that are looked up together, and the place of the first; b"" for one that is too
        long.
        """
        batch: list[bytes] = []
        ngrams, first = 0, 0
        for place, word in enumerate(words):
            word = word if len(word) <= MAX_WORD_BYTES else b""
            batch.append(word)
            ngrams += (len(word) + 2) * self._sizes(len(word))
            if ngrams >= BATCH_NGRAMS:
                yield first, batch
                batch, ngrams, first = [], 0, place + 1
        if batch:
            yield first, batch

    def _sizes(self, length: int) -> int:
        """The number of sizes that n-grams of a word of ``length`` bytes can have."""
        return max(min(self.subwords.maxn, length + 2) - self.subwords.minn + 1, 0)

    def _rows(self, words: list[bytes]) -> tuple[Ids, NDArray[np.int64]]:
        """The row of each n-gram that has one, START where it has none and before those of each
        word, and where each word begins.
        """
        subwords, marked = self.subwords, [word and b"<" + word + b">" for word in words]
        lengths = np.array([0, *map(len, marked)], np.int64)
        ngrams_per_length = [self._sizes(max(n - 2, 0)) for n in lengths.tolist()]
        max_ngrams = int(lengths @ ngrams_per_length) + len(words)
        letters = np.frombuffer(b"".join(marked), np.uint8).copy()
        buckets, stops = np.empty(max_ngrams, np.int32), np.empty(len(words), np.int64)
        maxn = min(subwords.maxn, int(lengths.max()))
        ends = np.cumsum(lengths)
        put_bags(letters, ends, 0, subwords.minn, maxn, subwords.buckets, buckets, stops)
        starts = np.concatenate([np.zeros(1, np.int64), stops])
        buckets = buckets[: starts[-1]]
        places = np.minimum(np.searchsorted(self.used, buckets), len(self.used) - 1)
        rows = np.where(self.used[places] == buckets, self.order[places], START)
        rows[starts[:-1]] = START
        return rows, starts
