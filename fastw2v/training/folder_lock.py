"""A lock on a folder while somebody works in it, which ends with the process that took it, however
that ends.
"""

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

fcntl: Any = None  # without such locks, who works in a folder is written there all the same
with suppress(ImportError):
    import fcntl

OWNER = 200  # letters that are shown of who has a lock


class FolderLock:
    """Taken when it is made. Raises CheckpointError, naming who has it, and OutputError."""

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
        """Lock the file, and write into it whose the lock is."""
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
        """The line in the file: the process that took the lock last."""
        self.file.seek(0)
        line: str = self.file.read(OWNER).partition("\n")[0]
        return line.strip()

    def close(self) -> None:
        """Release the lock."""
        self.file.close()


def _release_in_child() -> None:
    """A lock belongs to the process that took it, not to those that are forked from it."""
    for lock in HELD:
        lock.close()


HELD: "weakref.WeakSet[FolderLock]" = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)
