import numpy as np
import pytest

from fastw2v.errors import OutputError, UnknownWordError, VectorsError
from fastw2v.plots.word_map import COURSE_WORDS, choose_words, draw_words, place_labels, project
from fastw2v.vectors.word_vectors import WordVectors


def test_projection_keeps_distances_of_points_on_a_plane(rng):
    flat = rng.normal(size=(9, 2)) @ np.linalg.qr(rng.normal(size=(5, 5)))[0][:2]
    points, explained = project(flat)
    assert explained == pytest.approx(1)
    distances = np.linalg.norm(flat[:, None] - flat, axis=2)
    np.testing.assert_allclose(np.linalg.norm(points[:, None] - points, axis=2), distances, atol=1e-12)


def test_projection_equals_the_eigenvectors_of_the_covariance(rng):
    vectors = rng.normal(size=(30, 6))
    points, explained = project(vectors)
    values = np.sort(np.linalg.eigvalsh(np.cov(vectors.T)))[::-1]
    np.testing.assert_allclose(points.var(axis=0, ddof=1), values[:2], rtol=1e-10)
    assert explained == pytest.approx(values[:2].sum() / values.sum())


def test_projection_has_one_sign_whatever_the_order(rng):
    vectors = rng.normal(size=(8, 4))
    np.testing.assert_allclose(project(vectors)[0][::-1], project(vectors[::-1])[0], atol=1e-10)


def test_one_dimension_is_a_line():
    points, explained = project(np.array([[1.0], [2.0], [4.0]]))
    assert not points[:, 1].any() and explained == pytest.approx(1)


def test_the_course_words_are_drawn_where_they_are_known(world):
    assert choose_words(world) == COURSE_WORDS
    assert choose_words(world, ["king", "queen", "rain", "king"]) == ["king", "queen", "rain"]
    few = WordVectors(["a", "b", "king"], np.eye(3, dtype=np.float32))
    assert choose_words(few) == ["a", "b", "king"]


def test_words_that_make_no_plane_are_refused(world):
    with pytest.raises(UnknownWordError):
        choose_words(world, ["king", "queen", "kong"])
    with pytest.raises(VectorsError, match="at least 3"):
        choose_words(world, ["king", "king"])
    with pytest.raises(VectorsError, match="at least 3"):
        choose_words(WordVectors(["a"], np.ones((1, 2), np.float32)))


@pytest.mark.parametrize("suffix, magic", [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_pictures_are_of_the_kind_their_names_say(world, tmp_path, suffix, magic):
    draw_words(world, ["king", "queen", "rain"], tmp_path / f"plot{suffix}")
    assert (tmp_path / f"plot{suffix}").read_bytes().startswith(magic)


def test_words_with_dollars_are_words_and_no_formulas(tmp_path):
    words = ["$x_{$", "a$_b$", "100$"]
    draw_words(WordVectors(words, np.eye(3, dtype=np.float32)), words, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 1000


def test_another_kind_is_refused(world, tmp_path):
    with pytest.raises(OutputError, match=r"\.png, \.svg or \.pdf"):
        draw_words(world, ["king", "queen", "rain"], tmp_path / "plot.doc")


def test_labels_cover_no_other_label(rng):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    points = np.concatenate([rng.normal(size=(12, 2)) * 0.05, rng.normal(size=(12, 2))])
    axes.scatter(*points.T)
    place_labels(figure, axes, points, COURSE_WORDS)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    assert len(boxes) == 24
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
