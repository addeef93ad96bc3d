"""Vectors of texts from the vectors of their words (Eq. 21 and 22)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def text_vector(words: ArrayLike, weights: ArrayLike, Z: ArrayLike) -> NDArray[np.float64]:
    """v_s = 1/n sum_w weight(w) v_w over the n words of a text, with repetitions; 0 of none.

    Parameters
    ----------
    words
        Rows of Z [n].
    weights
        Weights of words [V]: all 1 for the mean, or those of Eq. 21 or 22.
    Z
        Word vectors [V, D].
    """
    words = np.asarray(words, np.int64)
    if not len(words):
        return np.zeros(np.shape(Z)[1])
    weighted = np.asarray(weights, np.float64)[words, None] * np.asarray(Z, np.float64)[words]
    return weighted.sum(axis=0) / len(words)


def sif_weight(probability: ArrayLike, a: float = 1e-3) -> NDArray[np.float64]:
    """weight(w) = a / (a + p(w)), smooth inverse frequency, for p(w) the share of w in the tokens
    (Eq. 21).

    A word that was never counted has weight 1. Source: Arora, Liang and Ma 2017, who take
    components from the vectors of the texts too (``without_components``).
    """
    return a / (a + np.asarray(probability, np.float64))


def without_components(X: ArrayLike, count: int) -> NDArray[np.float64]:
    """X - X C C^T for texts X [n, D], and C [D, count]: the first right singular vectors of X, not
    centred (Eq. 21).
    """
    X = np.asarray(X, np.float64)
    C = np.linalg.svd(X, full_matrices=False)[2][:count].T
    return X - X @ C @ C.T


def idf_weight(document_frequency: ArrayLike, texts: int) -> NDArray[np.float64]:
    """weight(w) = ln((1 + n) / (1 + df(w))) + 1, for df(w) of n texts that hold w (Eq. 22).

    As if one more text held every word: no weight is infinite, and a word of all texts has weight
    1. Source: Sparck Jones 1972, in the smooth form of scikit-learn.
    """
    return np.log((1 + texts) / (1 + np.asarray(document_frequency, np.float64))) + 1
