"""Groups of words whose vectors point the same way."""

import numpy as np

ROUNDS = 50  # at most


def clusters(rows, count, seed):
    """Spherical k-means of rows [n, D] of length 1: the cluster of each row [n], and the centres
    [k, D], of length 1.

    At most ``count`` clusters, the largest first and none empty. (Dhillon and Modha 2001; begun as
    k-means++ does.)
    """
    rows = np.asarray(rows, np.float32)
    centres = _begin(rows, min(count, len(rows)), np.random.default_rng(seed))
    labels = np.full(len(rows), -1)
    for _ in range(ROUNDS):
        before, labels = labels, (rows @ centres.T).argmax(axis=1)
        if np.array_equal(before, labels):
            break
        for group in np.unique(labels):
            centre = rows[labels == group].sum(axis=0)
            centres[group] = centre / max(np.linalg.norm(centre), 1e-12)
    sizes = np.bincount(labels, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    ranks = np.zeros(len(centres), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[labels], centres[order]


def _begin(rows, count, rng):
    """Rows to begin with: each drawn with a probability that grows with its distance from those
    drawn before it.
    """
    chosen = [int(rng.integers(len(rows)))]
    far = np.maximum(1 - rows @ rows[chosen[0]], 0).astype(np.float64)
    while len(chosen) < count and far.sum() > 1e-9:
        chosen.append(int(rng.choice(len(rows), p=far / far.sum())))
        far = np.minimum(far, np.maximum(1 - rows @ rows[chosen[-1]], 0))
    return rows[chosen].copy()
