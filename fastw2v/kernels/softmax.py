"""Naive softmax (Eq. 3 to 5) as the same block: all words of the vocabulary are its targets, and the error is y - yhat.

The cost of a block grows with the vocabulary, which is why negative sampling exists (``bench.scaling`` shows it).
"""

import math
from typing import NamedTuple

import numpy as np

from fastw2v.kernels.block import gather, place_of, score_block, update_block
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.tiles import BYTES


class SoftmaxRoom(NamedTuple):
    """Room to train blocks of up to m inputs: words int32 [T], all words and the padding; X [m, padded], xs int32 [m];
    scores, errors [m * T and a little more]."""

    words: np.ndarray
    X: np.ndarray
    xs: np.ndarray
    scores: np.ndarray
    errors: np.ndarray


def softmax_room(tables, m, wide, aligned):
    """Room for blocks of m inputs against all words, in tiles of len(wide) targets."""
    V, stride = tables.W_out.shape
    T, dtype = -(-V // len(wide)) * len(wide), tables.W_out.dtype
    words = aligned((T,), np.int32)
    words[:V] = np.arange(V)
    scores, errors = (aligned((m * T + 2 * BYTES,), dtype) for _ in range(2))
    return SoftmaxRoom(words, aligned((m, stride), dtype), aligned((m,), np.int32), scores, errors)


@leaf
def put_softmax_errors(scores, errors, i, m, target, V, T, rate, wide):
    """The errors of input i over all words, rate * (y - yhat) (Eq. 4, 5), from its scores; returns its loss (Eq. 3)."""
    highest = scores[place_of(i, 0, m, wide)]
    for k in range(1, V):
        highest = max(highest, scores[place_of(i, k, m, wide)])
    total = 0.0
    for k in range(V):
        total += math.exp(np.float64(scores[place_of(i, k, m, wide)] - highest))
    for k in range(T):
        at = place_of(i, k, m, wide)
        errors[at] = -rate * math.exp(np.float64(scores[at] - highest)) / total if k < V else 0.0
    at = place_of(i, target, m, wide)
    errors[at] += rate
    return math.log(total) - np.float64(scores[at] - highest)


@kernel
def train_softmax_block(tables, inputs, m, target, rate, room, tall, wide):
    """Move m inputs that share one target, and all output vectors, by Eq. 4 and 5, from the old rows; returns the loss."""
    V, T, loss = len(tables.W_out), len(room.words), 0.0
    gather(tables.W_in, inputs, m, room.X, room.xs)
    score_block(room.X, room.xs, m, tables.W_out, room.words, T, rate, room.scores, room.errors, tall, wide)
    for i in range(m):
        loss += put_softmax_errors(room.scores, room.errors, i, m, target, V, T, rate, wide)
    W_in, W_out, words = tables.W_in, tables.W_out, room.words
    update_block(W_in, inputs, room.X, room.xs, m, W_out, words, W_out, words, T, room.errors, wide)
    return loss
