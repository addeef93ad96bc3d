"""Tiles: a few 64-byte vectors held in SIMD registers, as a value that compiled code can carry around a loop.

A tile is an array of n vectors, each of 16 float32 or 8 float64 lanes: lane group ``lane`` of n consecutive rows of
a table. How many rows is known when the code is compiled, from the *type* of a tag argument (a tuple of that length:
``(0,) * 6``); how many lane groups a row has is not, so one compilation serves every vector size. LLVM splits a
vector into whatever the machine has. Every function has a NumPy twin of the same name and meaning, its Python body,
which runs when the JIT is off; in a twin a tile is an array [n, lanes].

Tables are C-contiguous, their rows padded with zeros to whole lane groups (``padded``). Nothing here checks bounds.
"""

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import models, register_model

from fastw2v.kernels.jit import native

BYTES = 64
ONE = (0,)
I32, I64 = ir.IntType(32), ir.IntType(64)


def lanes(dtype):
    """Numbers in one vector: 16 for float32, 8 for float64."""
    return BYTES // np.dtype(dtype).itemsize


def padded(size, dtype):
    """The vector size rounded up to whole vectors: the row length of a table."""
    return -(-size // lanes(dtype)) * lanes(dtype)


class Tile(types.Type):
    """The Numba type of a tile: its element type and its number of rows."""

    def __init__(self, dtype, rows):
        self.dtype, self.rows = dtype, rows
        super().__init__(name=f"Tile({dtype}, {rows})")


@register_model(Tile)
class TileModel(models.PrimitiveModel):
    """An LLVM array of vectors. (One wide vector instead would be taken apart lane by lane when carried around a loop.)"""

    def __init__(self, manager, tile):
        element = ir.FloatType() if tile.dtype == types.float32 else ir.DoubleType()
        vector = ir.VectorType(element, BYTES // (tile.dtype.bitwidth // 8))
        super().__init__(manager, tile, ir.ArrayType(vector, tile.rows))


def _vector(context, tile):
    return context.get_value_type(tile).element


def _unpack(builder, tile):
    return [builder.extract_value(tile, i) for i in range(tile.type.count)]


def _pack(builder, vectors):
    tile = ir.Constant(ir.ArrayType(vectors[0].type, len(vectors)), ir.Undefined)
    for i, vector in enumerate(vectors):
        tile = builder.insert_value(tile, vector, i)
    return tile


def _data(context, builder, array_type, array):
    return context.make_array(array_type)(context, builder, array)


def _place(context, builder, signature, args):
    """Pointer to table[row, lane * lanes] as a vector, from the leading arguments (table, row, lane)."""
    table = _data(context, builder, signature.args[0], args[0])
    stride = builder.extract_value(table.shape, 1)
    vector = ir.VectorType(table.data.type.pointee, BYTES // (signature.args[0].dtype.bitwidth // 8))
    offset = builder.add(builder.mul(args[1], stride), builder.mul(args[2], I64(vector.count)))
    return builder.bitcast(builder.gep(table.data, [offset]), vector.as_pointer())


def _element_bytes(pointer):
    return 4 if isinstance(pointer.type.pointee.element, ir.FloatType) else 8


def _row_places(context, builder, signature, args):
    """Pointers to lane group ``lane`` of the rows in a tuple, from the leading arguments (table, rows, lane)."""
    rows = cgutils.unpack_tuple(builder, args[1])
    return [_place(context, builder, signature, (args[0], row, args[2])) for row in rows]


def fma(builder, a, b, c):
    """LLVM code for a * b + c on vectors, fused where the machine can."""
    kind = "f32" if isinstance(a.type.element, ir.FloatType) else "f64"
    function = ir.FunctionType(a.type, [a.type] * 3)
    fmuladd = cgutils.get_or_insert_function(builder.module, function, f"llvm.fmuladd.v{a.type.count}{kind}")
    return builder.call(fmuladd, [a, b, c])


def _lower_tile_of(typing, table, rows, lane):
    def generate(context, builder, signature, args):
        pointers = _row_places(context, builder, signature, args)
        return _pack(builder, [builder.load(p, align=_element_bytes(p)) for p in pointers])

    return Tile(table.dtype, len(rows))(table, rows, types.int64), generate


@native(_lower_tile_of)
def tile_of(table, rows, lane):
    """Load lane group ``lane`` of the given rows (a tuple of int64) of table [V, padded]."""
    width = lanes(table.dtype)
    return table[list(rows), lane * width : (lane + 1) * width]


def _lower_put_tile(typing, table, rows, lane, tile):
    def generate(context, builder, signature, args):
        pointers = _row_places(context, builder, signature, args)
        for pointer, vector in zip(pointers, _unpack(builder, args[3]), strict=True):
            builder.store(vector, pointer, align=_element_bytes(pointer))
        return context.get_dummy_value()

    return types.void(table, rows, types.int64, tile), generate


@native(_lower_put_tile)
def put_tile(table, rows, lane, tile):
    """Store a tile as lane group ``lane`` of the given rows (a tuple of int64) of table."""
    width = lanes(table.dtype)
    table[list(rows), lane * width : (lane + 1) * width] = tile


def _lower_zero_tile(typing, table, tag, other):
    def generate(context, builder, signature, args):
        vector = _vector(context, signature.return_type)
        return _pack(builder, [ir.Constant(vector, [0.0] * vector.count)] * signature.return_type.rows)

    return Tile(table.dtype, len(tag) * len(other))(table, tag, other), generate


@native(_lower_zero_tile)
def zero_tile(table, tag, other):
    """A tile of len(tag) * len(other) rows of zeros, of the table's kind of number."""
    return np.zeros((len(tag) * len(other), lanes(table.dtype)), table.dtype)


def _lower_add_products(typing, total, x, y):
    def generate(context, builder, signature, args):
        sums, xs, ys = (_unpack(builder, tile) for tile in args)
        products = [(a, b) for a in xs for b in ys]
        return _pack(builder, [fma(builder, a, b, c) for (a, b), c in zip(products, sums, strict=True)])

    return total(total, x, y), generate


@native(_lower_add_products)
def add_products(total, x, y):
    """total[i * T + k] + x[i] * y[k] for all rows i of x and k of y (T of them), lane by lane."""
    return total + (x[:, None] * y[None]).reshape(total.shape)


def _lower_put_sums(typing, total, out, at):
    def generate(context, builder, signature, args):
        vectors = _unpack(builder, args[0])
        vector, size = vectors[0].type, vectors[0].type.count
        width = size
        while width > 1:  # each vector holds groups of `width` partial sums; halve them, two vectors at a time
            groups, half = size // width, width // 2
            low = [g * width + i for source in (0, size) for g in range(groups) for i in range(source, source + half)]
            if len(vectors) % 2:
                vectors.append(ir.Constant(vector, [0.0] * size))
            low_mask = ir.Constant(ir.VectorType(I32, size), low)
            high_mask = ir.Constant(ir.VectorType(I32, size), [i + half for i in low])
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            halves = [(builder.shuffle_vector(a, b, low_mask), builder.shuffle_vector(a, b, high_mask)) for a, b in pairs]
            vectors, width = [builder.fadd(a, b) for a, b in halves], half
        data = _data(context, builder, signature.args[1], args[1]).data
        for i, sums in enumerate(vectors):
            place = builder.gep(data, [builder.add(args[2], I64(i * size))])
            builder.store(sums, builder.bitcast(place, vector.as_pointer()), align=signature.args[1].dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(total, out, types.int64), generate


@native(_lower_put_sums)
def put_sums(total, out, at):
    """Store the sum over the lanes of every row of the tile: out[at + i] = sum(total[i]), halves first.

    Up to a vector's worth of numbers after the last sum is overwritten: leave room.
    """
    while total.shape[1] > 1:
        total = total[:, : total.shape[1] // 2] + total[:, total.shape[1] // 2 :]
    out[at : at + len(total)] = total[:, 0]


def _lower_spread(typing, numbers, at, tag, other):
    def generate(context, builder, signature, args):
        vector = _vector(context, signature.return_type)
        data = _data(context, builder, signature.args[0], args[0]).data
        mask = ir.Constant(ir.VectorType(I32, vector.count), [0] * vector.count)
        spread = []
        for k in range(signature.return_type.rows):
            number = builder.load(builder.gep(data, [builder.add(args[1], I64(k))]))
            first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, I32(0))
            spread.append(builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), mask))
        return _pack(builder, spread)

    return Tile(numbers.dtype, len(tag) * len(other))(numbers, types.int64, tag, other), generate


@native(_lower_spread)
def spread(numbers, at, tag, other):
    """A tile of len(tag) * len(other) rows, row i being numbers[at + i] in every lane."""
    count = len(tag) * len(other)
    return np.repeat(numbers[at : at + count, None], lanes(numbers.dtype), axis=1)


def _weighted_sums(builder, totals, weights, vectors):
    """LLVM code for totals[i] + sum_k weights[i][k] * vectors[k], for every i."""
    for k, vector in enumerate(vectors):
        totals = [fma(builder, row[k], vector, total) for row, total in zip(weights, totals, strict=True)]
    return _pack(builder, totals)


def _lower_add_weighted(typing, x, weights, y):
    def generate(context, builder, signature, args):
        totals, g, vectors = (_unpack(builder, tile) for tile in args)
        T = len(vectors)
        return _weighted_sums(builder, totals, [g[i * T : i * T + T] for i in range(len(totals))], vectors)

    return x(x, weights, y), generate


@native(_lower_add_weighted)
def add_weighted(x, weights, y):
    """x[i] + sum_k weights[i * T + k] * y[k] for every i, lane by lane, y having T rows."""
    return x + (weights.reshape(-1, *y.shape) * y).sum(axis=1)


def _lower_add_weighted_across(typing, y, weights, x):
    def generate(context, builder, signature, args):
        totals, g, vectors = (_unpack(builder, tile) for tile in args)
        return _weighted_sums(builder, totals, [g[k :: len(totals)] for k in range(len(totals))], vectors)

    return y(y, weights, x), generate


@native(_lower_add_weighted_across)
def add_weighted_across(y, weights, x):
    """y[k] + sum_i weights[i * T + k] * x[i] for every k, lane by lane, y having T rows."""
    return y + (weights.reshape(len(x), *y.shape) * x[:, None]).sum(axis=0)


def _lower_rows_at(typing, rows, at, tag):
    def generate(context, builder, signature, args):
        data = _data(context, builder, signature.args[0], args[0]).data
        places = [builder.gep(data, [builder.add(args[1], I64(k))]) for k in range(len(signature.return_type))]
        return context.make_tuple(builder, signature.return_type, [builder.sext(builder.load(p), I64) for p in places])

    return types.UniTuple(types.int64, len(tag))(rows, types.int64, tag), generate


@native(_lower_rows_at)
def rows_at(rows, at, tag):
    """The row numbers rows[at], rows[at + 1], ... (int32), len(tag) of them, as a tuple of values."""
    return tuple(int(row) for row in rows[at : at + len(tag)])


def _lower_add_to_rows(typing, table, rows, lane, tile):
    def generate(context, builder, signature, args):
        pointers = _row_places(context, builder, signature, args)
        for pointer, vector in zip(pointers, _unpack(builder, args[3]), strict=True):
            old = builder.load(pointer, align=_element_bytes(pointer))
            builder.store(builder.fadd(old, vector), pointer, align=_element_bytes(pointer))
        return context.get_dummy_value()

    return types.void(table, rows, types.int64, tile), generate


@native(_lower_add_to_rows)
def add_to_rows(table, rows, lane, tile):
    """table[rows[k], lane group] += tile[k], one after the other, so that a row named twice gets both."""
    width = lanes(table.dtype)
    for row, vector in zip(rows, tile, strict=True):
        table[row, lane * width : (lane + 1) * width] += vector


def _lower_prefetch(typing, table, row, lane):
    def generate(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [byte, I32, I32, I32])
        prefetch = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0")
        pointer = builder.bitcast(_place(context, builder, signature, args), byte)
        builder.call(prefetch, [pointer, I32(0), I32(3), I32(1)])
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), generate


@native(_lower_prefetch)
def prefetch(table, row, lane):
    """Ask for a lane group of a row to be brought into the cache; changes nothing."""
