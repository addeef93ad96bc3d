"""The sigmoid, and the negative-sampling loss of one pair (Eq. 6 to 11)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def sigmoid(x: ArrayLike) -> NDArray[np.float64]:
    """sigma(x) = 1 / (1 + e^-x) (Eq. 6), without overflow at any x; 1 - sigma(-x) = sigma(x)."""
    x = np.asarray(x, np.float64)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def sigmoid_derivative(x: ArrayLike) -> NDArray[np.float64]:
    """sigma'(x) = sigma(x) (1 - sigma(x)) (Eq. 7)."""
    return sigmoid(x) * sigmoid(-np.asarray(x, np.float64))


def log_sigmoid(x: ArrayLike) -> NDArray[np.float64]:
    """log sigma(x) = -log(1 + e^-x), finite for every finite x."""
    return -np.logaddexp(0.0, -np.asarray(x, np.float64))


def negative_sampling_loss(
    v_c: np.ndarray, o: int, negatives: Sequence[int] | np.ndarray, U: np.ndarray
) -> float:
    """-log sigma(u_o . v_c) - sum_k log sigma(-u_k . v_c) for v_c [D], a word o, words negatives
    [K], U [V, D] (Eq. 8).
    """
    return -float(log_sigmoid(U[o] @ v_c) + log_sigmoid(-(U[negatives] @ v_c)).sum())


def negative_sampling_gradients(
    v_c: np.ndarray, o: int, negatives: Sequence[int] | np.ndarray, U: np.ndarray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradients of Eq. 8: dJ/dv_c [D] (Eq. 9) and dJ/dU [V, D] (Eq. 10 and 11).

    A negative counts once for every time it was drawn; rows that were not drawn are zero.
    """
    scores = U[negatives] @ v_c
    error_o, errors = -sigmoid(-(U[o] @ v_c)), sigmoid(scores)
    grad_U = np.zeros_like(U, dtype=np.float64)
    grad_U[o] = error_o * v_c
    np.add.at(grad_U, negatives, np.outer(errors, v_c))
    return error_o * U[o] + errors @ U[negatives], grad_U
