"""What kernels are given: the tables, what is drawn from, sizes, the learning rate, and room to work in.

NamedTuples of arrays: they are compiled into nothing, and nested ones cannot enter a ``prange`` loop.
"""

from typing import NamedTuple

import numpy as np

from fastw2v.kernels.noise import ring_size
from fastw2v.kernels.repeats import margin
from fastw2v.kernels.tiles import BYTES, STEP

PIECE = 4096  # tokens that a thread takes at a time, at most
AHEAD = 2  # centres whose rows are on their way from memory while one is trained
SLOTS = AHEAD + 1
TOGETHER = 16  # inputs that a block has at most
GROUP = 64  # positions whose scores are made together in lockstep, at most
GROUP_SCORES = 1 << 18  # of a group, at most
GROUPS = 4  # planned at a time
SLICES = 8  # of the dimensions, at most, each of at least
SLICE = 2  # lane groups

IN_PLACE, COPIED, BAGS = range(3)  # what a word is among a block's inputs: its row, a copy of it, or the mean of its bag
EACH, MEAN, MEAN_UNDIVIDED = range(3)  # what the inputs are: each word, or the mean of all, and how a word moves with it
NEGATIVES, PATH, ALL = range(3)  # what the targets are: the target and its negatives, the nodes of its path, or all words
INPUTS, TARGETS, NEXT, KIND = range(4)  # places in sizes: how many a planned centre has, the word that comes into sight, kind
PAIRS, LOSS, LOSS_PAIRS = range(3)  # places in totals: pairs trained, the loss, and the number of pairs whose loss it is


class Tables(NamedTuple):
    """The parameters W_in, W_out [rows, padded], float32 or float64, changed by training; and which rows a word has, if
    it is not the one with its number.

    bags, bag_starts : rows of W_in whose mean is word w (Eq. 20), int32 bags[bag_starts[w] : bag_starts[w + 1]];
    turns, turn_starts : rows of W_out on the path of word w, twice their numbers plus the code there, likewise (Eq. 16).
    """

    W_in: np.ndarray
    W_out: np.ndarray
    bags: np.ndarray = np.empty(0, np.int32)
    bag_starts: np.ndarray = np.empty(0, np.int64)
    turns: np.ndarray = np.empty(0, np.int32)
    turn_starts: np.ndarray = np.empty(0, np.int64)


class Draws(NamedTuple):
    """What is drawn from: keep_limits uint32 [V] (Eq. 18), the noise's alias table (Eq. 17), and the epoch's keys (uint64)
    of the token draws and of the noise."""

    keep_limits: np.ndarray
    threshold: np.ndarray
    alias: np.ndarray
    key: np.uint64
    noise_key: np.uint64


class Shape(NamedTuple):
    """Sizes and kinds.

    window : words seen on each side, at most;  least : and at least;  negative : K;  inputs_per_block : words;
    pool : see ``noise``;  T : targets of a block at most, padded;  words, inputs, targets : what those of a block are;
    loss_mask : losses are summed for every centre whose draw has no bit in common with it (uint64).
    """

    window: int
    least: int
    negative: int
    inputs_per_block: int
    pool: int
    T: int
    words: int = IN_PLACE
    inputs: int = EACH
    targets: int = NEGATIVES
    loss_mask: np.uint64 = np.uint64(0)


class Rate(NamedTuple):
    """Eq. 19 as a function of the position: max(start - slope * position, end)."""

    start: float
    slope: float
    end: float


class Scratch(NamedTuple):
    """Room for every worker, the first axis: see ``scratch``. What it has made: totals float64 [workers, 3 or more]. And
    what all share: places int32, 0, 1, 2 ...; queue int64 [1], the next piece, or how often workers have met.

    For lockstep, slices int64 [S + 1] are bounds in lane groups, and sums [2, S, n] scores of a group over each of them.
    """

    kept: np.ndarray
    positions: np.ndarray
    twins: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    labels: np.ndarray
    sizes: np.ndarray
    noise: np.ndarray
    done: np.ndarray
    places: np.ndarray
    X: np.ndarray
    change: np.ndarray
    Y: np.ndarray
    scores: np.ndarray
    errors: np.ndarray
    totals: np.ndarray
    queue: np.ndarray
    slices: np.ndarray
    sums: np.ndarray


def filled(array, value):
    """The array, holding the value everywhere."""
    array[:] = value
    return array


def apart(n):
    """n rounded up to a multiple of 32: so many numbers for each worker keep the lines that its cache holds its own."""
    return -(-n // 32) * 32


def scratch(workers, shape, tables, aligned, group=0):
    """Scratch for so many workers; ``aligned(shape, dtype)`` makes arrays that begin at 64-byte boundaries. For lockstep
    with groups of so many positions."""
    slots = GROUPS * group or SLOTS
    W, T, dtype, stride = shape.window, shape.T, tables.W_in.dtype, tables.W_in.shape[1]
    kept, together = apart(margin(W) + PIECE + 2 * W + STEP), min(2 * W, shape.inputs_per_block)
    inputs = together if shape.inputs == EACH else 1
    blocks = -(-2 * W // shape.inputs_per_block) if shape.targets == NEGATIVES else 1
    errors = apart(inputs * T + 2 * BYTES)
    sums = apart(group * scores_of_centre(shape) + 2 * BYTES)
    slices = slice_bounds(stride * np.dtype(dtype).itemsize // BYTES)
    labels = aligned((workers, slots, apart(T + STEP)), dtype)
    labels[:, :, 0] = 1
    targets = aligned((workers, slots, blocks, apart(T)), np.int32)
    if shape.targets == ALL:
        targets[:] = np.arange(apart(T)) % len(tables.W_out)
    return Scratch(
        kept=filled(aligned((workers, kept), np.int32), -1),
        positions=aligned((workers, kept), np.int64),
        twins=aligned((workers, kept), np.int32),
        inputs=aligned((workers, slots, apart(2 * W + STEP)), np.int32),
        targets=targets,
        labels=labels,
        sizes=aligned((workers, slots, apart(4)), np.int64),
        noise=aligned((workers, ring_size(shape.negative, shape.pool)), np.int32),
        done=aligned((workers, apart(3)), np.int64),
        places=np.arange(max(T, together) + STEP, dtype=np.int32),
        X=aligned((workers, apart(together if shape.words == BAGS else inputs), stride), dtype),
        change=aligned((workers, apart(inputs), stride), dtype),
        Y=aligned((workers, apart(T if shape.targets == NEGATIVES else 0), stride), dtype),
        scores=aligned((workers, max(errors, sums)), dtype),
        errors=aligned((workers, errors), dtype),
        totals=aligned((workers, apart(3)), np.float64),
        queue=aligned((1,), np.int64),
        slices=slices,
        sums=aligned((2, len(slices) - 1, sums), dtype),
    )


def scores_of_centre(shape):
    """Scores that the blocks of a centre have, at most."""
    return shape.T * (2 * shape.window if shape.inputs == EACH else 1)


def group_size(shape, busiest):
    """Positions whose scores are made together in lockstep: a power of two, less where there are many targets, or where the
    busiest row would be moved more than once (it is by a share ``busiest`` of the positions, 0 ... 1)."""
    limit = min(GROUP, GROUP_SCORES // scores_of_centre(shape), int(1 / busiest))
    return 1 << max(limit, 1).bit_length() >> 1


def slice_bounds(lane_groups):
    """Bounds [S + 1] of the slices of a row: they depend on nothing but its length."""
    S = min(SLICES, -(-lane_groups // SLICE))
    return np.array([lane_groups * i // S for i in range(S + 1)], np.int64)
