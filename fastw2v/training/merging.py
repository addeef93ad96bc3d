"""Rows of which every rank has a copy, brought together: which of them when, and what becomes of
them.

Ranks r moved a row by d_r, from where all had it, n_r times each. It moves by a share of sum_r d_r,
the larger one of two.

    sum_r |d_r|^2 / |sum_r d_r|^2

is 1 where the changes have nothing in common, and they are added up; where they are the same, it
makes their mean: all went the same way. Between the two it takes from the sum what is there more
than once. But a row that was moved a few times has only begun to go where all see it go, and one
machine would have gone on. In n moves it goes a share 1 - q^n of the way, so it goes at least

    (1 - q^n) / sum_r (1 - q^n_r),    n = sum_r n_r

Here -log q is the rate times ``stiffness``: what a pair pulls a row with grows with the squared
length of the other row, as the second derivative of Eq. 8 does. Sums alone diverge, means alone
learn a rank's share.
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

# share of the way, for each unit of the learning rate, that one move takes a row to where it is
# pulled: at least
STIFFNESS = 0.3
CURVATURE = 0.08  # the same, for each unit of the mean squared length of the rows that pull it
MOVES = 64  # a row is merged after about as many
LONGEST = 16  # rounds that a row waits, at most: a power of two
ROWS = 65_536  # sent at a time
BLOCK = 2048  # rows worked on at a time
TINY = np.finfo(np.float32).tiny


class Shared:
    """A table [rows, padded] of which every rank has a copy, and what all had when rows were last
    brought together.

    of_a_round : how often each row is moved in a whole round, by all ranks, on average [rows];
    share_out : ``map``, or that of a pool.
    """

    def __init__(
        self,
        table: np.ndarray,
        moves: "Moves",
        of_a_round: np.ndarray,
        communicator: Communicator,
        D: int,
        share_out: Map = map,
    ) -> None:
        self.table, self.base, self.moves, self.communicator, self.D = (
            table,
            table.copy(),
            moves,
            communicator,
            D,
        )
        waits = np.log2(MOVES / np.maximum(of_a_round, 1e-9))
        self.order = np.argsort(waits, kind="stable")  # those that wait least first
        self.waits, self.share_out = waits[self.order], share_out
        self.weights = of_a_round / max(of_a_round.sum(), 1e-9)

    def due(self, rounds: int, part: float) -> np.ndarray:
        """The rows that are due after ``rounds``: in 2^i of them, those that are moved about
        MOVES times in 2^i; after LONGEST of them, or 0, all.

        part : how much of a whole round these rounds are.
        """
        if rounds % LONGEST == 0:
            return self.order
        number = (rounds & -rounds).bit_length()
        return self.order[: np.searchsorted(self.waits, number + np.log2(part))]

    def mean_square(self) -> float:
        """The mean squared length of rows when all had them last, each as often as it is moved."""
        blocks = self._in_blocks(
            len(self.base),
            lambda some: np.einsum("nd,nd,n", self.base[some], self.base[some], self.weights[some]),
        )
        return float(sum(blocks))

    def synchronise(self, rounds: int, part: float, stiff: float) -> np.ndarray:
        """Bring together the rows that are ``due``, if they were moved; returns the squared
        distance of this rank's rows from what they became, and the squared length of these.
        """
        due = self.due(rounds, part)
        return sum(
            (
                self._synchronise_some(due[first : first + ROWS], stiff)
                for first in range(0, len(due), ROWS)
            ),
            np.zeros(2),
        )

    def _synchronise_some(self, rows: np.ndarray, stiff: float) -> np.ndarray:
        changes, moved = np.empty((len(rows), self.D + 1), np.float32), np.empty(len(rows), bool)
        self._in_blocks(len(rows), lambda some: self._find(rows[some], changes[some], moved[some]))
        changes[:, -1] = np.where(moved, np.maximum(self.moves.take(rows), 1), 0)
        self.communicator.all_reduce(moved, np.logical_or.reduce)
        if not moved.all():
            rows, changes = rows[moved], changes[moved]
        self.communicator.all_reduce(changes, partial(self._merge, stiff=stiff))
        return sum(
            self._in_blocks(len(rows), lambda some: self._put(rows[some], changes[some])),
            np.zeros(2),
        )

    def _find(self, rows: np.ndarray, changes: np.ndarray, moved: np.ndarray) -> None:
        np.subtract(self.table[rows, : self.D], self.base[rows, : self.D], out=changes[:, :-1])
        changes[:, :-1].any(axis=1, out=moved)

    def _merge(self, parts: np.ndarray, stiff: float) -> np.ndarray:
        merged = np.empty(parts.shape[1:], parts.dtype)
        self._in_blocks(len(merged), lambda some: merge(parts[:, some], stiff, out=merged[some]))
        return merged

    def _put(self, rows: np.ndarray, changes: np.ndarray) -> np.ndarray:
        merged, own = self.base[rows, : self.D] + changes[:, :-1], self.table[rows, : self.D]
        own -= merged
        self.base[rows, : self.D] = self.table[rows, : self.D] = merged
        return np.array([np.vdot(own, own), np.vdot(merged, merged)], np.float64)

    def _in_blocks(self, n: int, work: Callable[[slice], T]) -> list[T]:
        """What work(slice) returns for slices of n rows that stay in a core's cache, in their
        order.
        """
        return list(
            self.share_out(
                work, [slice(first, min(first + BLOCK, n)) for first in range(0, n, BLOCK)]
            )
        )


def stiffness(other: Shared) -> float:
    """Share of the way, for each unit of the learning rate, that a move takes a row to where rows
    of another Shared pull it.
    """
    return max(STIFFNESS, CURVATURE * other.mean_square())


def merge(parts: np.ndarray, stiff: float, out: np.ndarray) -> None:
    """What becomes of rows that ranks have changed.

    parts : changes of each rank, and in the last column how often it has moved the row, 0 if
        never [ranks, n, D + 1].
    stiff : the rate times ``stiffness``;  out : the same of all ranks [n, D + 1], the changes
        as the module says.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # a run that diverges is told by its loss
        total = added(parts, out)
        each, all_of_them = (
            np.einsum("...i,...i->...", some[..., :-1], some[..., :-1]) for some in (parts, total)
        )
        ways = added(way(parts[..., -1], stiff))
        scale = np.maximum(
            added(each) / np.maximum(all_of_them, TINY),
            way(total[:, -1], stiff) / np.maximum(ways, TINY),
        )
        total[:, :-1] *= np.minimum(scale, 1)[:, None]


def way(moves: np.ndarray, stiff: float) -> np.ndarray:
    """The share of the way that a row goes in ``moves`` (float32) to where it is pulled: 1 -
    q^moves.
    """
    return -np.expm1(-np.float32(max(stiff, 1e-9)) * moves)


class Moves:
    """How often this rank has moved each row of a table, pair by pair, since it last brought it
    together: on average over draws.

    weights : how often an occurrence of a word moves each of its rows [V];  rows, starts :
        which these are, if not the one with
    its number;  others : how often each row of the table is moved beside, as a negative or a
    document, on average;  drawing : how often an occurrence of a word makes such a move [V], by
    default the weights.
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
        self.drawing = weights if drawing is None else drawing
        self.weights, self.rows, self.starts, self.others = (
            weights,
            rows,
            starts,
            np.broadcast_to(others, size),
        )
        self.counted, self.drawn, self.drawn_before = np.zeros(size), 0.0, np.zeros(size)

    def count(self, occurrences: np.ndarray) -> None:
        """Count the moves of a text, from the occurrences of each word [V]."""
        self.counted += self._of_rows(occurrences * self.weights)
        self.drawn += float((occurrences * self.drawing).sum())

    def of(self, occurrences: np.ndarray) -> np.ndarray:
        """Moves of all rows by a text, from the occurrences of each word [V]."""
        words = self._of_rows(occurrences * self.weights)
        return words + self.others * (occurrences * self.drawing).sum()

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Moves of some rows, which are counted from 0 from now on."""
        moves = self.counted[rows] + self.others[rows] * (self.drawn - self.drawn_before[rows])
        self.counted[rows], self.drawn_before[rows] = 0, self.drawn
        return moves

    def _of_rows(self, words: np.ndarray) -> np.ndarray:
        if self.rows is None or self.starts is None:
            return words
        return np.bincount(
            self.rows, np.repeat(words, np.diff(self.starts)), minlength=len(self.counted)
        )


def moves_of_tables(
    vocabulary: Vocabulary, config: TrainConfig, tables: Tables
) -> tuple["Moves", "Moves"]:
    """Moves of W_in and of W_out."""
    inputs, targets = inputs_of(config), targets_of(config)
    kept = keep_probability(vocabulary.counts, config.sample)
    V, rows_in = len(vocabulary), len(tables.W_in)
    subwords = (tables.subword_ids, tables.subword_starts) if len(tables.subword_ids) else ()
    if len(tables.line_ends):
        ids, firsts = subwords or (np.arange(V), np.arange(V + 1))
        words = kept * inputs.words_in_window
        W_in = Moves(rows_in, words, ids, firsts, _document_shares(tables), kept)
    else:
        W_in = Moves(rows_in, kept * inputs.words_in_window, *subwords)
    outputs, others = kept * inputs.inputs_of_centre, targets.other_updates(vocabulary)
    rows, starts = targets.rows_of_words(tables) or (None, None)
    return W_in, Moves(len(tables.W_out), outputs, rows, starts, others)


def _document_shares(tables: Tables) -> np.ndarray:
    """For each row of W_in the share of the tokens that its document holds, 0 for other rows."""
    tokens = np.diff(tables.line_ends, prepend=-1) - 1
    lengths = np.bincount(tables.line_documents, tokens, len(tables.W_in))
    return lengths / max(lengths.sum(), 1)
