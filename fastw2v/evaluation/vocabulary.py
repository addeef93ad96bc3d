"""Words found as gensim's evaluation finds them."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastw2v.evaluation.scores import EvaluationOptions
from fastw2v.vectors.tables import unit_vector
from fastw2v.vectors.word_vectors import WordVectors


class EvaluationVocabulary:
    """The words of vectors under the options of an evaluation.

    With ``case_insensitive``, words that are the same in capitals (str.upper) are one word, and the
    row of its most frequent spelling is its row.
    ids : the row of each word;  spelling : int64 [min(V, restrict)], for each row that of the most
    frequent spelling of its word.
    """

    def __init__(self, vectors: WordVectors, options: EvaluationOptions | None = None) -> None:
        self.vectors, self.options = vectors, options or EvaluationOptions()
        words = vectors.words[: self.options.restrict]
        self.ids: dict[str, int] = {}
        self.spelling = np.fromiter(
            (self.ids.setdefault(self.fold(word), row) for row, word in enumerate(words)),
            np.int64,
            len(words),
        )

    def fold(self, word: str) -> str:
        """A word as it is compared."""
        return word.upper() if self.options.case_insensitive else word

    @cached_property
    def unit(self) -> NDArray[np.float32]:
        """The vectors of the words that count, of length 1 [min(V, restrict), D]."""
        return self.vectors.unit_vectors[: self.options.restrict]

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """The row of each word [n], -1 for unknown ones."""
        return np.array([self.ids.get(self.fold(word), -1) for word in words], np.int64)

    def vector(self, word: str) -> NDArray[np.float32] | None:
        """The vector [D] of a word, or the mean of its n-grams; None for an unknown one."""
        row = self.ids.get(self.fold(word))
        if row is not None:
            return self.vectors.vectors[row]
        subwords = self.vectors.subwords
        if subwords is None:
            return None
        return subwords.vector(word.lower() if self.options.case_insensitive else word)

    def unit_vector(self, word: str) -> NDArray[np.float32] | None:
        """The same of length 1."""
        vector = self.vector(word)
        return None if vector is None else unit_vector(np.asarray(vector, np.float32))
