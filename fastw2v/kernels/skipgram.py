"""Skip-gram and CBOW over all threads: which rows each centre of the corpus needs, and its blocks.

As in word2vec.c and gensim the words of the window are the inputs and the centre is the target that they share;
Eq. 8 to 12 and the course notes say it the other way round, which over a whole corpus are the same pairs.
Negatives belong to blocks of ``inputs_per_block`` words of a window: 1 gives word2vec's negatives per pair, all of
them negatives per window. There is no other difference between the two (``noise`` says where negatives come from).
"""

import numpy as np

from fastw2v.kernels.block import Block, train_block, whole
from fastw2v.kernels.jit import driver, kernel, leaf, native, prange
from fastw2v.kernels.noise import ask_for_noise, begin_noise, first_negative, prepare_noise
from fastw2v.kernels.random import draw, is_kept, radius
from fastw2v.kernels.repeats import find_twins, margin
from fastw2v.kernels.room import (
    AHEAD,
    BAGS,
    COPIED,
    EACH,
    IN_PLACE,
    INPUTS,
    LOSS,
    LOSS_PAIRS,
    NEGATIVES,
    PAIRS,
    PATH,
    SLOTS,
    TARGETS,
)
from fastw2v.kernels.rows import prefetch_row
from fastw2v.kernels.tiles import array_data
from fastw2v.kernels.window import keep_after, keep_before, window_words


def _lower_take(typing, queue):
    def generate(context, builder, signature, args):
        data = array_data(context, builder, signature.args[0], args[0]).data
        return builder.atomic_rmw("add", data, data.type.pointee(1), "monotonic")

    return queue.dtype(queue), generate


@native(_lower_take)
def take(queue):
    """The next number of a queue (int64 [1]) that all threads share."""
    queue[0] += 1
    return queue[0] - 1


@leaf
def plan_centre(centre, line, n, tables, draws, shape, room, worker, slot, wide):
    """Choose the rows that a centre needs: a slot of room gets inputs, targets, labels, and its sizes."""
    words, position = room.kept[worker], room.positions[worker, centre]
    targets, token_draw = room.targets[worker, slot], draw(draws.key, position)
    m = window_words(words, line, n, centre, radius(token_draw, shape.least, shape.window), room.inputs[worker, slot])
    T = shape.T
    if shape.targets == NEGATIVES:
        noise, done = room.noise[worker], room.done[worker]
        choose_negatives(words[centre], position, m, token_draw, draws, shape, targets, noise, done)
    elif shape.targets == PATH:
        T = choose_path(words[centre], tables, targets[0], room.labels[worker, slot], wide)
    room.sizes[worker, slot, INPUTS], room.sizes[worker, slot, TARGETS] = m, T


@leaf
def ask_for_word(tables, word, shape, part):
    """Have the rows that a word is made of on their way from memory, lane groups ``part`` of them."""
    if shape.words == BAGS:
        for i in range(tables.bag_starts[word], tables.bag_starts[word + 1]):
            prefetch_row(tables.W_in, np.int64(tables.bags[i]), part)
    else:
        prefetch_row(tables.W_in, np.int64(word), part)


@leaf
def ask_for_targets(W_out, targets, T, part):
    """Have T target rows on their way from memory, lane groups ``part`` of them."""
    for k in range(T):
        prefetch_row(W_out, np.int64(targets[k]), part)


@leaf
def ask_for_centre(tables, word, target, position, targets, sizes, shape, room, worker):
    """Have what a centre needs, and those before it did not, on its way: its target, the word that comes into its window."""
    part = whole(tables.W_in)
    ask_for_word(tables, word, shape, part)
    if shape.targets == NEGATIVES:
        prefetch_row(tables.W_out, np.int64(target), part)
        ask_for_noise(room.noise[worker], room.done[worker], position * shape.negative, shape, tables.W_out, part)
    elif shape.targets == PATH:
        ask_for_targets(tables.W_out, targets, sizes[TARGETS], part)


@leaf
def choose_negatives(target, position, m, token_draw, draws, shape, targets, noise, done):
    """The targets of each of a centre's blocks: itself, its negatives, and itself again as padding."""
    last = len(noise) - 1
    prepare_noise(noise, done, position * shape.negative, shape.negative + shape.pool, draws)
    for block in range(-(-m // shape.inputs_per_block)):
        at = first_negative(position, block, token_draw, shape)
        targets[block, 0] = target
        for k in range(shape.negative):
            targets[block, 1 + k] = noise[(at + k) & last]
        for k in range(shape.negative + 1, shape.T):
            targets[block, k] = target


@leaf
def choose_path(target, tables, nodes, labels, wide):
    """The nodes of a word's path, padded with the first, and their labels, 1 - code; returns how many with the padding."""
    first, stop = tables.turn_starts[target], tables.turn_starts[target + 1]
    T = -(-(stop - first) // len(wide)) * len(wide)
    for k in range(stop - first):
        turn = tables.turns[first + k]
        nodes[k], labels[k] = turn >> 1, 1 - (turn & 1)
    for k in range(stop - first, T):
        nodes[k], labels[k] = nodes[0], 0
    return T


@leaf
def block_of(number, i, m, centre_word, kind, inputs, targets, labels, T, shape):
    """The block of a centre that begins with its i-th input, its number-th."""
    rows = targets[number if shape.targets == NEGATIVES else 0]
    size = min(shape.inputs_per_block, m - i)
    return Block(inputs[i:], size, kind, shape.inputs, centre_word, rows, labels, T, shape.targets)


@leaf
def rate_at(rate, position, like):
    """The learning rate of a position (Eq. 19), a number as those in the table ``like``."""
    return like.dtype.type(max(rate.start - rate.slope * position, rate.end))


@kernel
def train_centres(first, last, line, n, tables, draws, shape, rate, room, worker, tall, wide):
    """Train centres first ... last - 1 of the kept line room.kept[line:n], each planned AHEAD of its turn."""
    words, positions, twins = room.kept[worker], room.positions[worker], room.twins[worker]
    inputs, targets, labels, sizes = room.inputs[worker], room.targets[worker], room.labels[worker], room.sizes[worker]
    totals = room.totals[worker]
    copied = shape.words == IN_PLACE and shape.inputs == EACH and shape.inputs_per_block > 1  # if one stands there twice
    if copied:
        find_twins(words, line, n, twins)
    for planned in range(first, last + AHEAD):
        if planned < last:
            slot, reached = planned % SLOTS, words[min(planned + shape.window, n - 1)]
            plan_centre(planned, line, n, tables, draws, shape, room, worker, slot, wide)
            own = targets[slot, 0]
            ask_for_centre(tables, reached, words[planned], positions[planned], own, sizes[slot], shape, room, worker)
        centre = planned - AHEAD
        if centre < first:
            continue
        now = centre % SLOTS
        m, T = sizes[now, INPUTS], sizes[now, TARGETS]
        lr, token_draw = rate_at(rate, positions[centre], tables.W_in), draw(draws.key, positions[centre])
        with_loss = (token_draw & shape.loss_mask) == np.uint64(0)
        reach = radius(token_draw, shape.least, shape.window)
        kind = COPIED if copied and twins[min(centre + reach, n - 1)] >= centre - reach else shape.words
        number = 0
        for i in range(0, m, shape.inputs_per_block):
            block = block_of(number, i, m, words[centre], kind, inputs[now], targets[now], labels[now], T, shape)
            totals[LOSS] += train_block(tables, block, lr, with_loss, room, worker, tall, wide)
            number += 1
        count_pairs(totals, m, with_loss, shape)


@leaf
def count_pairs(totals, m, with_loss, shape):
    """Add a centre's pairs to the totals."""
    made = m if shape.inputs == EACH else min(m, 1)
    totals[PAIRS] += made
    if with_loss:
        totals[LOSS_PAIRS] += made


@leaf
def keep_run(tokens, pos, stop, draws, words, positions, n):
    """Append the kept tokens of a line from position ``pos`` on to words[:n]; returns the new n, and where the line ended,
    at most ``stop``."""
    while pos < stop and tokens[pos] >= 0:
        if is_kept(draw(draws.key, pos), draws.keep_limits[tokens[pos]]):
            words[n], positions[n] = tokens[pos], pos
            n += 1
        pos += 1
    return n, pos


@kernel
def train_piece(tokens, start, stop, tables, draws, shape, rate, room, worker, tall, wide):
    """Train every centre at a position in start ... stop - 1, each with its whole window."""
    words, positions, line = room.kept[worker], room.positions[worker], margin(shape.window)
    begin_noise(room.done[worker], stop, shape)
    pos = start
    first = keep_before(tokens, start, draws.key, draws.keep_limits, shape.window, words, line)
    while pos < stop:
        last, pos = keep_run(tokens, pos, stop, draws, words, positions, first)
        n = last
        if pos == stop:
            n = keep_after(tokens, stop, draws.key, draws.keep_limits, shape.window, words, n)
        if first < last:
            train_centres(first, last, line, n, tables, draws, shape, rate, room, worker, tall, wide)
        first, pos = line, pos + 1


@driver
def train_chunk(tokens, start, stop, piece_size, tables, draws, shape, rate, room, tall, wide):
    """Train positions start ... stop - 1 of the encoded corpus, in pieces (of at most PIECE) that idle threads take in turn.

    tokens : int32 [N], -1 at line ends;  tables : changed in place, without locks (Hogwild);  room : its queue 0, and
    its totals what is to be added to.
    """
    pieces = -(-(stop - start) // piece_size)
    for each in prange(len(room.totals)):
        worker = np.int64(each)  # prange counts in uint64, which would compile everything below once more
        piece = take(room.queue)
        while piece < pieces:
            begin = start + piece * piece_size
            end = min(begin + piece_size, stop)
            train_piece(tokens, begin, end, tables, draws, shape, rate, room, worker, tall, wide)
            piece = take(room.queue)
