"""gensim's evaluations: its ways of reading files and of reporting, over fastw2v's scores."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fastw2v.errors import EvaluationError, VectorsValueError, quoted
from fastw2v.evaluation.analogies import RIGHT, UNKNOWN, judge
from fastw2v.evaluation.lines import is_number, read_lines
from fastw2v.evaluation.pairs import cosines, pearson, ranks
from fastw2v.evaluation.scores import EvaluationOptions
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
    from fastw2v.paths import AnyPath

# the method of KeyedVectors that answers analogies, by what it computes
METHODS = {"most_similar": "3cosadd", "most_similar_cosmul": "3cosmul"}
EPSILON = 1e-6  # of 3CosMul: word2vec.c's and gensim's
logger = logging.getLogger("fastw2v.compat.gensim")


class Correlation(NamedTuple):
    """A correlation coefficient, and the probability of one so far from 0 if there were none
    (two-tailed, Student's t).
    """

    statistic: float
    pvalue: float


def evaluate_word_analogies(
    kv: KeyedVectors,
    path: AnyPath,
    restrict: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
    method: str,
) -> tuple[float, list[dict[str, Any]]]:
    """As ``KeyedVectors.evaluate_word_analogies`` says; equal to gensim's."""
    if method not in METHODS:
        raise EvaluationError(
            f"similarity_function must be one of {', '.join(METHODS)}, got {quoted(method)}"
        )
    options = EvaluationOptions(restrict, case_insensitive, method=METHODS[method], epsilon=EPSILON)
    vocabulary = _vocabulary(kv, options)
    sections: list[dict[str, Any]] = []
    questions: list[tuple[str, ...]] = []
    places: list[dict[str, Any]] = []
    for number, line in read_lines(path):
        if line.startswith(":"):
            name = line.lstrip(": ").strip()
            sections.append({"section": name, "correct": [], "incorrect": []})
            continue
        if not sections:
            raise VectorsValueError(f"Missing section header before line #{number - 1} in {path}")
        words = tuple(map(vocabulary.fold, line.split()))
        if len(words) == 4:
            questions.append(words)
            places.append(sections[-1])
    verdicts = judge(vocabulary, questions)
    for words, section, verdict in zip(questions, places, verdicts, strict=True):
        if verdict != UNKNOWN or dummy4unknown:
            section["correct" if verdict == RIGHT else "incorrect"].append(words)
    total: dict[str, Any] = {"section": "Total accuracy"} | {
        kind: [words for section in sections for words in section[kind]]
        for kind in ("correct", "incorrect")
    }
    counted = len(total["correct"]) + len(total["incorrect"])
    return (len(total["correct"]) / counted if counted else 0.0), [*sections, total]


def evaluate_word_pairs(
    kv: KeyedVectors,
    path: AnyPath,
    delimiter: str,
    encoding: str,
    restrict: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
) -> tuple[Correlation, Correlation, float]:
    """As ``KeyedVectors.evaluate_word_pairs`` says; equal to gensim's."""
    pairs = []
    for _, line in read_lines(path, encoding):
        fields = line.split(delimiter)
        if len(fields) == 3 and is_number(fields[2]):
            pairs.append((fields[0], fields[1], float(fields[2])))
    scores = cosines(_vocabulary(kv, EvaluationOptions(restrict, case_insensitive)), pairs)
    known = ~np.isnan(scores)
    counted = np.ones(len(pairs), bool) if dummy4unknown else known
    if not counted.any():
        raise VectorsValueError(
            f"No valid similarity judgements found in {path}: either invalid format or all are"
            " out-of-vocabulary"
        )
    x = np.array([score for *_, score in pairs])[counted]
    y = np.where(known, scores, 0.0)[counted]
    unknown = 100 * float((~known).mean())
    return correlation(x, y), correlation(ranks(x), ranks(y)), unknown


def _vocabulary(kv: KeyedVectors, options: EvaluationOptions) -> EvaluationVocabulary:
    """The keys of KeyedVectors under the options of an evaluation; n-grams give no key a vector."""
    return EvaluationVocabulary(WordVectors(list(map(str, kv.index_to_key)), kv.vectors), options)


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> Correlation:
    """Pearson's correlation of x and y [n]."""
    if len(x) < 2:
        raise VectorsValueError("a correlation needs two pairs at least")
    r = pearson(x, y)
    return Correlation(r, _p_value(r, len(x)))


def _p_value(r: float, n: int) -> float:
    """The probability of a coefficient of n pairs so far from 0; nan without SciPy."""
    if math.isnan(r) or n == 2:
        return r if math.isnan(r) else 1.0
    try:
        from scipy.special import betainc
    except ImportError:
        logger.warning("p-values need SciPy, which is not installed: pip install scipy")
        return math.nan
    return float(betainc((n - 2) / 2, 0.5, (1 - r) * (1 + r)))
