"""The production kernel is gradient-checked itself: with learning rate 1 its update is the gradient (Eq. 8 to 11)."""

from functools import partial

import numpy as np
import pytest

from fastw2v.equations.negative_sampling import negative_sampling_gradients, negative_sampling_loss
from fastw2v.equations.windows import cbow
from fastw2v.kernels.block import COPIED, IN_PLACE, MEAN, MEAN_UNDIVIDED, tags, train_block
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.skipgram import Shape, Tables, scratch
from fastw2v.kernels.tiles import padded
from fastw2v.training.state import aligned
from tests.naive import numeric_gradient

V, D = 40, 21

BLOCKS = {
    "one pair": ([3], [7, 1, 2]),
    "a window": ([3, 4, 9, 11, 2, 8, 5], [7, 1, 2, 30, 31, 32]),
    "a negative drawn twice": ([3, 4], [7, 1, 2, 1, 1]),
    "a word twice in the window": ([3, 4, 3, 3, 5], [7, 1, 2, 30, 31, 32]),
    "negatives that equal the target": ([3, 4, 5], [7, 1, 7, 7, 2]),
    "the centre in its own window": ([7, 3], [7, 3, 1]),
    "many negatives": ([3, 4, 3], [7, *range(8, 30), 9, 9]),
    "one negative": ([0, 1, 2, 3, 4], [7, 3]),
}


@kernel
def train_one(tables, inputs, m, source, targets, T, rate, room, tall, wide):
    return train_block(tables, inputs, m, source, targets, T, rate, True, room, 0, tall, wide)


def update(W_in, W_out, inputs, targets, rate, source=None):
    """One block by the kernel; returns its loss and the changed tables [V, D]."""
    dtype = W_in.dtype
    tables = Tables(*(aligned((V, padded(D, dtype)), dtype) for _ in range(2)))
    tables.W_in[:, :D], tables.W_out[:, :D] = W_in, W_out
    tall, wide = tags(len(targets))
    T = -(-len(targets) // len(wide)) * len(wide)
    room = scratch(1, Shape(len(inputs), T - 1, 2 * len(inputs), IN_PLACE, 0, T, np.uint64(0)), tables, aligned)
    rows = np.array([*inputs, *[0] * 16], np.int32)
    all_targets = np.array(targets + [targets[0]] * (T - len(targets)), np.int32)
    source = (COPIED if len(set(inputs)) < len(inputs) else IN_PLACE) if source is None else source
    loss = train_one(tables, rows, len(inputs), source, all_targets, T, dtype.type(rate), room, tall, wide)
    if np.isfinite(loss):
        assert not tables.W_in[:, D:].any() and not tables.W_out[:, D:].any()  # the padding stays zero
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
    pair = [partial(of_a_pair, negatives=negatives) for of_a_pair in (negative_sampling_loss, negative_sampling_gradients)]
    expected, grad_in, grad_out = cbow(o, inputs, *weights, *(lambda x, o, U, f=f: f(x, o, U=U) for f in pair))
    for source, factor in ((MEAN, 1), (MEAN_UNDIVIDED, len(inputs))):
        loss, W_in, W_out = update(*weights, *block, 1.0, source)
        assert loss == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(W_in - weights[0], -factor * grad_in, atol=1e-12)
        np.testing.assert_allclose(W_out - weights[1], -grad_out, atol=1e-12)


@pytest.mark.parametrize("name", ["a window", "a word twice in the window", "a negative drawn twice"])
def test_the_kernels_update_equals_finite_differences_of_the_kernels_loss(weights, name):
    inputs, targets = BLOCKS[name]
    _, W_in, _ = update(*weights, inputs, targets, 1.0)
    some = weights[0][3:5].copy()

    def loss(rows):
        changed = weights[0].copy()
        changed[3:5] = rows
        return update(changed, weights[1], inputs, targets, 0.0)[0]

    np.testing.assert_allclose(W_in[3:5] - weights[0][3:5], -numeric_gradient(loss, some), atol=1e-7)


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
    tall, wide = tags(targets)
    padding = -targets % len(wide)
    assert padding == 0 if targets <= 8 else padding <= 3
    assert len(tall) * len(wide) <= 16 < (len(tall) + 1) * len(wide)  # one vector of scores
