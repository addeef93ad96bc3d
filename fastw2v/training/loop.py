"""A run from its first token to its last, as a sequence of events."""

import math
import time

import numpy as np

from fastw2v.equations.schedule import learning_rate
from fastw2v.errors import TrainingError
from fastw2v.events import Progress
from fastw2v.kernels.room import PIECE
from fastw2v.training.hogwild import Hogwild
from fastw2v.training.state import run_tables, word_rows
from fastw2v.vectors.word_vectors import WordVectors

BETWEEN = 0.25  # seconds between events, and so until a key press is answered
SMALLEST = 64  # tokens for each thread between events


class Training:
    """A run over an encoded corpus, from fresh tables: ``run`` it, and take its ``vectors`` at any time."""

    def __init__(self, encoded, config):
        self.encoded, self.config = encoded, config
        self.tables, self.buckets = run_tables(encoded.vocabulary, config)
        self.begun = False  # whether the tables have been trained at all

    def run(self):
        """Train to the end, yielding a Progress every quarter of a second and at the end of every epoch.

        The stretches between events have no influence on the vectors: every draw and rate is a function of position.
        Raises TrainingError if the numbers leave their range.
        """
        trainer = Hogwild(self.encoded, self.config, self.tables)
        N, pairs, began = len(self.encoded.ids), 0, time.perf_counter()
        size = first_size(self.config, trainer.threads)
        for epoch in range(self.config.epochs):
            start = 0
            while start < N:
                stop, before = min(start + size, N), time.perf_counter()
                self.begun = True
                trainer.train(epoch, start, stop)
                self.encoded.forget()
                now = time.perf_counter()
                if stop - start == size:
                    size = next_size(size, now - before, trainer.threads)
                start, pairs = stop, pairs + int(trainer.pairs)
                yield self._progress(trainer, epoch, stop, pairs, now - began)
        if not pairs:
            raise TrainingError(
                "there was no pair of words to train on: no two words that subsampling kept share a line;"
                " keep frequent words with --sample 0, or put words that belong together on one line"
            )
        if not all(is_finite(table) for table in (self.tables.W_in, self.tables.W_out)):
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
        vectors = word_rows(self.tables, len(vocabulary))[:, :D]
        outputs = self.tables.W_out[:, :D] if self.config.loss != "hs" else None
        return WordVectors(vocabulary.words, vectors, vocabulary.counts, output_vectors=outputs)


def first_size(config, threads):
    """Tokens to train until the first event: a tenth of a second's worth at a modest guess of the machine."""
    cost = 2 * config.window * (config.negative + 1) * max(config.vector_size, 16)  # scalar products of a token
    return max(int(2e8 / cost), SMALLEST) * threads


def next_size(size, seconds, threads):
    """Tokens to train until the next event, from the time that the last ``size`` took."""
    return max(int(size * min(max(BETWEEN / max(seconds, 1e-9), 0.25), 4)), SMALLEST * threads)


def is_finite(table):
    """Whether all numbers of a table are finite, looked at a few rows at a time."""
    return all(np.isfinite(table[first : first + PIECE]).all() for first in range(0, len(table), PIECE))
