"""Files that appear whole or not at all. No other file of the project renames anything."""

import glob
import hashlib
import io
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from fastw2v.errors import Fastw2vError, OutputError
from fastw2v.paths import AnyPath, checked_path, open_regular, shown

fcntl: Any = None  # as on Windows, where an open file cannot be removed anyway
with suppress(ImportError):
    import fcntl

REASON_LETTERS = 200  # letters of a reason
TEMPORARY = re.compile(r"\.fastw2v-([0-9a-f]{8})-[0-9a-f]{16}\.tmp")

STREAM = re.compile(r"/(?:dev|proc/self)/(stdout|stderr|fd/\d{1,9})")


def reason(error: BaseException) -> str:
    """Why, in the words of the operating system or of another source, in a line's length
    (zipfile quotes whole names).
    """
    return getattr(error, "strerror", None) or str(error)[:REASON_LETTERS]


def check_writable(path: AnyPath) -> None:
    """Raise OutputError unless a file can be written at ``path``. Call it before long work."""
    text = checked_path(path)
    if text.endswith(("/", os.sep)):
        raise OutputError(
            f"{shown(text)}: is the name of a directory; give the name of a file in it"
        )
    path = Path(text)
    _check_open(path)
    with _output_errors(path):
        if path.is_dir():
            raise OutputError(f"{shown(path)}: is a directory; give the name of a file in it")
        if _real(path).is_symlink():
            raise OutputError(
                f"{shown(path)}: is a symbolic link that leads to itself; remove it, or give"
                " another name"
            )
        folder = _real(path).parent
        if not folder.is_dir() and not is_device(path):
            raise OutputError(
                f"{shown(path)}: there is no directory {shown(folder)}; make it first"
            )
        if not os.access(path if is_device(path) else folder, os.W_OK):
            raise OutputError(f"{shown(path)}: no permission to write in {shown(folder)}")
        with suppress(FileNotFoundError):
            os.stat(_real(path))  # the name may be too long


def is_device(path: Path) -> bool:
    """Whether a path names something that exists and is no plain file: a device, a pipe, a socket,
    or an open file of this process, such as /dev/stdout.
    """
    return _descriptor(path) is not None or (path.exists() and not path.is_file())


def _descriptor(path: Path) -> int | None:
    """The open file of this process that a path names, if it does."""
    name = STREAM.fullmatch(str(path))
    if not name:
        return None
    return {"stdout": 1, "stderr": 2}.get(name[1]) or int(name[1].removeprefix("fd/"))


def _check_open(path: Path) -> None:
    """Raise OutputError for a stream of this process that is closed."""
    descriptor = _descriptor(path)
    try:
        if descriptor is not None:
            os.fstat(descriptor)
    except OSError as error:
        raise OutputError(f"{shown(path)}: is closed in this process") from error


@contextmanager
def atomic_write(
    path: AnyPath, *, follow: bool = True
) -> Iterator[io.BufferedRandom | io.BufferedWriter]:
    """A binary file to write into, which takes the place of ``path`` once it is complete and on the
    disk.

    If anything goes wrong, ``path`` is unchanged, and nothing else is left behind. The mode of a
    file that is replaced is kept. Devices and pipes (/dev/null,
    /dev/stdout) are written to directly.
    follow : whether a symbolic link at ``path`` stays, and the file that it leads to is replaced;
    without it, whatever has the name is replaced, and nothing is opened: for folders that may come
    from others. Raises OutputError.
    """
    if follow:
        check_writable(path)
    path = Path(path)
    if follow and is_device(path):
        descriptor = _descriptor(path)
        # what a shell has redirected to a file is continued, not replaced
        with (
            _output_errors(path),
            open(path if descriptor is None else os.dup(descriptor), "wb") as device,
        ):
            yield device
        return
    target = _real(path) if follow else path
    temporary: Path | None = None
    remove_leftovers(target.parent)
    try:
        with _output_errors(path):
            out = _temporary(target.parent, _status(target))
            temporary = Path(out.name)
            with out:
                yield out
                out.flush()
                os.fsync(out.fileno())
                if fcntl:  # while it is locked
                    os.replace(temporary, target)
            if not fcntl:  # Windows renames no open file
                os.replace(temporary, target)
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _status(path: Path) -> os.stat_result | None:
    """What is known of the regular file that is to be replaced, or None."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _temporary(folder: Path, like: os.stat_result | None) -> io.BufferedRandom:
    """A new file, locked while it is open (see ``remove_leftovers``), with mode and owner of
    ``like`` if that is a status.
    """
    mode = 0o666 if like is None else stat.S_IMODE(like.st_mode) & 0o777
    while True:
        out = open(
            folder / _temporary_name(), "x+b", opener=lambda path, flags: os.open(path, flags, mode)
        )
        if _lock(out) is not False and _is_there(out):
            break
        out.close()  # a process that removes leftovers was faster
    if like is not None and hasattr(os, "fchmod"):
        with suppress(OSError):  # only the superuser may give files away
            os.fchown(out.fileno(), like.st_uid, like.st_gid)
        with suppress(OSError):
            os.fchmod(out.fileno(), mode)
    return out


@contextmanager
def atomic_folder(path: AnyPath) -> Iterator[Path]:
    """A new folder to put files into, which gets the name ``path`` once they are complete and on
    the disk.

    There must be nothing of that name, or an empty folder. If anything goes wrong, nothing is left
    behind. Raises OutputError.
    """
    target = Path(os.path.realpath(checked_path(path).rstrip("/" + os.sep) or "/"))
    with _output_errors(path):
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise OutputError(
                f"{shown(path)}: is there already; remove it first, or give another name"
            )
        if not target.parent.is_dir():
            raise OutputError(
                f"{shown(path)}: there is no directory {shown(target.parent)}; make it first"
            )
        remove_leftovers(target.parent)
        temporary, lock = _temporary_folder(target.parent)
    try:
        with _output_errors(path):
            yield temporary
            for file in temporary.iterdir():
                with open(file, "r+b") as written:
                    os.fsync(written.fileno())
            _sync_folder(temporary)
            if target.exists():
                target.rmdir()
            os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if lock is not None:
            os.close(lock)
    _sync_folder(target.parent)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for this user alone in the system's temporary folder, gone at the end.

    The next one removes what a killed process has left there. Raises OSError.
    """
    parent = Path(tempfile.gettempdir())
    remove_leftovers(parent)
    path, lock = _temporary_folder(parent, 0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _temporary_folder(folder: Path, mode: int = 0o777) -> tuple[Path, int | None]:
    """A new folder, and a handle that locks it, or None where there are no such locks."""
    while True:
        path = folder / _temporary_name()
        path.mkdir(mode)
        if not fcntl:
            return path, None
        try:
            lock = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # a process that removes leftovers was faster
            continue
        if _lock(lock) is not False and path.is_dir():
            return path, lock
        os.close(lock)


# ---- temporary files, also those of killed processes


def _temporary_name() -> str:
    """A random name with a hash of the machine, which no other process or container uses."""
    return f".fastw2v-{_machine()}-{secrets.token_hex(8)}.tmp"


def _machine() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return hashlib.sha256(name.encode("utf8", "replace")).hexdigest()[:8]


def remove_leftovers(folder: AnyPath) -> None:
    """Remove the temporary files that killed processes of this machine have left in a folder.

    A process locks its temporary files, and the system releases the locks when it ends. Names say
    the machine, since other machines may not see the locks.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = TEMPORARY.fullmatch(entry.name)
            if name and name[1] == _machine():
                with suppress(OSError):
                    _remove_unlocked(Path(folder, entry.name), entry.is_dir(follow_symlinks=False))


def _remove_unlocked(path: Path, is_folder: bool) -> None:
    if not fcntl:
        if not is_folder:
            path.unlink()  # fails while it is open
        return
    if not is_folder:
        with open_regular(path, "r+b") as file:
            if _lock(file):
                path.unlink()
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if _lock(handle):
            shutil.rmtree(path)
    finally:
        os.close(handle)


def _lock(file: IO[bytes] | int) -> bool | None:
    """Whether a file could be locked; False if another process holds it, None where there are no
    locks.
    """
    if not fcntl:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_there(file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))
    except FileNotFoundError:
        return False


def make_folder(path: AnyPath) -> None:
    """Make a folder and its parents, and sync them to the disk. Raises OutputError."""
    path = _real(Path(checked_path(path)))
    with _output_errors(path):
        missing = [each for each in (path, *path.parents) if not each.exists()]
        path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync_folder(each.parent)


def set_aside(path: AnyPath) -> None:
    """Give a damaged file a name that says so."""
    with suppress(OSError):
        os.replace(path, f"{path}.damaged")


def check_distinct(outputs: Iterable[AnyPath], inputs: Iterable[AnyPath]) -> None:
    """Raise OutputError if an output is the same file as another output or as an input, which it
    would destroy.

    Two names of one file are the same: relative and absolute, links of both kinds, other case
        where the system ignores it. The arrays that gensim's files have beside them
        (NAME.*.npy) are read too.
    """
    seen: dict[object, str] = {}
    for path in inputs:
        if str(path) != "-":
            with suppress(ValueError):  # no file has such a name
                for name in [path, *glob.glob(f"{glob.escape(os.fspath(path))}.*.npy")]:
                    seen[_identity(name)] = "it is read from"
    for path in outputs:
        identity = _identity(path)
        if identity in seen and not is_device(Path(path)):
            raise OutputError(f"{shown(path)}: {seen[identity]} in the same run; give another name")
        seen[identity] = "it is written to"


def _identity(path: AnyPath) -> object:
    """A value that is equal for all names of a file: its device and inode, or its path without
    links if it does not exist.
    """
    with suppress(OSError, ValueError):
        status = os.stat(path)
        if status.st_ino:
            return status.st_dev, status.st_ino
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


@contextmanager
def _output_errors(path: AnyPath) -> Iterator[None]:
    try:
        yield
    except Fastw2vError:
        raise
    except OSError as error:
        raise OutputError(f"{shown(path)}: {reason(error)}; nothing was changed there") from error


class _Temporary(io.BufferedRandom):
    """A file whose ``close`` raises nothing, to hide no other error: its content is lost anyway."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()


def temporary_file(folder: AnyPath | None) -> io.BufferedRandom:
    """A nameless binary file in ``folder``, which the system removes when it is closed or the
    process ends.
    """
    try:
        return _Temporary(tempfile.TemporaryFile(dir=folder, buffering=0))
    except OSError as error:
        raise OutputError(
            f"{shown(folder or 'the temporary folder')}: {reason(error)}; the encoded corpus needs"
            " room there"
        ) from error


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every system opens directories
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
