"""Files of gensim's face: whole models as fastw2v's .npz with gensim's settings beside, and word2vec's formats with all options.

A model's settings stand in the zip's comment, so that ``fastw2v.load`` and the commands read the same file. What they know
nothing of (tables of hierarchical softmax, users' attributes) are further arrays in it, and only then do they refuse it.
"""

import bz2
import gzip
import itertools
import json
import zipfile
from dataclasses import dataclass

import numpy as np

from fastw2v.errors import Fastw2vError, NotOfferedError, VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors import model_files, word2vec_files

ATTRIBUTE = "attribute."  # begins the names of arrays that hold attributes of keys
COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open}
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
MAX_COMMENT = 65535  # bytes, of a zip


def save(path, kv, settings=None, **tables):
    """Write KeyedVectors, with the settings and further arrays of a model if there are any, whole or not at all."""
    kinds = {type(key) for key in kv.index_to_key}
    words = [str(key) for key in kv.index_to_key]
    if (not kinds <= {str} and not kinds <= {int}) or any("\n" in word for word in words):
        raise VectorsError(f"{path}: keys must all be strings without line breaks, or all whole numbers; these cannot be saved")
    arrays = {"words": np.frombuffer("\n".join(words).encode(), np.uint8), "vectors": kv.vectors, **tables}
    for name, values in kv.expandos.items():
        if values.dtype == object:
            raise VectorsError(f"{path}: the attribute {name!r} holds Python's objects, which are not saved; delete it first")
        arrays["counts" if name == "count" else ATTRIBUTE + name] = values
    comment = json.dumps({"numbers": kinds == {int}, "kind": type(kv).__name__, "settings": settings}).encode()
    if len(comment) > MAX_COMMENT:
        raise VectorsError(f"{path}: the model's comment is longer than a file can hold")
    model_files.write_arrays(path, {name: np.ascontiguousarray(values) for name, values in arrays.items()}, comment)


def load(cls, path):
    """KeyedVectors of a file of ``save``, or of any that ``fastw2v.load`` reads. Raises VectorsError."""
    return load_model(cls, path)[0]


def load_model(cls, path):
    """KeyedVectors, settings (None where there are none) and all arrays of a file of ``save``. Raises VectorsError."""
    refuse_pickle(path)
    if not model_files.is_model(path):
        read = word2vec_files.read(path)
        return cls.of(read.words, read.vectors), None, {}
    try:
        with zipfile.ZipFile(path) as file:
            said = json.loads(file.comment or "{}")
            arrays = {info.filename.removesuffix(".npy"): _array(file, info) for info in file.infolist()}
        words = arrays["words"].tobytes().decode().split("\n") if arrays["words"].size else []
        vectors, whole = arrays["vectors"], arrays["fastw2v"].tolist() == [model_files.FORMAT, len(arrays)]
        rows = {name: len(values) for name, values in arrays.items() if name == "counts" or name.startswith(ATTRIBUTE)}
        if not whole or vectors.ndim != 2 or {len(words), len(vectors), *rows.values()} != {len(words)}:
            raise ValueError("its arrays do not fit together")
        kv = cls.of([int(word) for word in words] if said.get("numbers") else words, vectors, arrays.get("counts"))
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, KeyError, RuntimeError, AttributeError) as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}; it is damaged, or no model of fastw2v") from error
    for name in rows:
        if name.startswith(ATTRIBUTE):
            kv.expandos[name.removeprefix(ATTRIBUTE)] = arrays[name]
    return kv, said.get("settings"), arrays


def _array(file, info):
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{info.filename} is compressed")
    with file.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def refuse_pickle(path):
    """Raise VectorsError for gensim's own files: pickles, which run what they hold."""
    if _head(path)[:1] == b"\x80":
        raise VectorsError(
            f"{path}: is a pickle, as gensim's save() writes; reading one runs what it holds, so it is not read. With gensim,"
            " load it and call wv.save_word2vec_format('vectors.bin', binary=True); then"
            " KeyedVectors.load_word2vec_format('vectors.bin', binary=True) here"
        )


def _head(path):
    try:
        with open(path, "rb") as file:
            return file.read(8)
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error


def save_word2vec_format(kv, path, vocabulary, binary, header, prefix, order_by):
    """Write keys and vectors in word2vec's format, and a file of keys with their counts if asked for."""
    for name in (path, vocabulary):
        if name is not None and str(name).endswith(SUFFIXES):
            raise NotOfferedError(
                f"{name}: compressed files are read, not written; write it without the suffix, then compress it"
            )
    order = np.arange(len(kv))
    if order_by in kv.expandos:
        order = np.argsort(-kv.expandos[order_by].astype(np.float64), kind="stable")
    elif vocabulary is not None:
        raise ValueError(f"Cannot store vocabulary with '{order_by}' because that attribute does not exist")
    words, vectors = [f"{prefix}{kv.index_to_key[row]}" for row in order], kv.vectors[order].astype(np.float32)
    if vocabulary is not None:
        with atomic_write(vocabulary) as out:
            out.writelines(f"{word} {kv.expandos[order_by][row]}\n".encode() for word, row in zip(words, order, strict=True))
    if binary:
        if not header:
            raise NotOfferedError("a binary file without its header could not be read by anything; leave write_header out")
        word2vec_files.write(path, words, vectors, "binary")
        return
    if any(not word or "\n" in word for word in words):
        raise VectorsError(f"{path}: a word is empty or holds a line break; this format cannot hold it")
    with atomic_write(path) as out:
        out.writelines([f"{len(words)} {kv.vector_size}\n".encode()] * header)
        out.writelines(" ".join([word, *map(str, row)]).encode() + b"\n" for word, row in zip(words, vectors, strict=True))


@dataclass(frozen=True)
class WordReader:
    """Reads word2vec's formats with gensim's options; called, returns keys, vectors [V, D] and counts [V]."""

    encoding: str
    errors: str
    limit: int | None
    datatype: type
    no_header: bool

    def __call__(self, path, binary, vocabulary):
        if binary and self.no_header:
            raise NotImplementedError("no_header only available for text-format files")
        head = _head(path)
        opener = next((opener for magic, opener in COMPRESSED.items() if head.startswith(magic)), None)
        if opener is None and self.usual:
            read = word2vec_files.read(path, "binary" if binary else "text")
            words, vectors = read.words, np.asarray(read.vectors)
        else:
            try:
                with (opener or open)(path, "rb") as file:
                    words, vectors = (self._binary if binary else self._text)(file)
            except (OSError, EOFError, ValueError, MemoryError) as error:
                if isinstance(error, Fastw2vError):
                    raise
                raise VectorsError(f"{path}: cannot be read: {reason(error) or 'it ends too early'}") from error
        return words, vectors, self._counts(vocabulary, words)

    @property
    def usual(self):
        """Whether the options are such that fastw2v's own reader does."""
        utf8 = self.encoding.lower().replace("-", "") == "utf8" and self.errors == "strict"
        return utf8 and self.limit is None and self.datatype is np.float32 and not self.no_header

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
        with open(path, encoding=self.encoding, errors=self.errors) as file:
            counts = {word: int(count) for word, count in (line.rsplit(maxsplit=1) for line in file)}
        return [counts.get(word, 0) for word in words]
