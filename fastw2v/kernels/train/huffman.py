"""Huffman's tree in O(V): words by descending count are one queue, the nodes made so far another.

Source: van Leeuwen 1976, "On the construction of Huffman trees". (word2vec.c has the same two
    queues.)
"""

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel


@kernel
def join_nodes(weights: Array, parents: Array, codes: Array) -> None:
    """Join the two lightest nodes, V - 1 times; words are nodes 0 ... V - 1, nodes made follow, the
    root is the last.

    weights : int64 [2 V - 1], descending counts, then room;  parents : int32 [2 V - 1], of
        every node but the root;
    codes : int8 [2 V - 1], 0 for the lighter child. Of equal weights words come first, the last
        word first.
    """
    V = (len(weights) + 1) // 2
    word, node = V - 1, V
    for made in range(V, 2 * V - 1):
        weights[made] = 0
        for code in range(2):
            if word >= 0 and (node == made or weights[word] <= weights[node]):
                child = word
                word -= 1
            else:
                child = node
                node += 1
            weights[made] += weights[child]
            parents[child], codes[child] = made, code


@kernel
def put_depths(parents: Array, depths: Array) -> None:
    """How many steps lead to each node: int64 [2 V - 1], the root's 0."""
    root = len(parents) - 1
    depths[root] = 0
    for node in range(root - 1, -1, -1):
        depths[node] = depths[parents[node]] + 1


@kernel
def put_paths(parents: Array, codes: Array, starts: Array, steps: Array) -> None:
    """For each word the nodes from the root to it, counted from the root back, twice their numbers
    plus the code there.
    """
    root = len(parents) - 1
    for word in range(len(starts) - 1):
        node, at = word, starts[word + 1]
        while node != root:
            at -= 1
            steps[at] = 2 * (root - parents[node]) + codes[node]
            node = parents[node]
