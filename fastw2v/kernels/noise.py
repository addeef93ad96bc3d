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
DRAWN, ASKED, END = range(3)  # places in ``done``: how far the stream is drawn, its rows are asked for, and it is needed


def pool_size(negative, blocks):
    """Places that a block may take its negatives from, a power of two: enough to differ, few enough to stay in the cache."""
    return 0 if blocks == 1 else 1 << (POOL * negative - 1).bit_length()


def ring_size(negative, pool):
    """Room for what a centre may take and what is drawn ahead, a power of two: noise(j) stands at j modulo this."""
    return 1 << (negative + pool + BATCH).bit_length()


@leaf
def begin_noise(done, stop, shape):
    """Begin anywhere in a stream, or another one, of which positions before ``stop`` need their negatives."""
    done[DRAWN] = done[ASKED] = 0
    done[END] = stop * shape.negative + shape.pool


@leaf
def prepare_noise(noise, done, start, n, draws):
    """Have noise(start) ... noise(start + n - 1) in the ring, and some more of it that comes before noise(done[END])."""
    last = len(noise) - 1
    if done[DRAWN] < start + n:
        stop = max(start + n, min(start + n + BATCH, done[END]))
        for j in range(max(done[DRAWN], start), stop):
            noise[j & last] = draw_word(draws, draw(draws.noise_key, j))
        done[DRAWN] = stop


@leaf
def ask_for_noise(noise, done, start, shape, W_out, part):
    """Have the rows of what a centre may take from noise(start) on asked for, lane groups ``part``."""
    last, stop = len(noise) - 1, start + shape.negative + shape.pool
    for j in range(max(done[ASKED], start), stop):
        prefetch_row(W_out, np.int64(noise[j & last]), part)
    done[ASKED] = stop


@leaf
def first_negative(position, block, token_draw, shape):
    """Where in the stream the K negatives of a centre's block begin."""
    at = position * shape.negative
    if block > 0:
        at += np.int64(draw(token_draw, block) & np.uint64(shape.pool - 1))
    return at
