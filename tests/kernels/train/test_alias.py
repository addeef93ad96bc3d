import numpy as np
import pytest

from fastw2v.equations.counts import noise_distribution
from fastw2v.kernels.jit import JIT, kernel
from fastw2v.kernels.splitmix import draw
from fastw2v.kernels.train import alias
from fastw2v.reference import draws

V = 70_000 if JIT else 700
COUNTS = {
    "one word": [3],
    "two words": [1, 3],
    "equal": [5] * 7,
    "Zipf": (1e7 / np.arange(1, V)).astype(np.int64),
    "one giant": [10**12] + [1] * 500,
}


def probabilities(table):
    """The exact probability [V] of every word under a table."""
    whole = table.alias == np.arange(len(table.alias))
    own = np.where(whole, 1.0, table.threshold / 2.0**64)
    return (own + np.bincount(table.alias, weights=1.0 - own, minlength=len(own))) / len(own)


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
@pytest.mark.parametrize("exponent", [0.75, 0.0, 1.0, -0.5])
def test_the_tables_exact_probabilities_are_equation_17(counts, exponent):
    noise = noise_distribution(counts, exponent)
    found = probabilities(alias.alias_table(noise))
    np.testing.assert_allclose(found, noise, rtol=0, atol=1e-12)
    assert np.abs(found / noise - 1).max() < 1e-6  # no word is never drawn


@pytest.mark.parametrize("counts", [COUNTS["two words"], COUNTS["equal"], COUNTS["Zipf"][:1000]])
def test_table_and_draws_equal_the_reference(counts):
    noise = noise_distribution(counts)
    table, slow = alias.alias_table(noise), draws.Alias(noise)
    whole = table.alias == np.arange(len(counts))
    assert [
        2**64 if w else int(t) for w, t in zip(whole, table.threshold, strict=True)
    ] == slow.threshold
    assert table.alias.tolist() == slow.alias
    for n in range(2000):
        assert alias.draw_word(table, np.uint64(draws.draw(3, n))) == slow.word(draws.draw(3, n))


@kernel
def count_draws(table, n, counts):
    for i in range(n):
        counts[alias.draw_word(table, draw(np.uint64(5), i))] += 1


def test_drawn_words_have_their_probabilities():
    noise, n = noise_distribution([50, 20, 10, 5, 1]), 1_000_000 if JIT else 5000
    counts = np.zeros(5, np.int64)
    count_draws(alias.alias_table(noise), n, counts)
    assert np.all(np.abs(counts - n * noise) < 5 * np.sqrt(n * noise))
