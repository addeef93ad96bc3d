"""A whole model in one file, ``.npz``: words, counts, both tables, and the vectors of n-grams.

An uncompressed zip of NumPy arrays, which ``numpy.load`` reads too. Never anything that is run when it is read. Each array
begins at a multiple of 64 bytes, so that large ones are mapped, not read. Tables may be kept as float16, or as int8 with an
array of scales for their rows.
"""

import math
import struct
import zipfile

import numpy as np

from fastw2v.errors import MissingVectorsError, VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import MAPPED, ScaledRows, lengths, stored
from fastw2v.vectors.word_vectors import WordVectors

FORMAT = 1
SIGNATURE = b"PK\x03\x04"  # of a zip
TABLES = ("vectors", "output_vectors", "ngram_vectors", "own_vectors")
# name: kinds of number and dimensions;  fastw2v : the format, and how many arrays the file holds
ARRAYS = {
    "fastw2v": ("i", 1), "words": ("u", 1), "counts": ("i", 1), "ngrams": ("i", 1), "ngram_buckets": ("i", 1),
    **dict.fromkeys(TABLES, ("fi", 2)), **{f"{name}_scales": ("f", 1) for name in TABLES},
}  # fmt: skip
NEEDED = ("fastw2v", "words", "vectors")
ALIGNED = 64  # bytes
PADDING = 0xD935  # the kind of extra field in a zip that is there to be skipped (Android's zipalign)
ZIP64 = 20  # bytes of the extra field that a zip of any size has


def is_model(path):
    """Whether a file is a zip, by its first bytes."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == SIGNATURE
    except OSError:
        return False  # whoever reads it will say what is wrong with it


def write_model(path, model, dtype="float32"):
    """Write WordVectors with all that belongs to them, whole or not at all;  dtype : float32, float16 or int8, of all tables."""
    if any("\n" in word for word in model.words):
        raise VectorsError(f"{path}: a word holds a line break; this format cannot hold it")
    tables = {"vectors": model.table, "output_vectors": model.output_vectors}
    arrays = {"words": np.frombuffer("\n".join(model.words).encode(), np.uint8)}
    if model.counts is not None:
        arrays["counts"] = np.asarray(model.counts, np.int64)
    if (sub := model.subwords) is not None:
        arrays |= {"ngrams": np.array([sub.least, sub.most, sub.buckets], np.int64), "ngram_buckets": sub.used}
        tables |= {"ngram_vectors": sub.vectors, "own_vectors": sub.own}
    for name, table in tables.items():
        if table is None:
            continue
        if lengths(table)[1] is not None:
            raise VectorsError(f"{path}: some vectors are not finite numbers; nothing was written")
        arrays[name], scales = stored(table, dtype)
        if dtype == "float16" and not np.isfinite(arrays[name]).all():
            raise VectorsError(f"{path}: some numbers are beyond 65,504, the largest float16; choose float32 or int8")
        if scales is not None:
            arrays[f"{name}_scales"] = scales
    write_arrays(path, arrays)


def write_arrays(path, arrays, comment=b""):
    """Write arrays by name, with one that says how many there are, whole or not at all. comment : of the zip."""
    with atomic_write(path) as out, zipfile.ZipFile(out, "w") as file:
        for name, array in {"fastw2v": np.array([FORMAT, len(arrays) + 1]), **arrays}.items():
            _put(file, name, array)
        file.comment = comment


def _put(file, name, array):
    """Write an array so that it begins at a multiple of 64 bytes."""
    info = zipfile.ZipInfo(f"{name}.npy")
    begin = file.fp.tell() + zipfile.sizeFileHeader + len(info.filename) + ZIP64 + 4
    padding = -begin % ALIGNED
    info.extra = struct.pack("<HH", PADDING, padding) + bytes(padding)
    with file.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def read_model(path):
    """Read what ``write_model`` wrote; returns WordVectors. Raises VectorsError for anything else."""
    model, others, _ = read_parts(path)
    if others:
        raise VectorsError(f"{path}: holds {', '.join(sorted(others))!r}, which no model of fastw2v does")
    return model


def read_parts(path):
    """Read WordVectors, all arrays of other names (gensim's face adds some), and the comment. Raises VectorsError."""
    try:
        with zipfile.ZipFile(path) as file:
            names = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
            if any(info.compress_type != zipfile.ZIP_STORED for info in names.values()) or not set(NEEDED) <= set(names):
                raise VectorsError(f"{path}: is no model of fastw2v, which holds {', '.join(NEEDED)}, uncompressed")
            arrays = {name: _array(path, file, info, name) for name, info in names.items()}
            comment = file.comment
    except FileNotFoundError as error:
        raise MissingVectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, KeyError, RuntimeError, struct.error) as error:  # or encrypted
        raise VectorsError(f"{path}: cannot be read: {reason(error)}; it is damaged, or no model of fastw2v") from error
    if arrays["fastw2v"].tolist()[:1] != [FORMAT]:
        raise VectorsError(f"{path}: has format {arrays['fastw2v'].tolist()[:1]}, this program reads {FORMAT}")
    if arrays["fastw2v"].tolist()[1:] != [len(arrays)]:
        raise VectorsError(f"{path}: holds {len(arrays)} arrays, not {arrays['fastw2v'].tolist()[1:]}; the file is damaged")
    others = {name: arrays.pop(name) for name in set(arrays) - set(ARRAYS)}
    return _model(path, arrays), others, comment


def _array(path, file, info, name):
    with file.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = header(stream)
        size = info.file_size - stream.tell()
    if dtype.hasobject or min(shape, default=0) < 0:
        raise ValueError(f"{name} holds other things than numbers")
    kinds, dimensions = ARRAYS.get(name, (dtype.kind, len(shape)))
    if dtype.kind not in kinds or len(shape) != dimensions or math.prod(shape) * dtype.itemsize != size:
        raise VectorsError(f"{path}: {name} is not what it should be; the file is damaged")
    begin = _begin(file, info) + info.file_size - size
    if size > MAPPED and begin % dtype.itemsize == 0 and not by_columns:
        return np.asarray(np.memmap(path, dtype, "r", begin, shape))
    with file.open(info) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _begin(file, info):
    """The byte of the file at which what a stored member holds begins."""
    file.fp.seek(info.header_offset)
    name, extra = struct.unpack("<26x2H", file.fp.read(zipfile.sizeFileHeader))
    return info.header_offset + zipfile.sizeFileHeader + name + extra


def _tables(path, arrays):
    """The tables among the arrays, and the lengths of the first one's rows; those but the first as float32 arrays."""
    tables, found = {}, None
    for name in filter(arrays.__contains__, TABLES):
        table, scales = arrays[name], arrays.get(f"{name}_scales")
        if (table.dtype.kind == "i") != (scales is not None) or (scales is not None and scales.shape != table.shape[:1]):
            raise VectorsError(f"{path}: {name} is not what it should be; the file is damaged")
        table = table if table.dtype == np.float32 else ScaledRows(table, scales)
        rows, bad = lengths(table)
        if bad is not None:
            raise VectorsError(f"{path}: {name} is not what it should be; the file is damaged")
        tables[name], found = (table, rows) if name == "vectors" else (np.asarray(table), found)
    return tables, found


def _model(path, arrays):
    try:
        words = arrays["words"].tobytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise VectorsError(f"{path}: its words are not UTF-8; the file is damaged") from error
    tables, lengths = _tables(path, arrays)
    arrays = arrays | tables
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
    return WordVectors(words, vectors, arrays.get("counts"), arrays.get("output_vectors"), subwords, lengths)
