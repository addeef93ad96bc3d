"""Inference: vectors of new documents, by tables that stay as they are (Eq. 23 and 24).

Every document is trained by one worker from its first epoch to its last, with draws that are
functions of the place in the document: its vector depends on nothing else.
"""

import numpy as np

from fastw2v.kernels.annotations import Array, Tag
from fastw2v.kernels.jit import driver, kernel, leaf, prange
from fastw2v.kernels.simd.barrier import next_number
from fastw2v.kernels.simd.rows import put_tile, rows_at, tile_of
from fastw2v.kernels.simd.tiles import ONE, add_scaled, add_weighted, filled, spread, zero_tile
from fastw2v.kernels.train.block import (
    Sides,
    all_lanes,
    block_at,
    put_block_errors,
    score_block,
)
from fastw2v.kernels.train.negatives import begin_noise
from fastw2v.kernels.train.plan import keep_line, of_worker, plan_centre, rate_at
from fastw2v.kernels.train.private import OwnRows
from fastw2v.kernels.train.scores import score_index
from fastw2v.kernels.train.state import (
    BATCH_TOKENS,
    MEAN,
    Draws,
    KernelConfig,
    Rate,
    Run,
    Tables,
    Workspace,
)


@leaf
def put_input(words: Array, n: int, W_in: Array, documents: Array, number: int, X: Array) -> None:
    """Write the mean of n words of W_in and of a document to row 0 of X."""
    weight, lanes = filled(documents, 1 / (n + 1)), all_lanes(documents)
    for lane in range(lanes[0], lanes[1]):
        mean = zero_tile(documents, ONE, ONE)
        for i in range(n):
            x = tile_of(W_in, rows_at(words, i, ONE), lane)
            mean = add_scaled(mean, weight, x)
        x = tile_of(documents, (number,), lane)
        put_tile(X, (0,), lane, add_scaled(mean, weight, x))


@leaf
def move_document(
    documents: Array, number: int, W_out: Array, targets: Array, T: int, errors: Array, wide: Tag
) -> None:
    """Add the errors of T targets, times their rows of W_out, to a document."""
    lanes = all_lanes(documents)
    for lane in range(lanes[0], lanes[1]):
        x = tile_of(documents, (number,), lane)
        for k in range(T):
            y = tile_of(W_out, rows_at(targets, k, ONE), lane)
            x = add_weighted(x, spread(errors, score_index(0, k, 1, wide), ONE, ONE), y)
        put_tile(documents, (number,), lane, x)


@leaf
def infer_centre(documents: Array, number: int, run: Run, ws: Workspace) -> None:
    """Move a document by its gradient at the planned centre."""
    tables, centre = run.tables, ws.centres[0]
    for each in range(centre.blocks):
        block, rate = block_at(run, ws, 0, each), rate_at(run.rate, centre.position, documents)
        if run.config.input_kind == MEAN:
            rate = rate / documents.dtype.type(block.m)
        put_input(block.words, block.m - 1, tables.W_in, documents, number, ws.X)
        sides = Sides(ws.X, ws.iota, tables.W_out, block.targets, True)
        score_block(sides, 1, block.T, all_lanes(documents), ws.scores, run.tall, run.wide)
        put_block_errors(block, ws.scores, rate, False, True, run, ws.errors)
        move_document(documents, number, tables.W_out, block.targets, block.T, ws.errors, run.wide)


@kernel
def infer_epoch(tokens: Array, documents: Array, number: int, run: Run, ws: Workspace) -> None:
    """Train a document on its tokens once."""
    for start in range(0, len(tokens), BATCH_TOKENS):
        stop = min(start + BATCH_TOKENS, len(tokens))
        begin_noise(ws.cursor, stop, run.config)
        line = keep_line(tokens, start, start, stop, 0, run, ws)
        for centre in range(line.first, line.stop):
            plan_centre(line, centre, run, ws, 0)
            infer_centre(documents, number, run, ws)


@driver
def infer_all(
    tokens: Array,
    starts: Array,
    documents: Array,
    tables: Tables,
    limits: Array,
    noise: tuple[Array, ...],
    keys: Array,
    config: KernelConfig,
    rates: tuple[float, float],
    tall: Tag,
    wide: Tag,
    workspace: Workspace,
) -> None:
    """Train documents [n, padded], whose tokens are tokens[starts[d] : starts[d + 1]] (int32).

    tables : Tables with whole rows for words, and one entry in line_documents;  limits, noise,
    keys : as in Draws, keys uint64 [epochs, 2];  rates : the first and the last;  workspace : of
    all workers, its counter 0. (More than eight parameters: see ``hogwild.train_chunk``.)
    """
    for each in prange(len(workspace.totals)):
        none = OwnRows(0, 0)
        ws = of_worker(workspace, np.int64(each))
        number = next_number(workspace.counter)
        while number < len(documents):
            words = tokens[starts[number] : starts[number + 1]]
            positions = len(words) + 1  # and a line end, as in an encoded corpus
            slope = (rates[0] - rates[1]) / (len(keys) * positions)
            for epoch in range(len(keys)):
                draws = Draws(limits, noise[0], noise[1], keys[epoch, 0], keys[epoch, 1])
                rate = Rate(rates[0] - slope * (epoch * positions), slope, rates[1])
                run = Run(tables, draws, config, rate, tall, wide, none, none, 0)
                infer_epoch(words, documents, number, run, ws)
            number = next_number(workspace.counter)
