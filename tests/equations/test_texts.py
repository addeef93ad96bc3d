import numpy as np
import pytest

from fastw2v.equations.texts import idf_weight, sif_weight, text_vector, without_components


def test_text_vector_weights_each_occurrence_and_divides_by_the_number_of_words(rng):
    Z, weights = rng.normal(size=(4, 3)), np.array([1.0, 0.5, 2.0, 3.0])
    np.testing.assert_allclose(text_vector([1, 1, 2], weights, Z), (0.5 * Z[1] * 2 + 2 * Z[2]) / 3)
    np.testing.assert_allclose(text_vector([0, 3], np.ones(4), Z), Z[[0, 3]].mean(axis=0))
    assert not text_vector([], weights, Z).any()


def test_sif_weight_is_a_half_where_the_probability_is_a():
    np.testing.assert_allclose(sif_weight([0, 1e-3, 9e-3]), [1, 0.5, 0.1])
    np.testing.assert_allclose(sif_weight(1e-4, a=1e-4), 0.5)


def test_idf_weight_is_scikit_learns():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    vectorizer = text.TfidfVectorizer().fit(["aa bb", "aa cc", "aa bb dd"])
    np.testing.assert_allclose(idf_weight([3, 2, 1, 1], texts=3), vectorizer.idf_)


def test_without_components_leaves_the_closest_matrix_of_lower_rank(rng):
    X = rng.normal(size=(6, 4)) + 2
    left, sizes, right = np.linalg.svd(X)
    np.testing.assert_allclose(
        without_components(X, 2), (left[:, 2:4] * sizes[2:]) @ right[2:], atol=1e-12
    )
    np.testing.assert_allclose(without_components(X, 4), np.zeros_like(X), atol=1e-12)
    np.testing.assert_array_equal(without_components(X, 0), X)
