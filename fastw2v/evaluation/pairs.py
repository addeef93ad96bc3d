"""Pairs of words that people have judged: does the cosine rank them alike? (Spearman's rho)"""

import numpy as np

from fastw2v.errors import EvaluationError


def read_pairs(path, lines):
    """Triples (a, b, score) of lines "a b score", by tabs, commas or spaces; those that begin with # are left out."""
    pairs = []
    for number, line in enumerate(lines, 1):
        fields = line.replace(",", " ").split() if "\t" not in line else line.split("\t")
        if not fields or line.startswith("#"):
            continue
        try:
            pairs.append((fields[0].strip(), fields[1].strip(), float(fields[2])))
        except (IndexError, ValueError):
            if number > 1:  # the first line may be a header
                raise EvaluationError(f"{path}:{number}: should be two words and a number, not {line.strip()[:60]!r}") from None
    if len(pairs) < 2:
        raise EvaluationError(f"{path}: holds fewer than two pairs; a line is two words and a number")
    return pairs


def pair_scores(vectors, pairs):
    """Spearman's rho of cosines and judgements [-1, 1] (nan for fewer than two pairs), and how many pairs have vectors.

    Words are looked up as they stand, then in lower case; of a subword model every word has a vector.
    """
    judged, cosines = [], []
    for a, b, score in pairs:
        x, y = vectors.find(a), vectors.find(b)
        if x is not None and y is not None:
            judged.append(score)
            cosines.append(float(x @ y / max(float(np.linalg.norm(x) * np.linalg.norm(y)), 1e-12)))
    return spearman(np.array(judged), np.array(cosines)), len(judged)


def spearman(x, y):
    """Spearman's rank correlation of x and y [n], ties having their mean rank."""
    if len(x) < 2:
        return float("nan")
    a, b = (ranks(v) - (len(v) - 1) / 2 for v in (x, y))
    with np.errstate(invalid="ignore"):
        return float((a @ b) / np.sqrt((a @ a) * (b @ b)))


def ranks(x):
    """The rank of each number [n], from 0; equal ones share their mean."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[inverse]
