"""Categories: do words of a kind lie together? (purity of clusters)"""

import numpy as np

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.lines import fields, malformed
from fastw2v.evaluation.scores import Score, share

RESTARTS = 10
ROUNDS = 100


def read_categories(path, lines):
    """Pairs (word, category) of numbered lines of two fields."""
    words = []
    for number, line in lines:
        found = fields(line, 2)
        if len(found) != 2 or not all(found):
            raise malformed(path, number, line, "a word and its category")
        words.append(tuple(found))
    if len({category for _, category in words}) < 2:
        raise EvaluationError(
            f"{path}: holds fewer than two categories; a line is a word and its category"
        )
    return words


def score_categories(name, words, lookup):
    """The Score of categorised words, alone in a list: the purity of as many clusters as known
    words have categories.

    Each cluster stands for the category that most of its words have (Zhao and Karypis 2001); those
    of its words that have it are
    right. Clusters are made by spherical k-means, the best of some seeded beginnings (``cluster``).
    """
    found = [(lookup.unit_vector(word), category) for word, category in words]
    known = [(vector, category) for vector, category in found if vector is not None]
    oov = len(words) - len(known)
    names, labels = np.unique([category for _, category in known], return_inverse=True)
    if len(names) < 2:
        return [Score(name, "total", "categories", float("nan"), 0, len(known), oov)]
    clusters = cluster(
        np.array([vector for vector, _ in known], np.float64), len(names), lookup.rules.seed
    )
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (clusters, labels), 1)
    right, total = (
        int(counts.max(axis=1).sum()),
        (len(words) if lookup.rules.dummy4unknown else len(known)),
    )
    return [Score(name, "total", "categories", share(right, total), right, total, oov)]


def cluster(unit, k, seed):
    """The cluster of each of n vectors of length 1 [n, D], int64 [n] below k.

    Spherical k-means (Dhillon and Modha 2001: centres of length 1, nearest by cosine), begun as
    k-means++ begins (Arthur and Vassilvitskii 2007) with 1 - cosine for the squared distance; the
    best of RESTARTS by the sum of cosines.
    """
    rng = np.random.default_rng(seed)
    runs = [_k_means(unit, _far_apart(unit, k, rng)) for _ in range(RESTARTS)]
    return max(runs, key=lambda run: run[1])[0]


def _far_apart(unit, k, rng):
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


def _k_means(unit, centres):
    """Clusters [n] and the sum of the cosines with their centres.

    A cluster that has lost its words keeps its centre.
    """
    clusters = None
    for _ in range(ROUNDS):
        cosines = unit @ centres.T
        nearest = cosines.argmax(axis=1)
        if clusters is not None and (nearest == clusters).all():
            break
        clusters, sums = nearest, np.zeros_like(centres)
        np.add.at(sums, clusters, unit)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.where(lengths > 0, lengths, 1.0), centres)
    return clusters, float(cosines.max(axis=1).sum())
