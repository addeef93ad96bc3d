"""Many machines: every rank trains its share of the corpus on tables of its own, and rows are brought together on the way.

The corpus is taken in rounds. Of each, every rank trains a share: draws and rate are functions of the position, so shares
may be cut anywhere, and every token is trained once per epoch. After a round the rows that are due are brought together:
frequent ones after every round, rare ones in turn, all at the end of an epoch. Nothing here depends on the clock.

How rows are brought together. A row that is moved n times toward where a rank pulls it gets there by about a share
1 - q^n of the way, q = exp(-rate * STIFFNESS). Ranks r moved it by d_r, from where all had it, n_r times each. One machine
that made all n moves would have come by a share 1 - q^n, so the row moves by

    (1 - q^n) / sum_r (1 - q^n_r) * sum_r d_r,    n = sum_r n_r

For rows that were moved a few times this is the sum of the changes, for those that were moved many times their mean weighted
by how often each rank moved them, and never more than either: sums alone diverge, means alone learn a rank's share.
"""

import time

import numpy as np

from fastw2v.corpus.encoded import EncodedCorpus, ids_in_file
from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.events import Synchronised
from fastw2v.files import temporary_file
from fastw2v.training.plan import ByEpochs

STIFFNESS = 0.1  # share of the way, for each unit of the learning rate, that one update takes a row to where it is pulled
MOVES = 64  # after about so many, a row is brought together
LONGEST = 64  # rounds that a row waits, at most: a power of two
ROWS = 16_384  # brought together at a time
BROADCAST = 1 << 22  # ids broadcast at a time


def together(make, communicator):
    """A Distributed trainer, of the one that ``make`` makes: rank 0 first, for the others to find what it has compiled."""
    if communicator.rank:
        communicator.barrier()
    trainer = make()
    if communicator.rank == 0:
        communicator.barrier()
    for table in trainer.tables[:2]:
        communicator.broadcast_into(table)
    return Distributed(trainer, communicator)


class Distributed:
    """Trains tables on an encoded corpus together with all other ranks: ``trainer`` does a rank's share.

    After ``train``, ``pairs``, ``loss`` and ``loss_pairs`` are those of all ranks, and all ranks have the same rows where
    they were due.
    """

    def __init__(self, trainer, communicator):
        self.trainer, self.communicator, self.config = trainer, communicator, trainer.config
        self.N, self.shape, self.threads = len(trainer.ids), trainer.shape, trainer.threads * communicator.size
        self.share = -(-self.config.sync_every // trainer.step) * trainer.step
        self.step = self.share * communicator.size
        self.moves = Moves(trainer.encoded.vocabulary, self.config, trainer.tables)
        of_a_round = self.moves.of(trainer.encoded.vocabulary.counts * (min(self.step / self.N, 1.0)))
        self.tables = [Shared(*each, communicator) for each in zip(trainer.tables[:2], of_a_round, strict=True)]
        self.rounds, self.began = 0, time.perf_counter()
        self.drift = np.zeros(2)  # squared distances of the ranks' rows from those they became, and squared lengths of these

    def train(self, epoch, start, stop, rate=None):
        """Train positions start ... stop - 1 of an epoch, counted from 0, of which rounds are made."""
        rate = rate or ByEpochs(self.config, self.N).rate(epoch, start, stop)
        totals = np.zeros(3)
        for first in range(start, stop, self.step):
            totals += self._round(epoch, first, min(first + self.step, stop), rate)
        self.pairs, self.loss, self.loss_pairs = totals.tolist()

    def _round(self, epoch, first, last, rate):
        """Train the positions of a round; returns pairs, loss and loss_pairs of all ranks.

        All that ranks say to one another is said in rounds: how many of them a stretch has is for each to know.
        """
        totals = np.zeros(5)
        totals[:3] = self._train_share(epoch, first, last, rate)
        number, all_rows = (epoch * self.N + first) // self.step, last == self.N
        learning_rate = max(rate.start - rate.slope * first, rate.end)
        for table in self.tables:
            totals[3:] += table.bring_together(number, all_rows, learning_rate, self.config.vector_size)
        self.communicator.add(totals)
        self.drift += totals[3:]
        self.rounds += 1
        return totals[:3]

    def _train_share(self, epoch, first, last, rate):
        """Train this rank's share of a round, and count the moves; returns pairs, loss and loss_pairs."""
        start, stop = share_of(first, last, self.communicator.rank, self.communicator.size, self.trainer.step)
        self.trainer.train(epoch, start, stop, rate)
        ids = self.trainer.ids[start:stop]
        words = np.bincount(ids[ids >= 0], minlength=len(self.moves.kept))
        for table, moves in zip(self.tables, self.moves.of(words), strict=True):
            table.moves += moves
        return self.trainer.pairs, self.trainer.loss, self.trainer.loss_pairs

    def synchronised(self):
        """What bringing rows together has cost so far, and how far ranks were apart: a Synchronised."""
        spent, total = self.communicator.seconds, time.perf_counter() - self.began
        drift = float(np.sqrt(self.drift[0] / self.drift[1])) if self.drift[1] else 0.0
        text = (
            f"{self.communicator.size} ranks, brought together {self.rounds:,} times, after {self.share:,} words of each:"
            f" {self.communicator.sent / 1e6:,.0f} MB sent by each, {spent / total:.0%} of the time; rows were {drift:.1%} apart"
        )
        return Synchronised(text, self.communicator.size, self.rounds, self.share, self.communicator.sent, spent, total, drift)


class Shared:
    """A table [rows, padded] of which every rank has a copy, and what all had when rows were last brought together.

    of_a_round : how often each row is moved in a round, by all ranks, on average [rows].
    """

    def __init__(self, table, of_a_round, communicator):
        self.table, self.base, self.communicator = table, table.copy(), communicator
        self.rows, self.waits = np.arange(len(table)), rounds_to_wait(of_a_round)
        self.moves = np.zeros(len(table))  # by this rank, of each row, since it was last brought together

    def bring_together(self, number, all_rows, rate, D):
        """Bring together the rows that are due after a round of this number, or all that were moved; returns the squared
        distance of this rank's rows from those, and the squared length of those."""
        due = self.rows if all_rows else self.rows[(number + self.rows) & (self.waits - 1) == 0]
        apart = np.zeros(2)
        for first in range(0, len(due), ROWS):
            apart += self._bring_some(due[first : first + ROWS], rate, D)
        return apart

    def _bring_some(self, rows, rate, D):
        own, base = self.table[rows, :D], self.base[rows, :D]
        moved = (own != base).any(axis=1)
        moves = np.where(moved, np.maximum(self.moves[rows], 1), 0).astype(np.float32)
        self.moves[rows] = 0
        sums = np.stack([moved, moves, way(moves, rate)])
        self.communicator.add(sums.reshape(-1))
        some = sums[0] > 0
        rows, own, base, moved, sums = rows[some], own[some], base[some], moved[some], sums[:, some]
        total = own * moved[:, None]
        self.communicator.add(total.reshape(-1))
        merge(total, base, *sums, rate)
        self.table[rows, :D] = self.base[rows, :D] = total
        own -= total
        return np.array([np.vdot(own, own), np.vdot(total, total)], np.float64)


def merge(total, base, ranks, moves, ways, rate):
    """Make what all have from the sum of the rows that ranks have moved (``total`` [n, D], changed) and what all had (``base``).

    ranks, moves, ways : how many ranks moved a row, how often in all, and the sum of their ``way``, float32 [n].
    A row that one rank has moved is that rank's, to the bit.
    """
    scale = np.where(ranks > 1, way(moves, rate) / ways, 1).astype(total.dtype)
    total *= scale[:, None]
    total += (1 - scale * ranks)[:, None].astype(total.dtype) * base


def way(moves, rate):
    """The share of the way that a row goes in so many moves (float32) to where it is pulled: 1 - q^moves."""
    return -np.expm1(-np.float32(max(rate * STIFFNESS, 1e-9)) * moves)


class Moves:
    """How often rows are moved, pair by pair, on average: ``of`` words that stand in a text so many times."""

    def __init__(self, vocabulary, config, tables):
        self.config, self.tables = config, tables
        self.kept = keep_probability(vocabulary.counts, config.sample)
        self.noise = noise_distribution(vocabulary.counts, config.ns_exponent)
        self.pairs = config.window + 1 if config.shrink_window else 2 * config.window

    def of(self, words):
        """Moves of the rows of W_in and of W_out, from occurrences [V]."""
        config, tables = self.config, self.tables
        inputs = words * self.kept
        outputs = inputs if config.model == "cbow" else inputs * self.pairs
        inputs = inputs * self.pairs
        if len(tables.bags):
            inputs = spread(inputs, tables.bags, tables.bag_starts, len(tables.W_in))
        if config.loss == "hs":
            return inputs, spread(outputs, tables.turns >> 1, tables.turn_starts, len(tables.W_out))
        others = config.negative * self.noise if config.loss == "ns" else 1
        return inputs, outputs + others * outputs.sum()


def spread(words, rows, starts, size):
    """Sums [size] over the rows that words have, rows[starts[w] : starts[w + 1]]."""
    return np.bincount(rows, np.repeat(words, np.diff(starts)), minlength=size)


def rounds_to_wait(moves):
    """How many rounds a row waits that is moved so often in one: a power of two, so that it is moved about MOVES times."""
    wanted = np.clip(MOVES / np.maximum(moves, 1e-9), 1, LONGEST)
    return 1 << np.log2(wanted).astype(np.int64)


def share_of(first, last, rank, size, step):
    """The positions, start and stop, that a rank trains of a round: whole numbers of ``step`` where there are enough."""
    share = -(-(last - first) // (size * step)) * step
    return min(first + rank * share, last), min(first + (rank + 1) * share, last)


def share_corpus(encoded, communicator, folder=None):
    """Give the corpus that rank 0 has (the others give None) to all; ids go to nameless files in ``folder``."""
    if communicator.size == 1:
        return encoded
    root = communicator.rank == 0
    fields = (encoded.vocabulary, len(encoded.ids), encoded.tokens_read, encoded.words_seen, encoded.kept) if root else None
    vocabulary, N, tokens_read, words_seen, kept = communicator.broadcast(fields)
    with temporary_file(None if root else folder) as file:
        for first in range(0, N, BROADCAST):
            some = encoded.ids[first : first + BROADCAST].copy() if root else np.empty(min(BROADCAST, N - first), "<i4")
            communicator.broadcast_into(some)
            if not root:
                file.write(some.data)
        if root:
            return encoded
        return EncodedCorpus(
            vocabulary=vocabulary, tokens_read=tokens_read, words_seen=words_seen, kept=kept, **ids_in_file(file, N)
        )


def asked_once(evaluate, communicator):
    """An evaluation that rank 0 makes for all, so that all decide alike."""
    if not evaluate or communicator.size == 1:
        return evaluate or None
    return lambda vectors: communicator.broadcast(evaluate(vectors) if communicator.rank == 0 else None)
