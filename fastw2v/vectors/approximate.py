"""Approximate search: a graph of neighbours (HNSW, of the library usearch) finds candidates, exact
cosines order them.
"""

from numbers import Real
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from fastw2v.errors import Fastw2vError
from fastw2v.vectors.arguments import MAX_SEARCH_COUNT, as_word, checked_count
from fastw2v.vectors.tables import blocks, unit

if TYPE_CHECKING:
    from fastw2v.vectors.word_vectors import WordVectors

# neighbours that a word has in the graph, and candidates looked at when it is built
CONNECTIVITY, BUILD_EFFORT = 32, 256
CANDIDATES = 2  # for each answer, of which exact cosines choose the best


class ApproximateIndex:
    """Finds the nearest words without looking at all of them.

    Parameters
    ----------
    vectors : WordVectors
    graph : usearch's index of them
    effort : int
        Candidates that a search looks at; more of them find more of the nearest words.
    """

    def __init__(self, vectors: "WordVectors", graph: Any, effort: int = 128) -> None:
        self.vectors, self.graph = vectors, graph
        graph.expansion_search = checked_count(effort, "effort", 1, MAX_SEARCH_COUNT)

    def nearest(self, word: str | ArrayLike, n: int = 10) -> list[tuple[str, float]]:
        """Return the same as ``WordVectors.nearest``, though some of the nearest words may be
        missed: list of (word, cosine).
        """
        vectors, without, n = self.vectors, None, checked_count(n, "n")
        if isinstance(word, (str, Real)):
            without = vectors.ids.get(as_word(word))
            word = vectors[word]
        query = vectors.query(word)
        matches = self.graph.search(query, min(CANDIDATES * n + 1, len(vectors)))
        rows = np.sort(matches.keys.astype(np.int64))
        rows = rows if without is None else rows[rows != without]
        cosines = unit(np.asarray(vectors.table[rows], np.float32)) @ unit(query[None])[0]
        best = np.argsort(-cosines, kind="stable")[:n].tolist()
        return [(vectors.words[rows[i]], float(cosines[i])) for i in best]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the index whole or not at all, signed with the user's key if there is one.

        ``formats.index.open_index`` reads it. Raises OutputError.
        """
        # as in WordVectors.save: formats stands above this package
        from fastw2v.formats.index import save

        save(path, self)


def build_index(vectors: "WordVectors", effort: int = 128) -> ApproximateIndex:
    """Make an ApproximateIndex of WordVectors, on all cores. Needs usearch."""
    graph = usearch_index()(
        ndim=vectors.table.shape[1],
        metric="cos",
        dtype="f16",
        connectivity=CONNECTIVITY,
        expansion_add=BUILD_EFFORT,
        enable_key_lookups=False,
    )
    for rows in blocks(vectors.table):
        # of length 1: none is too large or too small for f16
        scaled = unit(np.asarray(vectors.table[rows], np.float32))
        try:
            graph.add(np.arange(rows.start, rows.stop), scaled)
        except RuntimeError as error:  # usearch's name for Ctrl-C
            if "terminated" in str(error):
                raise KeyboardInterrupt from error
            raise
    return ApproximateIndex(vectors, graph, effort)


def usearch_index() -> Any:
    """usearch's class of indexes. Raises Fastw2vError, which names the extra."""
    try:
        from usearch.index import Index
    except ImportError as error:
        raise Fastw2vError(
            "approximate search needs the library usearch: pip install 'fastw2v[ann]'"
        ) from error
    return Index
