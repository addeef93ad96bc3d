"""A whole model in one file, ``.npz``: words, counts, both tables, and the vectors of n-grams.

An uncompressed zip of NumPy arrays, which ``numpy.load`` reads too. Never anything that is run when
it is read. Each array begins at a multiple of 64 bytes, so that other programs can map it. Tables
may be kept as float16, or as int8 with an array of scales for their rows. Large tables stay in the
file, and are read when they are used.
"""

import math
import re
import struct
import zipfile

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors.sources import open_source
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import LARGE, FileRows, ScaledRows, lengths, stored
from fastw2v.vectors.word_vectors import WordVectors

FORMAT = 1
SIGNATURE = b"PK\x03\x04"  # of a zip
TABLES = ("vectors", "output_vectors", "ngram_vectors", "own_vectors")
# name: kinds of number and dimensions;  fastw2v : the format, and how many arrays the file holds
ARRAYS = {
    "fastw2v": ("i", 1),
    "words": ("u", 1),
    "counts": ("i", 1),
    "ngrams": ("i", 1),
    "ngram_buckets": ("i", 1),
    **dict.fromkeys(TABLES, ("fi", 2)),
    **{f"{name}_scales": ("f", 1) for name in TABLES},
}
NEEDED = ("fastw2v", "words", "vectors")
ALIGNED = 64  # bytes
PADDING = (
    0xD935  # the kind of extra field in a zip that is there to be skipped (Android's zipalign)
)
ZIP64 = 20  # bytes of the extra field that a zip of any size has
# What comes before the numbers of an array, as NumPy writes it. NumPy itself would run it through
# Python's parser.
HEADER = re.compile(
    rb"\x93NUMPY(?:\x01\x00..|[\x02\x03]\x00....)\{'descr': '([<>|][fiu]\d)', 'fortran_order':"
    rb" (True|False),"
    rb" 'shape': \(((?:\d{1,18}, ?)?(?:\d{1,18})?,?)\), \} *\n",
    re.DOTALL,
)
MAX_ARRAY_HEADER = 1 << 12  # bytes
MAX_COUNT = 2**48  # of a word: sums of counts then stay in range


def is_model(path):
    """Whether a file is a zip, by its first bytes."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == SIGNATURE
    except OSError:
        return False  # whoever reads it will say what is wrong with it


def write_model(path, model, dtype="float32"):
    """Write WordVectors with all that belongs to them, whole or not at all;  dtype : float32,
    float16 or int8, of all tables.
    """
    if any("\n" in word for word in model.words):
        raise VectorsError(f"{path}: a word holds a line break; this format cannot hold it")
    tables = {"vectors": model.table, "output_vectors": model.output_table}
    arrays = {"words": np.frombuffer("\n".join(model.words).encode(), np.uint8)}
    if 0 in model.table.shape:
        raise VectorsError(f"{path}: there are no vectors to write")
    if model.counts is not None:
        arrays["counts"] = np.asarray(model.counts, np.int64)
    if (sub := model.subwords) is not None:
        arrays |= {
            "ngrams": np.array([sub.least, sub.most, sub.buckets], np.int64),
            "ngram_buckets": sub.used,
        }
        tables |= {"ngram_vectors": sub.vectors, "own_vectors": sub.own}
    for name, table in tables.items():
        if table is None:
            continue
        arrays[name], scales = checked(path, table, dtype)
        if scales is not None:
            arrays[f"{name}_scales"] = scales
    write_arrays(path, arrays)


def checked(path, table, dtype):
    """A table in the numbers that a file is to hold, and their scales (``stored``).

    Raises VectorsError if it cannot.
    """
    before, bad = lengths(table)
    if bad is not None:
        raise VectorsError(f"{path}: some vectors are not finite numbers; nothing was written")
    numbers, scales = stored(table, dtype)
    if dtype != "float32":
        after, bad = lengths(ScaledRows(numbers, scales))
        if bad is not None:
            raise VectorsError(
                f"{path}: some numbers are beyond 65,504, the largest float16; choose float32 or"
                " int8"
            )
        if ((after == 0) & (before > 0)).any():
            raise VectorsError(
                f"{path}: some vectors are so short that they would become zeros as {dtype}; choose"
                " float32"
            )
    return numbers, scales


def write_arrays(path, arrays, comment=b""):
    """Write arrays by name, with one that says how many there are, whole or not at all. comment :
    of the zip.
    """
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


def read_model(path, source=None):
    """Read what ``write_model`` wrote; returns WordVectors. Raises VectorsError for anything else.

    source : FileBytes of the file, if it is open.
    """
    model, others, _ = read_parts(path, source)
    if others:
        raise VectorsError(
            f"{path}: holds {', '.join(sorted(others))[:60]!r}, which no model of fastw2v does"
        )
    return model


def read_parts(path, source=None):
    """Read WordVectors, the arrays of other names (gensim's face adds some), and the comment.

    Raises VectorsError.
    """
    source = source or open_source(path)
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {info.filename.removesuffix(".npy"): info for info in members}
            if any(info.compress_type != zipfile.ZIP_STORED for info in members) or not set(
                NEEDED
            ) <= set(names):
                raise VectorsError(
                    f"{path}: is no model of fastw2v, which holds {', '.join(NEEDED)}, uncompressed"
                )
            if len(names) < len(members) or sum(info.file_size for info in members) > len(source):
                raise VectorsError(
                    f"{path}: its arrays overlap, or have one name; the file is damaged"
                )
            arrays = {
                name: _array(path, source, archive, info, name)
                for name, info in names.items()
                if name in ARRAYS
            }
            others = {
                name: _other_array(archive, info)
                for name, info in names.items()
                if name not in ARRAYS
            }
            comment = archive.comment
    except VectorsError:
        raise
    except (
        Exception
    ) as error:  # zipfile raises errors of a dozen classes for damaged or encrypted files
        why = reason(error) or type(error).__name__
        raise VectorsError(
            f"{path}: cannot be read: {why}; it is damaged, or no model of fastw2v"
        ) from error
    if arrays["fastw2v"].tolist()[:1] != [FORMAT]:
        raise VectorsError(
            f"{path}: has format {arrays['fastw2v'].tolist()[:1]}, this program reads {FORMAT}"
        )
    if arrays["fastw2v"].tolist()[1:] != [len(names)]:
        raise VectorsError(
            f"{path}: holds {len(names)} arrays, not {arrays['fastw2v'].tolist()[1:3]}; the file is"
            " damaged"
        )
    return _model(path, arrays), others, comment


def _other_array(archive, info):
    with archive.open(info) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _array(path, source, archive, info, name):
    """An array of a model, or FileRows if it is a large table."""
    with archive.open(info) as stream:
        head = HEADER.match(stream.read(min(info.file_size, MAX_ARRAY_HEADER)))
    if not head:
        raise _damaged(path, name)
    dtype, shape = np.dtype(head[1].decode()), [int(n) for n in head[3].replace(b",", b" ").split()]
    kinds, dimensions = ARRAYS[name]
    size, begin = info.file_size - head.end(), _begin(source, info) + head.end()
    if (
        dtype.kind not in kinds
        or len(shape) != dimensions
        or math.prod(shape) * dtype.itemsize != size
    ):
        raise _damaged(path, name)
    if size > LARGE and dimensions == 2 and head[2] == b"False":
        if begin + size > len(source):
            raise _damaged(path, name)
        return FileRows(
            source, begin + np.arange(shape[0]) * (shape[1] * dtype.itemsize), shape[1], dtype
        )
    with archive.open(info) as stream:
        raw = stream.read()  # its checksum too
    array = np.frombuffer(raw, dtype, offset=head.end())
    return array.reshape(shape, order="F" if head[2] == b"True" else "C")


def _damaged(path, name):
    return VectorsError(f"{path}: {name} is not what it should be; the file is damaged")


def _begin(source, info):
    """The byte of the file at which what a stored member holds begins."""
    local = source.read(info.header_offset, info.header_offset + zipfile.sizeFileHeader)
    name, extra = struct.unpack("<26x2H", local)
    return info.header_offset + zipfile.sizeFileHeader + name + extra


def _tables(path, arrays):
    """The tables among the arrays, all of float32, and the lengths of the first one's rows."""
    tables, found = {}, None
    for name in filter(arrays.__contains__, TABLES):
        table, scales = arrays[name], arrays.get(f"{name}_scales")
        if (table.dtype.kind == "i") != (scales is not None) or (
            scales is not None and scales.shape != table.shape[:1]
        ):
            raise _damaged(path, name)
        table = table if table.dtype == np.float32 else ScaledRows(table, scales)
        rows, bad = lengths(table)
        if bad is not None or table.shape[1] < 1:
            raise _damaged(path, name)
        large = table.shape[0] * table.shape[1] * 4 > LARGE
        tables[name] = table if name == "vectors" or large else np.asarray(table)
        found = rows if name == "vectors" else found
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
    shapes = {
        "counts": (V,),
        "output_vectors": (V, D),
        "ngram_vectors": (R, D),
        "own_vectors": (V, D),
        "ngrams": (3,),
    }
    wrong = [
        name
        for name, shape in shapes.items()
        if name in arrays and tuple(arrays[name].shape) != shape
    ]
    ngrams = [
        name
        for name in ("ngrams", "ngram_buckets", "ngram_vectors", "own_vectors")
        if name in arrays
    ]
    if len(words) != V or wrong or len(ngrams) not in (0, 4):
        raise VectorsError(
            f"{path}: its arrays do not fit together ({', '.join(wrong) or 'words'}); the file is"
            " damaged"
        )
    counts = arrays.get("counts")
    if counts is not None:
        if len(counts) and not 0 <= counts.min() <= counts.max() < MAX_COUNT:
            raise VectorsError(
                f"{path}: its counts are not from 0 to {MAX_COUNT - 1:,}; the file is damaged"
            )
        counts = counts.astype(np.int64)
    subwords = _subwords(path, *(arrays[name] for name in ngrams)) if ngrams else None
    return WordVectors(words, vectors, counts, arrays.get("output_vectors"), subwords, lengths)


def _subwords(path, ngrams, used, vectors, own):
    least, most, buckets = ngrams.tolist()
    if not (1 <= least <= most and 1 <= buckets < 2**31):
        raise VectorsError(
            f"{path}: its n-grams have {least} to {most} characters in {buckets} buckets; the file"
            " is damaged"
        )
    if (len(used) and not 0 <= used.min() <= used.max() < buckets) or len(np.unique(used)) < len(
        used
    ):
        raise _damaged(path, "ngram_buckets")
    return Subwords(least, most, buckets, used.astype(np.int32), vectors, own)
