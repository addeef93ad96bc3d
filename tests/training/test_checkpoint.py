"""Checkpoints are whole, or it is noticed."""

import hashlib
import os
import threading

import numpy as np
import pytest

from fastw2v.errors import CheckpointError, OutputError, TrainingError
from fastw2v.training import checkpoint
from fastw2v.training.checkpoint import (
    KEPT,
    MAGIC,
    Checkpoints,
    DamagedError,
    check_arrays,
    checkpoint_paths,
    copy,
    read_arrays,
    read_checkpoint,
    write_checkpoint,
)

HEADER = {"state": {}, "config": {}, "fingerprints": {}}


@pytest.fixture
def arrays(rng):
    return {
        "W_in": rng.integers(-99, 99, size=(70, 16)).astype(np.float32),
        "W_out": rng.normal(size=(0, 16)).astype(np.float32),
    }


def read(path, like):
    header, begin, end = read_checkpoint(path)
    found = {name: np.zeros_like(array) for name, array in like.items()}
    check_arrays(header, begin, end, found)
    read_arrays(path, begin, found)
    return header, found


def test_what_was_written_is_read(tmp_path, arrays):
    write_checkpoint(tmp_path / "c", HEADER | {"state": {"epoch": 3, "best": -np.inf}}, arrays)
    header, found = read(tmp_path / "c", arrays)
    assert header["state"] == {"epoch": 3, "best": -np.inf}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_no_byte_can_be_changed_or_lost_unnoticed(tmp_path, arrays, rng):
    write_checkpoint(tmp_path / "c", HEADER, arrays)
    whole = (tmp_path / "c").read_bytes()
    for at in [*range(60), *rng.integers(0, len(whole), 60).tolist(), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << int(rng.integers(8))
        for content in (bytes(damaged), whole[:at], whole + b"x"):
            (tmp_path / "d").write_bytes(content)
            with pytest.raises(CheckpointError, match="d: "):
                read_checkpoint(tmp_path / "d")


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"W_in": np.zeros((71, 16), "f4")},
        {"W_in": np.zeros((70, 16), "f8")},
        {"X": np.zeros((70, 16), "f4")},
    ],
    ids=["none", "shape", "type", "name"],
)
def test_check_arrays_other_than_those_of_the_run_raises(tmp_path, arrays, others):
    write_checkpoint(tmp_path / "c", HEADER, {"W_in": arrays["W_in"]})
    header, begin, end = read_checkpoint(tmp_path / "c")
    check_arrays(header, begin, end, {"W_in": arrays["W_in"]})
    for wrong_end, arrays_of_run in ((end, others), (end - 1, {"W_in": arrays["W_in"]})):
        with pytest.raises(ValueError, match="arrays"):
            check_arrays(header, begin, wrong_end, arrays_of_run)


def test_read_arrays_of_a_file_cut_short_meanwhile_raises(tmp_path, arrays):
    write_checkpoint(tmp_path / "c", HEADER, arrays)
    _, begin, end = read_checkpoint(tmp_path / "c")
    os.truncate(tmp_path / "c", end - 4)
    with pytest.raises(CheckpointError, match="c: "):
        read_arrays(
            tmp_path / "c",
            begin,
            {name: np.zeros_like(array) for name, array in arrays.items()} | {"x": np.zeros(9)},
        )


@pytest.mark.parametrize(
    "text", [b"[1]", b"{}", b"[" * 100_000, b"\xff\xff", b'{"state": 1}', b"9" * 5000], ids=len
)
def test_read_checkpoint_of_a_header_that_is_none_raises_and_does_not_call_it_damaged(
    tmp_path, text
):
    content = MAGIC + len(text).to_bytes(8, "little") + text
    (tmp_path / "c").write_bytes(content + hashlib.sha256(content).digest())
    with pytest.raises(CheckpointError, match="c: ") as raised:
        read_checkpoint(tmp_path / "c")
    assert not isinstance(raised.value, DamagedError)


def test_the_last_two_stay_and_are_copies(tmp_path, arrays):
    kept = Checkpoints(tmp_path, threads=3)
    for position in (5, 10, 2000):
        kept.take(position, HEADER | {"state": position}, arrays)
        arrays["W_in"] += 1  # training goes on
        kept.wait()
    assert len(checkpoint_paths(kept.folder)) == KEPT == 2
    assert [read(path, arrays)[0]["state"] for path in checkpoint_paths(kept.folder)] == [2000, 10]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in checkpoint_paths(kept.folder)
    )
    np.testing.assert_array_equal(
        read(checkpoint_paths(kept.folder)[0], arrays)[1]["W_in"], arrays["W_in"] - 1
    )


def test_without_memory_for_copies_it_is_written_all_the_same(tmp_path, arrays, monkeypatch):
    def nothing(*shape):
        raise TrainingError("no memory")

    monkeypatch.setattr(checkpoint, "aligned_zeros", nothing)
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    assert not kept.busy and len(checkpoint_paths(kept.folder)) == 1


def test_numbers_that_are_not_finite_are_no_checkpoint(tmp_path, arrays):
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    kept.wait()
    arrays["W_in"][3, 3] = np.nan
    kept.take(2, {}, arrays)
    with pytest.raises(TrainingError, match="finite"):
        kept.wait()
    assert [path.name for path in checkpoint_paths(kept.folder)] == [
        "checkpoint-000000000000001.fw2c"
    ]


def test_a_full_disk_leaves_the_ones_before(tmp_path, arrays, monkeypatch):
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    kept.wait()
    before = checkpoint_paths(kept.folder)[0].read_bytes()

    def full(handle):
        raise OSError(28, os.strerror(28))

    for how in (kept.failure, kept.wait):
        monkeypatch.setattr(os, "fsync", full)
        kept.take(2, {}, arrays)
        kept.idle.wait()
        if how == kept.wait:
            with pytest.raises(OutputError, match="No space left"):
                how()
        else:
            assert isinstance(how(), OutputError) and how() is None
        monkeypatch.undo()
        assert [path.read_bytes() for path in checkpoint_paths(kept.folder)] == [before] and len(
            list(tmp_path.iterdir())
        ) == 1
    kept.take(3, {}, arrays)  # once there is room
    kept.wait()
    assert len(checkpoint_paths(kept.folder)) == 2


def test_checkpoints_without_a_further_thread_are_written_all_the_same(
    tmp_path, arrays, monkeypatch
):
    def start(self):
        raise RuntimeError("can't start new thread")

    kept = Checkpoints(tmp_path, threads=2)
    monkeypatch.setattr(threading.Thread, "start", start)
    kept.take(1, {}, arrays)
    kept.stop()
    assert not kept.busy and len(checkpoint_paths(kept.folder)) == 1


def test_copies_are_made_by_any_number_of_threads(arrays):
    for threads in (1, 2, 7, 100):
        copies = {name: np.zeros_like(array) for name, array in arrays.items()}
        copy(arrays, copies, threads)
        for name in arrays:
            np.testing.assert_array_equal(copies[name], arrays[name])


def test_other_arrays_than_there_is_room_for_are_written_all_the_same(tmp_path, arrays):
    """The first evaluation brings copies of the best tables with it."""
    kept = Checkpoints(tmp_path)
    kept.reserve_buffers({"W_in": arrays["W_in"]})
    kept.take(1, HEADER, arrays)
    assert (
        not kept.busy and read(checkpoint_paths(kept.folder)[0], arrays)[1].keys() == arrays.keys()
    )


def test_memory_is_taken_before_it_is_needed(tmp_path, arrays):
    kept = Checkpoints(tmp_path)
    kept.reserve_buffers(arrays)
    kept.buffers.ready.wait()
    assert kept.reserve_buffers(arrays)
    kept.take(1, {}, arrays)
    kept.wait()
    assert kept.buffers is None and len(checkpoint_paths(kept.folder)) == 1
    kept.take(2, {}, arrays, stopped=True)
    assert not kept.busy and len(checkpoint_paths(kept.folder)) == 2
