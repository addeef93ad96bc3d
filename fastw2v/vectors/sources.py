"""Files of vectors as bytes: opened once, unpacked if they are compressed, and read a piece at a
time.

Files are never mapped. If another program cuts a mapped file short, the system ends the process by
a signal (SIGBUS); here the next read raises an error.
"""

import os
import stat
import tempfile
import threading
import weakref
import zipfile

from fastw2v.errors import MissingVectorsError, TruncatedVectorsError, VectorsError
from fastw2v.files import reason
from fastw2v.packing import HEAD, Unpacked, fill, packing
from fastw2v.paths import checked_path, shown
from fastw2v.vectors.contents import (
    BEGINNING,
    WORD2VEC,
    beginning,
    longest_line,
    not_vectors,
    pickled,
)

PIECE = 1 << 20  # bytes unpacked at a time
UNPACKED, RATIO = 1 << 26, 32  # a file may unpack to so many bytes, or to so many times its size
ZIP = b"PK\x03\x04"
MODES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of members that are read
UNSEEN = "__MACOSX/"  # what macOS adds to archives
SHOWN = 3  # members of a zip that an error names


class FileBytes:
    """The bytes of an open file: ``len()`` of them, as it was when it was opened.

    handle : the system's number of the open file, closed with this object;  path : its name,
        for errors.
    """

    def __init__(self, handle, path):
        self.handle, self.path, self.lock = handle, path, threading.Lock()
        self.state = self._state()
        weakref.finalize(self, os.close, handle)

    def __len__(self):
        return self.state[0]

    def read(self, begin, stop):
        """The bytes [begin:stop].

        Raises VectorsError if the file has been changed or cannot be read.
        """
        stop = min(stop, len(self))
        parts = []
        while begin < stop:
            parts.append(self._checked(self._pread, stop - begin, begin))
            begin += len(parts[-1])
        self._checked(self._check_unchanged)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fill(self, array, begin):
        """Read the bytes from ``begin`` on into an array, all of it.

        Raises VectorsError as ``read`` does.
        """
        view, done = memoryview(array).cast("B"), 0
        while done < len(view):
            if hasattr(os, "preadv"):
                done += (
                    self._checked(os.preadv, self.handle, [view[done:]], begin + done)
                    or self._cut()
                )
            else:
                part = self._checked(self._pread, len(view) - done, begin + done)
                view[done : done + len(part)] = part
                done += len(part)
        self._checked(self._check_unchanged)

    def file(self):
        """A file object of the same bytes, for one user at a time."""
        if not hasattr(os, "pread"):
            return open(self.path, "rb")
        handle = os.dup(self.handle)
        os.lseek(handle, 0, os.SEEK_SET)
        return open(handle, "rb")

    def _pread(self, size, begin):
        if hasattr(os, "pread"):
            return os.pread(self.handle, size, begin) or self._cut()
        with self.lock:
            os.lseek(self.handle, begin, os.SEEK_SET)
            return os.read(self.handle, size) or self._cut()

    def _checked(self, function, *arguments):
        try:
            return function(*arguments)
        except OSError as error:
            raise VectorsError(f"{self.path}: cannot be read: {reason(error)}") from error

    def _state(self):
        status = os.fstat(self.handle)
        return status.st_size, status.st_mtime_ns

    def _check_unchanged(self):
        if self._state() != self.state:
            raise VectorsError(
                f"{self.path}: was changed by another program while it was open; load it again"
            )

    def _cut(self):
        raise TruncatedVectorsError(
            f"{self.path}: was cut short by another program while it was open; load it again"
        )


class Sequence:
    """The bytes of a FileBytes from the first to the last, as a stream."""

    def __init__(self, source):
        self.source, self.at = source, 0

    def readinto(self, view):
        """Give the next bytes; returns how many, 0 at the end."""
        n = min(len(view), len(self.source) - self.at)
        self.source.fill(view[:n], self.at)
        self.at += n
        return n


def open_source(path):
    """FileBytes of a plain file, or of what it unpacks to.

    Raises VectorsError, also for what is no file of vectors.
    """
    source = FileBytes(_opened(path), path)
    kind = packing(source.read(0, HEAD))
    if kind:
        return _unpacked(
            Unpacked(Sequence(source), kind, path, VectorsError, TruncatedVectorsError), source
        )
    if source.read(0, len(ZIP)) == ZIP:
        return _of_zip(source)
    return source


def _opened(path):
    """The handle of a plain file. Nothing else is waited for: a pipe, a device."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(checked_path(path, VectorsError), flags)
    except FileNotFoundError as error:
        raise MissingVectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except OSError as error:
        raise VectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise VectorsError(
            f"{path}: is not a plain file; vectors are read from files, not from pipes, devices or"
            " directories"
        )
    return handle


def _of_zip(source):
    """The file itself if it holds arrays, which are read where they are; else the one file in it,
    unpacked.
    """
    path = source.path
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            members = [
                info
                for info in archive.infolist()
                if not info.is_dir() and not info.filename.startswith(UNSEEN)
            ]
            if any(info.filename.endswith(".npy") for info in members):
                return source
            member = _only(path, members)
            with archive.open(member) as stream:
                return _unpacked(stream, source)
    except VectorsError:
        raise
    except Exception as error:  # zipfile raises errors of a dozen classes for damaged files
        why = reason(error) or type(error).__name__
        raise VectorsError(f"{path}: cannot be read: {why}; the zip archive is damaged") from error


def _only(path, members):
    names = [member.filename for member in members]
    some = ", ".join(name[:40] for name in names[:SHOWN]) + ", ..." * (len(names) > SHOWN)
    for sign, what in ZIPS.items():
        if any(sign in name for name in names):
            raise VectorsError(f"{path}: is {what}, not vectors")
    if len(members) != 1:
        raise VectorsError(
            f"{path}: is a zip archive of {len(names)} files ({some}); unpack the one that holds"
            " the vectors"
        )
    if members[0].compress_type not in MODES or members[0].flag_bits & 1:
        raise VectorsError(
            f"{path}: is a zip archive packed in another way than deflate, or encrypted; unpack it"
            " first"
        )
    return members[0]


ZIPS = {
    "[Content_Types].xml": "a Word, Excel or PowerPoint file",
    "META-INF/": "a document or a program in a zip archive",
    "data.pkl": "a model of PyTorch",
}


def _unpacked(stream, source):
    """FileBytes of a nameless temporary file that holds what a stream gives; as soon as that cannot
    be vectors, an error.
    """
    path, most = source.path, max(UNPACKED, RATIO * len(source))
    try:
        with tempfile.TemporaryFile() as file:
            head = bytearray(min(BEGINNING, most))
            piece = memoryview(head)[: fill(stream, memoryview(head))]
            start = beginning(bytes(piece), path)
            if start.kind == "pickle":
                raise pickled(path)
            if start.kind not in (*WORD2VEC, "fasttext"):
                raise VectorsError(f"{path}: holds another archive; unpack it first")
            longest = longest_line(start.D) if start.kind in ("text", "glove") else most
            size, line = 0, 0  # bytes so far, and those after the last line end
            while len(piece):
                size, end = size + len(piece), head.rfind(b"\n", 0, len(piece))
                line = line + len(piece) if end < 0 else len(piece) - end - 1
                if size > most or line > longest:
                    raise _bomb(path, size > most)
                file.write(piece)
                piece = memoryview(head)[: fill(stream, memoryview(head)[:PIECE])]
            file.flush()
            return FileBytes(os.dup(file.fileno()), path)
    except OSError as error:
        said = (
            f"{path}: cannot be unpacked: {reason(error)}; unpack it first, or name a directory"
            " with room by TMPDIR"
        )
        raise VectorsError(said) from error


def _bomb(path, large):
    if large:
        return VectorsError(
            f"{path}: unpacks to more than {RATIO} times its size, as vectors do not; unpack it"
            " first"
        )
    return not_vectors(path, "some line in it is too long")
