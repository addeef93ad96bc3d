import numpy as np
import pytest

from fastw2v.plots.clusters import clusters
from fastw2v.vectors.tables import unit


def test_bundles_are_found_the_largest_first(rng):
    truth = np.repeat([0, 1, 2], [30, 12, 20])
    rows = unit(np.eye(6)[truth] + rng.normal(size=(62, 6)) * 0.05)
    labels, centres = clusters(rows, 3, seed=1)
    np.testing.assert_array_equal(labels, np.array([0, 2, 1])[truth])
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-6)
    assert (labels == (rows @ centres.T).argmax(axis=1)).all()


def test_the_same_seed_gives_the_same_clusters(rng):
    rows = unit(rng.normal(size=(200, 8)))
    for a, b in zip(clusters(rows, 5, 7), clusters(rows, 5, 7), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rows", [np.zeros((5, 3)), unit(np.ones((5, 3))), np.eye(3)])
def test_there_are_no_more_clusters_than_different_rows_and_none_is_empty(rows):
    labels, centres = clusters(rows, 10, 1)
    assert sorted(set(labels)) == list(range(len(centres)))
    assert len(centres) <= len(np.unique(rows, axis=0))
