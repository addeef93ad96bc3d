import numpy as np
import pytest

from fastw2v.errors import PlotError
from fastw2v.plots.projection import METHODS, principal, project


def test_projection_keeps_distances_of_points_on_a_plane(rng):
    flat = rng.normal(size=(9, 2)) @ np.linalg.qr(rng.normal(size=(5, 5)))[0][:2]
    points, shares = principal(flat)
    assert shares.sum() == pytest.approx(1)
    distances = np.linalg.norm(flat[:, None] - flat, axis=2)
    np.testing.assert_allclose(
        np.linalg.norm(points[:, None] - points, axis=2), distances, atol=1e-12
    )


def test_projection_equals_the_eigenvectors_of_the_covariance(rng):
    vectors = rng.normal(size=(30, 6))
    points, shares = principal(vectors)
    values = np.sort(np.linalg.eigvalsh(np.cov(vectors.T)))[::-1]
    np.testing.assert_allclose(points.var(axis=0, ddof=1), values[:2], rtol=1e-10)
    np.testing.assert_allclose(shares, values[:2] / values.sum())


def test_projection_has_one_sign_whatever_the_order(rng):
    vectors = rng.normal(size=(8, 4))
    np.testing.assert_allclose(principal(vectors)[0][::-1], principal(vectors[::-1])[0], atol=1e-10)


def test_one_dimension_is_a_line_and_equal_vectors_are_a_point():
    points, shares = principal(np.array([[1.0], [2.0], [4.0]]))
    assert not points[:, 1].any() and shares.tolist() == [pytest.approx(1), 0]
    points, shares = principal(np.ones((4, 3)))
    assert not points.any() and not shares.any()


def test_the_note_of_pca_tells_the_variance_and_the_axes_their_shares(rng):
    projection = project(np.diag([3.0, 2.0, 0.0]) @ np.eye(3))
    assert projection.method == "PCA" and "100%" in projection.note
    assert [axis.split(" (")[0] for axis in projection.axes] == [
        "first principal component",
        "second principal component",
    ]


@pytest.mark.parametrize("method, module", [("tsne", "sklearn.manifold"), ("umap", "umap")])
def test_a_method_whose_library_is_not_there_says_what_to_install(method, module, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(PlotError, match=r"pip install 'fastw2v\[plot\]'"):
        project(np.eye(4), method)


def test_tsne_is_seeded_and_puts_what_is_alike_together(rng):
    pytest.importorskip("sklearn", reason="t-SNE needs scikit-learn: pip install 'fastw2v[plot]'")
    vectors = np.repeat(np.eye(5)[:3], 8, axis=0) + rng.normal(size=(24, 5)) * 0.05
    one, again, other = (project(vectors, "tsne", seed) for seed in (1, 1, 2**40 + 7))
    np.testing.assert_array_equal(one.points, again.points)
    assert "seed 1" in one.note and f"seed {2**40 + 7}" in other.note and one.axes == ("", "")
    distances = np.linalg.norm(one.points[:, None] - one.points, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 8 == np.arange(24) // 8).all()


@pytest.mark.parametrize("words", [3, 4])
def test_tsne_takes_as_few_words_as_pca(words, rng):
    pytest.importorskip("sklearn", reason="t-SNE needs scikit-learn: pip install 'fastw2v[plot]'")
    assert project(rng.normal(size=(words, 6)), "tsne").points.shape == (words, 2)


def test_equal_vectors_are_refused_by_tsne_and_not_by_pca():
    pytest.importorskip("sklearn", reason="t-SNE needs scikit-learn: pip install 'fastw2v[plot]'")
    assert project(np.ones((20, 5))).points.shape == (20, 2)
    with pytest.raises(PlotError, match="3"):
        project(np.ones((20, 5)), "tsne")


def test_umap_takes_any_number_of_words_and_is_seeded(monkeypatch, rng):
    """The library is replaced by one that records what it is asked for: the real one compiles for
    ten seconds.
    """
    asked = []

    class UMAP:
        def __init__(self, **options):
            asked.append(options)

        def fit_transform(self, vectors):
            return vectors[:, :2]

    monkeypatch.setitem(__import__("sys").modules, "umap", type("umap", (), {"UMAP": UMAP}))
    for n in (3, 15, 40):
        assert project(rng.normal(size=(n, 6)), "umap", 2**33).points.shape == (n, 2)
    assert [options["n_neighbors"] for options in asked] == [2, 14, 15]
    assert [options["init"] for options in asked] == ["random", "random", "spectral"]
    assert {options["random_state"] for options in asked} == {0}


def test_what_makes_no_plane_is_refused():
    with pytest.raises(PlotError, match="3 words, got 2"):
        project(np.eye(2))
    with pytest.raises(PlotError, match="pca, tsne or umap, got 'lda'"):
        project(np.eye(3), "lda")
    assert METHODS == ("pca", "tsne", "umap")
