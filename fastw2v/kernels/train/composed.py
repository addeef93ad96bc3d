"""Composed rows: the mean of a word's own and its n-grams' rows (Eq. 20), made once for every kept
token, not once for every block.

A token is composed when it comes into sight, into a row behind those of W_in. Blocks train this row
as they train the row of a whole word. When the token goes out of sight, what its row has changed is
added to each of the rows that it was made of. So each of these is read once and written once for a
token, where a token is an input of 2 * window blocks. Kept tokens are counted from the beginning
of a span of positions (Hogwild: a batch; lockstep: what is planned at a time); all go out of sight
at its end, so a result depends on the positions where spans begin, and on nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.rows import prefetch_row, put_tile, tile_of
from fastw2v.kernels.simd.tiles import add_scaled, filled
from fastw2v.kernels.train.block import add_to_all, put_mean

if TYPE_CHECKING:
    from fastw2v.kernels.annotations import Lanes
    from fastw2v.kernels.train.state import Run, Workspace

SPAN = 512  # positions after which Hogwild composes words anew

# places of Workspace.sight: the first token in sight, the first that is not yet, and the first that
# is not yet prefetched
FIRST, STOP, PREFETCHED = range(3)


def ring_rows(tokens: int) -> int:
    """Return how many rows a ring has in which ``tokens`` tokens are at the same time."""
    return 1 << (tokens - 1).bit_length()


@leaf
def composed_row(token: int, run: Run) -> int:
    """The row that a kept token is composed into; the row ``ring`` behind it keeps it as it was."""
    return run.composed + (token & (run.config.ring - 1))


@leaf
def put_rows(begin: int, end: int, token: int, run: Run, ws: Workspace) -> None:
    """Write the rows that tokens[begin:end] are composed into, and the words that they are.

    token : the number of the first among the kept tokens of the span.
    """
    for i in range(end - begin):
        ws.rows[begin + i] = composed_row(token + i, run)
        ws.words[token + i] = ws.tokens[begin + i]


@leaf
def begin_span(ws: Workspace) -> None:
    """Begin with no token in sight."""
    for i in range(len(ws.sight)):
        ws.sight[i] = 0


@leaf
def move_sight(first: int, stop: int, run: Run, ws: Workspace, lanes: Lanes) -> None:
    """Let tokens before ``first`` go out of sight, and those before ``stop`` come into sight."""
    for token in range(ws.sight[FIRST], min(first, ws.sight[STOP])):
        spread_change(ws.words[token], composed_row(token, run), run, lanes)
    ws.sight[FIRST] = first
    for token in range(max(first, ws.sight[STOP]), stop):
        compose(ws.words[token], composed_row(token, run), run, lanes)
    ws.sight[STOP] = max(stop, ws.sight[STOP])


@leaf
def end_span(run: Run, ws: Workspace, lanes: Lanes) -> None:
    """Let all tokens go out of sight."""
    move_sight(ws.sight[STOP], ws.sight[STOP], run, ws, lanes)


@leaf
def compose(word: int, row: int, run: Run, lanes: Lanes) -> None:
    """Write the mean of a word's subwords to a row, and to the row that keeps it."""
    tables, table = run.tables, run.tables.W_in
    ids = tables.subword_ids[tables.subword_starts[word] : tables.subword_starts[word + 1]]
    put_mean(table, ids, len(ids), lanes, table, row)
    for lane in range(lanes[0], lanes[1]):
        put_tile(table, (row + run.config.ring,), lane, tile_of(table, (row,), lane))


@leaf
def spread_change(word: int, row: int, run: Run, lanes: Lanes) -> None:
    """Add what a composed row has changed to each of the rows that it was made of, times the row's
    factor if it has one.
    """
    tables, table, factors = run.tables, run.tables.W_in, run.tables.input_factors
    ids = tables.subword_ids[tables.subword_starts[word] : tables.subword_starts[word + 1]]
    change = row + run.config.ring  # takes the place of the row as it was
    for lane in range(lanes[0], lanes[1]):
        trained, before = tile_of(table, (row,), lane), tile_of(table, (change,), lane)
        put_tile(table, (change,), lane, add_scaled(trained, filled(table, -1.0), before))
    if len(factors) == 0:
        add_to_all(table, ids, len(ids), lanes, table, change, 1.0)
    else:
        for i in range(len(ids)):
            factor = float(factors[ids[i]])
            if factor != 0:
                add_to_all(table, ids[i:], 1, lanes, table, change, factor)


@leaf
def prefetch_tokens(stop: int, run: Run, ws: Workspace, lanes: Lanes) -> None:
    """Prefetch the rows that tokens before ``stop`` are made of."""
    starts, ids = run.tables.subword_starts, run.tables.subword_ids
    for token in range(ws.sight[PREFETCHED], stop):
        word = ws.words[token]
        for i in range(starts[word], starts[word + 1]):
            prefetch_row(run.tables.W_in, np.int64(ids[i]), lanes)
    ws.sight[PREFETCHED] = max(stop, ws.sight[PREFETCHED])
