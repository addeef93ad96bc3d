"""One run from inputs to vectors, as both ``fastw2v.train`` and ``fastw2v train`` run it."""

import pytest

import fastw2v
from fastw2v.config import TrainConfig
from fastw2v.errors import CheckpointError, ConfigError
from fastw2v.events import Encoded, Notice, Progress
from fastw2v.training import session as sessions
from fastw2v.training.inputs import RunInputs
from fastw2v.training.interval import CheckpointInterval
from fastw2v.training.run_folder import RunFolder, fingerprints_of
from fastw2v.training.session import Session
from tests.helpers.forging import edit_json

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "too"]] * 30
OPTIONS = {"threads": 1, "vector_size": 8, "epochs": 2, "min_count": 1}
CONFIG = TrainConfig(**OPTIONS)


@pytest.fixture(scope="module")
def whole():
    return fastw2v.train(SENTENCES, **OPTIONS)


def test_session_without_a_folder_tells_events_and_returns_vectors(whole):
    events = []
    session = Session.prepare(RunInputs(corpus=SENTENCES), CONFIG, notify=events.append)
    assert session.progress is None and session.recorder is None
    vectors = session.run()
    assert vectors.vectors.tobytes() == whole.vectors.tobytes()
    assert any(isinstance(event, Encoded) for event in events) and events[-1] == session.progress
    assert session.stop() is None


def test_session_with_a_folder_resumes_from_what_stop_wrote(whole, tmp_path):
    path, inputs = tmp_path / "run", RunInputs(corpus=SENTENCES)

    def stop(event):
        if isinstance(event, Progress) and event.epoch == 1:
            raise KeyboardInterrupt

    def prepare(run_folder, notify):
        interval = CheckpointInterval("1h")
        return Session.prepare(
            inputs, CONFIG, run_folder=run_folder, interval=interval, notify=notify
        )

    with RunFolder.begin(path, CONFIG, inputs) as folder, prepare(folder, stop) as session:
        with pytest.raises(KeyboardInterrupt):
            session.run()
        written = session.stop()
    assert written is not None and written.parent == path
    events = []
    with RunFolder.find(path) as folder, prepare(folder, events.append) as session:
        assert folder.objects == ["corpus"] and folder.config == CONFIG
        assert session.run().vectors.tobytes() == whole.vectors.tobytes()
    assert any(written.name in event.text for event in events if isinstance(event, Notice))
    assert session.recorder.failed is None


def test_session_that_keeps_no_checkpoints_stops_without_one(tmp_path):
    inputs = RunInputs(corpus=SENTENCES)
    with (
        RunFolder.begin(tmp_path / "run", CONFIG, inputs) as folder,
        Session.prepare(inputs, CONFIG, run_folder=folder) as session,
    ):
        session.run()
        assert session.stop() is None
    assert not list((tmp_path / "run").glob("checkpoint-*"))


def test_run_folder_released_after_the_session_can_be_locked_again(tmp_path):
    inputs = RunInputs(corpus="a.txt")
    with RunFolder.begin(tmp_path / "run", CONFIG, inputs), pytest.raises(CheckpointError):
        RunFolder.find(tmp_path / "run")
    RunFolder.find(tmp_path / "run").close()


def test_fingerprints_name_initial_vectors_by_state_whatever_the_notices_say(whole):
    plain = Session.prepare(RunInputs(corpus=SENTENCES), CONFIG).training
    begun = Session.prepare(RunInputs(corpus=SENTENCES, init=whole), CONFIG).training
    plain.notices.append("a notice for another reason")
    begun.notices.clear()
    assert "vectors_to_begin_with" not in fingerprints_of(plain)
    assert "vectors_to_begin_with" in fingerprints_of(begun)


def test_run_of_before_minn_and_maxn_is_refused_by_name(tmp_path):
    RunFolder.begin(tmp_path / "run", CONFIG, RunInputs(corpus="a.txt")).close()

    def change(metadata):
        config = {k: v for k, v in metadata["config"].items() if k not in ("minn", "maxn")}
        return metadata | {"config": config | {"subwords": "3-6"}}

    edit_json(tmp_path / "run" / "run.json", change)
    with pytest.raises(CheckpointError, match="subwords"):
        RunFolder.find(tmp_path / "run")


@pytest.mark.parametrize("evaluate", [3, 2.5])
def test_evaluator_of_what_is_neither_function_nor_files_raises(evaluate):
    with pytest.raises(ConfigError, match="evaluate"):
        sessions._evaluator(evaluate)
