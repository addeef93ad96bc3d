"""Checkpoints: a run's tables and its state, in files with a checksum.

The file: MAGIC, the length of a JSON header (8 bytes, little-endian), the header, the arrays it
names one after the other (little-endian, C order), and the SHA-256 of all that.
"""

import errno
import hashlib
import json
import math
import re
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from fastw2v.errors import CheckpointError, OutputError, TrainingError
from fastw2v.files import atomic_write, reason
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.paths import AnyPath, open_regular, shown
from fastw2v.training.state import is_finite

MAGIC = b"fastw2v checkpoint 1\n"
DIGEST = hashlib.sha256().digest_size
CHUNK = 1 << 24  # bytes read or written at a time
MAX_HEADER = 1 << 24
KEPT = 2
KEYS = {"state", "config", "fingerprints", "arrays"}  # of the header
NAME = re.compile(r"checkpoint-(\d{15})\.fw2c")

Arrays: TypeAlias = dict[str, np.ndarray]


def write_checkpoint(path: AnyPath, header: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a header (what JSON can hold) and arrays by name, whole or not at all.

    Raises OutputError.
    """
    text = json.dumps({**header, "arrays": described(arrays)}).encode()
    digest = hashlib.sha256()
    with atomic_write(path, follow=False) as out:
        head = MAGIC + len(text).to_bytes(8, "little") + text
        for part in (memoryview(head), *(bytes_of(array) for array in arrays.values())):
            for start in range(0, len(part), CHUNK):
                digest.update(part[start : start + CHUNK])
                out.write(part[start : start + CHUNK])
        out.write(digest.digest())


def bytes_of(array: np.ndarray) -> memoryview:
    """The bytes of an array, which is not copied."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


class DamagedError(CheckpointError):
    """A checkpoint that was cut short, has a wrong checksum, or is on a failing disk; the one
    before it can be used.
    """


def read_checkpoint(path: AnyPath) -> tuple[dict[str, Any], int, int]:
    """The header of a checkpoint, and where its arrays begin and end; its checksum is right.

    What the header says is still to be checked: a forged file can have a right checksum.
    Raises DamagedError, and CheckpointError for what was not damaged by accident.
    """
    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            file.seek(0)
            if file.read(len(MAGIC)) != MAGIC:
                raise DamagedError(f"{shown(path)}: is no checkpoint of this version of fastw2v")
            length = int.from_bytes(file.read(8), "little")
            begin = len(MAGIC) + 8 + length
            if not 2 <= length <= MAX_HEADER or begin + DIGEST > size:
                raise DamagedError(f"{shown(path)}: is damaged: it is shorter than its header says")
            file.seek(0)
            digest, left = hashlib.sha256(), size - DIGEST
            while left:
                part = file.read(min(CHUNK, left))
                if not part:
                    raise DamagedError(f"{shown(path)}: is damaged: it ends too early")
                digest.update(part)
                left -= len(part)
            if file.read(DIGEST) != digest.digest():
                raise DamagedError(f"{shown(path)}: is damaged: its checksum is wrong")
            file.seek(len(MAGIC) + 8)
            return _parsed(path, file.read(length)), begin, size - DIGEST
    except OSError as error:
        raise _unreadable(path, error) from error


def _parsed(path: AnyPath, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{shown(path)}: does not hold what a checkpoint does: its header is no JSON"
        ) from error
    if not isinstance(header, dict) or header.keys() != KEYS:
        raise CheckpointError(
            f"{shown(path)}: does not hold what a checkpoint does: its header has other parts"
        )
    return header


def _unreadable(path: AnyPath, error: OSError) -> CheckpointError:
    """The error of a file that cannot be read.

    A broken disk is an accident; other reasons may pass, or be repaired.
    """
    kind = DamagedError if error.errno == errno.EIO else CheckpointError
    return kind(f"{shown(path)}: cannot be read: {reason(error)}")


def check_arrays(header: Mapping[str, Any], begin: int, end: int, arrays: Arrays) -> None:
    """Raise ValueError unless a checkpoint holds arrays of these names, types and shapes, in this
    order, and nothing else.
    """
    if header["arrays"] != described(arrays) or end - begin != sum(
        array.nbytes for array in arrays.values()
    ):
        raise ValueError("its arrays are not those that this run has")


def described(arrays: Arrays) -> list[list[Any]]:
    """Names, types and shapes of arrays, as a header holds them."""
    return [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]


def read_arrays(path: AnyPath, begin: int, into: Arrays) -> None:
    """Read the arrays of a checkpoint, which has been checked, into these.

    Raises CheckpointError.
    """
    try:
        with open_regular(path) as file:
            file.seek(begin)
            for name, array in into.items():
                view = bytes_of(array)
                for first in range(0, len(view), CHUNK):
                    part = view[first : first + CHUNK]
                    if file.readinto(part) != len(part):
                        raise CheckpointError(
                            f"{shown(path)}: was cut short by another program while it was read;"
                            " run again"
                        )
                if not is_finite(array):
                    raise CheckpointError(
                        f"{shown(path)}: its {name} holds numbers that are not finite; remove the"
                        " file"
                    )
    except OSError as error:
        raise _unreadable(path, error) from error


class SnapshotBuffers:
    """Memory for a copy of arrays, allocated by a thread: memory that was never used is slow.

    ready : set when the thread has ended;  arrays : by name then, or None if there is no memory.
    """

    def __init__(self, like: Arrays) -> None:
        self.ready = threading.Event()
        self.arrays: Arrays | None = None
        try:
            threading.Thread(target=self._allocate, args=(like,), name="checkpoint").start()
        except RuntimeError:  # no further thread can be started
            self.ready.set()

    def _allocate(self, like: Arrays) -> None:
        try:
            arrays = {name: aligned_zeros(array.shape, array.dtype) for name, array in like.items()}
            for array in arrays.values():
                array[:] = 0
            self.arrays = arrays
        except TrainingError:  # no memory
            pass
        finally:
            self.ready.set()


def checkpoint_paths(folder: Path) -> list[Path]:
    """The files of a folder's checkpoints, the newest first. Raises CheckpointError."""
    try:
        names = [path for path in folder.iterdir() if NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CheckpointError(f"{shown(folder)}: cannot be read: {reason(error)}") from error
    return sorted(names, reverse=True)


class Checkpoints:
    """Writes the checkpoints of a folder in a thread, and removes all but the last KEPT.

    The end of a thread is an event, not ``Thread.join``: after an interrupt ``join`` may report a
    thread as ended that still runs.

    Attributes
    ----------
    threads
        Number of threads that copy arrays.
    buffers
        Memory reserved for the next copy, or None.
    idle
        Event that is set while no checkpoint is being written.
    written
        The last checkpoint that is complete.
    error
        Error of the last checkpoint, until ``wait`` raises it or ``failure`` returns it.
    seconds
        How long training waited for the last checkpoint.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.folder, self.threads, self.seconds = folder, threads, 0.0
        self.buffers: SnapshotBuffers | None = None
        self.written: Path | None = None
        self.error: Exception | None = None
        self.idle = threading.Event()
        self.idle.set()

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return not self.idle.is_set()

    def reserve_buffers(self, arrays: Arrays) -> bool:
        """Begin to allocate memory for a copy of arrays.

        Returns whether it is ready, or there is no memory.
        """
        self.buffers = self.buffers or SnapshotBuffers(arrays)
        return self.buffers.ready.is_set()

    def take(
        self, position: int, header: Mapping[str, Any], arrays: Arrays, stopped: bool = False
    ) -> Path:
        """Copy the arrays, and begin to write them as the checkpoint of a position; training may
        continue once this returns.

        If training has ``stopped``, or there is no memory for copies, it returns when they are
        written. Raises the error of the checkpoint before this one, or of this one if it is known.
        """
        self.wait()
        began, path = time.perf_counter(), self.folder / f"checkpoint-{position:015d}.fw2c"
        copies = None if stopped else self._copied(arrays)
        if copies is None or not self._begin(path, header, copies):
            self._write(path, header, arrays)
            self.wait()
        self.seconds = time.perf_counter() - began
        return path

    def _copied(self, arrays: Arrays) -> Arrays | None:
        """A copy of these arrays, or None without memory or threads.

        Buffers that were reserved for other arrays are not used.
        """
        buffers, self.buffers = self.buffers or SnapshotBuffers(arrays), None
        buffers.ready.wait()
        copies = buffers.arrays
        if copies is None or copies.keys() != arrays.keys():
            return None
        try:
            copy(arrays, copies, self.threads)
        except RuntimeError:  # no further thread can be started
            return None
        return copies

    def _begin(self, path: Path, header: Mapping[str, Any], copies: Arrays) -> bool:
        """Write a checkpoint in a thread; returns False if no thread can be started."""
        self.idle.clear()
        try:
            threading.Thread(
                target=self._write, args=(path, header, copies), name="checkpoint"
            ).start()
        except RuntimeError:  # no further thread can be started
            self.idle.set()
            return False
        return True

    def _write(self, path: Path, header: Mapping[str, Any], arrays: Arrays) -> None:
        try:
            if not all(is_finite(array) for array in arrays.values()):
                raise TrainingError(
                    "the vectors hold numbers that are not finite; lower alpha", options=("alpha",)
                )
            write_checkpoint(path, header, arrays)
            self.written = path
            for old in checkpoint_paths(self.folder)[KEPT:]:
                with suppress(OSError):
                    old.unlink()
        except OutputError as error:
            self.error = error
        except (OSError, MemoryError) as error:
            self.error = OutputError(
                f"{shown(path)}: {reason(error) or 'no memory'}; earlier checkpoints are as they"
                " were"
            )
        except Exception as error:
            self.error = error
        finally:
            self.idle.set()

    def stop(self) -> None:
        """Wait until no checkpoint is being written; raise no error."""
        self.idle.wait()
        if self.buffers:
            self.buffers.ready.wait()

    def failure(self) -> OutputError | None:
        """Return the OutputError of the last checkpoint, or None. Raises errors of other types."""
        if self.busy or self.error is None:
            return None
        error, self.error = self.error, None
        if isinstance(error, OutputError):
            return error
        raise error

    def wait(self) -> None:
        """Wait until no checkpoint is being written. Raises its error."""
        self.idle.wait()
        if error := self.failure():
            raise error


def copy(arrays: Arrays, to: Arrays, threads: int) -> None:
    """Copy arrays to those of the same names, with a number of threads."""
    with ThreadPoolExecutor(threads) as pool:
        copies = []
        for name, array in arrays.items():
            rows = max(math.ceil(len(array) / threads), 1)
            for start in range(0, len(array), rows):
                rows_of = slice(start, start + rows)
                copies.append(pool.submit(np.copyto, to[name][rows_of], array[rows_of]))
        for done in copies:
            done.result()
