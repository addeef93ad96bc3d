"""Skip-gram and CBOW over a window (Eq. 12 and 15)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Loss = Callable[[Array, int, Array], float]
Gradients = Callable[[Array, int, Array], tuple[Array, Array]]
LossAndGradients = tuple[float, Array, Array]


def skipgram(
    centre: int,
    outside: Sequence[int],
    V_in: np.ndarray,
    U: np.ndarray,
    loss: Loss,
    gradients: Gradients,
) -> LossAndGradients:
    """Loss and gradients of a centre word and the words outside it in its window (Eq. 12).

    Parameters
    ----------
    centre : word
    outside : words
        The words at -m <= j <= m, j != 0, with repetitions.
    V_in, U : arrays of shape (V, D)
    loss : function
        loss(v_c, o, U) of one pair, as in Eq. 3 and 8.
    gradients : function
        gradients(v_c, o, U) -> (dJ/dv_c, dJ/dU) of one pair, as in Eq. 4, 5 and 9 to 11.

    Returns
    -------
    J, dJ/dV_in, dJ/dU
        Sums over the pairs of the window; dJ/dv_w = 0 for every w but the centre.
    """
    J, grad_V, grad_U = (
        0.0,
        np.zeros_like(V_in, dtype=np.float64),
        np.zeros_like(U, dtype=np.float64),
    )
    for o in outside:
        J += loss(V_in[centre], o, U)
        grad_centre, grad_outside = gradients(V_in[centre], o, U)
        grad_V[centre] += grad_centre
        grad_U += grad_outside
    return J, grad_V, grad_U


def cbow(
    centre: int,
    outside: Sequence[int],
    V_in: np.ndarray,
    U: np.ndarray,
    loss: Loss,
    gradients: Gradients,
) -> LossAndGradients:
    """Loss and gradients of CBOW: the mean of the words outside predicts the centre (Eq. 15).

    x = 1/n sum_o v_o over the n words outside, with repetitions;  J = loss(x, centre, U);  dJ/dv_o
    = 1/n dJ/dx for every time o stands there. (word2vec.c, gensim and fastText leave out the 1/n of
    the gradient, though not that of the mean.) Arguments and results as for ``skipgram``; at least
    one word must stand outside.
    """
    grad_V = np.zeros_like(V_in, dtype=np.float64)
    x = V_in[outside].mean(axis=0)
    grad_x, grad_U = gradients(x, centre, U)
    np.add.at(grad_V, outside, grad_x / len(outside))
    return loss(x, centre, U), grad_V, grad_U
