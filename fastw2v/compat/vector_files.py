"""Files of the gensim-compatible classes: whole models as fastw2v's .npz with gensim's settings,
and word2vec's formats with gensim's options.

A model's settings are the zip's comment, so that ``fastw2v.load`` and the commands read the same
file. What they do not know (tables of hierarchical softmax, users' attributes) are further arrays
in it, and only then do they refuse it.
"""

from __future__ import annotations

import codecs
import itertools
import json
import logging
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from fastw2v.errors import (
    MissingVectorsError,
    NotAModelError,
    TruncatedVectorsError,
    UndecodableVectorsError,
    UnsupportedError,
    VectorsError,
    VectorsValueError,
    quoted,
)
from fastw2v.file_types import FASTTEXT, PICKLES, ZIP
from fastw2v.files import atomic_write, reason, temporary_folder
from fastw2v.formats import gensim, load, model, registry, word2vec
from fastw2v.formats.sources import open_source
from fastw2v.formats.text_lines import written_lines
from fastw2v.packing import packing
from fastw2v.paths import checked_path, is_path
from fastw2v.vectors.tables import ScaledRows, all_finite
from fastw2v.vectors.word_vectors import checked_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
    from fastw2v.formats.content import ReadOptions
    from fastw2v.vectors.word_vectors import WordVectors

Vectors = TypeVar("Vectors", bound="KeyedVectors")

ATTRIBUTE = "attribute."  # begins the names of arrays that hold attributes of keys
LOCKS = {"vectors_lockf", "vectors_vocab_lockf", "vectors_ngrams_lockf"}
COMPRESSED = (".gz", ".bz2", ".xz")  # suffixes of files that gensim's own opener compresses
MAX_COMMENT_BYTES = 65535  # of a zip
HEAD_BYTES = 4096  # that distinguish text from numbers
logger = logging.getLogger("fastw2v.compat.gensim")


@contextmanager
def as_path(target: Any) -> Iterator[Any]:
    """A path to write to: the target, or if that is an open binary file, one whose bytes are copied
    to it at the end.
    """
    if not hasattr(target, "write"):
        yield target
        return
    with temporary_folder() as folder:
        path = folder / "vectors"
        yield path
        with open(path, "rb") as file:
            shutil.copyfileobj(file, target)


def save(
    target: Any, kv: KeyedVectors, settings: Mapping[str, Any] | None = None, **tables: np.ndarray
) -> None:
    """Write KeyedVectors, with the settings and further arrays of a model if there are any, whole
    or not at all.
    """
    kinds = {type(key) for key in kv.index_to_key}
    words = [str(key) for key in kv.index_to_key]
    if (not kinds <= {str} and not kinds <= {int}) or any("\n" in word for word in words):
        raise VectorsError(
            f"{target}: keys must all be strings without line breaks, or all whole numbers; these"
            " cannot be saved"
        )
    try:
        spelt = "\n".join(words).encode()
        checked_counts(kv.expandos.get("count"))
    except (UnicodeEncodeError, VectorsError) as error:
        raise VectorsError(f"{target}: is not written: {reason(error)}") from error
    arrays: dict[str, np.ndarray] = {
        "words": np.frombuffer(spelt, np.uint8),
        "vectors": kv.vectors,
        **kv.tables(),
        **tables,
    }
    arrays |= {name: np.asarray(getattr(kv, name)) for name in LOCKS if locked(kv, name)}
    for name, values in kv.expandos.items():
        if values.dtype == object:
            raise VectorsError(
                f"{target}: the attribute {quoted(name)} holds Python's objects, which are not"
                " saved; delete it first"
            )
        arrays["counts" if name == "count" else ATTRIBUTE + name] = values
    comment = json.dumps(
        {"numbers": kinds == {int}, "kind": type(kv).__name__, "settings": settings}
    ).encode()
    if len(comment) > MAX_COMMENT_BYTES:
        raise VectorsError(f"{target}: the model's comment is longer than a file can hold")
    if not words or {
        len(array) for name, array in arrays.items() if name in ("vectors", "counts")
    } != {len(words)}:
        raise VectorsError(
            f"{target}: there are {len(words):,} words and {len(kv.vectors):,} vectors; nothing was"
            " saved"
        )
    with as_path(target) as path:
        model.write_arrays(
            path, {name: np.ascontiguousarray(values) for name, values in arrays.items()}, comment
        )


def locked(kv: KeyedVectors, name: str) -> bool:
    """Whether lock factors are not all 1."""
    return bool(np.any(np.asarray(getattr(kv, name, 1)) != 1))


def load_vectors(cls: type[Vectors], path: Any, mmap: str | None = None) -> Vectors:
    """KeyedVectors of a file of ``save``, of gensim's, or of any that ``fastw2v.load`` reads.

    Raises VectorsError.
    """
    return load_model(cls, path, mmap)[0]


def load_model(
    cls: type[Vectors], path: Any, mmap: str | None = None
) -> tuple[Vectors, dict[str, Any] | None, dict[str, np.ndarray]]:
    """KeyedVectors, settings (None where there are none) and the other tables of a file of
    ``save``. Raises VectorsError.

    Of a file of gensim's the settings are those that it has.
    """
    if _head(path).startswith(PICKLES):
        return _of_gensim(cls, path)
    try:
        read, arrays, comment = _parts(path)
        metadata = _metadata(comment)
        kv = cls.of(
            [int(word) for word in read.words] if metadata.get("numbers") else read.words,
            _own(read.table, mmap),
            read.counts,
        )
        kv.expandos |= {
            name.removeprefix(ATTRIBUTE): arrays[name]
            for name in arrays
            if name.startswith(ATTRIBUTE)
        }
        for name in LOCKS & arrays.keys():
            setattr(kv, name, np.array(arrays.pop(name)))
        if {values.shape for values in kv.expandos.values()} - {(len(kv),)}:
            raise ValueError("its arrays do not fit together")
    except (MissingVectorsError, TruncatedVectorsError, UndecodableVectorsError):
        raise
    except VectorsError as error:
        raise NotAModelError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise NotAModelError(
            f"{path}: cannot be read: {reason(error)}; it is damaged, or no model of fastw2v"
        ) from error
    if read.output_vectors is not None:
        arrays["output_vectors"] = np.array(read.output_vectors)
    settings = metadata.get("settings")
    return kv.with_subwords(read.subwords, metadata.get("kind"), path), settings, arrays


def _parts(path: Any) -> tuple[WordVectors, dict[str, np.ndarray], bytes]:
    """WordVectors, arrays of other names and the comment of a model; the last two are empty of any
    other file.
    """
    if _head(path).startswith(ZIP):
        source = open_source(path)
        if source.read(0, len(ZIP)) == ZIP:
            return model.read_parts(source)
    return load(path), {}, b""


def _of_gensim(
    cls: type[Vectors], path: Any
) -> tuple[Vectors, dict[str, Any] | None, dict[str, np.ndarray]]:
    read = gensim.read(path)
    kv = cls.of(read.keys, read.vectors, read.counts).with_subwords(read.subwords, read.kind, path)
    if read.lock_factors is not None:
        kv.vectors_lockf = read.lock_factors
    if read.kind not in ("Word2Vec", "FastText"):
        return kv, None, {}
    settings = {
        **read.settings,
        "epochs": read.settings.get("epochs", read.settings.get("iter", 5)),
    }
    arrays, negative = {}, 0
    if read.outputs is not None:
        arrays["output_vectors"], negative = read.outputs, settings.get("negative") or 5
    hs = int(read.outputs is None or bool(settings.get("hs")))
    if hs:
        arrays["nodes"] = np.zeros_like(kv.vectors)
        logger.warning(
            "%s: gensim's tree of hierarchical softmax is another: the vectors of its nodes begin"
            " anew",
            path,
        )
    return kv, settings | {"hs": hs, "negative": negative}, arrays


def _metadata(comment: bytes) -> dict[str, Any]:
    metadata = json.loads(comment or b"{}")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("settings") or {}, dict):
        raise ValueError("its comment is not that of a model")
    return metadata


def _own(table: Any, mmap: str | None) -> np.ndarray:
    """The rows of a table as an array that can be changed, unless it is to stay in its file; of the
    type that was saved.
    """
    rows = np.asarray(
        table.numbers if isinstance(table, ScaledRows) and table.scales is None else table
    )
    return rows if mmap or rows.flags.writeable else rows.copy()


def _head(path: Any) -> bytes:
    """The first bytes of a plain file; none of anything else, which the reader of vectors names."""
    try:
        if not is_path(path) or not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return b""


def read_word2vec(
    path: Any, binary: bool, no_header: bool, options: ReadOptions, vocabulary: Any = None
) -> tuple[list[str], np.ndarray, Any]:
    """Read word2vec's formats: keys, vectors [V, D] and counts [V].

    options : ReadOptions;  vocabulary : a file of counts, without which they are made up in
    descending order. Raises VectorsError.
    """
    try:
        codecs.lookup(options.encoding)
    except (LookupError, TypeError):
        raise VectorsValueError(f"there is no encoding {quoted(options.encoding)}") from None
    if binary and no_header:
        raise UnsupportedError("no_header only available for text-format files")
    head = _head(path)
    if head.startswith(PICKLES):
        raise NotAModelError(
            f"{path}: is a pickle, as gensim's save() writes; KeyedVectors.load and Word2Vec.load"
            " read it"
        )
    if head.startswith(FASTTEXT):
        raise NotAModelError(f"{path}: is fastText's binary file; load_facebook_vectors reads it")
    try:
        format = "binary" if binary else "glove" if no_header else "text"
        vectors = registry.read(path, options, format)
    except UndecodableVectorsError:
        raise
    except VectorsError as error:
        if binary or not head or packing(head) or _is_text(head, options):
            raise
        raise UndecodableVectorsError(
            f"{path}: is not text in {options.encoding}; if it is word2vec's binary file, pass"
            " binary=True"
        ) from error
    counts = _counts(vocabulary, vectors.words, options)
    return vectors.words, np.array(vectors.table, options.dtype), counts


def unreadable(path: Any, error: BaseException) -> VectorsError:
    """The VectorsError for a file that cannot be read, of the kind of another error."""
    kind: type[VectorsError] = VectorsError
    if isinstance(error, FileNotFoundError):
        kind = MissingVectorsError
    elif isinstance(error, UnicodeDecodeError):
        kind = UndecodableVectorsError
    return kind(f"{path}: cannot be read: {reason(error)}")


def _is_text(head: bytes, options: ReadOptions) -> bool:
    """Whether the first bytes of a file are text in its encoding."""
    try:
        lines = head[: head.rfind(b"\n") + 1 or None]
        lines.decode(options.encoding, options.encoding_errors)
    except (UnicodeDecodeError, LookupError):
        return False
    return b"\0" not in head


def _counts(path: Any, words: Sequence[str], options: ReadOptions) -> NDArray[np.int64] | list[int]:
    """The counts of words in a file of lines "word count", or descending numbers."""
    if path is None:
        return np.arange(len(words), 0, -1)
    path = checked_path(path, VectorsError)
    try:
        with open(path, encoding=options.encoding, errors=options.encoding_errors) as file:
            pairs = (line.rsplit(maxsplit=1) for line in file)
            counts = {word: int(count) for word, count in pairs}
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    return [counts.get(word, 0) for word in words]


@dataclass(frozen=True)
class WordWriter:
    """Writes word2vec's formats with gensim's options; called with the target of the vectors and
    that of the counts.
    """

    binary: bool
    total_vec: int | None
    header: bool
    prefix: str
    append: bool
    order_by: str

    def __call__(self, kv: KeyedVectors, target: Any, vocabulary: Any) -> None:
        order = np.arange(len(kv))
        if self.order_by in kv.expandos:
            order = np.argsort(-kv.expandos[self.order_by].astype(np.float64), kind="stable")
        elif vocabulary is not None:
            raise VectorsValueError(
                f"Cannot store vocabulary with '{self.order_by}' because that attribute does not"
                " exist"
            )
        words = [f"{self.prefix}{kv.index_to_key[row]}" for row in order]
        vectors = kv.vectors[order].astype(np.float32)
        self._check(target, words, vectors)
        if vocabulary is not None:
            counts = kv.expandos[self.order_by][order]
            self._write(
                vocabulary,
                (f"{word} {count}\n".encode() for word, count in zip(words, counts, strict=True)),
            )
        header = [f"{self.total_vec or len(words)} {kv.vector_size}\n".encode()] * self.header
        written = word2vec.written_rows if self.binary else written_lines
        self._write(target, itertools.chain(header, written(words, vectors)))

    def _check(self, target: Any, words: Sequence[str], vectors: NDArray[np.float32]) -> None:
        for word in words:
            if (
                not word
                or "\n" in word
                or (self.binary and word.encode().split() != [word.encode()])
            ):
                held = "white space" if self.binary else "a line break"
                raise VectorsError(
                    f"{target}: the word {quoted(word)} is empty or holds {held}; this format"
                    " cannot hold it"
                )
        if not all_finite(vectors):
            raise VectorsError(
                f"{target}: some vectors are not finite numbers; nothing was written"
            )

    def _write(self, target: Any, pieces: Iterable[bytes]) -> None:
        """Write pieces of bytes, compressed if the name ends so, after what is there if they are to
        be appended.
        """
        with as_path(target) as path:
            suffix = Path(path).suffix.lower()
            if suffix in (".zst", ".zip"):
                raise UnsupportedError(
                    f"{target}: files are compressed as {', '.join(COMPRESSED)}, not as {suffix}"
                )
            appended = self.append and Path(path).is_file()
            with atomic_write(path) as out:
                if appended:
                    with open(path, "rb") as file:
                        shutil.copyfileobj(file, out)
                with word2vec.compressed(path, out) as packed:
                    for piece in pieces:
                        packed.write(piece)
