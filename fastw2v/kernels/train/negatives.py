"""Negative samples: one pseudo-random stream of words, of which every position owns K.

    noise(j) = the word of the j-th draw with the epoch's noise key;
    position p owns the draws j = p K ... p K + K - 1

The first block of a centre uses the K that its position owns. If a centre has more blocks (one for
each pair, or for every 16 words of a window), each of the others uses K in succession, from a place
drawn for it among the next ``pool`` numbers of the stream. So the negatives of one pair are
independent draws, as in word2vec; those of nearby pairs may be the same, which keeps their rows in
the cache.

With document vectors, where a centre has one block, 8 positions in succession own the same K: the
row of the document stays in the cache, and so do those of the negatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.rows import prefetch_row
from fastw2v.kernels.splitmix import draw
from fastw2v.kernels.train.alias import draw_word, prefetch_bucket
from fastw2v.kernels.train.private import own_row

if TYPE_CHECKING:
    from fastw2v.kernels.annotations import Array, Lanes
    from fastw2v.kernels.train.private import OwnRows
    from fastw2v.kernels.train.state import Draws, KernelConfig

# times K: with a quarter of it analogies lose a point, four times as much is slower
# (bench/NOTES.md)
POOL = 50
DRAWN_AHEAD = 512  # words drawn together, so that their accesses to the alias table overlap
BUCKETS_AHEAD = 24  # draws between the one whose bucket is prefetched and the one that reads it
# places in ``cursor``: how far the stream is drawn, its rows prefetched, and needed
DRAWN, PREFETCHED, END = range(3)


def pool_size(negative: int, blocks: int) -> int:
    """Return the number of places that a block may take its negatives from: 0 for one block a
    centre, else a power of two.

    It is large enough for draws to differ, and small enough for their rows to stay in the cache.
    """
    return 0 if blocks == 1 else 1 << (POOL * negative - 1).bit_length()


def ring_size(negative: int, pool: int) -> int:
    """Return the length of the ring of noise, a power of two: noise(j) is at j modulo this."""
    return 1 << (negative + pool + DRAWN_AHEAD).bit_length()


@leaf
def begin_noise(cursor: Array, stop: int, config: KernelConfig) -> None:
    """Start at any place of a stream, of which positions before ``stop`` need their negatives."""
    cursor[DRAWN] = cursor[PREFETCHED] = 0
    cursor[END] = noise_begin(stop - 1, config) + config.negative + config.pool


@leaf
def noise_begin(position: int, config: KernelConfig) -> int:
    """Where in the stream the K words that a position owns begin."""
    return (position >> config.noise_shift) * config.negative


@leaf
def draw_noise(noise: Array, cursor: Array, start: int, n: int, draws: Draws, own: OwnRows) -> None:
    """Draw noise(start) ... noise(start + n - 1) into the ring, and some more that comes before
    noise(cursor[END]).
    """
    mask = len(noise) - 1
    if cursor[DRAWN] < start + n:
        stop = max(start + n, min(start + n + DRAWN_AHEAD, cursor[END]))
        begin = max(cursor[DRAWN], start)
        for j in range(begin, min(begin + BUCKETS_AHEAD, stop)):
            prefetch_bucket(draws, draw(draws.noise_key, j))
        for j in range(begin, stop):
            if j + BUCKETS_AHEAD < stop:
                prefetch_bucket(draws, draw(draws.noise_key, j + BUCKETS_AHEAD))
            noise[j & mask] = own_row(draw_word(draws, draw(draws.noise_key, j)), own)
        cursor[DRAWN] = stop


@leaf
def prefetch_noise(
    noise: Array, cursor: Array, start: int, stop: int, W_out: Array, lanes: Lanes
) -> None:
    """Prefetch lane groups ``lanes`` of the rows noise(start) ... noise(stop - 1), if they are not
    yet.
    """
    mask = len(noise) - 1
    for j in range(max(cursor[PREFETCHED], start), stop):
        prefetch_row(W_out, np.int64(noise[j & mask]), lanes)
    cursor[PREFETCHED] = max(cursor[PREFETCHED], stop)


@leaf
def first_negative(position: int, block: int, token_draw: np.uint64, config: KernelConfig) -> int:
    """Where in the stream the K negatives of a centre's block begin."""
    at = noise_begin(position, config)
    if block > 0:
        at += np.int64(draw(token_draw, block) & np.uint64(config.pool - 1))
    return at
