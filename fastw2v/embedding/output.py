"""Texts of any number embedded into a file: NumPy's .npy, or Parquet.

Texts are read once, into ids in a temporary file (4 bytes a word), from which weights, components
and vectors are made: memory does not grow with their number.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.corpus.encoded import ids_in_file
from fastw2v.corpus.encoder import writing_ids
from fastw2v.embedding.embedder import TextEmbedder
from fastw2v.embedding.encoder import EncodedTexts, empty_texts
from fastw2v.errors import Fastw2vError, OutputError
from fastw2v.events import Embedding, Notify, Reading, ignore
from fastw2v.files import atomic_write, temporary_file
from fastw2v.paths import AnyPath, shown

SUFFIXES = (".npy", ".parquet")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class EmbeddedTexts:
    """What came of embedding: texts, ``empty`` of them without a known word; words, ``unknown`` of
    them without a vector.
    """

    texts: int
    empty: int
    words: int
    unknown: int


def embed_to_file(
    embedder: TextEmbedder,
    texts: Any,
    path: AnyPath,
    *,
    fit_texts: Any = None,
    size: int = 0,
    folder: AnyPath | None = None,
    notify: Notify = ignore,
) -> EmbeddedTexts:
    """Embed texts into a file, row i being text i.

    Parameters
    ----------
    texts, fit_texts
        Texts as for ``TextEmbedder``; weights and components are learnt from ``fit_texts``, by
        default from the texts themselves.
    size
        Number of bytes of the texts, if known.
    folder
        Folder of the temporary file.

    Raises
    ------
    CorpusError, OutputError
    """
    writer = WRITERS.get(Path(path).suffix.lower())
    if writer is None:
        raise OutputError(
            f"{shown(path)}: vectors of texts are written as {' or '.join(SUFFIXES)}; end the name"
            " so"
        )
    if fit_texts is not None and embedder.needs_fit:
        with _spooled(embedder, fit_texts, 0, folder, notify) as encoded:
            embedder.fit_encoded(encoded)
    with _spooled(embedder, texts, size, folder, notify) as encoded:
        if fit_texts is None:
            embedder.fit_encoded(encoded)
        shape = encoded.texts, embedder.vectors.table.shape[1]
        with atomic_write(path) as file:
            writer(file, shape, _notify_progress(embedder.groups(encoded), encoded.texts, notify))
        return EmbeddedTexts(
            encoded.texts, empty_texts(encoded.ids), encoded.words, encoded.unknown
        )


@contextmanager
def _spooled(
    embedder: TextEmbedder, texts: Any, size: int, folder: AnyPath | None, notify: Notify
) -> Iterator[EncodedTexts]:
    """Texts, encoded into a nameless file that is there within the context."""
    done = count = read = unknown = n = 0
    with temporary_file(folder) as file:
        for part, part_size in embedder.encoded_blocks(texts, notify):
            with writing_ids():
                file.write(part.ids.data)
            n, count, done = n + len(part.ids), count + part.texts, done + part_size
            read, unknown = read + part.words, unknown + part.unknown
            notify(Reading(done, size))
        ids = ids_in_file(file, n)["ids"] if n else np.zeros(0, np.int32)
        yield EncodedTexts(ids, count, read, unknown)


def _notify_progress(groups: Iterable[Floats], texts: int, notify: Notify) -> Iterator[Floats]:
    done = 0
    for vectors in groups:
        yield vectors
        done += len(vectors)
        notify(Embedding(done, texts))


def _write_npy(file: IO[bytes], shape: tuple[int, int], groups: Iterable[Floats]) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    for vectors in groups:
        file.write(vectors.astype("<f4", copy=False).data)


def _write_parquet(file: IO[bytes], shape: tuple[int, int], groups: Iterable[Floats]) -> None:
    """One column, "vector", a list of D numbers on each row."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Fastw2vError(
            "Parquet is written with pyarrow, which is not installed: pip install 'fastw2v[data]',"
            " or give a name that ends in .npy"
        ) from error
    kind = pa.list_(pa.float32(), shape[1])
    schema = pa.schema([("vector", kind)])
    with parquet.ParquetWriter(file, schema) as writer:
        for vectors in groups:
            column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), type=kind)
            writer.write_table(pa.table([column], schema=schema))


WRITERS: dict[str, Callable[[IO[bytes], tuple[int, int], Iterable[Floats]], None]] = {
    ".npy": _write_npy,
    ".parquet": _write_parquet,
}
