"""The block update: every objective moves m inputs X and T targets Y by their errors, and by nothing else.

All scores of a block and both its updates come from the old rows (copied first if any stands in it twice), however
often a row stands in it; the changes are added to the tables one row after the other, so that a row named twice gets
both (Eq. 9 to 11). Targets are padded to whole tiles, ``T`` counting the padding, by repeating the first one, whose
repetitions have no error: a negative that equals the target is skipped, as in word2vec.c.

Scores and errors lie tile by tile: [T / len(wide), m, len(wide)]. ``tall`` and ``wide`` are tags (see ``tiles``): a
tile of len(tall) inputs against len(wide) targets is scored at once.
"""

import math
from typing import NamedTuple

import numpy as np

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.repeats import any_twice
from fastw2v.kernels.room import ALL, BAGS, EACH, IN_PLACE, MEAN, NEGATIVES, PATH
from fastw2v.kernels.rows import add_to_rows, lane_groups, put_tile, rows_at, tile_of
from fastw2v.kernels.sigmoid import put_errors
from fastw2v.kernels.softmax import place_of, put_softmax_errors
from fastw2v.kernels.tiles import ONE, add_products, add_weighted, add_weighted_across, put_sums, spread, zero_tile


class Block(NamedTuple):
    """One block.

    words : the m words of its inputs, int32 [m];  targets : rows of W_out, int32 [T], target the first of them, or the
    word that stands for it among all;  labels : float [T], not read for softmax;  the kinds are those of ``room``.
    """

    words: np.ndarray
    m: int
    words_kind: int
    inputs_kind: int
    target: int
    targets: np.ndarray
    labels: np.ndarray
    T: int
    targets_kind: int


def tags(T):
    """Tags (tall, wide) of the tiles that T targets are taken in: all at once up to 8, else the width with least padding.

    A tile has up to 16 scores: one vector of float32.
    """
    width = T if T <= 8 else min((8, 7, 6, 5), key=lambda width: -T % width)
    return (0,) * (16 // width), (0,) * width


@leaf
def whole(table):
    """All lane groups of a table's rows, as (first, stop)."""
    return 0, lane_groups(table)


@leaf
def gather(table, rows, n, part, block):
    """Copy lane groups ``part`` (first, stop) of n rows of a table [V, padded] into block [n, padded]."""
    for i in range(n):
        for lane in range(part[0], part[1]):
            put_tile(block, (i,), lane, tile_of(table, rows_at(rows, i, ONE), lane))


@leaf
def put_mean(table, rows, n, part, out, place, weight):
    """Write the mean of n rows of a table [V, padded] to row ``place`` of out; weight : room for one number, 1/n."""
    weight[0] = 1 / n
    for lane in range(part[0], part[1]):
        mean = zero_tile(table, ONE, ONE)
        for i in range(n):
            mean = add_weighted(mean, spread(weight, 0, ONE, ONE), tile_of(table, rows_at(rows, i, ONE), lane))
        put_tile(out, (place,), lane, mean)


@leaf
def add_to_all(table, rows, n, part, change, place, weight):
    """Add row ``place`` of change times weight[0] to n rows of a table, once for every time a row is named."""
    for lane in range(part[0], part[1]):
        x = tile_of(change, (place,), lane)
        for i in range(n):
            row = rows_at(rows, i, ONE)
            put_tile(table, row, lane, add_weighted(tile_of(table, row, lane), spread(weight, 0, ONE, ONE), x))


@leaf
def clear(table, n, part):
    """Make the first n rows of a table zero."""
    for i in range(n):
        for lane in range(part[0], part[1]):
            put_tile(table, (i,), lane, zero_tile(table, ONE, ONE))


@leaf
def products(X, xs, Y, ys, part):
    """Products of the rows X[xs] with the rows Y[ys] as one tile, still to be summed over the lanes."""
    total = zero_tile(X, xs, ys)
    for lane in range(part[0], part[1]):
        total = add_products(total, tile_of(X, xs, lane), tile_of(Y, ys, lane))
    return total


@leaf
def score_block(X, xs, m, Y, ys, T, part, scores, at, tall, wide):
    """Scores of m inputs, rows xs of X, against T targets, rows ys of Y, over lane groups ``part``, to scores[at] and on."""
    for k in range(0, T, len(wide)):
        targets, i = rows_at(ys, k, wide), 0
        while i + len(tall) <= m:
            put_sums(products(X, rows_at(xs, i, tall), Y, targets, part), scores, at)
            at += len(tall) * len(wide)
            i += len(tall)
        while i < m:
            put_sums(products(X, rows_at(xs, i, ONE), Y, targets, part), scores, at)
            at += len(wide)
            i += 1


@leaf
def put_block_errors(scores, m, T, labels, rate, errors, tall, wide):
    """Errors of a block whose scores stand in their places."""
    at = 0
    for k in range(0, T, len(wide)):
        i = 0
        while i + len(tall) <= m:
            put_errors(scores, tall, wide, labels, k, rate, errors, at)
            at += len(tall) * len(wide)
            i += len(tall)
        while i < m:
            put_errors(scores, ONE, wide, labels, k, rate, errors, at)
            at += len(wide)
            i += 1


@leaf
def block_loss(scores, m, targets, labels, T, wide):
    """The loss of a block (Eq. 8, 16), in float64, each negative counted once for every time it was drawn."""
    loss = 0.0
    for k in range(T):
        if k == 0 or targets[k] != targets[0]:
            for i in range(m):
                score = np.float64(scores[place_of(i, k, m, wide)])
                if labels[k] > 0:
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
def update_block(W_in, inputs, X, xs, m, W_out, targets, Y, ys, T, part, errors, wide):
    """Move the inputs and the targets of one block by their errors, both from the old rows (Eq. 9 to 11).

    W_in, W_out : tables [V, padded], changed;  inputs, targets : their rows, int32 [m], [T];  part : lane groups;
    X, xs, Y, ys : where the rows stand unchanged until they are read;  errors : [T / len(wide), m, len(wide)].
    """
    first = 0
    for k in range(0, T, len(wide)):
        target_rows, y_rows = rows_at(targets, k, wide), rows_at(ys, k, wide)
        for lane in range(part[0], part[1]):
            y, change = tile_of(Y, y_rows, lane), zero_tile(Y, ONE, wide)
            for i in range(m):
                g, x = spread(errors, first + i * len(wide), ONE, wide), tile_of(X, rows_at(xs, i, ONE), lane)
                row = rows_at(inputs, i, ONE)
                put_tile(W_in, row, lane, add_weighted(tile_of(W_in, row, lane), g, y))
                change = add_weighted_across(change, g, x)
            add_to_rows(W_out, target_rows, lane, change)
        first += m * len(wide)


@leaf
def gather_inputs(tables, block, part, room, worker):
    """Copy what the inputs of a block are, lane groups ``part``, into the first rows of room.X."""
    words, m, X = block.words, block.m, room.X[worker]
    if block.words_kind == BAGS:
        for i in range(m):
            bag = tables.bags[tables.bag_starts[words[i]] : tables.bag_starts[words[i] + 1]]
            put_mean(tables.W_in, bag, len(bag), part, X, i, room.errors[worker])
        if block.inputs_kind != EACH:
            put_mean(X, room.places, m, part, X, 0, room.errors[worker])  # the copies are read before
    elif block.inputs_kind != EACH:
        put_mean(tables.W_in, words, m, part, X, 0, room.errors[worker])
    else:
        gather(tables.W_in, words, m, part, X)


@leaf
def copy_rows(tables, block, part, room, worker, wide):
    """Copy inputs that are made or stand twice to room.X, targets that stand twice to room.Y, and either if there is more than
    one tile of targets, so that they stay what they are; returns whether inputs and whether targets were copied."""
    several = block.T > len(wide)
    copied = block.words_kind != IN_PLACE or block.inputs_kind != EACH or several
    if copied:
        gather_inputs(tables, block, part, room, worker)
    repeated = block.targets_kind == NEGATIVES and (several or any_twice(rows_at(block.targets, 0, wide)))
    if repeated:
        gather(tables.W_out, block.targets, block.T, part, room.Y[worker])
    return copied, repeated


@leaf
def make_errors(tables, block, n, scores, errors, rate, with_loss, repeated, tall, wide):
    """Errors of a block from its scores; returns its loss if asked for, else 0."""
    T, loss = block.T, 0.0
    if block.targets_kind == ALL:
        for i in range(n):
            loss += put_softmax_errors(scores, errors, i, n, block.target, len(tables.W_out), T, rate, wide)
        return loss if with_loss else 0.0
    put_block_errors(scores, n, T, block.labels, rate, errors, tall, wide)
    if with_loss:
        loss = block_loss(scores, n, block.targets, block.labels, T, wide)
    if repeated or block.targets_kind == PATH:
        skip_repetitions(errors, n, block.targets, T, wide)
    return loss


@leaf
def move_block(tables, block, X, xs, n, Y, ys, part, room, worker, wide):
    """Let the rows of a block move by its errors, lane groups ``part`` of them.

    What a mean is to move by comes to each of its words, divided by their number (MEAN, Eq. 15) or whole
    (MEAN_UNDIVIDED); what a word is to move by comes to each row of its bag (Eq. 20).
    """
    W, rows, errors = tables.W_in, block.words, room.errors[worker]
    made = block.inputs_kind != EACH or block.words_kind == BAGS
    if made:
        W, rows = room.change[worker], room.places
    update_block(W, rows, X, xs, n, tables.W_out, block.targets, Y, ys, block.T, part, errors, wide)
    if made:
        give_back(tables, block, W, n, part, errors)


@leaf
def give_back(tables, block, change, n, part, weight):
    """Let words move as n rows of change say, one for each of them or one for all; those are zero then."""
    weight[0] = 1 / block.m if block.inputs_kind == MEAN else 1
    if block.words_kind == BAGS:
        for i in range(block.m):
            bag = tables.bags[tables.bag_starts[block.words[i]] : tables.bag_starts[block.words[i] + 1]]
            add_to_all(tables.W_in, bag, len(bag), part, change, min(i, n - 1), weight)
    else:
        add_to_all(tables.W_in, block.words, block.m, part, change, 0, weight)
    clear(change, n, part)


@leaf
def train_block(tables, block, rate, with_loss, room, worker, tall, wide):
    """Train one Block from tables to tables; returns its loss if asked for, else 0."""
    X, xs, Y, ys = tables.W_in, block.words, tables.W_out, block.targets
    n, part = 1 if block.inputs_kind != EACH else block.m, whole(tables.W_in)
    copied, repeated = copy_rows(tables, block, part, room, worker, wide)
    if copied:
        X, xs = room.X[worker], room.places
    if repeated:
        Y, ys = room.Y[worker], room.places
    scores, errors = room.scores[worker], room.errors[worker]
    score_block(X, xs, n, Y, ys, block.T, part, scores, 0, tall, wide)
    loss = make_errors(tables, block, n, scores, errors, rate, with_loss, repeated, tall, wide)
    move_block(tables, block, X, xs, n, Y, ys, part, room, worker, wide)
    return loss
