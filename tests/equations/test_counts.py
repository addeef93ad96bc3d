import os
import subprocess
import sys

import numpy as np
import pytest

from fastw2v.equations.counts import (
    keep_probability,
    maximum_likelihood,
    noise_distribution,
    pair_counts,
    power,
)
from fastw2v.equations.softmax import softmax
from tests.helpers import ROOT

SHA256 = "a4b43f2177b69f844bb44e15ffb3736626c9278d05bf801927678d1e236c2fb5"
ALL, HOUSE, BANK = range(3)


def test_pair_counts_by_hand():
    np.testing.assert_array_equal(
        pair_counts([[0, 1, 2], [1, 1]], 3, 1), [[0, 1, 0], [1, 2, 1], [0, 1, 0]]
    )


def test_the_optimum_is_the_ratio_of_counts():
    p = maximum_likelihood([[0, 1, 0], [1, 2, 1], [0, 1, 0]])
    np.testing.assert_array_equal(p, [[0, 1 / 4, 0], [1, 1 / 2, 1], [0, 1 / 4, 0]])


def test_no_other_distribution_is_likelier(rng):
    counts = rng.integers(1, 9, size=(4, 4))
    best = (counts * np.log(maximum_likelihood(counts))).sum()
    for _ in range(50):
        other = softmax(rng.normal(size=(4, 4))).T
        assert (counts * np.log(other)).sum() < best


@pytest.mark.parametrize("word", [HOUSE, BANK])
def test_one_repeated_word_has_probabilities_of_exactly_0_and_1(word):
    p = maximum_likelihood(pair_counts([[word] * 3], 3, 2))
    np.testing.assert_array_equal(p[:, word], np.arange(3) == word)
    assert np.isnan(p[:, ALL]).all()


def test_a_softmax_of_finite_vectors_only_comes_near_0_and_1():
    for scale in (1.0, 5.0, 15.0):
        y_hat = softmax(np.array([[-1.0], [1.0]]) @ [scale])
        assert 0 < y_hat[0] < y_hat[1] < 1
    assert y_hat[1] == pytest.approx(1, abs=1e-12)


def test_noise_is_count_to_the_power_not_count_times_the_exponent():
    np.testing.assert_allclose(noise_distribution([16, 1]), [8 / 9, 1 / 9], rtol=1e-14)


@pytest.mark.parametrize("exponent, expected", [(0, [0.5, 0.5]), (1, [0.8, 0.2]), (-1, [0.2, 0.8])])
def test_noise_with_other_exponents(exponent, expected):
    np.testing.assert_allclose(noise_distribution([4, 1], exponent), expected, rtol=1e-14)


def test_noise_distribution_has_the_same_bits_without_simd():
    code = """
import hashlib
import numpy as np
from fastw2v.equations.counts import noise_distribution
counts = np.arange(1, 3000) ** 2
print(hashlib.sha256(noise_distribution(counts).tobytes()).hexdigest())
"""
    disabled = {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX"}
    sums = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=os.environ | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for environment in ({}, disabled)
    ]
    assert sums[0] == sums[1] == SHA256 + "\n"


def test_noise_distribution_of_words_without_a_count_is_0():
    for exponent in (0.75, 0, -1):
        np.testing.assert_allclose(noise_distribution([1, 0, 1], exponent), [0.5, 0, 0.5])


@pytest.mark.parametrize("exponent", [0, 0.75, 1, 2, 7.3, -0.5, -3.1, 1e-3])
def test_power_is_numpys_but_for_the_last_bits(rng, exponent):
    x = rng.random(100) * 3
    np.testing.assert_allclose(power(x, exponent), x**exponent, rtol=1e-14)


def test_noise_of_huge_counts_and_exponents_is_finite():
    assert np.isfinite(noise_distribution([10**15, 1], 50)).all()


def test_keep_probability_by_hand():
    counts = np.array([10_000, 40, 1])  # t / f = 1/1000 of 10041 tokens over the count
    ratio = 1e-3 * 10_041 / counts
    expected = [np.sqrt(ratio[0]) + ratio[0], np.sqrt(ratio[1]) + ratio[1], 1.0]
    np.testing.assert_allclose(keep_probability(counts, 1e-3), expected, rtol=1e-14)


def test_no_subsampling_keeps_everything():
    np.testing.assert_array_equal(keep_probability([1_000_000, 1], 0), 1.0)
