"""Hogwild: all threads update the same tables without locks. On one thread it is the reference, draw for draw."""

import threading

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.errors import TrainingError
from fastw2v.kernels.alias import alias_table
from fastw2v.kernels.block import tags
from fastw2v.kernels.jit import available_threads, pool_was_lost, running_on
from fastw2v.kernels.noise import pool_size
from fastw2v.kernels.random import NOISE, TOKENS, epoch_key, keep_limits
from fastw2v.kernels.room import (
    ALL,
    BAGS,
    EACH,
    IN_PLACE,
    MEAN,
    MEAN_UNDIVIDED,
    NEGATIVES,
    PATH,
    PIECE,
    Draws,
    Shape,
    scratch,
)
from fastw2v.kernels.skipgram import train_chunk
from fastw2v.training.plan import ByEpochs
from fastw2v.training.state import aligned

ONE_AT_A_TIME = threading.Lock()  # some of Numba's threading layers abort when entered twice
WIDE = 8  # targets in a tile, if there are many
SAMPLED_CENTRES = 20_000  # centres per epoch whose loss is at least summed, as long as there are so many
INPUTS = {"mean": MEAN, "word2vec": MEAN_UNDIVIDED}
TARGETS = {"ns": NEGATIVES, "hs": PATH, "softmax": ALL}


class Hogwild:
    """Trains tables on an encoded corpus, any stretch of it at a time.

    After ``train``, ``pairs``, ``loss`` and ``loss_pairs`` tell how many pairs it trained, and the summed loss (Eq. 3, 8
    or 16) of how many of them.
    """

    step = 1  # positions of which a stretch has a whole number, unless it ends an epoch

    def __init__(self, encoded, config, tables):
        self.encoded, self.ids, self.config, self.tables = encoded, encoded.ids, config, tables
        counts = encoded.vocabulary.counts
        self.limits = keep_limits(keep_probability(counts, config.sample))
        self.noise = alias_table(noise_distribution(counts, config.ns_exponent))
        targets = {"ns": config.negative + 1, "hs": longest_path(tables), "softmax": len(tables.W_out)}[config.loss]
        self.tall, self.wide = tags(targets if config.loss == "ns" else WIDE)
        negative = config.negative if config.loss == "ns" else 0
        self.shape = Shape(
            window=config.window,
            least=1 if config.shrink_window else config.window,
            negative=negative,
            inputs_per_block=config.inputs_per_block,
            pool=pool_size(negative, -(-2 * config.window // config.inputs_per_block)),
            T=-(-targets // len(self.wide)) * len(self.wide),
            words=BAGS if len(tables.bags) else IN_PLACE,
            inputs=INPUTS[config.cbow_gradient] if config.model == "cbow" else EACH,
            targets=TARGETS[config.loss],
            loss_mask=np.uint64(loss_every(encoded.tokens) - 1),
        )
        self.make_room()
        self.train(0, 0, 0)  # compiles

    def make_room(self):
        """Room for as many workers as there are threads to use."""
        self.threads = available_threads(self.config.thread_count)
        self.scratch = scratch(self.threads, self.shape, self.tables, aligned)

    def train(self, epoch, start, stop, rate=None):
        """Train positions start ... stop - 1 of an epoch, counted from 0, at a Rate, by default that of the whole run."""
        rate = rate or ByEpochs(self.config, len(self.ids)).rate(epoch, start, stop)
        keys = (epoch_key(self.config.seed, stream, epoch) for stream in (TOKENS, NOISE))
        draws = Draws(self.limits, *self.noise, *keys)
        self.scratch.totals[:], self.scratch.queue[:] = 0, 0
        self.train_chunk(start, stop, draws, rate)
        self.pairs, self.loss, self.loss_pairs = (float(total) for total in self.totals())

    def train_chunk(self, start, stop, draws, rate):
        """All threads on pieces that they take in turn."""
        if pool_was_lost():
            raise TrainingError(
                "this process was forked from one that had trained, and cannot use its threads; begin workers by"
                " multiprocessing.get_context('spawn'), or train with deterministic=True"
            )
        piece, room = int(np.clip((stop - start) // (4 * self.threads), 64, PIECE)), self.scratch
        with ONE_AT_A_TIME, running_on(self.threads):
            train_chunk(self.ids, start, stop, piece, self.tables, draws, self.shape, rate, room, self.tall, self.wide)

    def totals(self):
        """Pairs, their loss, and the pairs whose loss it is."""
        return self.scratch.totals[:, :3].sum(axis=0)


def longest_path(tables):
    """Turns on the longest path of hierarchical softmax, at least 1."""
    return max(int(np.diff(tables.turn_starts).max(initial=0)), 1)


def loss_every(tokens):
    """The loss is summed for one centre in so many: a power of two up to 256, less for small corpora."""
    return 1 << int(np.clip(np.log2(max(tokens / SAMPLED_CENTRES, 1)), 0, 8))
