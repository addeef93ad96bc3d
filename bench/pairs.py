"""Loops over pairs of words, for the cost of one: by negative sampling, and by naive softmax."""

from fastw2v.kernels.block import IN_PLACE, train_block
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.softmax import train_softmax_block


@kernel
def train_pairs(tables, words, rate, room, tall, wide):
    """Pairs with their negatives, one after the other; words : input, target and negatives, int32 [n, 2 + K]."""
    for i in range(len(words)):
        train_block(tables, words[i], 1, IN_PLACE, words[i, 1:], len(wide), rate, False, room, 0, tall, wide)


@kernel
def train_softmax_pairs(tables, words, rate, room, tall, wide):
    """Pairs by naive softmax, one after the other; words : input and target, int32 [n, 2 or more]."""
    for i in range(len(words)):
        train_softmax_block(tables, words[i], 1, words[i, 1], rate, room, tall, wide)
