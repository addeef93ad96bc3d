"""A lock on a folder while somebody works in it, which ends with the process that took it, however that ends."""

import os
import socket
import time
import weakref

from fastw2v.errors import CheckpointError, OutputError
from fastw2v.files import reason

try:
    import fcntl
except ImportError:  # this system has no such locks: who works in a folder is written there all the same
    fcntl = None


class FolderLock:
    """Taken when it is made. Raises CheckpointError, naming who has it, and OutputError."""

    def __init__(self, folder):
        path = folder / "lock"
        try:
            self.file = open(path, "a+", encoding="utf8")
            if fcntl:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.file.truncate(0)
            self.file.write(f"process {os.getpid()} on {socket.gethostname()}, since {time.strftime('%Y-%m-%d %H:%M:%S')},\n")
            self.file.flush()
        except BlockingIOError:
            with self.file:
                self.file.seek(0)
                owner = self.file.read().strip() or "another process"
            raise CheckpointError(f"{folder}: {owner} is at work in it; wait for it, or give another folder") from None
        except OSError as error:
            raise OutputError(f"{path}: {reason(error)}") from error
        HELD.add(self)

    def close(self):
        """Give it back."""
        self.file.close()


def _give_back():
    """A lock is the process's that took it, not also of those that are forked from it."""
    for lock in HELD:
        lock.close()


HELD = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_give_back)
