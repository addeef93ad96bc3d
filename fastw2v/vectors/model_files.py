"""A whole model in one file, ``.npz``: words, counts, both tables, and the vectors of n-grams.

An uncompressed zip of NumPy arrays, which ``numpy.load`` reads too. Never anything that is run when it is read.
"""

import zipfile
from pathlib import Path

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.word_vectors import WordVectors

FORMAT = 1
SIGNATURE = b"PK\x03\x04"  # of a zip
# name: kind of number and dimensions;  fastw2v : the format, and how many arrays the file holds
ARRAYS = {
    "fastw2v": ("i", 1), "words": ("u", 1), "vectors": ("f", 2), "counts": ("i", 1), "output_vectors": ("f", 2),
    "ngrams": ("i", 1), "ngram_buckets": ("i", 1), "ngram_vectors": ("f", 2), "own_vectors": ("f", 2),
}  # fmt: skip
NEEDED = ("fastw2v", "words", "vectors")


def is_model(path):
    """Whether a file is a zip, by its first bytes."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == SIGNATURE
    except OSError:
        return False  # whoever reads it will say what is wrong with it


def write_model(path, model):
    """Write WordVectors with all that belongs to them, whole or not at all."""
    if any("\n" in word for word in model.words):
        raise VectorsError(f"{path}: a word holds a line break; this format cannot hold it")
    letters = np.frombuffer("\n".join(model.words).encode(), np.uint8)
    arrays = {"words": letters, "vectors": _float(model.vectors)}
    if model.counts is not None:
        arrays["counts"] = np.asarray(model.counts, np.int64)
    if model.output_vectors is not None:
        arrays["output_vectors"] = _float(model.output_vectors)
    if (sub := model.subwords) is not None:
        arrays["ngrams"] = np.array([sub.least, sub.most, sub.buckets], np.int64)
        arrays |= {"ngram_buckets": sub.used, "ngram_vectors": _float(sub.vectors), "own_vectors": _float(sub.own)}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise VectorsError(f"{path}: some vectors are not finite numbers; nothing was written")
    with atomic_write(path) as out:
        np.savez(out, fastw2v=np.array([FORMAT, len(arrays) + 1]), **arrays)


def _float(vectors):
    return np.ascontiguousarray(vectors, np.float32)


def read_model(path):
    """Read what ``write_model`` wrote; returns WordVectors. Raises VectorsError for anything else."""
    try:
        with zipfile.ZipFile(path) as file:
            names = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
            if any(info.compress_type != zipfile.ZIP_STORED for info in names.values()) or not set(NEEDED) <= set(names):
                raise VectorsError(f"{path}: is no model of fastw2v, which holds {', '.join(NEEDED)}, uncompressed")
            if unknown := set(names) - set(ARRAYS):
                raise VectorsError(f"{path}: holds {', '.join(sorted(unknown))!r}, which no model of fastw2v does")
            arrays = {name: _array(path, file, info, name) for name, info in names.items()}
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, KeyError, RuntimeError) as error:  # encrypted, for instance
        said = reason(error) if isinstance(error, OSError) else error
        raise VectorsError(f"{path}: cannot be read: {said}; it is damaged, or no model of fastw2v") from error
    if arrays["fastw2v"].tolist()[:1] != [FORMAT]:
        raise VectorsError(f"{path}: has format {arrays['fastw2v'].tolist()[:1]}, this program reads {FORMAT}")
    if arrays["fastw2v"].tolist()[1:] != [len(arrays)]:
        raise VectorsError(f"{path}: holds {len(arrays)} arrays, not {arrays['fastw2v'].tolist()[1:]}; the file is damaged")
    return _model(path, arrays)


def _array(path, file, info, name):
    with file.open(info) as stream:
        array = np.lib.format.read_array(stream, allow_pickle=False)
    kind, dimensions = ARRAYS[name]
    if array.dtype.kind != kind or array.ndim != dimensions or (kind == "f" and not np.isfinite(array).all()):
        raise VectorsError(f"{path}: {name} is not what it should be; the file is damaged")
    return array


def _model(path, arrays):
    try:
        words = arrays["words"].tobytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise VectorsError(f"{path}: its words are not UTF-8; the file is damaged") from error
    vectors = arrays["vectors"]
    V, D = vectors.shape
    R = len(arrays.get("ngram_buckets", ()))
    shapes = {"counts": (V,), "output_vectors": (V, D), "ngram_vectors": (R, D), "own_vectors": (V, D), "ngrams": (3,)}
    wrong = [name for name, shape in shapes.items() if name in arrays and arrays[name].shape != shape]
    ngrams = [name for name in ("ngrams", "ngram_buckets", "ngram_vectors", "own_vectors") if name in arrays]
    if len(words) != V or wrong or len(ngrams) not in (0, 4):
        raise VectorsError(f"{path}: its arrays do not fit together ({', '.join(wrong) or 'words'}); the file is damaged")
    subwords = None
    if ngrams:
        least, most, buckets = arrays["ngrams"].tolist()
        if not (1 <= least <= most and buckets >= 1):
            raise VectorsError(f"{path}: its n-grams have {least} to {most} characters; the file is damaged")
        subwords = Subwords(least, most, buckets, *(arrays[name] for name in ngrams[1:]))
    return WordVectors(words, vectors, arrays.get("counts"), arrays.get("output_vectors"), subwords)


def suits(path):
    """Whether a file's name asks for this format."""
    return Path(path).suffix.lower() == ".npz"
