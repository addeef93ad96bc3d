"""Words made of parts (Eq. 20)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def word_vector(bag: Sequence[int] | np.ndarray, Z: ArrayLike) -> NDArray[np.floating[Any]]:
    """v_w = 1/n sum_g z_g over the n rows g of the bag of w, itself and its character n-grams, with
    repetitions (Eq. 20).

    bag : rows of Z [n];  Z : [rows, D]. If v_w is to move by d, every z_g moves by d, once for
    every time it is in the bag: so v_w moves by d where the bag holds no row twice. Source:
    Bojanowski et al. 2017, who take the sum; fastText, which takes the mean, and moves its rows so.
    """
    return np.asarray(Z)[bag].mean(axis=0)


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    """Character n-grams of "<word>" with min_n to max_n characters, in fastText's order; the marks
    alone are none.
    """
    marked = f"<{word}>"
    found = []
    for first in range(len(marked)):
        for stop in range(first + min_n, min(first + max_n, len(marked)) + 1):
            if stop - first > 1 or 0 < first < len(marked) - 1:
                found.append(marked[first:stop])
    return found


def bucket(ngram: str, buckets: int) -> int:
    """The bucket of an n-gram by fastText's hash: FNV-1a of 32 bits over its UTF-8 bytes, each
    widened as a signed number.
    """
    h = 2166136261
    for byte in ngram.encode():
        h = (h ^ (byte | 0xFFFFFF00 if byte >= 128 else byte)) * 16777619 % 2**32
    return h % buckets
