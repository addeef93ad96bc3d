"""A lock on a run folder, which the system releases when the process that holds it ends."""

import os
import socket
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastw2v.errors import CheckpointError, OutputError
from fastw2v.files import reason
from fastw2v.paths import open_regular, shown

fcntl: Any = None  # None on Windows: the lock file then only names the process
with suppress(ImportError):
    import fcntl

OWNER = 200  # characters of the holder of a lock in an error


class FolderLock:
    """A lock that is taken when it is made.

    Raises CheckpointError, naming its holder, and OutputError.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "lock"
        try:
            self.file = open_regular(path, "a+", encoding="utf8", errors="replace")
            try:
                self._take(folder, path)
            except BaseException:
                self.file.close()
                raise
        except OSError as error:
            raise OutputError(f"{shown(path)}: {reason(error)}") from error
        HELD.add(self)

    def _take(self, folder: Path, path: Path) -> None:
        """Lock the file, and write into it which process holds the lock."""
        try:
            if fcntl:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = self._owner() or "another process"
            raise CheckpointError(
                f"{shown(folder)}: {owner} is at work in it; wait for it, or give another folder"
            ) from None
        if self._owner() and not self._owner().startswith("process "):
            raise CheckpointError(
                f"{shown(path)}: is not the lock of a run, and stays as it is; give another folder"
            )
        self.file.truncate(0)
        self.file.write(
            f"process {os.getpid()} on {socket.gethostname()}, since"
            f" {time.strftime('%Y-%m-%d %H:%M:%S')},\n"
        )
        self.file.flush()

    def _owner(self) -> str:
        """The line in the file, which names the last holder."""
        self.file.seek(0)
        line: str = self.file.read(OWNER).partition("\n")[0]
        return line.strip()

    def close(self) -> None:
        """Release the lock."""
        self.file.close()


def _release_in_child() -> None:
    """Close the locks in a forked process: they belong to its parent."""
    for lock in HELD:
        lock.close()


HELD: "weakref.WeakSet[FolderLock]" = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)
