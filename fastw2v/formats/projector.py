"""Folders for the TensorBoard projector.

tensors.tsv, a row of numbers a line; metadata.tsv, a word a line, or two columns below a header
where there are counts; projector_config.pbtxt, which names both. They are written, not read.
"""

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_folder
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
    check_writable_table(path, vectors.table)
    for word in vectors.words:
        if not word.strip() or any(mark in word for mark in "\t\n\r"):
            raise VectorsError(
                f"{shown(path)}: the word {word[:60]!r} is blank or holds a tab or line break,"
                " which would shift rows"
            )
    with atomic_folder(path) as folder:
        with open(folder / "tensors.tsv", "wb") as out:
            for piece in written_lines([""] * len(vectors), vectors.table):
                out.write(piece[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))
        with open(folder / "metadata.tsv", "w", encoding="utf8", newline="\n") as out:
            if vectors.counts is None:
                out.writelines(f"{word}\n" for word in vectors.words)
            else:
                out.write("word\tcount\n")
                out.writelines(
                    f"{word}\t{count}\n"
                    for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True)
                )
        (folder / CONFIG_FILE).write_text(CONFIG)
