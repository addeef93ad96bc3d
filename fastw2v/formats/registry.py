"""The one list of formats: chosen by suffix when a file is written, by content when it is read.

Each format is a module of this package with ``load(source, content, options)`` or ``load(path)``
for a folder, and ``save(path, vectors, format, dtype)`` if it is written. A new format is one
module and one entry of FORMATS; one that is read from a file also needs a line in ``content``.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from fastw2v.errors import OutputError, VectorsError, VectorsTypeError, quoted
from fastw2v.files import reason
from fastw2v.paths import AnyPath, checked_path, is_folder, shown

if TYPE_CHECKING:  # this module is imported for its names alone by the command line: it stays light
    from fastw2v.formats.content import ReadOptions
    from fastw2v.vectors.word_vectors import WordVectors

ALL_DTYPES = ("float32", "float16", "int8")
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")  # suffixes after the format's own


PYARROW = ("pyarrow", "'fastw2v[data]'")


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    name : what it is called in ``FORMATS`` and in ``--to``.
    title : what help and errors call it.
    module : the module of this package that reads and writes it, imported when needed.
    suffixes : those of file names that select it for writing.
    dtypes : types of numbers that it can hold.
    folder : whether it is a folder of files.
    compressible : whether a suffix of COMPRESSED may follow.
    written, read : whether it can be written and read.
    needs : the library that writes it, and how to install it.
    with_words : whether its words are in a file beside it (``npy.words_path``).
    """

    name: str
    title: str
    module: str
    suffixes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ("float32",)
    folder: bool = False
    compressible: bool = False
    written: bool = True
    read: bool = True
    needs: tuple[str, str] | None = None
    with_words: bool = False

    def functions(self) -> ModuleType:
        """The module that reads and writes it."""
        return importlib.import_module(f"fastw2v.formats.{self.module}")


FORMATS = {
    format.name: format
    for format in (
        Format("binary", "word2vec's binary file", "word2vec", (".bin",), compressible=True),
        Format("text", "word2vec's text file", "word2vec", (".txt", ".vec"), compressible=True),
        Format("glove", "GloVe's text file", "word2vec", (".glove",), compressible=True),
        Format("model", "the whole model, NumPy's arrays", "model", (".npz",), ALL_DTYPES),
        Format("npy", "NumPy's array", "npy", (".npy",), read=False, with_words=True),
        Format("parquet", "a Parquet table", "parquet", (".parquet",), read=False, needs=PYARROW),
        Format(
            "faiss",
            "an index of faiss",
            "search_indexes",
            (".faiss",),
            read=False,
            needs=("faiss", "faiss-cpu"),
            with_words=True,
        ),
        Format(
            "hnswlib",
            "an index of hnswlib",
            "search_indexes",
            (".hnswlib",),
            read=False,
            needs=("hnswlib", "hnswlib"),
            with_words=True,
        ),
        Format(
            "projector",
            "a folder for the TensorBoard projector",
            "projector",
            folder=True,
            read=False,
        ),
        Format("hub", "a folder as on the Hugging Face hub", "hub", (), ALL_DTYPES, folder=True),
        Format("fasttext", "fastText's model", "fasttext", compressible=True),
        Format("gensim", "gensim's pickle", "gensim", written=False),
    )
}
WRITTEN = tuple(format.name for format in FORMATS.values() if format.written)
SUFFIXES = {suffix: format.name for format in FORMATS.values() for suffix in format.suffixes}


def format_of(path: AnyPath, format: str | None = None) -> str:
    """The name of the format that ``path`` gets: ``format`` if it is given, else by the suffix;
    binary without a suffix.

    Raises VectorsError for an unknown name, OutputError for an unknown suffix or a library that is
    not installed.
    """
    if format is not None:
        if not isinstance(format, str) or format not in WRITTEN:
            raise (VectorsError if isinstance(format, str) else VectorsTypeError)(
                f"there is no format {quoted(format)}; there are {', '.join(WRITTEN)}"
            )
        return _checked_library(path, format)
    inner, outer = _suffixes(path)
    name = SUFFIXES.get(inner.lower()) if inner or outer else "binary"
    if name is None or (outer and not FORMATS[name].compressible):
        suffix = (inner + outer)[-40:]
        packed = [suffix for suffix, name in SUFFIXES.items() if FORMATS[name].compressible]
        known = (
            f"{', '.join(SUFFIXES)}; {', '.join(packed)} also with {', '.join(COMPRESSED)} after it"
        )
        raise OutputError(
            f"{shown(path)}: {suffix} is not the suffix of a format; known are {known}"
        )
    if outer.lower() == ".zst" and importlib.util.find_spec("zstandard") is None:
        raise OutputError(
            f"{shown(path)}: compressing by zstd needs the library zstandard: pip install"
            " 'fastw2v[zstd]'"
        )
    return _checked_library(path, name)


def _checked_library(path: AnyPath, name: str) -> str:
    """The name of a format whose library is installed. Raises OutputError."""
    needs = FORMATS[name].needs
    if needs is not None and importlib.util.find_spec(needs[0]) is None:
        raise OutputError(
            f"{shown(path)}: {FORMATS[name].title} needs the library {needs[0]}: pip install"
            f" {needs[1]}"
        )
    return name


def beside(path: AnyPath, word: str) -> Path:
    """The path of another file of the same format in the same folder: v.partial.txt.gz for
    v.txt.gz, and v.partial.bin for v, which is binary.
    """
    suffix = "".join(_suffixes(path))
    path = Path(path)
    return path.with_name(f"{path.name.removesuffix(suffix)}.{word}{suffix or '.bin'}")


def _suffixes(path: AnyPath) -> tuple[str, str]:
    """The suffix of a path that says its format, and the one after it that says how it is
    compressed; empty without.
    """
    path = Path(path)
    if path.suffix.lower() in COMPRESSED:
        return path.with_suffix("").suffix, path.suffix
    return path.suffix, ""


def save(
    path: AnyPath, vectors: WordVectors, format: str | None = None, dtype: str = "float32"
) -> None:
    """Write WordVectors whole or not at all; see ``WordVectors.save``."""
    checked_path(path, OutputError)
    if not hasattr(vectors, "table"):
        raise VectorsTypeError(f"what is saved are WordVectors, not {quoted(vectors)}")
    target = FORMATS[format_of(path, format)]
    if not isinstance(dtype, str) or dtype not in ALL_DTYPES:
        kind = VectorsError if isinstance(dtype, str) else VectorsTypeError
        raise kind(f"dtype must be {', '.join(ALL_DTYPES)}, got {quoted(dtype)}")
    if dtype not in target.dtypes:
        raise VectorsError(
            f"{shown(path)}: {target.title} holds float32 only; .npz and the format hub hold"
            f" {dtype} too"
        )
    try:
        target.functions().save(path, vectors, target.name, dtype)
    except UnicodeEncodeError as error:
        word = next(word for word in vectors.words if not _is_encodable(word))
        raise VectorsError(
            f"{shown(path)}: the word {word[:60]!a} holds half a surrogate pair, which UTF-8 cannot"
        ) from error


def _is_encodable(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def load(path: AnyPath, encoding_errors: str = "strict", limit: int | None = None) -> WordVectors:
    """Read a file or a folder of any format, recognised by its content; see ``fastw2v.load``."""
    from fastw2v.formats.content import ReadOptions

    return read(path, ReadOptions(encoding_errors=encoding_errors, limit=limit))


def read(path: AnyPath, options: ReadOptions, format: str | None = None) -> WordVectors:
    """Read a file or a folder of any format.

    format : "binary", "text" or "glove" for a file of it; by default the content tells. Raises
    VectorsError.
    """
    from fastw2v.formats.content import HEAD_BYTES, content_of

    try:
        if format is None and is_folder(path, VectorsError):
            vectors = FORMATS["hub"].functions().load(path)
        else:
            from fastw2v.formats.sources import open_source

            source = open_source(path)
            content = content_of(source.read(0, HEAD_BYTES), path, format)
            vectors = FORMATS[content.format].functions().load(source, content, options)
    except VectorsError:
        raise  # some are OSErrors
    except MemoryError as error:
        raise VectorsError(
            f"{shown(path)}: needs more memory than there is; limit=N (fastw2v convert -n N) reads"
            " N words"
        ) from error
    except OSError as error:
        raise VectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    limit = options.limit
    return vectors if limit is None or limit >= len(vectors) else vectors.head(limit)
