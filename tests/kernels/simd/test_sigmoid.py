import numpy as np
import pytest

from fastw2v.equations.negative_sampling import sigmoid
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.rows import rows_at, tile_of
from fastw2v.kernels.simd.sigmoid import put_errors
from fastw2v.kernels.simd.tiles import lanes, put_sums

FOUR, EIGHT = (0,) * 4, (0,) * 8


@kernel
def errors_of(products, places, labels, rate, scores, errors, tag, wide):
    for first in range(0, len(places), len(tag)):
        put_sums(tile_of(products, rows_at(places, first, tag), 0), scores, first)
        put_errors(scores, (0,) * 2, wide, labels, 4, rate, errors, first)


def put(x, wanted, rate, dtype):
    """Scores x and their errors, tiles of two inputs and four targets with labels ``wanted`` at a
    time.
    """
    labels = np.array([9] * 4 + wanted + [9] * 16, dtype)
    x = np.asarray(x, dtype)
    products = np.zeros((len(x), lanes(dtype)), dtype)
    products[:, 3] = x
    scores, errors = (np.zeros(len(x) + 16, dtype) for _ in range(2))
    errors_of(
        products,
        np.arange(len(x), dtype=np.int32),
        labels,
        dtype(rate),
        scores,
        errors,
        EIGHT,
        FOUR,
    )
    np.testing.assert_array_equal(scores[: len(x)], x)
    return errors[: len(x)]


def sigma(x, dtype):
    return put(x, [0, 0, 0, 0], -1, dtype)


POINTS = np.concatenate(
    [np.linspace(-20, 20, 16_000), [-1000.0, -88.0, -16.01, -16.0, 0.0, 16.0, 88.0, 1000.0] * 2]
)


def test_float32_is_within_a_millionth_everywhere():
    assert np.abs(sigma(POINTS, np.float32) - sigmoid(POINTS.astype(np.float32))).max() < 1e-6


def test_float64_is_exact_to_rounding():
    assert np.abs(sigma(POINTS, np.float64) - sigmoid(POINTS)).max() < 1e-15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_there_is_no_cliff(dtype):
    x = np.linspace(-12, 12, 48_000)
    steps = np.diff(sigma(x, dtype).astype(np.float64))
    assert np.abs(steps).max() < 1.1 * 0.25 * (x[1] - x[0]) + 3e-7
    assert sigma(np.full(16, 7.0), dtype)[0] > sigma(np.full(16, 6.0), dtype)[0] > 0.997


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_infinity_saturates_and_nan_stays(dtype):
    out = sigma([np.inf, -np.inf, np.nan] + [0.0] * 13, dtype)
    np.testing.assert_allclose(out[:2], [1, 0], atol=1e-6)
    assert np.isnan(out[2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_errors_are_rate_times_label_minus_sigma(dtype):
    scores = np.linspace(-3, 3, 16)
    for labels in ([1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0]):
        expected = 0.25 * (np.array(labels * 4) - sigmoid(scores))
        np.testing.assert_allclose(put(scores, labels, 0.25, dtype), expected, atol=2e-7)
