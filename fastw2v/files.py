"""Files that appear whole or not at all. No other file of the project renames anything."""

import os
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path

from fastw2v.errors import OutputError


def reason(error):
    """What the operating system says, in its words."""
    return error.strerror or str(error)


def check_writable(path):
    """Raise OutputError unless a file could be written at ``path``: said before hours of work, not after."""
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path}: is a directory; give the name of a file in it")
    folder = _real(path).parent
    if not folder.is_dir():
        raise OutputError(f"{path}: there is no directory {folder}; make it first")
    if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise OutputError(f"{path}: no permission to write in {folder}")


@contextmanager
def atomic_write(path):
    """A binary file to write into, which takes the place of ``path`` once it is complete and on the disk.

    If anything goes wrong, what stood at ``path`` before still stands there, and nothing else is left behind.
    Devices and pipes (/dev/null, /dev/stdout) are written to directly. Raises OutputError.
    """
    check_writable(path)
    target = _real(Path(path))
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with _said(path), open(target, "wb") as out:
            yield out
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with _said(path), open(beside, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        with _said(path):
            os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(target.parent)


@contextmanager
def _said(path):
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: {reason(error)}; nothing was changed there") from error


def temporary_file(folder):
    """A nameless binary file in ``folder`` that is gone when it is closed, however the process ends."""
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}; the encoded corpus needs room there") from error


def _real(path):
    return Path(os.path.realpath(path))


def _sync_folder(folder):
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # not every system opens directories
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
