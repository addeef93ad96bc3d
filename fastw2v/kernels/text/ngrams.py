"""Character n-grams of words, hashed to buckets as fastText does it: FNV-1a of their UTF-8 bytes,
read as signed.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf

OFFSET, PRIME, MASK = np.uint64(2166136261), np.uint64(16777619), np.uint64(0xFFFFFFFF)
SIGN = np.uint64(0xFFFFFF00)


@leaf
def hash_byte(h: np.uint64, byte: int) -> np.uint64:
    """The 32-bit hash (in a uint64) after one more byte."""
    byte = np.uint64(byte)
    return ((h ^ (byte | SIGN if byte >= np.uint64(128) else byte)) * PRIME) & MASK


@kernel
def put_ngrams(
    letters: Array, begin: int, end: int, min_n: int, max_n: int, buckets: int, out: Array
) -> int:
    """The buckets of the n-grams of min_n ... max_n characters of letters[begin:end] ("<word>") to
    out; returns how many.

    Single characters at either end, the marks, are left out.
    """
    n = 0
    for i in range(begin, end):
        if letters[i] & 0xC0 != 0x80:
            h, j, size = OFFSET, i, 0
            while j < end and size < max_n:
                h = hash_byte(h, letters[j])
                j += 1
                while j < end and letters[j] & 0xC0 == 0x80:
                    h = hash_byte(h, letters[j])
                    j += 1
                size += 1
                if size >= min_n and not (size == 1 and (i == begin or j == end)):
                    out[n] = h % np.uint64(buckets)
                    n += 1
    return n


@kernel
def put_bags(
    letters: Array,
    starts: Array,
    first_word: int,
    min_n: int,
    max_n: int,
    buckets: int,
    rows: Array,
    row_starts: Array,
) -> None:
    """Put the subword rows of the words letters[starts[i] : starts[i + 1]], numbered from
    first_word on, into ``rows``: of each word its own row, then the buckets of its n-grams. The end
    of those of each word goes to row_starts.
    """
    at = 0
    for i in range(len(starts) - 1):
        rows[at] = first_word + i
        at += 1 + put_ngrams(
            letters, starts[i], starts[i + 1], min_n, max_n, buckets, rows[at + 1 :]
        )
        row_starts[i] = at


@leaf
def bucket_slot(slots: Array, used: Array, bucket: int, direct: bool) -> int:
    """The slot of a bucket in the table of ``number_buckets``, or the free one where it belongs."""
    last = np.uint64(len(slots) - 1)
    slot = np.uint64(bucket) & last
    if not direct:
        while slots[slot] != 0 and used[slots[slot] - 1] != bucket:
            slot = (slot + np.uint64(1)) & last
    return slot


@kernel
def number_buckets(
    rows: Array, row_starts: Array, first_row: int, slots: Array, used: Array, n: int, direct: bool
) -> int:
    """Replace the buckets of bags by their rows: first_row and the order in which they first
    appeared.

    slots : int32 [2**bits], 0, or 1 and the order of a bucket;  used : int32, the buckets seen,
        in their order, n of them so
    far;  direct : whether there are as many slots as buckets, each with its own. Returns how many
    buckets there are now.
    """
    at = 0
    for stop in row_starts:
        for i in range(at + 1, stop):
            slot = bucket_slot(slots, used, rows[i], direct)
            number = slots[slot]
            if number == 0:
                used[n] = rows[i]
                n += 1
                number = np.int32(n)
                slots[slot] = number
            rows[i] = first_row + number - 1
        at = stop
    return n


@kernel
def move_buckets(used: Array, n: int, slots: Array, direct: bool) -> None:
    """Put the first n buckets of ``used`` into an empty table of slots."""
    for i in range(n):
        slots[bucket_slot(slots, used, used[i], direct)] = i + 1
