"""What a run from Python says: to logging, and on a progress line."""

import logging
import sys
from types import ModuleType

import pytest

import fastw2v
from fastw2v.events import Encoded, Evaluated, Notice, Progress, ignore
from fastw2v.progress import Follower, NotebookBar

CORPUS = [["a", "b", "c", "d"] * 5] * 20
OPTIONS = dict(min_count=1, epochs=2, threads=1, sample=0, vector_size=8)


def progress(tokens, epoch, loss):
    return Progress(tokens, 100, epoch, 0.01, loss, tokens, tokens / 10)


def test_vocabulary_epochs_scores_and_the_end_are_logged(caplog):
    events = []
    with caplog.at_level(logging.INFO, "fastw2v"), Follower(events.append, False, 2) as follower:
        for event in (
            Encoded(60, 50, 7, 9, 4, 0.1),
            progress(25, 1, 2.5),
            progress(50, 1, 1.5),
            Evaluated(1, {"pairs": 0.25}, 0.25, True),
            Notice("something"),
            progress(100, 2, float("nan")),
        ):
            follower(event)
    said = [record.getMessage() for record in caplog.records]
    assert all(record.levelno == logging.INFO for record in caplog.records)
    assert len(events) == 6 and len(said) == 6
    for message, parts in zip(
        said,
        [
            ("4 of 9 words", "60 tokens"),
            ("pairs 0.25",),
            ("something",),
            ("epoch 1", "loss 1.5"),
            ("epoch 2", "loss 1.5"),
            ("ended", "100 words", "10 words/s"),
        ],
        strict=True,
    ):
        assert all(part in message for part in parts), message


def test_an_error_ends_the_log_without_an_end(caplog):
    with (
        caplog.at_level(logging.INFO, "fastw2v"),
        pytest.raises(ValueError),
        Follower(ignore, False, 2) as follower,
    ):
        follower(progress(25, 1, 2.5))
        raise ValueError
    assert not caplog.records


def test_train_with_progress_shows_the_line_of_the_command(capsys, caplog):
    with caplog.at_level(logging.INFO, "fastw2v"):
        fastw2v.train(CORPUS, progress=True, **OPTIONS)
    shown = capsys.readouterr()
    assert shown.out == "" and "training 100%" in shown.err and "epoch 2/2" in shown.err
    assert sum("ended" in record.getMessage() for record in caplog.records) == 3


def test_train_without_progress_prints_nothing(capsys):
    fastw2v.train(CORPUS, **OPTIONS)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")
    assert any(
        isinstance(each, logging.NullHandler) for each in logging.getLogger("fastw2v").handlers
    )


@pytest.mark.filterwarnings("ignore")  # tqdm's, about ipywidgets
def test_a_notebook_has_the_bar_of_tqdm_where_it_is_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with Follower(ignore, True, 2) as follower:
        assert not isinstance(follower.show, NotebookBar)
    monkeypatch.delitem(sys.modules, "tqdm.auto")
    pytest.importorskip("tqdm.auto")
    with Follower(ignore, True, 2) as follower:
        follower(progress(25, 1, 2.5))
        follower(progress(100, 2, 2.0))
        assert follower.show.bar.n == follower.show.bar.total == 100
