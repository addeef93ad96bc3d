"""Whether a row stands twice in a block: known at no cost for targets, and once per token, not per window, for inputs."""

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.tiles import I32, I64, STEP, array_data, everywhere


def _lower_any_twice(typing, rows):
    def generate(context, builder, signature, args):
        values = cgutils.unpack_tuple(builder, args[0])
        found = ir.Constant(ir.IntType(1), 0)
        for i, value in enumerate(values):
            for other in values[:i]:
                found = builder.or_(found, builder.icmp_signed("==", value, other))
        return found

    return types.boolean(rows), generate


@native(_lower_any_twice)
def any_twice(rows):
    """Whether a row stands twice in a tuple of rows."""
    return len(set(rows)) < len(rows)


def _lower_last_of(typing, numbers, at, number):
    def generate(context, builder, signature, args):
        vector = ir.VectorType(I32, STEP)
        data = array_data(context, builder, signature.args[0], args[0]).data
        some = builder.load(builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer()), align=4)
        bits = builder.bitcast(builder.icmp_signed("==", some, everywhere(builder, args[2], vector)), ir.IntType(STEP))
        place = builder.sub(I64(63), builder.ctlz(builder.zext(bits, I64), ir.IntType(1)(0)))
        none = builder.icmp_unsigned("==", bits, ir.IntType(STEP)(0))
        return builder.select(none, I64(-1), builder.add(args[1], place))

    return types.int64(numbers, types.int64, types.int32), generate


@native(_lower_last_of)
def last_of(numbers, at, number):
    """The last place of an int32 among numbers[at : at + STEP], or -1."""
    places = np.flatnonzero(numbers[at : at + STEP] == number)
    return at + int(places[-1]) if len(places) else -1


@leaf
def margin(window):
    """Room before a line's first word that ``find_twins`` reads: whole steps, at least 2 * window."""
    return -(-2 * window // STEP) * STEP


@leaf
def find_twins(words, line, n, twins):
    """For each word of the line words[line:n]: where the latest repetition up to it began, to twins; -1 for none.

    A window from ``a`` to ``b`` holds some word twice only if twins[b] >= a. words[:line] is negative; only twins
    less than ``line`` words apart are found.
    """
    latest = -1
    for i in range(line, n):
        for step in range(i - line, i, STEP):
            latest = max(latest, last_of(words, step, words[i]))
        twins[i] = latest
