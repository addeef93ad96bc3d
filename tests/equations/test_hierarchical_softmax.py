import numpy as np
import pytest

from fastw2v.equations.hierarchical_softmax import path_gradients, path_loss, path_probability
from fastw2v.equations.negative_sampling import sigmoid
from fastw2v.reference.huffman import paths
from tests.helpers.gradients import numeric_gradient

D = 5


@pytest.mark.parametrize("V", [1, 2, 3, 10, 57])
def test_the_probabilities_of_all_words_add_to_1(rng, V):
    U, v = rng.normal(size=(max(V - 1, 1), D)), rng.normal(size=D)
    tree = paths(np.sort(rng.integers(1, 50, V))[::-1])
    assert sum(path_probability(v, *path, U) for path in tree) == pytest.approx(1, rel=1e-12)


def test_of_two_words_it_is_logistic_regression(rng):
    U, v = rng.normal(size=(1, D)), rng.normal(size=D)
    probabilities = [path_probability(v, *path, U) for path in paths([7, 3])]
    assert probabilities == pytest.approx([sigmoid(-U[0] @ v), sigmoid(U[0] @ v)])


@pytest.mark.parametrize("nodes, codes", [([0], [1]), ([0, 3, 2, 6], [0, 1, 1, 0])])
def test_gradients_equal_finite_differences(rng, nodes, codes):
    U, v = rng.normal(size=(8, D)), rng.normal(size=D)
    grad_v, grad_U = path_gradients(v, nodes, codes, U)
    np.testing.assert_allclose(
        grad_v, numeric_gradient(lambda x: path_loss(x, nodes, codes, U), v), atol=1e-8
    )
    np.testing.assert_allclose(
        grad_U, numeric_gradient(lambda x: path_loss(v, nodes, codes, x), U), atol=1e-8
    )
