"""Private copies of the rows that are updated most often, one for each Hogwild worker.

Threads that write to the same row take its cache lines from one another, which costs more than the
arithmetic. So each worker trains copies of its own of the hottest rows. They are behind the rows of
the table. A row number is mapped to its copy once, when it is written to the workspace; the other
kernels do not distinguish copies from rows of the table. Every few centres a worker merges: it adds
what it has changed to the shared row, and takes the shared row back. The hotter a row is, the more
often it is merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.barrier import lock, unlock
from fastw2v.kernels.simd.rows import add_to_rows, lane_groups, put_tile, tile_of
from fastw2v.kernels.simd.tiles import add_scaled, filled

if TYPE_CHECKING:
    from fastw2v.kernels.annotations import Array
    from fastw2v.kernels.train.state import Run, Workspace

MERGE_CENTRES = 16  # centres after which the hottest rows are merged
LEVELS = 8  # rows of level k are merged every MERGE_CENTRES << k centres


class PrivateRows(NamedTuple):
    """Which rows of a table have copies: the first ``count``, the hottest first.

    copies : the row where the copies begin: of each worker ``count`` rows that it trains, and
        ``count`` rows as they were when it last merged them.
    """

    count: int = 0  # type: ignore[assignment]  # no tuple whose items are counted
    copies: int = 0


class OwnRows(NamedTuple):
    """The copies of one worker: row r < count has its copy at r + shift."""

    count: int = 0  # type: ignore[assignment]  # no tuple whose items are counted
    shift: int = 0


@leaf
def rows_of_worker(private: PrivateRows, worker: int) -> OwnRows:
    """The OwnRows of a worker."""
    return OwnRows(private.count, private.copies + 2 * private.count * worker)


@leaf
def own_row(row: int, own: OwnRows) -> int:
    """The row that a worker trains for a row of the table."""
    return row + own.shift if row < own.count else row


@leaf
def map_rows(rows: Array, first: int, stop: int, own: OwnRows, out: Array) -> None:
    """Write the rows that a worker trains for rows[first:stop] to out[first:stop]."""
    for i in range(first, stop):
        out[i] = own_row(rows[i], own)


@leaf
def copy_shared(table: Array, own: OwnRows) -> None:
    """Copy the shared rows to those of a worker."""
    for row in range(own.count):
        for lane in range(lane_groups(table)):
            x = tile_of(table, (row,), lane)
            put_tile(table, (row + own.shift,), lane, x)
            put_tile(table, (row + own.shift + own.count,), lane, x)


@leaf
def merge_rows(table: Array, own: OwnRows, hottest: int, locks: Array) -> None:
    """Add what a worker has changed to the shared rows, ``hottest`` of them, and copy them.

    locks : int64, one for each row.
    """
    for row in range(hottest):
        lock(locks, row)
        for lane in range(lane_groups(table)):
            before = tile_of(table, (row + own.shift + own.count,), lane)
            delta = tile_of(table, (row + own.shift,), lane)
            delta = add_scaled(delta, filled(table, -1.0), before)
            add_to_rows(table, (row,), lane, delta)
            x = tile_of(table, (row,), lane)
            put_tile(table, (row + own.shift,), lane, x)
            put_tile(table, (row + own.shift + own.count,), lane, x)
        unlock(locks, row)


@leaf
def merge_due(run: Run, ws: Workspace) -> None:
    """Count a trained centre, and merge the rows of both tables that are due after it."""
    ws.trained[0] += 1
    trained = ws.trained[0]
    if trained % MERGE_CENTRES == 0:
        level, turns = 0, trained // MERGE_CENTRES
        while level < LEVELS - 1 and turns & 1 == 0:
            level, turns = level + 1, turns >> 1
        merge_rows(run.tables.W_in, run.own_in, run.tables.due[0, level], ws.locks[0])
        merge_rows(run.tables.W_out, run.own_out, run.tables.due[1, level], ws.locks[1])


@leaf
def merge_all(run: Run, ws: Workspace) -> None:
    """Merge all rows of a worker."""
    merge_rows(run.tables.W_in, run.own_in, run.own_in.count, ws.locks[0])
    merge_rows(run.tables.W_out, run.own_out, run.own_out.count, ws.locks[1])
