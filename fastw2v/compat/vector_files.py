"""Files of gensim's face: whole models as fastw2v's .npz with gensim's settings beside, and
word2vec's formats with all options.

A model's settings are the zip's comment, so that ``fastw2v.load`` and the commands read the same
file. What they do not know (tables of hierarchical softmax, users' attributes) are further arrays
in it, and only then do they refuse it.
"""

import bz2
import gzip
import itertools
import json
import logging
import lzma
import shutil
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastw2v.errors import (
    Fastw2vError,
    MissingVectorsError,
    NotAModelError,
    NotOfferedError,
    TruncatedVectorsError,
    UndecodableVectorsError,
    VectorsError,
)
from fastw2v.files import atomic_write, reason
from fastw2v.vectors import formats, gensim_files, model_files, word2vec_files
from fastw2v.vectors.pickles import PICKLES
from fastw2v.vectors.tables import ScaledRows, lengths
from fastw2v.vectors.text_files import written_lines

ATTRIBUTE = "attribute."  # begins the names of arrays that hold attributes of keys
COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
SUFFIXES = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
FASTTEXT = struct.pack("<i", 793712314)  # what fastText's .bin begins with
MAX_COMMENT = 65535  # bytes, of a zip
HEAD = 4096  # bytes by which text is told from numbers
logger = logging.getLogger("fastw2v.compat.gensim")


@contextmanager
def as_path(target):
    """A path to write to: the target, or if that is an open binary file, one whose bytes are copied
    to it at the end.
    """
    if not hasattr(target, "write"):
        yield target
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors"
        yield path
        with open(path, "rb") as file:
            shutil.copyfileobj(file, target)


def save(target, kv, settings=None, **tables):
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
    arrays = {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "vectors": kv.vectors,
        **kv.tables(),
        **tables,
    }
    for name, values in kv.expandos.items():
        if values.dtype == object:
            raise VectorsError(
                f"{target}: the attribute {name!r} holds Python's objects, which are not saved;"
                " delete it first"
            )
        arrays["counts" if name == "count" else ATTRIBUTE + name] = values
    comment = json.dumps(
        {"numbers": kinds == {int}, "kind": type(kv).__name__, "settings": settings}
    ).encode()
    if len(comment) > MAX_COMMENT:
        raise VectorsError(f"{target}: the model's comment is longer than a file can hold")
    if not words or {
        len(array) for name, array in arrays.items() if name in ("vectors", "counts")
    } != {len(words)}:
        raise VectorsError(
            f"{target}: there are {len(words):,} words and {len(kv.vectors):,} vectors; nothing was"
            " saved"
        )
    with as_path(target) as path:
        model_files.write_arrays(
            path, {name: np.ascontiguousarray(values) for name, values in arrays.items()}, comment
        )


def load(cls, path, mmap=None):
    """KeyedVectors of a file of ``save``, of gensim's, or of any that ``fastw2v.load`` reads.

    Raises VectorsError.
    """
    return load_model(cls, path, mmap)[0]


def load_model(cls, path, mmap=None):
    """KeyedVectors, settings (None where there are none) and the other tables of a file of
    ``save``. Raises VectorsError.

    Of a file of gensim's the settings are those that it has.
    """
    head = _head(path)
    if head.startswith(PICKLES):
        return _of_gensim(cls, path)
    if not head and not Path(path).is_dir():
        refuse_foreign(path, head)
    try:
        read, arrays, comment = (
            model_files.read_parts(path)
            if model_files.is_model(path)
            else (formats.read(path), {}, b"")
        )
        said = _said(comment)
        kv = cls.of(
            [int(word) for word in read.words] if said.get("numbers") else read.words,
            _own(read.table, mmap),
            read.counts,
        )
        kv.expandos |= {
            name.removeprefix(ATTRIBUTE): arrays[name]
            for name in arrays
            if name.startswith(ATTRIBUTE)
        }
        if {values.shape for values in kv.expandos.values()} - {(len(kv),)}:
            raise ValueError("its arrays do not fit together")
    except (MissingVectorsError, TruncatedVectorsError, UndecodableVectorsError):
        raise
    except VectorsError as error:
        said = (
            f"{path}: is fastText's .bin, and cannot be read; take its .vec file"
            if head.startswith(FASTTEXT)
            else str(error)
        )
        raise NotAModelError(said) from error
    except ValueError as error:
        raise NotAModelError(
            f"{path}: cannot be read: {reason(error)}; it is damaged, or no model of fastw2v"
        ) from error
    if read.output_vectors is not None:
        arrays["output_vectors"] = np.array(read.output_vectors)
    return kv.with_subwords(read.subwords, said.get("kind"), path), said.get("settings"), arrays


def _of_gensim(cls, path):
    read = gensim_files.read(path)
    kv = cls.of(read.keys, read.vectors, read.counts).with_subwords(read.subwords, read.kind, path)
    if read.kind not in ("Word2Vec", "FastText"):
        return kv, None, {}
    settings = {
        **read.settings,
        "epochs": read.settings.get("epochs", read.settings.get("iter", 5)),
    }
    if read.outputs is not None:
        if settings.get("hs"):
            logger.warning(
                "%s: was trained with hs=1 and negative above 0; training goes on by negative"
                " sampling alone",
                path,
            )
        return kv, settings | {"hs": 0}, {"output_vectors": read.outputs}
    logger.warning(
        "%s: gensim's tree of hierarchical softmax is another: the vectors of its nodes begin anew",
        path,
    )
    return kv, settings | {"hs": 1, "negative": 0}, {"nodes": np.zeros_like(kv.vectors)}


def _said(comment):
    said = json.loads(comment or b"{}")
    if not isinstance(said, dict) or not isinstance(said.get("settings") or {}, dict):
        raise ValueError("its comment is not that of a model")
    return said


def _own(table, mmap):
    """The rows of a table as an array that can be changed, unless it is to stay in its file; of the
    type that was saved.
    """
    rows = np.asarray(
        table.numbers if isinstance(table, ScaledRows) and table.scales is None else table
    )
    return rows if mmap or rows.flags.writeable else rows.copy()


def refuse_foreign(path, head):
    """Raise an error for a file whose first bytes say that it is read by other means, or that it is
    empty.
    """
    if not head and Path(path).is_file():
        raise TruncatedVectorsError(f"{path}: is empty")
    if not head:
        raise VectorsError(f"{path}: is not a plain file")
    if head.startswith(PICKLES):
        raise NotAModelError(
            f"{path}: is a pickle, as gensim's save() writes; KeyedVectors.load and Word2Vec.load"
            " read it"
        )
    if head.startswith(FASTTEXT):
        raise NotAModelError(f"{path}: is fastText's binary file; load_facebook_vectors reads it")


def _head(path):
    try:
        if Path(path).exists() and not Path(path).is_file():
            return b""
        with open(path, "rb") as file:
            return file.read(HEAD)
    except FileNotFoundError as error:
        raise MissingVectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except (OSError, ValueError) as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error


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

    def __call__(self, kv, target, vocabulary):
        order = np.arange(len(kv))
        if self.order_by in kv.expandos:
            order = np.argsort(-kv.expandos[self.order_by].astype(np.float64), kind="stable")
        elif vocabulary is not None:
            raise ValueError(
                f"Cannot store vocabulary with '{self.order_by}' because that attribute does not"
                " exist"
            )
        words, vectors = (
            [f"{self.prefix}{kv.index_to_key[row]}" for row in order],
            kv.vectors[order].astype(np.float32),
        )
        self._check(target, words, vectors)
        if vocabulary is not None:
            counts = kv.expandos[self.order_by][order]
            self._write(
                vocabulary,
                (f"{word} {count}\n".encode() for word, count in zip(words, counts, strict=True)),
            )
        header = [f"{self.total_vec or len(words)} {kv.vector_size}\n".encode()] * self.header
        self._write(
            target,
            itertools.chain(
                header,
                (word2vec_files.written_rows if self.binary else written_lines)(words, vectors),
            ),
        )

    def _check(self, target, words, vectors):
        for word in words:
            if (
                not word
                or "\n" in word
                or (self.binary and word.encode().split() != [word.encode()])
            ):
                held = "white space" if self.binary else "a line break"
                raise VectorsError(
                    f"{target}: the word {word!r} is empty or holds {held}; this format cannot"
                    " hold it"
                )
        if lengths(vectors)[1] is not None:
            raise VectorsError(
                f"{target}: some vectors are not finite numbers; nothing was written"
            )

    def _write(self, target, pieces):
        """Write pieces of bytes, compressed if the name ends so, after what is there if they are to
        be appended.
        """
        suffix = "" if hasattr(target, "write") else Path(target).suffix.lower()
        if suffix == ".zst":
            raise NotOfferedError(
                f"{target}: files are compressed as {', '.join(SUFFIXES)}, not as .zst"
            )
        old = (
            target
            if self.append and not hasattr(target, "write") and Path(target).is_file()
            else None
        )
        with as_path(target) as path, atomic_write(path) as out:
            if old is not None:
                with open(old, "rb") as file:
                    shutil.copyfileobj(file, out)
            with SUFFIXES.get(suffix, _plain)(out, "wb") as packed:
                packed.writelines(pieces)


@contextmanager
def _plain(file, mode):
    yield file


@dataclass(frozen=True)
class WordReader:
    """Reads word2vec's formats with gensim's options; called, returns keys, vectors [V, D] and
    counts [V].
    """

    encoding: str
    errors: str
    limit: int | None
    datatype: type
    no_header: bool

    def __call__(self, path, binary, vocabulary):
        if binary and self.no_header:
            raise NotImplementedError("no_header only available for text-format files")
        head = _head(path)
        refuse_foreign(path, head)
        opener = next(
            (opener for magic, opener in COMPRESSED.items() if head.startswith(magic)), open
        )
        try:
            if self.usual and opener in (open, gzip.open):
                read = word2vec_files.read(
                    path, "binary" if binary else "glove" if self.no_header else "text"
                )
                words, vectors = read.words, np.array(read.table)
            else:
                with opener(path, "rb") as file:
                    words, vectors = (self._binary if binary else self._text)(file)
        except (VectorsError, OSError, EOFError, ValueError, MemoryError, lzma.LZMAError) as error:
            undecodable = isinstance(error, UndecodableVectorsError)  # which says of which word
            if (
                opener is open
                and not binary
                and not undecodable
                and not is_text(head, self.encoding, self.errors)
            ):
                raise UndecodableVectorsError(
                    f"{path}: is not text in {self.encoding}; if it is word2vec's binary file, pass"
                    " binary=True"
                ) from error
            if isinstance(error, Fastw2vError):
                raise
            raise as_vectors_error(path, error) from error
        return words, vectors, self._counts(vocabulary, words)

    @property
    def usual(self):
        """Whether the options are such that fastw2v's own reader does."""
        utf8 = self.encoding.lower().replace("-", "") == "utf8" and self.errors == "strict"
        return utf8 and self.limit is None and self.datatype is np.float32

    def _binary(self, file):
        V, D = self._sizes(file)
        words, vectors, rest = [], np.empty((V, D), self.datatype), b""
        for row in range(V):
            while (space := rest.find(b" ")) < 0 or len(rest) < space + 1 + 4 * D:
                more = file.read(1 << 16)
                if not more:
                    raise EOFError(f"ends after {row:,} of its {V:,} words")
                rest += more
            words.append(rest[:space].lstrip(b"\n").decode(self.encoding, self.errors))
            vectors[row] = np.frombuffer(rest, "<f4", D, space + 1)
            rest = rest[space + 1 + 4 * D :]
        return words, vectors

    def _text(self, file):
        V, D = (None, None) if self.no_header else self._sizes(file)
        lines = itertools.islice(file, self.limit if V is None else V)
        words, rows = [], []
        for line in lines:
            word, *numbers = line.decode(self.encoding, self.errors).rstrip().split(" ")
            D = D or len(numbers)
            if len(numbers) != D:
                raise ValueError(f"word {len(words) + 1} has {len(numbers)} numbers, not {D}")
            words.append(word)
            rows.append(np.array(numbers, self.datatype))
        if not rows or (V is not None and len(rows) < V):
            raise EOFError(f"ends after {len(rows):,} words")
        return words, np.stack(rows)

    def _sizes(self, file):
        V, D = (int(field) for field in file.readline(100).split())
        if V < 1 or D < 1:
            raise ValueError(f"its header says {V} words of {D} numbers")
        return V if self.limit is None else min(V, self.limit), D

    def _counts(self, path, words):
        if path is None:
            return np.arange(len(words), 0, -1)
        try:
            with open(path, encoding=self.encoding, errors=self.errors) as file:
                counts = {
                    word: int(count) for word, count in (line.rsplit(maxsplit=1) for line in file)
                }
        except (OSError, ValueError) as error:
            raise as_vectors_error(path, error) from error
        return [counts.get(word, 0) for word in words]


def is_text(head, encoding, errors):
    """Whether the first bytes of a file are text in an encoding."""
    try:
        head[: head.rfind(b"\n") + 1 or None].decode(encoding, errors)
    except (UnicodeDecodeError, LookupError):
        return False
    return b"\0" not in head


def as_vectors_error(path, error):
    """The VectorsError that says of a file what another error says, and is of its kind."""
    kinds = {
        FileNotFoundError: MissingVectorsError,
        EOFError: TruncatedVectorsError,
        UnicodeDecodeError: UndecodableVectorsError,
    }
    kind = next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), VectorsError)
    return kind(f"{path}: cannot be read: {reason(error) or 'it ends too early'}")
