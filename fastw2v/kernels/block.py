"""The block update: every objective moves m inputs X and T targets Y by their errors, and by nothing else.

All scores of a block and both its updates come from the old rows (copied first if any stands in it twice), however
often a row stands in it; the changes are added to the tables one row after the other, so that a row named twice gets
both (Eq. 9 to 11). Targets are padded to whole tiles, ``T`` counting the padding, by repeating the first one, whose
repetitions have no error: a negative that equals the target is skipped, as in word2vec.c.

Scores and errors lie tile by tile: [T / len(wide), m, len(wide)]. ``tall`` and ``wide`` are tags (see ``tiles``): a
tile of len(tall) inputs against len(wide) targets is scored at once.
"""

import math

import numpy as np

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.repeats import any_twice
from fastw2v.kernels.rows import add_to_rows, lane_groups, put_tile, rows_at, tile_of
from fastw2v.kernels.sigmoid import put_errors
from fastw2v.kernels.tiles import ONE, add_products, add_weighted, add_weighted_across, spread, zero_tile

IN_PLACE, COPIED, MEAN, MEAN_UNDIVIDED = range(4)  # what the inputs of a block are, see train_block


def tags(T):
    """Tags (tall, wide) of the tiles that T targets are taken in: all at once up to 8, else the width with least padding.

    A tile has up to 16 scores: one vector of float32.
    """
    width = T if T <= 8 else min((8, 7, 6, 5), key=lambda width: -T % width)
    return (0,) * (16 // width), (0,) * width


@leaf
def gather(table, rows, n, block, places):
    """Copy n rows of a table [V, padded] into block [n, padded], and say so: places[i] = i."""
    for i in range(n):
        places[i] = i
        for lane in range(lane_groups(table)):
            put_tile(block, (i,), lane, tile_of(table, rows_at(rows, i, ONE), lane))


@leaf
def put_mean(table, rows, m, out, place, weight):
    """Write the mean of m rows of a table [V, padded] to the row ``place`` of out; weight : room for one number, 1/m."""
    weight[0] = 1 / m
    for lane in range(lane_groups(table)):
        mean = zero_tile(table, ONE, ONE)
        for i in range(m):
            mean = add_weighted(mean, spread(weight, 0, ONE, ONE), tile_of(table, rows_at(rows, i, ONE), lane))
        put_tile(out, rows_at(place, 0, ONE), lane, mean)


@leaf
def add_to_all(table, rows, m, change, place, weight):
    """Add the row ``place`` of change times weight[0] to m rows of a table, once for every time a row is named; and clear it."""
    for lane in range(lane_groups(table)):
        x = tile_of(change, rows_at(place, 0, ONE), lane)
        for i in range(m):
            row = rows_at(rows, i, ONE)
            put_tile(table, row, lane, add_weighted(tile_of(table, row, lane), spread(weight, 0, ONE, ONE), x))
        put_tile(change, rows_at(place, 0, ONE), lane, zero_tile(table, ONE, ONE))


@leaf
def products(X, xs, Y, ys):
    """Products of the rows X[xs] with the rows Y[ys] as one tile, still to be summed over the lanes."""
    total = zero_tile(X, xs, ys)
    for lane in range(lane_groups(X)):
        total = add_products(total, tile_of(X, xs, lane), tile_of(Y, ys, lane))
    return total


@leaf
def score_block(X, xs, m, Y, ys, T, rate, scores, errors, tall, wide):
    """Scores of m inputs, rows xs of X, against T targets, rows ys of Y, and errors, the first target having label 1."""
    at = 0
    for k in range(0, T, len(wide)):
        targets, label = rows_at(ys, k, wide), X.dtype.type(1 if k == 0 else 0)
        i = 0
        while i + len(tall) <= m:
            put_errors(products(X, rows_at(xs, i, tall), Y, targets), wide, label, rate, scores, errors, at)
            at += len(tall) * len(wide)
            i += len(tall)
        while i < m:
            put_errors(products(X, rows_at(xs, i, ONE), Y, targets), wide, label, rate, scores, errors, at)
            at += len(wide)
            i += 1


@leaf
def place_of(i, k, m, wide):
    """Where the score, or the error, of input i and target k stands."""
    return (k // len(wide) * m + i) * len(wide) + k % len(wide)


@leaf
def block_loss(scores, m, targets, T, wide):
    """The loss of a block (Eq. 8), in float64, each negative counted once for every time it was drawn."""
    loss = 0.0
    for k in range(T):
        if k == 0 or targets[k] != targets[0]:
            for i in range(m):
                score = np.float64(scores[place_of(i, k, m, wide)])
                if k == 0:
                    score = -score
                loss += max(score, 0.0) + math.log1p(math.exp(-abs(score)))
    return loss


@leaf
def skip_repetitions(errors, m, targets, T, wide):
    """Give the repetitions of the first target no error."""
    for k in range(1, T):
        if targets[k] == targets[0]:
            for i in range(m):
                errors[place_of(i, k, m, wide)] = 0


@leaf
def update_block(W_in, inputs, X, xs, m, W_out, targets, Y, ys, T, errors, wide):
    """Move the inputs and the targets of one block by their errors, both from the old rows (Eq. 9 to 11).

    W_in, W_out : tables [V, padded], changed;  inputs, targets : their rows, int32 [m], [T];
    X, xs, Y, ys : where the rows stand unchanged until they are read;  errors : [T / len(wide), m, len(wide)].
    """
    first = 0
    for k in range(0, T, len(wide)):
        target_rows, y_rows = rows_at(targets, k, wide), rows_at(ys, k, wide)
        for lane in range(lane_groups(W_in)):
            y, change = tile_of(Y, y_rows, lane), zero_tile(Y, ONE, wide)
            for i in range(m):
                g, x = spread(errors, first + i * len(wide), ONE, wide), tile_of(X, rows_at(xs, i, ONE), lane)
                row = rows_at(inputs, i, ONE)
                put_tile(W_in, row, lane, add_weighted(tile_of(W_in, row, lane), g, y))
                change = add_weighted_across(change, g, x)
            add_to_rows(W_out, target_rows, lane, change)
        first += m * len(wide)


@leaf
def train_block(tables, inputs, m, source, targets, T, rate, with_loss, room, worker, tall, wide):
    """One block from tables to tables; returns its loss if asked for, else 0.

    source : what the inputs of the block are: the m rows where they are (IN_PLACE), which stand there once each, or a
    copy of them (COPIED), or their mean, which is one input and what it is to move by comes to each of them, divided by
    their number (MEAN, Eq. 15) or whole (MEAN_UNDIVIDED). Targets are read where they are if they stand there once.
    """
    X, xs, W, rows, n, Y, ys = tables.W_in, inputs, tables.W_in, inputs, m, tables.W_out, targets
    scores, errors = room.scores[worker], room.errors[worker]
    if source >= MEAN:
        X, xs, W, rows, n = room.mean[worker], room.places, room.mean[worker], room.places[1:], 1
        put_mean(tables.W_in, inputs, m, X, xs, scores)
    elif source == COPIED or T > len(wide):
        X, xs = room.X[worker], room.xs[worker]
        gather(tables.W_in, inputs, m, X, xs)
    twice = T > len(wide) or any_twice(rows_at(targets, 0, wide))
    if twice:
        Y, ys = room.Y[worker], room.ys[worker]
        gather(tables.W_out, targets, T, Y, ys)
    score_block(X, xs, n, Y, ys, T, rate, scores, errors, tall, wide)
    if twice:
        skip_repetitions(errors, n, targets, T, wide)
    update_block(W, rows, X, xs, n, tables.W_out, targets, Y, ys, T, errors, wide)
    loss = block_loss(scores, n, targets, T, wide) if with_loss else 0.0
    if source >= MEAN:
        scores[0] = 1 / m if source == MEAN else 1
        add_to_all(tables.W_in, inputs, m, W, rows, scores)
    return loss
