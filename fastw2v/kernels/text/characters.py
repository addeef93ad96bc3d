"""Running text split into words: the characters that belong to no word become spaces, in place, so
that every word keeps its place in the text.
"""

import numpy as np

from fastw2v.kernels.jit import kernel, leaf

WORD, JOINER = 1, 2  # kinds of characters; 0 belongs to no word
SPACE, NEWLINE = 32, 10
INVALID = np.int64(-1)


@leaf
def is_continuation(byte):
    """Whether a byte goes on with a character in UTF-8."""
    return byte & 0xC0 == 0x80


@leaf
def character(data, at):
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
def blank(data, begin, stop):
    """Write spaces to data[begin:stop]."""
    for place in range(begin, stop):
        data[place] = SPACE


@kernel
def blank_punctuation(data, stop, kinds):
    """Write spaces over the characters of data[:stop] (uint8, changed) that belong to no word;
    newlines stay.

    kinds : uint8 [1,114,112], WORD, JOINER or 0 for each code point. A joiner stays between two
    WORDs. Bytes that are not UTF-8 stay, so that counting finds them. The array has 4 bytes more.
    """
    at, after_word, joiner = 0, False, -1
    while at < stop:
        code, n = np.int64(data[at]), 1
        if code >= 128:
            code, n = character(data, at)
        kind = kinds[code] if code >= 0 else WORD
        if kind == WORD:
            after_word, joiner = True, -1
        else:
            if joiner >= 0:
                blank(data, joiner, at)
                joiner = -1
            if kind == JOINER and after_word:
                joiner = at
            elif code != NEWLINE:
                blank(data, at, at + n)
            after_word = False
        at += n
    if joiner >= 0:
        blank(data, joiner, stop)
