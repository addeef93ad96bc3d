"""Which tokens a line keeps, and who stands in whose window.

Whether a token is kept is a function of its position, so work can begin anywhere in the corpus: what stands before
and after a piece is found again there. No line is cut, whatever its length.
"""

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.random import draw, is_kept


@leaf
def keep_before(tokens, start, key, limits, window, words, line):
    """The last ``window`` kept tokens of the line before position ``start``, to words[line:n] in their order; returns n."""
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
def keep_after(tokens, stop, key, limits, window, words, n):
    """The next ``window`` kept tokens of the line from position ``stop`` on, appended to words[:n]; returns the new n."""
    end, pos = n + window, stop
    while n < end and pos < len(tokens) and tokens[pos] >= 0:
        if is_kept(draw(key, pos), limits[tokens[pos]]):
            words[n] = tokens[pos]
            n += 1
        pos += 1
    return n


@leaf
def window_words(words, line, n, centre, reach, inputs):
    """Words within ``reach`` of the centre on its line words[line:n], without it, to inputs; returns how many."""
    m = 0
    for i in range(max(line, centre - reach), centre):
        inputs[m] = words[i]
        m += 1
    for i in range(centre + 1, min(n, centre + reach + 1)):
        inputs[m] = words[i]
        m += 1
    return m
