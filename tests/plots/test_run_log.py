import json
import math
import os
import random

import pytest

from fastw2v.errors import Fastw2vError, PlotError
from fastw2v.plots import run_log
from fastw2v.plots.report import write_report
from fastw2v.plots.run_log import read_run
from tests.helpers.runs import BEGAN, begin, make_run, progress


def tokens(run):
    return [line["tokens"] for line in run.progress]


def test_a_run_is_read_with_its_scores_and_its_end(tmp_path):
    scored = {
        "kind": "evaluated",
        "time": BEGAN + 5,
        "epoch": 1,
        "scores": {"pairs": 0.5, "none": None},
        "best": True,
    }
    lines = [
        begin(),
        progress(400, 4),
        scored,
        progress(1000, 8),
        {"kind": "end", "time": BEGAN + 9, "seconds": 9},
    ]
    run = read_run(make_run(tmp_path / "run", lines))
    assert tokens(run) == [400, 1000] and run.ended and run.unread == 0
    assert run.scores[1]["pairs"] == 0.5 and math.isnan(run.scores[1]["none"]) and run.best == {1}
    assert (run.machine, run.threads, run.seconds) == ("a <machine>", 2, 8)
    assert run.config["epochs"] == 2 and run.output == tmp_path / "vectors.npz"
    assert run.words_per_s == (1000 - 400) / (8 - 4)


def test_what_a_kill_lost_is_left_out_and_seconds_are_those_of_training(tmp_path):
    lines = [begin(), progress(100, 1), progress(200, 2), progress(300, 3)]
    lines += [
        begin(BEGAN + 1000),
        {"kind": "resume", "time": BEGAN + 1000, "tokens": 150, "file": "checkpoint-1.npz"},
    ]
    lines += [progress(250, 4, time=BEGAN + 1001), progress(350, 5, time=BEGAN + 1002)]
    run = read_run(make_run(tmp_path / "run", lines))
    assert tokens(run) == [100, 250, 350] and run.resumed == [150] and not run.ended
    assert run.seconds == 5
    assert run.words_per_s == 100  # of 250 to 350: what lies between 100 and 250 is of two sessions


def test_a_run_begun_anew_in_its_folder_forgets_what_was_before(tmp_path):
    lines = [
        begin(),
        progress(100, 1),
        progress(900, 2),
        begin(),
        progress(50, 1),
        progress(120, 2),
    ]
    assert tokens(read_run(make_run(tmp_path / "run", lines))) == [50, 120]


@pytest.mark.parametrize("end", ['{"kind": "progr', "\x00\x00\x00", '{"kind":'])
def test_a_last_line_cut_short_is_no_damage(tmp_path, end):
    run = read_run(make_run(tmp_path / "run", [begin(), progress(100, 1)], end=end))
    assert tokens(run) == [100] and run.unread == 0


def test_a_last_line_without_its_line_end_is_read(tmp_path):
    run = read_run(make_run(tmp_path / "run", [begin()], end=json.dumps(progress(100, 1))))
    assert tokens(run) == [100]


@pytest.mark.parametrize("loss, read", [(None, math.nan), (math.nan, math.nan), (2, 2.0)])
def test_losses_may_be_unknown(tmp_path, loss, read):
    run = read_run(make_run(tmp_path / "run", [begin(), progress(100, 1, loss=loss)]))
    assert run.progress[0]["loss"] == pytest.approx(read, nan_ok=True)


def test_damaged_lines_are_counted_and_left_out(tmp_path):
    damaged = [
        "[]",
        '"kind"',
        '{"kind": "progress"}',
        "{\x00",
        "[" * 100_000,
        '{"kind": "end", "time": NaN}',
    ]
    damaged += [
        json.dumps(progress(100, 1, total=0)),
        json.dumps(progress(100, 1, rate="high")),
        '{"time": 1}',
    ]
    end = "\n".join(damaged) + "\n\n" + json.dumps(progress(200, 2)) + "\n"
    run = read_run(make_run(tmp_path / "run", [begin(), progress(100, 1)], end=end))
    assert tokens(run) == [100, 200] and run.unread == len(damaged) and not run.ended


def test_a_run_that_has_only_just_begun_has_no_log(tmp_path):
    folder = make_run(tmp_path / "run", [])
    (folder / "log.jsonl").unlink()
    run = read_run(folder)
    assert (run.progress, run.sessions, run.seconds) == ([], [], 0) and math.isnan(run.words_per_s)


def test_what_is_no_run_folder_is_said(tmp_path):
    with pytest.raises(PlotError, match="none: "):
        read_run(tmp_path / "none")
    with pytest.raises(PlotError, match=r"run\.json"):
        read_run(tmp_path)
    for text in (
        "",
        "{",
        "[]",
        '{"config": 1, "corpus": {}}',
        '{"config": {}}',
        "\x00",
        "[" * 100_000,
    ):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(PlotError, match=r"run\.json: "):
            read_run(tmp_path)
    (tmp_path / "run.json").write_bytes(b"\xff\xfe")
    with pytest.raises(PlotError, match=r"run\.json: "):
        read_run(tmp_path)


@pytest.mark.parametrize("name", ["run.json", "log.jsonl"])
def test_read_run_opens_neither_links_nor_pipes(tmp_path, name):
    folder = make_run(tmp_path / "run", [begin()])
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlotError, match=f"{name}: "):
        read_run(folder)
    (folder / name).unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / name)
        with pytest.raises(PlotError, match=f"{name}: "):
            read_run(folder)


@pytest.mark.parametrize(
    "name", ["x" * 300, "a\0b", "half\ud800", 7], ids=["long", "null", "surrogate", "number"]
)
def test_read_run_of_a_name_that_cannot_be_raises(name):
    with pytest.raises(PlotError) as raised:
        read_run(name)
    assert len(str(raised.value)) < 300


HOSTILE = [
    None,
    True,
    "x" * 5000,
    "\0\ud800\x1b[2J",
    [],
    {},
    [[[]]],
    -1,
    0,
    1e308,
    -1e308,
    2**70,
    10**400,
    ["\ud800", 1, [2]],
    "<b>&",
]


def edited(value, change, rng):
    """The value with a part changed at random: to a hostile one, or left out."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        if rng.random() < 0.1:
            return {key: each for key, each in value.items() if key != name} | {
                "x\ud800": HOSTILE[0]
            }
        return value | {name: edited(value[name], change, rng)}
    return change


def test_a_report_of_hostile_files_is_made_or_refused_in_one_line(tmp_path, monkeypatch):
    """Structured mutations: what is read is JSON of the right form, with wrong values in it.

    Drawing would take minutes.
    """
    monkeypatch.setattr("fastw2v.plots.report.svg_of", lambda *args: "")
    rng = random.Random(20260104)
    scored = {
        "kind": "evaluated",
        "time": BEGAN + 5,
        "epoch": 1,
        "scores": {"pairs": 0.5, "other": None},
        "best": True,
    }
    together = {
        "kind": "synchronised",
        "time": BEGAN,
        "ranks": 2,
        "bytes_sent": 9,
        "seconds": 1.0,
        "of_seconds": 2.0,
        "drift": 0.1,
    }
    lines = [
        begin(),
        progress(400, 4),
        scored,
        together,
        progress(800, 8),
        {"kind": "resume", "time": BEGAN + 8, "tokens": 700},
    ]
    lines += [
        begin(BEGAN + 10),
        progress(900, 9),
        {"kind": "end", "time": BEGAN + 19, "seconds": 9},
    ]
    folder = make_run(tmp_path / "run", lines, corpus=[["a", "b", "c"]] * 9)
    told = json.loads((folder / "run.json").read_text()) | {
        "inputs": {"corpus": ["c.txt"], "init": None}
    }
    for number in range(60):
        change = rng.choice(HOSTILE)
        made, which = list(lines), rng.randrange(len(lines))
        if number % 2:
            made[which] = edited(lines[which], change, rng)
        (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in made))
        (folder / "run.json").write_text(
            json.dumps(told if number % 2 else edited(told, change, rng))
        )
        try:
            assert write_report(folder, tmp_path / "r.html").size > 1000
        except Fastw2vError as error:
            assert len(str(error)) < 300 + len(str(folder)), (number, change)


def test_read_run_of_lines_that_never_end_leaves_them_out(tmp_path, monkeypatch):
    monkeypatch.setattr(run_log, "MAX_LINE_BYTES", 1000)
    folder = make_run(tmp_path / "run", [begin(), progress(400, 4)])
    with open(folder / "log.jsonl", "a") as log:
        log.write("x" * 1500 + "\n" + json.dumps(progress(500, 5)) + "\n")
    run = read_run(folder)
    assert tokens(run) == [400, 500] and run.unread == 2


def test_read_run_of_a_log_without_end_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(run_log, "MAX_LOG_BYTES", 5000)
    monkeypatch.setattr(run_log, "MAX_EPOCHS", 3)
    lines = [{"kind": "resume", "time": BEGAN, "tokens": 0}] * (run_log.MAX_SHOWN + 1)
    run = read_run(make_run(tmp_path / "a", lines * 10))
    assert run.cut and len(run.resumed) <= run_log.MAX_SHOWN
    scored = [
        {"kind": "evaluated", "time": BEGAN, "epoch": epoch, "scores": {}} for epoch in range(9)
    ]
    run = read_run(make_run(tmp_path / "b", scored))
    assert not run.cut and len(run.scores) == 3 and run.unread == 6
