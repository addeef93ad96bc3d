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
from collections.abc import Callable
from typing import IO, Any, cast

from numpy.typing import NDArray

from fastw2v.errors import MissingVectorsError, TruncatedVectorsError, VectorsError
from fastw2v.file_types import ZIP, zip_type
from fastw2v.files import reason
from fastw2v.formats.content import (
    HEAD_BYTES,
    WORD2VEC,
    content_of,
    max_line_bytes,
    not_vectors,
    other_type,
)
from fastw2v.packing import HEAD, Readable, Unpacked, fill, packing
from fastw2v.paths import AnyPath, checked_path, shown

PIECE_BYTES = 1 << 20  # unpacked at a time
UNPACKED_BYTES, MAX_RATIO = 1 << 26, 32  # a file may unpack to the larger of both
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of members that are read
MACOS_FOLDER = "__MACOSX/"  # what macOS adds to archives
SHOWN_MEMBERS = 3  # of a zip in an error


class FileBytes:
    """The bytes of an open file: ``len()`` of them, as it was when it was opened.

    handle : the system's number of the open file, closed with this object;  path : its name, for
    errors.
    """

    def __init__(self, handle: int, path: AnyPath) -> None:
        self.handle, self.path, self.lock = handle, path, threading.Lock()
        self.state = self._state()
        weakref.finalize(self, os.close, handle)

    def __len__(self) -> int:
        return self.state[0]

    def read(self, begin: int, stop: int) -> bytes:
        """The bytes [begin:stop].

        Raises VectorsError if the file has been changed or cannot be read.
        """
        stop = min(stop, len(self))
        parts: list[bytes] = []
        while begin < stop:
            parts.append(self._checked(self._pread, stop - begin, begin))
            begin += len(parts[-1])
        self._checked(self._check_unchanged)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fill(self, array: NDArray[Any] | memoryview, begin: int) -> None:
        """Read the bytes from ``begin`` on into an array, all of it.

        Raises VectorsError as ``read`` does.
        """
        view, filled = memoryview(array).cast("B"), 0  # type: ignore[arg-type]
        while filled < len(view):
            if hasattr(os, "preadv"):
                filled += (
                    self._checked(os.preadv, self.handle, [view[filled:]], begin + filled)
                    or self._raise_truncated()
                )
            else:
                part = self._checked(self._pread, len(view) - filled, begin + filled)
                view[filled : filled + len(part)] = part
                filled += len(part)
        self._checked(self._check_unchanged)

    def file(self) -> IO[bytes]:
        """A file object of the same bytes, for one user at a time."""
        if not hasattr(os, "pread"):
            return open(self.path, "rb")
        handle = os.dup(self.handle)
        os.lseek(handle, 0, os.SEEK_SET)
        return open(handle, "rb")

    def _pread(self, size: int, begin: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self.handle, size, begin) or self._raise_truncated()
        with self.lock:
            os.lseek(self.handle, begin, os.SEEK_SET)
            return os.read(self.handle, size) or self._raise_truncated()

    def _checked(self, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except OSError as error:
            raise VectorsError(f"{self.path}: cannot be read: {reason(error)}") from error

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self.handle)
        return status.st_size, status.st_mtime_ns

    def _check_unchanged(self) -> None:
        if self._state() != self.state:
            raise VectorsError(
                f"{self.path}: was changed by another program while it was open; load it again"
            )

    def _raise_truncated(self) -> Any:
        raise TruncatedVectorsError(
            f"{self.path}: was cut short by another program while it was open; load it again"
        )


class Sequence:
    """The bytes of a FileBytes as a stream."""

    def __init__(self, source: FileBytes) -> None:
        self.source, self.position = source, 0

    def readinto(self, view: memoryview) -> int:
        """Give the next bytes; returns how many, 0 at the end."""
        n = min(len(view), len(self.source) - self.position)
        self.source.fill(view[:n], self.position)
        self.position += n
        return n


def open_source(path: AnyPath) -> FileBytes:
    """FileBytes of a plain file, or of what it unpacks to.

    Raises VectorsError, also for what is no file of vectors.
    """
    source = FileBytes(_opened(path), path)
    codec = packing(source.read(0, HEAD))
    if codec:
        stream = Unpacked(Sequence(source), codec, path, VectorsError, TruncatedVectorsError)
        return _unpacked(stream, source)
    if source.read(0, len(ZIP)) == ZIP:
        return _unzipped(source)
    return source


def _opened(path: AnyPath) -> int:
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
            f"{shown(path)}: is not a plain file; vectors are read from files, not from pipes,"
            " devices or directories"
        )
    return handle


def _unzipped(source: FileBytes) -> FileBytes:
    """The file itself if it holds arrays, which are read where they are; else the one file in it,
    unpacked.
    """
    path = source.path
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            members = [
                info
                for info in archive.infolist()
                if not info.is_dir() and not info.filename.startswith(MACOS_FOLDER)
            ]
            if any(info.filename.endswith(".npy") for info in members):
                return source
            member = _only_member(path, members)
            with archive.open(member) as stream:
                return _unpacked(cast(Readable, stream), source)
    except VectorsError:
        raise
    except Exception as error:  # zipfile raises errors of a dozen classes for damaged files
        why = reason(error) or type(error).__name__
        raise VectorsError(
            f"{shown(path)}: cannot be read: {why}; the zip archive is damaged"
        ) from error


def _only_member(path: AnyPath, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    names = [member.filename for member in members]
    if kind := zip_type(name.encode("utf8", "replace") for name in names):
        raise VectorsError(f"{shown(path)}: is {kind.name}, not vectors; {kind.vectors}")
    if len(members) != 1:
        first = ", ".join(name[:40] for name in names[:SHOWN_MEMBERS])
        first += ", ..." * (len(names) > SHOWN_MEMBERS)
        raise VectorsError(
            f"{shown(path)}: is a zip archive of {len(names)} files ({first}); unpack the one that"
            " holds the vectors"
        )
    if members[0].compress_type not in ZIP_METHODS or members[0].flag_bits & 1:
        raise VectorsError(
            f"{shown(path)}: is a zip archive packed in another way than deflate, or encrypted;"
            " unpack it first"
        )
    return members[0]


def _unpacked(stream: Readable, source: FileBytes) -> FileBytes:
    """FileBytes of a nameless temporary file that holds what a stream gives.

    Raises VectorsError as soon as that cannot be vectors.
    """
    path, max_bytes = source.path, max(UNPACKED_BYTES, MAX_RATIO * len(source))
    try:
        with tempfile.TemporaryFile() as file:
            buffer = bytearray(min(HEAD_BYTES, max_bytes))
            piece = memoryview(buffer)[: fill(stream, memoryview(buffer))]
            max_line = _max_line_bytes(bytes(piece), path) or max_bytes
            size, line = 0, 0  # bytes so far, and those after the last line end
            while len(piece):
                size, end = size + len(piece), buffer.rfind(b"\n", 0, len(piece))
                line = line + len(piece) if end < 0 else len(piece) - end - 1
                if size > max_bytes:
                    raise VectorsError(
                        f"{shown(path)}: unpacks to more than {MAX_RATIO} times its size, as"
                        " vectors do not; unpack it first"
                    )
                if line > max_line:
                    raise not_vectors(path, "some line in it is too long")
                file.write(piece)
                piece = memoryview(buffer)[: fill(stream, memoryview(buffer)[:PIECE_BYTES])]
            file.flush()
            return FileBytes(os.dup(file.fileno()), path)
    except OSError as error:
        raise VectorsError(
            f"{shown(path)}: cannot be unpacked: {reason(error)}; unpack it first, or name a"
            " directory with room by TMPDIR"
        ) from error


def _max_line_bytes(head: bytes, path: AnyPath) -> int | None:
    """Bytes of the longest line of an unpacked file; None if it is not text.

    Raises VectorsError for what is not read from a compressed file.
    """
    content = content_of(head, path)
    if content.format == "gensim":
        raise other_type(head, path) or not_vectors(path, "it is a pickle")
    if content.format not in (*WORD2VEC, "fasttext"):
        raise VectorsError(f"{shown(path)}: holds another archive; unpack it first")
    return max_line_bytes(content.D) if content.format in ("text", "glove") else None
