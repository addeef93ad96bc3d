"""Vectors of the nodes of a graph, by node2vec walks (Grover and Leskovec 2016).

    python examples/graph.py

Draws walks with the parameters p (return) and q (leave) on all cores by Numba, writes them as an
encoded corpus without text in between, trains on it, and prints the nearest nodes. The graph of
this example has two communities with few edges between them.
"""

import tempfile
from pathlib import Path

import numpy as np
from numba import njit, prange

import fastw2v
from fastw2v.corpus.ids import write_ids


def make_graph(nodes: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the neighbours of all nodes (int32, sorted for each node), and the start of each
    node's neighbours.
    """
    rng = np.random.default_rng(seed)
    chance = np.where(np.arange(nodes)[:, None] % 2 == np.arange(nodes) % 2, 0.2, 0.01)
    linked = np.triu(rng.random((nodes, nodes)) < chance, 1)
    linked |= linked.T
    starts = np.concatenate([[0], np.cumsum(linked.sum(axis=1))])
    return np.nonzero(linked)[1].astype(np.int32), starts


@njit
def draw(key, n):
    """Return draw number n of a walk, from 0 to 1 (splitmix64). Walks do not depend on the number
    of threads.
    """
    z = key + np.uint64(n) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@njit
def is_neighbour(neighbours, first, stop, other):
    """Return whether ``other`` is among neighbours[first:stop], by binary search."""
    while first < stop:
        middle = (first + stop) // 2
        if neighbours[middle] < other:
            first = middle + 1
        elif neighbours[middle] > other:
            stop = middle
        else:
            return True
    return False


@njit(parallel=True)
def draw_walks(neighbours, starts, walks, length, p, q, seed):
    """Return walks [walks of each node * nodes, length + 1], -1 after the end of each.

    With v the previous node, a step goes to x with weight 1/p if x is v, 1 if x is a neighbour of
    v, and 1/q otherwise (rejection sampling). If 1/p exceeds the other weights, the excess is drawn
    separately, so that few draws are rejected. The graph must be undirected.
    """
    nodes = len(starts) - 1
    out = np.full((walks * nodes, length + 1), -1, np.int32)
    least, largest = min(1.0, 1 / q), max(1.0, 1 / q)
    back, extra = min(1 / p, largest), max(1 / p - largest, 0.0)
    for walk in prange(walks * nodes):
        key = np.uint64(seed + walk) * np.uint64(0xD1342543DE82EF95)
        node, before, n = walk % nodes, -1, 0
        for step in range(length):
            out[walk, step] = node
            first, stop = starts[node], starts[node + 1]
            if first == stop:
                break
            degree = stop - first
            while True:
                place = draw(key, n) * (degree + (extra / largest if before >= 0 else 0.0))
                n += 1
                if place >= degree:
                    other = before
                    break
                other = neighbours[first + np.int64(place)]
                if before < 0:
                    break
                height = (place - np.int64(place)) * largest
                if other == before:
                    weight = back
                elif height < least:
                    break
                elif is_neighbour(neighbours, starts[before], starts[before + 1], other):
                    weight = 1.0
                else:
                    weight = 1 / q
                if height < weight:
                    break
            node, before = other, node
    return out


def main() -> None:
    """Train on walks, and print the nearest nodes of two of them."""
    neighbours, starts = make_graph(200)
    walks = draw_walks(neighbours, starts, 10, 40, 1.0, 0.5, 1)
    names = [str(node) for node in range(len(starts) - 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "walks.fw2v")
        write_ids(walks, names, path)
        vectors = fastw2v.train(path, vector_size=32, sample=0, min_count=1, epochs=5)
    for node in ("0", "1"):
        print(node, "->", ", ".join(word for word, _ in vectors.nearest(node, 5)))


if __name__ == "__main__":
    main()
