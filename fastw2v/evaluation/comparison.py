"""Several vectors on the same questions: scores, differences and their intervals, and means over
seeds.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fastw2v.evaluation.analogies import RIGHT, UNKNOWN, judge
from fastw2v.evaluation.pairs import cosines, spearman
from fastw2v.evaluation.scores import EvaluationOptions, share
from fastw2v.evaluation.sets import EvaluationSet, names_of
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Chosen = NDArray[np.int64]


@dataclass(frozen=True)
class ComparedScore:
    """The score of one of several vectors on a set.

    Attributes
    ----------
    vectors
        Which of the compared vectors.
    kind, score
        As in Score.
    total
        Number of scored items, the same for all vectors.
    of
        Number of items of the set.
    difference
        Difference from the score of the first vectors; None for the first.
    low, high
        Its 95 % interval by a paired bootstrap; nan for categories.
    """

    set: str
    kind: str
    vectors: int
    score: float
    total: int
    of: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SeedScore:
    """Mean and standard deviation (of a sample) of a set's score over ``seeds`` vectors."""

    set: str
    kind: str
    mean: float
    deviation: float
    least: float
    greatest: float
    seeds: int


def compare(
    all_vectors: Sequence[WordVectors],
    sets: Sequence[EvaluationSet],
    options: EvaluationOptions | None = None,
) -> list[list[ComparedScore]]:
    """The ComparedScores of each set, one for each vectors.

    Only items are scored whose words all vectors know; with ``dummy4unknown``, all items.
    """
    vocabularies = [EvaluationVocabulary(vectors, options) for vectors in all_vectors]
    return [
        COMPARERS[a_set.kind](name, a_set, vocabularies)
        for name, a_set in zip(names_of(sets), sets, strict=True)
    ]


def _compare_analogies(
    name: str, a_set: EvaluationSet, vocabularies: list[EvaluationVocabulary]
) -> list[ComparedScore]:
    questions = [question for section in a_set.items for question in section.questions]
    verdicts = np.array([judge(vocabulary, questions) for vocabulary in vocabularies])
    known = _known(verdicts != UNKNOWN, vocabularies[0].options)
    right = (verdicts[:, known] == RIGHT).astype(np.float64)

    def accuracies(chosen: Chosen) -> list[float]:
        return [share(each[chosen].sum(), len(chosen)) for each in right]

    return _compared(name, a_set, accuracies, int(known.sum()), vocabularies[0].options)


def _compare_pairs(
    name: str, a_set: EvaluationSet, vocabularies: list[EvaluationVocabulary]
) -> list[ComparedScore]:
    found = np.array([cosines(vocabulary, a_set.items) for vocabulary in vocabularies])
    known = _known(~np.isnan(found), vocabularies[0].options)
    judged = np.array([score for *_, score in a_set.items])[known]
    found = np.nan_to_num(found[:, known])

    def rhos(chosen: Chosen) -> list[float]:
        return [spearman(judged[chosen], each[chosen]) for each in found]

    return _compared(name, a_set, rhos, int(known.sum()), vocabularies[0].options)


def _compare_categories(
    name: str, a_set: EvaluationSet, vocabularies: list[EvaluationVocabulary]
) -> list[ComparedScore]:
    """Purity is of all words together: there is no interval."""
    vectors = [
        [vocabulary.vector(word) is not None for vocabulary in vocabularies]
        for word, _ in a_set.items
    ]
    known = _known(np.array(vectors).T, vocabularies[0].options)
    items = [item for item, chosen in zip(a_set.items, known, strict=True) if chosen]
    common = replace(a_set, items=items)
    scores = [
        common.scores(vocabulary)[-1].score if items else math.nan for vocabulary in vocabularies
    ]
    options = replace(vocabularies[0].options, resamples=0)
    return _compared(name, a_set, lambda chosen: scores, len(items), options)


def _known(of_vectors: Mask, options: EvaluationOptions) -> Mask:
    """The items that are scored [items], from those that each vectors know [vectors, items]."""
    if options.dummy4unknown:
        return np.ones(of_vectors.shape[1], bool)
    return np.asarray(of_vectors.all(axis=0))


def _compared(
    name: str,
    a_set: EvaluationSet,
    score: Callable[[Chosen], list[float]],
    total: int,
    options: EvaluationOptions,
) -> list[ComparedScore]:
    """The scores, and their differences from the first one.

    score : of each vectors on chosen items, of which there are ``total``. Each resample of the
    bootstrap (Efron 1979) draws the same items for all vectors.
    """
    rng, scores = np.random.default_rng(options.seed), score(np.arange(total))
    resamples = options.resamples if total > 1 and len(scores) > 1 else 0
    drawn = np.array([score(rng.integers(0, total, total)) for _ in range(resamples)])
    compared = []
    for place, each in enumerate(scores):
        found = ComparedScore(name, a_set.kind, place, each, total, len(a_set))
        if place:
            low, high = _interval(drawn[:, place] - drawn[:, 0]) if resamples else (math.nan,) * 2
            found = replace(found, difference=each - scores[0], low=low, high=high)
        compared.append(found)
    return compared


def _interval(differences: Numbers) -> tuple[float, float]:
    """The 95 % percentile interval, without resamples that do not vary."""
    differences = differences[~np.isnan(differences)]
    if not len(differences):
        return math.nan, math.nan
    low, high = np.quantile(differences, (0.025, 0.975)).tolist()
    return low, high


COMPARERS: dict[
    str, Callable[[str, EvaluationSet, list[EvaluationVocabulary]], list[ComparedScore]]
] = {
    "analogies": _compare_analogies,
    "pairs": _compare_pairs,
    "categories": _compare_categories,
}


def over_seeds(compared: Sequence[Sequence[ComparedScore]]) -> list[SeedScore]:
    """Mean and deviation of each set's scores, of vectors that differ by their seed."""
    found = []
    for scores_of_set in compared:
        scores = np.array([each.score for each in scores_of_set])
        deviation = float(scores.std(ddof=1)) if len(scores) > 1 else math.nan
        found.append(
            SeedScore(
                scores_of_set[0].set,
                scores_of_set[0].kind,
                float(scores.mean()),
                deviation,
                float(scores.min()),
                float(scores.max()),
                len(scores),
            )
        )
    return found
