"""A run's folder: what it was asked to do, its log, its checkpoints, and a lock while somebody
works on it.
"""

import hashlib
import json
import math
import os
import platform
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from fastw2v.errors import CheckpointError, OutputError, TrainingError
from fastw2v.events import Evaluated, Notice, Progress, Synchronised
from fastw2v.files import atomic_write, make_folder, reason, remove_leftovers, set_aside
from fastw2v.paths import checked_path, is_folder, open_regular, read_at_most, shown
from fastw2v.training.checkpoint import (
    Checkpoints,
    DamagedError,
    bytes_of,
    check_arrays,
    read_arrays,
    read_checkpoint,
)
from fastw2v.training.folder_lock import FolderLock
from fastw2v.training.run_log import RunLog
from fastw2v.training.validation import (
    DAMAGED,
    check_fingerprints,
    check_sources,
    check_told,
    config_of,
)

LOGGED = 1.0  # seconds between lines of progress in the log
CHUNK = 1 << 24
MAX_TOLD = 1 << 26  # bytes of run.json
# fields of the configuration that a run may go on with otherwise
FREE = (
    "threads",
    "distributed",
    "sync_every",
)


class RunFolder:
    """A folder in which a run is recorded: made by ``begin``, or found by ``find``; ``record``
    keeps it. Use as a context.

    failed : the OutputError of the last checkpoint of a run that has ended, if it could not be
        written.
    """

    def __init__(self, path):
        self.path = Path(checked_path(path, CheckpointError))
        self.told = self.config = self.prints = self.loaded = self.lock = self.log = self.failed = (
            None
        )
        self.checkpoints = Checkpoints(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.checkpoints.stop()
        for file in filter(None, (self.log, self.lock)):
            file.close()

    @classmethod
    def begin(cls, path, config, inputs, version):
        """A new run's folder. inputs : what JSON can hold of what the run reads and writes.

        Raises CheckpointError for a folder that holds a run, and OutputError.
        """
        folder = cls(path)
        make_folder(path)
        with folder._locked():
            folder._check_unused()
            folder.config = config
            folder.told = {
                "fastw2v": version,
                "config": asdict(config),
                "output": inputs.get("output"),
                "inputs": inputs,
                "corpus": {},
            }
            folder._write_told()
        return folder

    @classmethod
    def find(cls, path):
        """The folder of a run that was begun. Raises CheckpointError."""
        folder = cls(path)
        if not is_folder(path, CheckpointError):
            raise CheckpointError(
                f"{shown(path)}: there is no such folder; fastw2v train --run-dir makes one"
            )
        folder.told = folder._read_told()
        check_sources(folder.told["inputs"], folder.path / "run.json")
        folder.config = config_of(
            folder.told["config"], folder.path / "run.json", folder.told.get("fastw2v")
        )
        with folder._locked():
            return folder

    def _read_told(self):
        """What run.json says. Raises CheckpointError."""
        path = self.path / "run.json"
        try:
            with open_regular(path) as file:
                told = json.loads(read_at_most(file, MAX_TOLD))
        except FileNotFoundError:
            raise CheckpointError(
                f"{shown(self.path)}: holds no run.json, so no run was begun there"
            ) from None
        except OSError as error:
            raise CheckpointError(f"{shown(path)}: {reason(error)}") from error
        except (ValueError, RecursionError) as error:
            raise CheckpointError(f"{shown(path)}: is damaged: it is no JSON; {DAMAGED}") from error
        check_told(told, path)
        return told

    def _check_unused(self):
        """Raise CheckpointError if the folder holds a run, or files of something else that a run
        would overwrite.

        A run that failed before it had read its corpus may be begun anew.
        """
        begun = os.path.lexists(self.path / "run.json")
        if self.checkpoints.paths() or (begun and "fingerprints" in self._read_told()):
            path = shown(self.path)
            raise CheckpointError(
                f"{path}: holds a run already; go on with it by --resume {path}, or give another"
                " folder"
            )
        for name in ("vocabulary.txt", "log.jsonl"):
            if not begun and os.path.lexists(self.path / name):
                raise CheckpointError(
                    f"{shown(self.path / name)}: is of no run, and would be overwritten; give"
                    " another folder"
                )

    @contextmanager
    def _locked(self):
        """Take the lock, for as long as the folder is used; give it back if something goes wrong
        within.
        """
        self.lock = FolderLock(self.path)
        try:
            remove_leftovers(self.path)
            yield
        except BaseException:
            self.lock.close()
            raise

    def _write_told(self):
        with atomic_write(self.path / "run.json", follow=False) as out:
            out.write(json.dumps(self.told, indent=1).encode())

    def check_config(self, config):
        """Raise CheckpointError, naming the fields, if a configuration is not the run's."""
        before, now = asdict(self.config), asdict(config)
        different = [name for name in now if name not in FREE and now[name] != before[name]]
        if different:
            told = "; ".join(
                f"{name} was {before[name]!r}, now it is {now[name]!r}" for name in different
            )
            raise CheckpointError(
                f"{self.path}: the run has another configuration: {told}; leave it as it was, or"
                " begin a new run"
            )

    def join(self, training):
        """Compare what a training has read with what the run began with, and stand where its last
        good checkpoint stood.

        Returns notices. Raises CheckpointError, naming what has changed.
        """
        encoded, config = training.encoded, training.config
        prints = {
            name: value for name, value in fingerprints(training).items() if value is not None
        }
        self.prints = prints
        corpus = {
            "tokens_read": encoded.tokens_read,
            "lines": encoded.lines,
            "words_seen": encoded.words_seen,
            "tokens": encoded.tokens,
            "words": len(encoded.vocabulary),
            "files": self.told["inputs"].get("corpus"),
        }
        self.checkpoints.threads = config.thread_count
        if before := self.told.get("fingerprints"):
            self._compare("", before, prints)
        else:
            self.told |= {"fingerprints": prints, "corpus": corpus}
            with atomic_write(self.path / "vocabulary.txt", follow=False) as out:
                vocabulary = encoded.vocabulary
                counts = vocabulary.counts.tolist()
                out.write(
                    "".join(
                        f"{w} {n}\n" for w, n in zip(vocabulary.words, counts, strict=True)
                    ).encode()
                )
            self._write_told()
        notices = list(self._load(training))
        self.log = RunLog(self.path / "log.jsonl")
        machine = f"{platform.machine()} {platform.system()}"
        ranks = training.communicator.size
        self.log.write(
            "begin", ranks=ranks, threads=config.thread_count, machine=machine, cores=os.cpu_count()
        )
        if training.begun:
            self.log.write("resume", tokens=self._tokens(training), file=self.loaded.name)
        return notices

    def _compare(self, where, before, now):
        different = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        if different:
            names = " and ".join(name.replace("_", " ") for name in different)
            raise CheckpointError(
                f"{self.path}{where}: the {names} {'is' if len(different) == 1 else 'are'} not what"
                " the run began with; put back what was changed, or begin a new run in another"
                " folder"
            )

    def _load(self, training):
        """Read the newest checkpoint that is whole; yields what is to be said.

        Damaged ones are set aside, out of the way.

        Raises CheckpointError for one that is whole and not of this run: no accident makes such
            a file.
        """
        paths = self.checkpoints.paths()
        for path in paths:
            try:
                header, begin, end = read_checkpoint(path)
            except DamagedError as error:
                set_aside(path)
                last = path == paths[-1]
                yield f"{error}; {'none before it is left' if last else 'the one before is used'}"
                continue
            self._check_header(path, header)
            try:
                training.check(header["state"])
                check_arrays(header, begin, end, training.arrays_of(header["state"]))
            except ValueError as error:
                raise CheckpointError(
                    f"{shown(path)}: {error}; remove the file to go on from an earlier one"
                ) from error
            training.load_state(header["state"])
            read_arrays(path, begin, training.arrays())
            self.loaded = path
            yield f"going on from {path}, {share_done(training):.1%} through"
            return
        if paths:
            yield f"{self.path}: no checkpoint is whole; the run begins anew"

    def _check_header(self, path, header):
        """Raise CheckpointError unless a checkpoint was written with this configuration, corpus and
        vocabulary.
        """
        self.check_config(config_of(header["config"], path))
        try:
            check_fingerprints(header["fingerprints"])
        except ValueError as error:
            raise CheckpointError(
                f"{shown(path)}: {error}; remove the file to go on from an earlier one"
            ) from error
        self._compare(f"/{path.name}", header["fingerprints"], self.prints)

    def _tokens(self, training):
        N = len(training.encoded.ids)
        return round((training.epoch * N + training.position) * training.encoded.tokens / N)

    def take(self, training, stopped=False):
        """Write a checkpoint of where a training stands: while it goes on, or, if it has
        ``stopped``, before this returns.
        """
        header = {
            "state": training.state(),
            "config": asdict(training.config),
            "fingerprints": self.prints,
        }
        position = training.epoch * len(training.encoded.ids) + training.position
        path = self.checkpoints.take(position, header, training.arrays(), stopped)
        self.log.write(
            "checkpoint",
            tokens=self._tokens(training),
            file=path.name,
            seconds=round(self.checkpoints.seconds, 4),
        )
        return path

    def stop(self, training):
        """Write a checkpoint of a training that was interrupted, if it stands where it can be gone
        on from; returns its path, or
        None. Raises OutputError.
        """
        if not training.begun or not training.standing:
            return None
        self.checkpoints.stop()
        self.checkpoints.failure()  # of the one before
        return self.take(training, stopped=True)

    def record(self, training, every):
        """The events of training.run(), with a checkpoint when one is due, and at the end.

        every : a CheckpointInterval, or None for no checkpoints. If a checkpoint cannot be written,
        a Notice says so, training continues, and the next one is written when it is due; if it is
        the last one, ``failed`` says so.
        """
        logged, taken, tokens = -math.inf, time.monotonic(), self._tokens(training)
        try:
            for event in training.run():
                yield from self._troubles()
                now = time.monotonic()
                if isinstance(event, Progress):
                    if now - logged >= LOGGED or event.tokens >= event.total:
                        logged = now
                        self.log.write("progress", **asdict(event), words_per_s=event.words_per_s)
                    due = (
                        every
                        and every.is_due(now - taken, event.tokens - tokens)
                        and not self.checkpoints.busy
                    )
                    if due and self.checkpoints.make_room(training.arrays()):
                        taken, tokens = now, event.tokens
                        if failed := self._attempt(training):
                            yield Notice(
                                f"{failed}; training goes on, and writes the next checkpoint when"
                                " it is due"
                            )
                elif isinstance(event, Evaluated):
                    self.log.write(
                        "evaluated", epoch=event.epoch, scores=event.scores, best=event.best
                    )
                elif isinstance(event, Synchronised):
                    self.log.write("synchronised", **asdict(event))
                elif isinstance(event, Notice):
                    self.log.write("notice", text=event.text)
                yield event
        except TrainingError as error:
            self.checkpoints.stop()
            written = self.checkpoints.written or self.loaded
            last = (
                f"the last good checkpoint is {written}"
                if written
                else "there is no checkpoint yet"
            )
            raise TrainingError(f"{error}; {last}") from error
        if every:
            self.checkpoints.stop()
            self.checkpoints.failure()
            self.failed = self._attempt(training, stopped=True)
            if self.failed:
                yield Notice(
                    f"{self.failed}; the training has ended, and its last checkpoint is missing"
                )
        self.log.write("end", seconds=training.seconds)
        yield from self._troubles()

    def _troubles(self):
        """Notices of what could not be written since this was last asked."""
        if failed := self.checkpoints.failure():
            yield Notice(
                f"{failed}; training goes on, and writes the next checkpoint when it is due"
            )
        if trouble := self.log.trouble():
            yield Notice(trouble)

    def _attempt(self, training, stopped=False):
        """Write a checkpoint; returns the OutputError if it could not be written."""
        try:
            self.take(training, stopped)
        except OutputError as error:
            return error


def fingerprints(training):
    """SHA-256 of the ids, the vocabulary, the vectors begun with and the evaluation sets of a
    training.
    """
    encoded = training.encoded
    ids = hashlib.sha256()
    for first in range(0, len(encoded.ids), CHUNK):
        ids.update(bytes_of(encoded.ids[first : first + CHUNK]))
        encoded.forget()
    vocabulary = hashlib.sha256("\n".join(encoded.vocabulary.words).encode())
    vocabulary.update(encoded.vocabulary.counts.astype("<i8").tobytes())
    start = hashlib.sha256(bytes_of(training.tables.W_in)) if training.has_initial_vectors else None
    if start:
        start.update(bytes_of(training.tables.W_out))
    sets = getattr(training.evaluate, "sets", None)
    return {
        "corpus": ids.hexdigest(),
        "vocabulary": vocabulary.hexdigest(),
        "vectors_to_begin_with": start and start.hexdigest(),
        "evaluation": (
            sets and hashlib.sha256(repr([each.items for each in sets]).encode()).hexdigest()
        ),
    }


def share_done(training):
    """How much of a run is done, 0 to 1: of its epochs, or of its time."""
    if training.config.seconds:
        return min((time.perf_counter() - training.began_at) / training.config.seconds, 1.0)
    N = len(training.encoded.ids)
    return min((training.epoch * N + training.position) / max(training.config.epochs * N, 1), 1.0)
