"""Tiles: a few vectors held in SIMD registers, as a value that compiled code can carry around a
loop.

A tile is an array of n vectors of 64 bytes on machines with AVX-512 and 32 bytes on others: lane
group ``lane`` of n rows of a table. How many rows is known when the code is compiled, from the
*type* of a tag argument (a tuple of that length: ``(0,) * 6``); how many lane groups a row has is
not, so one compilation serves every vector size. LLVM splits a vector into whatever the machine
has. Every function has a NumPy twin of the same name and meaning, its Python body, which runs when
the JIT is off; in a twin a tile is an array [n, lanes].
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import models, register_model
from numpy.typing import DTypeLike

from fastw2v.kernels.annotations import Array, Tag
from fastw2v.kernels.jit import native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values
from fastw2v.kernels.simd.registers import LINE, VECTOR

ONE, FOUR = (0,), (0, 0, 0, 0)
STEP = 16  # int32 numbers, words, in one vector
I32, I64 = ir.IntType(32), ir.IntType(64)


def lanes(dtype: DTypeLike) -> int:
    """Numbers in one vector: its lanes."""
    return VECTOR // np.dtype(dtype).itemsize


def padded(size: int, dtype: DTypeLike) -> int:
    """The vector size rounded up to whole cache lines: the row length of a table."""
    numbers = LINE // np.dtype(dtype).itemsize
    return -(-size // numbers) * numbers


class Tile(types.Type):
    """The Numba type of a tile: its element type and its number of rows."""

    def __init__(self, dtype: NumbaType, rows: int) -> None:
        self.dtype, self.rows = dtype, rows
        super().__init__(name=f"Tile({dtype}, {rows})")


@register_model(Tile)
class TileModel(models.PrimitiveModel):
    """An LLVM array of vectors. (One wide vector instead would be taken apart lane by lane when
    carried around a loop.)
    """

    def __init__(self, manager: Any, tile: Tile) -> None:
        element = ir.FloatType() if tile.dtype == types.float32 else ir.DoubleType()
        vector = ir.VectorType(element, VECTOR // (tile.dtype.bitwidth // 8))
        super().__init__(manager, tile, ir.ArrayType(vector, tile.rows))


def vector_type(context: Context, tile: Tile) -> ir.VectorType:
    """The LLVM type of one row of a tile."""
    return context.get_value_type(tile).element


def unpack(builder: ir.IRBuilder, tile: ir.Value) -> list[ir.Value]:
    """LLVM code for the rows of a tile, as a list of vectors."""
    return [builder.extract_value(tile, i) for i in range(tile.type.count)]


def pack(builder: ir.IRBuilder, vectors: Sequence[ir.Value]) -> ir.Value:
    """LLVM code for a tile of the given vectors."""
    tile = ir.Constant(ir.ArrayType(vectors[0].type, len(vectors)), ir.Undefined)
    for i, vector in enumerate(vectors):
        tile = builder.insert_value(tile, vector, i)
    return tile


def array_data(
    context: Context, builder: ir.IRBuilder, array_type: NumbaType, array: ir.Value
) -> Any:
    """An array argument's structure: its data pointer and shape."""
    return context.make_array(array_type)(context, builder, array)


def fma(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """LLVM code for a * b + c on vectors, fused where the machine can."""
    kind = "f32" if isinstance(a.type.element, ir.FloatType) else "f64"
    function = ir.FunctionType(a.type, [a.type] * 3)
    fmuladd = cgutils.get_or_insert_function(
        builder.module, function, f"llvm.fmuladd.v{a.type.count}{kind}"
    )
    return builder.call(fmuladd, [a, b, c])


def everywhere(builder: ir.IRBuilder, number: ir.Value, vector: ir.VectorType) -> ir.Value:
    """LLVM code for a vector with a number in every lane."""
    nothing = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nothing, number, I32(0))
    return builder.shuffle_vector(
        first, nothing, ir.Constant(ir.VectorType(I32, vector.count), [0] * vector.count)
    )


def _lower_zero_tile(
    typing: Context, table: NumbaType, tag: NumbaType, other: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        vector = vector_type(context, signature.return_type)
        return pack(
            builder, [ir.Constant(vector, [0.0] * vector.count)] * signature.return_type.rows
        )

    return Tile(table.dtype, len(tag) * len(other))(table, tag, other), generate


@native(_lower_zero_tile)
def zero_tile(table: Array, tag: Tag, other: Tag) -> Array:
    """A tile of len(tag) * len(other) rows of zeros, of the table's kind of number."""
    return np.zeros((len(tag) * len(other), lanes(table.dtype)), table.dtype)


def _lower_filled(typing: Context, table: NumbaType, number: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        tile = signature.return_type
        cast = context.cast(builder, args[1], signature.args[1], tile.dtype)
        return pack(builder, [everywhere(builder, cast, vector_type(context, tile))])

    return Tile(table.dtype, 1)(table, number), generate


@native(_lower_filled)
def filled(table: Array, number: float) -> Array:
    """A tile of one row, of the table's kind of number, with a number in every lane."""
    return np.full((1, lanes(table.dtype)), number, table.dtype)


def _lower_add_scaled(
    typing: Context, total: NumbaType, weight: NumbaType, vectors: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        totals, (g,), rows = (unpack(builder, tile) for tile in args)
        pairs = zip(rows, totals, strict=True)
        return pack(builder, [fma(builder, g, vector, old) for vector, old in pairs])

    return total(total, weight, vectors), generate


@native(_lower_add_scaled)
def add_scaled(total: Array, weight: Array, vectors: Array) -> Array:
    """total + weight * vectors, lane by lane; weight has one row (see ``filled``)."""
    return total + weight * vectors


def _lower_add_products(typing: Context, total: NumbaType, x: NumbaType, y: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        # all products of one y in succession: then no y need stay in a register for longer
        totals, xs, ys = (unpack(builder, tile) for tile in args)
        for k, y in enumerate(ys):
            for at, x in zip(range(k, len(totals), len(ys)), xs, strict=True):
                totals[at] = fma(builder, x, y, totals[at])
        return pack(builder, totals)

    return total(total, x, y), generate


@native(_lower_add_products)
def add_products(total: Array, x: Array, y: Array) -> Array:
    """total[i * T + k] + x[i] * y[k] for all rows i of x and k of y (T of them), lane by lane."""
    return total + (x[:, None] * y[None]).reshape(total.shape)


def _lower_add_tiles(typing: Context, a: NumbaType, b: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        pairs = zip(*(unpack(builder, tile) for tile in args), strict=True)
        return pack(builder, [builder.fadd(x, y) for x, y in pairs])

    return a(a, b), generate


@native(_lower_add_tiles)
def add_tiles(a: Array, b: Array) -> Array:
    """a + b, lane by lane."""
    return a + b


def sums(builder: ir.IRBuilder, tile: ir.Value) -> list[ir.Value]:
    """LLVM code for the sum over the lanes of every row of a tile, as vectors: the sums of as
    many rows in each as it has lanes.

    Lane i of what is folded ``half`` apart comes from row i if its bit ``half`` is 0, else from the
    row ``half`` later: one vector that is only blended, one that is shuffled, added. Lanes
    after the last sum have no meaning.
    """
    rows = unpack(builder, tile)
    size, made = rows[0].type.count, []
    for first in range(0, len(rows), size):
        group, half = rows[first : first + size], size // 2
        lanes = range(size)
        while half:
            stay = ir.Constant(
                ir.VectorType(I32, size), [lane + (size if lane & half else 0) for lane in lanes]
            )
            move = ir.Constant(
                ir.VectorType(I32, size),
                [(lane ^ half) + (size if lane & half else 0) for lane in lanes],
            )
            folded = []
            for i, a in enumerate(group[:half]):
                b = group[i + half] if i + half < len(group) else a
                folded.append(
                    builder.fadd(
                        builder.shuffle_vector(a, b, stay), builder.shuffle_vector(a, b, move)
                    )
                )
            group, half = folded, half // 2
        made += group
    return made


def put_vectors(
    context: Context,
    builder: ir.IRBuilder,
    array_type: NumbaType,
    array: ir.Value,
    at: ir.Value,
    vectors: Sequence[ir.Value],
) -> None:
    """LLVM code to store vectors one after the other in an array [n], from place ``at`` on."""
    data = array_data(context, builder, array_type, array).data
    for i, vector in enumerate(vectors):
        place = builder.gep(data, [builder.add(at, I64(i * vector.type.count))])
        builder.store(
            vector,
            builder.bitcast(place, vector.type.as_pointer()),
            align=array_type.dtype.bitwidth // 8,
        )


def _lower_put_sums(typing: Context, total: NumbaType, out: NumbaType, at: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        put_vectors(context, builder, signature.args[1], args[1], args[2], sums(builder, args[0]))
        return context.get_dummy_value()

    return types.void(total, out, types.int64), generate


@native(_lower_put_sums)
def put_sums(total: Array, out: Array, at: int) -> None:
    """Store the sum over the lanes of every row of a tile in out[at], out[at + 1] ... Up to a
    vector's worth of numbers is overwritten after the last one: leave room.
    """
    out[at : at + len(total)] = lane_sums(total)


def lane_sums(total: Array) -> Array:
    """The NumPy twin of ``sums``: the sum over the lanes of every row of a tile [n, lanes], halves
    first.
    """
    while total.shape[1] > 1:
        total = total[:, : total.shape[1] // 2] + total[:, total.shape[1] // 2 :]
    return total[:, 0]


def _lower_spread(
    typing: Context,
    numbers: NumbaType,
    at: NumbaType,
    tag: NumbaType,
    other: NumbaType,
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        vector = vector_type(context, signature.return_type)
        data = array_data(context, builder, signature.args[0], args[0]).data
        places = [
            builder.gep(data, [builder.add(args[1], I64(k))])
            for k in range(signature.return_type.rows)
        ]
        return pack(builder, [everywhere(builder, builder.load(place), vector) for place in places])

    return Tile(numbers.dtype, len(tag) * len(other))(numbers, types.int64, tag, other), generate


@native(_lower_spread)
def spread(numbers: Array, at: int, tag: Tag, other: Tag) -> Array:
    """A tile of len(tag) * len(other) rows, row i being numbers[at + i] in every lane."""
    count = len(tag) * len(other)
    return np.repeat(numbers[at : at + count, None], lanes(numbers.dtype), axis=1)


def _weighted_sums(
    builder: ir.IRBuilder,
    totals: Sequence[ir.Value],
    weights: Sequence[Sequence[ir.Value]],
    vectors: Sequence[ir.Value],
) -> ir.Value:
    """LLVM code for totals[i] + sum_k weights[i][k] * vectors[k], for every i."""
    for k, vector in enumerate(vectors):
        totals = [
            fma(builder, row[k], vector, total) for row, total in zip(weights, totals, strict=True)
        ]
    return pack(builder, totals)


def _lower_add_weighted(typing: Context, x: NumbaType, weights: NumbaType, y: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        totals, g, vectors = (unpack(builder, tile) for tile in args)
        T = len(vectors)
        return _weighted_sums(
            builder, totals, [g[i * T : i * T + T] for i in range(len(totals))], vectors
        )

    return x(x, weights, y), generate


@native(_lower_add_weighted)
def add_weighted(x: Array, weights: Array, y: Array) -> Array:
    """x[i] + sum_k weights[i * T + k] * y[k] for every i, lane by lane, y having T rows."""
    return x + (weights.reshape(-1, *y.shape) * y).sum(axis=1)


def _lower_add_weighted_across(
    typing: Context, y: NumbaType, weights: NumbaType, x: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        totals, g, vectors = (unpack(builder, tile) for tile in args)
        return _weighted_sums(
            builder, totals, [g[k :: len(totals)] for k in range(len(totals))], vectors
        )

    return y(y, weights, x), generate


@native(_lower_add_weighted_across)
def add_weighted_across(y: Array, weights: Array, x: Array) -> Array:
    """y[k] + sum_i weights[i * T + k] * x[i] for every k, lane by lane, y having T rows."""
    return y + (weights.reshape(len(x), *y.shape) * x[:, None]).sum(axis=0)
