"""Why ReLU breaks a paraphrase classifier (Eq. 14)."""

import numpy as np

from fastw2v.equations.negative_sampling import sigmoid


def paraphrase_probability(x1, x2, relu=False):
    """sigma(x1 . x2) of sentence vectors [..., D], or sigma(relu(x1) . relu(x2)) (Eq. 14).

    With ReLU no product is negative, so the probability never falls below 1/2.
    """
    if relu:
        x1, x2 = np.maximum(x1, 0.0), np.maximum(x2, 0.0)
    return sigmoid(np.sum(np.asarray(x1, np.float64) * x2, axis=-1))


def paraphrase_accuracy(probabilities, labels):
    """Share of pairs judged rightly at threshold 1/2 (1/2 itself says "paraphrase"); labels are 0
    or 1 [N].
    """
    return float(np.mean((np.asarray(probabilities) >= 0.5) == (np.asarray(labels) == 1)))
