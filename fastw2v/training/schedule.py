"""Schedules: how long a run is, and how its learning rate falls, over a number of epochs or over a
time.
"""

import time
from typing import Protocol

from fastw2v.config import TrainConfig
from fastw2v.equations.schedule import learning_rate
from fastw2v.errors import TrainingError
from fastw2v.kernels.train.state import Rate


class Schedule(Protocol):
    """What the loop needs of a schedule. Positions count from the start of an epoch."""

    def over(self, epoch: int) -> bool:
        """Return whether there is nothing left to train before an epoch, counted from 0."""

    def limit(self, size: int, speed: float | None) -> int:
        """Return how many positions the next chunk may have: ``size``, or fewer at a speed in
        positions/s.
        """

    def rate(self, epoch: int, start: int, stop: int) -> Rate:
        """Return the Rate of a chunk."""

    def rate_at(self, epoch: int, stop: int) -> float:
        """Return the learning rate after a chunk."""

    def total(self, passed: int) -> int:
        """Return the positions of the whole run, of which ``passed`` have been trained."""


class EpochSchedule:
    """A number of passes; the rate is a function of the position alone (Eq. 19)."""

    def __init__(self, config: TrainConfig, N: int) -> None:
        self.config, self.N = config, N

    def over(self, epoch: int) -> bool:
        return epoch >= self.config.epochs

    def limit(self, size: int, speed: float | None) -> int:
        return size

    def rate(self, epoch: int, start: int, stop: int) -> Rate:
        first, last = self.config.rates
        slope = (first - last) / max(self.config.epochs * self.N, 1)
        return Rate(first - slope * (epoch * self.N), slope, last)

    def rate_at(self, epoch: int, stop: int) -> float:
        passed, total = epoch * self.N + stop, self.config.epochs * self.N
        return float(learning_rate(passed, total, *self.config.rates))

    def total(self, passed: int) -> int:
        return self.config.epochs * self.N


class TimeSchedule:
    """Passes for a time of ``seconds`` that began at ``began`` (time.perf_counter), of which
    ``trained`` seconds were spent training.

    The rate falls linearly over the time. Within a chunk it falls linearly to its value at the
    chunk's end, which the speed of the chunk before predicts. Raises TrainingError if the time is
    over before training begins.
    """

    def __init__(self, config: TrainConfig, seconds: float, began: float, trained: float) -> None:
        self.rates, self.began, self.seconds = config.rates, began, seconds
        self.starts = time.perf_counter() - trained  # of the training itself
        if self.starts >= began + seconds:
            raise TrainingError(
                f"the time budget of {seconds:g} s was over before training began, after"
                f" {self.starts - began:.1f} s of reading and compiling; give more, or train on an"
                " encoded corpus"
            )
        self.speed: float | None = None  # positions/s of the chunk before

    def over(self, epoch: int) -> bool:
        return self._share(time.perf_counter()) >= 1

    def limit(self, size: int, speed: float | None) -> int:
        self.speed = speed
        if speed is None:
            return size
        left = self.began + self.seconds - time.perf_counter()
        return max(min(size, int(left * speed)), 1)

    def rate(self, epoch: int, start: int, stop: int) -> Rate:
        now, end = time.perf_counter(), self.rates[1]
        seconds = (stop - start) / self.speed if self.speed else 0.0
        first, last = (
            learning_rate(self._share(at), 1, *self.rates) for at in (now, now + seconds)
        )
        slope = (first - last) / (stop - start)
        return Rate(first + slope * start, slope, end)

    def rate_at(self, epoch: int, stop: int) -> float:
        return float(learning_rate(self._share(time.perf_counter()), 1, *self.rates))

    def total(self, passed: int) -> int:
        now = time.perf_counter()
        left = max(self.began + self.seconds - now, 0)
        return passed + round(left * passed / max(now - self.starts, 1e-9))

    def _share(self, now: float) -> float:
        """How much of the training's time has passed at a time, 0 to 1."""
        length = self.began + self.seconds - self.starts
        return min((now - self.starts) / length, 1.0) if length > 0 else 1.0
