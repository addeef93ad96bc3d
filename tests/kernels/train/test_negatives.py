import numpy as np
import pytest

from fastw2v.equations.counts import noise_distribution
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.train.alias import alias_table
from fastw2v.kernels.train.negatives import END, draw_noise, first_negative, pool_size, ring_size
from fastw2v.kernels.train.private import OwnRows
from fastw2v.kernels.train.state import Draws, KernelConfig
from fastw2v.reference import draws as slow
from fastw2v.reference import trainer as reference

COUNTS = [50, 20, 10, 5, 5, 3, 1]
KEY = 12345


@kernel
def prepare(noise, done, start, n, draws):
    draw_noise(noise, done, start, n, draws, OwnRows(0, 0))


@kernel
def first(position, block, token_draw, shape):
    return first_negative(position, block, token_draw, shape)


@pytest.mark.parametrize("K, blocks", [(5, 1), (5, 10), (1, 3), (200, 2)])
def test_the_ring_holds_the_stream_wherever_it_is_asked(rng, K, blocks):
    pool = pool_size(K, blocks)
    ring, done = np.full(ring_size(K, pool), -1, np.int32), np.zeros(3, np.int64)
    noise = noise_distribution(COUNTS)
    table, words = alias_table(noise), slow.Alias(noise)
    draws = Draws(np.zeros(1, np.uint32), *table, np.uint64(0), np.uint64(KEY))
    position = 10**10
    done[END] = (position + 900) * K  # some steps lie before it, some after
    for step in [0, 1, 1, 3, 40, 1, 1000, 1]:
        position += step
        prepare(ring, done, position * K, K + pool, draws)
        found = [ring[j & (len(ring) - 1)] for j in range(position * K, position * K + K + pool)]
        assert found == [
            words.word(slow.draw(KEY, j)) for j in range(position * K, position * K + K + pool)
        ]


@pytest.mark.parametrize("K", [1, 5, 41, 1000])
def test_blocks_take_from_where_the_reference_takes_and_never_beyond_the_pool(K):
    shape = KernelConfig(5, 1, K, 1, pool_size(K, 10), K + 1)
    for position in (0, 7, 10**10):
        for block in range(10):
            token_draw = slow.draw(3, position)
            at = first(position, block, np.uint64(token_draw), shape)
            assert at == reference.first_negative(position, block, token_draw, K)
            assert position * K <= at < position * K + max(shape.pool, 1)
            assert block or at == position * K


def test_the_first_blocks_of_two_positions_share_no_draw():
    shape = KernelConfig(5, 1, 5, 10, 0, 6)
    starts = [
        first(position, 0, np.uint64(slow.draw(3, position)), shape) for position in range(100)
    ]
    assert np.diff(starts).tolist() == [5] * 99


def test_where_pairs_take_their_negatives_is_uniform_in_the_pool():
    shape, pool = KernelConfig(5, 1, 5, 1, pool_size(5, 10), 6), pool_size(5, 10)
    places = [
        first(p, 1 + p % 9, np.uint64(slow.draw(8, p)), shape) - 5 * p for p in range(100 * pool)
    ]
    counts = np.bincount(places, minlength=pool)
    assert ((counts - 100) ** 2 / 100).sum() < pool + 5 * np.sqrt(2 * pool)  # chi squared
