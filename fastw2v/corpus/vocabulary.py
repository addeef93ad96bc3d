"""The words of a corpus and how often each occurs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """words : list of V distinct strings;  counts : int64 [V], descending, ties in order of first appearance."""

    words: list
    counts: np.ndarray

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self.ids

    @cached_property
    def ids(self):
        """The id of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @property
    def tokens(self):
        """How many tokens the counts make."""
        return int(self.counts.sum())


def kept(counts, min_count, max_vocab):
    """How many of the words, by descending count, a vocabulary keeps."""
    n = int(np.searchsorted(-counts, -min_count, side="right"))
    return n if max_vocab is None else min(n, max_vocab)
