"""``--metadata`` of nearest, plot, map and convert."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.errors import ConfigError, VectorsError
from fastw2v.vectors.word_vectors import WordVectors

WORDS = [f"i{n}" for n in range(24)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Vectors of items, titles of all but one, 12 groups of two, and two shelves."""
    folder = tmp_path_factory.mktemp("metadata")
    vectors = np.random.default_rng(3).normal(size=(24, 5)).astype(np.float32)
    WordVectors(WORDS, vectors, np.arange(24, 0, -1)).save(folder / "v.npz")
    lines = ["id\ttitle\tgroup\tshelf"]
    lines += [f"{w}\tTitle of {w}\t$g{n // 2}\t{'AB'[n % 2]}" for n, w in enumerate(WORDS[:-1])]
    (folder / "t.tsv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda *args: CliRunner().invoke(cli, list(args))


def data_of(path):
    text = path.read_text(encoding="utf8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])


def test_nearest_shows_titles_and_the_other_columns(run):
    done = run("nearest", "v.npz", "i3", "i23", "-n", "23", "--metadata", "t.tsv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Title of i3  [i3]  $g1  B\n")
    assert "  Title of i4  [i4]  $g2  A\n" in done.stdout and "\ni23\n" in done.stdout
    done = run("nearest", "v.npz", "i3", "-n", "2", "--metadata", "t.tsv", "--json")
    answer = json.loads(done.stdout)
    for (word, _), told in zip(answer["nearest"], answer["metadata"], strict=True):
        assert told.get("title", word) in (word, f"Title of {word}")


def test_map_shows_titles_and_colours_by_the_groups(run, folder):
    assert run("map", "v.npz", "--metadata", "t.tsv", "-o", "m.html").exit_code == 0
    data = data_of(folder / "m.html")
    assert data["ids"] == WORDS and data["words"] == [f"Title of {w}" for w in WORDS[:-1]] + ["i23"]
    assert data["by"] == "group" and len(data["groups"]) == 10
    assert data["groups"][:2] == [["$g0"], ["$g1"]] and data["groups"][9] == ["4 others"]
    options = ("--metadata", "t.tsv", "--color-by", "shelf", "--where", "shelf=A")
    assert run("map", "v.npz", *options, "-o", "a.html").exit_code == 0
    data = data_of(folder / "a.html")
    assert data["ids"] == WORDS[::2] and data["groups"] == [["A"]]


def test_plot_colours_by_a_column_and_chooses_words_by_it(run, folder):
    options = ("--metadata", "t.tsv", "--where", "shelf=B", "-o", "p.svg")
    done = run("plot", "v.npz", *options)
    assert done.exit_code == 0 and "drew     11 words" in done.stderr
    done = run("plot", "v.npz", *options, "--words", "i1,i2,i3,i5")
    assert done.exit_code == 0 and "drew     3 words" in done.stderr
    from fastw2v.plots.word_map import OTHER_COLOR, group_colors

    assert group_colors(["a", "b", "b", ""]) == ["C1", "C0", "C0", OTHER_COLOR]
    assert group_colors(WORDS).count(OTHER_COLOR) == 14


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (("map", "v.npz", "--where", "shelf=A"), SystemExit),
        (("map", "v.npz", "--color-by", "shelf"), SystemExit),
        (("map", "v.npz", "--metadata", "t.tsv", "--where", "shelf"), SystemExit),
        (("map", "v.npz", "--metadata", "t.tsv", "--where", "shelf=C"), VectorsError),
        (("plot", "v.npz", "--metadata", "t.tsv", "--color-by", "genre"), ConfigError),
        (("convert", "v.npz", "w.txt", "--metadata", "t.tsv"), SystemExit),
    ],
)
def test_options_that_do_not_fit_are_refused(run, folder, args, kind):
    before = set(folder.iterdir())
    done = run(*args)
    assert done.exit_code != 0 and isinstance(done.exception, kind)
    assert set(folder.iterdir()) == before


def test_a_page_is_never_written_over_the_metadata(run, folder):
    before = (folder / "t.tsv").read_bytes()
    (folder / "t.html").write_bytes(before)
    assert run("map", "v.npz", "--metadata", "t.html", "-o", "t.html").exit_code != 0
    assert (folder / "t.html").read_bytes() == before
