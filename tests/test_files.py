import os
import stat

import pytest

from fastw2v.errors import OutputError
from fastw2v.files import (
    atomic_folder,
    atomic_write,
    check_distinct,
    check_writable,
    make_folder,
    remove_leftovers,
    temporary_file,
    temporary_folder,
)

needs_locks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no flock")


def test_a_file_appears_whole(tmp_path):
    with atomic_write(tmp_path / "out") as out:
        out.write(b"abc")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out").read_bytes() == b"abc"


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path):
    (tmp_path / "out").write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic_write(tmp_path / "out") as out:
        out.write(b"new")
        raise RuntimeError
    assert (tmp_path / "out").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_said_in_one_line(tmp_path):
    with (
        pytest.raises(OutputError, match="No space left on device"),
        atomic_write(tmp_path / "out"),
    ):
        raise OSError(28, os.strerror(28))
    assert not list(tmp_path.iterdir())


def test_a_device_is_written_to_and_stays_a_device():
    with atomic_write("/dev/null") as out:
        out.write(b"abc")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_pipe_is_written_to():
    reading, writing = os.pipe()
    with atomic_write(f"/dev/fd/{writing}") as out:
        out.write(b"abc")
    os.close(writing)
    assert os.read(reading, 10) == b"abc"


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    with atomic_write(tmp_path / ("x" * 255)) as out:
        out.write(b"abc")
    with pytest.raises(OutputError, match="x" * 20):
        check_writable(tmp_path / ("x" * 256))


def test_outputs_that_would_destroy_an_input_or_one_another_are_refused(tmp_path):
    (tmp_path / "text").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "text")
    with pytest.raises(OutputError, match="link: "):
        check_distinct([tmp_path / "link"], ["-", tmp_path / "text"])
    with pytest.raises(OutputError, match="a: "):
        check_distinct([tmp_path / "a", tmp_path / "b" / ".." / "a"], [])
    check_distinct([tmp_path / "a", tmp_path / "b", "/dev/null", "/dev/null"], [tmp_path / "text"])


def test_check_distinct_knows_other_names_of_one_file(tmp_path):
    (tmp_path / "text").write_text("x")
    os.link(tmp_path / "text", tmp_path / "hard")
    (tmp_path / "soft").symlink_to("text")
    for name in ("hard", "soft"):
        with pytest.raises(OutputError, match=f"{name}: "):
            check_distinct([tmp_path / name], [tmp_path / "text"])
        with pytest.raises(OutputError, match=f"{name}: "):
            check_distinct([tmp_path / "text", tmp_path / name], [])


def test_check_distinct_knows_the_arrays_beside_gensims_files(tmp_path):
    (tmp_path / "m[1].kv").touch()
    (tmp_path / "m[1].kv.vectors.npy").touch()
    with pytest.raises(OutputError, match=r"vectors\.npy: "):
        check_distinct([tmp_path / "m[1].kv.vectors.npy"], [tmp_path / "m[1].kv"])
    check_distinct([tmp_path / "m[1].kv.other"], [tmp_path / "m[1].kv"])


def test_check_writable_of_a_closed_stream_raises():
    descriptor = os.open(os.devnull, os.O_WRONLY)
    check_writable(f"/dev/fd/{descriptor}")
    os.close(descriptor)
    with pytest.raises(OutputError, match="closed"):
        check_writable(f"/dev/fd/{descriptor}")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_temporary_file_on_a_full_disk_hides_no_other_error(monkeypatch):
    full = lambda dir, buffering: open("/dev/full", "r+b", buffering=buffering)  # noqa: E731
    monkeypatch.setattr("fastw2v.files.tempfile.TemporaryFile", full)
    with pytest.raises(KeyError), temporary_file(None) as file:
        file.write(b"lost")
        raise KeyError


def test_check_writable_of_a_link_that_leads_to_itself_raises(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="/a: "):
        check_writable(tmp_path / "a")


@pytest.mark.parametrize(
    "name", ["x" * 300, "a\0b", "half\ud800", ""], ids=["long", "null", "surrogate", "empty"]
)
@pytest.mark.parametrize(
    "write", [check_writable, lambda path: atomic_write(path).__enter__(), make_folder]
)
def test_writing_to_a_name_that_no_file_can_have_raises(write, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError) as raised:
        write(name)
    assert len(str(raised.value)) < 300 and not list(tmp_path.iterdir())


def test_atomic_write_keeps_the_mode_of_a_file(tmp_path):
    for mode in (0o600, 0o640, 0o444, 0o666):
        (tmp_path / "out").write_bytes(b"old")
        (tmp_path / "out").chmod(mode)
        with atomic_write(tmp_path / "out") as out:
            assert stat.S_IMODE(os.fstat(out.fileno()).st_mode) == mode
            out.write(b"new")
        assert (
            stat.S_IMODE((tmp_path / "out").stat().st_mode) == mode
            and (tmp_path / "out").read_bytes() == b"new"
        )
        (tmp_path / "out").unlink()


def test_atomic_write_without_following_replaces_a_link_itself(tmp_path):
    (tmp_path / "target").write_text("precious")
    for name, target in (("link", "target"), ("null", os.devnull)):
        (tmp_path / name).symlink_to(target)
        with atomic_write(tmp_path / name, follow=False) as out:
            out.write(b"new")
        assert not (tmp_path / name).is_symlink() and (tmp_path / name).read_bytes() == b"new"
    assert (tmp_path / "target").read_text() == "precious"


def left_by_a_killed_process(write):
    """What a process leaves that is killed while it writes."""
    child = os.fork()
    if not child:
        with write() as out:
            if hasattr(out, "write"):
                out.write(b"half")
                out.flush()
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)


@needs_locks
@pytest.mark.parametrize("kind", [atomic_write, atomic_folder])
def test_the_next_save_removes_what_a_killed_one_has_left(tmp_path, kind):
    left_by_a_killed_process(lambda: kind(tmp_path / "out"))
    assert len(list(tmp_path.glob(".fastw2v-*.tmp"))) == 1
    with atomic_write(tmp_path / "out") as out:
        out.write(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@needs_locks
def test_the_next_temporary_folder_removes_that_of_a_killed_process(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left_by_a_killed_process(temporary_folder)
    (left,) = tmp_path.iterdir()
    (left / "index").touch()
    with temporary_folder() as folder:
        assert list(tmp_path.iterdir()) == [folder] != [left]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with temporary_folder():
            assert folder.is_dir()
    assert not list(tmp_path.iterdir())


@needs_locks
def test_what_is_being_written_is_not_removed(tmp_path):
    with atomic_write(tmp_path / "one") as one, atomic_folder(tmp_path / "folder") as folder:
        (folder / "file").touch()
        with atomic_write(tmp_path / "two") as two:
            two.write(b"2")
        remove_leftovers(tmp_path)
        one.write(b"1")
    assert (tmp_path / "one").read_bytes() == b"1" and (tmp_path / "folder" / "file").exists()


@needs_locks
def test_a_new_file_that_another_process_took_for_left_is_made_again(tmp_path, monkeypatch):
    import fcntl

    lock, calls = fcntl.flock, []

    def flock(file, how):
        calls.append(file)
        if len(calls) == 1:
            next(tmp_path.glob(".fastw2v-*.tmp")).unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with atomic_write(tmp_path / "out") as out:
        out.write(b"abc")
    assert (tmp_path / "out").read_bytes() == b"abc" and len(calls) == 2


def test_leftovers_of_other_machines_and_names_stay(tmp_path):
    names = [".fastw2v-00000000-0123456789abcdef.tmp", ".fastw2v-0123456789abcdef.tmp", "x.tmp"]
    for name in names:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    remove_leftovers(tmp_path / "none")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_write(tmp_path / "link") as out:
        out.write(b"abc")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"abc"


def test_permissions_follow_the_umask(tmp_path):
    with atomic_write(tmp_path / "out") as out:
        out.write(b"abc")
    (tmp_path / "plain").write_bytes(b"abc")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_places_that_cannot_be_written_are_refused_beforehand(tmp_path):
    with pytest.raises(OutputError, match=tmp_path.name):
        check_writable(tmp_path)
    with pytest.raises(OutputError, match="none/out: "):
        check_writable(tmp_path / "none" / "out")
    with pytest.raises(OutputError, match="none/: "):
        check_writable(f"{tmp_path}/none/")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_directory_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="/out: "):
        check_writable(tmp_path / "out")


def test_a_temporary_file_has_no_name(tmp_path):
    with temporary_file(tmp_path) as file:
        file.write(b"abc")
        assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs /dev/fd")
def test_atomic_write_to_an_open_file_continues_it(tmp_path):
    with open(tmp_path / "out", "wb", buffering=0) as out:
        out.write(b"head\n")
        with atomic_write(f"/dev/fd/{out.fileno()}") as file:
            file.write(b"vectors\n")
        out.write(b"tail\n")
    assert (tmp_path / "out").read_bytes() == b"head\nvectors\ntail\n"
    assert os.listdir(tmp_path) == ["out"]
