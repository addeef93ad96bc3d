"""Naive softmax (Eq. 3 to 5) for the same block: all words of the vocabulary are its targets, and the error is y - yhat.

The cost of a block grows with the vocabulary, which is why negative sampling exists (``bench.scaling`` shows it).
"""

import math

import numpy as np

from fastw2v.kernels.jit import leaf


@leaf
def place_of(i, k, m, wide):
    """Where the score, or the error, of input i and target k stands."""
    return (k // len(wide) * m + i) * len(wide) + k % len(wide)


@leaf
def put_softmax_errors(scores, errors, i, m, target, V, T, rate, wide):
    """The errors of input i over all words, rate * (y - yhat) (Eq. 4, 5), from its scores; returns its loss (Eq. 3)."""
    highest = scores[place_of(i, 0, m, wide)]
    for k in range(1, V):
        highest = max(highest, scores[place_of(i, k, m, wide)])
    total = 0.0
    for k in range(V):
        at = place_of(i, k, m, wide)
        e = math.exp(np.float64(scores[at] - highest))
        errors[at] = e
        total += e
    scale = -rate / total
    for k in range(T):
        at = place_of(i, k, m, wide)
        errors[at] = scale * errors[at] if k < V else 0.0
    at = place_of(i, target, m, wide)
    errors[at] += rate
    return math.log(total) - np.float64(scores[at] - highest)
