"""Several runs on one page."""

import json
import os
import re

import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.errors import OutputError, PlotError
from fastw2v.plots.report import write_report
from fastw2v.plots.runs_report import MAX_RUNS, write_runs_report
from tests.helpers.runs import BEGAN, begin, make_run, progress

EVIL = "</svg></script><b>x</b>"


@pytest.fixture
def runs(tmp_path):
    """A run with scores, one of other options, and one that has logged nothing."""
    lines = [begin(), *(progress(100 * i, i, loss=3 / i) for i in range(1, 6))]
    scored = [
        {"kind": "evaluated", "time": BEGAN + 9, "epoch": n, "scores": {EVIL: n / 4}, "best": True}
        for n in (1, 2)
    ]
    make_run(tmp_path / "a", [*lines, *scored])
    make_run(tmp_path / "b<", [*lines, {"kind": "end", "time": BEGAN + 9}], vector_size=77, seed=2)
    make_run(tmp_path / "c", [begin()])
    return [tmp_path / name for name in ("a", "b<", "c")]


def test_runs_report_lays_runs_over_one_another(runs, tmp_path):
    reported = write_runs_report(runs, tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf8")
    assert reported.size == len(text.encode()) and len(reported.notes) == 1
    assert "c has logged" in reported.notes[0]
    rows = dict(re.findall(r"<tr><th>(.*?)</th>(.*?)</tr>", text))
    assert {*rows} == {"", "a", "b&lt;", "c", "seed", "vector_size"}
    assert "77" in rows["vector_size"] and "window" not in rows
    assert "0.500" in rows["a"] and "<b>x" not in text
    assert text.count("<figure>") == 2 and "b&lt;" in text


def test_runs_report_of_runs_without_progress_has_no_curves(runs, tmp_path):
    write_runs_report([runs[2], runs[2]], tmp_path / "out.html")
    assert "<figure>" not in (tmp_path / "out.html").read_text(encoding="utf8")


def test_runs_report_refuses_folders_without_runs_too_many_and_its_inputs(runs, tmp_path):
    for folders, named in (([runs[0], tmp_path / "none"], "none"), (runs * 3, str(MAX_RUNS))):
        with pytest.raises(PlotError, match=named):
            write_runs_report(folders, tmp_path / "out.html")
    with pytest.raises(OutputError):
        write_runs_report(runs, runs[1] / "run.json")
    assert not (tmp_path / "out.html").exists()


def test_report_takes_several_runs(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["report", "a", "b<", "c"])
    assert done.exit_code == 0 and "report.html" in done.stderr and "c has" in done.stderr
    done = CliRunner().invoke(cli, ["report", "a", "b<", "--words", "x"])
    assert done.exit_code == 2


@pytest.mark.parametrize("named", ["text.txt", ".", "*.txt", "**"])
def test_runs_report_over_a_corpus_of_a_run_raises(runs, tmp_path, named):
    corpus = tmp_path / "text.txt"
    corpus.write_text("a text")
    told = json.loads((runs[1] / "run.json").read_text())
    told["inputs"] = {"corpus": [str(tmp_path / named)]}
    (runs[1] / "run.json").write_text(json.dumps(told))
    for write in (lambda: write_runs_report(runs, corpus), lambda: write_report(runs[1], corpus)):
        with pytest.raises(OutputError):
            write()
    assert corpus.read_text() == "a text"


def test_runs_report_of_names_that_are_no_text_or_begin_with_an_underscore_names_them(tmp_path):
    names = ("_hidden", os.fsdecode(b"b\xff\x01"))
    try:
        folders = [make_run(tmp_path / name, [begin(), progress(100, 1)]) for name in names]
    except OSError:
        pytest.skip("this system has no such names")
    write_runs_report(folders, tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf8")
    legend = text[text.index("legend") : text.index("</svg>")]
    assert "_hidden" in legend and r"\x01" in legend


def test_runs_report_of_speeds_without_end_draws_the_others(tmp_path):
    lines = [begin(), progress(100, 5e-324), progress(200, 1e-323), progress(300, 1)]
    write_runs_report([make_run(tmp_path / "a", lines)] * 2, tmp_path / "out.html")
    write_report(tmp_path / "a", tmp_path / "out.html")
    assert "inf" not in (tmp_path / "out.html").read_text(encoding="utf8").split("<svg")[0]
