"""gensim's evaluations: its ways of reading files, of choosing words and of counting, and what it
returns.
"""

import gzip
import math
from typing import NamedTuple

import numpy as np

from fastw2v.compat.queries import best_first, cosines, scaled, unit
from fastw2v.errors import EvaluationError, MissingEvaluationError
from fastw2v.evaluation.pairs import ranks
from fastw2v.files import reason

QUESTIONS = 512  # answered at a time
LOOKED_AT = 5  # of the best answers, until one is a word that may be one


def known_rows(kv, restrict, case_insensitive):
    """The row of each of the first keys, in upper case or as they are; of equal ones the first."""
    keys = kv.index_to_key[:restrict]
    return {
        str(key).upper() if case_insensitive else key: kv.get_index(key) for key in reversed(keys)
    }


def lines_of(path, encoding="utf8"):
    """The lines of a text file, compressed by gzip or not. Raises EvaluationError."""
    try:
        opener = gzip.open if str(path).endswith(".gz") else open
        with opener(path, "rt", encoding=encoding) as file:
            return file.readlines()
    except FileNotFoundError as error:
        raise MissingEvaluationError(f"{path}: cannot be read: {reason(error)}") from error
    except (OSError, EOFError) as error:
        raise EvaluationError(f"{path}: cannot be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(
            f"{path}: is not {encoding}: {error.reason} at byte {error.start}"
        ) from error


def evaluate_word_analogies(
    kv, path, restrict, case_insensitive, dummy4unknown, method="most_similar"
):
    """As ``KeyedVectors.evaluate_word_analogies`` says; equal to gensim's, but that questions are
    answered many at a time.

    method : most_similar, or the name of another method of ``kv`` that takes its arguments,
        asked one question at a time.
    """
    if not str(method).startswith("most_similar") or not callable(getattr(kv, method, None)):
        raise EvaluationError(
            "similarity_function names a method, most_similar or most_similar_cosmul, not"
            f" {method!r}"
        )
    known = known_rows(kv, restrict, case_insensitive)
    sections, asked = [], []
    for number, line in enumerate(lines_of(path)):
        if line.startswith(": "):
            sections.append({"section": line.lstrip(": ").strip(), "correct": [], "incorrect": []})
            continue
        if not sections:
            raise ValueError(f"Missing section header before line #{number} in {path}")
        words = tuple((line.upper() if case_insensitive else line).split())
        if len(words) == 4:
            asked.append((len(sections) - 1, words))
    answerable = [item for item in asked if all(word in known for word in item[1])]
    questions = [words for _, words in answerable]
    if method == "most_similar":
        answers = _nearest_rows(kv, restrict, known, questions)
    else:
        answers = _rows_by(getattr(kv, method), kv, restrict, known, questions)
    right = (
        _predicted(kv, best, case_insensitive, known, words[:3]) == words[3]
        for words, best in zip(questions, answers, strict=True)
    )
    for place, words in asked:
        if all(word in known for word in words):
            sections[place]["correct" if next(right) else "incorrect"].append(words)
        elif dummy4unknown:
            sections[place]["incorrect"].append(words)
    total = {"section": "Total accuracy"}
    total |= {
        kind: [words for section in sections for words in section[kind]]
        for kind in ("correct", "incorrect")
    }
    counted = len(total["correct"]) + len(total["incorrect"])
    return (len(total["correct"]) / counted if counted else 0.0), [*sections, total]


def _nearest_rows(kv, restrict, known, questions):
    """The best rows for each question, by 3CosAdd."""
    kv.fill_norms()
    vectors, norms = kv.vectors[:restrict], kv.norms[:restrict]
    for first in range(0, len(questions), QUESTIONS):
        some = questions[first : first + QUESTIONS]
        rows = np.array([[known[word] for word in words] for words in some])
        a, b, c = (scaled(vectors[rows[:, i]], norms[rows[:, i]]) for i in range(3))
        queries = np.stack([unit(mean) for mean in (b + c - a) / np.float32(3)])
        for own, scores in zip(rows[:, :3], cosines(vectors, norms, queries), strict=True):
            yield [row for row in best_first(scores, LOOKED_AT + 3) if row not in own][:LOOKED_AT]


def _rows_by(method, kv, restrict, known, questions):
    """The best rows for each question, by a method of ``kv``."""
    for words in questions:
        a, b, c = (kv.index_to_key[known[word]] for word in words[:3])
        found = method(positive=[b, c], negative=[a], topn=LOOKED_AT, restrict_vocab=restrict)
        yield [kv.get_index(key) for key, _ in found]


def _predicted(kv, best, case_insensitive, known, asked):
    """The first of the best rows whose word is known and none of those asked with, or the last
    one's.
    """
    word = None
    for row in best:
        word = str(kv.index_to_key[row]).upper() if case_insensitive else kv.index_to_key[row]
        if word in known and word not in asked:
            break
    return word


def evaluate_word_pairs(kv, path, delimiter, encoding, restrict, case_insensitive, dummy4unknown):
    """As ``KeyedVectors.evaluate_word_pairs`` says; equal to gensim's."""
    known, judged, cosines, unknown = known_rows(kv, restrict, case_insensitive), [], [], 0
    for line in lines_of(path, encoding):
        fields = (line.upper() if case_insensitive else line).split(delimiter)
        if line.startswith("#") or len(fields) != 3:
            continue
        try:
            judgement = float(fields[2])
        except ValueError:
            continue
        if fields[0] in known and fields[1] in known:
            one, other = (unit(kv.vectors[known[word]]) for word in fields[:2])
            cosines.append(np.dot(one, other))
        else:
            unknown += 1
            if not dummy4unknown:
                continue
            cosines.append(0.0)
        judged.append(judgement)
    if not judged:
        raise ValueError(
            f"No valid similarity judgements found in {path}: either invalid format or all are"
            " out-of-vocabulary"
        )
    x, y = np.array(judged), np.array(cosines, np.float64)
    asked = len(judged) if dummy4unknown else len(judged) + unknown
    return correlation(x, y), correlation(ranks(x), ranks(y)), unknown / asked * 100


class Correlation(NamedTuple):
    """A correlation coefficient, and the probability of one so far from 0 if there were none
    (two-tailed, Student's t).
    """

    statistic: float
    pvalue: float


def correlation(x, y):
    """Pearson's correlation of x and y [n]."""
    if len(x) < 2:
        raise ValueError("a correlation needs two pairs at least")
    a, b = x - x.mean(), y - y.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        r = float(np.clip((a @ b) / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1))
    if math.isnan(r) or len(x) == 2:
        return Correlation(r, 1.0 if not math.isnan(r) else r)
    return Correlation(r, incomplete_beta((len(x) - 2) / 2, 0.5, (1 - r) * (1 + r)))


def incomplete_beta(a, b, x):
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and
    Stegun 26.5.8).
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = (
        math.exp(
            math.lgamma(a + b)
            - math.lgamma(a)
            - math.lgamma(b)
            + a * math.log(x)
            + b * math.log1p(-x)
        )
        / a
    )
    tiny, value, C, D = 1e-300, 1.0, 1.0, 0.0
    for i in range(1000):
        m = i // 2
        if i == 0:
            term = 1.0
        elif i % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        D = 1 / ((1 + term * D) or tiny)
        C = (1 + term / C) or tiny
        value *= C * D
        if abs(C * D - 1) < 1e-15:
            break
    return front * (value - 1)
