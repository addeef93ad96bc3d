"""Huffman's tree with a heap: of equal weights words come before inner nodes, later words and
earlier nodes first.
"""

import heapq
from collections.abc import Sequence

import numpy as np


def paths(counts: Sequence[int] | np.ndarray) -> list[tuple[list[int], list[int]]]:
    """For each word of descending counts: the inner nodes from the root to it, counted from the
    root back, and their codes.
    """
    V = len(counts)
    heap = [(int(count), 0, -word, word) for word, count in enumerate(counts)]
    heapq.heapify(heap)
    parents = {}
    for made in range(V, 2 * V - 1):
        lighter, heavier = heapq.heappop(heap), heapq.heappop(heap)
        parents[lighter[3]], parents[heavier[3]] = (made, 0), (made, 1)
        heapq.heappush(heap, (lighter[0] + heavier[0], 1, made, made))
    found = []
    for word in range(V):
        nodes: list[int] = []
        codes: list[int] = []
        while word in parents:
            word, code = parents[word]
            nodes.insert(0, 2 * V - 2 - word)
            codes.insert(0, code)
        found.append((nodes, codes))
    return found
