"""A NumPy array of vectors, and next to it a file of its words, a word a line: v.npy, v.words.txt.

They are written, not read.
"""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fastw2v.errors import OutputError, VectorsError, quoted
from fastw2v.files import atomic_write, check_writable, is_device
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import blocks
from fastw2v.vectors.word_vectors import WordVectors

WORDS = ".words.txt"  # in place of the suffix


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write the array and its words, both or neither. Raises VectorsError, OutputError."""
    check_writable_table(path, vectors.table)
    header = {"descr": "<f4", "fortran_order": False, "shape": vectors.table.shape}
    with written_with_words(path, vectors.words) as out:
        np.lib.format.write_array_header_1_0(out, header)
        for rows in blocks(vectors.table):
            out.write(np.ascontiguousarray(vectors.table[rows], "<f4").data)


def words_path(path: AnyPath) -> Path:
    """The file of words next to another file, or in a directory such as "."."""
    path = Path(path)
    return path.with_suffix(WORDS) if path.name else path / WORDS


@contextmanager
def written_with_words(
    path: AnyPath, words: Sequence[str]
) -> Iterator[io.BufferedRandom | io.BufferedWriter]:
    """A file to write into, as ``atomic_write``, whose words are written next to it.

    The words are on the disk before the caller writes, and get their name after ``path`` has: if
    anything goes wrong, both files are as before. Raises VectorsError, OutputError.
    """
    check_writable(path)
    if is_device(Path(path)):
        raise OutputError(
            f"{shown(path)}: is a device or a pipe, and this format has a file of words next to it;"
            " give the name of a file"
        )
    for word in words:
        if "\n" in word or "\r" in word:
            raise VectorsError(
                f"{shown(path)}: the word {quoted(word)} holds a line break; the file of words next"
                " to it cannot hold it"
            )
    with atomic_write(words_path(path)) as names:
        names.writelines(word.encode() + b"\n" for word in words)
        names.flush()
        os.fsync(names.fileno())
        with atomic_write(path) as out:
            yield out
