"""Checkpoints are whole, or it is noticed."""

import os

import numpy as np
import pytest

from fastw2v.errors import CheckpointError, OutputError, TrainingError
from fastw2v.training import checkpoint
from fastw2v.training.checkpoint import KEPT, Checkpoints, copy, read_arrays, read_checkpoint, write_checkpoint


@pytest.fixture
def arrays(rng):
    return {"W_in": rng.integers(-99, 99, size=(70, 16)).astype(np.float32), "W_out": rng.normal(size=(0, 16)).astype(np.float32)}


def read(path, like):
    header, begin = read_checkpoint(path)
    found = {name: np.zeros_like(array) for name, array in like.items()}
    read_arrays(path, header, begin, found)
    return header, found


def test_what_was_written_is_read(tmp_path, arrays):
    write_checkpoint(tmp_path / "c", {"state": {"epoch": 3, "best": -np.inf}}, arrays)
    header, found = read(tmp_path / "c", arrays)
    assert header["state"] == {"epoch": 3, "best": -np.inf}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_no_byte_can_be_changed_or_lost_unnoticed(tmp_path, arrays, rng):
    write_checkpoint(tmp_path / "c", {"state": {}}, arrays)
    whole = (tmp_path / "c").read_bytes()
    for at in [*range(60), *rng.integers(0, len(whole), 60).tolist(), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << int(rng.integers(8))
        for content in (bytes(damaged), whole[:at], whole + b"x"):
            (tmp_path / "d").write_bytes(content)
            with pytest.raises(CheckpointError, match=r"d: is (damaged|no checkpoint)"):
                read_checkpoint(tmp_path / "d")


def test_arrays_of_another_shape_are_refused(tmp_path, arrays):
    write_checkpoint(tmp_path / "c", {}, arrays)
    header, begin = read_checkpoint(tmp_path / "c")
    with pytest.raises(CheckpointError, match="its W_in is not of the shape"):
        read_arrays(tmp_path / "c", header, begin, {"W_in": np.zeros((71, 16), np.float32)})


def test_the_last_two_stay_and_are_copies(tmp_path, arrays):
    kept = Checkpoints(tmp_path, threads=3)
    for position in (5, 10, 2000):
        kept.take(position, {"at": position}, arrays)
        arrays["W_in"] += 1  # training goes on
        kept.wait()
    assert len(kept.paths()) == KEPT == 2
    assert [read(path, arrays)[0]["at"] for path in kept.paths()] == [2000, 10]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in kept.paths())
    np.testing.assert_array_equal(read(kept.paths()[0], arrays)[1]["W_in"], arrays["W_in"] - 1)


def test_without_memory_for_copies_it_is_written_all_the_same(tmp_path, arrays, monkeypatch):
    def nothing(*shape):
        raise TrainingError("no memory")

    monkeypatch.setattr(checkpoint, "aligned_zeros", nothing)
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    assert not kept.busy and len(kept.paths()) == 1


def test_numbers_that_are_not_finite_are_no_checkpoint(tmp_path, arrays):
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    kept.wait()
    arrays["W_in"][3, 3] = np.nan
    kept.take(2, {}, arrays)
    with pytest.raises(TrainingError, match="not finite"):
        kept.wait()
    assert [path.name for path in kept.paths()] == ["checkpoint-000000000000001.fw2c"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")
def test_a_full_disk_leaves_the_ones_before(tmp_path, arrays, monkeypatch):
    kept = Checkpoints(tmp_path)
    kept.take(1, {}, arrays)
    kept.wait()
    before = kept.paths()[0].read_bytes()
    real = open

    def full(path, mode="r", *args, **kwargs):
        full = str(path).endswith(".tmp")
        return real("/dev/full" if full else path, "w+b" if full else mode, *args, **kwargs)

    monkeypatch.setattr("builtins.open", full)
    kept.take(2, {}, arrays)
    with pytest.raises(OutputError, match="No space left"):
        kept.wait()
    monkeypatch.undo()
    assert [path.read_bytes() for path in kept.paths()] == [before]
    kept.take(3, {}, arrays)  # once there is room
    kept.wait()
    assert len(kept.paths()) == 2


def test_copies_are_made_by_any_number_of_threads(arrays):
    for threads in (1, 2, 7, 100):
        copies = {name: np.zeros_like(array) for name, array in arrays.items()}
        copy(arrays, copies, threads)
        for name in arrays:
            np.testing.assert_array_equal(copies[name], arrays[name])


def test_other_arrays_than_there_is_room_for_are_written_all_the_same(tmp_path, arrays):
    """The first evaluation brings copies of the best tables with it."""
    kept = Checkpoints(tmp_path)
    kept.make_room({"W_in": arrays["W_in"]})
    kept.take(1, {}, arrays)
    assert not kept.busy and read(kept.paths()[0], arrays)[1].keys() == arrays.keys()


def test_memory_is_taken_before_it_is_needed(tmp_path, arrays):
    kept = Checkpoints(tmp_path)
    kept.make_room(arrays)
    kept.room.ready.wait()
    assert kept.make_room(arrays)
    kept.take(1, {}, arrays)
    kept.wait()
    assert kept.room is None and len(kept.paths()) == 1
    kept.take(2, {}, arrays, stopped=True)
    assert not kept.busy and len(kept.paths()) == 2
