"""Categories: do clusters of vectors hold words of one kind? (purity)"""

from collections.abc import Iterable

import numpy as np

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.lines import Line, fields, malformed
from fastw2v.evaluation.scores import Score, share
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.clusters import cluster

Categories = list[tuple[str, str]]


def read_categories(path: AnyPath, lines: Iterable[Line]) -> Categories:
    """Pairs (word, category) of numbered lines of two fields."""
    words = []
    for number, line in lines:
        item = fields(line, 2)
        if len(item) != 2 or not all(item):
            raise malformed(path, number, line, "a word and its category")
        words.append((item[0], item[1]))
    if len({category for _, category in words}) < 2:
        raise EvaluationError(
            f"{shown(path)}: holds fewer than two categories; a line is a word and its category"
        )
    return words


def score_categories(name: str, words: Categories, vocabulary: EvaluationVocabulary) -> list[Score]:
    """The Score of categorised words, alone in a list: the purity of as many clusters as known
    words have categories.

    Each cluster stands for the category that most of its words have (Zhao and Karypis 2001); those
    of its words that have it are
    right. Clusters are made by spherical k-means, the best of some seeded beginnings (``cluster``).
    """
    items = [(vocabulary.unit_vector(word), category) for word, category in words]
    known = [(vector, category) for vector, category in items if vector is not None]
    oov = len(words) - len(known)
    names, labels = np.unique([category for _, category in known], return_inverse=True)
    if len(names) < 2:
        return [Score(name, "total", "categories", float("nan"), 0, len(known), oov)]
    clusters = cluster(
        np.array([vector for vector, _ in known], np.float64), len(names), vocabulary.options.seed
    )
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, (clusters, labels), 1)
    right, total = (
        int(counts.max(axis=1).sum()),
        (len(words) if vocabulary.options.dummy4unknown else len(known)),
    )
    return [Score(name, "total", "categories", share(right, total), right, total, oov)]
