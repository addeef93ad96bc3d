"""Vectors of the nodes of a graph, by node2vec walks (Grover and Leskovec 2016).

    python examples/graph.py

Draws walks with the parameters p (return) and q (leave) on all cores by Numba, trains on them, and
prints the nearest nodes. The graph here has two communities with few edges between them.
"""

import numpy as np
from numba import njit, prange

import fastw2v


def make_graph(nodes: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return neighbours (int32, sorted for each node) and where those of each node begin."""
    rng = np.random.default_rng(seed)
    chance = np.where(np.arange(nodes)[:, None] % 2 == np.arange(nodes) % 2, 0.2, 0.01)
    linked = np.triu(rng.random((nodes, nodes)) < chance, 1)
    linked |= linked.T
    starts = np.concatenate([[0], np.cumsum(linked.sum(axis=1))])
    return np.nonzero(linked)[1].astype(np.int32), starts


@njit
def is_neighbour(neighbours, starts, node, other):
    """Return whether two nodes are linked, by binary search."""
    place = np.searchsorted(neighbours[starts[node] : starts[node + 1]], other)
    return place < starts[node + 1] - starts[node] and neighbours[starts[node] + place] == other


@njit(parallel=True)
def draw_walks(neighbours, starts, walks, length, p, q, seed):
    """Return walks [walks of each node * nodes, length], -1 after the end of a walk.

    From the node before, v, a step goes to x with weight 1/p if x is v, 1 if x is a neighbour of
    v, and 1/q otherwise; by rejection sampling.
    """
    nodes = len(starts) - 1
    out = np.full((walks * nodes, length), -1, np.int32)
    largest = max(1 / p, 1.0, 1 / q)
    for walk in prange(walks * nodes):
        np.random.seed(seed + walk)
        node, before = walk % nodes, -1
        for step in range(length):
            out[walk, step] = node
            first, stop = starts[node], starts[node + 1]
            if first == stop:
                break
            while True:
                other = neighbours[np.random.randint(first, stop)]
                weight = 1.0
                if before >= 0 and other == before:
                    weight = 1 / p
                elif before >= 0 and not is_neighbour(neighbours, starts, before, other):
                    weight = 1 / q
                if np.random.random() * largest < weight:
                    break
            node, before = other, node
    return out


def main() -> None:
    """Train on walks, and print the nearest nodes of two of them."""
    neighbours, starts = make_graph(200)
    walks = draw_walks(neighbours, starts, 10, 40, 1.0, 0.5, 1)
    sentences = ([str(node) for node in walk if node >= 0] for walk in walks)
    vectors = fastw2v.train(sentences, vector_size=32, sample=0, min_count=1, epochs=5)
    for node in ("0", "1"):
        print(node, "->", ", ".join(word for word, _ in vectors.nearest(node, 5)))


if __name__ == "__main__":
    main()
