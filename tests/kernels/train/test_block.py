"""The production kernel is gradient-checked itself: with learning rate 1 its update is the
gradient.
"""

from functools import partial

import numpy as np
import pytest

from fastw2v.equations.hierarchical_softmax import path_gradients, path_loss
from fastw2v.equations.negative_sampling import negative_sampling_gradients, negative_sampling_loss
from fastw2v.equations.softmax import naive_softmax_gradients, naive_softmax_loss
from fastw2v.equations.windows import cbow
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.simd.registers import SCORES
from fastw2v.kernels.simd.tiles import padded
from fastw2v.kernels.train.block import Block, tile_tags
from fastw2v.kernels.train.hogwild import train_block
from fastw2v.kernels.train.plan import of_worker
from fastw2v.kernels.train.state import (
    EACH,
    MEAN,
    MEAN_UNDIVIDED,
    NEGATIVES,
    PATH,
    VOCABULARY,
    KernelConfig,
    Rate,
    Run,
    Tables,
    allocate_workspace,
)
from tests.helpers.draws import DRAWS
from tests.helpers.gradients import numeric_gradient

V, D = 40, 21
BLOCKS = {
    "one pair": ([3], [7, 1, 2]),
    "a window": ([3, 4, 9, 11, 2, 8, 5], [7, 1, 2, 30, 31, 32]),
    "a negative drawn twice": ([3, 4], [7, 1, 2, 1, 1]),
    "a word twice in the window": ([3, 4, 3, 3, 5], [7, 1, 2, 30, 31, 32]),
    "negatives that equal the target": ([3, 4, 5], [7, 1, 7, 7, 2]),
    "the centre in its own window": ([7, 3], [7, 3, 1]),
    "many negatives": ([3, 4, 3], [7, *range(8, 30), 9, 9]),
    "many negatives, none in two tiles": ([3, 4, 5], [7, 8, 8, *range(9, 20)]),
    "one negative": ([0, 1, 2, 3, 4], [7, 3]),
}


@kernel
def train_one(block, rate, run, workspace):
    return train_block(block, rate, True, run, of_worker(workspace, 0), -1)


def update(
    W_in,
    W_out,
    inputs,
    targets,
    rate,
    kind=EACH,
    labels=None,
    all_words=False,
):
    """One block by the kernel; returns its loss and the changed tables.

    labels : of the targets of a path;  all_words : targets is one word.
    """
    dtype = W_in.dtype
    tables = Tables(*(aligned_zeros((len(W), padded(D, dtype)), dtype) for W in (W_in, W_out)))
    tables.W_in[:, :D], tables.W_out[:, :D] = W_in, W_out
    outputs = PATH if labels else VOCABULARY if all_words else NEGATIVES
    n = len(W_out) if all_words else len(targets)
    tall, wide = tile_tags(n if outputs == NEGATIVES else 8)
    T = -(-n // len(wide)) * len(wide)
    config = KernelConfig(len(inputs), 1, 5, 2 * len(inputs), 0, T, kind, outputs)
    workspace = allocate_workspace(1, config, tables, aligned_zeros)
    rows = np.array([*inputs, *[0] * 16], np.int32)
    if not all_words:
        workspace.targets[0, 0, 0, :T] = targets + [targets[0]] * (T - n)
    if labels:
        workspace.labels[0, 0, :T] = labels + [0] * (T - n)
    m = len(inputs)
    block = Block(
        rows,
        m,
        m if kind == EACH else 1,
        len(set(inputs)) < len(inputs),
        workspace.targets[0, 0, 0],
        workspace.labels[0, 0],
        T,
        targets[0],
    )
    loss = train_one(
        block,
        dtype.type(rate),
        Run(tables, DRAWS, config, Rate(0.0, 0.0, 0.0), tall, wide),
        workspace,
    )
    if np.isfinite(loss):
        # the padding stays zero
        assert not tables.W_in[:, D:].any() and not tables.W_out[:, D:].any()
        assert not workspace.grad_in.any()  # as the next block expects it
    return loss, tables.W_in[:, :D], tables.W_out[:, :D]


def block_loss_and_gradients(W_in, W_out, inputs, targets):
    """The same by the equations, pair by pair; negatives that equal the target are skipped."""
    o, negatives = targets[0], [word for word in targets[1:] if word != targets[0]]
    loss, grad_in, grad_out = 0.0, np.zeros_like(W_in), np.zeros_like(W_out)
    for word in inputs:
        loss += negative_sampling_loss(W_in[word], o, negatives, W_out)
        grad_v, grad_U = negative_sampling_gradients(W_in[word], o, negatives, W_out)
        grad_in[word] += grad_v
        grad_out += grad_U
    return loss, grad_in, grad_out


@pytest.fixture
def weights(rng):
    return rng.normal(size=(V, D)) / 2, rng.normal(size=(V, D)) / 2


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_with_rate_1_the_update_is_minus_the_gradient(weights, block):
    loss, W_in, W_out = update(*weights, *block, 1.0)
    expected, grad_in, grad_out = block_loss_and_gradients(*weights, *block)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(W_in - weights[0], -grad_in, atol=1e-12)
    np.testing.assert_allclose(W_out - weights[1], -grad_out, atol=1e-12)


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_the_mean_of_a_window_moves_by_minus_the_gradient_of_cbow(weights, block):
    inputs, (o, *drawn) = block
    negatives = [word for word in drawn if word != o]
    pair = [
        partial(of_a_pair, negatives=negatives)
        for of_a_pair in (negative_sampling_loss, negative_sampling_gradients)
    ]
    expected, grad_in, grad_out = cbow(
        o, inputs, *weights, *(lambda x, o, U, f=f: f(x, o, U=U) for f in pair)
    )
    for kind, factor in ((MEAN, 1), (MEAN_UNDIVIDED, len(inputs))):
        loss, W_in, W_out = update(*weights, *block, 1.0, kind)
        assert loss == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(W_in - weights[0], -factor * grad_in, atol=1e-12)
        np.testing.assert_allclose(W_out - weights[1], -grad_out, atol=1e-12)


PATHS = {
    "one turn": ([3], [7], [1]),
    "a tile": ([3, 4, 9], [7, 0, 2, 30, 31, 32, 5, 9], [1, 0, 0, 1, 1, 0, 1, 0]),
    "a long path": ([3, 4, 9, 4], list(range(7, 26)), [0, 1, 1] * 6 + [0]),
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_a_path_moves_by_minus_its_gradient(weights, path):
    inputs, nodes, labels = path
    codes = [1 - label for label in labels]
    expected, grad_in, grad_out = 0.0, *(np.zeros((V, D)) for _ in range(2))
    for word in inputs:
        expected += path_loss(weights[0][word], nodes, codes, weights[1])
        grad_v, grad_U = path_gradients(weights[0][word], nodes, codes, weights[1])
        grad_in[word] += grad_v
        grad_out += grad_U
    loss, W_in, W_out = update(*weights, inputs, nodes, 1.0, labels=labels)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(W_in - weights[0], -grad_in, atol=1e-12)
    np.testing.assert_allclose(W_out - weights[1], -grad_out, atol=1e-12)


def test_the_softmax_of_a_single_word_changes_nothing(weights):
    """That of the only word of a vocabulary, whose probability is 1."""
    loss, W_in, _ = update(weights[0], weights[1][:1], [3, 4], [0], 1.0, all_words=True)
    assert loss == 0.0
    np.testing.assert_allclose(W_in, weights[0], atol=1e-15)


@pytest.mark.parametrize("outputs", [1, 3, 8, 37])
@pytest.mark.parametrize("inputs", [[3], [3, 4, 7], [5, 5, 1, 0, 5]])
@pytest.mark.parametrize("target", [0, 7, 2])
def test_softmax_moves_by_minus_its_gradient(weights, outputs, inputs, target):
    W_out, target = weights[1][:outputs], target % outputs
    expected, grad_in, grad_out = 0.0, np.zeros((V, D)), np.zeros((outputs, D))
    for word in inputs:
        expected += naive_softmax_loss(weights[0][word], target, W_out)
        grad_v, grad_U = naive_softmax_gradients(weights[0][word], target, W_out)
        grad_in[word] += grad_v
        grad_out += grad_U
    loss, W_in, changed = update(weights[0], W_out, inputs, [target], 1.0, all_words=True)
    assert loss == pytest.approx(expected, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(W_in - weights[0], -grad_in, atol=1e-12)
    np.testing.assert_allclose(changed - W_out, -grad_out, atol=1e-12)


def test_large_scores_do_not_overflow_a_softmax():
    W_in, W_out = np.full((V, D), 30.0, np.float32), np.full((9, D), 30.0, np.float32)
    W_out[4] = -30
    loss, W_in, W_out = update(W_in, W_out, [1, 2], [4], 0.1, all_words=True)
    assert loss == pytest.approx(2 * (2 * 900 * D + np.log(8)), rel=1e-5)
    assert np.isfinite(W_in).all() and np.isfinite(W_out).all()


@pytest.mark.parametrize(
    "name", ["a window", "a word twice in the window", "a negative drawn twice"]
)
def test_the_kernels_update_equals_finite_differences_of_the_kernels_loss(weights, name):
    inputs, targets = BLOCKS[name]
    _, W_in, _ = update(*weights, inputs, targets, 1.0)
    some = weights[0][3:5].copy()

    def loss(rows):
        changed = weights[0].copy()
        changed[3:5] = rows
        return update(changed, weights[1], inputs, targets, 0.0)[0]

    np.testing.assert_allclose(
        W_in[3:5] - weights[0][3:5], -numeric_gradient(loss, some), atol=1e-7
    )


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_float32_does_the_same(weights, block):
    single = [w.astype(np.float32) for w in weights]
    _, W_in, W_out = update(*single, *block, 0.5)
    _, grad_in, grad_out = block_loss_and_gradients(*(w.astype(np.float64) for w in single), *block)
    np.testing.assert_allclose(W_in, single[0] - 0.5 * grad_in, atol=2e-5)
    np.testing.assert_allclose(W_out, single[1] - 0.5 * grad_out, atol=2e-5)


def test_rate_0_changes_nothing(weights):
    _, W_in, W_out = update(*weights, *BLOCKS["a window"], 0.0)
    np.testing.assert_array_equal(W_in, weights[0])
    np.testing.assert_array_equal(W_out, weights[1])


def test_not_a_number_is_seen_and_not_hidden(weights):
    weights[0][4, 0] = np.nan
    loss, W_in, W_out = update(*weights, [3, 4], [7, 1, 2], 0.1)
    assert np.isnan(loss) and np.isnan(W_in[4]).all() and np.isnan(W_out[7]).all()


@pytest.mark.parametrize("targets", range(1, 40))
def test_tiles_cover_all_targets_with_little_padding(targets):
    tall, wide = tile_tags(targets)
    padding = -targets % len(wide)
    assert padding == 0 if targets <= 8 else padding <= 3
    assert len(tall) * len(wide) <= SCORES < (len(tall) + 1) * len(wide)
