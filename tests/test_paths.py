"""Paths that no file can have, and files that are not opened because they may lead elsewhere."""

import os
import tracemalloc
from pathlib import Path

import pytest

from fastw2v.errors import CheckpointError, OutputError
from fastw2v.paths import (
    checked_path,
    is_folder,
    is_special,
    open_regular,
    read_at_most,
    run_files,
    shown,
    unused,
)

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")


@pytest.mark.parametrize("path", [7, None, ["a"], b"bytes", "a\0b", "half \ud800", ""], ids=ascii)
def test_checked_path_of_no_name_raises_in_one_line(path):
    with pytest.raises(CheckpointError) as raised:
        checked_path(path, CheckpointError)
    assert (
        str(raised.value).isascii()
        and "\n" not in str(raised.value)
        and len(str(raised.value)) < 300
    )


@pytest.mark.parametrize("path", ["a", "a b/c", Path("x"), os.fsdecode(b"caf\xe9")])
def test_checked_path_of_a_name_returns_its_text(path):
    assert checked_path(path) == os.fsdecode(path)


def test_shown_of_a_long_path_is_shorter_and_keeps_both_ends():
    text = shown(f"/begin/{'x' * 5000}/end")
    assert text.startswith("/begin/") and text.endswith("/end") and len(text) <= 200
    assert shown("/short") == "/short"


def test_is_folder_of_a_name_that_is_too_long_raises(tmp_path):
    assert is_folder(tmp_path, OutputError) and not is_folder(tmp_path / "none", OutputError)
    with pytest.raises(CheckpointError, match="x" * 20):
        is_folder("x" * 300, CheckpointError)


@pytest.mark.parametrize("mode", ["rb", "a+b", "r+b"])
def test_open_regular_of_a_link_raises_and_leaves_its_target(tmp_path, mode):
    (tmp_path / "target").write_text("precious")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "dangling").symlink_to("nothing")
    for name in ("link", "dangling"):
        with pytest.raises(OSError, match="symbolic link"):
            open_regular(tmp_path / name, mode)
    assert (tmp_path / "target").read_text() == "precious" and not (tmp_path / "nothing").exists()


@needs_fifo
@pytest.mark.parametrize("mode", ["rb", "a+b", "r+b"])
def test_open_regular_of_a_pipe_raises_without_waiting(tmp_path, mode):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe"):
        open_regular(tmp_path / "pipe", mode)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="the system has no such device")
def test_open_regular_of_a_device_or_directory_raises(tmp_path):
    for path, kind in (("/dev/zero", "device"), (tmp_path, "directory")):
        with pytest.raises(OSError, match=kind):
            open_regular(path)


def test_open_regular_of_a_file_with_two_names_is_for_reading_only(tmp_path):
    (tmp_path / "file").write_text("precious")
    os.link(tmp_path / "file", tmp_path / "other")
    with open_regular(tmp_path / "other") as file:
        assert file.read() == b"precious"
    with pytest.raises(OSError, match="hard links"):
        open_regular(tmp_path / "other", "a+b")


@needs_fifo
def test_open_regular_finds_what_took_the_files_place_meanwhile(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    plain = os.lstat(tmp_path / "file")
    os.unlink(tmp_path / "file")
    os.mkfifo(tmp_path / "file")
    monkeypatch.setattr(os, "lstat", lambda path: plain)
    with pytest.raises(OSError, match="pipe"):
        open_regular(tmp_path / "file", "r+b")


def test_open_regular_makes_a_file_that_is_to_be_added_to(tmp_path):
    with open_regular(tmp_path / "new", "a+", encoding="utf8") as file:
        file.write("é")
    assert (tmp_path / "new").read_text(encoding="utf8") == "é"


def test_run_files_are_there_or_will_be(tmp_path):
    (tmp_path / "checkpoint-000000000000001.fw2c").touch()
    (tmp_path / "report.html").touch()
    names = {path.name for path in run_files(tmp_path)}
    assert names == {
        "run.json",
        "log.jsonl",
        "vocabulary.txt",
        "lock",
        "checkpoint-000000000000001.fw2c",
    }


def test_unused_passes_over_what_is_there_and_dangling_links(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "b").symlink_to("nothing")
    assert unused(tmp_path / name for name in "abcd") == tmp_path / "c"


def test_read_at_most_of_a_short_file_takes_little_memory(tmp_path):
    (tmp_path / "short").write_bytes(b"abc" * 1000)
    with open(tmp_path / "short", "rb") as file:
        tracemalloc.start()
        try:
            data = read_at_most(file, 1 << 28)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        file.seek(0)
        assert (data, read_at_most(file, 4)) == (b"abc" * 1000, b"abca") and peak < 1 << 23


def test_shown_of_a_name_with_control_characters_is_printable():
    assert shown("a\nb\x1b[31m\u202e\udcff/é字.txt") == "a\\nb\\x1b[31m\\u202e\\udcff/é字.txt"


@needs_fifo
def test_is_special_of_pipes_and_files_of_the_kernel(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert is_special(tmp_path / "pipe") and is_special(os.devnull)
    assert not os.path.exists("/proc/self/status") or is_special("/proc/self/status")
    assert not any(map(is_special, (tmp_path / "file", tmp_path, tmp_path / "none", "a\0b")))
