"""Lockstep: the same seed gives the same bytes, on any number of threads (``kernels.lockstep`` says how)."""

import threading
import time

import numpy as np

from fastw2v.config import available_cores
from fastw2v.equations.counts import keep_probability
from fastw2v.errors import TrainingError
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.lockstep import train_share
from fastw2v.kernels.room import GROUPS, group_size, scratch
from fastw2v.training.hogwild import Hogwild
from fastw2v.training.state import aligned

TRIED = 4  # in every fourth stretch one thread alone is tried, or all, ...
PART = 32  # ... for this part of it
EVERYBODY = 1 << 62  # more workers than will ever have arrived anywhere


class Deterministic(Hogwild):
    """Trains tables on an encoded corpus, stretches that begin at whole numbers of ``step`` positions.

    Threads are at most as many as there are cores, since they wait for one another, and slices of the dimensions. How many
    there are makes no difference to the result, so it may change as it goes.
    """

    def make_room(self):
        """Room for as many workers as there is work for."""
        group = group_size(self.shape, self.busiest())
        self.step, self.threads = GROUPS * group, 1
        self.paces, self.chunks = {}, 0  # seconds for a position, by threads
        slices = len(scratch(1, self.shape, self.tables, aligned, group).slices) - 1
        if JIT:
            self.threads = min(self.config.thread_count, available_cores(), slices)
        self.scratch = scratch(self.threads, self.shape, self.tables, aligned, group)

    def busiest(self):
        """The share of the centres that move the row which is moved most often: its errors would be out of date."""
        if self.config.loss != "ns":
            return 1.0  # the root, or every row
        counts = self.encoded.vocabulary.counts
        kept = np.maximum(counts * np.minimum(keep_probability(counts, self.config.sample), 1), 1e-9)
        rows = kept
        if len(self.tables.bags):
            rows = np.bincount(self.tables.bags, np.repeat(kept, np.diff(self.tables.bag_starts)))
        return float(min(rows.max() / kept.sum(), 1))

    def train_chunk(self, start, stop, draws, rate):
        """All threads on their dimensions; or one alone while the cores have so much else to do that it is faster."""
        self.chunks += 1
        first = start
        if self.threads > 1 and self.chunks % TRIED == 0:
            first = min(start + (stop - start) // PART // self.step * self.step, stop)
            self._train(start, first, draws, rate, 1 if self.faster > 1 else self.threads)
        self._train(first, stop, draws, rate, self.faster)

    @property
    def faster(self):
        """All threads, or 1, whichever took less time for a position when it was last tried."""
        return 1 if self.paces.get(1, np.inf) < self.paces.get(self.threads, 0) else self.threads

    def _train(self, start, stop, draws, rate, workers):
        def share(worker):
            train_share(
                self.ids, start, stop, self.tables, draws, self.shape, rate, self.scratch, worker, workers, self.tall, self.wide
            )

        self.scratch.queue[:] = 0
        began = time.perf_counter()
        run_together(workers, share, self._let_all_go)
        if stop > start:
            self.paces[workers] = (time.perf_counter() - began) / (stop - start)

    def _let_all_go(self):
        self.scratch.queue[0] = EVERYBODY

    def totals(self):
        """Pairs, their loss, and the pairs whose loss it is, as the first worker counted them."""
        return self.scratch.totals[0, :3]


def make_trainer(encoded, config, tables):
    """The trainer that a configuration asks for."""
    return (Deterministic if config.deterministic else Hogwild)(encoded, config, tables)


def run_together(workers, work, give_up=lambda: None):
    """Call work(0), work(1) ... each in a thread of its own, none before all are there.

    It returns, or raises, when all have ended: an interrupt waits for them. ``give_up`` is called when one has raised, for
    the others not to wait for it.
    """
    if workers == 1:
        work(0)
        return
    go, all_there, errors = threading.Event(), False, []
    ended = [threading.Event() for _ in range(workers)]

    def begin(worker):
        go.wait()
        try:
            if all_there:
                work(worker)
        except BaseException as error:
            errors.append(error)
            give_up()
        finally:
            ended[worker].set()

    threads = [threading.Thread(target=begin, args=(worker,), daemon=True) for worker in range(workers)]
    try:
        for thread in threads:
            thread.start()
        all_there = True
    except RuntimeError as error:
        errors.append(TrainingError(f"no further thread can be started: {error}; give fewer --threads"))
    finally:
        _wait(go, [event for event, thread in zip(ended, threads, strict=True) if thread.ident])
    if errors:
        raise errors[0]


def _wait(go, events):
    """Let them go, and wait for all; what interrupts this is raised then."""
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
