"""Whether a row stands twice in a block: known at no cost for targets, and once per token, not per window, for inputs."""

from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.jit import leaf, native

STEP = 16  # words compared at a time
I32 = ir.IntType(32)


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


def _lower_stands_in(typing, numbers, at, number):
    def generate(context, builder, signature, args):
        vector = ir.VectorType(I32, STEP)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        some = builder.load(builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer()), align=4)
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), args[2], I32(0))
        spread = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), ir.Constant(vector, [0] * STEP))
        bits = builder.bitcast(builder.icmp_signed("==", some, spread), ir.IntType(STEP))
        return builder.icmp_unsigned("!=", bits, ir.IntType(STEP)(0))

    return types.boolean(numbers, types.int64, types.int32), generate


@native(_lower_stands_in)
def stands_in(numbers, at, number):
    """Whether an int32 stands among numbers[at : at + STEP]."""
    return bool((numbers[at : at + STEP] == number).any())


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
        word, found = words[i], False
        for step in range(i - line, i, STEP):
            found |= stands_in(words, step, word)
        if found:
            k = i - 1
            while words[k] != word:
                k -= 1
            latest = max(latest, k)
        twins[i] = latest
