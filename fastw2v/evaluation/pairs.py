"""Word similarity: does the cosine rank pairs of words as people do? (Spearman's rho)"""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.lines import Line, fields, is_number, malformed
from fastw2v.evaluation.scores import Score
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.paths import AnyPath, shown

Pairs = list[tuple[str, str, float]]
Numbers = NDArray[np.float64]


def read_pairs(path: AnyPath, lines: Iterable[Line]) -> Pairs:
    """Triples (a, b, score) of numbered lines "a b score"; the first may be a header.

    Further fields are left alone.
    """
    pairs: Pairs = []
    for index, (number, line) in enumerate(lines):
        words = fields(line, 3)
        if (
            len(words) >= 3
            and all(words[:2])
            and is_number(words[2])
            and math.isfinite(float(words[2]))
        ):
            pairs.append((words[0], words[1], float(words[2])))
        elif index > 0 or len(words) < 3 or is_number(words[2]):
            raise malformed(path, number, line, "two words and a number")
    if len(pairs) < 2:
        raise EvaluationError(
            f"{shown(path)}: holds fewer than two pairs; a line is two words and a number"
        )
    return pairs


def score_pairs(name: str, pairs: Pairs, vocabulary: EvaluationVocabulary) -> list[Score]:
    """The Score of judged pairs, alone in a list: Spearman's rho with its interval, Pearson's r
    (nan for fewer than two known pairs)."""
    judged, scores = np.array([score for *_, score in pairs]), cosines(vocabulary, pairs)
    known, options = ~np.isnan(scores), vocabulary.options
    oov = int((~known).sum())
    if options.dummy4unknown:
        scores, known = np.where(known, scores, 0.0), np.ones(len(scores), bool)
    x, y = judged[known], scores[known]
    score = Score(name, "total", "pairs", spearman(x, y), None, len(x), oov, pearson(x, y))
    if not options.resamples:
        return [score]
    low, high = bootstrap_interval(x, y, options.seed, options.resamples)
    return [replace(score, low=low, high=high)]


def cosines(vocabulary: EvaluationVocabulary, pairs: Pairs) -> Numbers:
    """The cosine of the vectors of each pair [n], nan where one has none, in float32 as gensim's
    ``similarity``.
    """
    scores = np.full(len(pairs), np.nan)
    for i, (a, b, _) in enumerate(pairs):
        x, y = vocabulary.unit_vector(a), vocabulary.unit_vector(b)
        if x is not None and y is not None:
            scores[i] = np.dot(x, y)
    return scores


def pearson(x: Numbers, y: Numbers) -> float:
    """Pearson's correlation of x and y [n], nan where one of them does not vary."""
    if len(x) < 2:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    lengths = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(np.clip(x @ y / lengths, -1, 1)) if lengths > 0 else float("nan")


def spearman(x: Numbers, y: Numbers) -> float:
    """Spearman's rank correlation of x and y [n], ties having their mean rank."""
    return pearson(ranks(x), ranks(y))


def ranks(x: Numbers) -> Numbers:
    """The rank of each number [n], from 0; equal ones share their mean."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[inverse]


def bootstrap_interval(x: Numbers, y: Numbers, seed: int, resamples: int) -> tuple[float, float]:
    """The 95 % percentile interval of Spearman's rho over resampled pairs (Efron 1979), (nan, nan)
    of fewer than three.
    """
    if len(x) < 3:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(0, len(x), len(x)) for _ in range(resamples))
    rhos = np.array([spearman(x[chosen], y[chosen]) for chosen in drawn])
    rhos = rhos[~np.isnan(rhos)]  # resamples that do not vary
    if not len(rhos):
        return float("nan"), float("nan")
    low, high = np.quantile(rhos, (0.025, 0.975)).tolist()
    return low, high
