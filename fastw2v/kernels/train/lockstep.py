"""Lockstep: all workers train the same centres, each its own dimensions; the same bytes on any
number of threads.

The corpus is taken in groups of positions. All scores of a group come from the tables as they were
before it; then its blocks move their rows one after the other. A worker owns some slices of the
dimensions of every row, which no other worker reads or writes, so they wait for one another only
for the scores. Scores are summed over fixed slices of the dimensions, which do not depend on the
owners, and these sums are added in one order. Every worker plans for itself: reading what another
core has planned, a cache line at a time, takes longer.
"""

import numpy as np

from fastw2v.kernels.annotations import Array, Lanes
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.simd.barrier import wait
from fastw2v.kernels.simd.registers import LINE
from fastw2v.kernels.simd.rows import prefetch_to_read
from fastw2v.kernels.train.block import (
    block_at,
    put_block_errors,
    score_block,
    sides_to_score,
    sides_to_update,
    update_block,
)
from fastw2v.kernels.train.composed import begin_span, end_span, move_sight
from fastw2v.kernels.train.negatives import begin_noise
from fastw2v.kernels.train.plan import (
    count_pairs,
    keep_line,
    of_worker,
    plan_centre,
    prefetch_inputs,
    prefetch_targets,
    rate_at,
)
from fastw2v.kernels.train.state import GROUPS_PLANNED, LOSS, NEGATIVES, VOCABULARY, Run, Workspace

PREFETCH_SLOTS = 3  # positions between the one whose rows are prefetched and the one that is scored


@leaf
def plan_positions(tokens: Array, start: int, stop: int, run: Run, ws: Workspace) -> None:
    """Plan every centre at a position in start ... stop - 1, each into the slot of its position."""
    for slot in range(stop - start):
        ws.centres[slot].blocks = ws.centres[slot].inputs = 0
    begin_noise(ws.cursor, stop, run.config)
    begin_span(ws)
    pos, ordinal = start, 0
    while pos < stop:
        line = keep_line(tokens, pos, start, stop, ordinal, run, ws)
        for centre in range(line.first, line.stop):
            plan_centre(line, centre, run, ws, ws.positions[centre] - start)
        pos, ordinal = line.next, ordinal + line.end - line.begin


@leaf
def prefetch_slot(run: Run, ws: Workspace, slot: int, lanes: Lanes) -> None:
    """Prefetch the rows of a planned centre, lane groups ``lanes`` of them."""
    centre, kind = ws.centres[slot], run.config.target_kind
    if centre.blocks and kind != VOCABULARY:
        prefetch_inputs(centre, run, ws, lanes)
        for number in range(centre.blocks if kind == NEGATIVES else 1):
            block = ws.blocks[slot, number]
            T = run.config.negative + 1 if kind == NEGATIVES else block.target_count
            prefetch_targets(run.tables.W_out, ws.targets[slot, block.target_list], 0, T, lanes)


@leaf
def move_group_sight(slot: int, stop: int, run: Run, ws: Workspace, lanes: Lanes) -> None:
    """Compose the words that centres in slots slot ... stop - 1 can see."""
    first, last = 0, 0
    for each in range(slot, stop):
        if ws.centres[each].blocks:
            if not last:
                first = ws.centres[each].first_seen
            last = ws.centres[each].stop_seen
    if last:
        move_sight(first, last, run, ws, lanes)


@leaf
def score_group(
    slot: int, stop: int, run: Run, ws: Workspace, sums: Array, owned: tuple[int, int]
) -> int:
    """Write the scores of the centres in slots slot ... stop - 1: their sums over each slice that a
    worker owns.

    sums [S, n];  owned : its slices, (first, stop). Returns how many scores there are.
    """
    slices, at = ws.slices, 0
    lanes = slices[owned[0]], slices[owned[1]]
    for each in range(slot, stop):
        prefetch_slot(run, ws, min(each + PREFETCH_SLOTS, len(ws.blocks) - 1), lanes)
        for number in range(ws.centres[each].blocks):
            block = block_at(run, ws, each, number)
            sides = sides_to_score(block, run, ws, lanes)
            for k in range(owned[0], owned[1]):
                score_block(
                    sides,
                    block.n,
                    block.T,
                    (slices[k], slices[k + 1]),
                    sums[k, at:],
                    run.tall,
                    run.wide,
                )
            ws.blocks[each, number].scores = at
            at += block.n * block.T
    return at


@leaf
def add_pairs(sums: Array, owned: tuple[int, int], count: int) -> None:
    """Add the sums of every second slice to those of the one before: [S, n], as far as a worker
    owns them.
    """
    for k in range(owned[0], owned[1] - 1, 2):
        for j in range(count):
            sums[k, j] += sums[k + 1, j]


@leaf
def prefetch_sums(sums: Array, owned: tuple[int, int], count: int, grain: int) -> None:
    """Prefetch all sums of other workers at once."""
    for k in range(0, len(sums), grain):
        if k < owned[0] or k >= owned[1]:
            for line in range(-(-count * sums.itemsize // LINE)):
                prefetch_to_read(sums, np.int64(k), line)


@leaf
def add_slices(sums: Array, count: int, grain: int, scores: Array) -> None:
    """Add the sums over the slices [S, n], pairs first: scores[:count] from sums[:, :count].

    grain : 2 if the pairs are added already, 1 if they are not.
    """
    for j in range(count):
        scores[j] = 0
    for k in range(0, len(sums), 2):
        if grain == 2 or k + 1 == len(sums):
            for j in range(count):
                scores[j] += sums[k, j]
        else:
            for j in range(count):
                scores[j] += sums[k, j] + sums[k + 1, j]


@leaf
def update_group(
    slot: int, stop: int, run: Run, ws: Workspace, lanes: Lanes, counts_loss: bool
) -> None:
    """Move the rows of all blocks of a group one after the other, lane groups ``lanes`` of them, by
    their scores' errors.
    """
    for each in range(slot, stop):
        centre = ws.centres[each]
        if centre.blocks:
            lr, with_loss = (
                rate_at(run.rate, centre.position, run.tables.W_in),
                counts_loss and centre.with_loss != 0,
            )
            for number in range(centre.blocks):
                block = block_at(run, ws, each, number)
                sides = sides_to_update(block, run, ws, lanes)
                scores = ws.scores[ws.blocks[each, number].scores :]
                ws.totals[LOSS] += put_block_errors(
                    block, scores, lr, with_loss, sides.repeated, run, ws.errors
                )
                update_block(block, sides, lanes, run, ws)
            count_pairs(centre, run.config, ws.totals)


@leaf
def first_slice(S: int, grain: int, worker: int, workers: int) -> int:
    """The first of S slices that a worker owns, in pairs where there are enough."""
    return min(-(-S // grain) * worker // workers * grain, S)


@kernel
def train_slices(
    tokens: Array, start: int, stop: int, run: Run, workspace: Workspace, worker: int, workers: int
) -> None:
    """Train a worker's dimensions on positions start ... stop - 1, together with all other workers,
    each in its own thread.

    workspace : of all workers, its counter 0 before the first of them begins; the first worker
        adds pairs and losses to its totals.

    Chunks begin at multiples of the number of slots, or results depend on where they begin.
    """
    ws = of_worker(workspace, worker)
    slots, S = len(ws.blocks), len(ws.slices) - 1
    group_size, goal, buffer = slots // GROUPS_PLANNED, 0, 0
    grain = 2 if workers <= -(-S // 2) else 1
    owned = first_slice(S, grain, worker, workers), first_slice(S, grain, worker + 1, workers)
    lanes = ws.slices[owned[0]], ws.slices[owned[1]]
    for begin in range(start, stop, slots):
        end = min(begin + slots, stop)
        plan_positions(tokens, begin, end, run, ws)
        for slot in range(0, end - begin, group_size):
            group_stop = min(slot + group_size, end - begin)
            # two buffers: a worker may still read one while another writes the next group's
            sums = ws.sums[buffer]
            if run.config.ring:
                move_group_sight(slot, group_stop, run, ws, lanes)
            count = score_group(slot, group_stop, run, ws, sums, owned)
            if grain == 2:
                add_pairs(sums, owned, count)
            goal += workers
            wait(ws.counter, goal)
            prefetch_sums(sums, owned, count, grain)
            add_slices(sums, count, grain, ws.scores)
            update_group(slot, group_stop, run, ws, lanes, worker == 0)
            buffer = 1 - buffer
        if run.config.ring:
            end_span(run, ws, lanes)
