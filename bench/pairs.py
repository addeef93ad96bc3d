"""Pairs of words one after the other, for the cost of one: by negative sampling, or by naive softmax."""

from fastw2v.kernels.block import Block, train_block
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.room import EACH, IN_PLACE, NEGATIVES


@kernel
def train_pairs(tables, words, kind, T, rate, room, tall, wide):
    """Pairs with T targets each; words : input, target and negatives, int32 [n, 2 + K]; targets may be all words instead."""
    for i in range(len(words)):
        targets = words[i, 1:] if kind == NEGATIVES else room.targets[0, 0, 0]
        block = Block(words[i], 1, IN_PLACE, EACH, words[i, 1], targets, room.labels[0, 0], T, kind)
        train_block(tables, block, rate, False, room, 0, tall, wide)
