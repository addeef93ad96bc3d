"""File types by their first bytes: one table for corpora and for files of vectors.

Each reader takes what it can read, and asks ``file_type`` what the rest is, for its error.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastw2v.packing import packing

ENCODED = b"fw2v\x00ids"  # the first bytes of an encoded corpus
UTF8 = b"\xef\xbb\xbf"  # byte-order mark
# The first bytes of text in other encodings, the longer ones first
ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
PARQUET = b"PAR1"
ARROW_FILE, ARROW_STREAM, FEATHER1 = b"ARROW1\0", b"\xff" * 4, b"FEA1"
FASTTEXT = (793712314).to_bytes(4, "little")
PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
ZIP = b"PK\x03\x04"
ZIPS = (ZIP, b"PK\x05\x06")  # the second: without a file in it
TAR, TAR_BEGIN = b"ustar", 257

UNPACK = "unpack it, and give the text files in it"
DECOMPRESS = "decompress it first"
SAVE = "save it as plain text in UTF-8, and give that"
COLUMN = "write its text, a row a line, to a file, or give token lists from Python"
ARRAY = "give token lists from Python: array.tolist()"
QUERY = "query it with fastw2v nearest, or start training from it with --init"
EXPORT = (
    "for vectors, export word2vec's format and give it to nearest or --init; for token lists, load"
    " it in Python"
)
SPEECH = "give a transcript"
OCR = "give the text in it, for instance from tesseract"

VECTORS = "give a file of vectors"
UNPACK_VECTORS = "unpack it, and give the file of vectors in it"
WRITE_TEXT = "write its words and vectors as text"
SAVE_ARRAY = "fastw2v.WordVectors(words, array).save(PATH) puts words and vectors in a file"
FLORET = "give the .vec file that floret wrote with it, or save_vectors of its model"
SAVE_WORD2VEC = "load it in gensim, and save it by wv.save_word2vec_format('v.bin', binary=True)"


@dataclass(frozen=True)
class FileType:
    """A type of file that is neither text nor vectors, with advice.

    Attributes
    ----------
    name
        What the file is.
    text
        How to get text from it, None if it may be text itself.
    vectors
        How to get vectors from it.
    """

    name: str
    text: str | None
    vectors: str = VECTORS


def convert(encoding: str) -> str:
    """The advice for text in another encoding."""
    return f"convert it first: iconv -f {encoding} -t UTF-8 FILE > NEW"


# How a file begins, and what it is. What may be text as well has no advice for text.
BEGINNINGS: list[tuple[Any, ...]] = [
    (
        re.escape(ENCODED),
        "an encoded corpus",
        "train on it alone, by its own name",
        "train on it: fastw2v train FILE",
    ),
    *(
        (re.escape(mark), f"{name}, by its byte-order mark", convert(name), convert(name))
        for mark, name in ENCODINGS.items()
    ),
    (rb"%PDF-", "a PDF document", "take its text out first: pdftotext -enc UTF-8 FILE NEW"),
    (rb"\{\\rtf", "an RTF document", SAVE),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls, .ppt)", SAVE),
    (
        rb"%!PS|AT&TFORM",
        "a PostScript or DjVu document",
        "take its text out first: ps2ascii or djvutxt",
    ),
    (rb"ITOLITLS|.{60}BOOKMOBI", "an e-book", SAVE),
    (
        rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF....WEBP|BM....\0{4}",
        "an image",
        OCR,
    ),
    (
        rb"RIFF....(WAVE|AVI )|OggS\0|fLaC\0|ID3[\2-\4]\0|\0\0\0.ftyp|\x1aE\xdf\xa3",
        "sound or video",
        SPEECH,
    ),
    (
        rb"SQLite format 3\0",
        "an SQLite database",
        "write its text to a file: sqlite3 FILE 'select TEXT from TABLE' > NEW",
        WRITE_TEXT,
    ),
    (rb"PAR1[\0-\x1f]", "a Parquet table", COLUMN, WRITE_TEXT),
    (
        rb"ARROW1\0|FEA1\0|\xff{4}..\0\0.{8}",
        "an Arrow or Feather table",
        COLUMN,
        WRITE_TEXT,
    ),
    (rb"\x89HDF\r\n", "an HDF5 file", COLUMN, WRITE_TEXT),
    (rb"Obj\x01", "an Avro file", COLUMN, WRITE_TEXT),
    (rb"\x93NUMPY", "a NumPy array", ARRAY, SAVE_ARRAY),
    (
        rb"[(]lp0\n|[(]dp0\n|ccopy_reg\n|cgensim\.|\x80[\2-\5]",
        "a Python pickle, perhaps a model of gensim or PyTorch",
        EXPORT,
        SAVE_WORD2VEC,
    ),
    (re.escape(FASTTEXT), "a model of fastText", QUERY),
    (
        rb'.{5}\0{3}\{"',
        "a safetensors file",
        QUERY,
        "give the folder that holds it and tokenizer.json",
    ),
    (
        rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|!<arch>\n|MSCF\0|xar!\0",
        "an archive",
        UNPACK,
        UNPACK_VECTORS,
    ),
    (
        rb"\x1f\x9d|\x04\x22\x4d\x18|LZIP|\xff\x06\0\0sNaPpY|\x89LZO",
        "compressed in a way that is not read here",
        DECOMPRESS,
        DECOMPRESS,
    ),
    (rb"\x7fELF|MZ.\0|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe", "a program", "give text"),
    (
        rb"fastw2v checkpoint",
        "a checkpoint of a run",
        None,
        "fastw2v train --resume FOLDER continues it",
    ),
    (
        rb'\{"format": "fastw2v-index',
        "an index made by --index",
        None,
        "give the vectors that it is an index of",
    ),
    (
        rb"I[HxwDB][A-Za-z2][A-Za-z0-9].{2}\0\0",
        "an index of faiss",
        None,
        "give the vectors that it is an index of",
    ),
    (
        rb"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
        None,
        "git lfs pull gets it",
    ),
    (
        rb"\s*<(![dD][oO][cC][tT][yY][pP][eE]|[hH][tT][mM][lL]|\?[xX][mM][lL])",
        "a web page (HTML or XML), not vectors",
        None,
        "was it downloaded by the right address?",
    ),
    (rb'\s*(\{"|\{\n|\[\{)', "JSON, not vectors", None),
    (
        # buckets, D, minn, maxn, hashes of an n-gram, seed, the two marks of a word
        rb"\d+( \d+){5} [^\s\d]\S* [^\s\d]\S*\s",
        "a table of floret (buckets without words), which is not read",
        None,
        FLORET,
    ),
]
# What a zip archive is, by its "mimetype", which stands first, and the names of its members
MEMBERS: list[tuple[Any, ...]] = [
    (
        rb"mimetypeapplication/epub",
        "an e-book (EPUB)",
        "take its text out first: pandoc -t plain FILE -o NEW",
    ),
    (rb"mimetypeapplication/vnd\.oasis\.opendocument", "an OpenDocument file (LibreOffice)", SAVE),
    (rb"\nword/", "a Word document", SAVE),
    (rb"\nxl/", "an Excel workbook", SAVE),
    (rb"\nppt/", "a PowerPoint presentation", SAVE),
    (rb"\n\[Content_Types\]\.xml\n", "a Word, Excel or PowerPoint file", SAVE),
    (rb"\.npy\n", "an .npz file: arrays of NumPy, perhaps a model", QUERY),
    (rb"/data\.pkl\n", "a model of PyTorch", EXPORT),
    (rb"\nMETA-INF/", "a document or a program in a zip archive", SAVE),
]


def _compiled(rows: list[tuple[Any, ...]]) -> list[tuple[re.Pattern[bytes], FileType]]:
    return [(re.compile(pattern, re.DOTALL), FileType(*row)) for pattern, *row in rows]


TYPES, ARCHIVES = _compiled(BEGINNINGS), _compiled(MEMBERS)


def file_type(head: bytes) -> FileType | None:
    """The type of a file that begins with these bytes; None if the bytes are of none that is
    known.
    """
    if head.startswith(ZIPS):
        return zip_type(member_names(head), bytes(head[30:100])) or FileType(
            "a zip archive", UNPACK, UNPACK_VECTORS
        )
    if head[TAR_BEGIN : TAR_BEGIN + len(TAR)] == TAR and 0 in head[:TAR_BEGIN]:
        return FileType("a tar archive", UNPACK, UNPACK_VECTORS)
    for pattern, kind in TYPES:
        if pattern.match(head):
            return kind
    if codec := packing(head):
        advice = "decompress it once"
        return FileType(f"compressed twice, inside with {codec.name}", advice, advice)
    return None


def zip_type(names: Iterable[bytes], first: bytes = b"") -> FileType | None:
    """The type of a zip archive by the names of its members, and what its first one begins with;
    None for an ordinary archive.
    """
    text = first + b"\n" + b"\n".join(names) + b"\n"
    return next((kind for pattern, kind in ARCHIVES if pattern.search(text)), None)


def member_names(head: bytes) -> Iterator[bytes]:
    """Names of the members of a zip archive, as far as its first bytes have them."""
    for member in re.finditer(rb"PK\x03\x04.{22}(..)..", head, re.DOTALL):
        yield bytes(head[member.end() : member.end() + int.from_bytes(member[1], "little")])
