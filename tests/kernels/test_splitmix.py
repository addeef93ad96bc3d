import numpy as np
import pytest

from fastw2v.kernels import splitmix
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.bits import multiply_wide
from fastw2v.reference import draws

KEYS = [0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF]


def test_splitmix64_gives_the_published_numbers():
    stream = [int(splitmix.draw(np.uint64(1234567), n)) for n in range(1, 4)]
    assert stream == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("key", KEYS)
def test_draws_equal_the_reference(key):
    for n in (0, 1, 2, 1000, 2**40):
        assert int(splitmix.draw(np.uint64(key), n)) == draws.draw(key, n)


def test_keys_of_any_seed_and_epoch_equal_the_reference():
    for seed in [*range(20), 2**63, 2**64 - 1]:
        for epoch in (0, 1, 1000):
            assert splitmix.epoch_key(seed, splitmix.TOKENS, epoch) == draws.epoch_key(seed, epoch)
            assert splitmix.epoch_key(seed, splitmix.NOISE, epoch) == draws.noise_key(seed, epoch)


@pytest.mark.parametrize("least, window", [(1, 1), (1, 5), (5, 5), (1, 1000)])
def test_radius_equals_the_reference_and_is_uniform(least, window):
    drawn = [draws.draw(99, n) for n in range(3000)]
    radii = [int(splitmix.radius(np.uint64(d), least, window)) for d in drawn]
    assert radii == [draws.radius(d, least, window) for d in drawn]
    assert min(radii) >= least and max(radii) <= window
    if (least, window) == (1, 5):
        share = np.bincount(radii, minlength=6)[1:] / len(radii)
        assert np.abs(share - 0.2).max() < 5 * np.sqrt(0.2 * 0.8 / len(radii))


def test_keeping_equals_the_reference_and_has_its_probability():
    probabilities = np.array([1.0, 0.3, 1e-6, 2.0**-32, 0.5])
    limits = splitmix.keep_limits(probabilities)
    drawn = [draws.draw(7, n) for n in range(4000)] + [0, 2**64 - 1, 2**63, 2**63 - 1]
    for limit, p in zip(limits, probabilities, strict=True):
        kept = [bool(splitmix.is_kept(np.uint64(d), limit)) for d in drawn]
        assert kept == [draws.is_kept(d, p) for d in drawn]
    assert abs(
        np.mean([splitmix.is_kept(np.uint64(d), limits[1]) for d in drawn]) - 0.3
    ) < 5 * np.sqrt(0.21 / 4000)


def test_limits_keep_exactly_their_share_of_all_draws():
    assert list(splitmix.keep_limits([1.0, 0.5, 2.0**-32, 1e-12])) == [2**32 - 1, 2**31 - 1, 0, 0]


@kernel
def product(a, b):
    return multiply_wide(a, b)


@pytest.mark.parametrize(
    "a, b", [(2**64 - 1, 2**64 - 1), (2**63, 3), (0, 5), (0x0123456789ABCDEF, 73507)]
)
def test_multiply_gives_both_halves(a, b):
    high, low = product(np.uint64(a), np.uint64(b))
    assert int(high) * 2**64 + int(low) == a * b


def test_different_seeds_epochs_and_positions_give_different_draws():
    keys = {draws.epoch_key(seed, epoch) for seed in range(30) for epoch in range(30)}
    assert len(keys) == 900
    numbers = {draws.draw(key, position) for key in list(keys)[:30] for position in range(300)}
    assert len(numbers) == 9000
