"""Schedules: how long a run is, and how its learning rate falls, over a number of epochs or over a
time.
"""

import time

from fastw2v.equations.schedule import learning_rate
from fastw2v.errors import TrainingError
from fastw2v.kernels.train.state import Rate


class EpochSchedule:
    """A number of passes; the rate is a function of the position (Eq. 19), so chunks have no
    influence on it.
    """

    def __init__(self, config, N):
        self.config, self.N = config, N

    def over(self, epoch):
        """Whether there is nothing left to train before an epoch, counted from 0."""
        return epoch >= self.config.epochs

    def limit(self, size, speed):
        """How many positions the next stretch may have."""
        return size

    def rate(self, epoch, start, stop):
        """The Rate of a stretch."""
        config = self.config
        slope = (config.alpha - config.min_alpha) / max(config.epochs * self.N, 1)
        return Rate(config.alpha - slope * (epoch * self.N), slope, config.min_alpha)

    def rate_at(self, epoch, stop):
        """The learning rate after a stretch."""
        return learning_rate(
            epoch * self.N + stop,
            self.config.epochs * self.N,
            self.config.alpha,
            self.config.min_alpha,
        )

    def total(self, passed):
        """Positions of the whole run, of which so many have passed."""
        return self.config.epochs * self.N


class TimeSchedule:
    """As many passes, and parts of one, as a time allows that began at ``began``
    (time.perf_counter), of which training has had ``trained`` seconds.

    The rate falls in a straight line over the time: over each stretch from what it should be when
    it begins to what it should be when it ends, by the speed of those before.
    """

    def __init__(self, config, began, trained=0.0):
        self.config, self.began, self.seconds = config, began, config.seconds
        self.starts = time.perf_counter() - trained  # of the training itself
        if self.starts >= began + self.seconds:
            raise TrainingError(
                f"the time budget of {self.seconds:g} s was over before training began, after"
                f" {self.starts - began:.1f} s of reading and compiling; give more, or train on an"
                " encoded corpus"
            )
        self.speed = None

    def over(self, epoch):
        """Whether the time is over."""
        return self._share(time.perf_counter()) >= 1

    def limit(self, size, speed):
        """How many positions the next stretch may have, at so many positions/s."""
        self.speed = speed
        if speed is None:
            return size
        left = self.began + self.seconds - time.perf_counter()
        return max(min(size, int(left * speed)), 1)

    def rate(self, epoch, start, stop):
        """The Rate of a stretch."""
        now, config = time.perf_counter(), self.config
        first = learning_rate(self._share(now), 1, config.alpha, config.min_alpha)
        after = self._share(now + (stop - start) / self.speed) if self.speed else self._share(now)
        last = learning_rate(after, 1, config.alpha, config.min_alpha)
        slope = (first - last) / (stop - start)
        return Rate(first + slope * start, slope, config.min_alpha)

    def rate_at(self, epoch, stop):
        """The learning rate after a stretch."""
        return learning_rate(
            self._share(time.perf_counter()), 1, self.config.alpha, self.config.min_alpha
        )

    def total(self, passed):
        """Positions of the whole run by the speed so far, of which so many have passed."""
        now = time.perf_counter()
        left = max(self.began + self.seconds - now, 0)
        return passed + round(left * passed / max(now - self.starts, 1e-9))

    def _share(self, now):
        """How much of the training's time has passed at a time, 0 to 1."""
        length = self.began + self.seconds - self.starts
        return min((now - self.starts) / length, 1.0) if length > 0 else 1.0
