import numpy as np
import pytest

from fastw2v.equations.negative_sampling import sigmoid
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.rows import lanes
from fastw2v.kernels.sigmoid import put_errors


@kernel
def errors_of(scores, rate, step):
    for at in range(0, len(scores), step):
        put_errors(scores, at, rate)


def sigma(x, dtype):
    scores = np.array(x, dtype)
    errors_of(scores, dtype(-1), lanes(dtype))
    return scores


POINTS = np.concatenate([np.linspace(-20, 20, 16_000), [-1000.0, -88.0, -16.01, -16.0, 0.0, 16.0, 88.0, 1000.0] * 2])


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


def test_errors_are_minus_rate_times_sigma():
    scores = np.linspace(-3, 3, 16)
    expected = -0.25 * sigmoid(scores)
    errors_of(scores, 0.25, 8)
    np.testing.assert_allclose(scores, expected, rtol=1e-14)
