"""Groups of words whose vectors point the same way."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.vectors.clusters import centres_of, cluster


def clusters(
    rows: NDArray[np.floating[Any]], count: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Spherical k-means of rows [n, D] of length 1: the cluster of each row [n], and the centres
    [k, D], of length 1.

    At most ``count`` clusters, the largest first and none empty.
    """
    labels = cluster(rows, min(count, len(rows)), seed, restarts=1)
    sizes = np.bincount(labels, minlength=count)
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    ranks = np.zeros(count, np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[labels], centres_of(rows, ranks[labels], len(order)).astype(np.float32)
