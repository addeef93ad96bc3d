"""Softmax, cross-entropy, and the naive-softmax loss of one pair (Eq. 1 to 5)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def softmax(x: ArrayLike) -> NDArray[np.float64]:
    """Softmax over the last axis of x [..., V] (Eq. 1).

    Adding a constant changes nothing, softmax(x + c) = softmax(x), so the maximum is taken off
    first: no overflow.
    """
    x = np.asarray(x, np.float64)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x: ArrayLike) -> NDArray[np.float64]:
    """Logarithm of Eq. 1 over the last axis, finite wherever x is."""
    x = np.asarray(x, np.float64)
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def cross_entropy(y: ArrayLike, y_hat: ArrayLike) -> float:
    """-sum_w y_w log yhat_w over [V]; for a one-hot y with its 1 at o it is -log yhat_o (Eq. 2). 0
    log 0 counts as 0.
    """
    y, y_hat = np.asarray(y, np.float64), np.asarray(y_hat, np.float64)
    with np.errstate(divide="ignore"):
        return -float(np.sum(np.where(y > 0, y * np.log(np.where(y > 0, y_hat, 1.0)), 0.0)))


def naive_softmax_loss(v_c: np.ndarray, o: int, U: np.ndarray) -> float:
    """-log softmax(U v_c)_o for a centre vector v_c [D], an outside word o and output vectors U [V,
    D] (Eq. 3).
    """
    return -float(log_softmax(U @ v_c)[o])


def naive_softmax_gradients(
    v_c: np.ndarray, o: int, U: np.ndarray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradients of Eq. 3: dJ/dv_c = U^T (yhat - y) [D] (Eq. 4) and dJ/dU = (yhat - y) v_c^T [V, D]
    (Eq. 5).

    Row by row Eq. 5 says dJ/du_o = (yhat_o - 1) v_c and dJ/du_w = yhat_w v_c for w != o.
    """
    error = softmax(U @ v_c)
    error[o] -= 1.0
    return U.T @ error, np.outer(error, v_c)
