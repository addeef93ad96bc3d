"""Many machines: every rank trains its share of the corpus on tables of its own, and rows are
brought together on the way.

The corpus is taken in rounds. Of each, every rank trains a share: draws and rate are functions of
the position, so shares may be cut anywhere, and every token is trained once per epoch. After a
round the rows that are due are brought together (``training.merging``): frequent ones after every
round, all of them after every LONGEST rounds and at the end of an epoch. Only then does a stretch
end, so whatever is done between stretches (a checkpoint, an evaluation) finds the same tables on
all ranks, and changes nothing. Nothing here depends on the clock.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fastw2v.corpus.encoded import EncodedCorpus, ids_in_file
from fastw2v.errors import TrainingError
from fastw2v.events import Synchronised
from fastw2v.files import temporary_file
from fastw2v.training.merging import LONGEST, Shared, moves_of_tables, stiffness
from fastw2v.training.setup import Statistics

GROWTH = 64  # a round is at most one part in so many of what was trained before
LEAST = 1000  # words of each rank in the first rounds
BROADCAST = 1 << 22  # ids broadcast at a time


def broadcast_state(training):
    """Make a training stand where that of rank 0 stands, and give it the same tables."""
    communicator = training.communicator
    state = communicator.broadcast(training.state() if training.begun else None)
    if state and communicator.rank:
        training.load_state(state)
    for array in training.arrays().values():
        communicator.broadcast_into(array)


def check_same(asked, communicator):
    """Raise TrainingError on all ranks if one was asked for something else than rank 0, whose
    options and corpus are everyone's.

    asked : values by the names of options;  those that a rank leaves out are not compared.
    """
    if communicator.size == 1:
        return
    first = communicator.broadcast(asked)
    different = [name for name, value in asked.items() if value != first.get(name)]
    others = np.zeros((communicator.size, 1), np.int64)
    others[communicator.rank] = bool(different)
    communicator.all_reduce(others)
    if different:
        names = " and ".join(different)
        raise TrainingError(
            f"rank {communicator.rank} was given another {names} than rank 0; start all ranks with"
            " the same"
        )
    if others.any():
        raise TrainingError(
            f"rank {int(others.argmax())} was given other options than rank 0; start all ranks with"
            " the same"
        )


def rank0_first(make, communicator):
    """What ``make`` makes: on rank 0 first, for the others to find what it has compiled."""
    if communicator.rank:
        communicator.barrier()
    made = make()
    if communicator.rank == 0:
        communicator.barrier()
    return made


class Distributed:
    """Trains tables on an encoded corpus together with all other ranks: ``trainer`` does a rank's
    share.

    Its Statistics are those of all ranks. Every chunk of whole ``step`` positions,
    and every epoch, ends with all rows brought together: all ranks have the same tables then.
    """

    def __init__(self, trainer, communicator):
        self.trainer, self.communicator, self.setup, self.config = (
            trainer,
            communicator,
            trainer.setup,
            trainer.setup.config,
        )
        self.ids = trainer.setup.encoded.ids
        self.N, self.threads = len(self.ids), trainer.threads * communicator.size
        self.share = -(-self.config.sync_every // trainer.step) * trainer.step
        self.round = self.share * communicator.size
        self.step = self.round * LONGEST
        vocabulary, tables = self.setup.encoded.vocabulary, self.setup.tables
        counts = vocabulary.counts * min(self.round / self.N, 1.0)
        moves = moves_of_tables(vocabulary, self.config, tables)
        share_out = ThreadPoolExecutor(trainer.threads).map if trainer.threads > 1 else map
        self.tables = [
            Shared(table, each, each.of(counts), communicator, self.config.vector_size, share_out)
            for table, each in zip(tables, moves, strict=False)
        ]
        self.rounds, self.before = (
            0,
            (
                0,
                communicator.sent,
                communicator.seconds,
                time.perf_counter(),
            ),
        )
        self.apart = np.zeros(
            2
            # squared distances of the ranks' rows from the merged rows, and squared lengths
        )

    def train(self, epoch, start, stop, rate):
        """Train positions start ... stop - 1 of an epoch, counted from 0: whole numbers of
        ``step``, or to its end.

        Ranks may be given other stretches of it: all that they say to one another is said in
            rounds, and every ``step``.
        """
        totals, first = np.zeros(3), start
        while first < stop:
            last = min((first // self.step + 1) * self.step, stop)
            totals += self._train_rounds(epoch, first, last, rate)
            first = last
        return Statistics(*totals.tolist())

    def _train_rounds(self, epoch, first, last, rate):
        """Train positions in rounds after which all rows are together; returns pairs, loss and
        loss_pairs of all ranks.
        """
        totals, rounds = np.zeros(5), 0
        stiff = [stiffness(other) for other in reversed(self.tables)]
        while first < last:
            length = self.length(epoch * self.N + first)
            stop, rounds = min(first + length, last), rounds + 1
            totals[:3] += self._train_share(epoch, first, stop, rate)
            learning_rate = max(rate.start - rate.slope * first, rate.end)
            for table, each in zip(self.tables, stiff, strict=True):
                totals[3:] += table.synchronise(
                    0 if stop == last else rounds, length / self.round, learning_rate * each
                )
            first = stop
        self.rounds += rounds
        self.communicator.all_reduce(totals)
        self.apart += totals[3:]
        return totals[:3]

    def length(self, trained):
        """How many positions a round has after so many have been trained: a share of these, so that
        what ranks learn first they learn together.
        """
        unit = self.trainer.step * self.communicator.size
        least = max(LEAST // self.trainer.step, 1)
        return min(max(trained // (GROWTH * unit), least) * unit, self.round)

    def _train_share(self, epoch, first, last, rate):
        """Train this rank's share of a round, and count the moves; returns pairs, loss and
        loss_pairs.
        """
        start, stop = rank_range(
            first, last, self.communicator.rank, self.communicator.size, self.trainer.step
        )
        statistics = self.trainer.train(epoch, start, stop, rate)
        ids = self.ids[start:stop]
        occurrences = np.bincount(ids[ids >= 0], minlength=len(self.setup.encoded.vocabulary))
        for table in self.tables:
            table.moves.count(occurrences)
        return statistics.pairs, statistics.loss, statistics.loss_pairs

    def synchronised(self, epoch):
        """What bringing rows together has cost since this was last asked, and how far ranks were
        apart: a Synchronised.
        """
        before, ranks = self.before, self.communicator
        self.before = now = (self.rounds, ranks.sent, ranks.seconds, time.perf_counter())
        rounds, sent, seconds, of_seconds = (
            new - old for new, old in zip(now, before, strict=True)
        )
        drift = float(np.sqrt(self.apart[0] / self.apart[1])) if self.apart[1] else 0.0
        self.apart[:] = 0
        return Synchronised(epoch, ranks.size, rounds, self.share, sent, seconds, of_seconds, drift)


def rank_range(first, last, rank, size, step):
    """The positions, start and stop, that a rank trains of a round: whole numbers of ``step`` where
    there are enough.
    """
    share = -(-(last - first) // (size * step)) * step
    return min(first + rank * share, last), min(first + (rank + 1) * share, last)


def share_corpus(encoded, communicator, folder=None):
    """Give the corpus that rank 0 has (the others give None) to all; ids go to nameless files in
    ``folder``.
    """
    if communicator.size == 1:
        return encoded
    root = communicator.rank == 0
    fields = (
        (
            encoded.vocabulary,
            len(encoded.ids),
            encoded.tokens_read,
            encoded.words_seen,
            encoded.kept,
        )
        if root
        else None
    )
    vocabulary, N, tokens_read, words_seen, kept = communicator.broadcast(fields)
    with temporary_file(None if root else folder) as file:
        for first in range(0, N, BROADCAST):
            some = (
                encoded.ids[first : first + BROADCAST].copy()
                if root
                else np.empty(min(BROADCAST, N - first), "<i4")
            )
            communicator.broadcast_into(some)
            if not root:
                file.write(some.data)
        if root:
            return encoded
        return EncodedCorpus(
            vocabulary=vocabulary,
            tokens_read=tokens_read,
            words_seen=words_seen,
            kept=kept,
            **ids_in_file(file, N),
        )


def evaluate_on_rank0(evaluate, communicator):
    """An evaluation that rank 0 makes for all, so that all decide alike."""
    if communicator.size == 1 or not communicator.broadcast(bool(evaluate)):
        return evaluate or None

    def ask(vectors):
        return communicator.broadcast(evaluate(vectors) if communicator.rank == 0 else None)

    ask.sets = getattr(evaluate, "sets", None)
    return ask
