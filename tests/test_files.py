import os
import stat

import pytest

from fastw2v.errors import OutputError
from fastw2v.files import atomic_write, check_distinct, check_writable, temporary_file


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
        pytest.raises(OutputError, match="No space left on device; nothing was changed"),
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
    with pytest.raises(OutputError, match="too long"):
        check_writable(tmp_path / ("x" * 256))


def test_outputs_that_would_destroy_an_input_or_one_another_are_refused(tmp_path):
    (tmp_path / "text").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "text")
    with pytest.raises(OutputError, match="it is read from"):
        check_distinct([tmp_path / "link"], ["-", tmp_path / "text"])
    with pytest.raises(OutputError, match="it is written to"):
        check_distinct([tmp_path / "a", tmp_path / "b" / ".." / "a"], [])
    check_distinct([tmp_path / "a", tmp_path / "b", "/dev/null", "/dev/null"], [tmp_path / "text"])


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
    with pytest.raises(OutputError, match="is a directory"):
        check_writable(tmp_path)
    with pytest.raises(OutputError, match="there is no directory"):
        check_writable(tmp_path / "none" / "out")
    with pytest.raises(OutputError, match="name of a directory"):
        check_writable(f"{tmp_path}/none/")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        check_writable(tmp_path / "out")


def test_a_temporary_file_has_no_name(tmp_path):
    with temporary_file(tmp_path) as file:
        file.write(b"abc")
        assert not list(tmp_path.iterdir())
