import numpy as np
import pytest

from fastw2v.equations.softmax import (
    cross_entropy,
    log_softmax,
    naive_softmax_gradients,
    naive_softmax_loss,
    softmax,
)
from tests.helpers.gradients import numeric_gradient


def test_softmax_by_hand():
    np.testing.assert_allclose(
        softmax([0.0, np.log(2.0), np.log(5.0)]), [1 / 8, 2 / 8, 5 / 8], rtol=1e-15
    )


@pytest.mark.parametrize("shift", [-1000.0, -1.5, 3.0, 1000.0])
def test_softmax_does_not_change_under_a_shift(rng, shift):
    x = rng.normal(size=(4, 7))
    np.testing.assert_allclose(softmax(x + shift), softmax(x), rtol=1e-12)


def test_softmax_survives_extremes():
    np.testing.assert_array_equal(softmax([1000.0, -1000.0]), [1.0, 0.0])
    np.testing.assert_allclose(log_softmax([1000.0, -1000.0]), [0.0, -2000.0])


def test_cross_entropy_of_a_one_hot_is_minus_log_of_its_probability(rng):
    y_hat = softmax(rng.normal(size=6))
    assert cross_entropy(np.eye(6)[2], y_hat) == pytest.approx(-np.log(y_hat[2]), rel=1e-15)


def test_cross_entropy_with_impossible_words_left_out_is_finite():
    assert cross_entropy([1.0, 0.0], [1.0, 0.0]) == 0.0


def test_naive_softmax_loss_is_cross_entropy_of_softmax(rng):
    v, U = rng.normal(size=3), rng.normal(size=(5, 3))
    assert naive_softmax_loss(v, 4, U) == pytest.approx(
        cross_entropy(np.eye(5)[4], softmax(U @ v)), rel=1e-14
    )


def test_naive_softmax_loss_is_finite_at_scores_of_1000():
    v, U = np.array([1000.0]), np.array([[1.0], [-1.0]])
    assert naive_softmax_loss(v, 1, U) == 2000.0
    assert all(np.isfinite(g).all() for g in naive_softmax_gradients(v, 1, U))


def test_naive_softmax_gradients_equal_central_differences(rng):
    v, U = rng.normal(size=4), rng.normal(size=(6, 4))
    grad_v, grad_U = naive_softmax_gradients(v, 2, U)
    np.testing.assert_allclose(
        grad_v, numeric_gradient(lambda x: naive_softmax_loss(x, 2, U), v), atol=1e-8
    )
    np.testing.assert_allclose(
        grad_U, numeric_gradient(lambda x: naive_softmax_loss(v, 2, x), U), atol=1e-8
    )


def test_rows_of_the_gradient_are_errors_times_the_centre(rng):
    v, U = rng.normal(size=4), rng.normal(size=(6, 4))
    y_hat, (_, grad_U) = softmax(U @ v), naive_softmax_gradients(v, 2, U)
    np.testing.assert_allclose(grad_U[2], (y_hat[2] - 1) * v, rtol=1e-14)
    np.testing.assert_allclose(grad_U[5], y_hat[5] * v, rtol=1e-14)
