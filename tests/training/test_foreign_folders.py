"""Run folders that come from others: nothing outside them is opened, and what they say is checked;
and disks that are full.
"""

import os
import shutil
import signal

import numpy as np
import pytest

import fastw2v
from fastw2v import files
from fastw2v.errors import CheckpointError, Fastw2vError, OutputError
from fastw2v.events import Notice, Progress
from fastw2v.training import checkpoint, loop
from fastw2v.training.checkpoint import Checkpoints
from fastw2v.training.interrupts import Terminated
from tests.helpers.forging import edit_json, forge, newest_checkpoint

WORDS = [f"w{i}" for i in range(20)]
OPTIONS = dict(threads=1, epochs=2, vector_size=16, min_count=1)
NAMES = ("lock", "log.jsonl", "run.json", "vocabulary.txt")


class Stopped(Exception):
    """As if it had been killed."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    rng = np.random.default_rng(20260102)
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    path.write_text("".join(" ".join(rng.choice(WORDS, 10)) + "\n" for _ in range(300)))
    return path


@pytest.fixture(scope="module")
def halfway(corpus, tmp_path_factory):
    """Folders of runs that were stopped on their way, by name."""
    top, many = tmp_path_factory.mktemp("halfway"), pytest.MonkeyPatch()
    many.setattr(loop, "BETWEEN", 1e-9)
    many.setattr(loop, "first_size", lambda *args: 256)
    kinds = {
        "plain": {},
        "patient": {"patience": 9, "evaluate": lambda vectors: 1.0},
        "deterministic": {"deterministic": True},
    }

    def stop(event):
        if isinstance(event, Progress) and event.tokens > 0.7 * event.total:
            signal.raise_signal(signal.SIGTERM)

    for name, options in kinds.items():
        with pytest.raises(Terminated):
            fastw2v.train(corpus, run_dir=top / name, on_event=stop, **OPTIONS | options)
    many.undo()
    return top


@pytest.fixture
def folder(halfway, tmp_path):
    shutil.copytree(halfway / "plain", tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_a_run_folder_is_never_followed(folder, tmp_path, name):
    (tmp_path / "victim").write_text("precious")
    before = (folder / name).read_text()
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "victim")
    notices = []
    try:
        fastw2v.resume(folder, on_event=notices.append)
    except Fastw2vError as error:
        assert name in str(error) and name in ("lock", "run.json")
    assert (tmp_path / "victim").read_text() == "precious"
    if name == "log.jsonl":
        assert any(name in event.text for event in notices if isinstance(event, Notice))
    if name == "vocabulary.txt":  # is written anew before there are fingerprints
        edit_json(
            folder / "run.json",
            lambda metadata: {
                key: value for key, value in metadata.items() if key != "fingerprints"
            },
        )
        newest_checkpoint(folder).unlink()
        fastw2v.resume(folder)
        assert (folder / name).read_text() == before and not (folder / name).is_symlink()
        assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("name", [*NAMES, "checkpoint"])
def test_a_pipe_in_a_run_folder_is_not_waited_for(folder, name):
    path = newest_checkpoint(folder) if name == "checkpoint" else folder / name
    path.unlink()
    os.mkfifo(path)
    if name in ("log.jsonl", "vocabulary.txt"):
        fastw2v.resume(folder)
    else:
        with pytest.raises(Fastw2vError, match=f"{name}.*is a pipe"):
            fastw2v.resume(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("name", ["vocab", "stop_words", "evaluate", "corpus", "init"])
def test_resume_run_json_that_names_a_pipe_as_input_is_refused(folder, tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    value = [str(tmp_path / "pipe")] if name in ("evaluate", "corpus") else str(tmp_path / "pipe")
    edit_json(
        folder / "run.json",
        lambda metadata: metadata | {"inputs": metadata["inputs"] | {name: value}},
    )
    with pytest.raises(CheckpointError, match="pipe"):
        fastw2v.resume(folder)


def test_a_checkpoint_that_is_a_link_is_refused_and_stays(folder, tmp_path):
    path = newest_checkpoint(folder)
    shutil.move(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CheckpointError, match=f"{path.name}: "):
        fastw2v.resume(folder)
    assert path.is_symlink() and (tmp_path / "elsewhere").exists()


def test_a_checkpoint_that_may_not_be_read_is_refused_and_one_on_a_broken_disk_set_aside(
    folder, corpus, monkeypatch
):
    path, number = newest_checkpoint(folder), 13

    def open_regular(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(checkpoint, "open_regular", open_regular)
    with pytest.raises(CheckpointError, match="Permission denied"):
        fastw2v.resume(folder)
    number = 5
    fastw2v.resume(folder)
    assert path.with_name(f"{path.name}.damaged").exists()


@pytest.mark.parametrize("name", ["lock", "vocabulary.txt", "log.jsonl", "run.json"])
def test_a_folder_with_files_of_something_else_is_refused_and_stays(corpus, tmp_path, name):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / name).write_text("mine\n")
    with pytest.raises(CheckpointError, match=name):
        fastw2v.train(corpus, run_dir=tmp_path / "project", **OPTIONS)
    assert (tmp_path / "project" / name).read_text() == "mine\n"


FORGED = {
    "position": lambda header, arrays: (
        header | {"state": header["state"] | {"position": -(10**6)}},
        arrays,
    ),
    "far position": lambda header, arrays: (
        header | {"state": header["state"] | {"position": 10**9}},
        arrays,
    ),
    "finished": lambda header, arrays: (
        header | {"state": header["state"] | {"over": True}},
        arrays,
    ),
    "not a number": lambda header, arrays: (
        header | {"state": header["state"] | {"seconds": float("nan")}},
        arrays,
    ),
    "attribute": lambda header, arrays: (
        header | {"state": header["state"] | {"tables": None}},
        arrays,
    ),
    "no state": lambda header, arrays: (header | {"state": {}}, arrays),
    "no arrays": lambda header, arrays: (header | {"arrays": []}, arrays),
    "short arrays": lambda header, arrays: (header, arrays[:-4]),
    "long arrays": lambda header, arrays: (header, arrays + bytes(4)),
    "another type": lambda header, arrays: (
        header | {"arrays": [[n, "<f8", s] for n, _, s in header["arrays"]]},
        arrays,
    ),
    "many arrays": lambda header, arrays: (header | {"arrays": header["arrays"] * 2}, arrays * 2),
    "infinite": lambda header, arrays: (header, arrays[:-4] + np.float32(np.inf).tobytes()),
    "a list": lambda header, arrays: (b"[1]", arrays),
    "deep": lambda header, arrays: (b"[" * 100_000, arrays),
    "no configuration": lambda header, arrays: (header | {"config": None}, arrays),
    "unknown field": lambda header, arrays: (
        header | {"config": header["config"] | {"colour": 1}},
        arrays,
    ),
    "wrong field": lambda header, arrays: (
        header | {"config": header["config"] | {"window": [[]]}},
        arrays,
    ),
    "another field": lambda header, arrays: (
        header | {"config": header["config"] | {"window": 7}},
        arrays,
    ),
    "fingerprints": lambda header, arrays: (header | {"fingerprints": [1]}, arrays),
    "other prints": lambda header, arrays: (
        header | {"fingerprints": header["fingerprints"] | {"corpus": "00"}},
        arrays,
    ),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_checkpoint_is_refused_in_one_line_and_stays(folder, change):
    path = newest_checkpoint(folder)
    forge(path, change)
    with pytest.raises(
        CheckpointError, match=path.name if change is not FORGED["another field"] else "window"
    ) as raised:
        fastw2v.resume(folder)
    assert len(str(raised.value)) < 300 + len(str(folder)) and path.exists()


def test_a_forged_checkpoint_with_the_best_vectors_is_refused(halfway, tmp_path):
    shutil.copytree(halfway / "patient", tmp_path / "run")
    path, evaluate = newest_checkpoint(tmp_path / "run"), lambda vectors: 0.0
    forge(path, lambda header, arrays: (header, arrays))
    whole = path.read_bytes()
    for change in (
        lambda header, arrays: (header | {"state": header["state"] | {"best_epoch": 0}}, arrays),
        lambda header, arrays: (
            header | {"arrays": header["arrays"][:2]},
            arrays[: len(arrays) // 2],
        ),
    ):
        path.write_bytes(whole)
        forge(path, change)
        with pytest.raises(CheckpointError, match="arrays"):
            fastw2v.resume(tmp_path / "run", evaluate=evaluate)
    path.write_bytes(whole)
    fastw2v.resume(tmp_path / "run", evaluate=evaluate)


def test_a_position_inside_a_group_of_a_deterministic_run_is_refused(halfway, tmp_path):
    shutil.copytree(halfway / "deterministic", tmp_path / "run")
    path = newest_checkpoint(tmp_path / "run")

    def change(header, arrays):
        state = header["state"]
        return header | {"state": state | {"position": state["position"] + 1}}, arrays

    forge(path, change)
    with pytest.raises(CheckpointError, match="group"):
        fastw2v.resume(tmp_path / "run")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "9" * 5000, "null", '{"config": {}, "inputs": {"objects": 1}, "corpus": {}}'],
    ids=len,
)
def test_a_run_json_that_is_none_is_refused_in_one_line(folder, text):
    (folder / "run.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"run\.json: ") as raised:
        fastw2v.resume(folder)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "a\0b", "half\ud800", "", 7],
    ids=["long", "null", "surrogate", "empty", "number"],
)
def test_a_run_folder_of_a_name_that_cannot_be_is_refused(corpus, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for use in (
        lambda: fastw2v.train(corpus, run_dir=name, **OPTIONS),
        lambda: fastw2v.resume(name),
    ):
        with pytest.raises((CheckpointError, OutputError)) as raised:
            use()
        assert len(str(raised.value)) < 400 and not list(tmp_path.iterdir())


# ---- disks that are full


@pytest.fixture
def full(monkeypatch):
    """Checkpoints cannot be written while the list that is returned holds something."""
    monkeypatch.setattr(loop, "BETWEEN", 1e-9)
    monkeypatch.setattr(loop, "first_size", lambda *args: 256)
    reserve_buffers = Checkpoints.reserve_buffers
    monkeypatch.setattr(
        Checkpoints,
        "reserve_buffers",
        lambda self, arrays: reserve_buffers(self, arrays) or self.buffers.ready.wait(),
    )
    fsync, state = os.fsync, [True]

    def fail(handle):
        if state and os.readlink(f"/proc/self/fd/{handle}").endswith(".tmp"):
            raise OSError(28, os.strerror(28))
        fsync(handle)

    def begin():
        monkeypatch.setattr(files.os, "fsync", fail)
        return state

    return begin


needs_proc = pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="knows the names of open files by /proc"
)


@needs_proc
def test_a_run_whose_checkpoints_fail_ends_with_its_vectors_and_says_so(corpus, tmp_path, full):
    whole, notices = fastw2v.train(corpus, **OPTIONS), []

    def on_event(event):
        notices.extend([event.text] if isinstance(event, Notice) else [])
        if isinstance(event, Progress) and event.tokens < 500:
            full()

    found = fastw2v.train(
        corpus, run_dir=tmp_path / "run", checkpoint_every=700, on_event=on_event, **OPTIONS
    )
    np.testing.assert_array_equal(found.vectors, whole.vectors)
    assert sum("No space left" in text for text in notices) > 1
    assert "missing" in notices[-1]
    assert not list((tmp_path / "run").glob("checkpoint-*")) and not list(
        (tmp_path / "run").glob(".fastw2v-*")
    )


@needs_proc
def test_a_disk_that_is_full_for_a_while_costs_only_what_could_not_be_written(
    corpus, tmp_path, full
):
    notices, states = [], []

    def on_event(event):
        notices.extend([event.text] if isinstance(event, Notice) else [])
        if isinstance(event, Progress):
            states.append(full())
            if event.tokens > 2500:
                states[-1].clear()

    fastw2v.train(
        corpus, run_dir=tmp_path / "run", checkpoint_every=700, on_event=on_event, **OPTIONS
    )
    assert any("No space left" in text for text in notices) and "missing" not in notices[-1]
    assert len(list((tmp_path / "run").glob("checkpoint-*"))) == 2


@needs_proc
def test_an_interrupt_whose_checkpoint_fails_stays_an_interrupt(corpus, tmp_path, full):
    notices = []

    def on_event(event):
        notices.extend([event.text] if isinstance(event, Notice) else [])
        if isinstance(event, Progress) and event.tokens > 1000:
            full()
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Terminated):
        fastw2v.train(corpus, run_dir=tmp_path / "run", on_event=on_event, **OPTIONS)
    assert "No space left" in notices[-1]
