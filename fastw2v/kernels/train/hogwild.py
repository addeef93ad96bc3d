"""Hogwild: all workers train batches of positions on the same tables, without locks."""

import numpy as np

from fastw2v.kernels.annotations import Array, Tag
from fastw2v.kernels.jit import driver, kernel, leaf, prange
from fastw2v.kernels.simd.barrier import next_number
from fastw2v.kernels.simd.rows import prefetch_row
from fastw2v.kernels.train.block import (
    Block,
    all_lanes,
    block_at,
    put_block_errors,
    score_block,
    sides_to_update,
    update_block,
)
from fastw2v.kernels.train.composed import begin_span, end_span, move_sight
from fastw2v.kernels.train.negatives import begin_noise, noise_begin, prefetch_noise
from fastw2v.kernels.train.plan import (
    count_pairs,
    keep_line,
    of_worker,
    plan_centre,
    prefetch_inputs,
    prefetch_targets,
    rate_at,
)
from fastw2v.kernels.train.private import (
    PrivateRows,
    copy_shared,
    merge_all,
    merge_due,
    rows_of_worker,
)
from fastw2v.kernels.train.state import (
    LOSS,
    NEGATIVES,
    PATH,
    PREFETCH_CENTRES,
    SLOTS,
    Draws,
    KernelConfig,
    Rate,
    Run,
    Tables,
    Workspace,
)


@leaf
def prefetch_centre(run: Run, ws: Workspace, slot: int) -> None:
    """Prefetch rows of a centre that those before it did not need: the inputs that come into sight,
    the target, and the first half of the other targets.

    A core can wait for about 20 cache lines at a time, and stops if it is asked for more. So the
    second half is prefetched later (``train_block``).
    """
    lanes = all_lanes(run.tables.W_in)
    prefetch_inputs(ws.centres[slot], run, ws, lanes)
    if run.config.target_kind == NEGATIVES:
        prefetch_row(run.tables.W_out, np.int64(ws.targets[slot, 0, 0]), lanes)
    prefetch_half(run, ws, slot, 0)


@leaf
def prefetch_half(run: Run, ws: Workspace, slot: int, half: int) -> None:
    """Prefetch half 0 or 1 of the negatives, or of the path, of a centre."""
    centre, lanes = ws.centres[slot], all_lanes(run.tables.W_out)
    if run.config.target_kind == NEGATIVES:
        start = noise_begin(centre.position, run.config)
        stop = start + run.config.negative + run.config.pool
        if half == 0:
            stop -= (run.config.negative + 1) // 2
        prefetch_noise(ws.noise, ws.cursor, start, stop, run.tables.W_out, lanes)
    elif run.config.target_kind == PATH and centre.blocks:
        T = ws.blocks[slot, 0].target_count
        first, stop = T * half // 2, T * (half + 1) // 2
        prefetch_targets(run.tables.W_out, ws.targets[slot, 0], first, stop, lanes)


@leaf
def train_block(
    block: Block, rate: float, with_loss: bool, run: Run, ws: Workspace, ahead: int
) -> float:
    """Train one Block from tables to tables; returns its loss if asked for, else 0.

    ahead : the slot of a planned centre whose second half of targets is prefetched meanwhile, or
        -1.
    """
    lanes = all_lanes(run.tables.W_in)
    sides = sides_to_update(block, run, ws, lanes)
    score_block(sides, block.n, block.T, lanes, ws.scores, run.tall, run.wide)
    if ahead >= 0:
        prefetch_half(run, ws, ahead, 1)
    loss = put_block_errors(block, ws.scores, rate, with_loss, sides.repeated, run, ws.errors)
    update_block(block, sides, lanes, run, ws)
    return loss


@leaf
def train_centre(run: Run, ws: Workspace, slot: int, ahead: int) -> None:
    """Train the blocks of a planned centre; ahead : see ``train_block``."""
    centre = ws.centres[slot]
    lr, with_loss = rate_at(run.rate, centre.position, run.tables.W_in), centre.with_loss != 0
    if run.config.ring:
        move_sight(centre.first_seen, centre.stop_seen, run, ws, all_lanes(run.tables.W_in))
    for number in range(centre.blocks):
        block = block_at(run, ws, slot, number)
        ws.totals[LOSS] += train_block(
            block, lr, with_loss, run, ws, ahead if number == 0 else np.int64(-1)
        )
    count_pairs(centre, run.config, ws.totals)
    merge_due(run, ws)


@kernel
def train_batch(tokens: Array, start: int, stop: int, run: Run, ws: Workspace) -> None:
    """Train every centre at a position in start ... stop - 1, each with its whole window.

    A centre is planned, and its rows are prefetched, PREFETCH_CENTRES before its turn.
    """
    begin_noise(ws.cursor, stop, run.config)
    begin_span(ws)
    pos, ordinal = start, 0
    while pos < stop:
        line = keep_line(tokens, pos, start, stop, ordinal, run, ws)
        for planned in range(line.first, line.stop + PREFETCH_CENTRES):
            slot, centre = planned % SLOTS, planned - PREFETCH_CENTRES
            if planned < line.stop:
                plan_centre(line, planned, run, ws, slot)
                prefetch_centre(run, ws, slot)
            else:
                slot = np.int64(-1)
            if centre >= line.first:
                train_centre(run, ws, centre % SLOTS, slot)
            elif slot >= 0:
                prefetch_half(run, ws, slot, 1)
        pos, ordinal = line.next, ordinal + line.end - line.begin
    if run.config.ring:
        end_span(run, ws, all_lanes(run.tables.W_in))


@driver
def train_chunk(
    tokens: Array,
    start: int,
    stop: int,
    batch_size: int,
    tables: Tables,
    draws: Draws,
    config: KernelConfig,
    rate: Rate,
    tall: Tag,
    wide: Tag,
    private_in: PrivateRows,
    private_out: PrivateRows,
    workspace: Workspace,
) -> None:
    """Train positions start ... stop - 1 of the encoded corpus, in batches that idle workers take
    in turn.

    tokens : int32 [N], -1 at line ends;  batch_size : positions, BATCH_TOKENS at most;
        tables : changed in place;
    private_in, private_out : the PrivateRows of W_in and W_out;
    workspace : of all workers, its counter 0; pairs and losses are added to its totals.
    (More than eight parameters: a ``prange`` loop cannot read the nested tuples of a Run from
    outside.)
    """
    batches = -(-(stop - start) // batch_size)
    for each in prange(len(workspace.totals)):
        # prange counts in uint64, for which everything below would be compiled once more
        worker = np.int64(each)
        own_in, own_out = rows_of_worker(private_in, worker), rows_of_worker(private_out, worker)
        composed_begin = config.composed_begin + 2 * config.ring * worker
        run = Run(tables, draws, config, rate, tall, wide, own_in, own_out, composed_begin)
        ws = of_worker(workspace, worker)
        copy_shared(tables.W_in, own_in)
        copy_shared(tables.W_out, own_out)
        batch = next_number(workspace.counter)
        while batch < batches:
            begin = start + batch * batch_size
            train_batch(tokens, begin, min(begin + batch_size, stop), run, ws)
            batch = next_number(workspace.counter)
        merge_all(run, ws)
