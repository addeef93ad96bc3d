"""The block update: every objective moves m inputs X and T targets Y by their errors, and by
nothing else.

    errors = rate * (labels - sigma(X Yᵀ));  Y += errorsᵀ X;  X += errors Y    (Eq. 9 to 11)

Both updates use the old rows, however often a row is in the block: rows that are there twice are
copied first. Updates are added to the tables one row after the other, so that a duplicate gets
both. Targets are padded to whole tiles by repeating the first one, whose repetitions have no error;
a negative that equals the target is skipped likewise, as in word2vec.c.

Scores and errors are kept tile by tile: see ``scores``. ``tall`` and ``wide`` are tags
(``simd.tiles``): a tile of len(tall) inputs against len(wide) targets is scored at once.
"""

import math
from typing import NamedTuple

import numpy as np

from fastw2v.kernels.annotations import Array, Lanes, Rows, Tag
from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.ids import any_equal
from fastw2v.kernels.simd.registers import SCORES, VECTORS
from fastw2v.kernels.simd.rows import (
    add_to_rows,
    lane_groups,
    lanes_of,
    put_lanes,
    put_tile,
    rows_at,
    tile_of,
    update_line,
)
from fastw2v.kernels.simd.sigmoid import put_errors
from fastw2v.kernels.simd.tiles import (
    FOUR,
    ONE,
    add_products,
    add_scaled,
    add_tiles,
    add_weighted,
    add_weighted_across,
    filled,
    put_sums,
    spread,
    zero_tile,
)
from fastw2v.kernels.train.scores import score_index
from fastw2v.kernels.train.softmax import put_softmax_errors
from fastw2v.kernels.train.state import (
    EACH,
    MEAN,
    NEGATIVES,
    PATH,
    VOCABULARY,
    KernelConfig,
    Run,
    Tables,
    Workspace,
)


class Block(NamedTuple):
    """A block as arrays.

    Attributes
    ----------
    input_rows : int32 [m or more]
        The rows of W_in of its words and document.
    m : int
        How many rows.
    n : int
        How many inputs these make: m, or 1 if their mean is the input.
    copied : bool
        Whether a row may be there twice, so that rows are copied before they change.
    targets : int32 [T]
        Rows of W_out.
    labels : float [T]
        Unused by softmax.
    T : int
        How many targets, with padding.
    word : int
        The centre.
    """

    input_rows: np.ndarray
    m: int
    n: int
    copied: bool
    targets: np.ndarray
    labels: np.ndarray
    T: int
    word: int


class Sides(NamedTuple):
    """Where the old rows of a block are: inputs are X[x_rows[:n]], targets Y[y_rows[:T]].

    repeated : whether targets may be duplicates of the first one.
    """

    X: np.ndarray
    x_rows: np.ndarray
    Y: np.ndarray
    y_rows: np.ndarray
    repeated: bool


def tile_tags(T: int) -> tuple[Tag, Tag]:
    """Return the tags (tall, wide) of the tiles of T targets: all at once up to 8, else the width
    with least padding.

    The width is the same on all machines: the changes of an input that is a duplicate are added
    tile by tile, and sums depend on their order.
    """
    width = T if T <= 8 else min((8, 7, 6, 5), key=lambda width: -T % width)
    return (0,) * (SCORES // width), (0,) * width


@leaf
def block_at(run: Run, ws: Workspace, slot: int, number: int) -> Block:
    """The Block that a slot's record says."""
    record, config = ws.blocks[slot, number], run.config
    m = np.int64(record.input_count)
    return Block(
        ws.inputs[slot, record.begin :],
        m,
        m if config.input_kind == EACH else 1,
        record.copied != 0,
        ws.targets[slot, record.target_list],
        ws.labels[slot],
        np.int64(record.target_count),
        np.int64(ws.centres[slot].word),
    )


@leaf
def all_lanes(table: Array) -> Lanes:
    """All lane groups of a table's rows, as (first, stop)."""
    return 0, lane_groups(table)


# Rows that are copied, made, and given their gradients


@leaf
def gather(table: Array, rows: Array, n: int, lanes: Lanes, out: Array) -> None:
    """Copy lane groups ``lanes`` (first, stop) of n rows of a table [V, padded] into out [n,
    padded].
    """
    for i in range(n):
        for lane in range(lanes[0], lanes[1]):
            put_tile(out, (i,), lane, tile_of(table, rows_at(rows, i, ONE), lane))


@leaf
def put_mean(table: Array, rows: Array, n: int, lanes: Lanes, out: Array, place: int) -> None:
    """Write the mean of n rows of a table [V, padded] to row ``place`` of out."""
    lane = lanes[0]
    while lane + len(FOUR) <= lanes[1]:
        put_lanes(out, place, lane, mean_of_lanes(table, rows, n, lane, FOUR))
        lane += len(FOUR)
    while lane < lanes[1]:
        put_lanes(out, place, lane, mean_of_lanes(table, rows, n, lane, ONE))
        lane += 1


@leaf
def mean_of_lanes(table: Array, rows: Array, n: int, lane: int, tag: Tag) -> Array:
    """The mean of n rows of a table, len(tag) lane groups from ``lane`` on, as a tile."""
    mean, weight = zero_tile(table, tag, ONE), filled(table, 1 / n)
    for i in range(n):
        mean = add_scaled(mean, weight, lanes_of(table, np.int64(rows[i]), lane, tag))
    return mean


@leaf
def add_to_all(
    table: Array, rows: Array, n: int, lanes: Lanes, delta: Array, place: int, factor: float
) -> None:
    """Add row ``place`` of delta times a factor to n rows of a table, once for every time a row is
    named.
    """
    weight = filled(table, factor)
    for i in range(n):
        row = rows_at(rows, i, ONE)
        for lane in range(lanes[0], lanes[1]):
            x = tile_of(delta, (place,), lane)
            put_tile(table, row, lane, add_scaled(tile_of(table, row, lane), weight, x))


@leaf
def clear(table: Array, n: int, lanes: Lanes) -> None:
    """Make the first n rows of a table zero."""
    for i in range(n):
        for lane in range(lanes[0], lanes[1]):
            put_tile(table, (i,), lane, zero_tile(table, ONE, ONE))


@leaf
def put_inputs(block: Block, tables: Tables, config: KernelConfig, X: Array, lanes: Lanes) -> None:
    """Write lane groups ``lanes`` of a block's inputs into the first rows of X."""
    if config.input_kind != EACH:
        put_mean(tables.W_in, block.input_rows, block.m, lanes, X, 0)
    else:
        gather(tables.W_in, block.input_rows, block.m, lanes, X)


@leaf
def in_two_tiles(targets: Array, T: int, width: int) -> bool:
    """Whether a target other than the first, whose repetitions have no error, is in two tiles."""
    found = False
    for k in range(width, T):
        for other in range(k - k % width):
            found |= (targets[k] == targets[other]) & (targets[k] != targets[0])
    return found


@leaf
def sides_to_score(block: Block, run: Run, ws: Workspace, lanes: Lanes) -> Sides:
    """The Sides of a block that is only scored: rows are read where they are."""
    tables = run.tables
    if run.config.input_kind != EACH:
        put_inputs(block, tables, run.config, ws.X, lanes)
        return Sides(ws.X, ws.iota, tables.W_out, block.targets, False)
    return Sides(tables.W_in, block.input_rows, tables.W_out, block.targets, False)


@leaf
def sides_to_update(block: Block, run: Run, ws: Workspace, lanes: Lanes) -> Sides:
    """The Sides of a block that is updated: rows that change before they are last read are copied
    first.

    Those are inputs that are duplicates, all inputs if there are several tiles of targets, and the
    targets if one is in two tiles.
    """
    tables = run.tables
    several = block.T > len(run.wide)
    X, x_rows, Y, y_rows = tables.W_in, block.input_rows, tables.W_out, block.targets
    if block.copied or run.config.input_kind != EACH or several:
        put_inputs(block, tables, run.config, ws.X, lanes)
        X, x_rows = ws.X, ws.iota
    repeated = run.config.target_kind == NEGATIVES and (
        several or any_equal(rows_at(block.targets, 0, run.wide))
    )
    if several and repeated and in_two_tiles(block.targets, block.T, len(run.wide)):
        gather(tables.W_out, block.targets, block.T, lanes, ws.Y)
        Y, y_rows = ws.Y, ws.iota
    return Sides(X, x_rows, Y, y_rows, repeated)


# Scores, errors, and the update


@leaf
def products(X: Array, x_rows: Rows, Y: Array, y_rows: Rows, lanes: Lanes) -> Array:
    """Products of rows of X with rows of Y as one tile, still to be summed over the lanes.

    Where a cache line has two vectors, all first ones come before all second ones: numbers are
    added in the same order as in vectors of twice the length.
    """
    total = products_of_vectors(X, x_rows, Y, y_rows, lanes, 0)
    if VECTORS == 2:
        total = add_tiles(total, products_of_vectors(X, x_rows, Y, y_rows, lanes, 1))
    return total


@leaf
def products_of_vectors(
    X: Array, x_rows: Rows, Y: Array, y_rows: Rows, lanes: Lanes, which: int
) -> Array:
    """Products of one vector, the first or the second, of every cache line."""
    total = zero_tile(X, x_rows, y_rows)
    for lane in range(lanes[0] + which, lanes[1], VECTORS):
        total = add_products(total, tile_of(X, x_rows, lane), tile_of(Y, y_rows, lane))
    return total


@leaf
def score_block(
    sides: Sides, n: int, T: int, lanes: Lanes, scores: Array, tall: Tag, wide: Tag
) -> None:
    """Write the scores of n inputs against T targets, over lane groups ``lanes``."""
    for k in range(0, T, len(wide)):
        targets, i = rows_at(sides.y_rows, k, wide), 0
        while i + len(tall) <= n:
            inputs = rows_at(sides.x_rows, i, tall)
            put_sums(
                products(sides.X, inputs, sides.Y, targets, lanes),
                scores,
                score_index(i, k, n, wide),
            )
            i += len(tall)
        while i < n:
            inputs = rows_at(sides.x_rows, i, ONE)
            put_sums(
                products(sides.X, inputs, sides.Y, targets, lanes),
                scores,
                score_index(i, k, n, wide),
            )
            i += 1


@leaf
def put_sigmoid_errors(
    scores: Array, block: Block, rate: float, errors: Array, tall: Tag, wide: Tag
) -> None:
    """Write the errors rate * (label - sigma(score)) of a block."""
    n = block.n
    for k in range(0, block.T, len(wide)):
        i = 0
        while i + len(tall) <= n:
            put_errors(
                scores, tall, wide, block.labels, k, rate, errors, score_index(i, k, n, wide)
            )
            i += len(tall)
        while i < n:
            put_errors(scores, ONE, wide, block.labels, k, rate, errors, score_index(i, k, n, wide))
            i += 1


@leaf
def sigmoid_loss(scores: Array, block: Block, wide: Tag) -> float:
    """The loss of a block (Eq. 8, 16), in float64, each negative counted once for every time it was
    drawn.
    """
    loss = 0.0
    for k in range(block.T):
        if k == 0 or block.targets[k] != block.targets[0]:
            for i in range(block.n):
                score = np.float64(scores[score_index(i, k, block.n, wide)])
                if block.labels[k] > 0:
                    score = -score
                loss += max(score, 0.0) + math.log1p(math.exp(-abs(score)))
    return loss


@leaf
def skip_repetitions(errors: Array, block: Block, wide: Tag) -> None:
    """Give the repetitions of the first target no error."""
    for k in range(1, block.T):
        if block.targets[k] == block.targets[0]:
            for i in range(block.n):
                errors[score_index(i, k, block.n, wide)] = 0


@leaf
def put_block_errors(
    block: Block,
    scores: Array,
    rate: float,
    with_loss: bool,
    repeated: bool,
    run: Run,
    errors: Array,
) -> float:
    """Write the errors of a block from its scores; returns its loss if asked for, else 0."""
    wide, kind = run.wide, run.config.target_kind
    loss = 0.0
    if kind == VOCABULARY:
        V = len(run.tables.W_out)
        for i in range(block.n):
            loss += put_softmax_errors(scores, errors, i, block, V, rate, wide)
        return loss if with_loss else 0.0
    put_sigmoid_errors(scores, block, rate, errors, run.tall, wide)
    if with_loss:
        loss = sigmoid_loss(scores, block, wide)
    if repeated or kind == PATH:
        skip_repetitions(errors, block, wide)
    return loss


@leaf
def update_rows(
    W_in: Array,
    in_rows: Array,
    W_out: Array,
    block: Block,
    sides: Sides,
    lanes: Lanes,
    errors: Array,
    wide: Tag,
) -> None:
    """Move the inputs and the targets of a block by their errors, both from the old rows (Eq. 9 to
    11).

    W_in, in_rows : the table of the inputs, and their rows in it, int32 [n];  errors : see
        ``score_index``.
    """
    n = block.n
    for k in range(0, block.T, len(wide)):
        target_rows, y_rows = rows_at(block.targets, k, wide), rows_at(sides.y_rows, k, wide)
        if n == 1 and not sides.repeated:
            row, x_row = np.int64(in_rows[0]), np.int64(sides.x_rows[0])
            g = spread(errors, k, ONE, wide)
            for line in range(lanes[0] // VECTORS, lanes[1] // VECTORS):
                update_line(W_in, row, sides.X, x_row, W_out, target_rows, line, g)
        else:
            # x and y are loaded before either row is written; with several tiles, X is a copy
            for lane in range(lanes[0], lanes[1]):
                y, grad_out = tile_of(sides.Y, y_rows, lane), zero_tile(sides.Y, ONE, wide)
                for i in range(n):
                    g = spread(errors, score_index(i, k, n, wide), ONE, wide)
                    x, row = (
                        tile_of(sides.X, rows_at(sides.x_rows, i, ONE), lane),
                        rows_at(in_rows, i, ONE),
                    )
                    put_tile(W_in, row, lane, add_weighted(tile_of(W_in, row, lane), g, y))
                    grad_out = add_weighted_across(grad_out, g, x)
                add_to_rows(W_out, target_rows, lane, grad_out)


@leaf
def update_block(block: Block, sides: Sides, lanes: Lanes, run: Run, ws: Workspace) -> None:
    """Move the rows of a block by ws.errors, lane groups ``lanes`` of them.

    The gradient of a mean goes to each of its words, divided by their number (MEAN, Eq. 15) or
    whole (MEAN_UNDIVIDED).
    """
    scaled = len(run.tables.input_factors) > 0
    apart = scaled or run.config.input_kind != EACH
    W, rows = (ws.grad_in, ws.iota) if apart else (run.tables.W_in, block.input_rows)
    update_rows(W, rows, run.tables.W_out, block, sides, lanes, ws.errors, run.wide)
    if scaled:
        spread_scaled_gradients(block, run, ws.grad_in, lanes)
    elif apart:
        spread_gradients(block, run.tables, run.config, ws.grad_in, lanes)


@leaf
def spread_gradients(
    block: Block, tables: Tables, config: KernelConfig, grad_in: Array, lanes: Lanes
) -> None:
    """Add the gradient of a mean, row 0 of grad_in, to the rows of its words, and clear it."""
    factor = 1 / block.m if config.input_kind == MEAN else 1.0
    add_to_all(tables.W_in, block.input_rows, block.m, lanes, grad_in, 0, factor)
    clear(grad_in, 1, lanes)


@leaf
def factor_of(row: int, run: Run) -> float:
    """What the gradient of a row of W_in is multiplied by. Rows behind the table are private
    copies, or words that are composed, whose change is multiplied when it is spread.
    """
    factors = run.tables.input_factors
    if row < len(factors):
        return factors[row]
    return factors[row - run.own_in.shift] if run.own_in.count else np.float32(1)


@leaf
def spread_scaled_gradients(block: Block, run: Run, grad_in: Array, lanes: Lanes) -> None:
    """Add the gradients in grad_in, one for each word or one for all, to the rows of the words,
    each times its factor, and clear them. Rows whose factor is 0 are not written to.
    """
    share = 1 / block.m if run.config.input_kind == MEAN else 1.0
    for i in range(block.m):
        factor = factor_of(block.input_rows[i], run)
        if factor != 0:
            place = min(i, block.n - 1)
            add_to_all(
                run.tables.W_in, block.input_rows[i:], 1, lanes, grad_in, place, share * factor
            )
    clear(grad_in, block.n, lanes)
