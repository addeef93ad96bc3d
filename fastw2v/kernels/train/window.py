"""Which tokens a line keeps, and which words are in the window of which.

Whether a token is kept is a function of its position, so work can begin anywhere in the corpus: the
tokens around a piece of work are found again there. No line is cut, whatever its length.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.ids import copy_step
from fastw2v.kernels.simd.tiles import STEP
from fastw2v.kernels.splitmix import draw, is_kept


@leaf
def keep_before(
    tokens: Array, start: int, key: np.uint64, limits: Array, window: int, words: Array, line: int
) -> int:
    """The last ``window`` kept tokens of the line before position ``start``, to words[line:n] in
    their order; returns n.
    """
    n, pos = line, start - 1
    while n < line + window and pos >= 0 and tokens[pos] >= 0:
        if is_kept(draw(key, pos), limits[tokens[pos]]):
            words[n] = tokens[pos]
            n += 1
        pos -= 1
    for i in range((n - line) // 2):
        words[line + i], words[n - 1 - i] = words[n - 1 - i], words[line + i]
    return n


@leaf
def keep_after(
    tokens: Array, stop: int, key: np.uint64, limits: Array, window: int, words: Array, n: int
) -> int:
    """The next ``window`` kept tokens of the line from position ``stop`` on, appended to words[:n];
    returns the new n.
    """
    end, pos = n + window, stop
    while n < end and pos < len(tokens) and tokens[pos] >= 0:
        if is_kept(draw(key, pos), limits[tokens[pos]]):
            words[n] = tokens[pos]
            n += 1
        pos += 1
    return n


@leaf
def window_words(words: Array, line: int, n: int, centre: int, reach: int, inputs: Array) -> int:
    """Words within ``reach`` of the centre on its line words[line:n], without it, to inputs;
    returns how many.

    They are copied STEP at a time, since the processor cannot predict how many there are: less than
    STEP numbers beyond them are read and overwritten.
    """
    first, stop = max(line, centre - reach), min(n, centre + reach + 1)
    before, after = centre - first, stop - centre - 1
    for i in range(0, before, STEP):
        copy_step(words, first + i, inputs, i)
    for i in range(0, after, STEP):
        copy_step(words, centre + 1 + i, inputs, before + i)
    return before + after
