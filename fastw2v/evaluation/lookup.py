"""Words found as gensim's evaluation finds them."""

from functools import cached_property

import numpy as np

from fastw2v.evaluation.scores import Rules


class Lookup:
    """The words of vectors by the rules of an evaluation.

    With ``case_insensitive``, words are one that are the same in capitals (str.upper), and the row
    of the most frequent spelling is theirs.
    """

    def __init__(self, vectors, rules=None):
        self.vectors, self.rules = vectors, rules or Rules()
        words = vectors.words[: self.rules.restrict]
        self.ids = {}
        self.spelling = np.fromiter(
            (self.ids.setdefault(self._fold(w), i) for i, w in enumerate(words)),
            np.int64,
            len(words),
        )
        # spelling [min(V, restrict)] : for each row that of the most frequent spelling of its word

    def _fold(self, word):
        return word.upper() if self.rules.case_insensitive else word

    @cached_property
    def unit(self):
        """The vectors of the words that count, of length 1, float32 [min(V, restrict), D]."""
        return self.vectors.unit_vectors[: self.rules.restrict]

    def rows(self, words):
        """The row of each word, int64 [n], -1 for unknown ones."""
        return np.fromiter(
            (self.ids.get(self._fold(word), -1) for word in words), np.int64, len(words)
        )

    def vector(self, word):
        """The vector [D] of a word, or what the n-grams of a subword model make of it; None for an
        unknown one.
        """
        row = self.ids.get(self._fold(word))
        if row is not None:
            return self.vectors.vectors[row]
        subwords = self.vectors.subwords
        return (
            subwords.vector(word.lower() if self.rules.case_insensitive else word)
            if subwords is not None
            else None
        )

    def unit_vector(self, word):
        """The same of length 1, rounded as gensim does: length and division in float64, then
        float32.
        """
        vector = self.vector(word)
        if vector is None:
            return None
        vector = np.asarray(vector, np.float32)
        length = float(np.linalg.norm(vector.astype(np.float64)))
        return (vector * np.float64(1 / length)).astype(np.float32) if length > 0 else vector
