"""A run's folder: what it was asked to do, its log, its checkpoints, and a lock while somebody works on it."""

import hashlib
import json
import math
import os
import platform
import socket
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from fastw2v.config import TrainConfig
from fastw2v.errors import CheckpointError, ConfigError, OutputError, TrainingError
from fastw2v.events import Evaluated, Notice, Progress, Synchronised
from fastw2v.files import atomic_write, reason
from fastw2v.training.checkpoint import Checkpoints, bytes_of, read_arrays, read_checkpoint

try:
    import fcntl
except ImportError:  # no locks of files here
    fcntl = None

LOGGED = 1.0  # seconds between lines of progress in the log
CHUNK = 1 << 24
FREE = ("threads", "distributed", "sync_every")  # fields of the configuration that a run may go on with otherwise


class RunFolder:
    """A folder in which a run is recorded: made by ``begin``, or found by ``find``; ``record`` keeps it. Use as a context."""

    def __init__(self, path):
        self.path = Path(path)
        self.told = {}
        self.lock = self.log = None
        self.checkpoints = Checkpoints(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.checkpoints.stop()
        for file in filter(None, (self.log, self.lock)):
            file.close()

    @classmethod
    def begin(cls, path, config, inputs, version):
        """A new run's folder. inputs : what JSON can hold of what the run reads and writes. Raises CheckpointError for a folder
        that holds a run, and OutputError."""
        folder = cls(path)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path}: {reason(error)}; a run folder cannot be made there") from error
        folder._take_lock()
        if (folder.path / "run.json").exists() or folder.checkpoints.paths():
            raise CheckpointError(f"{path}: holds a run already; go on with it by --resume {path}, or give another folder")
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
        if not folder.path.is_dir():
            raise CheckpointError(f"{path}: there is no such folder; fastw2v train --run-dir makes one")
        try:
            folder.told = json.loads((folder.path / "run.json").read_text(encoding="utf8"))
            folder.config = TrainConfig(**folder.told["config"])
            _ = folder.told["inputs"], folder.told["corpus"]
        except FileNotFoundError:
            raise CheckpointError(f"{path}: holds no run.json, so no run was begun there") from None
        except OSError as error:
            raise CheckpointError(f"{path}: {reason(error)}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, ConfigError):
                raise CheckpointError(f"{path}/run.json: {error}") from error
            raise CheckpointError(f"{path}/run.json: is damaged; begin the run anew in another folder") from error
        folder._take_lock()
        return folder

    def _take_lock(self):
        path = self.path / "lock"
        try:
            self.lock = open(path, "a+", encoding="utf8")
            if fcntl:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.seek(0)
            owner = self.lock.read().strip() or "another process"
            self.lock.close()
            self.lock = None
            raise CheckpointError(f"{self.path}: {owner} is at work in it; wait for it, or give another folder") from None
        except OSError as error:
            raise OutputError(f"{path}: {reason(error)}") from error
        self.lock.truncate(0)
        self.lock.write(f"process {os.getpid()} on {socket.gethostname()}, since {time.strftime('%Y-%m-%d %H:%M:%S')},\n")
        self.lock.flush()

    def _write_told(self):
        with atomic_write(self.path / "run.json") as out:
            out.write(json.dumps(self.told, indent=1).encode())

    def check_config(self, config):
        """Raise CheckpointError, naming the fields, if a configuration is not the run's."""
        before, now = asdict(self.config), asdict(config)
        different = [name for name in now if name not in FREE and now[name] != before[name]]
        if different:
            told = "; ".join(f"{name} was {before[name]!r}, now it is {now[name]!r}" for name in different)
            raise CheckpointError(
                f"{self.path}: the run has another configuration: {told}; leave it as it was, or begin a new run"
            )

    def join(self, training):
        """Compare what a training has read with what the run began with, and stand where its last good checkpoint stood.

        Returns notices. Raises CheckpointError, naming what has changed.
        """
        encoded, config = training.encoded, training.config
        prints = {name: value for name, value in fingerprints(training).items() if value is not None}
        self.prints = prints
        corpus = {
            "tokens_read": encoded.tokens_read, "lines": encoded.lines, "words_seen": encoded.words_seen,
            "tokens": encoded.tokens, "words": len(encoded.vocabulary), "files": self.told["inputs"].get("corpus"),
        }  # fmt: skip
        self.checkpoints.threads = config.thread_count
        if before := self.told.get("fingerprints"):
            self._compare("", before, prints)
        else:
            self.told |= {"fingerprints": prints, "corpus": corpus}
            with atomic_write(self.path / "vocabulary.txt") as out:
                vocabulary = encoded.vocabulary
                counts = vocabulary.counts.tolist()
                out.write("".join(f"{w} {n}\n" for w, n in zip(vocabulary.words, counts, strict=True)).encode())
            self._write_told()
        notices = list(self._load(training))
        self.log = open(self.path / "log.jsonl", "ab", buffering=0)
        self._end_line()
        machine = f"{platform.machine()} {platform.system()}"
        ranks = training.communicator.size
        self.write("begin", ranks=ranks, threads=config.thread_count, machine=machine, cores=os.cpu_count())
        if training.begun:
            self.write("resume", tokens=self._tokens(training), file=self.loaded.name)
        return notices

    def _compare(self, where, before, now):
        different = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        if different:
            names = " and ".join(name.replace("_", " ") for name in different)
            raise CheckpointError(
                f"{self.path}{where}: the {names} {'is' if len(different) == 1 else 'are'} not what the run began with;"
                " put back what was changed, or begin a new run in another folder"
            )

    def _load(self, training):
        """Read the newest checkpoint that is whole; yields what is to be said."""
        self.loaded = None
        for path in self.checkpoints.paths():
            try:
                header, begin = read_checkpoint(path)
            except CheckpointError as error:
                yield f"{error}; the one before is used"
                continue
            config = TrainConfig(**header["config"])
            self.check_config(config)
            self._compare(f"/{path.name}", header["fingerprints"], self.prints)
            training.go_on(header["state"])
            read_arrays(path, header, begin, training.arrays())
            self.loaded = path
            yield f"going on from {path}, {share_done(training):.1%} through"
            return
        if self.told.get("fingerprints") and self.checkpoints.paths():
            yield f"{self.path}: no checkpoint is whole; the run begins anew"

    def _tokens(self, training):
        N = len(training.encoded.ids)
        return round((training.epoch * N + training.position) * training.encoded.tokens / N)

    def _end_line(self):
        """A line of the log that was cut short by a kill ends here."""
        path = self.path / "log.jsonl"
        if path.stat().st_size:
            with open(path, "rb") as file:
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    self._append(b"\n")

    def write(self, kind, **what):
        """Add a line to the log. Raises OutputError."""
        what = {name: None if isinstance(x, float) and not math.isfinite(x) else x for name, x in what.items()}
        self._append(json.dumps({"kind": kind, "time": round(time.time(), 3), **what}).encode() + b"\n")

    def _append(self, line):
        try:
            self.log.write(line)
        except OSError as error:
            raise OutputError(
                f"{self.path}/log.jsonl: {reason(error)}; make room, then go on with --resume {self.path}"
            ) from error

    def take(self, training, stopped=False):
        """Write a checkpoint of where a training stands: while it goes on, or, if it has ``stopped``, before this returns."""
        header = {"state": training.state(), "config": asdict(training.config), "fingerprints": self.prints}
        position = training.epoch * len(training.encoded.ids) + training.position
        path = self.checkpoints.take(position, header, training.arrays(), stopped)
        self.write("checkpoint", tokens=self._tokens(training), file=path.name, seconds=round(self.checkpoints.seconds, 4))
        return path

    def record(self, training, every):
        """The events of training.run(), with a checkpoint when one is due, and at the end.

        every : a Pace, or None for no checkpoints.
        """
        logged, taken, tokens = -math.inf, time.monotonic(), self._tokens(training)
        try:
            for event in training.run():
                now = time.monotonic()
                if isinstance(event, Progress):
                    if now - logged >= LOGGED or event.tokens >= event.total:
                        logged = now
                        self.write("progress", **asdict(event), words_per_s=event.words_per_s)
                    if self.checkpoints.error:
                        self.checkpoints.wait()  # raises it
                    due = every and every.is_due(now - taken, event.tokens - tokens) and not self.checkpoints.busy
                    if due and self.checkpoints.make_room(training.arrays()):
                        self.take(training)
                        taken, tokens = now, event.tokens
                elif isinstance(event, Evaluated):
                    self.write("evaluated", epoch=event.epoch, scores=event.scores, best=event.best)
                elif isinstance(event, Synchronised):
                    self.write("synchronised", **asdict(event))
                elif isinstance(event, Notice):
                    self.write("notice", text=event.text)
                yield event
        except TrainingError as error:
            with suppress(Exception):
                self.checkpoints.wait()
            written = self.checkpoints.written or self.loaded
            last = f"the last good checkpoint is {written}" if written else "there is no checkpoint yet"
            raise TrainingError(f"{error}; {last}") from error
        if every:
            self.take(training, stopped=True)
        self.write("end", seconds=training.seconds)


def fingerprints(training):
    """SHA-256 of the ids, the vocabulary, the vectors begun with and the evaluation sets of a training."""
    encoded = training.encoded
    ids = hashlib.sha256()
    for first in range(0, len(encoded.ids), CHUNK):
        ids.update(bytes_of(encoded.ids[first : first + CHUNK]))
        encoded.forget()
    vocabulary = hashlib.sha256("\n".join(encoded.vocabulary.words).encode())
    vocabulary.update(encoded.vocabulary.counts.astype("<i8").tobytes())
    start = hashlib.sha256(bytes_of(training.tables.W_in)) if training.notices else None
    sets = getattr(training.evaluate, "sets", None)
    return {
        "corpus": ids.hexdigest(),
        "vocabulary": vocabulary.hexdigest(),
        "vectors_to_begin_with": start and start.hexdigest(),
        "evaluation": sets and hashlib.sha256(repr([each.items for each in sets]).encode()).hexdigest(),
    }


def share_done(training):
    """How much of a run by epochs is done, 0 to 1."""
    N = len(training.encoded.ids)
    return min((training.epoch * N + training.position) / max(training.config.epochs * N, 1), 1.0)
