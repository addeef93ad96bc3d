"""``fastw2v plot`` as a user meets it."""

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli.plot import plot
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.word_vectors import WordVectors

WORDS = ["alpha", "beta", "gamma", "delta", "猫", "epsilon"]


@pytest.fixture
def here(tmp_path, monkeypatch, rng):
    """A folder with vectors, their model with both tables, and a file of words."""
    monkeypatch.chdir(tmp_path)
    inputs, outputs = rng.normal(size=(2, 6, 5)).astype(np.float32)
    WordVectors(WORDS, inputs).save("vectors.bin")
    WordVectors(WORDS, outputs).save("outputs.txt")
    WordVectors(WORDS, inputs, output_vectors=outputs).save("vectors.npz")
    (tmp_path / "words.txt").write_text("delta beta\nalpha\n")
    (tmp_path / "empty.txt").write_text("")
    WordVectors(WORDS[:3], inputs[:3]).save("three.bin")
    return tmp_path


def run(*args):
    return CliRunner().invoke(plot, list(args))


@pytest.mark.parametrize(
    "args, drawn",
    [
        (["vectors.bin"], 6),
        (["vectors.bin", "--words", "alpha, beta,gamma,"], 3),
        (["vectors.bin", "--words", "alpha beta gamma"], 3),
        (["vectors.bin", "--words-file", "words.txt"], 3),
        (["vectors.bin", "--most-frequent", "4"], 4),
        (["vectors.npz", "--table", "both"], 6),
        (["vectors.bin", "--table", "both", "--output-vectors", "outputs.txt"], 6),
    ],
)
def test_words_are_drawn(here, args, drawn):
    done = run(*args, "-o", "p.png")
    assert done.exit_code == 0, done.output
    assert done.stdout == "" and f" {drawn} words in p.png" in done.stderr.splitlines()[0]
    assert (here / "p.png").read_bytes().startswith(b"\x89PNG")


def test_both_tables_give_another_picture_the_same_from_either_file(here):
    for name, args in {
        "a.png": ["vectors.bin"],
        "b.png": ["vectors.npz", "--table", "both"],
        "c.png": ["vectors.bin", "--table", "both", "--output-vectors", "outputs.txt"],
    }.items():
        assert run(*args, "-o", name).exit_code == 0
    a, b, c = ((here / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a != b and b == c


def test_signs_without_a_font_are_said_once(here, monkeypatch):
    monkeypatch.setattr("fastw2v.plots.fonts._other_fonts", lambda: [])
    monkeypatch.setattr("fastw2v.plots.fonts._newer_fonts", lambda: [])
    done = run("vectors.bin", "-o", "p.svg", "--most-frequent", "6")
    first, second = done.stderr.splitlines()
    assert (
        " 6 words in p.svg" in first
        and "1 character" in second
        and "猫" in second
        and "fonts-noto-cjk" in second
    )


def test_without_words_it_says_which_are_drawn_instead_of_the_courses(here):
    done = run("vectors.bin", "-o", "p.svg")
    said = done.stderr.splitlines()[1]
    assert done.exit_code == 0 and "24 of the 24" in said and "--words" in said
    rows = np.eye(4, dtype=np.float32)
    WordVectors(["king", "queen", "rain", "other"], rows).save("some.bin")
    first, second = run("some.bin", "-o", "p.svg").stderr.splitlines()
    assert (
        " 3 words in p.svg" in first and "21 of the 24" in second and "24 of the 24" not in second
    )


def test_a_model_of_subwords_draws_words_it_never_saw(here, rng):
    from fastw2v.equations.subwords import bucket, ngrams

    used = sorted({bucket(ngram, 1000) for word in WORDS for ngram in ngrams(word, 3, 4)})
    rows = rng.normal(size=(len(used), 5)).astype(np.float32)
    subwords = Subwords(
        3, 4, 1000, np.array(used, np.int32), rows, rng.normal(size=(6, 5)).astype(np.float32)
    )
    WordVectors(WORDS, rng.normal(size=(6, 5)).astype(np.float32), subwords=subwords).save(
        "sub.npz"
    )
    done = run("sub.npz", "--words", "alpha,alphabet,gammas", "-o", "p.png")
    assert done.exit_code == 0 and "drew     3 words" in done.stderr


ERRORS = {
    "no output vectors": (
        ["vectors.bin", "--table", "both"],
        "vectors.bin: holds no output vectors.*--output-vectors",
    ),
    "output vectors of other words": (
        ["vectors.bin", "--table", "both", "--output-vectors", "three.bin"],
        "three.bin: 'delta' is not in the vocabulary",
    ),
    "no suffix": (["vectors.bin", "-o", "plot"], "plot: .*.png.* give plot.png"),
    "no words": (["vectors.bin", "--words", ","], "at least 3 different words, got 0"),
    "empty file of words": (
        ["vectors.bin", "--words-file", "empty.txt"],
        "at least 3 different words, got 0",
    ),
    "missing file of words": (
        ["vectors.bin", "--words-file", "none.txt"],
        "none.txt: cannot be read",
    ),
    "over its input": (["vectors.bin", "-o", "vectors.bin"], "it is read from in the same run"),
    "over its words": (
        ["vectors.bin", "--words-file", "words.txt", "-o", "words.txt"],
        "it is read from in the same run",
    ),
    "no directory": (["vectors.bin", "-o", "none/p.png"], "there is no directory"),
}


@pytest.mark.parametrize("args, message", ERRORS.values(), ids=ERRORS)
def test_a_users_error_says_what_is_wrong_and_leaves_nothing(here, args, message):
    from fastw2v.errors import Fastw2vError

    before = sorted(path.name for path in here.iterdir())
    with pytest.raises(Fastw2vError, match=message):
        CliRunner().invoke(plot, args, catch_exceptions=False)
    assert sorted(path.name for path in here.iterdir()) == before


@pytest.mark.parametrize(
    "args",
    [
        ["--words", "alpha", "--most-frequent", "5"],
        ["--words", "100"],
        ["--output-vectors", "outputs.txt"],
        ["--most-frequent", "2"],
        ["--method", "lda"],
        ["--table", "output"],
    ],
)
def test_wrong_usage_is_exit_code_2(here, args):
    done = run("vectors.bin", *args)
    assert done.exit_code == 2 and "Usage:" in done.stderr
