"""What follows from counts: maximum likelihood, noise, and subsampling (Eq. 13, 17, 18)."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pair_counts(sentences: Iterable[Sequence[int]], V: int, window: int) -> NDArray[np.int64]:
    """#(o, c) [V, V], rows o, columns c: how often o stands within ``window`` places of c, over
    sentences of words.
    """
    counts = np.zeros((V, V), np.int64)
    for sentence in sentences:
        for i, c in enumerate(sentence):
            for o in list(sentence[max(0, i - window) : i]) + list(
                sentence[i + 1 : i + window + 1]
            ):
                counts[o, c] += 1
    return counts


def maximum_likelihood(counts: ArrayLike) -> NDArray[np.float64]:
    """p(o|c) = #(o, c) / sum_o' #(o', c) for counts [V, V] (Eq. 13): each column the optimum of a
    free table.

    It maximises sum #(o, c) log p(o|c) under sum_o p(o|c) = 1 (a Lagrange multiplier). A softmax of
    finite vectors reaches neither 0 nor 1, which the optimum may be. Columns of words that are
    never a centre are nan.
    """
    counts = np.asarray(counts, np.float64)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=0, keepdims=True)


def noise_distribution(counts: ArrayLike, exponent: float = 0.75) -> NDArray[np.float64]:
    """count^exponent / sum over the vocabulary [V] (Eq. 17); any exponent, negative ones favouring
    rare words.
    """
    counts = np.asarray(counts, np.float64)
    likeliest = counts.max() if exponent >= 0 else counts[counts > 0].min()
    weights = np.where(counts > 0, power(counts / likeliest, exponent), 0)
    return weights / math.fsum(weights)


def power(x: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """x^exponent for an array x >= 0, by the binary digits of the exponent.

    Products and square roots have the same bits on every machine, which NumPy's powers,
    exponentials and logarithms have not. At most 60 of each: the relative error is below 1e-14.
    """
    whole, fraction = int(abs(exponent)), abs(exponent) % 1
    result, root, square = np.ones_like(x), x, x
    with np.errstate(all="ignore"):  # 0 and infinity are what is meant
        while fraction:
            root, fraction = np.sqrt(root), 2 * fraction
            if fraction >= 1:
                result, fraction = result * root, fraction - 1
        while whole:
            if whole & 1:
                result = result * square
            whole, square = whole >> 1, square * square
        return 1 / result if exponent < 0 else result


def keep_probability(counts: ArrayLike, sample: float) -> NDArray[np.float64]:
    """sqrt(t / f) + t / f, at most 1, for t = ``sample`` and f the share of each word in the tokens
    [V] (Eq. 18).

    sample = 0 keeps everything. This is word2vec.c's form; the paper's is sqrt(t / f).
    """
    counts = np.asarray(counts, np.float64)
    if sample == 0:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / counts
    return np.minimum(1.0, np.sqrt(ratio) + ratio)
