"""Analogies: a is to b as c is to d, by 3CosAdd over the most frequent words (Mikolov et al. 2013)."""

import numpy as np

from fastw2v.errors import EvaluationError

RESTRICT = 30_000  # the most frequent words, which questions and answers are among, as in word2vec.c and gensim
QUESTIONS = 1024  # answered at a time


def read_analogies(path, lines):
    """Questions (a, b, c, d) of lines of four words; lines that begin with ":" name sections and are left out."""
    questions = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith(":"):
            continue
        if len(words) != 4:
            raise EvaluationError(f"{path}:{number}: should be four words, not {line.strip()[:60]!r}")
        questions.append(tuple(words))
    if not questions:
        raise EvaluationError(f"{path}: holds no questions; a line is four words")
    return questions


def known_questions(vectors, questions, restrict=RESTRICT):
    """The rows of the words of those questions that have all four, int64 [n, 4]."""
    ids = {}
    for i, word in enumerate(vectors.words[:restrict]):
        ids.setdefault(word.lower(), i)
    return np.array([[ids[w.lower()] for w in q] for q in questions if all(w.lower() in ids for w in q)], np.int64).reshape(-1, 4)


def analogy_accuracy(vectors, questions, restrict=RESTRICT):
    """The share of right answers [0, 1] (nan without any), and how many questions had all four words, in lower case, among
    the ``restrict`` most frequent ones."""
    rows = known_questions(vectors, questions, restrict)
    if not len(rows):
        return float("nan"), 0
    unit, right = vectors.unit_vectors[:restrict], 0
    for first in range(0, len(rows), QUESTIONS):
        a, b, c, d = rows[first : first + QUESTIONS].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        for asked in (a, b, c):
            scores[np.arange(len(a)), asked] = -np.inf
        right += int((scores.argmax(axis=1) == d).sum())
    return right / len(rows), len(rows)
