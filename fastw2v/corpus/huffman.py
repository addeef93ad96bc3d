"""The Huffman tree of a vocabulary, as each word's path from the root (Eq. 16)."""

from typing import NamedTuple

import numpy as np

from fastw2v.kernels.train.huffman import join_nodes, put_depths, put_paths


class Paths(NamedTuple):
    """Word w takes steps[starts[w] : starts[w + 1]] (int32): 2 n + d for inner node n, counted from
    the root, and code d.
    """

    steps: np.ndarray
    starts: np.ndarray

    def of(self, word: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and codes of a word's path."""
        steps = self.steps[self.starts[word] : self.starts[word + 1]]
        return steps >> 1, steps & 1


def huffman_paths(counts: np.ndarray) -> Paths:
    """Paths for descending counts [V], in O(V), a function of the counts alone; no word's path is
    longer than a rarer one's.
    """
    V = len(counts)
    weights = np.zeros(2 * V - 1, np.int64)
    weights[:V] = counts
    parents, codes = np.zeros(2 * V - 1, np.int32), np.zeros(2 * V - 1, np.int8)
    join_nodes(weights, parents, codes)
    depths, starts = np.zeros(2 * V - 1, np.int64), np.zeros(V + 1, np.int64)
    put_depths(parents, depths)
    np.cumsum(depths[:V], out=starts[1:])
    steps = np.empty(starts[-1], np.int32)
    put_paths(parents, codes, starts, steps)
    return Paths(steps, starts)
