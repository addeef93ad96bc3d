"""Private copies of hot rows: row numbers, and merging without a lost update."""

import threading

import numpy as np
import pytest

from fastw2v.kernels.jit import JIT, kernel
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.train.private import (
    OwnRows,
    PrivateRows,
    copy_shared,
    map_rows,
    merge_rows,
    own_row,
    rows_of_worker,
)

ROWS, COUNT, WORKERS = 10, 3, 4
STEPS = 20_000 if JIT else 20


def make_table(rng):
    """A table of ROWS rows with the copies of all workers behind them, and the workers' rows."""
    table = aligned_zeros((ROWS + 2 * COUNT * WORKERS, 16), np.float64)
    table[:ROWS] = rng.integers(-9, 9, (ROWS, 16))
    private = PrivateRows(COUNT, ROWS)
    return table, [rows_of_worker(private, worker) for worker in range(WORKERS)]


@kernel
def add_and_merge(table, own, locks, steps):
    for _ in range(steps):
        for row in range(own.count):
            for d in range(table.shape[1]):
                table[own_row(row, own), d] += 1
        merge_rows(table, own, own.count, locks)


@kernel
def begin(table, own):
    copy_shared(table, own)


@kernel
def merge(table, own, hottest, locks):
    merge_rows(table, own, hottest, locks)


@kernel
def mapped(rows, first, stop, own, out):
    map_rows(rows, first, stop, own, out)


def test_rows_of_workers_are_apart_and_behind_the_table(rng):
    table, workers = make_table(rng)
    rows = [own_row(row, own) + part for own in workers for part in (0, COUNT) for row in range(3)]
    assert sorted(rows) == list(range(ROWS, len(table)))


@pytest.mark.parametrize("own", [OwnRows(), OwnRows(3, 10), OwnRows(3, 28), OwnRows(10, 10)])
def test_map_rows_replaces_the_rows_that_have_copies(own):
    rows, out = np.arange(10, dtype=np.int32), np.full(10, -1, np.int32)
    mapped(rows, 1, 9, own, out)
    expected = np.where(rows < own.count, rows + own.shift, rows)
    np.testing.assert_array_equal(out, [-1, *expected[1:9], -1])


def test_merge_rows_adds_the_changes_of_every_worker_and_copies_the_sum(rng):
    table, workers = make_table(rng)
    before, locks = table[:ROWS].copy(), np.zeros(COUNT, np.int64)
    for own in workers:
        begin(table, own)
    changes = rng.integers(-9, 9, (WORKERS, COUNT, 16))
    for own, change in zip(workers, changes, strict=True):
        table[own.shift : own.shift + COUNT] += change
    for own in workers:
        merge(table, own, 2, locks)
    expected = before.copy()
    expected[:2] += changes[:, :2].sum(axis=0)
    np.testing.assert_array_equal(table[:ROWS], expected)
    last = workers[-1].shift
    np.testing.assert_array_equal(table[last : last + 2], expected[:2])
    np.testing.assert_array_equal(table[last + 2], before[2] + changes[-1, 2])
    assert not locks.any()


def test_merge_rows_on_many_threads_loses_no_update(rng):
    table, workers = make_table(rng)
    before, locks = table[:ROWS].copy(), np.zeros(COUNT, np.int64)
    for own in workers:
        begin(table, own)
    add_and_merge(table, workers[0], locks, 0)
    threads = [
        threading.Thread(target=add_and_merge, args=(table, own, locks, STEPS)) for own in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(table[:COUNT], before[:COUNT] + WORKERS * STEPS)
    np.testing.assert_array_equal(table[COUNT:ROWS], before[COUNT:])
