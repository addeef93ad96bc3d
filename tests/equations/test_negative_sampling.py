import numpy as np
import pytest

from fastw2v.equations.negative_sampling import (
    log_sigmoid,
    negative_sampling_gradients,
    negative_sampling_loss,
    sigmoid,
    sigmoid_derivative,
)
from tests.helpers.gradients import numeric_gradient

X = np.array([-1000.0, -30.0, -2.0, -1e-9, 0.0, 0.5, 6.0, 40.0, 1000.0])


def test_sigmoid_by_hand():
    np.testing.assert_allclose(
        sigmoid(np.log([1 / 3, 1.0, 4.0])), [1 / 4, 1 / 2, 4 / 5], rtol=1e-15
    )


def test_sigmoid_survives_extremes_without_a_warning():
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(sigmoid([-1000.0, 1000.0]), [0.0, 1.0])
        np.testing.assert_array_equal(log_sigmoid([-1000.0, 1000.0]), [-1000.0, 0.0])


def test_one_minus_sigmoid_of_minus_x_is_sigmoid_of_x():
    np.testing.assert_allclose(1 - sigmoid(-X), sigmoid(X), atol=1e-16)


def test_derivative_is_sigmoid_times_its_complement():
    np.testing.assert_allclose(sigmoid_derivative(X), sigmoid(X) * (1 - sigmoid(X)), atol=1e-16)


def test_derivative_equals_central_differences(rng):
    x = rng.normal(size=8)
    np.testing.assert_allclose(
        sigmoid_derivative(x), (sigmoid(x + 1e-5) - sigmoid(x - 1e-5)) / 2e-5, atol=1e-10
    )


@pytest.mark.parametrize("negatives", [[0, 1, 4], [4, 4, 4], [0]])
def test_gradients_equal_central_differences(rng, negatives):
    v, U = rng.normal(size=3), rng.normal(size=(5, 3))
    grad_v, grad_U = negative_sampling_gradients(v, 2, negatives, U)
    loss = negative_sampling_loss
    np.testing.assert_allclose(
        grad_v, numeric_gradient(lambda x: loss(x, 2, negatives, U), v), atol=1e-8
    )
    np.testing.assert_allclose(
        grad_U, numeric_gradient(lambda x: loss(v, 2, negatives, x), U), atol=1e-8
    )


def test_a_negative_drawn_twice_counts_twice(rng):
    v, U = rng.normal(size=3), rng.normal(size=(5, 3))
    once, twice = (
        negative_sampling_gradients(v, 2, negatives, U)[1] for negatives in ([4], [4, 4])
    )
    np.testing.assert_allclose(twice[4], 2 * once[4], rtol=1e-14)
    np.testing.assert_array_equal(twice[2], once[2])


def test_rows_that_were_not_drawn_have_no_gradient(rng):
    _, grad_U = negative_sampling_gradients(rng.normal(size=3), 2, [4], rng.normal(size=(5, 3)))
    np.testing.assert_array_equal(grad_U[[0, 1, 3]], 0)


def test_loss_is_finite_at_scores_of_1000():
    v, U = np.array([1000.0]), np.array([[-1.0], [1.0]])
    assert negative_sampling_loss(v, 0, [1], U) == 2000.0
    grad_v, _ = negative_sampling_gradients(v, 0, [1], U)
    np.testing.assert_allclose(grad_v, [2.0])
