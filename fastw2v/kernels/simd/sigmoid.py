"""The sigmoid (Eq. 6) for kernels, a vector at a time: a rational polynomial in float32, exact in
float64.

``exp`` would be one call per score. tanh(x/2) = x P(x^2) / Q(x^2) is a handful of multiplications
that vectorise; its argument is held to where the float32 result no longer changes, so there is no
cliff: word2vec.c and gensim jump or skip the update beyond |score| = 6. Source of the coefficients:
Eigen's float tanh.
"""

from collections.abc import Sequence

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.annotations import Array, Tag
from fastw2v.kernels.jit import native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values
from fastw2v.kernels.simd.registers import LINE, VECTOR
from fastw2v.kernels.simd.tiles import I32, I64, array_data, everywhere, fma, put_vectors

LIMIT = 9.0  # of |x| / 2
P: tuple[float, ...] = (
    -2.76076847742355e-16,
    2.00018790482477e-13,
    -8.60467152213735e-11,
    5.12229709037114e-08,
)
P += (1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)
Q = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)


def _fast(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """1/2 + tanh(x/2) / 2 by the rational polynomial; NaN stays NaN."""

    def constant(value: float) -> ir.Constant:
        return ir.Constant(x.type, [value] * x.type.count)

    def polynomial(coefficients: Sequence[float], s: ir.Value) -> ir.Value:
        total = constant(coefficients[0])
        for coefficient in coefficients[1:]:
            total = fma(builder, total, s, constant(coefficient))
        return total

    half = builder.fmul(x, constant(0.5))
    half = builder.select(builder.fcmp_ordered("<", half, constant(-LIMIT)), constant(-LIMIT), half)
    half = builder.select(builder.fcmp_ordered(">", half, constant(LIMIT)), constant(LIMIT), half)
    square = builder.fmul(half, half)
    tanh = builder.fdiv(builder.fmul(half, polynomial(P, square)), polynomial(Q, square))
    return fma(builder, tanh, constant(0.5), constant(0.5))


def _exact(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """1 / (1 + exp(-x)): exp(1000) is infinity, whose reciprocal is the right 0."""
    one = ir.Constant(x.type, [1.0] * x.type.count)
    exp = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(x.type, [x.type]), f"llvm.exp.v{x.type.count}f64"
    )
    return builder.fdiv(one, builder.fadd(one, builder.call(exp, [builder.fneg(x)])))


def _lower_put_errors(
    typing: Context,
    scores: NumbaType,
    tall: NumbaType,
    wide: NumbaType,
    labels: NumbaType,
    k: NumbaType,
    rate: NumbaType,
    errors: NumbaType,
    at: NumbaType,
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        element, size = signature.args[0].dtype, len(signature.args[1]) * len(signature.args[2])
        sigma, count = _fast if element == types.float32 else _exact, VECTOR * 8 // element.bitwidth
        vector = ir.VectorType(
            ir.FloatType() if element == types.float32 else ir.DoubleType(), count
        )

        def vector_at(i: int, place: ir.Value, vector: ir.VectorType) -> ir.Value:
            data = builder.gep(
                array_data(context, builder, signature.args[i], args[i]).data, [place]
            )
            return builder.load(
                builder.bitcast(data, vector.as_pointer()), align=element.bitwidth // 8
            )

        # the labels of a tile, up to 8: a cache line of either kind of number has room for them
        line = ir.VectorType(vector.element, LINE * 8 // element.bitwidth)
        first, made = vector_at(3, args[4], line), []
        for begin in range(0, size, count):
            places = [(begin + j) % len(signature.args[2]) for j in range(count)]
            wanted = builder.shuffle_vector(
                first, first, ir.Constant(ir.VectorType(I32, count), places)
            )
            x = vector_at(0, builder.add(args[7], I64(begin)), vector)
            made.append(
                builder.fmul(
                    everywhere(builder, args[5], vector), builder.fsub(wanted, sigma(builder, x))
                )
            )
        put_vectors(context, builder, signature.args[6], args[6], args[7], made)
        return context.get_dummy_value()

    return (
        types.void(scores, tall, wide, labels, types.int64, scores.dtype, errors, types.int64),
        generate,
    )


@native(_lower_put_errors)
def put_errors(
    scores: Array, tall: Tag, wide: Tag, labels: Array, k: int, rate: float, errors: Array, at: int
) -> None:
    """Store the errors, rate * (label - sigma(score)) (Eq. 6), of a tile's scores; both stand in
    arrays [n] from ``at`` on.

    labels : of the tile's len(wide) targets, which stand there from place k on. In float32
        sigma is right to within 3e-7
    everywhere. Up to a vector's worth of numbers is read after the last label and the last score,
    and overwritten after the last error: leave room.
    """
    x = scores[at : at + len(tall) * len(wide)]
    wanted = np.tile(labels[k : k + len(wide)], len(tall))
    if x.dtype == np.float64:
        with np.errstate(over="ignore"):
            sigma = 1.0 / (1.0 + np.exp(-x))
    else:
        half = np.clip(x * np.float32(0.5), np.float32(-LIMIT), np.float32(LIMIT))
        p, q = (np.polyval(np.array(c, np.float32), half * half) for c in (P, Q))
        sigma = np.float32(0.5) + np.float32(0.5) * (half * p / q)
    errors[at : at + len(x)] = rate * (wanted - sigma)
