"""Hogwild: all workers train batches of positions on the same tables, without locks."""

import numpy as np

from fastw2v.kernels.jit import driver, kernel, leaf, prange
from fastw2v.kernels.simd.barrier import next_number
from fastw2v.kernels.simd.rows import prefetch_row
from fastw2v.kernels.train.block import all_lanes, block_at, train_block
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
from fastw2v.kernels.train.private import copy_shared, merge_all, merge_due, rows_of_worker
from fastw2v.kernels.train.state import LOSS, NEGATIVES, PATH, PREFETCH_CENTRES, SLOTS, Run


@leaf
def prefetch_centre(run, ws, slot):
    """Prefetch the rows of a centre that those before it did not need: its target, and the inputs
    that come into sight.
    """
    centre, lanes = ws.centres[slot], all_lanes(run.tables.W_in)
    prefetch_inputs(centre, run, ws, lanes)
    if run.config.target_kind == NEGATIVES:
        prefetch_row(run.tables.W_out, np.int64(ws.targets[slot, 0, 0]), lanes)
        first = noise_begin(centre.position, run.config)
        prefetch_noise(ws.noise, ws.cursor, first, run.config, run.tables.W_out, lanes)
    elif run.config.target_kind == PATH and centre.blocks:
        prefetch_targets(run.tables.W_out, ws.targets[slot, 0], ws.blocks[slot, 0].targets, lanes)


@leaf
def train_centre(run, ws, slot):
    """Train the blocks of a planned centre."""
    centre = ws.centres[slot]
    lr, with_loss = rate_at(run.rate, centre.position, run.tables.W_in), centre.with_loss != 0
    if run.config.ring:
        move_sight(centre.first, centre.stop, run, ws, all_lanes(run.tables.W_in))
    for number in range(centre.blocks):
        ws.totals[LOSS] += train_block(block_at(run, ws, slot, number), lr, with_loss, run, ws)
    count_pairs(centre, run.config, ws.totals)
    merge_due(run, ws)


@kernel
def train_batch(tokens, start, stop, run, ws):
    """Train every centre at a position in start ... stop - 1, each with its whole window.

    A centre is planned, and its rows are prefetched, PREFETCH_CENTRES before its turn.
    """
    begin_noise(ws.cursor, stop, run.config)
    begin_span(ws)
    pos, token = start, 0
    while pos < stop:
        line = keep_line(tokens, pos, start, stop, token, run, ws)
        for planned in range(line.first, line.stop + PREFETCH_CENTRES):
            if planned < line.stop:
                plan_centre(line, planned, run, ws, planned % SLOTS)
                prefetch_centre(run, ws, planned % SLOTS)
            centre = planned - PREFETCH_CENTRES
            if centre >= line.first:
                train_centre(run, ws, centre % SLOTS)
        pos, token = line.next, token + line.end - line.begin
    if run.config.ring:
        end_span(run, ws, all_lanes(run.tables.W_in))


@driver
def train_chunk(
    tokens,
    start,
    stop,
    batch_size,
    tables,
    draws,
    config,
    rate,
    tall,
    wide,
    private_in,
    private_out,
    workspace,
):
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
        composed = config.composed + 2 * config.ring * worker
        run = Run(tables, draws, config, rate, tall, wide, own_in, own_out, composed)
        ws = of_worker(workspace, worker)
        copy_shared(tables.W_in, own_in)
        copy_shared(tables.W_out, own_out)
        batch = next_number(workspace.counter)
        while batch < batches:
            begin = start + batch * batch_size
            train_batch(tokens, begin, min(begin + batch_size, stop), run, ws)
            batch = next_number(workspace.counter)
        merge_all(run, ws)
