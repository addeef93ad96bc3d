from functools import partial

import numpy as np
import pytest

from fastw2v.equations.windows import cbow, skipgram
from tests.helpers.gradients import numeric_gradient
from tests.helpers.losses import LOSSES

OUTSIDE = [0, 4, 4, 2]


@pytest.fixture(params=LOSSES)
def window(request, rng):
    loss, gradients = LOSSES[request.param]
    V_in, U = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    return partial(skipgram, loss=loss, gradients=gradients), V_in, U


def test_a_window_is_the_sum_of_its_pairs(window):
    skipgram_of, V_in, U = window
    pairs = [skipgram_of(5, [o], V_in, U) for o in OUTSIDE]
    for whole, parts in zip(
        skipgram_of(5, OUTSIDE, V_in, U), zip(*pairs, strict=True), strict=True
    ):
        np.testing.assert_allclose(whole, sum(parts), rtol=1e-13)


def test_only_the_centre_has_a_gradient_of_input_vectors(window):
    skipgram_of, V_in, U = window
    _, grad_V, _ = skipgram_of(5, OUTSIDE, V_in, U)
    np.testing.assert_array_equal(grad_V[:5], 0)
    assert np.abs(grad_V[5]).min() > 0


def test_gradients_equal_central_differences(window):
    skipgram_of, V_in, U = window
    _, grad_V, grad_U = skipgram_of(5, OUTSIDE, V_in, U)
    np.testing.assert_allclose(
        grad_V, numeric_gradient(lambda x: skipgram_of(5, OUTSIDE, x, U)[0], V_in), atol=1e-7
    )
    np.testing.assert_allclose(
        grad_U, numeric_gradient(lambda x: skipgram_of(5, OUTSIDE, V_in, x)[0], U), atol=1e-7
    )


def test_an_empty_window_has_no_loss(window):
    skipgram_of, V_in, U = window
    J, grad_V, grad_U = skipgram_of(5, [], V_in, U)
    assert J == 0 and not grad_V.any() and not grad_U.any()


@pytest.mark.parametrize("name", LOSSES)
def test_cbows_gradients_equal_central_differences(rng, name):
    V_in, U = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    J, grad_V, grad_U = cbow(5, OUTSIDE, V_in, U, *LOSSES[name])
    assert J == LOSSES[name][0](V_in[OUTSIDE].mean(axis=0), 5, U)
    assert not grad_V[[1, 3, 5]].any()
    np.testing.assert_allclose(grad_V[4], 2 * grad_V[0], rtol=1e-13)  # it occurs twice
    np.testing.assert_allclose(
        grad_V,
        numeric_gradient(lambda x: cbow(5, OUTSIDE, x, U, *LOSSES[name])[0], V_in),
        atol=1e-7,
    )
    np.testing.assert_allclose(
        grad_U,
        numeric_gradient(lambda x: cbow(5, OUTSIDE, V_in, x, *LOSSES[name])[0], U),
        atol=1e-7,
    )


@pytest.mark.parametrize("name", LOSSES)
def test_cbow_with_one_word_outside_is_a_pair(rng, name):
    V_in, U = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    for one, other in zip(
        cbow(5, [2], V_in, U, *LOSSES[name]), skipgram(2, [5], V_in, U, *LOSSES[name]), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-13)
