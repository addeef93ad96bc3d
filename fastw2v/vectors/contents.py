"""What a file of vectors begins with: which of the formats it has, or what it is instead.

The only place that tells.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fastw2v.errors import VectorsError
from fastw2v.packing import packing
from fastw2v.vectors.pickles import PICKLES

BEGINNING = 1 << 22  # bytes in which it is told
MAX_HEADER = 100  # bytes of a first line of sizes
MAX_D = 1 << 20  # numbers in a vector
MAX_WORD = 1 << 20  # bytes of a word
NUMBER = 64  # bytes that a number in text takes at most, with its separator
LINES = 10  # lines of a file without a header that say how long vectors are
UTF8 = b"\xef\xbb\xbf"  # byte-order mark
BLANKS = re.compile(rb"[ \t]+")
FASTTEXT = (793712314).to_bytes(4, "little")
FLORET = re.compile(rb"\d+ \d+ \d+ \d+ \d+ \d+ < >")
NUMERIC = re.compile(rb"[0-9+\-.eEaAfFiInN_]+")  # what fields of a row of text are made of
WORD2VEC = ("binary", "text", "glove")
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")

# What files that are no vectors begin with, what they are, and what to do
UNPACK = "unpack it, and give the file of vectors in it"
OTHERS = {
    b"PAR1": ("a Parquet table", "write its words and vectors as text"),
    b"ARROW1": ("an Arrow table", "write its words and vectors as text"),
    b"\x93NUMPY": (
        "an array of NumPy, without words",
        "fastw2v.WordVectors(words, array).save(PATH) puts both in a file",
    ),
    b"\x89HDF\r\n": ("an HDF5 file", "write its words and vectors as text"),
    b"SQLite format 3\0": ("a database of SQLite", "write its words and vectors as text"),
    b"%PDF-": ("a PDF file", "give a file of vectors"),
    b"\xd0\xcf\x11\xe0": ("an old Office file", "give a file of vectors"),
    b"Rar!": ("a RAR archive", UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", UNPACK),
    b"PK\x05\x06": ("an empty zip archive", "get it again"),
    b"fw2v\x00ids": ("an encoded corpus", "train on it: fastw2v train FILE"),
    b"fastw2v checkpoint": (
        "a checkpoint of a run",
        "fastw2v train --resume FOLDER goes on with it",
    ),
    b'{"format": "fastw2v-index': (
        "an index made by --index",
        "give the vectors that it is an index of",
    ),
    b"version https://git-lfs": (
        "a pointer of Git LFS, not the file itself",
        "git lfs pull gets it",
    ),
    b"\xff\xfe": ("text in UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    b"\xfe\xff": ("text in UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
}
OLD_PICKLES = (b"ccopy_reg\n", b"cgensim.")  # of protocol 0
PAGES = (b"<!doctype", b"<html", b"<?xml")


@dataclass(frozen=True)
class Beginning:
    """kind : one of WORD2VEC, or "model" (a zip), "fasttext" or "pickle";  V : words that a header
    says there are, or None;
    D : numbers in a vector;  begin : the byte at which the first row begins.
    """

    kind: str
    V: int | None = None
    D: int = 0
    begin: int = 0


def beginning(head, path, format=None):
    """The Beginning of a file of vectors from its first bytes, up to ``BEGINNING``.

    Raises VectorsError, naming what else it is.

    format : "binary", "text" or "glove" if that is known.
    """
    if format is None and head.startswith(b"PK\x03\x04"):
        return Beginning("model")
    if format is None and head.startswith(FASTTEXT):
        return Beginning("fasttext")
    if format is None and head.startswith(PICKLES):
        return Beginning("pickle")
    mark = len(UTF8) if head.startswith(UTF8) else 0
    line = head[mark:].partition(b"\n")[0]
    if format == "glove" or (
        format is None and _is_row(line) and not _named(path).endswith(".bin")
    ):
        return Beginning("glove", None, _glove_size(head[mark:], path), mark)
    V, D = _sizes(head[mark : mark + MAX_HEADER], head, path)
    begin = mark + len(line) + 1
    if format is None:
        format = "text" if _is_text(head[begin:], D) else "binary"
    return Beginning(format, V, D, begin)


def longest_line(D):
    """Bytes that a line of a word and D numbers has at most."""
    return MAX_WORD + NUMBER * D


def not_vectors(path, why):
    """A VectorsError for a file that is none of vectors."""
    return VectorsError(f"{path}: is not a word2vec file, nor GloVe's: {why}")


def pickled(path):
    """A VectorsError for a pickle that is not read."""
    return VectorsError(
        f"{path}: is a pickle, as gensim's own save() writes, but a compressed or an old one; load"
        " it in gensim, and save it by wv.save_word2vec_format('v.bin', binary=True)"
    )


def numbers_of(line, D):
    """The bytes of the word and of the last D fields of a line, between spaces and tabs; None if
    there are fewer.
    """
    line = line.strip(b" \t\r\n")
    fields = BLANKS.split(line)
    if len(fields) <= D:
        return None
    if len(fields) == D + 1:
        return fields[0], fields[1:]
    separators = list(BLANKS.finditer(line))  # between fields; the word itself holds some
    return line[: separators[-D].start()], fields[-D:]


def is_number(field):
    """Whether a field is a number."""
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field


def _sizes(line, head, path):
    """The two numbers that a file begins with."""
    first, newline, _ = line.partition(b"\n")
    fields = first.split()
    if (
        not newline
        or len(fields) != 2
        or not all(field.isdigit() and len(field) <= 18 for field in fields)
    ):
        raise _something_else(head, path, first)
    V, D = map(int, fields)
    if V < 1 or D < 1:
        raise not_vectors(path, f"it says that it holds {V} words of {D} numbers")
    return V, D


def _something_else(head, path, line):
    """A VectorsError that says what a file is, by its first bytes, since it holds no vectors that
    are read.
    """
    if head.startswith(PICKLES + OLD_PICKLES):
        return pickled(path)
    for sign, (what, advice) in OTHERS.items():
        if head.startswith(sign):
            return VectorsError(f"{path}: is {what}; {advice}")
    if head[257:262] == b"ustar":
        return VectorsError(f"{path}: is a tar archive; {UNPACK}")
    if head.lstrip()[:9].lower().startswith(PAGES):
        return VectorsError(
            f"{path}: is a web page (HTML or XML), not vectors; was it downloaded by the right"
            " address?"
        )
    if head[8:10] == b'{"' and not any(head[4:8]):
        return VectorsError(
            f"{path}: is a file of safetensors; give the folder that holds it and tokenizer.json"
        )
    if head.lstrip()[:2] in (b'{"', b"{\n", b"[{"):
        return VectorsError(f"{path}: is JSON, not vectors")
    if kind := packing(head):
        return VectorsError(
            f"{path}: is compressed twice, inside with {kind.name}; decompress it once"
        )
    if FLORET.match(line):
        return VectorsError(f"{path}: is a table of floret, which is not read")
    if not head.strip():
        return not_vectors(path, "it is empty; it should begin with two numbers")
    shown = repr(line[:40].decode("utf-8", "replace"))[:60]
    return not_vectors(
        path, f"it should begin with two numbers, or with a word and its numbers, not {shown}"
    )


def _named(path):
    """The name of a file in lower case, without what says that it is compressed."""
    path = Path(str(path).lower())
    return path.with_suffix("").name if path.suffix in COMPRESSED else path.name


def _is_row(line):
    """Whether a line is not two numbers but a word and numbers, at least two."""
    fields = line.split()
    return len(fields) > 2 and all(map(is_number, fields[-2:]))


def _glove_size(head, path):
    """How many numbers follow the word in most of the first lines. Words may hold spaces."""
    lines = head.split(b"\n")
    if len(head) >= BEGINNING - len(UTF8):
        lines = lines[:-1] or lines  # the last one goes on
    lines = [line for line in lines if line.strip()][:LINES]
    counts = []
    for line in lines:
        fields = BLANKS.split(line.strip(b" \t\r"))
        numbers = next(
            (n for n, field in enumerate(reversed(fields)) if not is_number(field)), len(fields) - 1
        )
        counts.append(min(numbers, len(fields) - 1))
    D = Counter(counts).most_common(1)[0][0] if counts else 0
    if D < 1:
        raise not_vectors(path, "its lines are not a word and as many numbers each")
    return D


def _is_text(rows, D):
    """Return whether the first row is a word and fields that look like numbers."""
    row, _, _ = rows.partition(b"\n")
    fields = BLANKS.split(row.strip(b" \t\r"))
    if len(fields) > 1 and all(NUMERIC.fullmatch(field) for field in fields[1:]):
        return True
    return D < len(fields) and all(map(is_number, fields[len(fields) - D :]))
