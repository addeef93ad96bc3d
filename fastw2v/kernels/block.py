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
from fastw2v.kernels.room import ALL, BAGS, COPIED, EACH, MEAN, NEGATIVES, PATH
from fastw2v.kernels.rows import add_to_rows, lane_groups, put_tile, rows_at, tile_of
from fastw2v.kernels.sigmoid import put_errors
from fastw2v.kernels.softmax import place_of, put_softmax_errors
from fastw2v.kernels.tiles import ONE, add_products, add_weighted, add_weighted_across, spread, zero_tile


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
def gather(table, rows, n, block):
    """Copy n rows of a table [V, padded] into block [n, padded]."""
    for i in range(n):
        for lane in range(lane_groups(table)):
            put_tile(block, (i,), lane, tile_of(table, rows_at(rows, i, ONE), lane))


@leaf
def put_mean(table, rows, n, out, place, weight):
    """Write the mean of n rows of a table [V, padded] to row ``place`` of out; weight : room for one number, 1/n."""
    weight[0] = 1 / n
    for lane in range(lane_groups(table)):
        mean = zero_tile(table, ONE, ONE)
        for i in range(n):
            mean = add_weighted(mean, spread(weight, 0, ONE, ONE), tile_of(table, rows_at(rows, i, ONE), lane))
        put_tile(out, (place,), lane, mean)


@leaf
def add_to_all(table, rows, n, change, place, weight):
    """Add row ``place`` of change times weight[0] to n rows of a table, once for every time a row is named."""
    for lane in range(lane_groups(table)):
        x = tile_of(change, (place,), lane)
        for i in range(n):
            row = rows_at(rows, i, ONE)
            put_tile(table, row, lane, add_weighted(tile_of(table, row, lane), spread(weight, 0, ONE, ONE), x))


@leaf
def clear(table, n):
    """Make the first n rows of a table zero."""
    for i in range(n):
        for lane in range(lane_groups(table)):
            put_tile(table, (i,), lane, zero_tile(table, ONE, ONE))


@leaf
def products(X, xs, Y, ys):
    """Products of the rows X[xs] with the rows Y[ys] as one tile, still to be summed over the lanes."""
    total = zero_tile(X, xs, ys)
    for lane in range(lane_groups(X)):
        total = add_products(total, tile_of(X, xs, lane), tile_of(Y, ys, lane))
    return total


@leaf
def score_block(X, xs, m, Y, ys, T, labels, rate, scores, errors, tall, wide):
    """Scores of m inputs, rows xs of X, against T targets, rows ys of Y with their labels, and errors."""
    at = 0
    for k in range(0, T, len(wide)):
        targets, i = rows_at(ys, k, wide), 0
        while i + len(tall) <= m:
            put_errors(products(X, rows_at(xs, i, tall), Y, targets), wide, labels, k, rate, scores, errors, at)
            at += len(tall) * len(wide)
            i += len(tall)
        while i < m:
            put_errors(products(X, rows_at(xs, i, ONE), Y, targets), wide, labels, k, rate, scores, errors, at)
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
def train_block(tables, block, rate, with_loss, room, worker, tall, wide):
    """Train one Block from tables to tables; returns its loss if asked for, else 0.

    Rows of words and targets are read where they are if they stand there once; else, or if there is more than one tile
    of targets, they are copied first. What a mean is to move by comes to each of its words, divided by their number
    (MEAN, Eq. 15) or whole (MEAN_UNDIVIDED); what a word is to move by comes to each row of its bag (Eq. 20).
    """
    words, m, T, loss = block.words, block.m, block.T, 0.0
    X, xs, W, rows, n = tables.W_in, words, tables.W_in, words, m
    Y, ys, scores, errors = tables.W_out, block.targets, room.scores[worker], room.errors[worker]
    several, made = T > len(wide), block.inputs_kind != EACH or block.words_kind == BAGS
    if block.words_kind == BAGS:
        X, xs = room.X[worker], room.places
        for i in range(m):
            bag = tables.bags[tables.bag_starts[words[i]] : tables.bag_starts[words[i] + 1]]
            put_mean(tables.W_in, bag, len(bag), X, i, scores)
    elif block.inputs_kind == EACH and (several or block.words_kind == COPIED):
        X, xs = room.X[worker], room.places
        gather(tables.W_in, words, m, X)
    if block.inputs_kind != EACH:
        put_mean(X, xs, m, room.X[worker], 0, scores)  # where the first word's was, if X holds copies: read before
        X, xs, n = room.X[worker], room.places, 1
    if made:
        W, rows = room.change[worker], room.places
    repeated = block.targets_kind == NEGATIVES and (several or any_twice(rows_at(block.targets, 0, wide)))
    if repeated:
        Y, ys = room.Y[worker], room.places
        gather(tables.W_out, block.targets, T, Y)
    score_block(X, xs, n, Y, ys, T, block.labels, rate, scores, errors, tall, wide)
    if block.targets_kind == ALL:
        for i in range(n):
            loss += put_softmax_errors(scores, errors, i, n, block.target, len(tables.W_out), T, rate, wide)
    elif with_loss:
        loss = block_loss(scores, n, block.targets, block.labels, T, wide)
    if repeated or block.targets_kind == PATH:
        skip_repetitions(errors, n, block.targets, T, wide)
    update_block(W, rows, X, xs, n, tables.W_out, block.targets, Y, ys, T, errors, wide)
    if made:
        give_back(tables, block, W, n, scores)
    return loss if with_loss else 0.0


@leaf
def give_back(tables, block, change, n, weight):
    """Let words move as n rows of change say, one for each of them or one for all; those are zero then."""
    weight[0] = 1 / block.m if block.inputs_kind == MEAN else 1
    if block.words_kind == BAGS:
        for i in range(block.m):
            bag = tables.bags[tables.bag_starts[block.words[i]] : tables.bag_starts[block.words[i] + 1]]
            add_to_all(tables.W_in, bag, len(bag), change, min(i, n - 1), weight)
    else:
        add_to_all(tables.W_in, block.words, block.m, change, 0, weight)
    clear(change, n)
