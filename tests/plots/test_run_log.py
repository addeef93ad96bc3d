import json
import math

import pytest

from fastw2v.errors import PlotError
from fastw2v.plots.run_log import read_run
from tests.plots.runs import BEGAN, begin, make_run, progress


def tokens(run):
    return [line["tokens"] for line in run.progress]


def test_a_run_is_read_with_its_scores_and_its_end(tmp_path):
    scored = {"kind": "evaluated", "time": BEGAN + 5, "epoch": 1, "scores": {"pairs": 0.5, "none": None}, "best": True}
    lines = [begin(), progress(400, 4), scored, progress(1000, 8), {"kind": "end", "time": BEGAN + 9, "seconds": 9}]
    run = read_run(make_run(tmp_path / "run", lines))
    assert tokens(run) == [400, 1000] and run.ended and run.unread == 0
    assert run.scores[1]["pairs"] == 0.5 and math.isnan(run.scores[1]["none"]) and run.best == {1}
    assert (run.machine, run.threads, run.seconds) == ("a <machine>", 2, 9)
    assert run.config["epochs"] == 2 and run.output == tmp_path / "vectors.npz"
    assert run.words_per_s == (1000 - 400) / (8 - 4)


def test_what_a_kill_lost_is_left_out_and_time_between_sessions_is_not_counted(tmp_path):
    lines = [begin(), progress(100, 1), progress(200, 2), progress(300, 3)]
    lines += [begin(BEGAN + 1000), {"kind": "resume", "time": BEGAN + 1000, "tokens": 150, "file": "checkpoint-1.npz"}]
    lines += [progress(250, 4, time=BEGAN + 1001), progress(350, 5, time=BEGAN + 1002)]
    run = read_run(make_run(tmp_path / "run", lines))
    assert tokens(run) == [100, 250, 350] and run.resumed == [150] and not run.ended
    assert run.seconds == 3 + 2
    assert run.words_per_s == 100  # of 250 to 350: what lies between 100 and 250 is of two sessions


def test_a_run_begun_anew_in_its_folder_forgets_what_was_before(tmp_path):
    lines = [begin(), progress(100, 1), progress(900, 2), begin(), progress(50, 1), progress(120, 2)]
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
    damaged = ["[]", '"kind"', '{"kind": "progress"}', "{\x00", "[" * 100_000, '{"kind": "end", "time": NaN}']
    damaged += [json.dumps(progress(100, 1, total=0)), json.dumps(progress(100, 1, rate="high")), '{"time": 1}']
    end = "\n".join(damaged) + "\n\n" + json.dumps(progress(200, 2)) + "\n"
    run = read_run(make_run(tmp_path / "run", [begin(), progress(100, 1)], end=end))
    assert tokens(run) == [100, 200] and run.unread == len(damaged) and not run.ended


def test_a_run_that_has_only_just_begun_has_no_log(tmp_path):
    folder = make_run(tmp_path / "run", [])
    (folder / "log.jsonl").unlink()
    run = read_run(folder)
    assert (run.progress, run.sessions, run.seconds) == ([], [], 0) and math.isnan(run.words_per_s)


def test_what_is_no_run_folder_is_said(tmp_path):
    with pytest.raises(PlotError, match="none: is no folder"):
        read_run(tmp_path / "none")
    with pytest.raises(PlotError, match=r"holds no run\.json, so it is no run folder"):
        read_run(tmp_path)
    for text in ("", "{", "[]", '{"config": 1, "corpus": {}}', '{"config": {}}', "\x00", "[" * 100_000):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(PlotError, match=r"run\.json: is damaged"):
            read_run(tmp_path)
    (tmp_path / "run.json").write_bytes(b"\xff\xfe")
    with pytest.raises(PlotError, match=r"run\.json: is damaged"):
        read_run(tmp_path)
