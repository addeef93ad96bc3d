"""Huffman's tree: the same as a heap gives, of least cost, and a function of the counts."""

import heapq

import numpy as np
import pytest

from fastw2v.corpus.huffman import huffman_paths
from fastw2v.kernels.jit import JIT
from fastw2v.reference.huffman import paths

COUNTS = {
    "one word": [5],
    "two words": [5, 5],
    "all alike": [3] * 37,
    "each twice the next": [2**k for k in range(40, -1, -1)],
    "Zipf": [1 + 10**6 // k for k in range(1, 400)],
    "many ties": sorted([1, 2, 2, 3, 4, 4, 8] * 20, reverse=True),
}


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
def test_paths_equal_those_of_a_heap(counts):
    found, expected = huffman_paths(np.array(counts)), paths(counts)
    assert [
        tuple(part.tolist() for part in found.of(word)) for word in range(len(counts))
    ] == expected


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
def test_the_tree_has_least_cost_and_no_word_is_deeper_than_a_rarer_one(counts):
    depths = np.diff(huffman_paths(np.array(counts)).starts)
    heap, cost = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    assert (depths * np.array(counts)).sum() == cost
    assert (np.diff(depths) >= 0).all()
    assert np.sum(0.5**depths) == 1  # every turn leads somewhere


@pytest.mark.skipif(not JIT, reason="takes long without compiled code")
def test_a_million_words():
    found = huffman_paths(1 + 10**9 // np.arange(1, 1_000_001))
    depths = np.diff(found.starts)
    assert np.sum(0.5**depths) == 1 and (found.steps >> 1).max() == 999_998
