"""Character n-grams of words, hashed to buckets as fastText does it: FNV-1a of their UTF-8 bytes, read as signed."""

import numpy as np

from fastw2v.kernels.jit import kernel, leaf

OFFSET, PRIME, MASK = np.uint64(2166136261), np.uint64(16777619), np.uint64(0xFFFFFFFF)
SIGN = np.uint64(0xFFFFFF00)


@leaf
def hash_byte(h, byte):
    """The 32-bit hash (in a uint64) after one more byte."""
    byte = np.uint64(byte)
    return ((h ^ (byte | SIGN if byte >= np.uint64(128) else byte)) * PRIME) & MASK


@kernel
def put_ngrams(letters, begin, end, least, most, buckets, out):
    """The buckets of the n-grams of least ... most characters of letters[begin:end] ("<word>") to out; returns how many.

    Single characters at either end, the marks, are left out.
    """
    n = 0
    for i in range(begin, end):
        if letters[i] & 0xC0 != 0x80:
            h, j, size = OFFSET, i, 0
            while j < end and size < most:
                h = hash_byte(h, letters[j])
                j += 1
                while j < end and letters[j] & 0xC0 == 0x80:
                    h = hash_byte(h, letters[j])
                    j += 1
                size += 1
                if size >= least and not (size == 1 and (i == begin or j == end)):
                    out[n] = h % np.uint64(buckets)
                    n += 1
    return n


@kernel
def number_buckets(found, n, numbers, used, made, first):
    """Replace buckets found[:n] by rows, first + the order in which they first appeared; returns how many there are now.

    numbers : int32 [buckets], -1 for those not seen yet;  used : the buckets seen, in their order, made of them so far.
    """
    for i in range(n):
        bucket = found[i]
        if numbers[bucket] < 0:
            numbers[bucket] = made
            used[made] = bucket
            made += 1
        found[i] = first + numbers[bucket]
    return made


@kernel
def put_bags(letters, starts, first_word, least, most, buckets, V, numbers, used, made, rows, row_starts):
    """Bags of the words letters[starts[i] : starts[i + 1]], numbered from first_word on: each the word's own row, then those
    of its n-grams, from row V on. Rows to ``rows``, where each bag ends to row_starts; returns how many buckets are used.
    """
    at = 0
    for i in range(len(starts) - 1):
        rows[at] = first_word + i
        n = put_ngrams(letters, starts[i], starts[i + 1], least, most, buckets, rows[at + 1 :])
        made = number_buckets(rows[at + 1 :], n, numbers, used, made, V)
        at += 1 + n
        row_starts[i] = at
    return made
