"""Negatives: an endless stream of words from the noise distribution, of which every position owns K.

    noise(j) = the word that the j-th draw of the epoch's noise key stands for; position p owns j = p K ... p K + K - 1

The first block of a centre takes the K that its position owns. If a centre has more blocks (one for each pair, or for
every 16 words of a window), each of the others takes K in succession, from a place drawn for it among the next ``pool``
numbers of the stream. So the negatives of one pair are independent draws, as in word2vec; those of pairs that stand
close together may be the same, which is what keeps their rows in the cache.
"""

import numpy as np

from fastw2v.kernels.alias import draw_word
from fastw2v.kernels.jit import leaf
from fastw2v.kernels.random import draw
from fastw2v.kernels.rows import prefetch_row

POOL = 50  # times K: with a quarter of it analogies lose a point, four times as much is slower (bench/NOTES.md)
BATCH = 512  # words drawn ahead: many at a time, so that their accesses to the alias table overlap
DRAWN, ASKED = range(2)  # places in ``done``: how far the stream is drawn, and how far its rows are asked for


def pool_size(negative, blocks):
    """Places that a block may take its negatives from, a power of two: enough to differ, few enough to stay in the cache."""
    return 0 if blocks == 1 else 1 << (POOL * negative - 1).bit_length()


def ring_size(negative, pool):
    """Room for what a centre may take and what is drawn ahead, a power of two: noise(j) stands at j modulo this."""
    return 1 << (negative + pool + BATCH).bit_length()


@leaf
def forget_noise(done):
    """Begin anywhere in a stream, or another one."""
    done[DRAWN] = done[ASKED] = 0


@leaf
def prepare_noise(noise, done, start, n, draws, W_out):
    """Have noise(start) ... noise(start + n - 1) in the ring, and their rows asked for."""
    last = len(noise) - 1
    if done[DRAWN] < start + n:
        for j in range(max(done[DRAWN], start), start + n + BATCH):
            noise[j & last] = draw_word(draws, draw(draws.noise_key, j))
        done[DRAWN] = start + n + BATCH
    for j in range(max(done[ASKED], start), start + n):
        prefetch_row(W_out, noise[j & last])
    done[ASKED] = start + n


@leaf
def first_negative(position, block, token_draw, shape):
    """Where in the stream the K negatives of a centre's block begin."""
    at = position * shape.negative
    if block > 0:
        at += np.int64(draw(token_draw, block) & np.uint64(shape.pool - 1))
    return at
