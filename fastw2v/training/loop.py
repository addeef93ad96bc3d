"""A run from its first token to its last, as a sequence of events."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.errors import CheckpointError, TrainingError, quoted
from fastw2v.evaluation.sets import Evaluator
from fastw2v.events import Evaluated, Event, Notice, Progress
from fastw2v.kernels.jit import code_is_kept
from fastw2v.training.communicator import Communicator, SingleProcess, launched
from fastw2v.training.distributed import Distributed, broadcast_state, rank0_first
from fastw2v.training.inference import settings_of
from fastw2v.training.objectives import softmax_seconds, targets_of
from fastw2v.training.schedule import EpochSchedule, Schedule, TimeSchedule
from fastw2v.training.setup import Statistics
from fastw2v.training.state import initialise_from, is_finite, run_tables, word_rows
from fastw2v.training.threading_layer import threading_layer_named
from fastw2v.training.trainers import Trainer, make_trainer, warm_up
from fastw2v.training.validation import STATE
from fastw2v.vectors.documents import DocumentVectors
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.word_vectors import WordVectors

BETWEEN = 0.25  # seconds between events, and thus the delay of Ctrl-C
WORTHLESS = 1.1  # times the loss of zeros
SMALLEST = 64  # tokens for each thread between events


class Training:
    """A run over an encoded corpus: ``run`` it, and take its ``vectors`` at any time.

    Parameters
    ----------
    start
        WordVectors to begin with.
    evaluate
        A function from WordVectors to a score, or to scores by name, called after every
        config.eval_every epochs.
    began
        When the time budget began (time.perf_counter).
    communicator
        Communicator of the ranks that train together; by default one rank.
    """

    def __init__(
        self,
        encoded: EncodedCorpus,
        config: TrainConfig,
        start: WordVectors | None = None,
        evaluate: Callable[[WordVectors], Any] | None = None,
        began: float | None = None,
        communicator: Communicator | None = None,
    ) -> None:
        self.encoded, self.config, self.evaluate = encoded, config, evaluate
        self.communicator: Communicator = communicator or SingleProcess()
        self.began_at = time.perf_counter() if began is None else began
        self.targets = targets_of(config)
        self.documents = encoded.documents if config.has_documents else None
        self.tables, self.buckets = run_tables(encoded.vocabulary, config, documents=self.documents)
        self.has_initial_vectors = start is not None
        self.notices: list[str] = []
        if start is not None:
            words = encoded.vocabulary.words
            self.notices.append(initialise_from(start, words, config, self.tables, self.buckets))
        self.begun = False  # whether the tables have been trained at all
        self.consistent = True  # whether tables and position belong together: not inside a chunk
        self.epoch = 0
        self.position = 0  # in the epoch, of the next token
        self.pairs = 0
        self.seconds = 0.0
        self.over = False  # whether there is nothing left to do
        self.best = -math.inf
        self.best_epoch = 0
        self.best_tables: list[np.ndarray] | None = None  # copies of W_in and W_out
        self.evaluated = 0  # the last epoch whose vectors were evaluated
        self.waited = 0  # evaluations since the best

    @property
    def positions_done(self) -> int:
        """Positions trained, over all epochs."""
        return self.epoch * len(self.encoded.ids) + self.position

    @property
    def tokens_done(self) -> int:
        """Tokens trained, over all epochs."""
        return round(self.positions_done * self.encoded.tokens / len(self.encoded.ids))

    @property
    def share_done(self) -> float:
        """How much of the run is done, 0 to 1: of its epochs, or of its time."""
        if self.config.seconds:
            return min((time.perf_counter() - self.began_at) / self.config.seconds, 1.0)
        total = max(self.config.epochs * len(self.encoded.ids), 1)
        return min(self.positions_done / total, 1.0)

    def run(self) -> Iterator[Event]:
        """Train to the end, yielding a Progress every quarter of a second and at the end of every
        epoch, with Notices before and Evaluated between.

        The chunks between events have no influence on the vectors: every draw and rate is a
        function of position (with a time budget the rate is one of time). Raises TrainingError if
        the numbers leave their range.
        """
        events = self._run()
        while True:
            self.consistent = False
            with threading_layer_named():
                event = next(events, None)
            self.consistent = True
            if event is None:
                return
            yield event

    def _run(self) -> Iterator[Event]:
        broadcast_state(self)
        if self.over:
            return
        trainer = self._trainer()
        yield from map(Notice, [*self.notices, *self._warnings()])
        loss = math.nan
        for event in self._train(trainer, self._schedule()):
            loss = event.loss if isinstance(event, Progress) else loss
            yield event
        if not self.pairs:
            raise self._no_pairs()
        if self.position and self.evaluate:  # a time budget ended within an epoch
            yield self._evaluated(self.epoch + 1)
        zeros = self.targets.loss_of_zeros(self.tables, self.encoded.vocabulary)
        if loss > WORTHLESS * zeros:
            yield Notice(
                f"the final loss {loss:.4g} is above that of all-zero vectors ({zeros:.4g}):"
                " training diverged; lower --alpha"
            )
        self.take_best()
        if not all(is_finite(table) for table in (self.tables.W_in, self.tables.W_out)):
            raise TrainingError(
                "the vectors hold numbers that are not finite; lower alpha", options=("alpha",)
            )
        self.over = True

    def _schedule(self) -> Schedule:
        if self.config.seconds:
            return TimeSchedule(self.config, self.config.seconds, self.began_at, self.seconds)
        return EpochSchedule(self.config, len(self.encoded.ids))

    def _train(self, trainer: "Trainer | Distributed", schedule: Schedule) -> Iterator[Event]:
        """Train chunk by chunk, and evaluate, until the schedule or ``patience`` ends the run."""
        N = len(self.encoded.ids)
        began = time.perf_counter() - self.seconds
        speed: float | None = None
        size = first_size(trainer.setup.kernel_config.target_count, self.config, trainer.threads)
        while True:
            if self._evaluation_is_due(schedule):
                yield self._evaluated(self.epoch)
            if self.config.patience and self.waited >= self.config.patience:
                yield Notice(
                    f"stopped after epoch {self.epoch}: no improvement since epoch"
                    f" {self.best_epoch}"
                )
                return
            if schedule.over(self.epoch):
                return
            positions = -(-schedule.limit(size, speed) // trainer.step) * trainer.step
            epoch, start = self.epoch, self.position
            stop = min(start + positions, N)
            before = time.perf_counter()
            self.begun = True
            statistics = trainer.train(epoch, start, stop, schedule.rate(epoch, start, stop))
            self.encoded.forget()
            now = time.perf_counter()
            speed = (stop - start) / max(now - before, 1e-9)
            if stop - start >= size:
                size = next_size(size, now - before, trainer.threads)
            self.pairs += int(statistics.pairs)
            self.seconds = now - began
            self.epoch, self.position = (epoch + 1, 0) if stop == N else (epoch, stop)
            yield self._progress(statistics, schedule, epoch, stop)
            if stop == N and isinstance(trainer, Distributed):
                yield trainer.synchronised(self.epoch)

    def _no_pairs(self) -> TrainingError:
        """The error of a run without a pair of words."""
        if self.encoded.tokens == self.encoded.lines or not self.config.sample:
            return TrainingError(
                "there was no pair of words to train on: every line holds a single word of the"
                " vocabulary; put words that belong together on one line, with white space between"
                " them"
            )
        return TrainingError(
            "there was no pair of words to train on: no two words that subsampling kept share a"
            " line; keep frequent words with sample=0",
            options=("sample",),
        )

    def _trainer(self) -> "Trainer | Distributed":
        trainer = rank0_first(self._compiled_trainer, self.communicator)
        if self.position % trainer.step:
            raise CheckpointError(
                f"token {self.position} is not the start of a group of {trainer.step}, so no"
                " checkpoint of this run was written there; remove the newest one to resume from"
                " an earlier one"
            )
        return trainer if self.communicator.size == 1 else Distributed(trainer, self.communicator)

    def _compiled_trainer(self) -> Trainer:
        trainer = make_trainer(self.encoded, self.config, self.tables)
        warm_up(trainer)
        return trainer

    def _evaluation_is_due(self, schedule: Schedule) -> bool:
        """Whether an epoch has just ended whose vectors are to be evaluated, and have not been."""
        if not self.evaluate or self.position or self.epoch == self.evaluated:
            return False
        return self.epoch % self.config.eval_every == 0 or schedule.over(self.epoch)

    def state(self) -> dict[str, Any]:
        """The state of the run as numbers; ``load_state`` resumes from it and ``arrays``."""
        state = {name: getattr(self, name) for name in STATE if name != "began"}
        return state | {"began": time.perf_counter() - self.began_at}

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables of the run by name, and the best ones if patience keeps them."""
        return self._named(self.best_tables)

    def arrays_of(self, state: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Arrays with the names, types and shapes that a state requires, and any content."""
        return self._named(list(self.tables[:2]) if self._keeps_best(state) else None)

    def _named(self, best: list[np.ndarray] | None) -> dict[str, np.ndarray]:
        tables = {"W_in": self.tables.W_in, "W_out": self.tables.W_out}
        return tables if best is None else tables | {"best_W_in": best[0], "best_W_out": best[1]}

    def _keeps_best(self, state: Mapping[str, Any]) -> bool:
        return bool(state["best_epoch"] and self.config.patience and not state["over"])

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the state of another run, which was checked. The caller then reads its arrays
        into ``arrays()``.
        """
        self.began_at = time.perf_counter() - state["began"]
        for name in STATE:
            if name != "began":
                setattr(self, name, state[name])
        self.begun = True
        if self._keeps_best(state):
            self.best_tables = [table.copy() for table in self.tables[:2]]

    def take_best(self) -> None:
        """Restore the tables of the best evaluation, if ``patience`` keeps them."""
        if self.best_tables is not None:
            for table, best in zip(self.tables, self.best_tables, strict=False):
                table[:] = best
            self.best_tables = None

    def estimate(self) -> float:
        """Seconds that naive softmax may take."""
        return softmax_seconds(len(self.encoded.vocabulary), self.encoded.tokens, self.config)

    def _warnings(self) -> Iterator[str]:
        """Warnings about a run before it begins."""
        config = self.config
        if self.communicator.size == 1 and launched() > 1:
            yield (
                f"{launched()} ranks were started, and each trains vectors of its own; with"
                " --distributed mpi, they train the same vectors"
            )
        if not code_is_kept():
            yield (
                "no cache directory is writable, so each start compiles again; set NUMBA_CACHE_DIR"
                " to a writable directory"
            )
        if self.documents is not None and (empty := int((self.documents.lengths == 0).sum())):
            yield (
                f"{empty:,} of {self.documents.count:,} documents hold no word of the vocabulary;"
                " their vectors are zeros"
            )
        if not config.trains_words:
            yield (
                "DBOW trains documents only, and the vectors of words are zeros; --train-words"
                " trains both"
            )
        if slow := self.targets.warning(self.encoded.vocabulary, self.encoded.tokens):
            yield slow

    def _evaluated(self, epoch: int) -> Evaluated:
        assert self.evaluate is not None
        self.evaluated, answer = epoch, self.evaluate(self.vectors())
        try:
            named = answer if isinstance(answer, dict) else {"score": answer}
            scores = {name: float(score) for name, score in named.items()}
        except (TypeError, ValueError) as error:
            raise TrainingError(
                f"evaluate must return a number, or numbers by name, not {quoted(answer)}"
            ) from error
        known = [score for score in scores.values() if math.isfinite(score)]
        mean = sum(known) / len(known) if known else math.nan
        better = mean > self.best
        self.waited = 0 if better else self.waited + 1
        if better:
            self.best, self.best_epoch = mean, epoch
            if self.config.patience:
                self.best_tables = [table.copy() for table in self.tables[:2]]
        restricted = None
        if isinstance(self.evaluate, Evaluator):
            restricted = self.evaluate.restricted(len(self.encoded.vocabulary))
        return Evaluated(epoch, scores, mean, better, restricted)

    def _progress(
        self, statistics: Statistics, schedule: Schedule, epoch: int, stop: int
    ) -> Progress:
        N = len(self.encoded.ids)
        passed, rate = epoch * N + stop, schedule.rate_at(epoch, stop)
        if not math.isfinite(statistics.loss):
            raise TrainingError(
                f"the loss is not a finite number in epoch {epoch + 1}, {stop / N:.0%} through it,"
                f" at learning rate {rate:.4g}; lower alpha",
                options=("alpha",),
            )
        share = self.encoded.tokens / N
        return Progress(
            tokens=round(passed * share),
            total=round(schedule.total(passed) * share),
            epoch=epoch + 1,
            rate=rate,
            loss=statistics.loss / statistics.loss_pairs if statistics.loss_pairs else math.nan,
            pairs=self.pairs,
            seconds=self.seconds,
        )

    def vectors(self) -> WordVectors:
        """The vectors as they are now: WordVectors over the same memory."""
        vocabulary, D = self.encoded.vocabulary, self.config.vector_size
        vectors = word_rows(self.tables, len(vocabulary))[:, :D]
        outputs = self.tables.W_out[:, :D] if self.targets.outputs_are_words else None
        words = WordVectors(vocabulary.words, vectors, vocabulary.counts, outputs, self._subwords())
        words.documents = self._document_vectors()
        return words

    def _document_vectors(self) -> DocumentVectors | None:
        if self.documents is None:
            return None
        D, count = self.config.vector_size, self.documents.count
        rows = self.tables.W_in[len(self.tables.W_in) - count :, :D]
        nodes = None if self.targets.outputs_are_words else self.tables.W_out[:, :D]
        return DocumentVectors(self.documents.tags, rows, settings_of(self.config), nodes)

    def _subwords(self) -> Subwords | None:
        if not self.config.ngrams:
            return None
        V, W_in = len(self.encoded.vocabulary), self.tables.W_in[:, : self.config.vector_size]
        buckets, ngrams = self.config.buckets, W_in[V : V + len(self.buckets)]
        return Subwords(*self.config.ngrams, buckets, self.buckets, ngrams, W_in[:V])


def first_size(targets: int, config: TrainConfig, threads: int) -> int:
    """Tokens to train until the first event: about a tenth of a second on a slow machine."""
    cost = 2 * config.window * targets * max(config.vector_size, 16)  # scalar products of a token
    return max(int(2e8 / cost), SMALLEST) * threads


def next_size(size: int, seconds: float, threads: int) -> int:
    """Tokens to train until the next event, from the time that the last ``size`` took."""
    return max(int(size * min(max(BETWEEN / max(seconds, 1e-9), 0.25), 4)), SMALLEST * threads)
