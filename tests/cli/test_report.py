"""``fastw2v report`` as a user meets it; what is on the page is tested in tests/plots."""

import os

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli.report import report
from fastw2v.errors import Fastw2vError, OutputError
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.forging import edit_json
from tests.helpers.runs import begin, make_run, progress


@pytest.fixture
def here(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    make_run(
        tmp_path / "run",
        [begin(), progress(500, 1)],
        output="vectors.npz",
        corpus=[["a", "b", "c"]] * 9,
    )
    WordVectors([f"word{i}" for i in range(50)], rng.normal(size=(50, 5)).astype(np.float32)).save(
        "vectors.npz"
    )
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
    assert done.exit_code == 0 and "note     " in done.stderr and "vectors.npz: " in done.stderr


@pytest.mark.parametrize(
    "args, message",
    [
        (["none"], "none: "),
        (["empty"], "empty: .*run.json"),
        (["vectors.npz"], "vectors.npz: "),
        (["run", "--words", "kong"], "'kong'"),
        (["run", "-o", "empty"], "empty: "),
        (["run", "-o", "run/log.jsonl"], "log.jsonl: "),
        (["run", "-o", "vectors.npz"], "vectors.npz: "),
    ],
)
def test_a_users_error_says_what_is_wrong_and_leaves_nothing(here, args, message):
    before = sorted(path.name for path in here.rglob("*"))
    with pytest.raises(Fastw2vError, match=message):
        CliRunner().invoke(report, args, catch_exceptions=False)
    assert sorted(path.name for path in here.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "run/run.json",
        "run/lock",
        "run/vocabulary.txt",
        "run/checkpoint-000000000000007.fw2c",
        "text/a.txt",
        "init.bin",
        "hard",
    ],
)
def test_a_report_replaces_no_file_of_the_run_nor_what_it_reads(here, name):
    (here / "text").mkdir()
    for path in ("text/a.txt", "init.bin", "run/lock", "run/checkpoint-000000000000007.fw2c"):
        (here / path).write_text("precious")
    os.link("text/a.txt", "hard")
    inputs = {
        "corpus": [str(here / "gone.txt"), str(here / "text")],
        "init": str(here / "init.bin"),
        "evaluate": None,
    }
    edit_json(here / "run" / "run.json", lambda told: told | {"inputs": inputs})
    before = (here / name).read_bytes()
    with pytest.raises(OutputError, match=f"{name}: "):
        CliRunner().invoke(report, ["run", "-o", name], catch_exceptions=False)
    assert (here / name).read_bytes() == before


def test_a_report_may_be_written_into_the_folder_of_the_run_again(here):
    for _ in range(2):
        assert CliRunner().invoke(report, ["run", "-o", "run/report.html"]).exit_code == 0


@pytest.mark.parametrize(
    "name", ["x" * 300, "loop", "a\0b", "half\ud800"], ids=["long", "loop", "null", "surrogate"]
)
def test_a_name_that_cannot_be_is_refused_in_one_line(here, name):
    (here / "loop").symlink_to("loop")
    for args in (["run", "-o", name], [name]):
        with pytest.raises(Fastw2vError) as raised:
            CliRunner().invoke(report, args, catch_exceptions=False)
        assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "output", ["x" * 300, "a\0b", "half\ud800", 7, [], "vocabulary.txt"], ids=ascii
)
def test_a_run_json_that_names_no_vectors_is_reported_without_them(here, output):
    edit_json(here / "run" / "run.json", lambda told: told | {"output": output})
    done = CliRunner().invoke(report, ["run"], catch_exceptions=False)
    assert done.exit_code == 0 and "note     " in done.stderr


def test_no_words_is_wrong_usage(here):
    assert CliRunner().invoke(report, ["run", "--words", ","]).exit_code == 2
