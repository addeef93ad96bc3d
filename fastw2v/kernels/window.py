"""Which tokens a line keeps, and who stands in whose window.

Whether a token is kept is a function of its position, so work can begin anywhere in the corpus: what stands before
and after a piece is found again there. No line is cut, whatever its length.
"""

from llvmlite import ir
from numba.core import types

from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.random import draw, is_kept
from fastw2v.kernels.tiles import I32, STEP, array_data


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


def _lower_copy_step(typing, words, at, out, to):
    def generate(context, builder, signature, args):
        def place(i):
            data = array_data(context, builder, signature.args[i], args[i]).data
            return builder.bitcast(builder.gep(data, [args[i + 1]]), ir.VectorType(I32, STEP).as_pointer())

        builder.store(builder.load(place(0), align=4), place(2), align=4)
        return context.get_dummy_value()

    return types.void(words, types.int64, out, types.int64), generate


@native(_lower_copy_step)
def copy_step(words, at, out, to):
    """out[to : to + STEP] = words[at : at + STEP], both int32."""
    out[to : to + STEP] = words[at : at + STEP]


@leaf
def window_words(words, line, n, centre, reach, inputs):
    """Words within ``reach`` of the centre on its line words[line:n], without it, to inputs; returns how many.

    They are copied STEP at a time, since nobody can predict how many there are: less than STEP numbers beyond them are
    read and overwritten.
    """
    first, last = max(line, centre - reach), min(n, centre + reach + 1)
    before, after = centre - first, last - centre - 1
    for i in range(0, before, STEP):
        copy_step(words, first + i, inputs, i)
    for i in range(0, after, STEP):
        copy_step(words, centre + 1 + i, inputs, before + i)
    return before + after
