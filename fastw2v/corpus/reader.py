"""Any source of text as blocks of bytes that cut no word: files, directories, globs, pipes, compressed or not, token lists."""

import bz2
import glob
import gzip
import io
import lzma
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastw2v.errors import CorpusError
from fastw2v.files import reason

BLOCK = 2 << 20  # bytes read at a time
PADDING = 128  # spaces after a block, so that whole vectors can be read from any place in it
SPACES = b" \t\n\r\x0b\x0c"  # what bytes.split() splits at
MAGIC = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
ZSTD = b"\x28\xb5\x2f\xfd"
ENCODED = b"fw2v\x00ids"  # the first bytes of an encoded corpus


@dataclass
class Block:
    """Bytes data[:size] of a source, from byte ``offset`` on, followed by PADDING spaces.

    source : its name, for errors;  first_line, line_start : number (from 1) and offset of the line it begins in;
    ends : whether the source ends here, and its last line with it;  sentences : the token lists it was made from.
    """

    data: np.ndarray
    size: int
    source: str
    offset: int
    first_line: int
    line_start: int
    ends: bool
    sentences: list | None = None


def find_files(corpus):
    """The files that paths, directories (everything in them but hidden files, sorted) and globs name; "-" is standard input."""
    files = []
    for name in [corpus] if isinstance(corpus, (str, Path)) else corpus:
        try:
            files += _find(name)
        except (OSError, ValueError) as error:
            said = "too long to be a path; to train on text itself, give token lists"
            said = said if len(str(name)) > 255 else reason(error) if isinstance(error, OSError) else error
            raise CorpusError(f"{str(name)[:60]}: {said}") from error
    return files


def _find(name):
    path = Path(name)
    if not str(name):
        raise CorpusError("the name of the corpus is empty")
    if str(name) == "-" or (path.exists() and not path.is_dir()):
        return [name]
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        if not inside:
            raise CorpusError(f"{name}: the directory holds no files; give a text file, or a directory of them")
        return inside
    if matches := sorted(glob.glob(str(name), recursive=True)):
        return [match for match in matches if Path(match).is_file()] or [f for match in matches for f in _find(match)]
    raise CorpusError(f"{name}: no such file or directory")


def _hidden(path):
    return any(part.startswith(".") for part in path.parts)


def size_on_disk(files):
    """Bytes of text in all files together; 0 if that is not known: for pipes, and for compressed files."""
    for name in files:
        if str(name) == "-" or not Path(name).is_file():
            return 0
        with open(name, "rb") as file:
            if file.read(6).startswith((*MAGIC, ZSTD)):
                return 0
    return sum(Path(name).stat().st_size for name in files)


def file_blocks(files):
    """Blocks of all files, one after the other. Raises CorpusError, naming the file."""
    for name in files:
        try:
            with _open(name) as stream:
                yield from _stream_blocks(stream, "standard input" if str(name) == "-" else str(name))
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            said = reason(error) if isinstance(error, OSError) else error
            raise CorpusError(f"{name}: cannot be read: {said}") from error


def _open(name):
    if str(name) == "-" and sys.stdin is None:
        raise CorpusError("standard input is closed")
    raw = open(sys.stdin.fileno(), "rb", closefd=False) if str(name) == "-" else open(name, "rb")
    head = raw.peek(8)[:8]
    for magic, opener in MAGIC.items():
        if head.startswith(magic):
            return opener(raw, "rb")
    if head.startswith(ZSTD):
        return _open_zstd(raw, name)
    if head.startswith(ENCODED):
        raise CorpusError(f"{name}: is an encoded corpus; train on it alone, by its own name")
    return raw


def _open_zstd(raw, name):
    try:
        import zstandard
    except ImportError as error:
        said = "is compressed with zstd; pip install 'fastw2v[zstd]', or decompress it first"
        raise CorpusError(f"{name}: {said}") from error
    return io.BufferedReader(_Zstd(raw, zstandard))


class _Zstd(io.RawIOBase):
    """A stream of zstd frames. (zstandard's own reader takes a file that was cut short for a whole one.)"""

    def __init__(self, raw, zstandard):
        self.raw, self.zstandard, self.frame, self.ready = raw, zstandard, None, b""

    def readable(self):
        """Yes."""
        return True

    def readinto(self, view):
        """Fill a buffer; returns how many bytes, 0 at the end. Raises EOFError if that comes too early."""
        while not len(self.ready):
            data = self.raw.read(BLOCK // 16)
            if not data and self.frame is not None:
                raise EOFError("compressed file ended before its end-of-frame marker was reached")
            if not data:
                return 0
            self.ready = memoryview(self._decompress(data))
        n = min(len(view), len(self.ready))
        view[:n], self.ready = self.ready[:n], self.ready[n:]
        return n

    def _decompress(self, data):
        made = []
        while data:
            self.frame = self.frame or self.zstandard.ZstdDecompressor().decompressobj()
            try:
                made.append(self.frame.decompress(data))
            except self.zstandard.ZstdError as error:
                raise EOFError(error) from error
            data = self.frame.unused_data if self.frame.eof else b""
            self.frame = None if self.frame.eof else self.frame
        return b"".join(made)


def _stream_blocks(stream, source):
    size, rest, offset, line, line_start = BLOCK, b"", 0, 1, 0
    while True:
        raw = bytearray(size + PADDING)
        raw[: len(rest)] = rest
        filled = len(rest) + _fill(stream, memoryview(raw)[len(rest) : size])
        ends, data = filled < size, np.frombuffer(raw, np.uint8)
        stop = filled if ends else _last_space(data, len(rest), filled)
        if not stop and not ends:  # a word longer than the block
            rest, size = raw[:filled], 2 * size
            continue
        rest = raw[stop:filled]
        size = BLOCK if len(rest) < BLOCK // 2 else 2 * len(rest)
        newlines, newline = np.count_nonzero(data[:stop] == ord("\n")), raw.rfind(b"\n", 0, stop)
        data[stop : stop + PADDING] = ord(" ")
        yield Block(data, stop, source, offset, line, line_start, ends)
        if ends:
            return
        line, line_start = line + newlines, offset + newline + 1 if newline >= 0 else line_start
        offset += stop


def _fill(stream, view):
    """Read until the view is full or the stream ends (pipes give less at a time)."""
    done = 0
    while done < len(view):
        read = stream.readinto(view[done:])
        if not read:
            break
        done += read
    return done


def _last_space(buffer, start, stop):
    """Where the last white space in buffer[start:stop] ends, or 0 if there is none."""
    step = 4096
    while stop > start:
        begin = max(start, stop - step)
        places = _spaces(buffer[begin:stop])
        if len(places):
            return begin + int(places[-1]) + 1
        stop, step = begin, step * 2
    return 0


def _spaces(some):
    return np.flatnonzero((some == ord(" ")) | ((some >= 9) & (some <= 13)))


def sentence_blocks(sentences):
    """Blocks made of an iterable of token lists, one line each. Raises CorpusError for what is not one."""
    if isinstance(sentences, (bytes, dict)) or not hasattr(sentences, "__iter__"):
        raise CorpusError(f"a corpus is a path, paths, or an iterable of token lists, not {type(sentences).__name__}")
    batch, size, first = [], 0, 0
    for number, sentence in enumerate(sentences):
        tokens = _tokens(sentence, number)
        batch.append(tokens)
        size += sum(map(len, tokens)) + len(tokens) + 1
        if size >= BLOCK:
            yield _sentence_block(batch, first)
            batch, size, first = [], 0, number + 1
    yield _sentence_block(batch, first)


def _tokens(sentence, number):
    if isinstance(sentence, (str, bytes)):
        raise CorpusError(f"sentence {number}: is a string; give a list of tokens, as text.split() makes it")
    try:
        return [token if isinstance(token, str) else _as_text(token, number) for token in sentence]
    except TypeError as error:
        raise CorpusError(f"sentence {number}: is a {type(sentence).__name__}, not a list of tokens") from error


def _as_text(token, number):
    if token is None or isinstance(token, bytes):
        raise CorpusError(f"sentence {number}: the token {token!r} is no text; decode it, or leave it out")
    return str(token)


def _sentence_block(batch, first):
    text = "\n".join(" ".join(tokens) for tokens in batch)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"sentences from {first} on: {text[error.start]!r} cannot be written as UTF-8") from error
    padded = np.frombuffer(data + b" " * PADDING, np.uint8)
    return Block(padded, len(data), "the sentences", 0, first, 0, True, sentences=batch)


def check_tokens(block, found):
    """Raise CorpusError unless a block holds its sentences' tokens, ``found`` of them, and no other white space."""
    if block.sentences is None:
        return
    text, tokens = block.data[: block.size].tobytes(), sum(map(len, block.sentences))
    between = sum(len(sentence) - 1 for sentence in block.sentences if sentence) + len(block.sentences[1:])
    if found == tokens and between == sum(text.count(space) for space in SPACES):
        return
    for number, sentence in enumerate(block.sentences, block.first_line):
        for token in sentence:
            if token.encode().split() != [token.encode()]:
                what = "is empty" if not token else "holds white space"
                raise CorpusError(f"sentence {number}: the token {token!r} {what}; replace it, for instance by '_'")


def clean_block(block, errors, lowercase):
    """The block with its text in lower case, or its invalid bytes replaced or ignored; itself if nothing is to be done."""
    if errors == "strict" and not lowercase:
        return block
    raw = block.data[: block.size].tobytes()
    try:
        text = raw.decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise not_utf8(block, error.start) from error
    data = (text.lower() if lowercase else text).encode()
    block.data, block.size = np.frombuffer(data + b" " * PADDING, np.uint8), len(data)
    return block


def not_utf8(block, place):
    """The error for an invalid byte at data[place] of a block."""
    before = block.data[:place].tobytes()
    line, newline = block.first_line + before.count(b"\n"), before.rfind(b"\n")
    column = place - newline if newline >= 0 else block.offset + place - block.line_start + 1
    return CorpusError(
        f"{block.source}:{line}: byte 0x{block.data[place]:02x} at column {column} is not UTF-8;"
        " pass --encoding-errors replace to keep going"
    )
