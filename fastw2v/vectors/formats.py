"""Which format a file is to have or has: chosen by its suffix when it is written, by its content when it is read."""

from pathlib import Path

from fastw2v.errors import OutputError, VectorsError
from fastw2v.files import reason

# name: what it is, and the suffixes that ask for it (those of word2vec and GloVe also with .gz after them)
FORMATS = {
    "binary": ("word2vec's binary file", (".bin",)),
    "text": ("word2vec's text file, which gensim, spaCy and fastText read too", (".txt", ".vec")),
    "glove": ("GloVe's text file, which has no first line of sizes", (".glove",)),
    "model": ("the whole model, NumPy's arrays", (".npz",)),
    "projector": ("a folder for the TensorBoard projector", ()),
    "hub": ("a folder as on the Hugging Face hub, for model2vec and sentence-transformers", ()),
}
FOLDERS = ("projector", "hub")
PACKED = ("binary", "text", "glove")  # may be packed by gzip
SUFFIXES = {suffix: name for name, (_, suffixes) in FORMATS.items() for suffix in suffixes}


def format_of(path, format=None):
    """The name of the format that ``path`` is to have: as given, or by its suffix; binary if it has none.

    Raises OutputError for a suffix that asks for no format.
    """
    if format is not None:
        if format not in FORMATS:
            raise VectorsError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
        return format
    path = Path(path)
    suffix = path.suffix.lower()
    inner = path.with_suffix("").suffix.lower() if suffix == ".gz" else suffix
    name = SUFFIXES.get(inner) if inner or suffix else "binary"
    if name is None or (suffix == ".gz" and name not in PACKED):
        known = ", ".join(SUFFIXES)
        raise OutputError(f"{path}: {suffix} says no format; known are {known}, and .gz after those of text and .bin")
    return name


def beside(path, word):
    """The path of another file of the same format in the same folder: v.partial.txt.gz for v.txt.gz."""
    path = Path(path)
    inner = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else ""
    suffix = inner + path.suffix
    return path.with_name(f"{path.name.removesuffix(suffix)}.{word}{suffix}")


def write(path, vectors, format=None, dtype="float32"):
    """Write WordVectors whole or not at all, in the format that is given or that the suffix asks for.

    dtype : float32, or float16 or int8 for the formats that can hold them (model, hub). Raises VectorsError, OutputError.
    """
    from fastw2v.vectors import exports, model_files, word2vec_files
    from fastw2v.vectors.tables import DTYPES

    format = format_of(path, format)
    if dtype not in DTYPES:
        raise VectorsError(f"there are numbers of {', '.join(DTYPES)}, not of {dtype!r}")
    if dtype != "float32" and format not in ("model", "hub"):
        raise VectorsError(f"{path}: a {format} file holds float32 only; {dtype} can go into .npz, or into --to hub")
    if format == "model":
        model_files.write_model(path, vectors, dtype)
    elif format == "hub":
        exports.write_hub(path, vectors, dtype)
    elif format == "projector":
        exports.write_projector(path, vectors)
    else:
        word2vec_files.write(path, vectors.words, vectors.table, format)


def read(path, encoding_errors="strict"):
    """Read WordVectors from a file or a folder of any format that can be read, told by what is in it. Raises VectorsError.

    encoding_errors : what becomes of bytes in a word that are not UTF-8: "strict" refuses them, "replace" puts U+FFFD for
    them, "ignore" leaves them out.
    """
    from fastw2v.vectors import exports, gensim_files, model_files, word2vec_files

    try:
        if Path(path).is_dir():
            return exports.read_hub(path)
        if Path(path).exists() and not Path(path).is_file():
            raise VectorsError(f"{path}: is not a plain file; vectors are read from files, not from pipes or devices")
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    if model_files.is_model(path):
        return model_files.read_model(path)
    if gensim_files.is_pickle(path):
        return gensim_files.read(path).word_vectors()
    return word2vec_files.read(path, encoding_errors=encoding_errors)
