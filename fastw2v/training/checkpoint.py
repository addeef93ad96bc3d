"""Checkpoints: a run's tables and where it stands, in files that are whole or are noticed not to
be.

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np

from fastw2v.errors import CheckpointError, OutputError, TrainingError
from fastw2v.files import atomic_write, reason
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.paths import open_regular, shown
from fastw2v.training.state import is_finite

MAGIC = b"fastw2v checkpoint 1\n"
DIGEST = hashlib.sha256().digest_size
CHUNK = 1 << 24  # bytes read or written at a time
MAX_HEADER = 1 << 24
KEPT = 2
KEYS = {"state", "config", "fingerprints", "arrays"}  # of the header
NAME = re.compile(r"checkpoint-(\d{15})\.fw2c")


def write_checkpoint(path, header, arrays):
    """Write a header (what JSON can hold) and arrays by name, whole or not at all.

    Raises OutputError.
    """
    header = header | {"arrays": described(arrays)}
    text = json.dumps(header).encode()
    digest = hashlib.sha256()
    with atomic_write(path, follow=False) as out:
        for part in (
            MAGIC,
            len(text).to_bytes(8, "little"),
            text,
            *(bytes_of(array) for array in arrays.values()),
        ):
            for first in range(0, len(part), CHUNK):
                digest.update(part[first : first + CHUNK])
                out.write(part[first : first + CHUNK])
        out.write(digest.digest())


def bytes_of(array):
    """The bytes of an array, which is not copied."""
    return memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


class DamagedError(CheckpointError):
    """A checkpoint that was damaged by accident, as its checksum shows: the one before it may be
    used instead.
    """


def read_checkpoint(path):
    """The header of a checkpoint, and where its arrays begin and end; its checksum is right.

    What the header says is still to be checked: whoever wrote the file can make a checksum right.
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


def _parsed(path, text):
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


def _unreadable(path, error):
    """The error of a file that cannot be read.

    A broken disk is an accident; other reasons may pass, or be mended.
    """
    kind = DamagedError if error.errno == errno.EIO else CheckpointError
    return kind(f"{shown(path)}: cannot be read: {reason(error)}")


def check_arrays(header, begin, end, arrays):
    """Raise ValueError unless a checkpoint holds arrays of these names, types and shapes, in this
    order, and nothing else.
    """
    if header["arrays"] != described(arrays) or end - begin != sum(
        array.nbytes for array in arrays.values()
    ):
        raise ValueError("its arrays are not those that this run has")


def described(arrays):
    """Names, types and shapes of arrays, as a header holds them."""
    return [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]


def read_arrays(path, begin, into):
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


class Room:
    """Memory for copies of arrays, made by a thread of its own: memory that was never used is slow
    to come.

    ready : an Event;  copies : the arrays by name then, or None if there is no memory.
    """

    def __init__(self, arrays):
        self.ready, self.copies = threading.Event(), None
        try:
            threading.Thread(target=self._make, args=(arrays,), name="checkpoint").start()
        except RuntimeError:  # no further thread can be started
            self.ready.set()

    def _make(self, arrays):
        try:
            copies = {
                name: aligned_zeros(array.shape, array.dtype) for name, array in arrays.items()
            }
            for array in copies.values():
                array[:] = 0
            self.copies = copies
        except TrainingError:  # no memory
            pass
        finally:
            self.ready.set()


class Checkpoints:
    """The checkpoints of a folder, of which the last KEPT stay.

    They are written by a thread of their own.

    written : the last one that was written whole;  error : what went wrong with one, until
        ``wait`` raises it or ``failure``
    returns it;  seconds : that training was held up by the last one. (Threads are waited for by
    events: an interrupted ``join`` may take a thread for ended that is not.)
    """

    def __init__(self, folder, threads=1):
        self.folder, self.threads, self.room = Path(folder), threads, None
        self.idle, self.error, self.written, self.seconds = threading.Event(), None, None, 0.0
        self.idle.set()

    def paths(self):
        """Files of checkpoints, the newest first."""
        try:
            return sorted(
                (path for path in self.folder.iterdir() if NAME.fullmatch(path.name)), reverse=True
            )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CheckpointError(
                f"{shown(self.folder)}: cannot be read: {reason(error)}"
            ) from error

    @property
    def busy(self):
        """Whether one is being written."""
        return not self.idle.is_set()

    def make_room(self, arrays):
        """Begin to take memory for copies.

        Returns whether it is there, or there is none to be had.
        """
        self.room = self.room or Room(arrays)
        return self.room.ready.is_set()

    def take(self, position, header, arrays, stopped=False):
        """Copy the arrays, and begin to write them as the checkpoint of a position; training may go
        on once this returns.

        If it has ``stopped``, or there is no memory for copies, it returns when they are written.
        Raises what went wrong with this one, if it is known by then, or with the one before.
        """
        self.wait()
        began, path = time.perf_counter(), self.folder / f"checkpoint-{position:015d}.fw2c"
        copies = None if stopped else self._copied(arrays)
        if copies is None or not self._begin(path, header, copies):
            self._write(path, header, arrays)
            self.wait()
        self.seconds = time.perf_counter() - began
        return path

    def _copied(self, arrays):
        """A copy of these arrays, or None without memory or threads.

        There may be others than when room was made.
        """
        self.make_room(arrays)
        self.room.ready.wait()
        copies, self.room = self.room.copies, None
        if copies is None or copies.keys() != arrays.keys():
            return None
        try:
            copy(arrays, copies, self.threads)
        except RuntimeError:  # no further thread can be started
            return None
        return copies

    def _begin(self, path, header, copies):
        """Have a thread write a checkpoint; returns whether there is one."""
        self.idle.clear()
        try:
            threading.Thread(
                target=self._write, args=(path, header, copies), name="checkpoint"
            ).start()
        except RuntimeError:  # no further thread can be started
            self.idle.set()
            return False
        return True

    def _write(self, path, header, arrays):
        try:
            if not all(is_finite(array) for array in arrays.values()):
                raise TrainingError("the vectors hold numbers that are not finite; lower --alpha")
            write_checkpoint(path, header, arrays)
            self.written = path
            for old in self.paths()[KEPT:]:
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

    def stop(self):
        """Wait until none is being written, whatever came of it."""
        self.idle.wait()
        if self.room:
            self.room.ready.wait()

    def failure(self):
        """The OutputError of the last checkpoint, if it could not be written, else None.

        Raises whatever else went wrong.
        """
        error = None if self.busy else self.error
        if isinstance(error, OutputError):
            self.error = None
        elif error:
            self.wait()
        return error

    def wait(self):
        """Wait until none is being written. Raises what went wrong."""
        self.idle.wait()
        if self.error is not None:
            error, self.error = self.error, None
            raise error


def copy(arrays, to, threads):
    """Copy arrays to those of the same names, by so many threads."""
    parts = [
        (to[name], array, first, first + math.ceil(len(array) / threads))
        for name, array in arrays.items()
        for first in range(0, len(array), max(math.ceil(len(array) / threads), 1))
    ]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(_copy, parts))


def _copy(part):
    out, array, first, stop = part
    out[first:stop] = array[first:stop]
