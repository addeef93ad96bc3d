"""Running text split into words: the characters that belong to no word become spaces, in place, so
that every word keeps its place in the text.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.simd.bits import GROUP, ascii_masks, blank_others, lowest_bit

WORD, JOINER = 1, 2  # kinds of characters; 0 belongs to no word
U0, U1, ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)
INVALID = np.int64(-1)


@leaf
def is_continuation(byte: int) -> bool:
    """Whether a byte goes on with a character in UTF-8."""
    return byte & 0xC0 == 0x80


@leaf
def character(data: Array, at: int) -> tuple[int, int]:
    """The code point of the character at data[at], which is not ASCII, and its bytes in UTF-8;
    INVALID and 1 if there is none.
    """
    a, b, c, d = (
        np.int64(data[at]),
        np.int64(data[at + 1]),
        np.int64(data[at + 2]),
        np.int64(data[at + 3]),
    )
    if a < 0xC2 or a > 0xF4 or not is_continuation(b):
        return INVALID, 1
    if a < 0xE0:
        return (a & 0x1F) << 6 | (b & 0x3F), 2
    if not is_continuation(c):
        return INVALID, 1
    if a < 0xF0:
        code = (a & 0x0F) << 12 | (b & 0x3F) << 6 | (c & 0x3F)
        return (INVALID, 1) if code < 0x800 or (code >> 11) == 0x1B else (code, 3)
    code = (a & 0x07) << 18 | (b & 0x3F) << 12 | (c & 0x3F) << 6 | (d & 0x3F)
    if not is_continuation(d) or code < 0x10000 or code > 0x10FFFF:
        return INVALID, 1
    return code, 4


@leaf
def is_word(data: Array, at: int, stop: int, kinds: Array) -> bool:
    """Whether a character of a word, or a byte that is not UTF-8, is at data[at]."""
    if at >= stop:
        return False
    code = np.int64(data[at])
    if code >= 128:
        code, _ = character(data, at)
    return code < 0 or kinds[code] == WORD


@leaf
def bits(place: int, n: int) -> np.uint64:
    """A mask of n bits (n < 64) from a place on."""
    return ((U1 << np.uint64(n)) - U1) << np.uint64(place)


@leaf
def other_masks(
    data: Array, at: int, end: int, high: np.uint64, kinds: Array
) -> tuple[np.uint64, np.uint64, int]:
    """Masks of the characters that are not ASCII among the bytes data[at : at + end]: those of
    words, and where joiners begin; and the end of the last whole character.

    high : mask of the bytes that are not ASCII.
    """
    words, joiners = U0, U0
    place = lowest_bit(high)
    while place < end:
        code, n = character(data, at + place)
        if place + n > end:
            return words, joiners, place
        kind = kinds[code] if code >= 0 else WORD
        if kind == WORD:
            words |= bits(place, n)
        elif kind == JOINER:
            joiners |= bits(place, 1)
        high &= ~bits(place, n)
        place = lowest_bit(high)
    return words, joiners, end


@leaf
def inner_joiners(
    data: Array, at: int, joiners: np.uint64, before: np.uint64, after: np.uint64
) -> np.uint64:
    """A mask of the joiners, of several bytes each, that are between two characters of words.

    joiners : mask of where they begin;  before, after : of bytes after a word's, and before one.
    """
    kept = U0
    while joiners != U0:
        place = lowest_bit(joiners)
        _, n = character(data, at + place)
        if (before >> np.uint64(place)) & (after >> np.uint64(place + n - 1)) & U1:
            kept |= bits(place, n)
        joiners &= joiners - U1
    return kept


@kernel
def blank_punctuation(data: Array, stop: int, kinds: Array) -> None:
    """Write spaces over the characters of data[:stop] (uint8, changed) that belong to no word;
    newlines stay.

    kinds : uint8 [1,114,112], WORD, JOINER or 0 for each code point, of ASCII as ``ascii_masks``
    has them. A joiner stays between two WORDs. Bytes that are not UTF-8 stay, so that counting
    finds them. The array has GROUP + 4 bytes more.
    """
    at, carry = 0, U0
    while at < stop:
        end = min(stop - at, GROUP)
        words, joiners, newlines, high = ascii_masks(data, at)
        others = U0
        if high != U0:
            more, others, end = other_masks(data, at, end, high, kinds)
            words |= more
        inside = ALL >> np.uint64(GROUP - end)
        words &= inside
        following = U1 if is_word(data, at + end, stop, kinds) else U0
        before = words << U1 | carry
        after = words >> U1 | following << np.uint64(end - 1)
        kept = words | (joiners & before & after) | newlines | ~inside
        if others != U0:
            kept |= inner_joiners(data, at, others, before, after)
        blank_others(data, at, kept)
        carry = words >> np.uint64(end - 1) & U1
        at += end
