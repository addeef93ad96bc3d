"""Bytes and bits: unaligned loads, masks of white space, bits of a mask, the 128-bit product."""

import numpy as np
from llvmlite import ir
from numba.core import types

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values

I1, I8, I64, I128 = (ir.IntType(bits) for bits in (1, 8, 64, 128))
GROUP = 64  # bytes that ``space_masks`` looks at
VECTOR = ir.VectorType(I8, GROUP)


def _constant(byte: int) -> ir.Constant:
    """LLVM code for a byte, GROUP times."""
    return ir.Constant(VECTOR, [byte] * GROUP)


def _at(context: Context, builder: ir.IRBuilder, signature: Signature, args: Values) -> ir.Value:
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.gep(data, [args[1]])


def _lower_load8(typing: Context, data: NumbaType, at: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        place = builder.bitcast(_at(context, builder, signature, args), I64.as_pointer())
        return builder.load(place, align=1)

    return types.uint64(data, types.int64), generate


@native(_lower_load8)
def load8(data: Array, at: int) -> np.uint64:
    """data[at : at + 8] (uint8) as one little-endian uint64."""
    return np.frombuffer(data[at : at + 8].tobytes(), "<u8")[0]


def _lower_space_masks(typing: Context, data: NumbaType, at: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:

        some = builder.load(
            builder.bitcast(_at(context, builder, signature, args), VECTOR.as_pointer()), align=1
        )
        blank = builder.icmp_unsigned("==", some, _constant(ord(" ")))
        control = builder.icmp_unsigned("<", builder.sub(some, _constant(9)), _constant(5))
        newline = builder.icmp_unsigned("==", some, _constant(ord("\n")))
        masks = [builder.bitcast(bits, I64) for bits in (builder.or_(blank, control), newline)]
        return context.make_tuple(builder, signature.return_type, masks)

    return types.UniTuple(types.uint64, 2)(data, types.int64), generate


@native(_lower_space_masks)
def space_masks(data: Array, at: int) -> tuple[np.uint64, ...]:
    """Which of the 64 bytes from ``at`` on are white space as bytes.split() sees it, and which
    newlines: a bit for each.
    """
    some = data[at : at + GROUP]
    masks = (some == 32) | ((some >= 9) & (some <= 13)), some == 10
    return tuple(
        np.uint64(int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little"))
        for mask in masks
    )


def _lower_ascii_masks(typing: Context, data: NumbaType, at: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:

        def within(some: ir.Value, first: int, count: int) -> ir.Value:
            return builder.icmp_unsigned("<", builder.sub(some, _constant(first)), _constant(count))

        def equal(byte: int) -> ir.Value:
            return builder.icmp_unsigned("==", some, _constant(byte))

        place = builder.bitcast(_at(context, builder, signature, args), VECTOR.as_pointer())
        some = builder.load(place, align=1)
        letters = within(builder.or_(some, _constant(32)), ord("a"), 26)
        words = builder.or_(letters, within(some, ord("0"), 10))
        joiners = builder.or_(equal(ord("'")), builder.or_(equal(ord("-")), equal(ord("_"))))
        high = builder.icmp_signed("<", some, _constant(0))
        masks = [builder.bitcast(m, I64) for m in (words, joiners, equal(ord("\n")), high)]
        return context.make_tuple(builder, signature.return_type, masks)

    return types.UniTuple(types.uint64, 4)(data, types.int64), generate


@native(_lower_ascii_masks)
def ascii_masks(data: Array, at: int) -> tuple[np.uint64, ...]:
    """Which of the 64 bytes from ``at`` on are letters or digits, which ' - or _, which newlines,
    and which are not ASCII: a bit for each.
    """
    some = data[at : at + GROUP]
    lower = some | 32
    words = ((lower >= ord("a")) & (lower <= ord("z"))) | ((some >= ord("0")) & (some <= ord("9")))
    joiners = (some == ord("'")) | (some == ord("-")) | (some == ord("_"))
    return tuple(
        np.uint64(int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little"))
        for mask in (words, joiners, some == ord("\n"), some >= 128)
    )


def _lower_blank_others(
    typing: Context, data: NumbaType, at: NumbaType, mask: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        place = builder.bitcast(_at(context, builder, signature, args), VECTOR.as_pointer())
        kept = builder.bitcast(args[2], ir.VectorType(I1, GROUP))
        spaces = _constant(ord(" "))
        builder.store(builder.select(kept, builder.load(place, align=1), spaces), place, align=1)
        return context.get_dummy_value()

    return types.void(data, types.int64, types.uint64), generate


@native(_lower_blank_others)
def blank_others(data: Array, at: int, mask: np.uint64) -> None:
    """Write spaces over those of the 64 bytes from ``at`` on whose bit in the mask is 0."""
    for i in range(GROUP):
        if not int(mask) >> i & 1:
            data[at + i] = ord(" ")


def _lower_lowest_bit(typing: Context, x: NumbaType) -> Lowered:
    return types.int64(types.uint64), lambda context, builder, signature, args: builder.cttz(
        args[0], I1(0)
    )


@native(_lower_lowest_bit)
def lowest_bit(x: np.uint64) -> int:
    """The place of the lowest 1 in a uint64; 64 if there is none."""
    return (int(x) & -int(x)).bit_length() - 1 if x else 64


def _lower_ones(typing: Context, x: NumbaType) -> Lowered:
    return types.int64(types.uint64), lambda context, builder, signature, args: builder.ctpop(
        args[0]
    )


@native(_lower_ones)
def ones(x: np.uint64) -> int:
    """How many bits of a uint64 are 1."""
    return int(x).bit_count()


def _lower_multiply_wide(typing: Context, a: NumbaType, b: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        wide = [builder.zext(arg, I128) for arg in args]
        product = builder.mul(*wide)
        high = builder.trunc(builder.lshr(product, I128(64)), I64)
        return context.make_tuple(
            builder, signature.return_type, [high, builder.trunc(product, I64)]
        )

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), generate


@native(_lower_multiply_wide)
def multiply_wide(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The 128-bit product of two uint64 as (high, low).

    For a random a, high is a random number below b, and low is what remains of a's randomness.
    """
    product = int(a) * int(b)
    return np.uint64(product >> 64), np.uint64(product & (2**64 - 1))


@leaf
def fold(a: np.uint64, b: np.uint64) -> np.uint64:
    """The two halves of the 128-bit product of two uint64, xored: mixes every bit of both (as in
    wyhash).
    """
    high, low = multiply_wide(a, b)
    return high ^ low
