"""With learning rate 1 the kernel's update is the gradient (Eq. 3 to 5), whatever the padding."""

import numpy as np
import pytest

from fastw2v.equations.softmax import naive_softmax_gradients, naive_softmax_loss
from fastw2v.kernels.block import tags
from fastw2v.kernels.skipgram import Tables
from fastw2v.kernels.softmax import softmax_room, train_softmax_block
from fastw2v.kernels.tiles import padded
from fastw2v.training.state import aligned

D = 21


def update(W_in, W_out, inputs, target, rate):
    """One block by the kernel; returns its loss and the changed tables [V, D]."""
    dtype = W_in.dtype
    tables = Tables(*(aligned((len(W_in), padded(D, dtype)), dtype) for _ in range(2)))
    tables.W_in[:, :D], tables.W_out[:, :D] = W_in, W_out
    tall, wide = tags(8)
    room = softmax_room(tables, len(inputs), wide, aligned)
    loss = train_softmax_block(tables, np.array(inputs, np.int32), len(inputs), target, dtype.type(rate), room, tall, wide)
    return loss, tables.W_in[:, :D], tables.W_out[:, :D]


@pytest.mark.parametrize("V", [8, 37, 100])
@pytest.mark.parametrize("inputs", [[3], [3, 4, 7], [5, 5, 1, 0, 5]])
@pytest.mark.parametrize("target", [0, 7, 2])
def test_with_rate_1_the_update_is_minus_the_gradient(rng, V, inputs, target):
    weights = [rng.normal(size=(V, D)) / 2 for _ in range(2)]
    loss, W_in, W_out = update(*weights, inputs, target, 1.0)
    expected, grad_in, grad_out = 0.0, np.zeros((V, D)), np.zeros((V, D))
    for word in inputs:
        expected += naive_softmax_loss(weights[0][word], target, weights[1])
        grad_v, grad_U = naive_softmax_gradients(weights[0][word], target, weights[1])
        grad_in[word] += grad_v
        grad_out += grad_U
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(W_in - weights[0], -grad_in, atol=1e-12)
    np.testing.assert_allclose(W_out - weights[1], -grad_out, atol=1e-12)


def test_large_scores_do_not_overflow(rng):
    W_in, W_out = (np.full((9, D), 30.0, np.float32) for _ in range(2))
    W_out[4] = -30
    loss, W_in, W_out = update(W_in, W_out, [1, 2], 4, 0.1)
    assert loss == pytest.approx(2 * (2 * 900 * D + np.log(8)), rel=1e-5)
    assert np.isfinite(W_in).all() and np.isfinite(W_out).all()
