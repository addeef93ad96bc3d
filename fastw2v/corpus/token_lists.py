"""Token lists from Python as blocks of text, a line each.

What is no list of tokens is refused, with what to give instead.
"""

from collections.abc import Collection, Iterator, Mapping, MappingView, Sequence, Set
from contextlib import suppress
from os import PathLike
from typing import Any

import numpy as np

from fastw2v.corpus.reader import BLOCK, PADDING, SPACES, Block, Origin
from fastw2v.errors import CorpusError, quoted

SHOWN = 40  # letters of a token or a name in an error


def sentence_blocks(corpus: Any) -> Iterator[Block]:
    """Blocks made of an iterable of token lists, one line each.

    Raises CorpusError for other objects.
    """
    check_corpus(corpus)
    rows, lines, size, tokens, spaces, first = [], [], 0, 0, 0, 0
    for number, row in enumerate(corpus):
        if type(row) is not list and type(row) is not tuple:
            row = _as_list(row, number)
        try:
            line = " ".join(row)
        except TypeError:  # tokens that are no strings
            row = _as_strings(row, number)
            line = " ".join(row)
        rows.append(row)
        lines.append(line)
        size += len(line) + 1
        tokens += len(row)
        spaces += len(row) or 1  # between the tokens, and a line end
        if size >= BLOCK:
            yield _block(lines, first, Origin(rows, tokens, spaces - 1))
            rows, lines, size, tokens, spaces, first = [], [], 0, 0, 0, number + 1
    yield _block(lines, first, Origin(rows, tokens, max(spaces - 1, 0)))


def _block(lines: Sequence[str], first: int, origin: Origin) -> Block:
    """Return the block of token lists, one a line; the first has the number ``first``."""
    try:
        data = "\n".join(lines).encode()
    except UnicodeEncodeError as error:
        number, line = next((first + i, line) for i, line in enumerate(lines) if not _is_utf8(line))
        token = next(token for token in line.split(" ") if not _is_utf8(token))
        raise CorpusError(
            f"sentence {number}: the token {_short(token)} cannot be written as UTF-8"
        ) from error
    padded = np.frombuffer(data + b" " * PADDING, np.uint8)
    return Block(padded, len(data), "the sentences", 0, first, 0, True, origin)


def _is_utf8(token: str) -> bool:
    try:
        return token.encode() is not None
    except UnicodeEncodeError:
        return False


def check_tokens(block: Block, found: int) -> None:
    """Raise CorpusError unless a block of token lists holds their tokens, ``found`` of them, and no
    other white space.

    Both are counted: a token with white space adds to the white space, and an empty one is missing
    from the tokens, so that they cannot cancel out.
    """
    origin = block.origin
    if origin is None:
        return
    data = block.data[: block.size]
    # and no control characters
    if found == origin.tokens and origin.spaces == np.count_nonzero(data <= ord(" ")):
        return
    text = data.tobytes()
    if found == origin.tokens and origin.spaces == sum(text.count(space) for space in SPACES):
        return
    for number, row in enumerate(origin.rows, block.first_line):
        for token in row:
            if token.encode().split() != [token.encode()]:
                raise CorpusError(
                    f"{origin.unit} {number}: the token {_short(token)} {_bad_token(token, row)}"
                )
    raise CorpusError(
        f"{origin.unit} {block.first_line} or one after it: a token is empty or holds white space"
    )


def _bad_token(token: str, row: Sequence[str]) -> str:
    """What is wrong with a token that is empty or holds white space, and what to do."""
    if not token:
        return "is empty; leave it out"
    if len(row) > 1 and all(len(token) == 1 for token in row):
        return "is white space: the text was split into letters; give text.split()"
    return "holds white space; split it, or replace the white space, for instance by '_'"


def check_corpus(corpus: Any) -> None:
    """Raise CorpusError for an object that is no iterable of token lists, or one whose order
    differs from run to run.
    """
    name = type(corpus).__name__
    if isinstance(corpus, Set) and not isinstance(corpus, MappingView):
        message = f"is a {name}, whose order differs from run to run; give sorted(corpus)"
    elif isinstance(corpus, Mapping) and type(corpus).__module__.startswith("datasets."):
        split = next(iter(corpus), "train")
        message = (
            f"is a {name}, with the splits {_listed(corpus)}; give one: corpus[{quoted(split)}]"
        )
    elif isinstance(corpus, Mapping):
        message = f"is a {name}; give the token lists in it, for instance list(corpus.values())"
    elif columns := columns_of(corpus):
        message = (
            f"is a table ({name}) with columns {_listed(columns)}; give one that holds texts or"
            ' token lists, as in corpus["tokens"]'
        )
    elif isinstance(corpus, (str, bytes, bytearray)) or not _is_iterable(corpus):
        message = f"is a {name}; give a path, paths, or an iterable of token lists"
    else:
        return
    raise CorpusError(f"the corpus {message}")


def _is_iterable(value: object) -> bool:
    return hasattr(value, "__iter__") and getattr(value, "shape", None) != ()


def columns_of(corpus: Any) -> list[Any]:
    """Names of the columns of a table of pandas, polars, pyarrow or Hugging Face, or of a
    structured array.
    """
    names = getattr(corpus, "column_names", None) or getattr(
        getattr(corpus, "dtype", None), "names", None
    )
    if names is None and not callable(columns := getattr(corpus, "columns", None)):
        names = columns
    return list(names) if names is not None and not callable(names) else []


def _listed(names: Collection[object]) -> str:
    """Names with commas between them, the first few of many."""
    return ", ".join(str(name)[:SHOWN] for name in list(names)[:4]) + (
        ", ..." if len(names) > 4 else ""
    )


def _as_list(row: Any, number: int) -> Sequence[Any]:
    """A row as a list or tuple of tokens, which may be no strings.

    Raises CorpusError for what is no list of tokens.
    """
    if hasattr(row, "as_py"):  # pyarrow's own type of values
        row = row.as_py()
    name = type(row).__name__
    if isinstance(row, (list, tuple)):
        return row
    if isinstance(row, Mapping):
        key = next(
            (key for key, value in row.items() if isinstance(value, (list, tuple))), "tokens"
        )
        message = (
            f"is a {name} with the keys {_listed(row)}; give its tokens: [row[{quoted(key)}] for"
            " row in corpus]"
        )
    elif isinstance(row, (Set, MappingView)):
        message = f"is a {name}, whose order is not that of a text; give sorted(row), or a list"
    elif isinstance(row, str):
        message = "is a string; give lists of tokens: [text.split() for text in corpus]"
    elif isinstance(row, (bytes, bytearray)):
        message = "is bytes; give lists of tokens: [text.decode().split() for text in corpus]"
    elif isinstance(row, PathLike):
        message = "is a path; give paths as a list: list(corpus)"
    elif _is_iterable(row):
        # tolist would give them other digits
        floats = isinstance(row, np.ndarray) and row.dtype.kind not in "iu"
        return row.tolist() if hasattr(row, "tolist") and not floats else list(row)
    elif not hasattr(row, "shape") and _is_missing(row):
        message = f"is missing ({quoted(row)}); leave it out"
    else:
        message = f"is a {name}; give lists of tokens"
    raise CorpusError(f"sentence {number}: {message}")


def _as_strings(row: Sequence[Any], number: int) -> list[str]:
    """A list of tokens, some of which are no strings, as strings."""
    if set(map(type, row)) <= {str, int}:
        with suppress(ValueError):  # a number of thousands of digits: which one, is found out below
            return list(map(str, row))
    return [token if isinstance(token, str) else _as_string(token, number) for token in row]


def _as_string(token: Any, number: int) -> str:
    """A token that is no string as a string.

    Raises CorpusError for missing values, bytes and nested lists.
    """
    if hasattr(token, "as_py"):
        token = token.as_py()
    # an array of one number
    elif getattr(token, "shape", None) == () and not isinstance(token, np.generic):
        token = token.item()
    name = type(token).__name__
    if isinstance(token, (bytes, bytearray)):
        message = f"the token {_short(token)} is bytes, no text; decode it"
    elif _is_iterable(token):
        flat = "[sentence for document in corpus for sentence in document]"
        message = (
            f"holds a {name} among its tokens, which are strings or numbers; give documents of"
            f" sentences as {flat}"
        )
    elif _is_missing(token):
        message = f"the token {quoted(token)} is a missing value, no text; leave it out"
    else:
        try:
            return str(token)
        except ValueError:  # a whole number of thousands of digits
            message = "a token is a whole number with more digits than Python writes; give strings"
    raise CorpusError(f"sentence {number}: {message}")


def _is_missing(value: object) -> bool:
    """Whether a value is None, NaN, pandas.NA or NaT: of these, all but None differ from
    themselves, or cannot say.
    """
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _short(token: Any) -> str:
    return repr(token[:SHOWN]) + ("..." if len(token) > SHOWN else "")
