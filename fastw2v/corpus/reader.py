"""Any source of text as blocks of bytes that cut no word: files, directories, globs, pipes, compressed or not, token lists."""

import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastw2v.corpus.signs import UTF8, check_beginning, check_zeros
from fastw2v.corpus.streams import HEAD, fill, open_stream, packing
from fastw2v.errors import CorpusError
from fastw2v.files import reason

BLOCK = 2 << 20  # bytes read at a time
PADDING = 128  # spaces after a block, so that whole vectors can be read from any place in it
SPACES = b" \t\n\r\x0b\x0c"  # what bytes.split() splits at
LONGEST = 16 << 20  # bytes of the longest word: what is held in memory does not grow without an end


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
            said = said if len(str(name)) > 255 else reason(error)
            raise CorpusError(f"{str(name)[:60]}: {said}") from error
    return files


def _find(name):
    path = Path(name)
    if not str(name):
        raise CorpusError("the name of the corpus is empty")
    if str(name) == "-":
        return [name]
    if path.exists() and not path.is_dir():
        return [_readable(name)]
    if path.is_dir():
        found, said = _plain_files(_inside(path)), "the directory holds no files; give a text file, or a directory of them"
    else:
        matches = sorted(glob.glob(str(name), recursive=True))
        found, said = _plain_files(matches) or [f for match in matches for f in _find(match)], "no such file or directory"
    if not found:
        raise CorpusError(f"{name}: {said}")
    return found


def _inside(top):
    """All that is in a directory but other directories and what is hidden, sorted; links are followed, each directory once."""
    seen, found = set(), []
    for folder, folders, names in os.walk(top, onerror=_refuse, followlinks=True):
        here = _identity(os.stat(folder))
        new = here not in seen
        seen.add(here)
        found += [Path(folder, name) for name in names if new and not name.startswith(".")]
        folders[:] = sorted(name for name in folders if new and not name.startswith("."))
    return found


def _refuse(error):
    raise CorpusError(f"{error.filename}: cannot be read: {reason(error)}") from error


def _plain_files(names):
    """Those that are plain files, each once, by whatever links it is found. Raises CorpusError for one that cannot be read."""
    folders, seen, found = {}, set(), []
    for name in sorted(names, key=lambda name: (len(str(name)), str(name))):
        folder, last = os.path.split(name)
        if folder not in folders:
            folders[folder] = _identity(os.stat(folder or "."))
        if (entry := (folders[folder], last)) in seen:  # a link has led in a circle
            continue
        seen.add(entry)
        if os.path.islink(name) and not os.path.exists(name):
            raise CorpusError(f"{name}: is a link to nothing; remove it, or bring back what it should lead to")
        state = os.stat(name)
        if stat.S_ISREG(state.st_mode) and (_identity(state) not in seen or state.st_nlink > 1):
            seen.add(_identity(state))
            found.append(_readable(name))
    return sorted(found)


def _identity(state):
    return state.st_dev, state.st_ino


def _readable(name):
    if not os.access(name, os.R_OK):
        raise CorpusError(f"{name}: cannot be read: permission denied")
    return name


def size_on_disk(files):
    """Bytes of text in all files together; 0 if that is not known: for pipes, and for compressed files."""
    size = 0
    for name in files:
        if str(name) == "-" or not Path(name).is_file():
            return 0
        try:
            with open(name, "rb") as file:
                if packing(file.read(HEAD)):
                    return 0
                size += os.fstat(file.fileno()).st_size
        except OSError:
            return 0  # whoever reads it will say what is wrong with it
    return size


def file_blocks(files, notify=lambda event: None):
    """Blocks of all files, one after the other; notify(Notice) is told what is strange. Raises CorpusError, naming the file."""
    for name in files:
        try:
            with open_stream(name, notify) as stream:
                yield from _stream_blocks(stream, "standard input" if str(name) == "-" else str(name), notify)
        except OSError as error:
            raise CorpusError(f"{name}: cannot be read: {reason(error)}") from error


def _stream_blocks(stream, source, notify):
    size, rest, offset, line, line_start, told = BLOCK, b"", 0, 1, 0, False
    while True:
        raw = bytearray(size + PADDING)
        raw[: len(rest)] = rest
        filled = len(rest) + fill(stream, memoryview(raw)[len(rest) : size])
        ends, data = filled < size, np.frombuffer(raw, np.uint8)
        if not offset and not rest:
            check_beginning(raw[:filled], source)
            data[: len(UTF8) * raw.startswith(UTF8)] = ord(" ")
        stop = filled if ends else _last_space(data, len(rest), filled)
        block = Block(data, stop or filled, source, offset, line, line_start, ends)
        notice = check_zeros(raw, block.size, lambda place, block=block: "{}:{}: column {}".format(*_where(block, place)))
        if not stop and not ends:  # a word longer than the block
            if size > LONGEST:
                raise _too_long(block)
            rest, size = raw[:filled], min(2 * size, LONGEST + 1)
            continue
        if notice and not told:
            told = True
            notify(notice)
        rest = raw[stop:filled]
        size = BLOCK if len(rest) < BLOCK // 2 else min(2 * len(rest), LONGEST + 1)
        newlines, newline = np.count_nonzero(data[:stop] == ord("\n")), raw.rfind(b"\n", 0, stop)
        data[stop : stop + PADDING] = ord(" ")
        yield block
        if ends:
            return
        line, line_start = line + newlines, offset + newline + 1 if newline >= 0 else line_start
        offset += stop


def _too_long(block):
    where = "{}:{}: column {}".format(*_where(block, 0))
    return CorpusError(f"{where} begins a word of more than {LONGEST >> 20} MB; is this text? Words stand between white space")


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
    source, line, column = _where(block, place)
    return CorpusError(
        f"{source}:{line}: byte 0x{block.data[place]:02x} at column {column} is not UTF-8;"
        " pass --encoding-errors replace to keep going"
    )


def _where(block, place):
    """The source, line and column (both from 1) of a place in a block."""
    before = block.data[:place].tobytes()
    newline = before.rfind(b"\n")
    column = place - newline if newline >= 0 else block.offset + place - block.line_start + 1
    return block.source, block.first_line + before.count(b"\n"), column
