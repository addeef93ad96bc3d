"""The Huffman tree of a model of hierarchical softmax by gensim's names, and what probability it
gives a sentence (Eq. 16).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fastw2v.corpus.huffman import Paths, huffman_paths
from fastw2v.equations.hierarchical_softmax import path_loss

# from a row to the nodes and the codes of its path
Codes = Callable[[int], tuple[np.ndarray, np.ndarray]]


@lru_cache(maxsize=1)
def _paths(counts: bytes) -> tuple[Paths, NDArray[np.int64]]:
    """The paths of the words of some counts (bytes of int64 [V]), and the place of each word among
    them.
    """
    numbers = np.frombuffer(counts, np.int64)
    order = np.argsort(-numbers, kind="stable")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return huffman_paths(np.maximum(numbers[order], 1)), places


def huffman_codes(counts: NDArray[np.int64]) -> Codes:
    """A function from a row to the nodes (rows of ``syn1``) and codes (0 or 1) from the root to its
    word, for counts [V].
    """
    paths, places = _paths(np.ascontiguousarray(counts, np.int64).tobytes())
    return lambda row: paths.of(places[row])


def sentence_score(
    rows: list[int],
    vectors: NDArray[np.float32],
    syn1: NDArray[np.float32],
    codes: Codes,
    window: int,
    skipgram: bool,
) -> float:
    """The log-probability of all pairs of a sentence's words, each word's whole window.

    Parameters
    ----------
    rows
        Rows of the words of the sentence.
    vectors
        Word vectors [V, D].
    syn1
        Vectors of the nodes of the Huffman tree [V, D].
    codes
        See ``huffman_codes``.
    """
    score = 0.0
    for pos, row in enumerate(rows):
        context = rows[max(pos - window, 0) : pos] + rows[pos + 1 : pos + window + 1]
        inputs = (
            vectors[context]
            if skipgram or not context
            else vectors[context].mean(axis=0, keepdims=True)
        )
        score -= sum(path_loss(vector, *codes(row), syn1) for vector in inputs)
    return score
