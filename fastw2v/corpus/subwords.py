"""The rows whose mean is a word's vector: its own and those of its character n-grams (Eq. 20)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastw2v.kernels.text.ngrams import move_buckets, number_buckets, put_bags

WORDS = 1 << 12  # at a time
SMALL = 21  # bits of the smallest table: 8 MB, of which the system commits only what is used


class SubwordRows(NamedTuple):
    """Word w is the mean of rows[starts[w] : starts[w + 1]] (int32); row V + i is of n-grams in
    bucket buckets[i] (int32).

    Only buckets that some word has are given a row, in the order of their first appearance.
    """

    rows: np.ndarray
    starts: np.ndarray
    buckets: np.ndarray


class BucketTable:
    """The buckets that n-grams were hashed to, numbered by their first appearance.

    Memory grows with them alone.
    """

    def __init__(self, buckets: int) -> None:
        self.buckets, self.n, self.used = buckets, 0, np.empty(0, np.int32)
        self.bits = int(buckets - 1).bit_length()  # enough for a slot for each bucket
        self.slots = np.zeros(1 << min(self.bits, SMALL), np.int32)

    @property
    def direct(self) -> bool:
        """Whether there is a slot for each bucket."""
        return len(self.slots) == 1 << self.bits

    def number(self, rows: np.ndarray, row_starts: np.ndarray, first_row: int) -> None:
        """Replace the buckets of bags by rows, those of first_row and their numbers (see
        ``number_buckets``).
        """
        self._reserve(min(self.n + len(rows) - len(row_starts), self.buckets))
        self.n = number_buckets(
            rows, row_starts, first_row, self.slots, self.used, self.n, self.direct
        )

    def _reserve(self, n: int) -> None:
        """Make room for n buckets: at most half of the slots in use, or a slot for each bucket."""
        if n > len(self.used):
            self.used = np.concatenate(
                [self.used[: self.n], np.empty(max(n, 2 * self.n) - self.n, np.int32)]
            )
        size = 1 << min((2 * n).bit_length(), self.bits)
        if size > len(self.slots):
            self.slots = np.zeros(size, np.int32)
            move_buckets(self.used, self.n, self.slots, self.direct)


def subword_rows(words: Sequence[str], min_n: int, max_n: int, buckets: int) -> SubwordRows:
    """The bags of words (list of V strings) with n-grams of min_n to max_n characters of "<word>",
    hashed to ``buckets``.
    """
    V, starts, rows, table = len(words), [np.zeros(1, np.int64)], [], BucketTable(buckets)
    for first in range(0, V, WORDS):
        marked = [f"<{word}>".encode() for word in words[first : first + WORDS]]
        ends = np.zeros(len(marked) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, marked), np.int64, len(marked)), out=ends[1:])
        letters = np.frombuffer(b"".join(marked), np.uint8).copy()
        buffer = np.empty(len(letters) * (max_n - min_n + 1) + len(marked), np.int32)
        stops = np.empty(len(marked), np.int64)
        put_bags(letters, ends, first, min_n, max_n, buckets, buffer, stops)
        bags = buffer[: stops[-1]].copy()
        table.number(bags, stops, V)
        rows.append(bags)
        starts.append(stops + starts[-1][-1])
    return SubwordRows(np.concatenate(rows), np.concatenate(starts), table.used[: table.n].copy())
