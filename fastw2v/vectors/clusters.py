"""Groups of vectors that point the same way: spherical k-means."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

RESTARTS = 10
MAX_ROUNDS = 100

Rows = NDArray[np.float64]


def cluster(
    unit: NDArray[np.floating[Any]], k: int, seed: int, restarts: int = RESTARTS
) -> NDArray[np.int64]:
    """Return the cluster of each of n vectors of length 1.

    Spherical k-means (Dhillon and Modha 2001: centres of length 1, nearest by cosine), begun as
    k-means++ begins (Arthur and Vassilvitskii 2007) with 1 - cosine for the squared distance; the
    best of ``restarts`` by the sum of cosines.

    Parameters
    ----------
    unit : array of shape (n, D)
    k : int
        Number of clusters; some may be empty.
    seed : int
    restarts : int

    Returns
    -------
    array of int64, shape (n,), below k
    """
    rows = np.asarray(unit, np.float64)
    rng = np.random.default_rng(seed)
    runs = [_k_means(rows, _initial_centres(rows, k, rng)) for _ in range(restarts)]
    return max(runs, key=lambda run: run[1])[0]


def centres_of(unit: NDArray[np.floating[Any]], clusters: NDArray[np.int64], k: int) -> Rows:
    """The centre of each of k clusters of vectors [n, D], of length 1; zeros for an empty one:
    [k, D].
    """
    sums = np.zeros((k, unit.shape[1]))
    np.add.at(sums, clusters, unit)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return sums / np.where(norms > 0, norms, 1.0)


def _initial_centres(unit: Rows, k: int, rng: np.random.Generator) -> Rows:
    """k of the vectors to begin with, each drawn in proportion to its distance from those before
    it.
    """
    chosen = [int(rng.integers(len(unit)))]
    distance = np.full(len(unit), np.inf)
    for _ in range(k - 1):
        distance = np.minimum(distance, np.maximum(0.0, 1 - unit @ unit[chosen[-1]]))
        total = distance.sum()
        chosen.append(int(rng.choice(len(unit), p=distance / total if total > 0 else None)))
    return unit[chosen]


def _k_means(unit: Rows, centres: Rows) -> tuple[NDArray[np.int64], float]:
    """Clusters [n] and the sum of the cosines with their centres.

    A cluster that has lost its words keeps its centre.
    """
    clusters = None
    for _ in range(MAX_ROUNDS):
        cosines = unit @ centres.T
        nearest = cosines.argmax(axis=1)
        if clusters is not None and (nearest == clusters).all():
            break
        clusters, new = nearest, centres_of(unit, nearest, len(centres))
        centres = np.where(new.any(axis=1, keepdims=True), new, centres)
    return nearest, float(cosines.max(axis=1).sum())
