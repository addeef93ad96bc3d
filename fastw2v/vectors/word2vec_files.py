"""word2vec's two file formats, as word2vec.c and gensim write them.

text    a line "V D", then a line "word v1 ... vD" for each word, numbers in their shortest float32 form.
binary  a line "V D", then for each word its bytes, a space, D little-endian float32 and a newline (word2vec.c writes
        the newline, gensim does not; both are read).
"""

from pathlib import Path

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_write, reason
from fastw2v.vectors.word_vectors import WordVectors

FORMATS = ("binary", "text")
SUFFIXES = {".bin": "binary", ".txt": "text", ".vec": "text"}
ROWS = 4096  # written or read at a time
MAX_HEADER = 100  # bytes


def format_of(path, format=None):
    """ "binary" or "text", as given or by the path's suffix; binary for any other suffix."""
    if format is not None and format not in FORMATS:
        raise VectorsError(f"format must be binary or text, got {format!r}")
    return format or SUFFIXES.get(Path(path).suffix.lower(), "binary")


def write(path, words, vectors, format=None):
    """Write words and vectors [V, D], whole or not at all. Raises VectorsError for what a file cannot hold."""
    for word in words:
        if word.encode().split() != [word.encode()]:
            raise VectorsError(f"the word {word!r} is empty or holds white space; these formats cannot hold it")
    if not len(words) or not np.isfinite(vectors).all():
        raise VectorsError(f"{path}: there are no vectors to write, or some are not finite numbers")
    lines = _binary_rows if format_of(path, format) == "binary" else _text_rows
    with atomic_write(path) as out:
        out.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for first in range(0, len(words), ROWS):
            rows = np.ascontiguousarray(vectors[first : first + ROWS], "<f4")
            out.write(b"".join(lines(words[first : first + ROWS], rows)))


def _binary_rows(words, rows):
    raw, size = rows.tobytes(), rows.shape[1] * 4
    for i, word in enumerate(words):
        yield word.encode() + b" " + raw[i * size : (i + 1) * size] + b"\n"


def _text_rows(words, rows):
    for word, row in zip(words, rows, strict=True):
        yield " ".join([word, *(str(x).removesuffix(".0") for x in row)]).encode() + b"\n"


def read(path, format=None):
    """Read a file of either format, by its content unless ``format`` says which. Raises VectorsError."""
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise VectorsError(f"{path}: is not a plain file; vectors are read from files, not from pipes or directories")
        data = np.memmap(path, np.uint8, "r") if Path(path).stat().st_size else np.empty(0, np.uint8)
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    V, D, begin = _header(path, data)
    if format is None:
        format = "text" if _looks_like_text(data, begin, D) else "binary"
    size = 4 * D + 2 if format_of(path, format) == "binary" else 2 * D + 2
    if V * size - 1 > len(data) - begin:
        raise VectorsError(f"{path}: its header says {V:,} words of {D} numbers, but the file is too small for them")
    reader = _read_binary if format == "binary" else _read_text
    words, vectors = reader(path, data, begin, V, D)
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise VectorsError(f"{path}: the vector of {words[row]!r} (row {row + 1}) is not finite; the file is damaged")
    return WordVectors(words, vectors)


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


def _looks_like_text(data, begin, D):
    """Whether the first row is a word and D numbers in digits."""
    head = data[begin : begin + 4096 + 64 * min(D, 65536)].tobytes().partition(b"\n")[0]
    try:
        return len([float(field) for field in head.rstrip(b" \r").rsplit(b" ", D)[1:]]) == D
    except ValueError:
        return False


def _read_binary(path, data, begin, V, D):
    words, vectors, raw = [], np.empty((V, D), np.float32), data.data
    size, place = 4 * D, begin
    for row in range(V):
        window, space = 256, -1
        while space < 0:
            head = bytes(raw[place : place + window])
            space = head.find(b" ")
            if space < 0 and place + window >= len(data):
                raise _cut(path, row, V)
            window *= 4
        end = place + space + 1 + size
        if end > len(data):
            raise _cut(path, row, V)
        words.append(_word(path, head[:space].lstrip(b"\r\n"), row))
        vectors[row] = np.frombuffer(raw[end - size : end], "<f4")
        place = end
    if bytes(raw[place : place + 2]).strip():
        raise VectorsError(f"{path}: goes on after its {V:,} words; its header is wrong or it is damaged")
    return words, vectors


def _read_text(path, data, begin, V, D):
    words, vectors, row = [], np.empty((V, D), np.float32), 0
    with open(path, "rb") as file:
        file.seek(begin)
        for line in file:
            line = line.rstrip(b" \r\n")
            if row == V and line:
                raise VectorsError(f"{path}:{row + 2}: goes on after its {V:,} words; its header is wrong")
            if row == V:
                continue
            fields = line.rsplit(b" ", D)
            if len(fields) != D + 1:
                raise VectorsError(f"{path}:{row + 2}: should hold a word and {D} numbers")
            try:
                vectors[row] = np.array(fields[1:], np.float32)
            except ValueError as error:
                raise VectorsError(f"{path}:{row + 2}: {error}") from None
            words.append(_word(path, fields[0], row))
            row += 1
    if row < V:
        raise _cut(path, row, V)
    return words, vectors


def _word(path, raw, row):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise VectorsError(f"{path}: word {row + 1} is not UTF-8: {raw[:40]!r}; the file is damaged") from None


def _cut(path, row, V):
    return VectorsError(f"{path}: ends after {row:,} of its {V:,} words; it was cut short")
