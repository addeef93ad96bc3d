"""Merging the rows of which every rank has a copy: which rows, when, and into what.

Since a row was last merged, rank r has changed it by d_r in n_r updates. The merged row is the old
one plus a multiple of sum_r d_r, at most the sum itself. The factor is the larger one of two.

    sum_r |d_r|^2 / |sum_r d_r|^2

is 1 where the deltas are orthogonal, so that they are added; where they are equal it gives their
mean. In between it counts once what several ranks have learnt alike. But deltas of a few updates
point the same way because all have far to go, and one machine would have continued that way. n
updates make the share 1 - q^n of the way to the optimum, so the factor is at least

    (1 - q^n) / sum_r (1 - q^n_r),    n = sum_r n_r

Here -log q is the learning rate times ``curvature``: the second derivative of Eq. 8 grows with the
squared length of the other row. Sums alone diverge; means alone learn what one rank would.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.equations.counts import keep_probability
from fastw2v.kernels.train.state import Tables
from fastw2v.training.communicator import Communicator, added
from fastw2v.training.objectives import inputs_of, targets_of

T = TypeVar("T")
Map = Callable[[Callable[[slice], Any], list[slice]], Iterable[Any]]

# The curvature of the loss in a row is estimated as CURVATURE times the mean squared length of the
# other table's rows, but at least as MIN_CURVATURE. The product of curvature and learning rate is
# the share of the way to the optimum that one update goes.
MIN_CURVATURE = 0.3
CURVATURE = 0.08
MERGE_UPDATES = 64  # updates of a row between two merges, about
MAX_ROUNDS = 16  # rounds between two merges of a row, at most: a power of two
ROWS = 65_536  # rows sent at a time
BLOCK = 2048  # rows computed at a time
TINY = np.finfo(np.float32).tiny


class SharedTable:
    """A table [rows, padded] of which every rank has a copy, and ``base``: its rows when they were
    last merged, the same on all ranks.

    updates_per_round : of each row in a whole round by all ranks, on average [rows];
    parallel_map : ``map``, or that of a pool of threads.
    """

    def __init__(
        self,
        table: np.ndarray,
        updates: "UpdateCounts",
        updates_per_round: np.ndarray,
        communicator: Communicator,
        D: int,
        parallel_map: Map = map,
    ) -> None:
        self.table, self.base, self.D = table, table.copy(), D
        self.updates, self.communicator, self.parallel_map = updates, communicator, parallel_map
        # log2 of the rounds between two merges of a row
        waits = np.log2(MERGE_UPDATES / np.maximum(updates_per_round, 1e-9))
        self.order = np.argsort(waits, kind="stable")  # most frequently merged rows first
        self.waits = waits[self.order]
        self.weights = updates_per_round / max(updates_per_round.sum(), 1e-9)

    def due(self, rounds: int, part: float) -> np.ndarray:
        """The rows to merge after ``rounds``: every 2^i rounds those that have about MERGE_UPDATES
        updates in as many; after MAX_ROUNDS, or 0, all.

        part : how much of a whole round these rounds are.
        """
        if rounds % MAX_ROUNDS == 0:
            return self.order
        number = (rounds & -rounds).bit_length()
        return self.order[: np.searchsorted(self.waits, number + np.log2(part))]

    def mean_square(self) -> float:
        """The mean squared length of the rows of ``base``, weighted by their updates."""
        blocks = self._in_blocks(
            len(self.base),
            lambda rows: np.einsum("nd,nd,n", self.base[rows], self.base[rows], self.weights[rows]),
        )
        return float(sum(blocks))

    def synchronise(self, rounds: int, part: float, decay: float) -> np.ndarray:
        """Merge the rows that are ``due`` and were updated; returns the squared distance of this
        rank's rows from the merged rows, and the squared length of these.

        decay : learning rate times ``curvature``.
        """
        due = self.due(rounds, part)
        parts = (
            self._synchronise_rows(due[first : first + ROWS], decay)
            for first in range(0, len(due), ROWS)
        )
        return sum(parts, np.zeros(2))

    def _synchronise_rows(self, rows: np.ndarray, decay: float) -> np.ndarray:
        # a row of deltas ends with its number of updates
        deltas, changed = np.empty((len(rows), self.D + 1), np.float32), np.empty(len(rows), bool)
        self._in_blocks(
            len(rows), lambda some: self._put_deltas(rows[some], deltas[some], changed[some])
        )
        deltas[:, -1] = np.where(changed, np.maximum(self.updates.take(rows), 1), 0)
        self.communicator.all_reduce(changed, np.logical_or.reduce)
        if not changed.all():
            rows, deltas = rows[changed], deltas[changed]
        self.communicator.all_reduce(deltas, partial(self._merge, decay=decay))
        distances = self._in_blocks(
            len(rows), lambda some: self._add_deltas(rows[some], deltas[some])
        )
        return sum(distances, np.zeros(2))

    def _put_deltas(self, rows: np.ndarray, deltas: np.ndarray, changed: np.ndarray) -> None:
        np.subtract(self.table[rows, : self.D], self.base[rows, : self.D], out=deltas[:, :-1])
        deltas[:, :-1].any(axis=1, out=changed)

    def _merge(self, parts: np.ndarray, decay: float) -> np.ndarray:
        merged = np.empty(parts.shape[1:], parts.dtype)
        self._in_blocks(len(merged), lambda some: merge(parts[:, some], decay, out=merged[some]))
        return merged

    def _add_deltas(self, rows: np.ndarray, deltas: np.ndarray) -> np.ndarray:
        merged, own = self.base[rows, : self.D] + deltas[:, :-1], self.table[rows, : self.D]
        own -= merged
        self.base[rows, : self.D] = self.table[rows, : self.D] = merged
        return np.array([np.vdot(own, own), np.vdot(merged, merged)], np.float64)

    def _in_blocks(self, n: int, work: Callable[[slice], T]) -> list[T]:
        """The results of work(slice) for slices of n rows that fit a core's cache, in order."""
        blocks = [slice(first, min(first + BLOCK, n)) for first in range(0, n, BLOCK)]
        return list(self.parallel_map(work, blocks))


def curvature(other: SharedTable) -> float:
    """The share of the way to the optimum that one update of a row goes, for each unit of the
    learning rate, if it is paired with rows of the table ``other``.
    """
    return max(MIN_CURVATURE, CURVATURE * other.mean_square())


def merge(parts: np.ndarray, decay: float, out: np.ndarray) -> None:
    """Merge the deltas of all ranks, as the module says.

    Parameters
    ----------
    parts
        Deltas of each rank, and in the last column its number of updates of the row, 0 if it
        has not changed it [ranks, n, D + 1].
    decay
        Learning rate times ``curvature``.
    out
        Merged deltas, likewise [n, D + 1].
    """
    with np.errstate(invalid="ignore", over="ignore"):  # the loss says that a run diverges
        total = added(parts, out)
        squares, square_of_sum = (
            np.einsum("...i,...i->...", deltas[..., :-1], deltas[..., :-1])
            for deltas in (parts, total)
        )
        scale = np.maximum(
            added(squares) / np.maximum(square_of_sum, TINY),
            progress(total[:, -1], decay)
            / np.maximum(added(progress(parts[..., -1], decay)), TINY),
        )
        total[:, :-1] *= np.minimum(scale, 1)[:, None]


def progress(updates: np.ndarray, decay: float) -> np.ndarray:
    """The share of the way to its optimum that a row goes in a number of updates (float32):
    1 - q^updates, where q = exp(-decay).
    """
    return -np.expm1(-np.float32(max(decay, 1e-9)) * updates)


class UpdateCounts:
    """How often this rank has updated each row of a table since it was last merged, in expectation
    over the draws.

    Parameters
    ----------
    weights
        Updates of each of its rows that an occurrence of a word makes [V].
    rows, starts
        Which rows a word has, if not the one with its number.
    others
        Further updates of each row for one draw, on average: as a negative or a document.
    drawing
        Draws that an occurrence of a word makes [V], by default the weights.
    """

    def __init__(
        self,
        size: int,
        weights: np.ndarray,
        rows: np.ndarray | None = None,
        starts: np.ndarray | None = None,
        others: np.ndarray | float = 0.0,
        drawing: np.ndarray | None = None,
    ) -> None:
        self.weights, self.drawing = weights, weights if drawing is None else drawing
        self.rows, self.starts = rows, starts
        self.others = np.broadcast_to(others, size)
        self.counted, self.drawn, self.drawn_before = np.zeros(size), 0.0, np.zeros(size)

    def count(self, occurrences: np.ndarray) -> None:
        """Count the updates that a text makes, from the occurrences of each word [V]."""
        self.counted += self._of_rows(occurrences * self.weights)
        self.drawn += float((occurrences * self.drawing).sum())

    def expected(self, occurrences: np.ndarray) -> np.ndarray:
        """Updates of each row that a text makes, from the occurrences of each word [V]."""
        words = self._of_rows(occurrences * self.weights)
        return words + self.others * (occurrences * self.drawing).sum()

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Return the updates of some rows, and count these from 0 again."""
        updates = self.counted[rows] + self.others[rows] * (self.drawn - self.drawn_before[rows])
        self.counted[rows], self.drawn_before[rows] = 0, self.drawn
        return updates

    def _of_rows(self, words: np.ndarray) -> np.ndarray:
        if self.rows is None or self.starts is None:
            return words
        return np.bincount(
            self.rows, np.repeat(words, np.diff(self.starts)), minlength=len(self.counted)
        )


def update_counts(
    vocabulary: Vocabulary, config: TrainConfig, tables: Tables
) -> tuple[UpdateCounts, UpdateCounts]:
    """The UpdateCounts of W_in and of W_out."""
    inputs, targets = inputs_of(config), targets_of(config)
    kept = keep_probability(vocabulary.counts, config.sample)
    V, rows_in = len(vocabulary), len(tables.W_in)
    words = kept * inputs.words_in_window
    subwords = (tables.subword_ids, tables.subword_starts) if len(tables.subword_ids) else ()
    if len(tables.line_ends):
        ids, firsts = subwords or (np.arange(V), np.arange(V + 1))
        W_in = UpdateCounts(rows_in, words, ids, firsts, _document_shares(tables), kept)
    else:
        W_in = UpdateCounts(rows_in, words, *subwords)
    outputs, others = kept * inputs.mean_inputs, targets.other_updates(vocabulary)
    rows, starts = targets.rows_of_words(tables) or (None, None)
    return W_in, UpdateCounts(len(tables.W_out), outputs, rows, starts, others)


def _document_shares(tables: Tables) -> np.ndarray:
    """For each row of W_in the share of the tokens that its document holds, 0 for other rows."""
    tokens = np.diff(tables.line_ends, prepend=-1) - 1
    lengths = np.bincount(tables.line_documents, tokens, len(tables.W_in))
    return lengths / max(lengths.sum(), 1)
