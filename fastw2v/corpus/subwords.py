"""The rows that each word of a vocabulary is made of: its own, and those of its character n-grams (Eq. 20)."""

from typing import NamedTuple

import numpy as np

from fastw2v.kernels.text.ngrams import put_bags

WORDS = 1 << 14  # at a time


class Bags(NamedTuple):
    """Word w is the mean of rows[starts[w] : starts[w + 1]] (int32); row V + i is of n-grams in bucket buckets[i] (int32).

    Only buckets that some word has are given a row, in the order of their first appearance.
    """

    rows: np.ndarray
    starts: np.ndarray
    buckets: np.ndarray


def subword_bags(words, least, most, buckets):
    """The bags of words (list of V strings) with n-grams of least ... most characters of "<word>", hashed to so many buckets."""
    V, starts, rows, made = len(words), [np.zeros(1, np.int64)], [], 0
    numbers, used = np.full(buckets, -1, np.int32), np.empty(buckets, np.int32)
    for first in range(0, V, WORDS):
        some = [f"<{word}>".encode() for word in words[first : first + WORDS]]
        ends = np.cumsum([0, *map(len, some)])
        letters = np.frombuffer(b"".join(some), np.uint8).copy()
        room = np.empty(len(letters) * (most - least + 1) + len(some), np.int32)
        stops = np.empty(len(some), np.int64)
        made = put_bags(letters, ends, first, least, most, buckets, V, numbers, used, made, room, stops)
        rows.append(room[: stops[-1]].copy())
        starts.append(stops + starts[-1][-1])
    return Bags(np.concatenate(rows), np.concatenate(starts), used[:made].copy())
