"""Files that appear whole or not at all. No other file of the project renames anything."""

import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from fastw2v.errors import OutputError

LONGEST = 200  # letters of a reason


def reason(error):
    """Why, in the words of the operating system or of whoever else raised it, in a line's length (zipfile quotes whole names)."""
    return getattr(error, "strerror", None) or str(error)[:LONGEST]


def check_writable(path):
    """Raise OutputError unless a file can be written at ``path``: said before hours of work, not after."""
    if str(path).endswith(("/", os.sep)):
        raise OutputError(f"{path}: is the name of a directory; give the name of a file in it")
    path = Path(path)
    with _said(path):
        if path.is_dir():
            raise OutputError(f"{path}: is a directory; give the name of a file in it")
        folder = _real(path).parent
        if not folder.is_dir() and not _is_device(path):
            raise OutputError(f"{path}: there is no directory {folder}; make it first")
        if not os.access(path if _is_device(path) else folder, os.W_OK):
            raise OutputError(f"{path}: no permission to write in {folder}")
        _real(path).exists()  # the name may be too long


def _is_device(path):
    """Whether a path names what is there and no plain file: a device, a pipe, a socket."""
    return path.exists() and not path.is_file()


@contextmanager
def atomic_write(path):
    """A binary file to write into, which takes the place of ``path`` once it is complete and on the disk.

    If anything goes wrong, what stood at ``path`` before still stands there, and nothing else is left behind.
    Devices and pipes (/dev/null, /dev/stdout) are written to directly. Raises OutputError.
    """
    check_writable(path)
    path = Path(path)
    if _is_device(path):
        with _said(path), open(path, "wb") as out:
            yield out
        return
    target = _real(path)
    beside = target.with_name(_beside())
    try:
        with _said(path), open(beside, "x+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        with _said(path):
            os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(target.parent)


@contextmanager
def atomic_folder(path):
    """A new folder to put files into, which gets the name ``path`` once they are complete and on the disk.

    There must be nothing of that name, or an empty folder. If anything goes wrong, nothing is left behind. Raises OutputError.
    """
    target = Path(os.path.realpath(str(path).rstrip("/" + os.sep) or "/"))
    with _said(path):
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise OutputError(f"{path}: is there already; remove it first, or give another name")
        if not target.parent.is_dir():
            raise OutputError(f"{path}: there is no directory {target.parent}; make it first")
        beside = target.with_name(_beside())
        beside.mkdir()
    try:
        with _said(path):
            yield beside
            for file in beside.iterdir():
                with open(file, "r+b") as written:
                    os.fsync(written.fileno())
            _sync_folder(beside)
            if target.exists():
                target.rmdir()
            os.replace(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _sync_folder(target.parent)


def _beside():
    """A name that no other process takes, not even one of another container."""
    return f".fastw2v-{secrets.token_hex(8)}.tmp"


def make_folder(path):
    """Make a folder, and those it stands in, on the disk too. Raises OutputError."""
    path = _real(path)
    missing = [each for each in (path, *path.parents) if not each.exists()]
    with _said(path):
        path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync_folder(each.parent)


def set_aside(path):
    """Give a damaged file a name that says so."""
    with suppress(OSError):
        os.replace(path, f"{path}.damaged")


def remove_unfinished(folder):
    """Remove what processes that were killed have left of files in a folder that nobody else writes to."""
    for path in Path(folder).glob(".fastw2v-*.tmp"):
        with suppress(OSError):
            path.unlink()


def check_distinct(outputs, inputs):
    """Raise OutputError if an output is the same file as another output or as an input, which it would destroy."""
    seen = {_real(Path(path)): "it is read from" for path in inputs if str(path) != "-"}
    for path in outputs:
        if _real(Path(path)) in seen and not _is_device(Path(path)):
            raise OutputError(f"{path}: {seen[_real(Path(path))]} in the same run; give another name")
        seen[_real(Path(path))] = "it is written to"


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
