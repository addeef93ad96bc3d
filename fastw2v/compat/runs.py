"""One call of gensim's ``train``: a model's tables go into a Training, and what it learnt comes back."""

import logging
import math
import os

import numpy as np

from fastw2v.config import TrainConfig, available_cores
from fastw2v.errors import TrainingError
from fastw2v.events import Notice, Progress
from fastw2v.training.loop import Training

logger = logging.getLogger("fastw2v.compat.gensim")
STEP = 0x9E3779B97F4A7C15  # between the seeds of a model's runs: each draws anew


def config_of(model, tokens=1, epochs=1):
    """gensim's settings of a model as a TrainConfig, for a run over a corpus of so many tokens. Raises ConfigError."""
    sample = model.sample or 0.0
    if sample >= 1:  # gensim's: words that occur oftener than this
        sample = int(sample * (3 + math.sqrt(5)) / 2) / tokens
    seed = int.from_bytes(os.urandom(7), "little") if model.seed is None else int(model.seed)
    return TrainConfig(
        vector_size=model.vector_size,
        window=model.window,
        negative=model.negative or 1,
        model="skipgram" if model.sg else "cbow",
        cbow_gradient="word2vec",
        loss="hs" if model.hs else "ns",
        shrink_window=model.shrink_windows,
        epochs=epochs,
        sample=sample,
        alpha=max(model.alpha, model.min_alpha),
        min_alpha=model.min_alpha,
        ns_exponent=model.ns_exponent,
        threads=min(model.workers, available_cores()),
        seed=(seed + STEP * model.train_count) % 2**64,
        **model.ngram_options(),
    )


class Run:
    """A model's training on one encoded corpus, whose word number i is the model's ``order[i]``."""

    def __init__(self, model, encoded, order, epochs, callbacks):
        self.model, self.order, self.epochs, self.callbacks, self.epoch = model, order, epochs, callbacks, 0
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
                elif isinstance(event, Notice):
                    logger.info(event.text)
        except TrainingError:
            if pairs or not np.isfinite(self.model.running_training_loss):
                raise
            logger.warning("there was no pair of words to train on: no two words that subsampling kept share a sentence")
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
