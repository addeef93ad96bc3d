"""Lockstep: the same seed gives the same bytes, on any number of threads
(``kernels.train.lockstep`` says how).
"""

import threading
import time
from collections.abc import Callable

import numpy as np

from fastw2v.cores import available_cores
from fastw2v.equations.counts import keep_probability
from fastw2v.errors import TrainingError
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.train.lockstep import train_slices
from fastw2v.kernels.train.state import GROUPS_PLANNED, Rate, Run, allocate_workspace, group_size
from fastw2v.training.objectives import inputs_of
from fastw2v.training.setup import Statistics, TrainerSetup

TRIAL_INTERVAL = 4  # in every fourth chunk another number of threads is tried, ...
TRIAL_SHARE = 32  # ... for a 32nd of it
RELEASE = 1 << 62  # more workers than will ever wait at a barrier


class LockstepTrainer:
    """Trains tables on an encoded corpus, in chunks that start at multiples of ``step`` positions.

    There are at most as many threads as cores, since they wait for one another, and as slices of
    the dimensions. Their number makes no difference to the result, so it may change from chunk to
    chunk.
    """

    def __init__(self, setup: TrainerSetup) -> None:
        self.setup = setup
        group = group_size(setup.kernel_config, _positions_together(setup))
        self.step = GROUPS_PLANNED * group
        threads = min(setup.config.thread_count, available_cores()) if JIT else 1
        self._tables = setup.tables
        if setup.kernel_config.ring:
            self._tables = setup.tables._replace(W_in=setup.tables.memory_in)
        self._workspace = allocate_workspace(
            threads, setup.kernel_config, setup.tables, aligned_zeros, group
        )
        self.threads = min(threads, len(self._workspace.slices) - 1)
        self._seconds: dict[int, float] = {}  # for a position, by number of threads
        self._chunks = 0

    def train(self, epoch: int, start: int, stop: int, rate: Rate) -> Statistics:
        """Train positions start ... stop - 1 of an epoch, counted from 0.

        One thread trains alone while the cores have so much else to do that this is faster.
        """
        setup = self.setup
        config = setup.kernel_config
        run = Run(
            self._tables,
            setup.draws(epoch),
            config,
            rate,
            setup.tall,
            setup.wide,
            composed_begin=config.composed_begin,
        )
        self._workspace.totals[:] = 0
        self._chunks += 1
        first = start
        if self.threads > 1 and self._chunks % TRIAL_INTERVAL == 0:
            first = min(start + (stop - start) // TRIAL_SHARE // self.step * self.step, stop)
            self._train(start, first, run, 1 if self._faster() > 1 else self.threads)
        self._train(first, stop, run, self._faster())
        return Statistics(*self._workspace.totals[0, :3].tolist())

    def _faster(self) -> int:
        """All threads, or 1, whichever took less time for a position when it was last tried."""
        return (
            1 if self._seconds.get(1, np.inf) < self._seconds.get(self.threads, 0) else self.threads
        )

    def _train(self, start: int, stop: int, run: Run, workers: int) -> None:
        def train(worker: int) -> None:
            train_slices(self.setup.encoded.ids, start, stop, run, self._workspace, worker, workers)

        self._workspace.counter[:] = 0
        began = time.perf_counter()
        run_together(workers, train, lambda: self._workspace.counter.fill(RELEASE))
        if stop > start:
            self._seconds[workers] = (time.perf_counter() - began) / (stop - start)


def _positions_together(setup: TrainerSetup) -> float:
    """How many positions may move rows by scores of the same time: the row that is updated most
    often about once, and inputs not too far.
    """
    counts, targets, config = setup.encoded.vocabulary.counts, setup.targets, setup.config
    kept = np.maximum(counts * np.minimum(keep_probability(counts, config.sample), 1), 1e-9)
    moving_inputs = inputs_of(config).centres_together(targets.count(setup.tables))
    return min(1 / targets.busiest_row(setup.tables, kept), moving_inputs)


def run_together(
    workers: int, work: Callable[[int], None], give_up: Callable[[], None] = lambda: None
) -> None:
    """Call work(0), work(1) ... each in its own thread, once all threads have started.

    It returns, or raises, when all have ended, also after an interrupt. ``give_up`` is called when
    one has raised; it should release workers that wait for that one.
    """
    if workers == 1:
        work(0)
        return
    go, all_there = threading.Event(), False
    errors: list[BaseException] = []
    ended = [threading.Event() for _ in range(workers)]

    def begin(worker: int) -> None:
        go.wait()
        try:
            if all_there:
                work(worker)
        except BaseException as error:
            errors.append(error)
            give_up()
        finally:
            ended[worker].set()

    threads = [
        threading.Thread(target=begin, args=(worker,), daemon=True) for worker in range(workers)
    ]
    try:
        for thread in threads:
            thread.start()
        all_there = True
    except RuntimeError as error:
        errors.append(
            TrainingError(
                f"no further thread can be started: {error}; lower threads", options=("threads",)
            )
        )
    finally:
        _wait(go, [event for event, thread in zip(ended, threads, strict=True) if thread.ident])
    if errors:
        raise errors[0]


def _wait(go: threading.Event, events: list[threading.Event]) -> None:
    """Start the threads and wait for their ends; raise an interrupt only then."""
    interrupt = None
    while True:
        try:
            go.set()
            for event in events:
                event.wait()
            break
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt:
        raise interrupt
