"""Hogwild: all threads update the same tables without locks.

On one thread it is the reference, draw for draw.
"""

import threading

import numpy as np

from fastw2v.errors import TrainingError
from fastw2v.kernels.jit import running_on
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.numba_compat import available_threads, pool_was_lost
from fastw2v.kernels.train.composed import SPAN
from fastw2v.kernels.train.hogwild import train_chunk
from fastw2v.kernels.train.state import BATCH_TOKENS, Rate, allocate_workspace
from fastw2v.training.private import NO_PLAN, private_rows, spare_rows
from fastw2v.training.setup import Statistics, TrainerSetup

ONE_AT_A_TIME = threading.Lock()  # some of Numba's threading layers abort when entered twice
MIN_BATCH = 64  # positions


class HogwildTrainer:
    """Trains tables on an encoded corpus, any chunk of it at a time.

    step : positions that chunks, but for the last of an epoch, are a multiple of;  threads :
        how many are used.
    """

    def __init__(self, setup: TrainerSetup) -> None:
        self.setup = setup
        self.threads = available_threads(setup.config.thread_count)
        ring = setup.kernel_config.ring
        self.step = SPAN if ring else 1
        tables, private = setup.tables, private_rows(setup.tables.due, setup.tables)
        spare = (
            len(tables.memory_in) - len(tables.W_in),
            len(tables.memory_out) - len(tables.W_out),
        )
        copies = [spare_rows(rows, self.threads) for rows in private]
        if self.threads > 1 and copies[0] <= spare[0] and copies[1] <= spare[1]:
            self._private = private
            self._tables = tables._replace(W_in=tables.memory_in, W_out=tables.memory_out)
        else:
            self._private = NO_PLAN[:2]
            self._tables = tables._replace(due=NO_PLAN.due)
        if ring:
            self._tables = self._tables._replace(W_in=tables.memory_in)
        self._workspace = allocate_workspace(
            self.threads, setup.kernel_config, self._tables, aligned_zeros
        )

    def train(self, epoch: int, start: int, stop: int, rate: Rate) -> Statistics:
        """Train positions start ... stop - 1 of an epoch, counted from 0."""
        if pool_was_lost():
            raise TrainingError(
                "this process was forked from one that had trained, and cannot use its threads;"
                " start workers by multiprocessing.get_context('spawn'), or train with"
                " deterministic=True"
            )
        setup, workspace = self.setup, self._workspace
        workspace.totals[:], workspace.counter[:] = 0, 0
        batch = int(np.clip((stop - start) // (4 * self.threads), MIN_BATCH, BATCH_TOKENS))
        if setup.kernel_config.ring:
            batch = SPAN
        with ONE_AT_A_TIME, running_on(self.threads):
            train_chunk(
                setup.encoded.ids,
                start,
                stop,
                batch,
                self._tables,
                setup.draws(epoch),
                setup.kernel_config,
                rate,
                setup.tall,
                setup.wide,
                *self._private,
                workspace,
            )
        return Statistics(*workspace.totals[:, :3].sum(axis=0).tolist())
