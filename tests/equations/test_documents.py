from functools import partial

import numpy as np
import pytest

from fastw2v.equations.documents import dbow, dm
from tests.helpers.gradients import numeric_gradient
from tests.helpers.losses import LOSSES

DOCUMENT, CENTRE, WORDS = 5, 1, [0, 4, 4, 2]


@pytest.fixture(params=LOSSES)
def models(request, rng):
    """J, dJ/dV_in and dJ/dU of DBOW and of DM, as functions of the tables, and two tables."""
    loss, gradients = LOSSES[request.param]
    given = {"loss": loss, "gradients": gradients}
    functions = (
        partial(dbow, DOCUMENT, WORDS, **given),
        partial(dm, DOCUMENT, CENTRE, WORDS, **given),
    )
    return functions, rng.normal(size=(6, 3)), rng.normal(size=(6, 3))


def test_gradients_equal_central_differences(models):
    functions, V_in, U = models
    for J in functions:
        _, grad_V, grad_U = J(V_in, U)
        np.testing.assert_allclose(
            grad_V, numeric_gradient(lambda x, J=J: J(x, U)[0], V_in), atol=1e-7
        )
        np.testing.assert_allclose(
            grad_U, numeric_gradient(lambda x, J=J: J(V_in, x)[0], U), atol=1e-7
        )


def test_dbow_moves_no_word_of_the_input_table(models):
    (of_dbow, _), V_in, U = models
    _, grad_V, _ = of_dbow(V_in, U)
    assert np.flatnonzero(grad_V.any(axis=1)).tolist() == [DOCUMENT]


def test_dm_without_a_window_is_dbow_of_one_word(models):
    (of_dbow, _), V_in, U = models
    given = {"loss": of_dbow.keywords["loss"], "gradients": of_dbow.keywords["gradients"]}
    alone = dm(DOCUMENT, CENTRE, [], V_in, U, **given)
    for ours, theirs in zip(alone, dbow(DOCUMENT, [CENTRE], V_in, U, **given), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)
