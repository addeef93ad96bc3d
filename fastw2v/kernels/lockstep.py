"""Training in lockstep: the same bytes on any number of threads.

The corpus is taken in groups of positions. All scores of a group come from the tables as they were before it; then its
blocks move their rows one after the other. Every worker goes through all groups, but owns some dimensions of every row,
which nobody else reads or writes: there is nothing to wait for but the scores. Those are summed over fixed slices of the
dimensions, whoever owns them, and the sums added in one order. Every worker plans for itself: to fetch what another has
planned, a line at a time from a core that may be far away, takes longer.
"""

import numpy as np

from fastw2v.kernels.block import copy_rows, gather_inputs, make_errors, move_block, score_block
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.meeting import meet
from fastw2v.kernels.noise import begin_noise
from fastw2v.kernels.random import draw, radius
from fastw2v.kernels.repeats import find_twins, margin
from fastw2v.kernels.room import BAGS, COPIED, EACH, GROUPS, IN_PLACE, INPUTS, KIND, LOSS, NEGATIVES, NEXT, PATH, TARGETS
from fastw2v.kernels.rows import prefetch_to_read
from fastw2v.kernels.skipgram import ask_for_targets, ask_for_word, block_of, count_pairs, keep_run, plan_centre, rate_at
from fastw2v.kernels.tiles import BYTES
from fastw2v.kernels.window import keep_after, keep_before

AHEAD = 3  # positions whose rows are on their way from memory while one is scored


@leaf
def plan_positions(tokens, start, stop, tables, draws, shape, room, worker, wide):
    """Plan every centre at a position in start ... stop - 1, each into the slot of its position."""
    words, positions, line = room.kept[worker], room.positions[worker], margin(shape.window)
    sizes, twins = room.sizes[worker], room.twins[worker]
    copied = shape.words == IN_PLACE and shape.inputs == EACH and shape.inputs_per_block > 1  # if one stands there twice
    for slot in range(stop - start):
        sizes[slot, INPUTS] = 0
    begin_noise(room.done[worker], stop, shape)
    pos = start
    first = keep_before(tokens, start, draws.key, draws.keep_limits, shape.window, words, line)
    while pos < stop:
        last, pos = keep_run(tokens, pos, stop, draws, words, positions, first)
        n = last
        if pos == stop:
            n = keep_after(tokens, stop, draws.key, draws.keep_limits, shape.window, words, n)
        if copied:
            find_twins(words, line, n, twins)
        for centre in range(first, last):
            slot = positions[centre] - start
            plan_centre(centre, line, n, tables, draws, shape, room, worker, slot, wide)
            sizes[slot, NEXT] = words[min(centre + shape.window, n - 1)]
            reach = radius(draw(draws.key, positions[centre]), shape.least, shape.window)
            twice = copied and twins[min(centre + reach, n - 1)] >= centre - reach
            sizes[slot, KIND] = COPIED if twice else shape.words
        first, pos = line, pos + 1


@leaf
def ask_for_slot(tables, shape, room, worker, slot, part):
    """Have the rows of a planned centre on their way, as far as a worker owns them."""
    sizes, targets = room.sizes[worker, slot], room.targets[worker, slot]
    if sizes[INPUTS] > 0:
        ask_for_word(tables, sizes[NEXT], shape, part)
        if shape.targets == NEGATIVES:
            for number in range(-(-sizes[INPUTS] // shape.inputs_per_block)):
                ask_for_targets(tables.W_out, targets[number], shape.negative + 1, part)
        elif shape.targets == PATH:
            ask_for_targets(tables.W_out, targets[0], sizes[TARGETS], part)


@leaf
def score_group(tokens, start, slot, stop, tables, shape, room, worker, side, owned, tall, wide):
    """Scores of the centres in slots slot ... stop - 1, the first at position ``start``: the sums over each slice
    that a worker owns."""
    slices, at = room.slices, 0
    part = slices[owned[0]], slices[owned[1]]
    last_slot = room.sizes.shape[1] - 1
    made = shape.words == BAGS or shape.inputs != EACH
    for now in range(slot, stop):
        ask_for_slot(tables, shape, room, worker, min(now + AHEAD, last_slot), part)
        m, T, number = room.sizes[worker, now, INPUTS], room.sizes[worker, now, TARGETS], 0
        inputs, targets, labels = room.inputs[worker, now], room.targets[worker, now], room.labels[worker, now]
        for i in range(0, m, shape.inputs_per_block):
            word = np.int64(tokens[start + now - slot])
            block = block_of(number, i, m, word, shape.words, inputs, targets, labels, T, shape)
            X, xs, n = tables.W_in, block.words, block.m if shape.inputs == EACH else 1
            if made:
                gather_inputs(tables, block, part, room, worker)
                X, xs = room.X[worker], room.places
            for each in range(owned[0], owned[1]):
                some = slices[each], slices[each + 1]
                score_block(X, xs, n, tables.W_out, block.targets, T, some, room.sums[side, each], at, tall, wide)
            at += n * T
            number += 1
    return at


@leaf
def add_pairs(sums, owned, count):
    """Add the sums of every second slice to those of the one before: [S, n], as far as a worker owns them."""
    for each in range(owned[0], owned[1] - 1, 2):
        for j in range(count):
            sums[each, j] += sums[each + 1, j]


@leaf
def ask_for_sums(sums, owned, count, grain):
    """Have all sums of other workers on their way at once."""
    for each in range(0, len(sums), grain):
        if each < owned[0] or each >= owned[1]:
            for line in range(-(-count * sums.itemsize // BYTES)):
                prefetch_to_read(sums, np.int64(each), line)


@leaf
def add_slices(sums, count, grain, scores):
    """Add the sums over the slices [S, n], pairs first: scores[:count] from sums[:, :count].

    grain : 2 if the pairs are added already, 1 if they are not.
    """
    for j in range(count):
        scores[j] = 0
    for each in range(0, len(sums), 2):
        if grain == 2 or each + 1 == len(sums):
            for j in range(count):
                scores[j] += sums[each, j]
        else:
            for j in range(count):
                scores[j] += sums[each, j] + sums[each + 1, j]


@leaf
def move_group(tokens, start, slot, stop, tables, draws, shape, rate, room, worker, part, tall, wide):
    """Move the rows of all blocks of a group one after the other, as far as a worker owns them, by the errors of its scores."""
    at, scores = 0, room.scores[worker]
    for now in range(slot, stop):
        m, T, number = room.sizes[worker, now, INPUTS], room.sizes[worker, now, TARGETS], 0
        if m == 0:
            continue
        inputs, targets, labels = room.inputs[worker, now], room.targets[worker, now], room.labels[worker, now]
        position = start + now - slot
        kind, lr = room.sizes[worker, now, KIND], rate_at(rate, position, tables.W_in)
        with_loss = worker == 0 and (draw(draws.key, position) & shape.loss_mask) == np.uint64(0)
        for i in range(0, m, shape.inputs_per_block):
            block = block_of(number, i, m, np.int64(tokens[position]), kind, inputs, targets, labels, T, shape)
            X, xs, Y, ys = tables.W_in, block.words, tables.W_out, block.targets
            n = block.m if shape.inputs == EACH else 1
            copied, repeated = copy_rows(tables, block, part, room, worker, wide)
            if copied:
                X, xs = room.X[worker], room.places
            if repeated:
                Y, ys = room.Y[worker], room.places
            loss = make_errors(tables, block, n, scores[at:], room.errors[worker], lr, with_loss, repeated, tall, wide)
            room.totals[worker, LOSS] += loss
            move_block(tables, block, X, xs, n, Y, ys, part, room, worker, wide)
            at += n * T
            number += 1
        count_pairs(room.totals[worker], m, with_loss, shape)


@leaf
def share_of(S, grain, worker, workers):
    """The first of S slices that a worker owns, in pairs where there are enough."""
    return min(-(-S // grain) * worker // workers * grain, S)


@kernel
def train_share(tokens, start, stop, tables, draws, shape, rate, room, worker, workers, tall, wide):
    """Train a worker's dimensions on positions start ... stop - 1, together with all other workers, each in a thread of its own.

    room : its queue 0 before the first of them begins, and its totals what is to be added to. Pieces of work begin at
    whole numbers of room.sizes.shape[1] positions, or results depend on where they begin.
    """
    slices, planned, goal, side = room.slices, room.sizes.shape[1], 0, 0
    S, size = len(slices) - 1, room.sizes.shape[1] // GROUPS
    pairs = -(-S // 2)
    grain = 2 if workers <= pairs else 1
    owned = share_of(S, grain, worker, workers), share_of(S, grain, worker + 1, workers)
    part = slices[owned[0]], slices[owned[1]]
    for begin in range(start, stop, planned):
        end = min(begin + planned, stop)
        plan_positions(tokens, begin, end, tables, draws, shape, room, worker, wide)
        for group in range(begin, end, size):
            slot, last = group - begin, min(group + size, end) - begin
            made = score_group(tokens, group, slot, last, tables, shape, room, worker, side, owned, tall, wide)
            if grain == 2:
                add_pairs(room.sums[side], owned, made)
            goal += workers
            meet(room.queue, goal)
            sums = room.sums[side]
            ask_for_sums(sums, owned, made, grain)
            add_slices(sums, made, grain, room.scores[worker])
            move_group(tokens, group, slot, last, tables, draws, shape, rate, room, worker, part, tall, wide)
            side = 1 - side
