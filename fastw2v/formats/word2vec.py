"""word2vec's two file formats, as word2vec.c and gensim write them, and GloVe's.

text    a line "V D", then a line "word v1 ... vD" for each word, numbers in their shortest float32
        form.
binary  a line "V D", then for each word its bytes, a space, D little-endian float32 and a newline
        (word2vec.c writes the newline, gensim does not; both are read).
glove   text without its first line.
"""

import bz2
import gzip
import lzma
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import TruncatedVectorsError, UndecodableVectorsError, VectorsError, quoted
from fastw2v.file_types import file_type
from fastw2v.files import atomic_write
from fastw2v.formats.content import (
    HEAD_BYTES,
    MAX_D,
    MAX_WORD_BYTES,
    WORD2VEC,
    Content,
    ReadOptions,
    content_of,
    not_vectors,
)
from fastw2v.formats.rows import LARGE, FileRows
from fastw2v.formats.sources import FileBytes, open_source
from fastw2v.formats.text_lines import LineReader, lines_of, more_lines, written_lines
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import Table, all_finite, blocks, lengths
from fastw2v.vectors.word_vectors import WordVectors

CONTROL = re.compile(rb"[\x00-\x09\x0b-\x20\x7f]")
PIECE_BYTES = 1 << 21  # of a binary file in which words are looked for together

Decode = Callable[[bytes, int], list[str]]


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write words and vectors, whole or not at all. Raises VectorsError, OutputError."""
    for word in vectors.words:
        if word.encode().split() != [word.encode()]:
            raise VectorsError(
                f"the word {quoted(word)} is empty or holds white space; these formats cannot"
                " hold it"
            )
    check_writable_table(path, vectors.table)
    if format == "glove":
        _check_headerless(path, vectors)
    with atomic_write(path) as file, compressed(path, file) as out:
        if format != "glove":
            out.write(f"{len(vectors)} {vectors.table.shape[1]}\n".encode())
        written = written_rows if format == "binary" else written_lines
        for piece in written(vectors.words, vectors.table):
            out.write(piece)


def _check_headerless(path: AnyPath, vectors: WordVectors) -> None:
    """Raise VectorsError if a file without a header would not be read as what it holds."""
    head = b"".join(written_lines(vectors.words[:2], np.asarray(vectors.table[:2])))[:HEAD_BYTES]
    try:
        content = content_of(head, path)
        read = (content.format, content.begin, content.D)
        right = not file_type(head) and read == ("glove", 0, vectors.table.shape[1])
    except VectorsError:
        right = False
    if not right:
        raise VectorsError(
            f"{shown(path)}: GloVe's format has no header, so a first word"
            f" {quoted(vectors.words[0])} with {vectors.table.shape[1]} numbers would not be read"
            " again; write .txt or .bin"
        )


def check_writable_table(path: AnyPath, table: Table) -> None:
    """Raise VectorsError if a table has no rows, no dimensions, or numbers that are not finite."""
    if 0 in table.shape or not all_finite(table):
        raise VectorsError(
            f"{shown(path)}: there are no vectors to write, or some are not finite numbers"
        )


@contextmanager
def compressed(path: AnyPath, file: IO[bytes]) -> Iterator[Any]:
    """The file itself, or one that compresses what is written to it if the name ends so; the same
    bytes at any time of day.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".zip":
        member = zipfile.ZipInfo(Path(path).stem)  # dated 1980
        member.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(file, "w") as archive,
            archive.open(member, "w", force_zip64=True) as out,
        ):
            yield out
        return
    if suffix not in COMPRESSORS:
        yield file
        return
    with COMPRESSORS[suffix](file) as out:
        yield out


def _zstd(file: IO[bytes]) -> Any:
    from zstandard import ZstdCompressor

    return ZstdCompressor(write_checksum=True).stream_writer(file, closefd=False)


COMPRESSORS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda file: gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0),
    ".bz2": lambda file: bz2.BZ2File(file, "wb"),
    ".xz": lambda file: lzma.LZMAFile(file, "wb", preset=1),
    ".zst": _zstd,
}


def written_rows(words: Sequence[str], vectors: Table) -> Iterator[bytes]:
    """The bytes of a binary file after its header, a block of rows at a time."""
    size = vectors.shape[1] * 4
    for rows in blocks(vectors):
        raw = np.ascontiguousarray(vectors[rows], "<f4").tobytes()
        yield b"".join(
            word.encode() + b" " + raw[i * size : (i + 1) * size] + b"\n"
            for i, word in enumerate(words[rows])
        )


def read(
    path: AnyPath, format: str | None = None, options: ReadOptions | None = None
) -> WordVectors:
    """Read a file of any of these formats, compressed or not; of ``format``, or by its content.

    Raises VectorsError.
    """
    source = open_source(path)
    return load(source, content_of(source.read(0, HEAD_BYTES), path, format), options)


def load(source: FileBytes, content: Content, options: ReadOptions | None = None) -> WordVectors:
    """Read FileBytes that begin with this Content. Raises VectorsError."""
    path, options = source.path, options or ReadOptions()
    if content.format not in WORD2VEC:
        raise not_vectors(path, "fastw2v.load reads it")
    if content.D > MAX_D:
        raise not_vectors(
            path, f"it says that vectors have {content.D:,} numbers, more than {MAX_D:,}"
        )

    def decode(letters: bytes, row: int) -> list[str]:
        return _decode(path, letters, row, options)

    words, table = (_load_binary if content.format == "binary" else _load_text)(
        source, content, options, decode
    )
    norms, bad = lengths(table)
    if bad is not None:
        raise VectorsError(
            f"{shown(path)}: the vector of {quoted(words[bad])} (row {bad + 1}) is not finite; the"
            " file is damaged"
        )
    return WordVectors(words, table, lengths=norms)


def _load_text(
    source: FileBytes, content: Content, options: ReadOptions, decode: Decode
) -> tuple[list[str], Table]:
    limit, first_line = options.limit, 1 if content.format == "glove" else 2
    pieces = lines_of(source, content.begin, content.D, first_line, limit)
    lines = sum(piece.lines for piece in pieces)
    V = lines if content.V is None else content.V
    count = V if limit is None else min(V, limit)
    if count > lines:
        raise _too_few_words(source.path, content, lines)
    if limit is None and lines > V:
        raise more_lines(source, pieces, V, first_line)
    table = np.empty((count, content.D), options.dtype)
    return LineReader(source, first_line, decode, table).read(pieces), table


def _load_binary(
    source: FileBytes, content: Content, options: ReadOptions, decode: Decode
) -> tuple[list[str], Table]:
    """Words, and rows that stay in the file if they are many."""
    path, V, size, limit = source.path, content.V or 0, 4 * content.D, options.limit
    count = V if limit is None else min(V, limit)
    spelt, offsets = _find_words(source, content.begin, count, size)
    # gensim writes none after rows
    newline = len(offsets) and source.read(offsets[0] + size, offsets[0] + size + 1) == b"\n"
    spelt[:1] = [word.lstrip(b"\r\n") for word in spelt[:1]]
    letters = b"".join([*spelt, b"\n"]) if newline else b"\n".join([*spelt, b""])
    if newline and (row := _first_unterminated(letters, spelt)) is not None:
        raise _row_end_error(path, row, spelt[row])
    if len(offsets) < count or offsets[-1] + size > len(source):
        raise _too_few_words(path, content, int((offsets + size <= len(source)).sum()))
    end = int(offsets[-1]) + size
    if newline and source.read(end, end + 1) not in (b"\n", b""):
        raise _row_end_error(path, count - 1, spelt[-1])
    if limit is None and source.read(end, end + 3).strip():
        raise VectorsError(
            f"{shown(path)}: has more data after its {V:,} words; its header is wrong or it is"
            f" damaged; limit={V} reads those"
        )
    if letters.count(b"\n") > count or (not newline and CONTROL.search(letters)):
        # Only a number can look like this: a word with a space in it has shifted what follows.
        shifted = (
            b"\n" in word[newline:] or (not newline and CONTROL.search(word)) for word in spelt
        )
        row = next(row for row, wrong in enumerate(shifted) if wrong)
        raise _row_end_error(path, max(row - 1, 0), spelt[max(row - 1, 0)])
    table = FileRows(source, offsets, content.D)
    return decode(letters, 0), table if count * size > LARGE else np.asarray(table)


def _first_unterminated(letters: bytes, spelt: list[bytes]) -> int | None:
    """The first row that does not end with a newline, which then begins what comes before the next
    row; or None.
    """
    sizes = np.fromiter(map(len, spelt), np.int64, len(spelt))
    ended = (np.frombuffer(letters, np.uint8)[np.cumsum(sizes)[:-1]] == 10) & (sizes[1:] > 0)
    return None if ended.all() else int(np.argmin(ended))


def _find_words(
    source: FileBytes, begin: int, limit: int, size: int
) -> tuple[list[bytes], NDArray[np.int64]]:
    """The bytes before each row of ``size`` bytes and its space, and where the rows begin,
    [n <= limit].
    """
    spelt: list[bytes] = []
    offsets, position, step = [np.zeros(0, np.int64)], begin, size + 1
    while len(spelt) < limit:
        piece = source.read(position, position + max(PIECE_BYTES, size + MAX_WORD_BYTES))
        spaces: list[int] = []
        find, append, space = piece.find, spaces.append, -step
        while (space := find(b" ", space + step)) >= 0:
            append(space)
        if not spaces:
            break  # the end of the file, or a word that is none
        spaces = spaces[: limit - len(spelt)]
        starts = [0, *[space + step for space in spaces]]
        spelt += [piece[start:space] for start, space in zip(starts, spaces, strict=False)]
        offsets.append(np.array(spaces, np.int64) + (position + 1))
        position += starts[-1]
    return spelt, np.concatenate(offsets)


def _row_end_error(path: AnyPath, row: int, word: bytes) -> VectorsError:
    start = word.lstrip(b"\r\n")[:20].decode("utf-8", "replace")
    return VectorsError(
        f"{shown(path)}: row {row + 1} ({quoted(start)}) does not end where it should: its word"
        " holds a space, or the file is damaged; write it as text, or with _ for the space"
    )


def _decode(path: AnyPath, letters: bytes, row: int, options: ReadOptions) -> list[str]:
    """Words from their bytes, a newline after each;  row : the number of the first, for errors."""
    try:
        return letters.decode(options.encoding, options.encoding_errors).split("\n")[:-1]
    except UnicodeDecodeError as error:
        before = letters[: error.start].count(b"\n")
        start = repr(letters.split(b"\n")[before][:8])
        name = "UTF-8" if is_utf8_name(options.encoding) else options.encoding
        raise UndecodableVectorsError(
            f"{shown(path)}: word {row + before + 1} is not {name}: {start}; the file is damaged,"
            " or a word holds a space; --encoding-errors replace reads the other words"
        ) from None


def is_utf8_name(encoding: str) -> bool:
    """Whether an encoding is UTF-8 by its name."""
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def _too_few_words(path: AnyPath, content: Content, rows: int) -> VectorsError:
    """The error for a file with fewer words than its header says."""
    advice = (
        f"; it was cut short, or its header is wrong: limit={rows} (fastw2v convert -n {rows})"
        " reads those"
        if rows
        else ""
    )
    return TruncatedVectorsError(
        f"{shown(path)}: its header says {content.V:,} words of {content.D:,} numbers, but the file"
        f" is too small for them: it holds {rows:,} words{advice}"
    )
