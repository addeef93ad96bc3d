"""A NumPy array of vectors, and next to it a file of its words, a word a line: v.npy, v.words.txt.

They are written, not read.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fastw2v.errors import VectorsError, quoted
from fastw2v.files import atomic_write, check_writable
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import blocks
from fastw2v.vectors.word_vectors import WordVectors

WORDS = ".words.txt"  # in place of the suffix


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write the array and its words, each whole or not at all.

    Raises VectorsError, OutputError.
    """
    check_writable_table(path, vectors.table)
    write_words(path, vectors.words)
    header = {"descr": "<f4", "fortran_order": False, "shape": vectors.table.shape}
    with atomic_write(path) as out:
        np.lib.format.write_array_header_1_0(out, header)
        for rows in blocks(vectors.table):
            out.write(np.ascontiguousarray(vectors.table[rows], "<f4").data)


def words_path(path: AnyPath) -> Path:
    """The file of words next to another file."""
    return Path(path).with_suffix(WORDS)


def write_words(path: AnyPath, words: Sequence[str]) -> None:
    """Write the file of words next to ``path``. Raises VectorsError, OutputError."""
    check_writable(path)
    for word in words:
        if "\n" in word or "\r" in word:
            raise VectorsError(
                f"{shown(path)}: the word {quoted(word)} holds a line break; the file of words next"
                " to it cannot hold it"
            )
    with atomic_write(words_path(path)) as out:
        out.writelines(word.encode() + b"\n" for word in words)
