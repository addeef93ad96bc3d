"""The bytes of text: of files as they were when they were opened, pipes and standard input,
decompressed.

A stream has ``readinto(view)``, which returns how many bytes it gave, 0 at the end, and raises
CorpusError or OSError.
"""

import os
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO

from fastw2v.errors import CorpusError
from fastw2v.events import Notice, Notify
from fastw2v.packing import HEAD, Unpacked, fill, packing
from fastw2v.paths import AnyPath


@contextmanager
def open_stream(name: AnyPath, notify: Notify) -> Iterator["SnapshotFile | Unpacked"]:
    """The text of a file, or of standard input ("-"), as a stream; ``notify`` gets a Notice if
    it waits for input, or if the file was changed.
    """
    source = _standard_input() if str(name) == "-" else _open(name, notify)
    with source:
        if source.isatty():
            notify(Notice("reading from the keyboard; Enter and Ctrl-D end the input"))
        snapshot = SnapshotFile(source, name)
        kind = packing(snapshot.head)
        yield Unpacked(snapshot, kind, name, CorpusError) if kind else snapshot
        snapshot.notify_changes(notify)


def _standard_input() -> FileIO:
    if sys.stdin is None:
        raise CorpusError("standard input is closed")
    return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)


def _open(name: AnyPath, notify: Notify) -> FileIO:
    if stat.S_ISFIFO(os.stat(name).st_mode):
        notify(Notice(f"{name}: is a pipe; waiting until a program writes to it"))
    return open(name, "rb", buffering=0)


class SnapshotFile:
    """The bytes of a source.

    Bytes that are added to a plain file after it was opened are not read.

    head : its first bytes, which will be read once more.
    """

    def __init__(self, source: FileIO, name: AnyPath) -> None:
        self.source, self.name, self.head = source, name, b""
        self.state = os.fstat(source.fileno())
        plain = stat.S_ISREG(self.state.st_mode) and self.state.st_size  # some files of /proc say 0
        self.left = self.state.st_size - source.tell() if plain else None
        head = bytearray(HEAD)
        n = fill(self, memoryview(head))
        self.head = bytes(head[:n])

    def readinto(self, view: memoryview) -> int:
        """Give the next bytes, waiting for them; none once there were none.

        Raises CorpusError if the file has become shorter.
        """
        if self.head:
            n = min(len(view), len(self.head))
            view[:n], self.head = self.head[:n], self.head[n:]
            return n
        view = view[: self.left]
        while (n := self.source.readinto(view) if len(view) else 0) is None:
            select.select([self.source], [], [])  # a pipe that does not wait for its writer
        if not n and self.left:
            raise CorpusError(
                f"{self.name}: was cut short by another program while it was read; run again"
            )
        if not n:
            self.left = 0  # or a keyboard could give more
        elif self.left is not None:
            self.left -= n
        return n

    def notify_changes(self, notify: Notify) -> None:
        """Notify if the file has been changed since it was opened."""
        now = os.fstat(self.source.fileno())
        if not stat.S_ISREG(now.st_mode) or (now.st_size, now.st_mtime_ns) == (
            self.state.st_size,
            self.state.st_mtime_ns,
        ):
            return
        notify(
            Notice(
                f"{self.name}: was changed by another program while it was read; its first"
                f" {self.state.st_size:,} bytes were read, all that it had when it was opened"
            )
        )
