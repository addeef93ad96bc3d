"""Lockstep: the same seed gives the same bytes, on any number of threads (``kernels.lockstep`` says how)."""

import threading

import numpy as np

from fastw2v.config import available_cores
from fastw2v.equations.counts import keep_probability
from fastw2v.errors import TrainingError
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.lockstep import train_share
from fastw2v.kernels.room import GROUPS, group_size, scratch
from fastw2v.training.hogwild import Hogwild
from fastw2v.training.state import aligned


class Deterministic(Hogwild):
    """Trains tables on an encoded corpus, stretches that begin at whole numbers of ``step`` positions.

    Threads are at most as many as there are cores, since they wait for one another, and slices of the dimensions.
    """

    def make_room(self):
        """Room for as many workers as there is work for."""
        group = group_size(self.shape, self.busiest())
        self.step, self.threads = GROUPS * group, 1
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
        """All threads on their dimensions."""
        room = self.scratch

        def share(worker):
            train_share(
                self.ids, start, stop, self.tables, draws, self.shape, rate, room, worker, self.threads, self.tall, self.wide
            )

        run_together(self.threads, share)

    def totals(self):
        """Pairs, their loss, and the pairs whose loss it is, as the first worker counted them."""
        return self.scratch.totals[0, :3]


def run_together(workers, work):
    """Call work(0), work(1) ... each in a thread of its own, none before all are there; an interrupt waits for them all."""
    if workers == 1:
        work(0)
        return
    gate, errors = threading.Barrier(workers), []

    def begin(worker):
        try:
            gate.wait()
            work(worker)
        except threading.BrokenBarrierError:  # one of them could not be started
            pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=begin, args=(worker,), daemon=True) for worker in range(workers)]
    begun = []
    try:
        for thread in threads:
            thread.start()
            begun.append(thread)
    except BaseException as error:
        gate.abort()
        if isinstance(error, RuntimeError):
            raise TrainingError(f"no further thread can be started: {error}; give fewer --threads") from error
        raise
    finally:
        for thread in begun:
            thread.join()
    if errors:
        raise errors[0]
