"""``fastw2v map`` as a user meets it; what is on the page is tested in tests/plots."""

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli.map import map as command
from fastw2v.errors import Fastw2vError
from fastw2v.plots import projection, web_map
from fastw2v.plots.projection import project
from fastw2v.vectors.word_vectors import WordVectors


@pytest.fixture
def here(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    WordVectors([f"word{i}" for i in range(50)], rng.normal(size=(50, 5)).astype(np.float32)).save(
        "vectors.bin"
    )
    WordVectors(["a", "b"], np.eye(2, dtype=np.float32)).save("two.bin")
    (tmp_path / "junk").write_bytes(b"\xff\x00junk")
    return tmp_path


def test_a_map_is_one_page_and_its_size_is_said(here):
    done = CliRunner().invoke(command, ["vectors.bin", "--words", "20"])
    size = (here / "map.html").stat().st_size
    assert done.exit_code == 0 and done.stdout == ""
    assert f" 20 words in map.html ({size / 1e6:.1f} MB)" in done.stderr


def test_more_words_than_there_are_is_all_of_them(here):
    done = CliRunner().invoke(command, ["vectors.bin", "-o", "all.html"])
    assert " 50 words in all.html" in done.stderr
    assert "PCA of 5 dimensions" in (here / "all.html").read_text(encoding="utf8")


@pytest.mark.parametrize(
    "args, message",
    [
        (["none.bin"], "none.bin: "),
        (["junk"], "junk: "),
        (["two.bin"], "3 words, got 2"),
        (["vectors.bin", "-o", "none/m.html"], "none/m.html: "),
        (["vectors.bin", "-o", "map"], "map: .*map.html"),
        (["vectors.bin", "-o", "map.png"], "map.png: .*map.html"),
        (["vectors.bin", "-o", "vectors.bin"], "vectors.bin: "),
    ],
)
def test_a_users_error_says_what_is_wrong_and_leaves_nothing(here, args, message):
    before = sorted(path.name for path in here.iterdir())
    with pytest.raises(Fastw2vError, match=message):
        CliRunner().invoke(command, args, catch_exceptions=False)
    assert sorted(path.name for path in here.iterdir()) == before


def test_wrong_usage_is_exit_code_2(here):
    assert CliRunner().invoke(command, ["vectors.bin", "--words", "2"]).exit_code == 2


def test_words_in_place_of_their_number_are_sent_to_plot(here):
    done = CliRunner().invoke(command, ["vectors.bin", "--words", "king,queen"])
    assert done.exit_code == 2 and "fastw2v plot" in done.stderr and "--words 3000" in done.stderr
    assert CliRunner().invoke(command, ["vectors.bin", "--words", "2"]).exit_code == 2


@pytest.mark.parametrize("installed", [True, False])
def test_map_of_many_words_by_tsne_where_it_is_installed_and_otherwise_named(
    here, monkeypatch, installed, rng
):
    methods = []
    monkeypatch.setattr(projection, "PCA_WORDS", 30)
    monkeypatch.setattr(projection, "find_spec", lambda name: installed)
    monkeypatch.setattr(
        web_map,
        "project",
        lambda rows, method, seed: methods.append(method) or project(rows, "pca", seed),
    )
    assert CliRunner().invoke(command, ["vectors.bin", "--words", "30"]).exit_code == 0
    done = CliRunner().invoke(command, ["vectors.bin"])
    assert done.exit_code == 0 and methods == ["pca", "tsne" if installed else "pca"]
    assert ("fastw2v[plot]" in done.stderr) == (not installed)
