"""A whole model in one file, ``.npz``: words, counts, both tables, and the vectors of n-grams.

An uncompressed zip of NumPy arrays, which ``numpy.load`` reads too. Nothing in it is run when it is
read. Each array begins at a multiple of 64 bytes, so that other programs can map it. Tables may be
kept as float16, or as int8 with an array of scales for their rows. Large tables stay in the file,
and are read when they are used.
"""

import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import MAX_COUNT, MAX_NGRAM_CHARS
from fastw2v.errors import VectorsError, quoted
from fastw2v.files import atomic_write, reason
from fastw2v.formats.content import Content, ReadOptions
from fastw2v.formats.rows import LARGE, FileRows
from fastw2v.formats.sources import FileBytes, open_source
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.documents import SETTINGS, DocumentVectors
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import ScaledRows, Table, lengths, quantised
from fastw2v.vectors.word_vectors import WordVectors

FORMAT = 1
TABLES = (
    "vectors",
    "output_vectors",
    "ngram_vectors",
    "own_vectors",
    "document_vectors",
    "node_vectors",
)
# name: kinds of number and dimensions;  fastw2v : the format, and how many arrays the file holds
ARRAYS = {
    "fastw2v": ("i", 1),
    "words": ("u", 1),
    "counts": ("i", 1),
    "ngrams": ("i", 1),
    "ngram_buckets": ("i", 1),
    "document_tags": ("u", 1),
    "document_settings": ("u", 1),
    **dict.fromkeys(TABLES, ("fi", 2)),
    **{f"{name}_scales": ("f", 1) for name in TABLES},
}
REQUIRED = ("fastw2v", "words", "vectors")
NGRAM_ARRAYS = ("ngrams", "ngram_buckets", "ngram_vectors", "own_vectors")
ALIGNMENT = 64  # bytes
FILE_HEADER_BYTES: int = zipfile.sizeFileHeader  # type: ignore[attr-defined]
# the kind of extra field in a zip that is there to be skipped (Android's zipalign)
PADDING = 0xD935
ZIP64_BYTES = 20  # of the extra field that a zip of any size has
# What comes before the numbers of an array, as NumPy writes it. NumPy itself would run it through
# Python's parser.
HEADER = re.compile(
    rb"\x93NUMPY(?:\x01\x00..|[\x02\x03]\x00....)\{'descr': '([<>|][fiu]\d)', 'fortran_order':"
    rb" (True|False),"
    rb" 'shape': \(((?:\d{1,18}, ?)?(?:\d{1,18})?,?)\), \} *\n",
    re.DOTALL,
)
MAX_HEADER_BYTES = 1 << 12

Array = NDArray[Any]


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write WordVectors with all that belongs to them, whole or not at all;  dtype : float32,
    float16 or int8, of all tables.
    """
    if any("\n" in word for word in vectors.words):
        raise VectorsError(f"{shown(path)}: a word holds a line break; this format cannot hold it")
    if 0 in vectors.table.shape:
        raise VectorsError(f"{shown(path)}: there are no vectors to write")
    tables = {"vectors": vectors.table}
    if vectors.output_table is not None:
        tables["output_vectors"] = vectors.output_table
    arrays: dict[str, Array] = {"words": np.frombuffer("\n".join(vectors.words).encode(), np.uint8)}
    if vectors.counts is not None:
        arrays["counts"] = np.asarray(vectors.counts, np.int64)
    if (sub := vectors.subwords) is not None:
        arrays |= ngram_arrays(sub)
        tables |= {"ngram_vectors": sub.vectors, "own_vectors": sub.own}
    if (documents := vectors.documents) is not None:
        arrays |= _document_arrays(path, documents)
        tables["document_vectors"] = documents.table
        if documents.nodes is not None:
            tables["node_vectors"] = documents.nodes
    for name, table in tables.items():
        arrays[name], scales = checked_numbers(path, table, dtype)
        if scales is not None:
            arrays[f"{name}_scales"] = scales
    write_arrays(path, arrays)


def _document_arrays(path: AnyPath, documents: DocumentVectors) -> dict[str, Array]:
    """The arrays of documents without their tables, by name. Raises VectorsError."""
    settings = json.dumps(documents.settings).encode()
    arrays: dict[str, Array] = {"document_settings": np.frombuffer(settings, np.uint8)}
    if not documents.numbered:
        if any("\n" in tag for tag in documents.tags):
            raise VectorsError(
                f"{shown(path)}: a tag holds a line break; this format cannot hold it"
            )
        tags = "\n".join(documents.tags).encode()
        arrays["document_tags"] = np.frombuffer(tags, np.uint8)
    return arrays


def ngram_arrays(subwords: Subwords) -> dict[str, Array]:
    """The arrays of n-grams without their tables, by name."""
    shape = np.array([subwords.minn, subwords.maxn, subwords.buckets], np.int64)
    return {"ngrams": shape, "ngram_buckets": subwords.used}


def checked_numbers(
    path: AnyPath, table: Table, dtype: str
) -> tuple[Array, NDArray[np.float32] | None]:
    """A table in the numbers that a file holds, and their scales (``quantised``).

    Raises VectorsError if it cannot hold them.
    """
    before, bad = lengths(table)
    if bad is not None:
        raise VectorsError(
            f"{shown(path)}: some vectors are not finite numbers; nothing was written"
        )
    numbers, scales = quantised(table, dtype)
    if dtype != "float32":
        after, bad = lengths(ScaledRows(numbers, scales))
        if bad is not None:
            raise VectorsError(
                f"{shown(path)}: some numbers are beyond 65,504, the largest float16; choose"
                " float32 or int8"
            )
        if ((after == 0) & (before > 0)).any():
            raise VectorsError(
                f"{shown(path)}: some vectors are so short that they would become zeros as {dtype};"
                " choose float32"
            )
    return numbers, scales


def write_arrays(path: AnyPath, arrays: Mapping[str, Array], comment: bytes = b"") -> None:
    """Write arrays by name, with one that says how many there are, whole or not at all.

    comment : of the zip.
    """
    with atomic_write(path) as out, zipfile.ZipFile(out, "w") as file:
        for name, array in {"fastw2v": np.array([FORMAT, len(arrays) + 1]), **arrays}.items():
            _write_array(file, name, array)
        file.comment = comment


def _write_array(file: zipfile.ZipFile, name: str, array: Array) -> None:
    """Write an array so that it begins at a multiple of 64 bytes."""
    info = zipfile.ZipInfo(f"{name}.npy")
    assert file.fp is not None
    begin = file.fp.tell() + FILE_HEADER_BYTES + len(info.filename) + ZIP64_BYTES + 4
    padding = -begin % ALIGNMENT
    info.extra = struct.pack("<HH", PADDING, padding) + bytes(padding)
    with file.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def load(
    source: FileBytes, content: Content | None = None, options: ReadOptions | None = None
) -> WordVectors:
    """Read what ``save`` wrote. Raises VectorsError for anything else."""
    vectors, others, _ = read_parts(source)
    if others:
        raise VectorsError(
            f"{source.path}: holds {quoted(', '.join(sorted(others)))}, which no model of fastw2v"
            " does"
        )
    return vectors


def read(path: AnyPath) -> WordVectors:
    """Read what ``save`` wrote. Raises VectorsError."""
    return load(open_source(path))


def read_parts(source: FileBytes) -> tuple[WordVectors, dict[str, Array], bytes]:
    """WordVectors, the arrays of other names (those of ``compat``), and the comment.

    Raises VectorsError.
    """
    path = source.path
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {info.filename.removesuffix(".npy"): info for info in members}
            stored = all(info.compress_type == zipfile.ZIP_STORED for info in members)
            if not stored or not set(REQUIRED) <= set(names):
                raise VectorsError(
                    f"{shown(path)}: is no model of fastw2v, which holds {', '.join(REQUIRED)},"
                    " uncompressed"
                )
            sizes = [info.file_size for info in members]
            if (
                len(names) < len(members)
                or sum(sizes) > len(source)
                or sizes != [info.compress_size for info in members]  # zipfile allocates these
            ):
                raise VectorsError(
                    f"{shown(path)}: its arrays overlap, or have one name; the file is damaged"
                )
            arrays: dict[str, Any] = {}
            others: dict[str, Array] = {}
            for name, info in names.items():
                if name in ARRAYS:
                    arrays[name] = _array(source, archive, info, name)
                else:
                    others[name] = _other_array(archive, info)
            comment = archive.comment
    except VectorsError:
        raise
    except Exception as error:  # zipfile raises a dozen classes for damaged or encrypted files
        why = reason(error) or type(error).__name__
        raise VectorsError(
            f"{shown(path)}: cannot be read: {why}; it is damaged, or no model of fastw2v"
        ) from error
    if arrays["fastw2v"].tolist()[:1] != [FORMAT]:
        raise VectorsError(
            f"{shown(path)}: has format {arrays['fastw2v'].tolist()[:1]}, this program reads"
            f" {FORMAT}"
        )
    if arrays["fastw2v"].tolist()[1:] != [len(names)]:
        raise VectorsError(
            f"{shown(path)}: holds {len(names)} arrays, not {arrays['fastw2v'].tolist()[1:3]}; the"
            " file is damaged"
        )
    return _word_vectors(path, arrays), others, comment


def _other_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _array(
    source: FileBytes, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str
) -> Array | FileRows:
    """An array of a model, or FileRows if it is a large table."""
    with archive.open(info) as stream:
        head = HEADER.match(stream.read(min(info.file_size, MAX_HEADER_BYTES)))
    if not head:
        raise _damaged(source.path, name)
    dtype, shape = np.dtype(head[1].decode()), [int(n) for n in head[3].replace(b",", b" ").split()]
    by_columns = head[2] == b"True"
    kinds, dimensions = ARRAYS[name]
    size, begin = info.file_size - head.end(), _begin(source, info) + head.end()
    if (
        dtype.kind not in kinds
        or len(shape) != dimensions
        or math.prod(shape) * dtype.itemsize != size
    ):
        raise _damaged(source.path, name)
    if size > LARGE and dimensions == 2 and not by_columns:
        if begin + size > len(source):
            raise _damaged(source.path, name)
        offsets = begin + np.arange(shape[0]) * (shape[1] * dtype.itemsize)
        return FileRows(source, offsets, shape[1], dtype)
    with archive.open(info) as stream:
        raw = stream.read()  # its checksum too
    array = np.frombuffer(raw, dtype, offset=head.end())
    return array.reshape(shape, order="F" if by_columns else "C")


def _damaged(path: AnyPath, name: str) -> VectorsError:
    return VectorsError(f"{shown(path)}: {name} is not what it should be; the file is damaged")


def _begin(source: FileBytes, info: zipfile.ZipInfo) -> int:
    """The byte of the file at which a stored member's content begins."""

    local = source.read(info.header_offset, info.header_offset + FILE_HEADER_BYTES)
    name, extra = struct.unpack("<26x2H", local)
    return info.header_offset + FILE_HEADER_BYTES + name + extra


def _tables(
    path: AnyPath, arrays: Mapping[str, Any]
) -> tuple[dict[str, Table], NDArray[np.float64] | None]:
    """The tables among the arrays, all of float32, and the lengths of the first one's rows."""
    tables: dict[str, Table] = {}
    norms = None
    for name in filter(arrays.__contains__, TABLES):
        table, scales = arrays[name], arrays.get(f"{name}_scales")
        if (table.dtype.kind == "i") != (scales is not None) or (
            scales is not None and scales.shape != table.shape[:1]
        ):
            raise _damaged(path, name)
        table = table if table.dtype == np.float32 else ScaledRows(table, scales)
        row_lengths, bad = lengths(table)
        if bad is not None or table.shape[1] < 1:
            raise _damaged(path, name)
        large = table.shape[0] * table.shape[1] * 4 > LARGE
        tables[name] = table if name == "vectors" or large else np.asarray(table)
        norms = row_lengths if name == "vectors" else norms
    return tables, norms


def _word_vectors(path: AnyPath, arrays: dict[str, Any]) -> WordVectors:
    try:
        words = arrays["words"].tobytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise VectorsError(
            f"{shown(path)}: its words are not UTF-8; the file is damaged"
        ) from error
    tables, norms = _tables(path, arrays)
    arrays = arrays | tables
    V, D = tables["vectors"].shape
    shapes = {
        "counts": (V,),
        "output_vectors": (V, D),
        "ngram_vectors": (len(arrays.get("ngram_buckets", ())), D),
        "own_vectors": (V, D),
        "ngrams": (3,),
    }
    wrong = [
        name
        for name, shape in shapes.items()
        if name in arrays and tuple(arrays[name].shape) != shape
    ]
    present = [name in arrays for name in NGRAM_ARRAYS]
    if len(words) != V or wrong or any(present) != all(present):
        raise VectorsError(
            f"{shown(path)}: its arrays do not fit together ({', '.join(wrong) or 'words'}); the"
            " file is damaged"
        )
    counts = arrays.get("counts")
    if counts is not None:
        if len(counts) and not 0 <= counts.min() <= counts.max() <= MAX_COUNT:
            raise VectorsError(
                f"{shown(path)}: its counts are not from 0 to {MAX_COUNT:,}; the file is damaged"
            )
        counts = counts.astype(np.int64)
    subwords = _subwords(path, arrays) if all(present) else None
    outputs = tables.get("output_vectors")
    vectors = WordVectors(words, tables["vectors"], counts, outputs, subwords, norms)
    if "document_vectors" in arrays or "document_settings" in arrays:
        vectors.documents = _documents(path, arrays, V, D)
    return vectors


def _documents(path: AnyPath, arrays: Mapping[str, Any], V: int, D: int) -> DocumentVectors:
    table, nodes = arrays.get("document_vectors"), arrays.get("node_vectors")
    if table is None or "document_settings" not in arrays or table.shape[1] != D:
        raise _damaged(path, "document_vectors")
    if nodes is not None and tuple(nodes.shape) != (max(V - 1, 1), D):
        raise _damaged(path, "node_vectors")
    try:
        tags = None
        if "document_tags" in arrays:
            tags = arrays["document_tags"].tobytes().decode().split("\n")
        settings = json.loads(arrays["document_settings"].tobytes())
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "document_tags or document_settings") from error
    tags = list(map(str, range(len(table)))) if tags is None else tags
    if len(tags) != len(table) or not isinstance(settings, dict):
        raise _damaged(path, "document_tags or document_settings")
    known = {name: value for name, value in settings.items() if name in SETTINGS}
    if any(isinstance(value, (list, dict)) for value in known.values()):
        raise _damaged(path, "document_settings")
    return DocumentVectors(tags, table, known, nodes)


def _subwords(path: AnyPath, arrays: Mapping[str, Any]) -> Subwords:
    minn, maxn, buckets = arrays["ngrams"].tolist()
    used = arrays["ngram_buckets"]
    if not (1 <= minn <= maxn <= MAX_NGRAM_CHARS and 1 <= buckets < 2**31):
        raise VectorsError(
            f"{shown(path)}: its n-grams have {minn} to {maxn} characters in {buckets} buckets; the"
            " file is damaged"
        )
    if (len(used) and not 0 <= used.min() <= used.max() < buckets) or len(np.unique(used)) < len(
        used
    ):
        raise _damaged(path, "ngram_buckets")
    vectors, own = arrays["ngram_vectors"], arrays["own_vectors"]
    return Subwords(minn, maxn, buckets, used.astype(np.int32), vectors, own)
