"""Naive softmax (Eq. 3 to 5) for the same block: all words of the vocabulary are its targets, and
the error is y - yhat.

The cost of a block grows with the vocabulary, which is why negative sampling exists
(``bench.scaling`` shows it).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.kernels.jit import leaf
from fastw2v.kernels.train.scores import score_index

if TYPE_CHECKING:
    from fastw2v.kernels.annotations import Array, Tag
    from fastw2v.kernels.train.block import Block


@leaf
def put_softmax_errors(
    scores: Array, errors: Array, i: int, block: Block, V: int, rate: float, wide: Tag
) -> float:
    """Write the errors of input i over all V words, rate * (y - yhat) (Eq. 4, 5); returns its loss
    (Eq. 3).
    """
    n = block.n
    highest = scores[score_index(i, 0, n, wide)]
    for k in range(1, V):
        highest = max(highest, scores[score_index(i, k, n, wide)])
    total = 0.0
    for k in range(V):
        at = score_index(i, k, n, wide)
        e = math.exp(np.float64(scores[at] - highest))
        errors[at] = e
        total += e
    scale = -rate / total
    for k in range(block.T):
        at = score_index(i, k, n, wide)
        errors[at] = scale * errors[at] if k < V else 0.0
    at = score_index(i, block.word, n, wide)
    errors[at] += rate
    return math.log(total) - np.float64(scores[at] - highest)
