"""Hierarchical softmax: a word as a path down a binary tree (Eq. 16)."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid


def path_probability(
    v: np.ndarray, nodes: NDArray[np.integer[Any]], codes: ArrayLike, U: np.ndarray
) -> float:
    """p(w|v) = prod_n sigma((1 - 2 d_n) u_n . v) over the nodes of the path of w, with codes d_n of
    0 or 1 (Eq. 16).

    At each node the two turns have probabilities sigma(s) and sigma(-s), which add to 1, and so do
    those of all words: a tree of two is logistic regression.

    Parameters
    ----------
    v : array of shape (D,)
    nodes : rows of U, of shape (n,)
    codes : array of shape (n,)
    U : array of shape (V - 1, D)
        Vectors of the inner nodes.
    """
    return float(np.exp(-path_loss(v, nodes, codes, U)))


def path_loss(
    v: np.ndarray, nodes: NDArray[np.integer[Any]], codes: ArrayLike, U: np.ndarray
) -> float:
    """J = -log p(w|v) for Eq. 16."""
    return -float(log_sigmoid((1 - 2 * np.asarray(codes)) * (U[nodes] @ v)).sum())


def path_gradients(
    v: np.ndarray, nodes: NDArray[np.integer[Any]], codes: ArrayLike, U: np.ndarray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradients of J for Eq. 16: dJ/dv = sum_n e_n u_n [D] and dJ/dU [V - 1, D] with rows dJ/du_n =
    e_n v, where e_n = sigma(u_n . v) - (1 - d_n).
    """
    errors = sigmoid(U[nodes] @ v) - (1 - np.asarray(codes))
    grad_U = np.zeros_like(U, dtype=np.float64)
    grad_U[nodes] = np.outer(errors, v)
    return errors @ U[nodes], grad_U
