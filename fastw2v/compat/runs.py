"""One call of gensim's ``train``: a model's tables go into a Training, and what it learnt comes
back.
"""

import logging
import math
import os
import time

import numpy as np

from fastw2v.compat.encoding import sample_share
from fastw2v.config import TrainConfig, available_cores
from fastw2v.errors import ConfigError, TrainingError
from fastw2v.events import Notice, Progress
from fastw2v.training.loop import Training

logger = logging.getLogger("fastw2v.compat.gensim")
STEP = 0x9E3779B97F4A7C15  # between the seeds of a model's runs: each draws anew


NAMES = {
    "threads": "workers",
    "buckets": "bucket",
    "minn": "min_n",
    "maxn": "max_n",
    "shrink_window": "shrink_windows",
}


def config_of(model, tokens=1, epochs=1):
    """gensim's settings of a model as a TrainConfig, for a run over a corpus of ``tokens``.

    Raises ConfigError.
    """
    try:
        return _config(model, tokens, epochs)
    except ConfigError as error:
        option, _, rest = str(error).partition(" ")
        raise ConfigError(f"{NAMES.get(option, option)} {rest}") from None


def _config(model, tokens, epochs):
    seed = int.from_bytes(os.urandom(7), "little") if model.seed is None else int(model.seed)
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
    """A model's training on one encoded corpus, whose word number i is the model's ``order[i]``."""

    def __init__(self, model, encoded, order, epochs, callbacks, report_delay=1.0):
        self.model, self.order, self.epochs, self.callbacks, self.epoch = (
            model,
            order,
            epochs,
            callbacks,
            0,
        )
        self.log = TrainingLog(encoded, report_delay)
        config = config_of(model, encoded.vocabulary.tokens, epochs)
        self.training = Training(encoded, config, evaluate=self.epoch_over if callbacks else None)
        self.V, self.D = len(order), config.vector_size
        self.give()

    def give(self):
        """Put the model's tables into those of the training."""
        tables, model = self.training.tables, self.model
        tables.W_in[: self.V, : self.D] = model.input_rows()[self.order]
        model.give_ngrams(self.training)
        outputs = model.syn1[: len(tables.W_out)] if model.hs else model.syn1neg[self.order]
        tables.W_out[:, : self.D] = outputs

    def take(self):
        """Take the tables of the training over into the model's."""
        tables, model, V, D = self.training.tables, self.model, self.V, self.D
        model.take_inputs(self.training, self.order)
        if model.hs:
            model.syn1[: len(tables.W_out)] = tables.W_out[:, :D]
        else:
            model.syn1neg[self.order] = tables.W_out[:V, :D]
        model.wv.norms = None

    def run(self):
        """Train to the end; the model's loss grows while it does."""
        self.call("on_train_begin")
        self.call("on_epoch_begin")
        pairs, mean = 0, 0.0
        try:
            for event in self.training.run():
                if isinstance(event, Progress):
                    mean = mean if math.isnan(event.loss) else event.loss
                    self.model.running_training_loss += mean * (event.pairs - pairs)
                    self.model.min_alpha_yet_reached, pairs = event.rate, event.pairs
                    self.log.progress(event)
                elif isinstance(event, Notice):
                    logger.info(event.text)
        except TrainingError:
            if pairs or not np.isfinite(self.model.running_training_loss):
                raise
            logger.warning(
                "there was no pair of words to train on: no two words that subsampling kept share a"
                " sentence"
            )
        self.take()

    def epoch_over(self, vectors):
        """After an epoch: the model has its vectors, the callbacks are called. Returns no score."""
        self.take()
        self.epoch += 1
        self.call("on_epoch_end")
        if self.epoch < self.epochs:
            self.call("on_epoch_begin")
        return math.nan

    def call(self, name):
        """Call the method of a name of each callback that has it."""
        for callback in self.callbacks:
            getattr(callback, name, lambda model: None)(self.model)


class TrainingLog:
    """Logs a training as gensim does: progress every ``delay`` seconds, and each epoch, numbered
    from 0.
    """

    def __init__(self, encoded, delay):
        self.encoded, self.delay, self.next, self.began = (
            encoded,
            delay,
            time.monotonic() + delay,
            0.0,
        )

    def progress(self, event):
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
