"""Vectors of character n-grams, and what they make of words that were never seen (Eq. 20)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fastw2v.equations.subwords import bucket, ngrams, word_vector
from fastw2v.vectors.tables import read_only


@dataclass(frozen=True, eq=False)
class Subwords:
    """least, most : characters of an n-gram;  buckets : how many they are hashed to;  used : int32
    [R], the buckets that
    have a vector;  vectors : float32 [R, D], theirs;  own : float32 [V, D], the row of each word
    that is not an n-gram's.

    Both may be tables of ``vectors.tables``; arrays are handed out read-only.
    """

    least: int
    most: int
    buckets: int
    used: np.ndarray
    vectors: np.ndarray
    own: np.ndarray

    def __post_init__(self):
        for name in ("used", "vectors", "own"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @cached_property
    def rows(self):
        """The row of each bucket that is used."""
        return {bucket: row for row, bucket in enumerate(self.used.tolist())}

    def vector(self, word):
        """The mean of the vectors of a word's n-grams, of those that some word of the vocabulary
        has; None if there are none.
        """
        found = (
            self.rows.get(bucket(ngram, self.buckets))
            for ngram in ngrams(word, self.least, self.most)
        )
        bag = [row for row in found if row is not None]
        if not bag:
            return None
        rows = np.asarray(self.vectors[np.array(bag)], np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            made = word_vector(range(len(bag)), rows)
        return (
            made
            if np.isfinite(made).all()
            else word_vector(range(len(bag)), rows.astype(np.float64)).astype(np.float32)
        )
