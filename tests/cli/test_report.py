"""``fastw2v report`` as a user meets it; what is on the page is tested in tests/plots."""

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli.report import report
from fastw2v.errors import Fastw2vError
from fastw2v.vectors.word_vectors import WordVectors
from tests.plots.runs import begin, make_run, progress


@pytest.fixture
def here(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "run", [begin(), progress(500, 1)], output="vectors.npz", corpus=[["a", "b", "c"]] * 9)
    WordVectors([f"word{i}" for i in range(50)], rng.normal(size=(50, 5)).astype(np.float32)).save("vectors.npz")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_a_report_is_one_page(here):
    done = CliRunner().invoke(report, ["run"])
    assert done.exit_code == 0 and done.stdout == ""
    assert done.stderr == "wrote    report.html (0.1 MB)\n", done.stderr
    assert (here / "report.html").read_text(encoding="utf8").startswith("<!doctype html>")


def test_words_are_those_asked_for(here):
    assert CliRunner().invoke(report, ["run", "--words", "word7, word9"]).exit_code == 0
    text = (here / "report.html").read_text(encoding="utf8")
    assert '<th dir="auto">word7</th>' in text and text.count('<th dir="auto">') == 2


def test_what_is_left_out_is_said(here):
    (here / "vectors.npz").unlink()
    done = CliRunner().invoke(report, ["run"])
    assert done.exit_code == 0 and "note     " in done.stderr and "not there (yet), so no words are shown" in done.stderr


@pytest.mark.parametrize(
    "args, message",
    [
        (["none"], "none: is no folder"),
        (["empty"], "empty: holds no run.json"),
        (["vectors.npz"], "vectors.npz: is no folder"),
        (["run", "--words", "kong"], "'kong' is not in the vocabulary"),
        (["run", "-o", "empty"], "empty: is a directory"),
        (["run", "-o", "run/log.jsonl"], "log.jsonl: it is read from in the same run"),
        (["run", "-o", "vectors.npz"], "vectors.npz: it is read from in the same run"),
    ],
)
def test_a_users_error_says_what_is_wrong_and_leaves_nothing(here, args, message):
    before = sorted(path.name for path in here.rglob("*"))
    with pytest.raises(Fastw2vError, match=message):
        CliRunner().invoke(report, args, catch_exceptions=False)
    assert sorted(path.name for path in here.rglob("*")) == before


def test_no_words_is_wrong_usage(here):
    assert CliRunner().invoke(report, ["run", "--words", ","]).exit_code == 2
