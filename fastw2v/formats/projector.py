"""Folders for the TensorBoard projector.

tensors.tsv, a row of numbers a line; metadata.tsv, a word a line, or two columns below a header
where there are counts, more with metadata of words; projector_config.pbtxt, which names both. They
are written, not read.
"""

from collections.abc import Iterable

from fastw2v.errors import VectorsError, quoted
from fastw2v.files import atomic_folder
from fastw2v.formats.metadata import TITLE, Metadata
from fastw2v.formats.text_lines import written_lines
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.word_vectors import WordVectors

CONFIG_FILE = "projector_config.pbtxt"
CONFIG = """embeddings {
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write a folder, whole or not at all. Raises VectorsError for words it cannot hold."""
    write(path, vectors)


def write(path: AnyPath, vectors: WordVectors, metadata: Metadata | None = None) -> None:
    """Write a folder whose table of words also has the columns of Metadata, titles in front.

    Raises VectorsError.
    """
    check_writable_table(path, vectors.table)
    for word in vectors.words:
        if not word.strip() or any(mark in word for mark in "\t\n\r"):
            raise VectorsError(
                f"{shown(path)}: the word {quoted(word)} is blank or holds a tab or line break,"
                " which would shift rows"
            )
    with atomic_folder(path) as folder:
        with open(folder / "tensors.tsv", "wb") as out:
            for piece in written_lines([""] * len(vectors), vectors.table):
                out.write(piece[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))
        with open(folder / "metadata.tsv", "w", encoding="utf8", newline="\n") as out:
            columns = _columns(vectors, metadata)
            if len(columns) > 1:  # a table of one column has no header
                out.write("\t".join(columns) + "\n")
            out.writelines("\t".join(row) + "\n" for row in zip(*columns.values(), strict=True))
        (folder / CONFIG_FILE).write_text(CONFIG)


def _columns(vectors: WordVectors, metadata: Metadata | None) -> dict[str, Iterable[str]]:
    """The columns of the table of words by name, the first of which labels points."""
    columns: dict[str, Iterable[str]] = {"word": vectors.words}
    if vectors.counts is not None:
        columns["count"] = map(str, vectors.counts.tolist())
    if metadata is None:
        return columns
    titles = {TITLE: map(metadata.title, vectors.words)} if TITLE in metadata.columns else {}
    others = {
        name: [metadata.value(name, word) for word in vectors.words]
        for name in metadata.columns
        if name not in (TITLE, *columns)
    }
    return {**titles, **columns, **others}
