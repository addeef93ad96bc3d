"""word2vec's two file formats, as word2vec.c and gensim write them, and GloVe's.

text    a line "V D", then a line "word v1 ... vD" for each word, numbers in their shortest float32 form.
binary  a line "V D", then for each word its bytes, a space, D little-endian float32 and a newline (word2vec.c writes
        the newline, gensim does not; both are read).
glove   text without its first line.
"""

import gzip
import mmap
import re
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fastw2v.errors import MissingVectorsError, TruncatedVectorsError, UndecodableVectorsError, VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors.formats import format_of
from fastw2v.vectors.tables import MAPPED, PackedRows, blocks, lengths
from fastw2v.vectors.text_files import read_lines, written_lines
from fastw2v.vectors.word_vectors import WordVectors

GZIP = b"\x1f\x8b"  # what a file packed by gzip begins with
MAX_HEADER = 100  # bytes
MAX_LINE = 1 << 20  # bytes in which the first line of a file without a header must end
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x20\x7f]")
UNPACKED = 1 << 20  # bytes at a time


def write(path, words, vectors, format=None):
    """Write words and vectors [V, D], whole or not at all. Raises VectorsError for what a file cannot hold."""
    format = format_of(path, format)
    for word in words:
        if word.encode().split() != [word.encode()]:
            raise VectorsError(f"the word {word!r} is empty or holds white space; these formats cannot hold it")
    if not len(words) or lengths(vectors)[1] is not None:
        raise VectorsError(f"{path}: there are no vectors to write, or some are not finite numbers")
    with atomic_write(path) as out, _packing(path, out) as out:
        if format != "glove":
            out.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for piece in written_rows(words, vectors) if format == "binary" else written_lines(words, vectors):
            out.write(piece)


@contextmanager
def _packing(path, out):
    """The file itself, or one that packs what is written to it if the name ends so; the same bytes at any time of day."""
    if Path(path).suffix.lower() != ".gz":
        yield out
        return
    with gzip.GzipFile("", "wb", compresslevel=1, fileobj=out, mtime=0) as packed:
        yield packed


def written_rows(words, vectors):
    """The bytes of a binary file after its header, a block of rows at a time."""
    size = vectors.shape[1] * 4
    for rows in blocks(vectors):
        raw = np.ascontiguousarray(vectors[rows], "<f4").tobytes()
        yield b"".join(word.encode() + b" " + raw[i * size : (i + 1) * size] + b"\n" for i, word in enumerate(words[rows]))


def read(path, format=None, encoding_errors="strict"):
    """Read a file of any of these formats, by its content unless ``format`` says which; one packed by gzip too.

    encoding_errors : "strict", "replace" or "ignore", for words that are not UTF-8. Raises VectorsError.
    """
    raw = _raw_bytes(path)
    data = np.frombuffer(raw, np.uint8)

    def decode(letters, row):
        return _decode(path, letters, row, encoding_errors)

    if format == "glove" or (format is None and _has_no_header(path, data)):
        V, D, begin, format = *_glove_sizes(path, data), 0, "glove"
    else:
        V, D, begin = _header(path, data)
    if format is None:
        format = "text" if D < len(data) and _looks_like_text(data, begin, D) else "binary"
    size = 4 * D + 2 if format_of(path, format) == "binary" else 2 * D + 2
    if V * size - 1 > len(data) - begin:
        if format == "glove":
            raise _no_glove(path)
        raise TruncatedVectorsError(f"{path}: its header says {V:,} words of {D} numbers, but the file is too small for them")
    if format == "binary":
        words, vectors = _read_binary(path, raw, begin, V, D, decode)
    else:
        words, vectors = read_lines(path, data, begin, V, D, 1 if format == "glove" else 2, decode)
        if len(words) < V:
            raise _cut(path, len(words), V)
    found, bad = lengths(vectors)
    if bad is not None:
        raise VectorsError(f"{path}: the vector of {words[bad]!r} (row {bad + 1}) is not finite; the file is damaged")
    return WordVectors(words, vectors, lengths=found)


def _raw_bytes(path):
    """The bytes of a file, unpacked: all of them, or a map of a large file. Both can be searched, and looked at as an array."""
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise VectorsError(f"{path}: is not a plain file; vectors are read from files, not from pipes or directories")
        with open(path, "rb") as file:
            if file.read(2) == GZIP:
                return _unpacked(path)
            file.seek(0, 2)
            size = file.tell()
            file.seek(0)
            return file.read() if size <= MAPPED else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise MissingVectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error


def _unpacked(path):
    """A map of a nameless file that holds what a gzip file packs. What cannot be vectors is not unpacked any further."""
    try:
        with gzip.open(path) as packed, tempfile.TemporaryFile() as file:
            piece = packed.read(UNPACKED)
            begin = np.frombuffer(piece, np.uint8)
            if not _has_no_header(path, begin):
                _header(path, begin)
            while piece:
                file.write(piece)
                piece = packed.read(UNPACKED)
            file.flush()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.tell() else b""
    except EOFError as error:
        raise TruncatedVectorsError(f"{path}: cannot be unpacked: {error}; it was cut short") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise VectorsError(f"{path}: cannot be unpacked: {error}; it is damaged") from error


def _header(path, data):
    line, newline, _ = data[:MAX_HEADER].tobytes().partition(b"\n")
    try:
        V, D = (int(field) for field in line.split())
        if not newline or V < 1 or D < 1:
            raise ValueError
    except ValueError:
        shown = line[:40].decode("utf-8", "replace")
        raise VectorsError(f"{path}: is not a word2vec file: it should begin with two numbers, not {shown!r}") from None
    return V, D, len(line) + 1


def _has_no_header(path, data):
    """Whether the first line is not two numbers but a word and numbers, at least two. A file called .bin is never GloVe's."""
    fields = data[:MAX_LINE].tobytes().partition(b"\n")[0].split()
    named = Path(path).with_suffix("") if Path(path).suffix.lower() == ".gz" else Path(path)
    return named.suffix.lower() != ".bin" and len(fields) > 2 and all(map(_is_number, fields[-2:]))


def _glove_sizes(path, data):
    """Lines of a file without a header, and how many numbers follow the word in its first ones, which may hold spaces."""
    head = data[:MAX_LINE].tobytes().split(b"\n")
    lines = [line.split(b" ") for line in (head[:-1] or head)[:10] if line.strip()]
    counts = []
    for fields in lines:
        while fields and fields[-1].strip() == b"":
            fields.pop()
        numbers = next((n for n, field in enumerate(reversed(fields)) if not _is_number(field)), len(fields) - 1)
        counts.append(min(numbers, len(fields) - 1))
    D = min(counts)
    if D < 1:
        raise _no_glove(path)
    V, step = 0, 1 << 24
    for first in range(0, len(data), step):
        V += int(np.count_nonzero(data[first : first + step] == 10))
    last = data[-64:].tobytes()
    blank = len(last) - len(last.rstrip(b"\r\n \t"))
    return V + (1 if blank == 0 else 1 - last[-blank:].count(b"\n")), D


def _no_glove(path):
    return VectorsError(f"{path}: is neither word2vec's nor GloVe's text: its lines are not a word and as many numbers each")


def _is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True


def _looks_like_text(data, begin, D):
    """Whether the first row is a word and D numbers in digits."""
    head = data[begin : begin + 4096 + 64 * min(D, 65536)].tobytes().partition(b"\n")[0]
    try:
        return len([float(field) for field in head.rstrip(b" \r").rsplit(b" ", D)[1:]]) == D
    except ValueError:
        return False


def _read_binary(path, raw, begin, V, D, decode):
    """Words and rows of bytes that can be searched: the rows stay where they are if they are many."""
    data, size = np.frombuffer(raw, np.uint8), 4 * D
    after = raw.find(b" ", begin) + 1 + size
    lines = raw[after : after + 1] == b"\n"  # word2vec.c ends rows with a newline, gensim does not
    spaces, step, find, space = [], size + 1 + lines, raw.find, begin - size - 1 - lines
    for _ in range(V):
        space = find(b" ", space + step)
        if space < 0:
            break
        spaces.append(space)
    places = np.array(spaces, np.int64) + 1
    ends = places + size
    ended = data[ends[ends < len(data)]] == 10
    if lines and not ended.all():
        row = int(np.argmin(ended))
        raise _misread(path, row, raw[ends[row - 1] + 1 if row else begin : spaces[row]])
    if len(places) < V or ends[-1] > len(data):
        raise _cut(path, int((ends <= len(data)).sum()), V)
    if bytes(raw[ends[-1] : ends[-1] + 3]).strip():
        raise VectorsError(f"{path}: goes on after its {V:,} words; its header is wrong or it is damaged")
    starts = [begin, *(ends[:-1] + lines).tolist()]
    spelt = [raw[start:space] for start, space in zip(starts, spaces, strict=True)]
    spelt[0] = spelt[0].lstrip(b"\r\n")
    letters = b"\n".join([*spelt, b""])
    if letters.count(b"\n") > V or (not lines and CONTROL.search(letters)):
        # Only a number can look like this: a word with a space in it has shifted what follows.
        row = next(row for row, word in enumerate(spelt) if b"\n" in word or (not lines and CONTROL.search(word)))
        raise _misread(path, max(row - 1, 0), spelt[max(row - 1, 0)])
    table = PackedRows(data, places, D)
    return decode(letters, 0), table if V * size > MAPPED else np.asarray(table)


def _misread(path, row, word):
    shown = word[:40].decode("utf-8", "replace")
    return VectorsError(
        f"{path}: row {row + 1} ({shown!r}) does not end where it should: its word holds a space, which this format cannot"
        " hold, or the file is damaged; write it as text, or with _ for the space"
    )


def _decode(path, letters, row, errors):
    """Words from their bytes, a newline after each;  row : the number of the first, for errors."""
    try:
        return letters.decode("utf-8", errors).split("\n")[:-1]
    except UnicodeDecodeError as error:
        before = letters[: error.start].count(b"\n")
        word = letters.split(b"\n")[before]
        raise UndecodableVectorsError(
            f"{path}: word {row + before + 1} is not UTF-8: {word[:40]!r}; the file is damaged, or the word before it holds a"
            " space; if only this word was cut, fastw2v convert --encoding-errors replace reads the others"
        ) from None


def _cut(path, row, V):
    return TruncatedVectorsError(f"{path}: ends after {row:,} of its {V:,} words; it was cut short")
