"""Any source of text as blocks of bytes that cut no word: files, directories, globs, pipes,
compressed or not, token lists.
"""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from fastw2v.corpus.columns import column_names
from fastw2v.corpus.file_types import check_file_type, check_zeros
from fastw2v.corpus.streams import SnapshotFile, open_stream
from fastw2v.corpus.text_types import check_text_type
from fastw2v.errors import GIVE_TOKEN_LISTS, REPLACE_BYTES, CorpusError
from fastw2v.events import Notify, ignore
from fastw2v.file_types import QUERY, UTF8
from fastw2v.files import reason
from fastw2v.packing import HEAD, Unpacked, fill, packing
from fastw2v.paths import AnyPath, shown

Name = TypeVar("Name", str, Path)

BLOCK = 2 << 20  # bytes read at a time
PADDING = 128  # spaces after a block, so that whole vectors can be read from any place in it
SPACES = b" \t\n\r\x0b\x0c"  # what bytes.split() splits at
SPLIT = f"{GIVE_TOKEN_LISTS}: [text.split() for text in texts]"
MAX_WORD_BYTES = 16 << 20  # limits the memory for a block


@dataclass(frozen=True)
class Origin:
    """Token lists that a block of text was made from.

    Attributes
    ----------
    rows
        The token lists.
    tokens
        Number of tokens in them.
    spaces
        White space between them, in bytes, in a block of text.
    unit
        Name of a row in errors, before its number.
    """

    rows: Iterable[Sequence[str]]
    tokens: int
    spaces: int
    unit: str = "sentence"


@dataclass
class Block:
    """Bytes data[:size] of a source, from byte ``offset`` on, followed by PADDING spaces.

    Attributes
    ----------
    source
        Name of the source, for errors.
    first_line, line_start
        Number (from 1) and byte offset of the line that the block begins in.
    ends
        Whether the source ends with this block.
    origin
        Token lists that the block was made from, if any.
    """

    data: np.ndarray
    size: int
    source: str
    offset: int
    first_line: int
    line_start: int
    ends: bool
    origin: Origin | None = None


def find_files(corpus: AnyPath | Iterable[AnyPath]) -> list[str | Path]:
    """The files that paths, directories (everything in them but hidden files, sorted) and globs
    name; "-" is standard input.
    """
    files: list[str | Path] = []
    for name in [corpus] if isinstance(corpus, (str, os.PathLike)) else corpus:
        try:
            files += _find(os.fsdecode(name))
        except (OSError, ValueError) as error:
            message = (
                f"too long to be a path; {SPLIT}" if len(os.fsdecode(name)) > 255 else reason(error)
            )
            raise CorpusError(f"{shown(name)}: {message}") from error
    return files


def _find(name: str) -> Sequence[str | Path]:
    path = Path(name)
    if not str(name):
        raise CorpusError("the name of the corpus is empty")
    if str(name) == "-":
        return [name]
    if path.exists() and not path.is_dir():
        return [_readable(name)]
    if path.is_dir() and (path / "model.safetensors").is_file():
        raise CorpusError(f"{shown(name)}: holds a model, no text to train on; {QUERY}")
    if path.is_dir():
        found: Sequence[str | Path] = _plain_files(_inside(path))
        message = "the directory holds no files; give a text file, or a directory of them"
    else:
        matches = sorted(glob.glob(str(name), recursive=True))
        found = _plain_files(matches) or [f for match in matches for f in _find(match)]
        message = "no such file or directory"
        message += f"; {SPLIT}" if _may_be_text(str(name)) else ""
    if not found:
        raise CorpusError(f"{shown(name)}: {message}")
    return found


def _may_be_text(name: str) -> bool:
    """Whether a name that no file has may be meant as text: it holds white space, or nothing that
    is common in paths.
    """
    return len(name.split()) > 1 or not any(character in name for character in "./*" + os.sep)


def _inside(top: Path) -> list[Path]:
    """The files in a directory and those below it, without hidden ones; links are followed,
    each directory once.
    """
    seen, found = set[tuple[int, int]](), list[Path]()
    for folder, folders, names in os.walk(top, onerror=_refuse, followlinks=True):
        identity = _identity(os.stat(folder))
        new = identity not in seen
        seen.add(identity)
        found += [Path(folder, name) for name in names if new and not name.startswith(".")]
        folders[:] = sorted(name for name in folders if new and not name.startswith("."))
    return found


def _refuse(error: OSError) -> None:
    raise CorpusError(f"{error.filename}: cannot be read: {reason(error)}") from error


def _plain_files(names: Iterable[Name]) -> list[Name]:
    """Those that are plain files, each once, even if several links lead to it.

    Raises CorpusError for one that cannot be read.
    """
    folders: dict[str, tuple[int, int]] = {}
    seen: set[object] = set()
    found: list[Name] = []
    for name in sorted(names, key=lambda name: (len(str(name)), str(name))):
        folder, last = os.path.split(name)
        if folder not in folders:
            folders[folder] = _identity(os.stat(folder or "."))
        if (entry := (folders[folder], last)) in seen:  # a link has led in a circle
            continue
        seen.add(entry)
        if os.path.islink(name) and not os.path.exists(name):
            raise CorpusError(
                f"{name}: is a link to nothing; remove it, or bring back what it should lead to"
            )
        state = os.stat(name)
        if stat.S_ISREG(state.st_mode) and (_identity(state) not in seen or state.st_nlink > 1):
            seen.add(_identity(state))
            found.append(_readable(name))
    return sorted(found)


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino


def _readable(name: Name) -> Name:
    if not os.access(name, os.R_OK):
        raise CorpusError(f"{name}: cannot be read: permission denied")
    return name


def size_on_disk(files: Iterable[AnyPath]) -> int:
    """Bytes of text in all files together; 0 if that is not known: for pipes, and for compressed
    files.
    """
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
            return 0  # reading it raises the error
    return size


def file_blocks(
    files: Iterable[AnyPath], notify: Notify = ignore, *, tokenize: bool = False
) -> Iterator[Block]:
    """Blocks of all files, one after the other; ``notify`` gets a Notice of what looks wrong.

    tokenize : whether the text is split into words later, at more than white space. Raises
    CorpusError, naming the file.
    """
    kinds: set[str] = set()  # that were noted: many files are often of one
    for name in files:
        try:
            with open_stream(name, notify) as stream:
                source = "standard input" if str(name) == "-" else str(name)
                yield from _stream_blocks(stream, source, notify, kinds, tokenize)
        except OSError as error:
            raise CorpusError(f"{name}: cannot be read: {reason(error)}") from error


def _check_beginning(
    head: bytearray, source: str, whole: bool, notify: Notify, kinds: set[str], tokenize: bool
) -> None:
    """Raise CorpusError if a source that begins with ``head`` is no text; notify of what looks
    wrong with it, each kind once.
    """
    check_file_type(bytes(head), source, lambda: column_names(source))
    text = bytes(head.removeprefix(UTF8))
    for kind, notice in check_text_type(text, source, whole, tokenize=tokenize):
        if kind not in kinds:
            kinds.add(kind)
            notify(notice)


def _stream_blocks(
    stream: SnapshotFile | Unpacked, source: str, notify: Notify, kinds: set[str], tokenize: bool
) -> Iterator[Block]:
    size, rest, notified = BLOCK, bytearray(), False
    offset, line, line_start = 0, 1, 0
    while True:
        raw = bytearray(size + PADDING)
        raw[: len(rest)] = rest
        filled = len(rest) + fill(stream, memoryview(raw)[len(rest) : size])
        ends, data = filled < size, np.frombuffer(raw, np.uint8)
        if not offset and not rest:
            _check_beginning(raw[:filled], source, ends, notify, kinds, tokenize)
            data[: len(UTF8) * raw.startswith(UTF8)] = ord(" ")
        stop = filled if ends else _last_space(data, len(rest), filled)
        block = Block(data, stop or filled, source, offset, line, line_start, ends)
        notice = check_zeros(raw, block.size, partial(_column, block))
        if not stop and not ends:  # a word longer than the block
            if size > MAX_WORD_BYTES:
                raise _too_long(block)
            rest, size = raw[:filled], min(2 * size, MAX_WORD_BYTES + 1)
            continue
        if notice and not notified:
            notified = True
            notify(notice)
        rest = raw[stop:filled]
        size = BLOCK if len(rest) < BLOCK // 2 else min(2 * len(rest), MAX_WORD_BYTES + 1)
        newlines, newline = np.count_nonzero(data[:stop] == ord("\n")), raw.rfind(b"\n", 0, stop)
        data[stop : stop + PADDING] = ord(" ")
        yield block
        if ends:
            return
        line, line_start = line + newlines, offset + newline + 1 if newline >= 0 else line_start
        offset += stop


def _too_long(block: Block) -> CorpusError:
    return CorpusError(
        f"{_column(block, 0)} begins a word of more than {MAX_WORD_BYTES >> 20} MB; is this text?"
        " Words are separated by white space"
    )


def _last_space(buffer: np.ndarray, start: int, stop: int) -> int:
    """Where the last white space in buffer[start:stop] ends, or 0 if there is none."""
    step = 4096
    while stop > start:
        begin = max(start, stop - step)
        part = buffer[begin:stop]
        places = np.flatnonzero((part == ord(" ")) | ((part >= 9) & (part <= 13)))
        if len(places):
            return begin + int(places[-1]) + 1
        stop, step = begin, step * 2
    return 0


def clean_block(block: Block, errors: str, lowercase: bool) -> Block:
    """The block with its text in lower case, or its invalid bytes replaced or ignored; itself if
    nothing is to be done.
    """
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


def not_utf8(block: Block, place: int) -> CorpusError:
    """The error for an invalid byte at data[place] of a block."""
    source, line, column = _where(block, place)
    return CorpusError(
        f"{source}:{line}: byte 0x{block.data[place]:02x} at column {column} is not UTF-8;"
        f" {REPLACE_BYTES}"
    )


def _column(block: Block, place: int) -> str:
    """A place in a block, as errors name it."""
    return "{}:{}: column {}".format(*_where(block, place))


def _where(block: Block, place: int) -> tuple[str, int, int]:
    """The source, line and column (both from 1) of a place in a block."""
    before = block.data[:place].tobytes()
    newline = before.rfind(b"\n")
    column = place - newline if newline >= 0 else block.offset + place - block.line_start + 1
    return block.source, block.first_line + before.count(b"\n"), column
