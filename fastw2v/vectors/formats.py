"""Which format a file is to have or has: chosen by its suffix when it is written, by its content
when it is read.
"""

import importlib.util
from pathlib import Path

from fastw2v.errors import OutputError, VectorsError
from fastw2v.files import reason
from fastw2v.paths import is_folder

# name: what it is, and the suffixes that ask for it
FORMATS = {
    "binary": ("word2vec's binary file", (".bin",)),
    "text": ("word2vec's text file, which gensim, spaCy and fastText read too", (".txt", ".vec")),
    "glove": ("GloVe's text file, which has no first line of sizes", (".glove",)),
    "model": ("the whole model, NumPy's arrays", (".npz",)),
    "projector": ("a folder for the TensorBoard projector", ()),
    "hub": ("a folder as on the Hugging Face hub, for model2vec and sentence-transformers", ()),
}
FOLDERS = ("projector", "hub")
PACKED = ("binary", "text", "glove")  # may be compressed
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")  # the suffixes that ask for it, after the format's own
SUFFIXES = {suffix: name for name, (_, suffixes) in FORMATS.items() for suffix in suffixes}


def format_of(path, format=None):
    """The name of the format that ``path`` is to have: as given, or by its suffix; binary if it has
    none.

    Raises OutputError for a suffix that asks for no format.
    """
    if format is not None:
        if format not in FORMATS:
            raise VectorsError(
                f"there is no format {str(format)[:40]!r}; there are {', '.join(FORMATS)}"
            )
        return format
    inner, suffix = _suffixes(path)
    name = SUFFIXES.get(inner.lower()) if inner or suffix else "binary"
    if name is None or (suffix and name not in PACKED):
        asked = (inner + suffix)[-40:]
        known = f"{', '.join(SUFFIXES)}; all but .npz also with {', '.join(COMPRESSED)}"
        raise OutputError(f"{path}: {asked} says no format; known are {known}")
    if suffix.lower() == ".zst" and importlib.util.find_spec("zstandard") is None:
        raise OutputError(
            f"{path}: compressing by zstd needs the library zstandard: pip install 'fastw2v[zstd]'"
        )
    return name


def beside(path, word):
    """The path of another file of the same format in the same folder: v.partial.txt.gz for
    v.txt.gz.
    """
    suffix = "".join(_suffixes(path))
    path = Path(path)
    return path.with_name(f"{path.name.removesuffix(suffix)}.{word}{suffix}")


def _suffixes(path):
    """The suffix of a path that says its format, and the one after it that says how it is
    compressed; empty without.
    """
    path = Path(path)
    if path.suffix.lower() in COMPRESSED:
        return path.with_suffix("").suffix, path.suffix
    return path.suffix, ""


def write(path, vectors, format=None, dtype="float32"):
    """Write WordVectors whole or not at all, in the format that is given or that the suffix asks
    for.

    dtype : float32, or float16 or int8 for the formats that can hold them (model, hub). Raises
        VectorsError, OutputError.
    """
    from fastw2v.vectors import exports, model_files, word2vec_files
    from fastw2v.vectors.tables import DTYPES

    format = format_of(path, format)
    if dtype not in DTYPES:
        raise VectorsError(f"there are numbers of {', '.join(DTYPES)}, not of {dtype!r}")
    if dtype != "float32" and format not in ("model", "hub"):
        raise VectorsError(
            f"{path}: a {format} file holds float32 only; {dtype} can go into .npz, or into"
            " --to hub"
        )
    if format == "model":
        model_files.write_model(path, vectors, dtype)
    elif format == "hub":
        exports.write_hub(path, vectors, dtype)
    elif format == "projector":
        exports.write_projector(path, vectors)
    else:
        word2vec_files.write(path, vectors.words, vectors.table, format)


def read(path, encoding_errors="strict", limit=None):
    """Read WordVectors from a file or a folder of any format that can be read, told by what is in
    it. Raises VectorsError.

    encoding_errors : what becomes of bytes in a word that are not UTF-8: "strict" refuses them,
        "replace" puts U+FFFD for
    them, "ignore" leaves them out.  limit : read so many words, the first ones, even if a file's
    header tells of more than there are.
    """
    from fastw2v.vectors import (
        contents,
        exports,
        fasttext_files,
        gensim_files,
        model_files,
        sources,
        word2vec_files,
    )

    word2vec_files.check_limit(limit)
    try:
        if is_folder(path, VectorsError):
            return _first(exports.read_hub(path), limit)
        source = sources.open_source(path)
        start = contents.beginning(source.read(0, contents.BEGINNING), path)
        if start.kind == "model":
            return _first(model_files.read_model(path, source), limit)
        if start.kind == "pickle":
            return _first(gensim_files.read(path).word_vectors(), limit)
        if start.kind == "fasttext":
            return _first(fasttext_files.read(source), limit)
        return word2vec_files.read_source(source, start, encoding_errors, limit)
    except VectorsError:
        raise  # some are OSErrors
    except MemoryError as error:
        raise VectorsError(
            f"{path}: needs more memory than there is; limit=N (fastw2v convert -n N) reads N words"
        ) from error
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error


def _first(vectors, limit):
    return vectors if limit is None or limit >= len(vectors) else vectors.first(limit)
