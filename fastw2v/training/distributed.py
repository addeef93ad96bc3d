"""Training on many machines: every rank trains a shard of each round on its own tables, and rows
are synchronised between rounds.

Draws and learning rate are functions of the position, so a round can be cut anywhere, and every
token is trained once per epoch. After a round the rows that are due are synchronised
(``training.merging``): frequent ones after every round, all of them after every MAX_ROUNDS rounds
and at the end of an epoch. Chunks end only there, so a checkpoint or an evaluation between chunks
finds the same tables on all ranks. Nothing here depends on the clock.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from fastw2v.corpus.encoded import EncodedCorpus, ids_in_file
from fastw2v.errors import TrainingError
from fastw2v.events import Synchronised
from fastw2v.files import temporary_file
from fastw2v.kernels.train.state import Rate
from fastw2v.paths import AnyPath
from fastw2v.training.communicator import Communicator
from fastw2v.training.merging import MAX_ROUNDS, SharedTable, curvature, update_counts
from fastw2v.training.setup import Statistics
from fastw2v.training.trainers import Trainer

if TYPE_CHECKING:
    from fastw2v.training.loop import Training

T = TypeVar("T")
GROWTH = 64  # a round is at most 1/GROWTH of what was trained before
LEAST = 1000  # words of each rank in the first rounds
BROADCAST = 1 << 22  # ids broadcast at a time


def broadcast_state(training: "Training") -> None:
    """Give the trainings of all ranks the state and the tables of rank 0."""
    communicator = training.communicator
    state = communicator.broadcast(training.state() if training.begun else None)
    if state and communicator.rank:
        training.load_state(state)
    for array in (*training.arrays().values(), training.tables.input_factors):
        communicator.broadcast_into(array)


def check_same(arguments: Mapping[str, Any], communicator: Communicator) -> None:
    """Raise TrainingError on all ranks if one was given another option or corpus than rank 0, whose
    are used.

    arguments : values by the names of options. What a rank was not given is not compared.
    """
    first = communicator.broadcast(arguments)
    different = [name for name, value in arguments.items() if value != first.get(name)]
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


def rank0_first(make: Callable[[], T], communicator: Communicator) -> T:
    """Call ``make`` on rank 0 first, so that the others find its compiled code in the cache."""
    if communicator.rank:
        communicator.barrier()
    result = make()
    if communicator.rank == 0:
        communicator.barrier()
    return result


class Distributed:
    """The Trainer of a run on several ranks: ``trainer`` trains the shards of this rank.

    Statistics are of all ranks. A chunk of a multiple of ``step`` positions, and every epoch, ends
    with all rows synchronised: all ranks have the same tables then.
    """

    def __init__(self, trainer: Trainer, communicator: Communicator) -> None:
        self.trainer, self.communicator = trainer, communicator
        self.setup, self.config = trainer.setup, trainer.setup.config
        self.ids = self.setup.encoded.ids
        self.N = len(self.ids)
        self.threads = trainer.threads * communicator.size
        self.share = -(-self.config.sync_every // trainer.step) * trainer.step
        self.round = self.share * communicator.size
        self.step = self.round * MAX_ROUNDS
        vocabulary, tables = self.setup.encoded.vocabulary, self.setup.tables
        counts = vocabulary.counts * min(self.round / self.N, 1.0)
        parallel_map = ThreadPoolExecutor(trainer.threads).map if trainer.threads > 1 else map
        self.tables = [
            SharedTable(
                table,
                updates,
                updates.expected(counts),
                communicator,
                self.config.vector_size,
                parallel_map,
            )
            for table, updates in zip(
                tables, update_counts(vocabulary, self.config, tables), strict=False
            )
        ]
        self.rounds = 0
        self.before = self._costs()
        # squared distances of the ranks' rows from the merged rows, and squared lengths
        self.apart = np.zeros(2)

    def train(self, epoch: int, start: int, stop: int, rate: Rate) -> Statistics:
        """Train positions start ... stop - 1 of an epoch, counted from 0: whole numbers of
        ``step``, or to its end.

        Ranks may be given different chunks: they communicate in rounds, and every ``step``.
        """
        totals, first = np.zeros(3), start
        while first < stop:
            last = min((first // self.step + 1) * self.step, stop)
            totals += self._train_rounds(epoch, first, last, rate)
            first = last
        return Statistics(*totals.tolist())

    def _train_rounds(self, epoch: int, first: int, last: int, rate: Rate) -> np.ndarray:
        """Train positions in rounds after which all rows are synchronised; returns pairs, loss and
        loss_pairs of all ranks.
        """
        totals, rounds = np.zeros(5), 0
        curvatures = [curvature(other) for other in reversed(self.tables)]
        while first < last:
            length = self.length(epoch * self.N + first)
            stop, rounds = min(first + length, last), rounds + 1
            totals[:3] += self._train_share(epoch, first, stop, rate)
            learning_rate = max(rate.start - rate.slope * first, rate.end)
            for table, of_table in zip(self.tables, curvatures, strict=True):
                totals[3:] += table.synchronise(
                    0 if stop == last else rounds, length / self.round, learning_rate * of_table
                )
            first = stop
        self.rounds += rounds
        self.communicator.all_reduce(totals)
        self.apart += totals[3:]
        return totals[:3]

    def length(self, trained: int) -> int:
        """The number of positions of a round after ``trained`` positions: proportional to these up
        to a maximum, so that ranks are synchronised most often at the beginning.
        """
        unit = self.trainer.step * self.communicator.size
        least = max(LEAST // self.trainer.step, 1)
        return min(max(trained // (GROWTH * unit), least) * unit, self.round)

    def _train_share(
        self, epoch: int, first: int, last: int, rate: Rate
    ) -> tuple[float, float, float]:
        """Train this rank's share of a round, and count the updates; returns pairs, loss and
        loss_pairs.
        """
        start, stop = rank_range(
            first, last, self.communicator.rank, self.communicator.size, self.trainer.step
        )
        statistics = self.trainer.train(epoch, start, stop, rate)
        ids = self.ids[start:stop]
        occurrences = np.bincount(ids[ids >= 0], minlength=len(self.setup.encoded.vocabulary))
        for table in self.tables:
            table.updates.count(occurrences)
        return statistics.pairs, statistics.loss, statistics.loss_pairs

    def synchronised(self, epoch: int) -> Synchronised:
        """The costs of synchronisation and the drift of ranks since this was last called."""
        before, self.before = self.before, self._costs()
        drift = float(np.sqrt(self.apart[0] / self.apart[1])) if self.apart[1] else 0.0
        self.apart[:] = 0
        return Synchronised(
            epoch=epoch,
            ranks=self.communicator.size,
            rounds=self.before.rounds - before.rounds,
            share=self.share,
            bytes_sent=self.before.bytes_sent - before.bytes_sent,
            seconds=self.before.seconds - before.seconds,
            of_seconds=self.before.clock - before.clock,
            drift=drift,
        )

    def _costs(self) -> "Costs":
        ranks = self.communicator
        return Costs(self.rounds, ranks.sent, ranks.seconds, time.perf_counter())


class Costs(NamedTuple):
    """Rounds, bytes sent and seconds of communication since the run began, and the time now."""

    rounds: int
    bytes_sent: int
    seconds: float
    clock: float


def rank_range(first: int, last: int, rank: int, size: int, step: int) -> tuple[int, int]:
    """The positions, start and stop, that a rank trains of a round: whole numbers of ``step`` where
    there are enough.
    """
    share = -(-(last - first) // (size * step)) * step
    return min(first + rank * share, last), min(first + (rank + 1) * share, last)


def broadcast_corpus(
    encoded: EncodedCorpus | None, communicator: Communicator, folder: AnyPath | None
) -> EncodedCorpus:
    """Return the corpus of rank 0 on all ranks, of which the others pass None; they keep its ids in
    nameless files in ``folder``.
    """
    if encoded is not None and communicator.size == 1:
        return encoded
    fields: dict[str, Any] = {}
    if encoded is not None:
        fields = {
            "vocabulary": encoded.vocabulary,
            "tokens_read": encoded.tokens_read,
            "words_seen": encoded.words_seen,
            "kept": encoded.kept,
            "documents": encoded.documents,
        }
    fields = communicator.broadcast(fields)
    N = communicator.broadcast(len(encoded.ids) if encoded is not None else 0)
    if encoded is not None:
        for start in range(0, N, BROADCAST):
            communicator.broadcast_into(encoded.ids[start : start + BROADCAST].copy())
        return encoded
    with temporary_file(folder) as file:
        for start in range(0, N, BROADCAST):
            ids = np.empty(min(BROADCAST, N - start), "<i4")
            communicator.broadcast_into(ids)
            file.write(ids.data)
        return EncodedCorpus(**fields, **ids_in_file(file, N))


class EvaluationOnRank0:
    """An evaluation on rank 0 whose scores all ranks get, so that all take the same decisions.

    sets : its evaluation sets, for fingerprints, or None.
    """

    def __init__(self, evaluate: Callable[[Any], Any] | None, communicator: Communicator) -> None:
        self.evaluate, self.communicator = evaluate, communicator
        self.sets = getattr(evaluate, "sets", None)

    def __call__(self, vectors: Any) -> Any:
        scores = None
        if self.communicator.rank == 0 and self.evaluate:
            scores = self.evaluate(vectors)
        return self.communicator.broadcast(scores)


def evaluate_on_rank0(
    evaluate: Callable[[Any], Any] | None, communicator: Communicator
) -> Callable[[Any], Any] | None:
    """The evaluation of all ranks, given on rank 0; None if there is none."""
    if communicator.size == 1 or not communicator.broadcast(bool(evaluate)):
        return evaluate or None
    return EvaluationOnRank0(evaluate, communicator)
