"""Int32 ids, a vector of them at a time: copied, searched, compared."""

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.annotations import Array, Rows
from fastw2v.kernels.jit import native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values
from fastw2v.kernels.simd.tiles import I32, I64, STEP, array_data, everywhere


def _lower_copy_step(
    typing: Context, source: NumbaType, at: NumbaType, out: NumbaType, to: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        def place(i: int) -> ir.Value:
            data = array_data(context, builder, signature.args[i], args[i]).data
            return builder.bitcast(
                builder.gep(data, [args[i + 1]]), ir.VectorType(I32, STEP).as_pointer()
            )

        builder.store(builder.load(place(0), align=4), place(2), align=4)
        return context.get_dummy_value()

    return types.void(source, types.int64, out, types.int64), generate


@native(_lower_copy_step)
def copy_step(source: Array, at: int, out: Array, to: int) -> None:
    """out[to : to + STEP] = source[at : at + STEP], both int32."""
    out[to : to + STEP] = source[at : at + STEP]


def _lower_last_of(
    typing: Context, numbers: NumbaType, at: NumbaType, number: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        vector = ir.VectorType(I32, STEP)
        data = array_data(context, builder, signature.args[0], args[0]).data
        ids = builder.load(
            builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer()), align=4
        )
        bits = builder.bitcast(
            builder.icmp_signed("==", ids, everywhere(builder, args[2], vector)), ir.IntType(STEP)
        )
        place = builder.sub(I64(63), builder.ctlz(builder.zext(bits, I64), ir.IntType(1)(0)))
        none = builder.icmp_unsigned("==", bits, ir.IntType(STEP)(0))
        return builder.select(none, I64(-1), builder.add(args[1], place))

    return types.int64(numbers, types.int64, types.int32), generate


@native(_lower_last_of)
def last_of(numbers: Array, at: int, number: int) -> int:
    """The last place of an int32 among numbers[at : at + STEP], or -1."""
    places = np.flatnonzero(numbers[at : at + STEP] == number)
    return at + int(places[-1]) if len(places) else -1


def _lower_any_equal(typing: Context, rows: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        values = cgutils.unpack_tuple(builder, args[0])
        found = ir.Constant(ir.IntType(1), 0)
        for i, value in enumerate(values):
            for other in values[:i]:
                found = builder.or_(found, builder.icmp_signed("==", value, other))
        return found

    return types.boolean(rows), generate


@native(_lower_any_equal)
def any_equal(rows: Rows) -> bool:
    """Whether a tuple of rows has duplicates."""
    return len(set(rows)) < len(rows)
