"""Recording a run in its folder: the log and the checkpoints."""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from fastw2v.cores import available_cores
from fastw2v.errors import OutputError, TrainingError
from fastw2v.events import Evaluated, Event, Notice, Progress, Synchronised
from fastw2v.kernels.processor import machine_name
from fastw2v.training.checkpoint import Checkpoints
from fastw2v.training.interval import CheckpointInterval
from fastw2v.training.loop import Training
from fastw2v.training.run_log import RunLog

LOG_SECONDS = 1.0  # between lines of progress in the log, at most
LOG_SHARE = 20  # lines of progress in the time trained so far, at most, if that is short


class Recorder:
    """Runs a training, and keeps its log and its checkpoints. Call ``close`` at the end.

    Attributes
    ----------
    interval
        How often checkpoints are written, or None for never.
    loaded
        The checkpoint that the training was restored from, if any.
    notices
        Notices to yield before all other events.
    failed
        The OutputError of the last checkpoint of a run that has ended, None if it was written.
    """

    failed: OutputError | None = None

    def __init__(
        self,
        folder: Path,
        training: Training,
        fingerprints: dict[str, str],
        interval: CheckpointInterval | None,
        loaded: Path | None,
        notices: list[str],
    ) -> None:
        self.training, self.fingerprints, self.interval = training, fingerprints, interval
        self.loaded, self.notices = loaded, notices
        self.checkpoints = Checkpoints(folder, training.config.thread_count)
        self.log = RunLog(folder / "log.jsonl")

    def close(self) -> None:
        """Wait for a checkpoint that is being written, and close the log."""
        self.checkpoints.stop()
        self.log.close()

    def events(self) -> Iterator[Event]:
        """Train to the end: the events of training.run(), with a checkpoint whenever one is due,
        and one at the end.

        If a checkpoint cannot be written, a Notice says so, training continues, and the next one is
        written when it is due; if it is the last one, ``failed`` holds its error.
        """
        yield from map(Notice, self.notices)
        self._log_begin()
        logged, written_at, tokens = -math.inf, time.monotonic(), self.training.tokens_done
        try:
            for event in self.training.run():
                yield from self._write_failures()
                now = time.monotonic()
                if isinstance(event, Progress):
                    pause = min(LOG_SECONDS, event.seconds / LOG_SHARE)
                    if now - logged >= pause or event.tokens >= event.total:
                        logged = now
                        self.log.write("progress", **asdict(event), words_per_s=event.words_per_s)
                    if self._is_due(now - written_at, event.tokens - tokens):
                        written_at, tokens = now, event.tokens
                        yield from self._checkpoint()
                else:
                    self._log_event(event)
                yield event
        except TrainingError as error:
            self.checkpoints.stop()
            last = self.checkpoints.written or self.loaded
            hint = f"the last good checkpoint is {last}" if last else "there is no checkpoint yet"
            raise TrainingError(f"{error}; {hint}") from error
        if self.interval:
            yield from self._last_checkpoint()
        self.log.write("end", seconds=self.training.seconds)
        yield from self._write_failures()

    def stop(self) -> Path | None:
        """Write a checkpoint of an interrupted training; return its path. Raises OutputError.

        Returns None if the training has not begun, or was interrupted inside a chunk.
        """
        if not self.training.begun or not self.training.consistent:
            return None
        return self.take(stopped=True)

    def take(self, stopped: bool = False) -> Path:
        """Write a checkpoint while the training continues, or, if it has ``stopped``, before this
        returns. Raises OutputError.
        """
        if stopped:
            self.checkpoints.stop()
            self.checkpoints.failure()  # of the one before, which this one replaces
        training = self.training
        header = {
            "state": training.state(),
            "config": asdict(training.config),
            "fingerprints": self.fingerprints,
        }
        path = self.checkpoints.take(training.positions_done, header, training.arrays(), stopped)
        self.log.write(
            "checkpoint",
            tokens=training.tokens_done,
            file=path.name,
            seconds=round(self.checkpoints.seconds, 4),
        )
        return path

    def _is_due(self, seconds: float, tokens: int) -> bool:
        """Whether a checkpoint is due, and can be written without waiting."""
        return (
            self.interval is not None
            and self.interval.is_due(seconds, tokens)
            and not self.checkpoints.busy
            and self.checkpoints.reserve_buffers(self.training.arrays())
        )

    def _checkpoint(self) -> Iterator[Notice]:
        try:
            self.take()
        except OutputError as error:
            yield Notice(
                f"{error}; training continues, and writes the next checkpoint when it is due"
            )

    def _last_checkpoint(self) -> Iterator[Notice]:
        try:
            self.take(stopped=True)
        except OutputError as error:
            self.failed = error
            yield Notice(f"{error}; training has ended, and its last checkpoint is missing")

    def _log_begin(self) -> None:
        training = self.training
        self.log.write(
            "begin",
            ranks=training.communicator.size,
            threads=training.config.thread_count,
            machine=machine_name(available_cores()),
            cores=os.cpu_count(),
        )
        if self.loaded:
            self.log.write("resume", tokens=training.tokens_done, file=self.loaded.name)

    def _log_event(self, event: Event) -> None:
        if isinstance(event, Evaluated):
            self.log.write("evaluated", epoch=event.epoch, scores=event.scores, best=event.best)
        elif isinstance(event, Synchronised):
            self.log.write("synchronised", **asdict(event))
        elif isinstance(event, Notice):
            self.log.write("notice", text=event.text)

    def _write_failures(self) -> Iterator[Notice]:
        """Notices of failures to write since this was last called."""
        if failed := self.checkpoints.failure():
            yield Notice(
                f"{failed}; training continues, and writes the next checkpoint when it is due"
            )
        if error := self.log.trouble():
            yield Notice(error)
