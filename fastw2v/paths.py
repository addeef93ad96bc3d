"""Paths: what may be one, how an error shows one, and opening files of folders that may come from
others.
"""

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from fastw2v.errors import PATH_CHARACTERS, Fastw2vError, OutputError, printable, shortened

if TYPE_CHECKING:
    from typing_extensions import TypeIs

AnyPath: TypeAlias = str | os.PathLike[str]

# of a run folder, beside its checkpoints
RUN_FILES = (
    "run.json",
    "log.jsonl",
    "vocabulary.txt",
    "lock",
)
KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def is_path(value: object) -> "TypeIs[AnyPath]":
    """Whether a value is a path: a string, or an os.PathLike."""
    return isinstance(value, (str, os.PathLike))


def shown(path: AnyPath) -> str:
    """A path as an error shows it: with escapes for what is not printable, without its middle if it
    is too long for a line.
    """
    return shortened(printable(os.fsdecode(path)), PATH_CHARACTERS)


def checked_path(path: AnyPath, error: type[Fastw2vError] = OutputError) -> str:
    """The text of a path.

    Raises ``error`` for what no file can be named: no string, a null byte, letters without bytes.
    """
    try:
        text = os.fspath(path)
        if isinstance(text, bytes):
            raise TypeError
        os.fsencode(text)
    except TypeError:
        raise error(f"a path must be a string or a Path, not {type(path).__name__}") from None
    except UnicodeError:
        raise error(
            f"{shown(ascii(path))}: no file can have this name: it holds half a character (a"
            " surrogate)"
        ) from None
    if "\0" in text:
        raise error(f"{shown(ascii(text))}: no file can have this name: it holds a null byte")
    if not text:
        raise error("the name of a file or folder is empty")
    return text


def is_folder(path: AnyPath, error: type[Fastw2vError]) -> bool:
    """Whether there is a folder of this name.

    Raises ``error`` for a name that the system refuses.
    """
    try:
        return Path(checked_path(path, error)).is_dir()
    except OSError as why:
        raise error(f"{shown(path)}: {why.strerror}") from why


def is_special(path: AnyPath) -> bool:
    """Whether a path leads to a pipe, a socket, a device or a file of the kernel (/proc, /sys), of
    which reading may never end.
    """
    try:
        mode = os.stat(path).st_mode
        of_kernel = os.path.realpath(path).startswith(("/proc/", "/sys/"))
    except (OSError, ValueError):
        return False  # reading it raises the error
    return of_kernel or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_at_most(file: IO[bytes], max_bytes: int) -> bytes:
    """Return up to ``max_bytes`` bytes of a binary file, taking memory only for what it holds."""
    data = bytearray()
    while part := file.read(min(max_bytes - len(data), 1 << 20)):
        data += part
    return bytes(data)


def open_regular(path: AnyPath, mode: str = "rb", **options: Any) -> Any:
    """Open a regular file that has one name: no symbolic link, pipe or device.

    Raises OSError; it never waits.

    mode : one that does not empty the file when it is opened.  options : as for ``open``.
    """
    return open(path, mode, opener=_open_regular, **options)


def _open_regular(path: AnyPath, flags: int) -> int:
    with suppress(FileNotFoundError):
        # before it is opened: opening some devices already does something
        _check_regular(os.lstat(path), flags)
    handle = os.open(
        path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666
    )
    try:
        _check_regular(os.fstat(handle), flags)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _check_regular(status: os.stat_result, flags: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "a device")
        raise OSError(errno.EINVAL, f"is {kind}, and should be a regular file")
    if flags & (os.O_WRONLY | os.O_RDWR) and status.st_nlink > 1:
        raise OSError(
            errno.EINVAL,
            "is a file with several names (hard links), and is not written to; copy it",
        )


def run_files(folder: AnyPath) -> list[Path]:
    """The files that a run keeps in its folder, whether they are there yet or not, and its
    checkpoints.
    """
    folder = Path(folder)
    checkpoints: list[Path] = []
    with suppress(OSError):
        checkpoints = sorted(folder.glob("checkpoint-*"))
    return [folder / name for name in RUN_FILES] + checkpoints


def unused(paths: Iterable[Path]) -> Path:
    """The first of some paths that nothing has yet."""
    return next(path for path in paths if not os.path.lexists(path))
