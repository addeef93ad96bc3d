"""What the training kernels work on: tables, draws, configuration, learning rate, and the workspace
of every worker.

All are NamedTuples of arrays, which cost nothing in compiled code. ``Run`` holds those that all
workers share.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastw2v.kernels.memory import padded_count
from fastw2v.kernels.simd.registers import LINE, VECTORS
from fastw2v.kernels.simd.tiles import STEP
from fastw2v.kernels.train.duplicates import margin
from fastw2v.kernels.train.negatives import ring_size
from fastw2v.kernels.train.private import LEVELS, OwnRows

BATCH_TOKENS = 4096  # positions that a Hogwild worker takes at a time, at most
PREFETCH_CENTRES = (
    2  # centres between the one whose rows are prefetched and the one that is trained
)
SLOTS = PREFETCH_CENTRES + 1
GROUP_CENTRES = 64  # centres that lockstep scores together, at most
GROUP_SCORES = 1 << 18  # scores of a group, at most
GROUPS_PLANNED = 4  # groups that lockstep plans at a time
SLICES = 8  # slices of the dimensions, at most
SLICE_LINES = 2  # cache lines of a slice, at least

# The kinds that an objective is made of (training.objectives names them for every configuration).
# inputs of a block: every word, or their mean, and how a word gets its gradient
EACH, MEAN, MEAN_UNDIVIDED = range(3)
# the document of a centre: it is no input, it is the only one, or one beside the window's words
NO_DOCUMENT, ALONE, WITH_WINDOW = range(3)
# targets of a block: a word and its negatives, its Huffman path, or all words
NEGATIVES, PATH, VOCABULARY = range(3)

# columns of totals: pairs trained, the loss, the number of pairs whose loss it is
PAIRS, LOSS, LOSS_PAIRS = range(3)

# A planned centre.
#   position    its position in the corpus
#   word        its word
#   next_row    the input that its window adds to that of the centre before; prefetched with it
#   first_seen, stop_seen
#               which kept tokens of the span its window holds (``composed``)
#   inputs      how many inputs it has
#   blocks      how many blocks it has
#   with_loss   whether its loss is summed
CENTRE = np.dtype(
    [
        ("position", "i8"),
        ("word", "i4"),
        ("next_row", "i4"),
        ("first_seen", "i4"),
        ("stop_seen", "i4"),
        ("inputs", "i4"),
        ("blocks", "i4"),
        ("with_loss", "i4"),
    ],
    align=True,
)
# A block of a centre.
#   begin         its first input among those of the centre
#   input_count   how many inputs it has: words, and the document
#   copied        whether inputs are copied before they change, since one may occur twice
#   target_list   which of the slot's lists of targets is its own
#   target_count  how many targets it has, with padding
#   scores        where its scores begin (lockstep)
BLOCK = np.dtype(
    [
        (name, "i4")
        for name in ("begin", "input_count", "copied", "target_list", "target_count", "scores")
    ],
    align=True,
)


class Tables(NamedTuple):
    """The parameters, which training changes, and which of their rows belong to a word.

    Attributes
    ----------
    W_in, W_out : float32 or float64 [rows, padded]
        The parameters.
    subword_ids, subword_starts : int32 [n], int64 [V + 1]
        The rows of W_in whose mean is word w (Eq. 20): ids[starts[w] : starts[w + 1]]. Empty
        without subwords: word w is row w.
    paths, path_starts : int32 [n], int64 [V + 1]
        The Huffman path of word w (Eq. 16), likewise: for each node, twice its row in W_out plus
        the code there. Empty for other losses.
    memory_in, memory_out : [more rows, padded]
        W_in and W_out, followed by the private copies of Hogwild workers and by the rows that
        words are composed into.
    due : int64 [2, levels]
        How many rows of W_in and of W_out are merged at each level (``private``).
    line_ends, line_documents : int64 [lines], int32 [lines]
        The positions of the line ends, and the rows of W_in of the lines' documents. Empty
        without documents.
    input_factors : float32 [rows]
        What the gradient of each row of W_in is multiplied by. If empty: 1.
    """

    W_in: np.ndarray
    W_out: np.ndarray
    subword_ids: np.ndarray = np.empty(0, np.int32)
    subword_starts: np.ndarray = np.empty(0, np.int64)
    paths: np.ndarray = np.empty(0, np.int32)
    path_starts: np.ndarray = np.empty(0, np.int64)
    memory_in: np.ndarray = np.empty((0, 0), np.float32)
    memory_out: np.ndarray = np.empty((0, 0), np.float32)
    due: np.ndarray = np.zeros((2, LEVELS), np.int64)
    line_ends: np.ndarray = np.empty(0, np.int64)
    line_documents: np.ndarray = np.empty(0, np.int32)
    input_factors: np.ndarray = np.empty(0, np.float32)


class Draws(NamedTuple):
    """What random draws depend on.

    Attributes
    ----------
    keep_limits : uint32 [V]
        The probability to keep each word (Eq. 18), times 2^32.
    threshold, alias : [V]
        The alias table of the noise distribution (Eq. 17).
    token_key, noise_key : uint64
        The keys of the epoch's two streams of random numbers: for tokens, and for the noise.
    """

    keep_limits: np.ndarray
    threshold: np.ndarray
    alias: np.ndarray
    token_key: np.uint64
    noise_key: np.uint64


class KernelConfig(NamedTuple):
    """Sizes and kinds, fixed for a run.

    Attributes
    ----------
    window, min_radius : int
        The most and the fewest words on each side that a window may hold.
    negative : int
        K, the number of negatives of a target.
    inputs_per_block : int
        The most words of a window in one block.
    pool : int
        From how many drawn words a block takes its negatives (``negatives.pool_size``).
    target_count : int
        The most targets of a block, with padding.
    input_kind, target_kind, document_kind : int
        See the constants above.
    loss_mask : uint64
        The loss of a centre is summed if its draw has no bit in common with this.
    noise_shift : int
        2 to this power consecutive positions have the same negatives.
    ring : int
        The number of rows that a worker composes words into (``composed``), or 0.
    composed_begin : int
        The row of W_in where those of the first worker begin.
    """

    window: int
    min_radius: int
    negative: int
    inputs_per_block: int
    pool: int
    target_count: int
    input_kind: int = EACH
    target_kind: int = NEGATIVES
    loss_mask: np.uint64 = np.uint64(0)
    document_kind: int = NO_DOCUMENT
    noise_shift: int = 0
    ring: int = 0
    composed_begin: int = 0


class Rate(NamedTuple):
    """Eq. 19 as a function of the position: max(start - slope * position, end)."""

    start: float
    slope: float
    end: float


class Run(NamedTuple):
    """What all workers share, and which rows are a worker's own.

    Attributes
    ----------
    tables, draws, config, rate
        See these classes.
    tall, wide : tuple of int
        Tags for the shape of tiles (``block.tile_tags``).
    own_in, own_out : OwnRows
        The worker's private copies of rows of W_in and W_out (``private``).
    composed_begin : int
        The row of W_in where the rows begin that the worker composes words into (``composed``).
    """

    tables: Tables
    draws: Draws
    config: KernelConfig
    rate: Rate
    tall: tuple[int, ...]
    wide: tuple[int, ...]
    own_in: OwnRows = OwnRows()
    own_out: OwnRows = OwnRows()
    composed_begin: int = 0


class Workspace(NamedTuple):
    """The memory that workers compute in: of all of them, with workers as the first axis, or of one
    (``plan.of_worker``).

    Attributes
    ----------
    tokens, rows, positions, duplicates : int32, int32, int64, int32 [tokens]
        Of a line, or of what a piece of work has of it: the kept words, their rows of W_in, their
        positions, and where words occur twice (``duplicates.find_duplicates``).
    words, sight : int32 [tokens], int64 [3]
        Of a span: all its kept words, and which of them are composed (``composed``).
    centres, blocks : CENTRE [slots], BLOCK [slots, blocks]
        Records of planned centres.
    inputs, targets, labels : int32 [slots, n], int32 [slots, lists, n], [slots, n]
        Of planned centres: rows of W_in, rows of W_out, and labels. ``allocate_workspace`` writes
        the labels of negatives (1, 0, 0, ...) and the targets of naive softmax, once for all.
    noise, cursor : int32 [n], int64 [3]
        The drawn negatives, and how far they are drawn and prefetched (``negatives``).
    X, Y : [rows, padded]
        Of the block that is trained: copies of its inputs, or their mean, and of its targets.
    grad_in : [rows, padded]
        The gradient of the mean of the inputs, or gradients that are still to be scaled.
    scores, errors : [n]
        Of the block that is trained, tile by tile (``scores.score_index``).
    totals : float64 [3]
        Pairs trained, summed loss, and pairs whose loss it is.
    iota : int32 [n]
        0, 1, 2, ...; shared by all workers, as are the next four.
    counter : int64 [1]
        The next batch (Hogwild), or how often workers have waited for one another (lockstep).
    slices : int64 [S + 1]
        Bounds of slices of the dimensions, in lane groups.
    sums : [2, S, n]
        Scores of a group over each slice, in two buffers.
    locks : int64 [2, n]
        A lock for each row of W_in and W_out that has private copies.
    trained : int64 [n]
        How many centres the worker has trained (``private``).
    """

    tokens: np.ndarray
    rows: np.ndarray
    words: np.ndarray
    sight: np.ndarray
    positions: np.ndarray
    duplicates: np.ndarray
    centres: np.ndarray
    blocks: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    labels: np.ndarray
    noise: np.ndarray
    cursor: np.ndarray
    X: np.ndarray
    Y: np.ndarray
    grad_in: np.ndarray
    scores: np.ndarray
    errors: np.ndarray
    totals: np.ndarray
    iota: np.ndarray
    counter: np.ndarray
    slices: np.ndarray
    sums: np.ndarray
    trained: np.ndarray
    locks: np.ndarray


def allocate_workspace(
    workers: int,
    config: KernelConfig,
    tables: Tables,
    zeros: Callable[..., np.ndarray],
    group: int = 0,
) -> Workspace:
    """Return the Workspace of ``workers``; for lockstep, ``group`` is the number of positions
    of a group.

    zeros : makes arrays of zeros that begin at 64-byte boundaries, from a shape and a dtype.
    """
    W, T, dtype, stride = (
        config.window,
        config.target_count,
        tables.W_in.dtype,
        tables.W_in.shape[1],
    )
    slots = GROUPS_PLANNED * group or SLOTS
    tokens = padded_count(margin(W) + BATCH_TOKENS + 2 * W + STEP)
    rows = min(most_inputs(config), config.inputs_per_block)  # of W_in, of a block
    inputs = rows if config.input_kind == EACH else 1
    blocks = -(-most_inputs(config) // config.inputs_per_block)
    # Vectors are read and written whole, so arrays have room for two beyond what they hold.
    errors = padded_count(inputs * T + 2 * LINE)
    sums = padded_count(group * scores_of_centre(config) + 2 * LINE)
    slices = VECTORS * slice_bounds(stride * np.dtype(dtype).itemsize // LINE)

    workspace = Workspace(
        tokens=zeros((workers, tokens), np.int32),
        rows=zeros((workers, tokens), np.int32),
        words=zeros((workers, tokens), np.int32),
        sight=zeros((workers, padded_count(3)), np.int64),
        positions=zeros((workers, tokens), np.int64),
        duplicates=zeros((workers, tokens), np.int32),
        centres=zeros((workers, padded_count(slots)), CENTRE).view(np.recarray),
        blocks=zeros((workers, slots, padded_count(blocks)), BLOCK).view(np.recarray),
        inputs=zeros((workers, slots, padded_count(2 * W + 1 + STEP)), np.int32),
        targets=zeros(
            (workers, slots, blocks if config.target_kind == NEGATIVES else 1, padded_count(T)),
            np.int32,
        ),
        labels=zeros((workers, slots, padded_count(T + STEP)), dtype),
        noise=zeros((workers, ring_size(config.negative, config.pool)), np.int32),
        cursor=zeros((workers, padded_count(3)), np.int64),
        X=zeros((workers, padded_count(inputs), stride), dtype),
        Y=zeros(
            (workers, padded_count(T if config.target_kind == NEGATIVES else 0), stride), dtype
        ),
        grad_in=zeros((workers, padded_count(inputs), stride), dtype),
        scores=zeros((workers, max(errors, sums)), dtype),
        errors=zeros((workers, errors), dtype),
        totals=zeros((workers, padded_count(3)), np.float64),
        iota=np.arange(max(T, rows) + STEP, dtype=np.int32),
        counter=zeros((1,), np.int64),
        slices=slices,
        sums=zeros((2, len(slices) - 1, sums), dtype),
        trained=zeros((workers, padded_count(1)), np.int64),
        locks=zeros((2, max(tables.due.max(), 1)), np.int64),
    )
    workspace.tokens[:] = -1  # what ``find_duplicates`` reads before a line equals no word
    workspace.labels[:, :, 0] = 1
    if config.target_kind == VOCABULARY:
        workspace.targets[:] = np.arange(padded_count(T)) % len(tables.W_out)
    return workspace


def most_inputs(config: KernelConfig) -> int:
    """Return how many inputs a centre has, at most: words of its window and its document."""
    if config.document_kind == ALONE:
        return 1
    return 2 * config.window + (config.document_kind == WITH_WINDOW)


def scores_of_centre(config: KernelConfig) -> int:
    """Return how many scores the blocks of a centre have, at most."""
    return config.target_count * (most_inputs(config) if config.input_kind == EACH else 1)


def group_size(config: KernelConfig, most: float) -> int:
    """Return how many positions lockstep scores together: a power of two, less where there are
    many targets.

    most : how many positions may move rows by scores of the same time.
    """
    limit = int(min(GROUP_CENTRES, GROUP_SCORES // scores_of_centre(config), most))
    return 1 << max(limit, 1).bit_length() >> 1


def slice_bounds(lines: int) -> np.ndarray:
    """Return the bounds int64 [S + 1], in cache lines, of the slices of a row: a function of its
    length alone.
    """
    S = min(SLICES, -(-lines // SLICE_LINES))
    return np.array([lines * i // S for i in range(S + 1)], np.int64)
