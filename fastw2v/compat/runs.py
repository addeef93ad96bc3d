"""One call of gensim's ``train``: a model's tables go into a Training, and what it learnt comes
back.
"""

from __future__ import annotations

import logging
import math
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.compat.encoding import sample_share
from fastw2v.compat.options import as_integer
from fastw2v.config import TrainConfig
from fastw2v.cores import available_cores
from fastw2v.errors import ConfigError, TrainingError
from fastw2v.events import Notice, Progress
from fastw2v.training.loop import Training

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from fastw2v.compat.gensim.models.word2vec import Word2Vec
    from fastw2v.config import Loss
    from fastw2v.corpus.encoded import EncodedCorpus
    from fastw2v.events import Event

logger = logging.getLogger("fastw2v.compat.gensim")
STEP = 0x9E3779B97F4A7C15  # between the seeds of a model's runs: each draws anew


NAMES = {
    "threads": "workers",
    "buckets": "bucket",
    "minn": "min_n",
    "maxn": "max_n",
    "shrink_window": "shrink_windows",
}


def config_of(model: Word2Vec, tokens: int = 1, epochs: int = 1) -> TrainConfig:
    """gensim's settings of a model as a TrainConfig, for a run over a corpus of ``tokens``.

    Raises ConfigError.
    """
    try:
        return _config(model, tokens, epochs)
    except ConfigError as error:
        option, _, rest = str(error).partition(" ")
        raise ConfigError(f"{NAMES.get(option, option)} {rest}") from None


def _config(model: Word2Vec, tokens: int, epochs: int) -> TrainConfig:
    seed = (
        int.from_bytes(os.urandom(7), "little")
        if model.seed is None
        else as_integer("seed", model.seed)
    )
    settings = {
        "vector_size": model.vector_size,
        "window": model.window,
        "negative": model.negative or 1,
        "model": "skipgram" if model.sg else "cbow",
        "cbow_gradient": "word2vec",
        "loss": "hs" if model.hs else "ns",
        "shrink_window": model.shrink_windows,
        "epochs": epochs,
        "sample": sample_share(model.sample, tokens),
        "alpha": max(model.alpha, model.min_alpha),
        "min_alpha": model.min_alpha,
        "ns_exponent": model.ns_exponent,
        "threads": min(model.workers, available_cores()),
        "seed": (seed + STEP * model.train_count) % 2**64,
    }
    return TrainConfig(**settings | model.ngram_options())


class Run:
    """A model's training on one encoded corpus, whose word number i is the model's ``order[i]``.

    trainings : one for each loss, by its name. Two of them train the same input table in turn, an
    epoch each.
    """

    def __init__(
        self,
        model: Word2Vec,
        encoded: EncodedCorpus,
        order: NDArray[np.int64],
        epochs: int,
        callbacks: Sequence[Any],
        report_delay: float = 1.0,
    ) -> None:
        self.model, self.order, self.epochs, self.callbacks, self.epoch = (
            model,
            order,
            epochs,
            callbacks,
            0,
        )
        self.tokens, self.log = encoded.tokens, TrainingLog(encoded, report_delay)
        config = config_of(model, encoded.vocabulary.tokens, epochs)
        configs = [replace(config, loss=loss) for loss in model.losses()]
        self.trainings = {each.loss: Training(encoded, each) for each in configs}
        self.training = next(iter(self.trainings.values()))  # the last one that has trained
        self.V, self.D = len(order), config.vector_size
        self.give()

    def give(self) -> None:
        """Put the model's tables into those of the trainings."""
        model = self.model
        for loss, training in self.trainings.items():
            tables = training.tables
            tables.W_in[: self.V, : self.D] = model.input_rows()[self.order]
            model.load_rows(training)
            rows = model.syn1[: len(tables.W_out)] if loss == "hs" else model.syn1neg[self.order]
            tables.W_out[:, : self.D] = rows
            factors = model.input_factors(training, self.order)
            if (factors != 1).any():
                training.tables = tables._replace(input_factors=factors)

    def take(self) -> None:
        """Take the tables of the trainings over into the model's."""
        model, V, D = self.model, self.V, self.D
        model.store_inputs(self.training, self.order)
        for loss, training in self.trainings.items():
            outputs = training.tables.W_out
            if loss == "hs":
                model.syn1[: len(outputs)] = outputs[:, :D]
            else:
                model.syn1neg[self.order] = outputs[:V, :D]
        model.wv.norms = None

    def run(self) -> None:
        """Train to the end; the model's loss grows while it does."""
        self.call("on_train_begin")
        self.call("on_epoch_begin")
        events = {loss: training.run() for loss, training in self.trainings.items()}
        self.pairs = dict.fromkeys(events, 0)
        try:
            while self.epoch < self.epochs:
                for loss in events:
                    self.train_epoch(loss, events[loss])
                self.epoch_over()
            for loss in events:
                self.train_epoch(loss, events[loss])  # what is checked and said after the last one
        except TrainingError:
            if any(self.pairs.values()) or not np.isfinite(self.model.running_training_loss):
                raise
            logger.warning(
                "there was no pair of words to train on: no two words that subsampling kept share a"
                " sentence"
            )
        self.take()

    def train_epoch(self, loss: Loss, events: Iterator[Event]) -> None:
        """Train one loss until an epoch is over, from the inputs as they are."""
        training, mean = self.trainings[loss], 0.0
        if training is not self.training:
            training.tables.W_in[...] = self.training.tables.W_in
            self.training = training
        for event in events:
            if isinstance(event, Progress):
                mean = mean if math.isnan(event.loss) else event.loss
                self.model.running_training_loss += mean * (event.pairs - self.pairs[loss])
                self.model.min_alpha_yet_reached, self.pairs[loss] = event.rate, event.pairs
                self.log.progress(event)
                if event.tokens == event.epoch * self.tokens:
                    return
            elif isinstance(event, Notice):
                logger.info(event.text)

    def epoch_over(self) -> None:
        """After an epoch: the model has its vectors if there are callbacks, which are called."""
        self.epoch += 1
        if not self.callbacks:
            return
        self.take()
        self.call("on_epoch_end")
        if self.epoch < self.epochs:
            self.call("on_epoch_begin")

    def call(self, name: str) -> None:
        """Call the method of a name of each callback that has it."""
        for callback in self.callbacks:
            getattr(callback, name, lambda model: None)(self.model)


class TrainingLog:
    """Logs a training as gensim does: progress every ``delay`` seconds, and each epoch, numbered
    from 0.
    """

    def __init__(self, encoded: EncodedCorpus, delay: float) -> None:
        self.encoded, self.delay, self.next, self.began = (
            encoded,
            delay,
            time.monotonic() + delay,
            0.0,
        )

    def progress(self, event: Progress) -> None:
        """Log a Progress event if it is time, or if its epoch is over."""
        epoch, tokens = event.epoch - 1, self.encoded.tokens
        trained = event.tokens - epoch * tokens
        if trained == tokens:
            seconds = max(event.seconds - self.began, 1e-9)
            message = (
                "EPOCH %d: training on %d raw words (%d effective words) took %.1fs, %.0f effective"
                " words/s"
            )
            logger.info(message, epoch, self.encoded.tokens_read, tokens, seconds, tokens / seconds)
            self.began = event.seconds
        elif time.monotonic() >= self.next:
            self.next = time.monotonic() + self.delay
            message = "EPOCH %d - PROGRESS: at %.2f%% words, %.0f words/s, alpha %.4f, loss %.3f"
            logger.info(
                message, epoch, 100 * trained / tokens, event.words_per_s, event.rate, event.loss
            )
