"""Texts as blocks of bytes, with MARK before each text: a word that no text can hold.

Texts are the lines of files, a column of tables in files, strings, or token lists.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from fastw2v.corpus.reader import BLOCK, Block, clean_block, file_blocks, find_files, not_utf8
from fastw2v.corpus.token_lists import check_corpus, check_tokens, sentence_blocks
from fastw2v.errors import CorpusError
from fastw2v.events import Notify, ignore
from fastw2v.paths import shown

MARK = b"\xff"  # a byte that no UTF-8 holds
BEFORE = MARK + b" "
NOTHING = object()
SHOWN = 60  # letters of a text in an error


class TextBlock(NamedTuple):
    """data : words between white space, MARK before each text that begins in it;  size : bytes that
    it had in its source;  check : called with the number of words that were found in it.
    """

    data: bytes
    size: int
    check: Callable[[int], object]


class TextFiles(NamedTuple):
    """Files whose lines are texts, or tables whose column ``column`` holds texts or token lists.

    Missing values of a table are empty texts, so that rows keep their numbers.
    """

    paths: list[str]
    column: str | None = None


def text_blocks(
    texts: Any, lowercase: bool = False, encoding_errors: str = "strict", notify: Notify = ignore
) -> Iterator[TextBlock]:
    """The blocks of TextFiles, a path object or a list of them, strings or token lists, in order.

    A string is a text, never a path. Raises CorpusError for what is none of these; it names the
    text by its number, from 0, or file and line.
    """
    if isinstance(texts, str):
        raise CorpusError(
            f"the texts are one string, {texts[:SHOWN]!r}; give [text] for one text, or"
            " pathlib.Path(name) for the lines of a file"
        )
    paths = [texts] if isinstance(texts, os.PathLike) else texts
    if isinstance(paths, (list, tuple)) and paths and isinstance(paths[0], os.PathLike):
        texts = TextFiles(find_files(paths))
    if isinstance(texts, TextFiles):
        if texts.column is None:
            return _line_blocks(file_blocks(texts.paths, notify), lowercase, encoding_errors)
        texts = _cells(texts.paths, texts.column, encoding_errors, notify)
    check_corpus(texts)
    rows = iter(texts)
    first = next(rows, NOTHING)
    if first is NOTHING:
        return iter(())
    rows = chain([first], rows)
    if isinstance(_plain(first), str):
        return _string_blocks(rows, lowercase)
    return _list_blocks(rows, lowercase)


def _cells(paths: list[str], column: str, errors: str, notify: Notify) -> Iterator[Any]:
    """The values of a column, as strings or lists. Raises CorpusError."""
    from fastw2v.corpus.tables import read_column

    for path in paths:
        row = 1
        for array in read_column(path, column, notify):
            for cell in array.to_pylist():
                if cell is None or isinstance(cell, bytes):
                    try:
                        cell = (cell or b"").decode(errors=errors)
                    except UnicodeDecodeError as error:
                        raise CorpusError(
                            f"{shown(path)}: row {row} of {column[:SHOWN]!r} is not UTF-8; pass"
                            " --encoding-errors replace to keep going"
                        ) from error
                yield cell
                row += 1


def _line_blocks(blocks: Iterable[Block], lowercase: bool, errors: str) -> Iterator[TextBlock]:
    """Blocks whose texts are the lines of files; a line end after the last line begins no text."""
    begins = True
    for block in blocks:
        size = block.size
        block = clean_block(block, errors, lowercase)
        data = block.data[: block.size].tobytes()
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise not_utf8(block, error.start) from error
        if data:
            ended = data.endswith(b"\n")
            lines = data[: len(data) - ended].replace(b"\n", b"\n" + BEFORE)
            yield TextBlock((BEFORE if begins else b"") + lines, size, _accept)
            begins = ended
        begins = begins or block.ends


def _string_blocks(rows: Iterable[Any], lowercase: bool) -> Iterator[TextBlock]:
    """Blocks of strings."""
    texts: list[bytes] = []
    size = 0
    for number, row in enumerate(rows):
        text = _encoded(_plain(row), number, lowercase)
        texts.append(text)
        size += len(text)
        if size >= BLOCK:
            yield _joined(texts, size)
            texts, size = [], 0
    if texts:
        yield _joined(texts, size)


def _joined(texts: list[bytes], size: int) -> TextBlock:
    return TextBlock(BEFORE + (b" " + BEFORE).join(texts), size, _accept)


def _encoded(text: Any, number: int, lowercase: bool) -> bytes:
    """A string as UTF-8. Raises CorpusError for what is none."""
    if not isinstance(text, str):
        raise CorpusError(
            f"text {number}: is a {type(text).__name__}, {repr(text)[:SHOWN]}, where the first is a"
            " string; give '' for a missing text"
        )
    try:
        return (text.lower() if lowercase else text).encode()
    except UnicodeEncodeError as error:
        raise CorpusError(
            f"text {number}: cannot be written as UTF-8: {error.reason} at character {error.start}"
        ) from error


def _list_blocks(rows: Iterable[Any], lowercase: bool) -> Iterator[TextBlock]:
    """Blocks of token lists."""
    for block in sentence_blocks(rows):
        if block.origin is not None and block.origin.rows:
            size = block.size
            block = clean_block(block, "strict", lowercase)
            lines = block.data[: block.size].tobytes().replace(b"\n", b"\n" + BEFORE)
            yield TextBlock(BEFORE + lines, size, partial(check_tokens, block))


def _plain(value: Any) -> Any:
    """A value of pyarrow as Python's own."""
    return value.as_py() if hasattr(value, "as_py") else value


def _accept(words: int) -> None:
    """Check nothing."""
