"""Several runs on one page."""

import re

import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.errors import OutputError, PlotError
from fastw2v.plots.runs_report import MOST_RUNS, write_runs_report
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
    for folders, named in (([runs[0], tmp_path / "none"], "none"), (runs * 3, str(MOST_RUNS))):
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
