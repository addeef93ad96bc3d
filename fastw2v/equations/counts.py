"""What follows from counts: maximum likelihood, noise, and subsampling (Eq. 13, 17, 18)."""

import numpy as np


def pair_counts(sentences, V, window):
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


def maximum_likelihood(counts):
    """p(o|c) = #(o, c) / sum_o' #(o', c) for counts [V, V] (Eq. 13): each column the optimum of a
    free table.

    It maximises sum #(o, c) log p(o|c) under sum_o p(o|c) = 1 (a Lagrange multiplier). A softmax of
    finite vectors reaches neither 0 nor 1, which the optimum may be. Columns of words that are
    nobody's centre are nan.
    """
    counts = np.asarray(counts, np.float64)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=0, keepdims=True)


def noise_distribution(counts, exponent=0.75):
    """count^exponent / sum over the vocabulary [V] (Eq. 17); any exponent, negative ones favouring
    rare words.
    """
    logs = exponent * np.log(np.asarray(counts, np.float64))
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def keep_probability(counts, sample):
    """sqrt(t / f) + t / f, at most 1, for t = ``sample`` and f the share of each word in the tokens
    [V] (Eq. 18).

    sample = 0 keeps everything. This is word2vec.c's form; the paper's is sqrt(t / f).
    """
    counts = np.asarray(counts, np.float64)
    if sample == 0:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / counts
    return np.minimum(1.0, np.sqrt(ratio) + ratio)
