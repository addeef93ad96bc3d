"""Vectors of character n-grams, and the vectors of unknown words that they give (Eq. 20)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastw2v.equations.subwords import bucket, ngrams, word_vector
from fastw2v.vectors.tables import Table, read_only

MAX_WORD_BYTES = (
    1 << 10
)  # of a word whose n-grams are looked at; a longer one has no vector by them


@dataclass(frozen=True, eq=False)
class Subwords:
    """The n-gram vectors of a model; arrays are handed out read-only.

    Attributes
    ----------
    minn, maxn
        Minimum and maximum number of characters of an n-gram.
    buckets
        Number of buckets that n-grams are hashed to.
    used
        The buckets that have a vector, int32 [R].
    vectors
        Vectors of these buckets, float32 [R, D].
    own
        Row of each word without its n-grams, float32 [V, D].
    """

    minn: int
    maxn: int
    buckets: int
    used: NDArray[np.int32]
    vectors: Table
    own: Table

    def __post_init__(self) -> None:
        for name in ("used", "vectors", "own"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @cached_property
    def rows(self) -> dict[int, int]:
        """The row of each bucket that is used."""
        return {bucket: row for row, bucket in enumerate(self.used.tolist())}

    def head(self, n: int) -> "Subwords":
        """The same n-grams, and the own rows of the first n words."""
        return replace(self, own=self.own[:n])

    def subword_ids(self, word: str) -> list[int]:
        """The rows of ``vectors`` of a word's n-grams, of those that have one."""
        return [row for row in self._rows_of(word) if row is not None]

    def vector(self, word: str) -> NDArray[np.float32] | None:
        """The mean [D] of the vectors of a word's n-grams, zeros for those that have none; None if
        none of them has a vector.
        """
        ids = self._rows_of(word)
        known = [row for row in ids if row is not None]
        if not known:
            return None
        rows = np.asarray(self.vectors[np.array(known)], np.float32)
        places, share = range(len(known)), np.float32(len(known) / len(ids))
        with np.errstate(over="ignore", invalid="ignore"):
            mean = word_vector(places, rows)
        if not np.isfinite(mean).all():
            mean = word_vector(places, rows.astype(np.float64)).astype(np.float32)
        return mean * share

    def _rows_of(self, word: str) -> list[int | None]:
        """The row of each n-gram of a word, None for one that has none; no rows of a word that is
        longer than MAX_WORD_BYTES.
        """
        try:
            if len(word.encode()) > MAX_WORD_BYTES:
                return []
            return [
                self.rows.get(bucket(ngram, self.buckets))
                for ngram in ngrams(word, self.minn, self.maxn)
            ]
        except UnicodeEncodeError:  # no text has halves of surrogate pairs
            return []
