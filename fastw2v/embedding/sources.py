"""Texts as blocks of bytes, with MARK before each text: a word that no text can hold.

Texts are the lines of files, the rows of tables in files, strings, or token lists.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from fastw2v.corpus.characters import character_kinds
from fastw2v.corpus.columns import Columns, table_file_blocks
from fastw2v.corpus.encoder import split_words
from fastw2v.corpus.reader import (
    BLOCK,
    PADDING,
    Block,
    clean_block,
    file_blocks,
    find_files,
    not_utf8,
)
from fastw2v.corpus.token_lists import check_corpus, check_tokens, sentence_blocks
from fastw2v.errors import CorpusError, quoted
from fastw2v.events import Notify, ignore
from fastw2v.paths import AnyPath

MARK = b"\xff"  # a byte that no UTF-8 holds
BEFORE = MARK + b" "
NOTHING = object()
SHOWN = 60  # letters of a text in an error


class TextFiles(NamedTuple):
    """Files whose lines are texts, or tables whose rows are.

    Attributes
    ----------
    paths
        Names of files.
    column
        Column of texts or token lists; a missing value is an empty text.
    group_by, order_by
        Columns as for `fastw2v.train`; the rows of a group are one text.
    """

    paths: Sequence[AnyPath]
    column: str | None = None
    group_by: str | None = None
    order_by: str | None = None


class TextOptions(NamedTuple):
    """How texts become words, as in training.

    Attributes
    ----------
    lowercase
        Whether texts are converted to lower case.
    tokenize
        "words" splits strings at punctuation too.
    encoding_errors
        Treatment of bytes that are not UTF-8.
    """

    lowercase: bool = False
    tokenize: str | None = None
    encoding_errors: str = "strict"


class TextBlock(NamedTuple):
    """A block of texts.

    Attributes
    ----------
    data
        Words separated by white space, with MARK before each text that begins in it.
    size
        Number of bytes in the source.
    check
        Function that is called with the number of words found in the block.
    """

    data: bytes
    size: int
    check: Callable[[int], object]


def text_blocks(texts: Any, options: TextOptions, notify: Notify = ignore) -> Iterator[TextBlock]:
    """The blocks of TextFiles, a path object or a list of them, strings or token lists, in order.

    A string is a text, never a path. Raises CorpusError for what is none of these; it names the
    text by its number, from 0, or file and line.
    """
    begins = True
    for block in _line_blocks(texts, options.tokenize is not None, notify):
        size = block.size
        block = clean_block(block, options.encoding_errors, options.lowercase)
        if options.tokenize is not None and block.origin is None:
            split_words(block, character_kinds())
        data = block.data[: block.size].tobytes()
        _check_utf8(block, data)
        ended = data.endswith(b"\n")
        if data:
            lines = data[: len(data) - ended].replace(b"\n", b"\n" + BEFORE)
            marked = (BEFORE if begins else b"") + lines

            def check(words: int, block: Block = block) -> None:
                check_tokens(block, words)

            yield TextBlock(marked, size, check)
            begins = ended
        begins = begins or block.ends


def _check_utf8(block: Block, data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(block, error.start) from error


def _line_blocks(texts: Any, tokenize: bool, notify: Notify) -> Iterator[Block]:
    """Blocks of texts, one a line. Raises CorpusError."""
    if isinstance(texts, str):
        raise CorpusError(
            f"the texts are one string, {quoted(texts)}; give [text] for one text, or"
            " pathlib.Path(name) for the lines of a file"
        )
    paths = [texts] if isinstance(texts, os.PathLike) else texts
    if isinstance(paths, (list, tuple)) and paths and isinstance(paths[0], os.PathLike):
        texts = TextFiles(find_files(paths))
    if isinstance(texts, TextFiles):
        if texts.column is None:
            return file_blocks(texts.paths, notify, tokenize=tokenize)
        columns = Columns(texts.column, texts.group_by, texts.order_by)
        return table_file_blocks(texts.paths, columns, notify, False)
    check_corpus(texts)
    rows = iter(texts)
    first = next(rows, NOTHING)
    if first is NOTHING:
        return iter(())
    rows = chain([first], rows)
    if isinstance(_plain(first), str):
        return _string_blocks(rows)
    return _list_blocks(rows)


def _list_blocks(rows: Iterable[Any]) -> Iterator[Block]:
    """Blocks of token lists, each of which ends with a line end."""
    for block in sentence_blocks(rows):
        if block.origin is not None and block.origin.rows:
            data = block.data.copy()
            data[block.size] = ord("\n")  # in place of a space of PADDING
            origin = replace(block.origin, spaces=block.origin.spaces + 1)
            yield replace(block, data=data, size=block.size + 1, ends=False, origin=origin)


def _string_blocks(rows: Iterable[Any]) -> Iterator[Block]:
    """Blocks of strings. Raises CorpusError for what is none."""
    texts: list[bytes] = []
    size = first = 0
    for number, row in enumerate(rows):
        text = _encoded(_plain(row), number)
        texts.append(text)
        size += len(text) + 1
        if size >= BLOCK:
            yield _string_block(texts, first)
            texts, size, first = [], 0, number + 1
    if texts:
        yield _string_block(texts, first)


def _string_block(texts: list[bytes], first: int) -> Block:
    data = b"".join(text.replace(b"\n", b" ") + b"\n" for text in texts)
    padded = np.frombuffer(data + b" " * PADDING, np.uint8)
    return Block(padded, len(data), "the texts", 0, first, 0, False)


def _encoded(text: Any, number: int) -> bytes:
    """A string as UTF-8. Raises CorpusError for what is none."""
    if not isinstance(text, str):
        raise CorpusError(
            f"text {number}: is a {type(text).__name__}, {quoted(text)}, where the first is a"
            " string; give '' for a missing text"
        )
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(
            f"text {number}: cannot be written as UTF-8: {error.reason} at character {error.start}"
        ) from error


def _plain(value: Any) -> Any:
    """A value of pyarrow as Python's own."""
    return value.as_py() if hasattr(value, "as_py") else value
