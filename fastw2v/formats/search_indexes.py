"""Indexes of other libraries for approximate search: faiss and hnswlib.

Both are HNSW graphs of the vectors by cosine, whose ids are rows; next to an index is a file of
its words (``npy``). They are written, not read. fastw2v's own index is another (``index``).
"""

from pathlib import Path
from typing import Any

import numpy as np

from fastw2v.errors import OutputError
from fastw2v.files import temporary_folder
from fastw2v.formats.npy import written_with_words
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import blocks, unit
from fastw2v.vectors.word_vectors import WordVectors

NEIGHBOURS = 16  # of a node of the graph (M)
EFFORT = 200  # candidates that building looks at (ef_construction)


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write an index of the library that ``format`` names, and its words, both or neither.

    Raises VectorsError, OutputError.
    """
    check_writable_table(path, vectors.table)
    with (
        written_with_words(path, vectors.words) as out,
        temporary_folder() as folder,
    ):
        index = _new_faiss(vectors) if format == "faiss" else _new_hnswlib(vectors)
        for rows in blocks(vectors.table):
            scaled = unit(np.asarray(vectors.table[rows], np.float32))
            index.add(scaled) if format == "faiss" else index.add_items(scaled)
        file = folder / "index"
        if not _is_written(index, format, file):
            raise OutputError(
                f"{shown(path)}: {format} cannot write its index to the temporary folder"
                f" {shown(folder.parent)}; make room there, or set TMPDIR to another folder"
            )
        with open(file, "rb") as written:
            while piece := written.read(1 << 20):
                out.write(piece)


def _is_written(index: Any, format: str, file: Path) -> bool:
    """Whether a library has written its index whole. hnswlib reports no error."""
    if format != "faiss":
        index.save_index(str(file))
        return bool(file.stat().st_size == index.index_file_size())
    import faiss

    try:
        faiss.write_index(index, str(file))
    except RuntimeError:
        return False
    return True


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
