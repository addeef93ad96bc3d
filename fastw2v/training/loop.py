"""A run from its first token to its last, as a sequence of events."""

import math
import time

import numpy as np

from fastw2v.equations.schedule import learning_rate
from fastw2v.errors import TrainingError
from fastw2v.events import Progress
from fastw2v.kernels.skipgram import PIECE
from fastw2v.training.hogwild import Hogwild
from fastw2v.training.state import initial_tables
from fastw2v.vectors.word_vectors import WordVectors

BETWEEN = 0.25  # seconds between events, and so until a key press is answered


class Training:
    """A run over an encoded corpus, from fresh tables: ``run`` it, and take its ``vectors`` at any time."""

    def __init__(self, encoded, config):
        self.encoded, self.config = encoded, config
        self.tables = initial_tables(len(encoded.vocabulary), config.vector_size, config.seed)

    def run(self):
        """Train to the end, yielding a Progress every quarter of a second and at the end of every epoch.

        The stretches between events have no influence on the vectors: every draw and rate is a function of position.
        Raises TrainingError if the numbers leave their range.
        """
        trainer = Hogwild(self.encoded, self.config, self.tables)
        N, pairs, began = len(self.encoded.ids), 0, time.perf_counter()
        size = 16 * PIECE * trainer.threads
        for epoch in range(self.config.epochs):
            start = 0
            while start < N:
                stop, before = min(start + size, N), time.perf_counter()
                trainer.train(epoch, start, stop)
                self.encoded.forget()
                now = time.perf_counter()
                if stop - start == size:
                    size = next_size(size, now - before, trainer.threads)
                start, pairs = stop, pairs + int(trainer.pairs)
                yield self._progress(trainer, epoch, stop, pairs, now - began)
        if not all(is_finite(table) for table in self.tables):
            raise TrainingError("the vectors hold numbers that are not finite; lower --alpha")

    def _progress(self, trainer, epoch, stop, pairs, seconds):
        N, config = len(self.encoded.ids), self.config
        passed = epoch * N + stop
        rate = learning_rate(passed, config.epochs * N, config.alpha, config.min_alpha)
        if not math.isfinite(trainer.loss):
            raise TrainingError(
                f"the loss is not a finite number in epoch {epoch + 1}, {stop / N:.0%} through it,"
                f" at learning rate {rate:.4g}; lower --alpha"
            )
        return Progress(
            tokens=round(passed * (self.encoded.tokens / N)),
            total=self.encoded.tokens * config.epochs,
            epoch=epoch + 1,
            rate=rate,
            loss=trainer.loss / trainer.loss_pairs if trainer.loss_pairs else math.nan,
            pairs=pairs,
            seconds=seconds,
        )

    def vectors(self):
        """The vectors as they are now: WordVectors over the same memory."""
        vocabulary, D = self.encoded.vocabulary, self.config.vector_size
        W_in, W_out = (table[:, :D] for table in self.tables)
        return WordVectors(vocabulary.words, W_in, vocabulary.counts, output_vectors=W_out)


def next_size(size, seconds, threads):
    """Tokens to train until the next event, whole pieces for every thread, from the time that the last ``size`` took."""
    wanted = size * min(max(BETWEEN / max(seconds, 1e-9), 0.25), 4)
    return max(int(wanted) // PIECE, threads) * PIECE


def is_finite(table):
    """Whether all numbers of a table are finite, looked at a few rows at a time."""
    return all(np.isfinite(table[first : first + PIECE]).all() for first in range(0, len(table), PIECE))
