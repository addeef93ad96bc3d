import warnings
import zlib

import numpy as np
import pytest

from fastw2v.errors import OutputError, PlotError, UnknownWordError, VectorsError
from fastw2v.plots import fonts
from fastw2v.plots.word_map import COURSE_WORDS, choose_words, draw_words, rows_to_draw
from fastw2v.vectors.word_vectors import WordVectors


def three(words):
    return WordVectors(words, np.eye(3, dtype=np.float32))


def test_the_course_words_are_drawn_where_they_are_known(world):
    assert choose_words(world) == COURSE_WORDS
    assert choose_words(world, ["king", "queen", "rain", "king"]) == ["king", "queen", "rain"]
    assert choose_words(world, most_frequent=40) == world.words[:40]
    assert choose_words(three(["a", "b", "king"])) == ["a", "b", "king"]


def test_words_that_make_no_plane_are_refused(world):
    with pytest.raises(UnknownWordError):
        choose_words(world, ["king", "queen", "kong"])
    with pytest.raises(PlotError, match=r"3 .* got 2"):
        choose_words(world, ["king", "queen", "king"])
    with pytest.raises(PlotError, match="3 "):
        choose_words(WordVectors(["a"], np.ones((1, 2), np.float32)))
    with pytest.raises(PlotError, match=r"1,000 words, got 1,500; .*fastw2v map"):
        choose_words(
            WordVectors([str(i) for i in range(1500)], np.ones((1500, 2), np.float32)),
            most_frequent=1500,
        )


def test_both_tables_stand_side_by_side_each_of_length_1():
    inputs = WordVectors(
        list("abc"),
        np.array([[3, 4], [1, 0], [0, 2]], np.float32),
        output_vectors=np.ones((3, 2), np.float32),
    )
    rows = rows_to_draw(inputs, ["b", "a"], inputs.of_outputs())
    np.testing.assert_allclose(
        rows, [[1, 0, 0.5**0.5, 0.5**0.5], [0.6, 0.8, 0.5**0.5, 0.5**0.5]], rtol=1e-6
    )
    with pytest.raises(VectorsError, match="table"):
        three(list("abc")).of_outputs()


@pytest.mark.parametrize(
    "suffix, magic", [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_pictures_are_of_the_kind_their_names_say(world, tmp_path, suffix, magic):
    drawn = draw_words(world, ["king", "queen", "rain"], tmp_path / f"plot{suffix}")
    assert (tmp_path / f"plot{suffix}").read_bytes().startswith(magic)
    assert drawn.title.startswith("3 words: PCA") and drawn.missing_characters == []


def test_another_kind_is_refused(world, tmp_path):
    with pytest.raises(OutputError, match=r"\.png, \.svg or \.pdf"):
        draw_words(world, ["king", "queen", "rain"], tmp_path / "plot.doc")


def test_words_with_dollars_are_words_and_no_formulas(tmp_path):
    words = ["$x_{$", "a$_b$", "100$"]
    draw_words(three(words), words, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 1000


def test_signs_that_no_font_has_are_boxes_told_of_and_nothing_is_warned_of(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "_other_fonts", lambda: [])
    monkeypatch.setattr(fonts, "_newer_fonts", lambda: [])
    words = ["猫\u200d", "кошка", "a🙂"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw_words(three(words), words, tmp_path / "plot.png")
    assert drawn.missing_characters == ["猫", "🙂"]
    assert [fonts.drawable(word, drawn.missing_characters) for word in words] == [
        "□",
        "кошка",
        "a□",
    ]


def test_signs_are_taken_from_another_font_that_has_them():
    import matplotlib.font_manager

    sign = min(
        fonts._characters_of(matplotlib.font_manager.findfont("STIXGeneral"))
        - fonts._characters_of(fonts._matplotlib_font_file())
    )
    names, missing_characters = fonts.fonts_for(["plain", sign])
    assert names[0] == "DejaVu Sans" and len(names) == 2 and missing_characters == []
    assert fonts.fonts_for(["plain"]) == (["DejaVu Sans"], [])


def test_a_font_that_was_installed_after_matplotlib_made_its_list_is_found(monkeypatch):
    from matplotlib import font_manager

    file = font_manager.findfont("STIXGeneral")
    sign = min(fonts._characters_of(file) - fonts._characters_of(fonts._matplotlib_font_file()))
    before = [
        font for font in font_manager.fontManager.ttflist if font.name == fonts.MATPLOTLIB_FONT
    ]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", before)
    # one of them is no font
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [file, __file__])
    assert fonts.fonts_for(["plain"]) == (["DejaVu Sans"], [])
    assert fonts.fonts_for([sign]) == (["DejaVu Sans", "STIXGeneral"], [])


@pytest.mark.parametrize(
    "signs, package",
    [
        ("猫", "fonts-noto-cjk"),
        ("かな한a", "fonts-noto-cjk"),
        ("🙂", "fonts-symbola"),
        ("ऄक", "fonts-noto-core"),
        ("\x01", "fonts-noto-core"),
    ],
)
def test_a_package_of_fonts_is_named_that_has_most_signs(signs, package):
    assert fonts.package_for(signs) == package


def test_labels_of_an_svg_stand_where_those_of_a_png_do(tmp_path):
    """matplotlib gives a .svg 72 pixels an inch: places are in points."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from fastw2v.plots.labels import place_labels

    figure = Figure(figsize=(4, 3), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    points = np.array([[0.0, 0.0], [1.0, 0.1], [0.5, 1.0]])
    axes.scatter(*points.T)
    place_labels(figure, axes, points, ["one", "two", "three"])

    def inches(dpi):
        figure.set_dpi(dpi)
        figure.draw_without_rendering()
        return [
            text.get_window_extent().get_points().mean(axis=0) / dpi
            for text in axes.texts
            if text.get_text()
        ]

    np.testing.assert_allclose(inches(150), inches(72), atol=0.03)


def test_labels_cover_no_other_label(rng):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from fastw2v.plots.labels import place_labels

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


def test_the_same_words_give_the_same_picture(world, tmp_path):
    for name in ("a.png", "b.png"):
        draw_words(world, COURSE_WORDS, tmp_path / name)
    assert zlib.crc32((tmp_path / "a.png").read_bytes()) == zlib.crc32(
        (tmp_path / "b.png").read_bytes()
    )
