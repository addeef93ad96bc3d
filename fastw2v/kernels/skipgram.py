"""Skip-gram, and CBOW, with negative sampling, over all threads.

As in word2vec.c and gensim the words of the window are the inputs and the centre is the target that they share;
Eq. 8 to 12 and the course notes say it the other way round, which over a whole corpus are the same pairs.
Negatives belong to blocks of ``inputs_per_block`` words of a window: 1 gives word2vec's negatives per pair, all of
them negatives per window. There is no other difference between the two (``noise`` says where negatives come from).
"""

from typing import NamedTuple

import numpy as np

from fastw2v.kernels.block import COPIED, IN_PLACE, train_block
from fastw2v.kernels.jit import driver, kernel, leaf, native, prange
from fastw2v.kernels.noise import first_negative, forget_noise, prepare_noise, ring_size
from fastw2v.kernels.random import draw, is_kept, radius
from fastw2v.kernels.repeats import find_twins, margin
from fastw2v.kernels.rows import prefetch_row
from fastw2v.kernels.tiles import BYTES, array_data
from fastw2v.kernels.window import STEP, keep_after, keep_before, window_words

PIECE = 4096  # tokens that a thread takes at a time, at most
AHEAD = 2  # centres whose rows are on their way from memory while one is trained
SLOTS = AHEAD + 1


class Tables(NamedTuple):
    """The parameters: W_in, W_out [V, padded], float32 or float64, changed by training."""

    W_in: np.ndarray
    W_out: np.ndarray


class Draws(NamedTuple):
    """What is drawn from: keep_limits uint32 [V] (Eq. 18), the noise's alias table (Eq. 17), and the epoch's keys (uint64)
    of the token draws and of the noise."""

    keep_limits: np.ndarray
    threshold: np.ndarray
    alias: np.ndarray
    key: np.uint64
    noise_key: np.uint64


class Shape(NamedTuple):
    """Sizes: window, negative (K), inputs_per_block, source (what they are, see ``train_block``), pool (see ``noise``),
    T (targets per block, padded), and losses are summed for every centre whose draw has no bit in common with loss_mask
    (uint64)."""

    window: int
    negative: int
    inputs_per_block: int
    source: int
    pool: int
    T: int
    loss_mask: np.uint64


class Rate(NamedTuple):
    """Eq. 19 as a function of the position: max(start - slope * position, end)."""

    start: float
    slope: float
    end: float


class Scratch(NamedTuple):
    """Room for every worker, the first axis: see ``scratch``. What it has made: totals float64 [workers, 3 or more], its
    pairs, and the loss and the number of the pairs whose loss was summed. And what all share: queue int64 [1], the next
    piece."""

    words: np.ndarray
    positions: np.ndarray
    twins: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    sizes: np.ndarray
    noise: np.ndarray
    done: np.ndarray
    mean: np.ndarray
    places: np.ndarray
    X: np.ndarray
    xs: np.ndarray
    Y: np.ndarray
    ys: np.ndarray
    scores: np.ndarray
    errors: np.ndarray
    totals: np.ndarray
    queue: np.ndarray


def filled(array, value):
    """The array, holding the value everywhere."""
    array[:] = value
    return array


def apart(n):
    """n rounded up to a multiple of 32: so many numbers for each worker keep the lines that its cache holds its own."""
    return -(-n // 32) * 32


def scratch(workers, shape, tables, aligned):
    """Scratch for so many workers; ``aligned(shape, dtype)`` makes arrays that begin at 64-byte boundaries."""
    W, dtype, stride = shape.window, tables.W_in.dtype, tables.W_in.shape[1]
    kept, together = apart(margin(W) + PIECE + 2 * W + STEP), min(2 * W, shape.inputs_per_block, 16)
    blocks, errors = -(-2 * W // shape.inputs_per_block), apart(together * shape.T + 2 * BYTES)
    return Scratch(
        words=filled(aligned((workers, kept), np.int32), -1),
        positions=aligned((workers, kept), np.int64),
        twins=aligned((workers, kept), np.int32),
        inputs=aligned((workers, SLOTS, apart(2 * W + STEP)), np.int32),
        targets=aligned((workers, SLOTS, apart(blocks), shape.T), np.int32),
        sizes=aligned((workers, apart(SLOTS)), np.int64),
        noise=aligned((workers, ring_size(shape.negative, shape.pool)), np.int32),
        done=aligned((workers, apart(2)), np.int64),
        mean=aligned((workers, 2, stride), dtype),
        places=np.arange(2, dtype=np.int32),
        X=aligned((workers, apart(together), stride), dtype),
        xs=aligned((workers, apart(together)), np.int32),
        Y=aligned((workers, apart(shape.T), stride), dtype),
        ys=aligned((workers, apart(shape.T)), np.int32),
        scores=aligned((workers, errors), dtype),
        errors=aligned((workers, errors), dtype),
        totals=aligned((workers, apart(3)), np.float64),
        queue=aligned((1,), np.int64),
    )


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
def plan_centre(words, position, line, n, centre, tables, draws, shape, inputs, targets, noise, done):
    """Choose the rows that a centre needs, and ask for them: inputs [m] and targets [blocks, T]; returns m."""
    token_draw = draw(draws.key, position)
    m = window_words(words, line, n, centre, radius(token_draw, shape.window), inputs)
    target, last = words[centre], len(noise) - 1
    prefetch_row(tables.W_out, target)
    prefetch_row(tables.W_in, words[min(centre + shape.window, n - 1)])
    prepare_noise(noise, done, position * shape.negative, shape.negative + shape.pool, draws, tables.W_out)
    for block in range(-(-m // shape.inputs_per_block)):
        at = first_negative(position, block, token_draw, shape)
        targets[block, 0] = target
        for k in range(shape.negative):
            targets[block, 1 + k] = noise[(at + k) & last]
        for k in range(shape.negative + 1, shape.T):
            targets[block, k] = target
    return m


@kernel
def train_centres(first, last, line, n, tables, draws, shape, rate, room, worker, tall, wide):
    """Train centres first ... last - 1 of the kept line words[line:n], each planned AHEAD of its turn."""
    words, positions, twins = room.words[worker], room.positions[worker], room.twins[worker]
    inputs, targets, sizes = room.inputs[worker], room.targets[worker], room.sizes[worker]
    noise, done, totals = room.noise[worker], room.done[worker], room.totals[worker]
    copied = shape.source == IN_PLACE and shape.inputs_per_block > 1  # if a word stands in the window twice
    if copied:
        find_twins(words, line, n, twins)
    for planned in range(first, last + AHEAD):
        if planned < last:
            slot = planned % SLOTS
            sizes[slot] = plan_centre(
                words, positions[planned], line, n, planned, tables, draws, shape, inputs[slot], targets[slot], noise, done
            )
        centre = planned - AHEAD
        if centre < first:
            continue
        now = centre % SLOTS
        m = sizes[now]
        lr = tables.W_in.dtype.type(max(rate.start - rate.slope * positions[centre], rate.end))
        token_draw = draw(draws.key, positions[centre])
        with_loss = (token_draw & shape.loss_mask) == np.uint64(0)
        reach = radius(token_draw, shape.window)
        source = COPIED if copied and twins[min(centre + reach, n - 1)] >= centre - reach else shape.source
        block = 0
        for i in range(0, m, shape.inputs_per_block):
            size = min(shape.inputs_per_block, m - i)
            totals[1] += train_block(
                tables,
                inputs[now, i:],
                size,
                source,
                targets[now, block],
                shape.T,
                lr,
                with_loss,
                room,
                worker,
                tall,
                wide,
            )
            block += 1
        made = m if shape.source == IN_PLACE else min(m, 1)
        totals[0] += made
        if with_loss:
            totals[2] += made


@kernel
def train_piece(tokens, start, stop, tables, draws, shape, rate, room, worker, tall, wide):
    """Train every centre at a position in start ... stop - 1, each with its whole window."""
    words, positions, line = room.words[worker], room.positions[worker], margin(shape.window)
    forget_noise(room.done[worker])
    n = first = keep_before(tokens, start, draws.key, draws.keep_limits, shape.window, words, line)
    for pos in range(start, stop + 1):
        if pos < stop and tokens[pos] >= 0:
            if is_kept(draw(draws.key, pos), draws.keep_limits[tokens[pos]]):
                words[n], positions[n] = tokens[pos], pos
                n += 1
        else:
            last = n
            if pos == stop:
                n = keep_after(tokens, stop, draws.key, draws.keep_limits, shape.window, words, n)
            if first < last:
                train_centres(first, last, line, n, tables, draws, shape, rate, room, worker, tall, wide)
            n = first = line


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
