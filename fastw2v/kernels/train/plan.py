"""Planning: which words a line keeps, and for every centre the blocks that it is trained by.

As in word2vec.c and gensim the words of the window are the inputs, and the centre is the target
that they share. Eq. 8 to 12 and the course notes have it the other way round; over a whole corpus
these are the same pairs. Negatives belong to blocks of ``inputs_per_block`` words of a window: with
1, every pair has its own, as in word2vec.

A planned centre is a record of ``workspace.centres`` and its blocks are records of
``workspace.blocks``. Both drivers (``hogwild``, ``lockstep``) iterate over these.
"""

from typing import Any, NamedTuple

import numpy as np

from fastw2v.kernels.annotations import Array, Lanes, Tag
from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.rows import prefetch_row
from fastw2v.kernels.splitmix import draw, is_kept, radius
from fastw2v.kernels.train.composed import prefetch_tokens, put_rows
from fastw2v.kernels.train.duplicates import find_duplicates, margin
from fastw2v.kernels.train.negatives import draw_noise, first_negative, noise_begin
from fastw2v.kernels.train.private import OwnRows, map_rows, own_row
from fastw2v.kernels.train.state import (
    ALONE,
    EACH,
    LOSS_PAIRS,
    NEGATIVES,
    NO_DOCUMENT,
    PAIRS,
    PATH,
    KernelConfig,
    Rate,
    Run,
    Workspace,
)
from fastw2v.kernels.train.window import keep_after, keep_before, window_words


class Line(NamedTuple):
    """The kept tokens of a line, or of its part in a piece of work, in workspace.tokens[begin:end].

    Attributes
    ----------
    first, stop : int
        Which of them are centres.
    next : int
        The position after the line end.
    ordinal : int
        How many tokens of the span are kept before these (``composed``).
    document : int
        The row of the line's document, if documents have vectors.
    """

    begin: int
    first: int
    stop: int
    end: int
    next: int
    ordinal: int
    document: int


@leaf
def of_worker(ws: Workspace, worker: int) -> Workspace:
    """The Workspace of one worker."""
    return Workspace(
        tokens=ws.tokens[worker],
        rows=ws.rows[worker],
        words=ws.words[worker],
        sight=ws.sight[worker],
        positions=ws.positions[worker],
        duplicates=ws.duplicates[worker],
        centres=ws.centres[worker],
        blocks=ws.blocks[worker],
        inputs=ws.inputs[worker],
        targets=ws.targets[worker],
        labels=ws.labels[worker],
        noise=ws.noise[worker],
        cursor=ws.cursor[worker],
        X=ws.X[worker],
        Y=ws.Y[worker],
        grad_in=ws.grad_in[worker],
        scores=ws.scores[worker],
        errors=ws.errors[worker],
        totals=ws.totals[worker],
        iota=ws.iota,
        counter=ws.counter,
        slices=ws.slices,
        sums=ws.sums,
        trained=ws.trained[worker],
        locks=ws.locks,
    )


@leaf
def keep_line(
    tokens: Array, pos: int, start: int, stop: int, ordinal: int, run: Run, ws: Workspace
) -> Line:
    """Keep tokens of the line at ``pos`` within positions start ... stop - 1, and the tokens around
    them that their windows see.

    Returns a Line. Whether inputs of a block can be duplicates is looked for at once. Rows of W_in
    are mapped to private or composed rows here; rows of W_out in ``plan_centre`` and
    ``draw_noise``.

    ordinal : how many tokens of the span are kept before those of the line (see ``composed``).
    """
    draws, config = run.draws, run.config
    window = config.window
    document = np.int64(0)
    if config.document_kind != NO_DOCUMENT:
        document = document_at(pos, run.tables.line_ends, run.tables.line_documents)
    begin = margin(window)
    first = begin
    if pos == start:
        first = keep_before(
            tokens, start, draws.token_key, draws.keep_limits, window, ws.tokens, begin
        )
    last = first
    while pos < stop and tokens[pos] >= 0:
        if is_kept(draw(draws.token_key, pos), draws.keep_limits[tokens[pos]]):
            ws.tokens[last], ws.positions[last] = tokens[pos], pos
            last += 1
        pos += 1
    end = last
    if pos == stop:
        end = keep_after(tokens, stop, draws.token_key, draws.keep_limits, window, ws.tokens, last)
    if first < last and duplicates_matter(config):
        find_duplicates(ws.tokens, begin, end, ws.duplicates)
    if config.ring:
        put_rows(begin, end, ordinal, run, ws)
    else:
        map_rows(ws.tokens, begin, end, run.own_in, ws.rows)
    return Line(begin, first, last, end, pos + 1, ordinal, document)


@leaf
def document_at(pos: int, line_ends: Array, line_documents: Array) -> int:
    """The row of the document of the line that a position is in."""
    low, high = 0, len(line_ends)
    while low < high:
        middle = (low + high) >> 1
        if line_ends[middle] < pos:
            low = middle + 1
        else:
            high = middle
    return np.int64(line_documents[low])


@leaf
def duplicates_matter(config: KernelConfig) -> bool:
    """Whether a block reads several rows of W_in where they are, so that a duplicate has to be
    copied first.
    """
    return not config.ring and config.input_kind == EACH and config.inputs_per_block > 1


@leaf
def plan_centre(line: Line, centre: int, run: Run, ws: Workspace, slot: int) -> None:
    """Write the records of a centre and its blocks into a slot, with their inputs, targets and
    labels.
    """
    config, position = run.config, ws.positions[centre]
    word = ws.tokens[centre]
    token_draw = draw(run.draws.token_key, position)
    reach = radius(token_draw, config.min_radius, config.window)
    m, next_row = np.int64(0), np.int32(line.document)
    if config.document_kind != ALONE:
        m = window_words(ws.rows, line.begin, line.end, centre, reach, ws.inputs[slot])
        next_row = ws.rows[min(centre + config.window, line.end - 1)]
    if config.document_kind != NO_DOCUMENT:
        ws.inputs[slot, m] = line.document
        m += 1
    copied = (
        duplicates_matter(config)
        and ws.duplicates[min(centre + reach, line.end - 1)] >= centre - reach
    )
    T = config.target_count
    if config.target_kind == PATH:
        T = put_path(
            word,
            run.tables.paths,
            run.tables.path_starts,
            ws.targets[slot, 0],
            ws.labels[slot],
            run.wide,
            run.own_out,
        )
    elif config.target_kind == NEGATIVES:
        draw_noise(
            ws.noise,
            ws.cursor,
            noise_begin(position, config),
            config.negative + config.pool,
            run.draws,
            run.own_out,
        )

    # the targets of naive softmax are there already (``allocate_workspace``)
    record, blocks, target = ws.centres[slot], 0, own_row(word, run.own_out)
    for begin in range(0, m, config.inputs_per_block):
        block = ws.blocks[slot, blocks]
        block.begin, block.input_count = begin, min(config.inputs_per_block, m - begin)
        block.copied = copied
        block.target_count, block.target_list = T, 0
        if config.target_kind == NEGATIVES:
            block.target_list = blocks
            at = first_negative(position, blocks, token_draw, config)
            put_negatives(target, at, ws.noise, config, ws.targets[slot, blocks])
        blocks += 1
    record.position, record.word, record.inputs, record.blocks = position, word, m, blocks
    record.next_row = next_row
    record.first_seen = line.ordinal + max(centre - config.window, line.begin) - line.begin
    record.stop_seen = line.ordinal + min(centre + config.window + 1, line.end) - line.begin
    record.with_loss = np.int32((token_draw & config.loss_mask) == np.uint64(0))


@leaf
def put_negatives(target: int, at: int, noise: Array, config: KernelConfig, targets: Array) -> None:
    """Write targets: the row of a word, the K negatives from place ``at`` of the noise on, and the
    row again as padding.
    """
    mask = len(noise) - 1
    targets[0] = target
    for k in range(config.negative):
        targets[1 + k] = noise[(at + k) & mask]
    for k in range(config.negative + 1, config.target_count):
        targets[k] = target


@leaf
def put_path(
    word: int, paths: Array, starts: Array, nodes: Array, labels: Array, wide: Tag, own: OwnRows
) -> int:
    """Write the nodes of a word's path, padded with the first, and their labels, 1 - code; returns
    how many, with padding.
    """
    first = starts[word]
    length = starts[word + 1] - first
    T = -(-length // len(wide)) * len(wide)
    for k in range(length):
        step = paths[first + k]
        nodes[k], labels[k] = own_row(step >> 1, own), 1 - (step & 1)
    for k in range(length, T):
        nodes[k], labels[k] = nodes[0], 0
    return T


@leaf
def prefetch_inputs(centre: Any, run: Run, ws: Workspace, lanes: Lanes) -> None:
    """Prefetch lane groups ``lanes`` of the inputs that come into sight with a centre."""
    if run.config.ring:
        prefetch_tokens(centre.stop_seen, run, ws, lanes)
    else:
        prefetch_row(run.tables.W_in, np.int64(centre.next_row), lanes)


@leaf
def prefetch_targets(W_out: Array, targets: Array, first: int, stop: int, lanes: Lanes) -> None:
    """Prefetch lane groups ``lanes`` of rows targets[first:stop] of W_out."""
    for k in range(first, stop):
        prefetch_row(W_out, np.int64(targets[k]), lanes)


@leaf
def rate_at(rate: Rate, position: int, like: Array) -> float:
    """The learning rate of a position (Eq. 19), a number as those in the table ``like``."""
    return like.dtype.type(max(rate.start - rate.slope * position, rate.end))


@leaf
def count_pairs(centre: Any, config: KernelConfig, totals: Array) -> None:
    """Add the pairs of a centre to the totals."""
    pairs = centre.inputs if config.input_kind == EACH else min(centre.inputs, 1)
    totals[PAIRS] += pairs
    if centre.with_loss:
        totals[LOSS_PAIRS] += pairs
