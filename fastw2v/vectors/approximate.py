"""Approximate search: a graph of neighbours (HNSW, of the library usearch) finds candidates, exact cosines order them.

Its file is a line of JSON that says which vectors it was made of, then what usearch writes.
"""

import json
import zlib
from numbers import Real
from pathlib import Path

import numpy as np

from fastw2v.errors import Fastw2vError, VectorsError
from fastw2v.files import atomic_write, check_writable, reason
from fastw2v.vectors.tables import blocks
from fastw2v.vectors.word_vectors import TINY, as_word, unit

FORMAT = "fastw2v-index-1"
MAX_HEADER = 1000  # bytes
CONNECTIVITY, EFFORT = 32, 256  # neighbours a word has in the graph, and candidates that are looked at, when it is made
SPARE = 2  # candidates for each answer, of which exact cosines choose the best


class ApproximateIndex:
    """Finds the nearest words without looking at all of them.

    vectors : WordVectors;  graph : usearch's index of them;  effort : candidates looked at, more find more of the nearest.
    """

    def __init__(self, vectors, graph, effort=128):
        self.vectors, self.graph = vectors, graph
        graph.expansion_search = effort

    def nearest(self, word, n=10):
        """As ``WordVectors.nearest``, though some of the nearest words may be missed: list of (word, cosine)."""
        vectors, without = self.vectors, None
        if isinstance(word, (str, Real)):
            without = vectors.ids.get(as_word(word))
            word = vectors[word]
        query = vectors.checked(word)
        found = self.graph.search(query, min(SPARE * n + 1, len(vectors))).keys.astype(np.int64)
        rows = np.sort(found[found != without] if without is not None else found)
        cosines = (vectors.table[rows] @ unit(query[None])[0]) / np.maximum(vectors.lengths[rows], TINY)
        best = np.argsort(-cosines, kind="stable")[:n].tolist()
        return [(vectors.words[rows[i]], float(cosines[i])) for i in best]

    def save(self, path):
        """Write the index whole or not at all."""
        graph = self.graph.save(None)
        header = {"format": FORMAT, "vectors": _fingerprint(self.vectors), "crc": zlib.crc32(graph)}
        with atomic_write(path) as out:
            out.write(json.dumps(header).encode() + b"\n")
            out.write(graph)


def build_index(vectors, effort=128):
    """Make an ApproximateIndex of WordVectors, on all cores."""
    graph = _usearch()(
        ndim=vectors.table.shape[1], metric="cos", dtype="f16", connectivity=CONNECTIVITY, expansion_add=EFFORT,
        enable_key_lookups=False,
    )  # fmt: skip
    for rows in blocks(vectors.table):
        some = vectors.table[rows] / np.maximum(vectors.lengths[rows], TINY)[:, None]  # of length 1: none is too large for f16
        try:
            graph.add(np.arange(rows.start, rows.stop), some)
        except RuntimeError as error:  # usearch's name for Ctrl-C
            if "terminated" in str(error):
                raise KeyboardInterrupt from error
            raise
    return ApproximateIndex(vectors, graph, effort)


def open_index(path, vectors):
    """The index of WordVectors that a file holds, or, if there is no such file, a new one that is saved there.

    Raises VectorsError for an index of other vectors, and for a file that is none.
    """
    if not Path(path).exists():
        check_writable(path)
        index = build_index(vectors)
        index.save(path)
        return index
    try:
        with open(path, "rb") as file:
            header = json.loads(file.readline(MAX_HEADER))
            if header.get("format") != FORMAT:
                raise ValueError
            graph = file.read()
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except (ValueError, AttributeError) as error:
        raise VectorsError(f"{path}: is no index of fastw2v; give the name of one, or of a file to be made") from error
    if header.get("vectors") != _fingerprint(vectors):
        raise VectorsError(f"{path}: is an index of other vectors; remove it, and it will be made of these")
    if header.get("crc") != zlib.crc32(graph):
        raise VectorsError(f"{path}: is damaged; remove it, and it will be made again")
    return ApproximateIndex(vectors, _usearch().restore(graph, enable_key_lookups=False))


def _fingerprint(vectors):
    """Numbers that tell vectors from others: how many, and checksums of their words and lengths."""
    words = zlib.crc32("\n".join(vectors.words).encode())
    return [*vectors.table.shape, words, zlib.crc32(np.ascontiguousarray(vectors.lengths))]


def _usearch():
    try:
        from usearch.index import Index
    except ImportError as error:
        raise Fastw2vError("approximate search needs the library usearch: pip install 'fastw2v[ann]'") from error
    return Index
