"""Between tables and tiles: rows of a table loaded, stored, added to, and asked for ahead of time.

Tables are C-contiguous and begin at a 64-byte boundary, their rows padded with zeros to whole
cache lines (``tiles.padded``). Nothing here checks bounds.
"""

from collections.abc import Callable

from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.annotations import Array, Lanes, Rows, Tag
from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values
from fastw2v.kernels.simd.registers import LINE, VECTOR, VECTORS
from fastw2v.kernels.simd.tiles import I32, I64, Tile, array_data, fma, lanes, pack, unpack


def _place(
    context: Context, builder: ir.IRBuilder, signature: Signature, args: Values, size: int = VECTOR
) -> ir.Value:
    """Pointer to the ``lane``-th vector of ``size`` bytes of a row, from the leading arguments
    (table, row, lane). Every number of an array of one dimension is a row.
    """
    table = array_data(context, builder, signature.args[0], args[0])
    stride = builder.extract_value(table.shape, 1) if signature.args[0].ndim == 2 else I64(1)
    vector = ir.VectorType(table.data.type.pointee, size // (signature.args[0].dtype.bitwidth // 8))
    offset = builder.add(builder.mul(args[1], stride), builder.mul(args[2], I64(vector.count)))
    return builder.bitcast(builder.gep(table.data, [offset]), vector.as_pointer())


def _element_bytes(pointer: ir.Value) -> int:
    return 4 if isinstance(pointer.type.pointee.element, ir.FloatType) else 8


def _load(builder: ir.IRBuilder, pointers: list[ir.Value]) -> list[ir.Value]:
    """LLVM code for the vectors at pointers."""
    return [builder.load(p, align=_element_bytes(p)) for p in pointers]


def _store(builder: ir.IRBuilder, pointers: list[ir.Value], vectors: list[ir.Value]) -> None:
    """LLVM code to store vectors at pointers."""
    for pointer, vector in zip(pointers, vectors, strict=True):
        builder.store(vector, pointer, align=_element_bytes(pointer))


def _row_places(
    context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
) -> list[ir.Value]:
    """Pointers to lane group ``lane`` of the rows in a tuple, from the leading arguments (table,
    rows, lane).
    """
    rows = cgutils.unpack_tuple(builder, args[1])
    return [_place(context, builder, signature, (args[0], row, args[2])) for row in rows]


def _lower_tile_of(typing: Context, table: NumbaType, rows: NumbaType, lane: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        pointers = _row_places(context, builder, signature, args)
        return pack(builder, _load(builder, pointers))

    return Tile(table.dtype, len(rows))(table, rows, types.int64), generate


@native(_lower_tile_of)
def tile_of(table: Array, rows: Rows, lane: int) -> Array:
    """Load lane group ``lane`` of the given rows (a tuple of int64) of table [V, padded]."""
    width = lanes(table.dtype)
    return table[list(rows), lane * width : (lane + 1) * width]


def _lower_put_tile(
    typing: Context, table: NumbaType, rows: NumbaType, lane: NumbaType, tile: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        pointers = _row_places(context, builder, signature, args)
        _store(builder, pointers, unpack(builder, args[3]))
        return context.get_dummy_value()

    return types.void(table, rows, types.int64, tile), generate


@native(_lower_put_tile)
def put_tile(table: Array, rows: Rows, lane: int, tile: Array) -> None:
    """Store a tile as lane group ``lane`` of the given rows (a tuple of int64) of table."""
    width = lanes(table.dtype)
    table[list(rows), lane * width : (lane + 1) * width] = tile


def _lane_places(
    context: Context, builder: ir.IRBuilder, signature: Signature, args: Values, count: int
) -> list[ir.Value]:
    """Pointers to ``count`` lane groups in succession, from the leading arguments (table, row,
    lane).
    """
    places = [(args[0], args[1], builder.add(args[2], I64(j))) for j in range(count)]
    return [_place(context, builder, signature, place) for place in places]


def _lower_lanes_of(
    typing: Context, table: NumbaType, row: NumbaType, lane: NumbaType, tag: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        pointers = _lane_places(context, builder, signature, args, signature.return_type.rows)
        return pack(builder, _load(builder, pointers))

    return Tile(table.dtype, len(tag))(table, types.int64, types.int64, tag), generate


@native(_lower_lanes_of)
def lanes_of(table: Array, row: int, lane: int, tag: Tag) -> Array:
    """Load len(tag) lane groups of a row, from ``lane`` on, as a tile."""
    width = lanes(table.dtype)
    return table[row, lane * width : (lane + len(tag)) * width].reshape(len(tag), width)


def _lower_put_lanes(
    typing: Context, table: NumbaType, row: NumbaType, lane: NumbaType, tile: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        vectors = unpack(builder, args[3])
        pointers = _lane_places(context, builder, signature, args, len(vectors))
        _store(builder, pointers, vectors)
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64, tile), generate


@native(_lower_put_lanes)
def put_lanes(table: Array, row: int, lane: int, tile: Array) -> None:
    """Store a tile as the lane groups of a row from ``lane`` on."""
    width = lanes(table.dtype)
    table[row, lane * width : (lane + len(tile)) * width] = tile.ravel()


def _lower_rows_at(typing: Context, rows: NumbaType, at: NumbaType, tag: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        places = [
            builder.gep(data, [builder.add(args[1], I64(k))])
            for k in range(len(signature.return_type))
        ]
        return context.make_tuple(
            builder, signature.return_type, [builder.sext(builder.load(p), I64) for p in places]
        )

    return types.UniTuple(types.int64, len(tag))(rows, types.int64, tag), generate


@native(_lower_rows_at)
def rows_at(rows: Array, at: int, tag: Tag) -> Rows:
    """Return row numbers rows[at], rows[at + 1], ... (int32), len(tag) of them, as a tuple."""
    return tuple(int(row) for row in rows[at : at + len(tag)])


def _lower_add_to_rows(
    typing: Context, table: NumbaType, rows: NumbaType, lane: NumbaType, tile: NumbaType
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        pointers = _row_places(context, builder, signature, args)
        for pointer, vector in zip(pointers, unpack(builder, args[3]), strict=True):
            old = builder.load(pointer, align=_element_bytes(pointer))
            builder.store(builder.fadd(old, vector), pointer, align=_element_bytes(pointer))
        return context.get_dummy_value()

    return types.void(table, rows, types.int64, tile), generate


@native(_lower_add_to_rows)
def add_to_rows(table: Array, rows: Rows, lane: int, tile: Array) -> None:
    """table[rows[k], lane group] += tile[k], one after the other, so that a row named twice gets
    both.
    """
    width = lanes(table.dtype)
    for row, vector in zip(rows, tile, strict=True):
        table[row, lane * width : (lane + 1) * width] += vector


def _lower_update_line(
    typing: Context,
    inputs: NumbaType,
    row: NumbaType,
    X: NumbaType,
    x_row: NumbaType,
    targets: NumbaType,
    rows: NumbaType,
    line: NumbaType,
    weights: NumbaType,
) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        lane = builder.mul(args[6], I64(VECTORS))

        def places(table: int, row: ir.Value) -> list[ir.Value]:
            part = types.void(signature.args[table], types.int64, types.int64)
            return _lane_places(context, builder, part, (args[table], row, lane), VECTORS)

        moved = places(0, args[1])
        sums, x = _load(builder, moved), _load(builder, places(2, args[3]))
        targets = cgutils.unpack_tuple(builder, args[5])
        for target, g in zip(targets, unpack(builder, args[7]), strict=True):
            pointers = places(4, target)
            y = _load(builder, pointers)
            # the vectors of a line in turns: each is a chain of sums, which waits for itself
            sums = [fma(builder, g, *pair) for pair in zip(y, sums, strict=True)]
            pairs = zip(y, x, strict=True)
            new = [builder.fadd(old, builder.fmul(g, vector)) for old, vector in pairs]
            _store(builder, pointers, new)
        _store(builder, moved, sums)
        return context.get_dummy_value()

    return types.void(inputs, types.int64, X, types.int64, targets, rows, types.int64, weights), (
        generate
    )


@native(_lower_update_line)
def update_line(
    inputs: Array,
    row: int,
    X: Array,
    x_row: int,
    targets: Array,
    rows: Rows,
    line: int,
    weights: Array,
) -> None:
    """Move a row of inputs, and the given rows of targets, on one cache line, by x = X[x_row] and y
    as they were.

    inputs[row] += sum_k weights[k] * y[k];  targets[rows[k]] += weights[k] * x. A row that is named
        again, as padding, has weight 0 there;  weights : tile of len(rows) rows (``tiles.spread``).
    """
    numbers = LINE // targets.itemsize
    part = slice(line * numbers, (line + 1) * numbers)
    x, total = X[x_row, part].copy(), inputs[row, part].copy()
    for target, g in zip(rows, weights[:, 0], strict=True):
        y = targets[target, part]
        total += g * y
        y += g * x
    inputs[row, part] = total


def _prefetch(kind: int) -> Callable[..., Lowered]:
    def lower(typing: Context, table: NumbaType, row: NumbaType, line: NumbaType) -> Lowered:
        def generate(
            context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
        ) -> ir.Value:
            byte = ir.IntType(8).as_pointer()
            function = ir.FunctionType(ir.VoidType(), [byte, I32, I32, I32])
            prefetch = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0")
            pointer = builder.bitcast(_place(context, builder, signature, args, LINE), byte)
            builder.call(prefetch, [pointer, I32(kind), I32(3), I32(1)])
            return context.get_dummy_value()

        return types.void(table, types.int64, types.int64), generate

    return lower


@native(_prefetch(1))
def prefetch(table: Array, row: int, line: int) -> None:
    """Ask for a cache line of a row to be brought into the cache, to be written there; changes
    nothing.
    """


@native(_prefetch(0))
def prefetch_to_read(table: Array, row: int, line: int) -> None:
    """Ask for a cache line of a row to be brought into the cache, where others may keep it too;
    changes nothing.
    """


@leaf
def lane_groups(table: Array) -> int:
    """Vectors in one row of a table."""
    return table.shape[1] * table.itemsize // VECTOR


@leaf
def prefetch_row(table: Array, row: int, part: Lanes) -> None:
    """Ask for lane groups ``part`` (first, stop) of a row to be brought into the cache."""
    for line in range(part[0] // VECTORS, part[1] // VECTORS):
        prefetch(table, row, line)
