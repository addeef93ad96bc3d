"""What a file of vectors begins with: its format, or what else it is."""

import codecs
import re
import struct
from collections import Counter
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

from fastw2v.errors import TruncatedVectorsError, VectorsError, quoted
from fastw2v.file_types import FASTTEXT, PICKLES, UTF8, ZIP, file_type
from fastw2v.paths import AnyPath, shown

HEAD_BYTES = 1 << 22  # that the format is recognised by
MAX_HEADER_BYTES = 100  # of a first line of sizes
MAX_D = 1 << 20  # numbers in a vector
MAX_WORD_BYTES = 1 << 20
NUMBER_BYTES = 64  # that a number in text takes at most, with its separator
SAMPLE_LINES = 10  # of a file without a header, which say how long vectors are
BLANKS = re.compile(rb"[ \t]+")
NUMERIC = re.compile(rb"[0-9+\-.eEaAfFiInN_]+")  # what fields of a row of text are made of
WORD2VEC = ("binary", "text", "glove")
BINARY_FILES = {ZIP: "model", FASTTEXT: "fasttext", **dict.fromkeys(PICKLES, "gensim")}
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
EARLY_FASTTEXT = struct.Struct("<12id3iq")  # arguments of training, and sizes of the dictionary


@dataclass(frozen=True)
class Content:
    """The format of a file of vectors, and what its header says.

    Attributes
    ----------
    format
        A name in ``registry.FORMATS``.
    V
        Number of words by the header, or None.
    D
        Numbers in a vector.
    begin
        Byte offset of the first row.
    """

    format: str
    V: int | None = None
    D: int = 0
    begin: int = 0


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read.

    Attributes
    ----------
    encoding, encoding_errors
        Encoding of words, and treatment of errors in it, as for ``bytes.decode``.
    limit
        Read the first ``limit`` words, even if a header counts more than there are.
    dtype
        Type of the numbers. Raises VectorsError for a limit that is no number of words.
    """

    encoding: str = "utf-8"
    encoding_errors: str = "strict"
    limit: int | None = None
    dtype: str = "float32"

    def __post_init__(self) -> None:
        if self.limit is not None and (
            not isinstance(self.limit, Integral) or isinstance(self.limit, bool) or self.limit < 1
        ):
            raise VectorsError(
                f"limit must be a number of words, at least 1, got {quoted(self.limit)}"
            )
        try:
            codecs.lookup_error(self.encoding_errors)
        except (LookupError, TypeError, ValueError):  # half a character, a null byte
            raise VectorsError(
                "encoding_errors must be strict, replace or ignore, got"
                f" {quoted(self.encoding_errors)}"
            ) from None


def content_of(head: bytes, path: AnyPath, format: str | None = None) -> Content:
    """The Content of a file of vectors from its first bytes, up to ``HEAD_BYTES``.

    format : "binary", "text" or "glove" if that is known. Raises VectorsError, naming what else the
    file is.
    """
    if format is None:
        for magic, name in BINARY_FILES.items():
            if head.startswith(magic):
                return Content(name)
        if is_early_fasttext(head):
            return Content("fasttext")
    mark = len(UTF8) if head.startswith(UTF8) else 0
    line = head[mark:].partition(b"\n")[0]
    if format == "glove" or (
        format is None and _is_row(line) and not _inner_name(path).endswith(".bin")
    ):
        return Content("glove", None, _glove_size(head[mark:], path), mark)
    V, D = _sizes(head[mark : mark + MAX_HEADER_BYTES], head, path)
    begin = mark + len(line) + 1
    if format is None:
        format = "text" if _is_text(head[begin:], D) else "binary"
    return Content(format, V, D, begin)


def is_early_fasttext(head: bytes) -> bool:
    """Whether a file begins as models of fastText did before April 2017, without a magic number:
    with numbers that are those of a model.
    """
    if len(head) < EARLY_FASTTEXT.size:
        return False
    D, *counts, loss, kind, buckets, minn, maxn, rate, t, entries, V, labels, tokens = (
        EARLY_FASTTEXT.unpack_from(head)
    )
    return (
        1 <= D <= MAX_D
        and 1 <= loss <= 3
        and 1 <= kind <= 3
        and 0 <= minn <= maxn <= 255
        and 0 <= t <= 1
        and entries == V + labels
        and min(*counts, buckets, rate, labels, tokens) >= 0 < V
    )


def max_line_bytes(D: int) -> int:
    """Bytes that a line of a word and D numbers has at most."""
    return MAX_WORD_BYTES + NUMBER_BYTES * D


def not_vectors(path: AnyPath, why: str, kind: type[VectorsError] = VectorsError) -> VectorsError:
    """The error for a file without vectors."""
    return kind(f"{shown(path)}: is not a word2vec file, nor GloVe's: {why}")


def other_type(head: bytes, path: AnyPath) -> VectorsError | None:
    """The error for a file of another type, by its first bytes; None if they are of none that is
    known.
    """
    kind = file_type(head)
    return None if kind is None else VectorsError(f"{shown(path)}: is {kind.name}; {kind.vectors}")


def split_row(line: bytes, D: int) -> tuple[bytes, list[bytes]] | None:
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


def is_number(field: bytes) -> bool:
    """Whether a field is a number."""
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field


def _sizes(line: bytes, head: bytes, path: AnyPath) -> tuple[int, int]:
    """The two numbers that a file begins with."""
    first, newline, _ = line.partition(b"\n")
    fields = first.split()
    if (
        not newline
        or len(fields) != 2
        or not all(field.isdigit() and len(field) <= 18 for field in fields)
    ):
        raise other_type(head, path) or _no_sizes(head, path, first)
    V, D = map(int, fields)
    if V < 1 or D < 1:
        raise not_vectors(path, f"it says that it holds {V} words of {D} numbers")
    return V, D


def _no_sizes(head: bytes, path: AnyPath, line: bytes) -> VectorsError:
    if not head.strip():
        return not_vectors(
            path, "it is empty; it should begin with two numbers", TruncatedVectorsError
        )
    start = quoted(line[:40].decode("utf-8", "replace"))
    return not_vectors(
        path, f"it should begin with two numbers, or with a word and its numbers, not {start}"
    )


def _inner_name(path: AnyPath) -> str:
    """The name of a file in lower case, without what says that it is compressed."""
    path = Path(str(path).lower())
    return path.with_suffix("").name if path.suffix in COMPRESSED else path.name


def _is_row(line: bytes) -> bool:
    """Whether a line is not two numbers but a word and numbers, at least two."""
    fields = line.split()
    return len(fields) > 2 and all(map(is_number, fields[-2:]))


def _glove_size(head: bytes, path: AnyPath) -> int:
    """How many numbers follow the word in most of the first lines. Words may hold spaces."""
    lines = head.split(b"\n")
    if len(head) >= HEAD_BYTES - len(UTF8):
        lines = lines[:-1] or lines  # the last one goes on
    lines = [line for line in lines if line.strip()][:SAMPLE_LINES]
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


def _is_text(rows: bytes, D: int) -> bool:
    """Whether the first row is a word and fields that look like numbers."""
    row, _, _ = rows.partition(b"\n")
    fields = BLANKS.split(row.strip(b" \t\r"))
    if len(fields) > 1 and all(NUMERIC.fullmatch(field) for field in fields[1:]):
        return True
    return D < len(fields) and all(map(is_number, fields[len(fields) - D :]))
