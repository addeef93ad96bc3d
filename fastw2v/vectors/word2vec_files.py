"""word2vec's two file formats, as word2vec.c and gensim write them, and GloVe's.

text    a line "V D", then a line "word v1 ... vD" for each word, numbers in their shortest float32
form.
binary  a line "V D", then for each word its bytes, a space, D little-endian float32 and a newline
(word2vec.c writes
        the newline, gensim does not; both are read).
glove   text without its first line.
"""

import bz2
import gzip
import lzma
import re
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path

import numpy as np

from fastw2v.errors import TruncatedVectorsError, UndecodableVectorsError, VectorsError
from fastw2v.files import atomic_write
from fastw2v.vectors.contents import BEGINNING, MAX_D, MAX_WORD, WORD2VEC, beginning, not_vectors
from fastw2v.vectors.formats import format_of
from fastw2v.vectors.sources import open_source
from fastw2v.vectors.tables import LARGE, FileRows, blocks, lengths
from fastw2v.vectors.text_files import lines_of, more_lines, read_lines, written_lines
from fastw2v.vectors.word_vectors import WordVectors

CONTROL = re.compile(rb"[\x00-\x09\x0b-\x20\x7f]")
PIECE = 1 << 21  # bytes of a binary file in which words are looked for together


def write(path, words, vectors, format=None):
    """Write words and vectors [V, D], whole or not at all.

    Raises VectorsError for what a file cannot hold.
    """
    format = format_of(path, format)
    for word in words:
        if word.encode().split() != [word.encode()]:
            raise VectorsError(
                f"the word {word[:60]!r} is empty or holds white space; these formats cannot"
                " hold it"
            )
    check_finite(path, vectors)
    with atomic_write(path) as out, _packing(path, out) as out:
        if format != "glove":
            out.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for piece in (
            written_rows(words, vectors) if format == "binary" else written_lines(words, vectors)
        ):
            out.write(piece)


def check_finite(path, table):
    """Raise VectorsError if a table has no rows, no dimensions, or numbers that are not finite."""
    if 0 in table.shape or lengths(table)[1] is not None:
        raise VectorsError(f"{path}: there are no vectors to write, or some are not finite numbers")


@contextmanager
def _packing(path, out):
    """The file itself, or one that packs what is written to it if the name ends so; the same bytes
    at any time of day.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in PACKERS:
        yield out
        return
    with PACKERS[suffix](out) as packed:
        yield packed


def _zstd(out):
    from zstandard import ZstdCompressor

    return ZstdCompressor(write_checksum=True).stream_writer(out, closefd=False)


PACKERS = {
    ".gz": lambda out: gzip.GzipFile("", "wb", compresslevel=1, fileobj=out, mtime=0),
    ".bz2": lambda out: bz2.BZ2File(out, "wb"),
    ".xz": lambda out: lzma.LZMAFile(out, "wb", preset=1),
    ".zst": _zstd,
}


def written_rows(words, vectors):
    """The bytes of a binary file after its header, a block of rows at a time."""
    size = vectors.shape[1] * 4
    for rows in blocks(vectors):
        raw = np.ascontiguousarray(vectors[rows], "<f4").tobytes()
        yield b"".join(
            word.encode() + b" " + raw[i * size : (i + 1) * size] + b"\n"
            for i, word in enumerate(words[rows])
        )


def read(path, format=None, encoding_errors="strict", limit=None):
    """Read a file of any of these formats, by its content unless ``format`` says which; a
    compressed one too.

    encoding_errors : "strict", "replace" or "ignore", for words that are not UTF-8.  limit : read
    so many words, the first ones, though a header may tell of more than there are. Raises
    VectorsError.
    """
    source = open_source(path)
    return read_source(
        source, beginning(source.read(0, BEGINNING), path, format), encoding_errors, limit
    )


def read_source(source, start, encoding_errors="strict", limit=None):
    """``read`` of FileBytes that begin with the Beginning ``start``."""
    path = source.path
    check_limit(limit)
    if start.kind not in WORD2VEC:
        raise not_vectors(path, "fastw2v.load reads it")
    if start.D > MAX_D:
        raise not_vectors(
            path, f"it says that vectors have {start.D:,} numbers, more than {MAX_D:,}"
        )

    def decode(letters, row):
        return _decode(path, letters, row, encoding_errors)

    reader = _read_binary if start.kind == "binary" else _read_text
    words, vectors = reader(source, start, limit, decode)
    found, bad = lengths(vectors)
    if bad is not None:
        shown = words[bad][:60]
        raise VectorsError(
            f"{path}: the vector of {shown!r} (row {bad + 1}) is not finite; the file is damaged"
        )
    return WordVectors(words, vectors, lengths=found)


def check_limit(limit):
    """Raise VectorsError unless a number of words is one, or None."""
    if limit is not None and (
        not isinstance(limit, Integral) or isinstance(limit, bool) or limit < 1
    ):
        raise VectorsError(f"limit must be a number of words, at least 1, got {limit!r}")


def _read_text(source, start, limit, decode):
    first_line = 1 if start.kind == "glove" else 2
    pieces = lines_of(source, start.begin, start.D, first_line, limit)
    lines = sum(lines for _, _, lines in pieces)
    V = lines if start.V is None else start.V
    wanted = V if limit is None else min(V, limit)
    if wanted > lines:
        raise _cut(source.path, start, lines)
    if limit is None and lines > V:
        raise more_lines(source, pieces, V, first_line)
    return read_lines(source, pieces, wanted, start.D, first_line, decode)


def _read_binary(source, start, limit, decode):
    """Words, and rows that stay in the file if they are many."""
    path, V, D, size = source.path, start.V, start.D, 4 * start.D
    wanted = V if limit is None else min(V, limit)
    spelt, places = _find_words(source, start.begin, wanted, size)
    # gensim writes none after rows
    newline = len(places) and source.read(places[0] + size, places[0] + size + 1) == b"\n"
    spelt[:1] = [word.lstrip(b"\r\n") for word in spelt[:1]]
    letters = b"".join([*spelt, b"\n"]) if newline else b"\n".join([*spelt, b""])
    if newline and (row := _first_unended(letters, spelt)) is not None:
        raise _misread(path, row, spelt[row])
    if len(places) < wanted or places[-1] + size > len(source):
        raise _cut(path, start, int((places + size <= len(source)).sum()))
    end = int(places[-1]) + size
    if newline and source.read(end, end + 1) not in (b"\n", b""):
        raise _misread(path, wanted - 1, spelt[-1])
    if limit is None and source.read(end, end + 3).strip():
        raise VectorsError(
            f"{path}: goes on after its {V:,} words; its header is wrong or it is damaged;"
            f" limit={V} reads those"
        )
    if letters.count(b"\n") > wanted or (not newline and CONTROL.search(letters)):
        # Only a number can look like this: a word with a space in it has shifted what follows.
        shifted = (
            b"\n" in word[newline:] or (not newline and CONTROL.search(word)) for word in spelt
        )
        row = next(row for row, wrong in enumerate(shifted) if wrong)
        raise _misread(path, max(row - 1, 0), spelt[max(row - 1, 0)])
    table = FileRows(source, places, D)
    return decode(letters, 0), table if wanted * size > LARGE else np.asarray(table)


def _first_unended(letters, spelt):
    """The first row that does not end with a newline, which then begins what stands before the next
    row; or None.
    """
    sizes = np.fromiter(map(len, spelt), np.int64, len(spelt))
    ended = (np.frombuffer(letters, np.uint8)[np.cumsum(sizes)[:-1]] == 10) & (sizes[1:] > 0)
    return None if ended.all() else int(np.argmin(ended))


def _find_words(source, begin, most, size):
    """What stands before each row of ``size`` bytes and its space, list of bytes; and where the
    rows begin, int64 [n <= most].
    """
    spelt, places, at, step = [], [np.zeros(0, np.int64)], begin, size + 1
    while len(spelt) < most:
        piece, spaces = source.read(at, at + max(PIECE, size + MAX_WORD)), []
        find, append, space = piece.find, spaces.append, -step
        while (space := find(b" ", space + step)) >= 0:
            append(space)
        if not spaces:
            break  # the end of the file, or a word that is none
        spaces = spaces[: most - len(spelt)]
        starts = [0, *[space + step for space in spaces]]
        spelt += [piece[start:space] for start, space in zip(starts, spaces, strict=False)]
        places.append(np.array(spaces, np.int64) + (at + 1))
        at += starts[-1]
    return spelt, np.concatenate(places)


def _misread(path, row, word):
    shown = word.lstrip(b"\r\n")[:40].decode("utf-8", "replace")
    return VectorsError(
        f"{path}: row {row + 1} ({shown!r}) does not end where it should: its word holds a space,"
        " which this format cannot hold, or the file is damaged; write it as text, or with _ for"
        " the space"
    )


def _decode(path, letters, row, errors):
    """Words from their bytes, a newline after each;  row : the number of the first, for errors."""
    try:
        return letters.decode("utf-8", errors).split("\n")[:-1]
    except UnicodeDecodeError as error:
        before = letters[: error.start].count(b"\n")
        shown = repr(letters.split(b"\n")[before][:40])[:60]
        raise UndecodableVectorsError(
            f"{path}: word {row + before + 1} is not UTF-8: {shown}; the file is damaged, or the"
            " word before it holds a space; if only this word was cut, fastw2v convert"
            " --encoding-errors replace reads the others"
        ) from None


def _cut(path, start, rows):
    """A VectorsError for a file with fewer words than its header says."""
    said = (
        f"{path}: its header says {start.V:,} words of {start.D:,} numbers, but the file is too"
        " small for them: it holds"
    )
    way = (
        f"; it was cut short, or its header is wrong: limit={rows} (fastw2v convert -n {rows})"
        " reads those"
        if rows
        else ""
    )
    return TruncatedVectorsError(f"{said} {rows:,} words{way}")
