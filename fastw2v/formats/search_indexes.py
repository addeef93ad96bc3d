"""Indexes of other libraries for approximate search: faiss and hnswlib.

Both are HNSW graphs of the vectors by cosine, whose ids are rows; next to an index is a file of
its words (``npy``). They are written, not read. fastw2v's own index is another (``index``).
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fastw2v.files import atomic_write
from fastw2v.formats.npy import write_words
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath
from fastw2v.vectors.tables import blocks, unit
from fastw2v.vectors.word_vectors import WordVectors

NEIGHBOURS = 16  # of a node of the graph (M)
EFFORT = 200  # candidates that building looks at (ef_construction)


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write an index of the library that ``format`` names, and its words, each whole or not at
    all. Raises VectorsError, OutputError.
    """
    check_writable_table(path, vectors.table)
    write_words(path, vectors.words)
    index = _new_faiss(vectors) if format == "faiss" else _new_hnswlib(vectors)
    for rows in blocks(vectors.table):
        scaled = unit(np.asarray(vectors.table[rows], np.float32))
        index.add(scaled) if format == "faiss" else index.add_items(scaled)
    with atomic_write(path) as out, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index"
        if format == "faiss":
            import faiss

            faiss.write_index(index, str(file))
        else:
            index.save_index(str(file))
        with open(file, "rb") as written:
            while piece := written.read(1 << 20):
                out.write(piece)


def _new_faiss(vectors: WordVectors) -> Any:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.table.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = EFFORT
    return index


def _new_hnswlib(vectors: WordVectors) -> Any:
    import hnswlib

    index = hnswlib.Index(space="cosine", dim=vectors.table.shape[1])
    index.init_index(len(vectors), ef_construction=EFFORT, M=NEIGHBOURS)
    return index
