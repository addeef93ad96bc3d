"""Ranks of items among all: how many others have a greater cosine with a query.

A matrix product in float32 says so for all but those that are too near to tell, which are computed
again in float64, in a fixed order: ranks are exact, whatever computed the product. Of equal cosines
that of the lower row is the greater.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf


@leaf
def exact_score(queries: Array, i: int, items: Array, row: int) -> float:
    """The product of queries[i] and items[row] in float64."""
    total = 0.0
    for d in range(queries.shape[1]):
        total += np.float64(queries[i, d]) * np.float64(items[row, d])
    return total


@leaf
def is_above(
    queries: Array, i: int, items: Array, row: int, target: int, target_score: float
) -> bool:
    """Whether a row has a greater score than the target, or the same and a lower number."""
    score = exact_score(queries, i, items, row)
    return score > target_score or (score == target_score and row < target)


@kernel
def put_target_scores(queries: Array, items: Array, targets: Array, scores: Array) -> None:
    """Write the product of each query and its target to scores (float64 [n])."""
    for i in range(len(targets)):
        scores[i] = exact_score(queries, i, items, targets[i])


@kernel
def count_above(
    products: Array,
    first: int,
    margin: float,
    queries: Array,
    items: Array,
    targets: Array,
    target_scores: Array,
    counts: Array,
) -> None:
    """Add to counts (int64 [n]) how many rows are above the target of each query.

    products : float32 [n, m], of queries [n, D] and items[first : first + m];  margin : that
    rounding moves a product by, at most;  targets : int64 [n].
    """
    n, m = products.shape
    for i in range(n):
        high = np.float32(target_scores[i] + margin)
        low = np.float32(target_scores[i] - margin)
        above = near = 0
        for j in range(m):
            above += products[i, j] > high
            near += products[i, j] >= low
        if near > above:
            for j in range(m):
                if low <= products[i, j] <= high and first + j != targets[i]:
                    above += is_above(queries, i, items, first + j, targets[i], target_scores[i])
        counts[i] += above


@kernel
def leave_out_context(
    ids: Array,
    starts: Array,
    queries: Array,
    items: Array,
    targets: Array,
    target_scores: Array,
    seen: Array,
    counts: Array,
) -> None:
    """Take the items of each context, ids[starts[i] : starts[i + 1]], from its count; an item that
    is the target stays.

    ids : negative for what is no item;  seen : int64 [items], -1; changed.
    """
    for i in range(len(targets)):
        for at in range(starts[i], starts[i + 1]):
            row = np.int64(ids[at])
            if row >= 0 and row != targets[i] and seen[row] != i:
                seen[row] = i
                counts[i] -= is_above(queries, i, items, row, targets[i], target_scores[i])
