"""Why ReLU breaks a paraphrase classifier (Eq. 14)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.equations.negative_sampling import sigmoid


def paraphrase_probability(x1: ArrayLike, x2: ArrayLike, relu: bool = False) -> NDArray[np.float64]:
    """sigma(x1 . x2) of sentence vectors [..., D], or sigma(relu(x1) . relu(x2)) (Eq. 14).

    With ReLU no product is negative, so the probability never falls below 1/2.
    """
    first, second = np.asarray(x1, np.float64), np.asarray(x2, np.float64)
    if relu:
        first, second = np.maximum(first, 0.0), np.maximum(second, 0.0)
    return sigmoid(np.sum(first * second, axis=-1))


def paraphrase_accuracy(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Share of pairs judged rightly at threshold 1/2 (1/2 itself says "paraphrase"); labels are 0
    or 1 [N].
    """
    return float(np.mean((np.asarray(probabilities) >= 0.5) == (np.asarray(labels) == 1)))
