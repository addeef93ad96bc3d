"""Rows of tables as blocks of text, a line each: texts as they are, lists of tokens with spaces
between them, or the items of a session.

Strings go from Arrow's buffers to the tokeniser, and are no Python objects on the way.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fastw2v.corpus.arrow_columns import (
    arrow_errors,
    decoded,
    encoded,
    is_list,
    is_text,
    list_lengths,
    plain,
    plain_type,
    presence,
    runs,
    shown_type,
    slices,
    unified,
    values_type,
)
from fastw2v.corpus.columns import Columns
from fastw2v.corpus.file_types import LONGEST_NAME
from fastw2v.corpus.reader import BLOCK, PADDING, Block, Origin
from fastw2v.errors import ConfigError, CorpusError
from fastw2v.events import Notice, Notify
from fastw2v.kernels.text.rows import join_rows

GATHERED = 1 << 16  # rows of sessions that are written at a time
HELD = 1 << 26  # bytes of distinct items and sessions after which equal ones are looked for
LINES = "a column of texts, or of lists of tokens"


def table_blocks(
    batches: Iterable[pa.RecordBatch],
    columns: Columns,
    source: str,
    notify: Notify,
    *,
    tokenize: bool,
    first_row: int = 1,
) -> Iterator[Block]:
    """Blocks of the rows of a table, whose batches have ``columns.names``.

    tokenize : whether the texts are split into words later: there must be no lists of tokens then;
    first_row : the number of the first row in errors. Missing values are left out, and a Notice
    says how many. Raises CorpusError.
    """
    if columns.group_by is not None:
        yield from _session_blocks(batches, columns, source, notify)
        return
    arrays = (batch.column(0) for batch in batches)
    yield from column_blocks(
        arrays, columns.column, source, notify, tokenize=tokenize, first_row=first_row
    )


def column_blocks(
    arrays: Iterable[pa.Array],
    name: str,
    source: str,
    notify: Notify,
    *,
    tokenize: bool,
    first_row: int,
) -> Iterator[Block]:
    """Blocks of the arrays of one column; the rest as for ``table_blocks``."""
    row, missing = first_row, 0
    what = _column(source, name)
    for array in arrays:
        for part in slices(_readable(array, what), what):
            rows = _Rows.of(part, what)
            if rows.are_lists and tokenize:
                raise ConfigError(
                    f"{what} holds lists of tokens; leave out tokenize", options=("tokenize",)
                )
            missing += rows.missing
            yield from rows.blocks(source, row)
            row += len(part)
    if missing:
        notify(
            Notice(
                f"{source}: {missing:,} values of {name[:LONGEST_NAME]!r} are missing, of"
                f" {row - first_row:,} rows; they are left out"
            )
        )


def _column(source: str, name: str) -> str:
    """What errors call a column."""
    return f"{source}: the column {name[:LONGEST_NAME]!r}"


def can_be_read(kind: pa.DataType) -> bool:
    """Whether a column of a type holds texts, or lists of tokens."""
    plain = plain_type(kind)
    if plain is None:
        return False
    return _are_tokens(plain.value_type) if is_list(plain) else _are_texts(plain)


def _are_texts(kind: pa.DataType) -> bool:
    kind = values_type(kind)
    return is_text(kind) or pa.types.is_null(kind)


def _are_tokens(kind: pa.DataType) -> bool:
    return _are_texts(kind) or pa.types.is_integer(values_type(kind))


def _readable(array: pa.Array, what: str) -> pa.Array:
    """A column of texts or of lists of tokens as a plain array. Raises CorpusError for others."""
    kind = array.type
    if can_be_read(kind):
        return plain(array, what)
    if is_list(kind):
        raise _no_tokens(kind.value_type, what)
    one = ", or group_by where a row has one token" * pa.types.is_integer(kind)
    raise CorpusError(f"{what} holds {shown_type(kind)}; give {LINES}{one}", options=("group_by",))


def _no_tokens(kind: pa.DataType, what: str) -> CorpusError:
    return CorpusError(
        f"{what} holds {shown_type(kind)} for tokens; tokens are strings or whole numbers"
    )


@dataclass(frozen=True)
class _Rows:
    """Rows of strings, whose bytes are data[offsets[i] : offsets[i + 1]] (uint8; int64).

    Attributes
    ----------
    starts
        int64 [rows + 1], the strings of row r are starts[r] ... starts[r + 1] - 1.
    values
        The pyarrow array or other sequence that the strings come from.
    are_lists
        Whether each string is a token.
    missing
        Number of rows that were left out.
    open_end
        Whether the last row continues in the next block.
    """

    data: np.ndarray
    offsets: np.ndarray
    starts: np.ndarray
    values: Any
    are_lists: bool
    missing: int = 0
    open_end: bool = False

    @classmethod
    def of(cls, array: pa.Array, what: str) -> "_Rows":
        """The rows of a slice of a plain array of texts, or of lists. Raises CorpusError."""
        if not is_list(array.type):
            array = decoded(array, what)
            data, offsets = _strings(array, what)
            return cls(data, offsets, np.arange(len(array) + 1), array, False, array.null_count)
        with arrow_errors(what):
            lengths, tokens, missing = list_lengths(array), array.flatten(), array.null_count
        tokens = decoded(tokens, what)
        if tokens.null_count:
            present = tokens.is_valid().to_numpy(zero_copy_only=False)
            row_of = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(row_of[present], minlength=len(lengths))
            missing += tokens.null_count
            tokens = tokens.drop_null()
        data, offsets = _strings(_as_text(tokens), what)
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        if starts[-1] != len(offsets) - 1:
            raise CorpusError(f"{what} holds lists that are damaged")
        return cls(data, offsets, starts, array, True, missing)

    def blocks(self, source: str, first_row: int, unit: str = "row") -> Iterator[Block]:
        """Blocks of these rows, of which the first has the number ``first_row``."""
        row, rows = 0, len(self.starts) - 1
        begins = self.offsets[self.starts]  # of each row
        while row < rows:
            stop = int(np.searchsorted(begins, begins[row] + BLOCK, side="right")) - 1
            stop = min(max(stop, row + 1), rows)
            yield self._block(row, stop, source, first_row + row, unit)
            row = stop

    def _block(self, row: int, stop: int, source: str, number: int, unit: str) -> Block:
        first, last = int(self.starts[row]), int(self.starts[stop])
        letters = int(self.offsets[last] - self.offsets[first])
        out = np.empty(letters + (last - first) + (stop - row) + PADDING, np.uint8)
        size = int(join_rows(self.data, self.offsets, self.starts[row : stop + 1], out))
        if self.open_end and stop == len(self.starts) - 1:
            out[size - 1] = ord(" ")
        out[size : size + PADDING] = ord(" ")
        origin = None
        if self.are_lists:
            values = self.values[row:stop]
            origin = Origin(_Tokens(values), last - first, size - letters, f"{source}: {unit}")
        return Block(out, size, source, 0, number, 0, False, origin)


class _Tokens:
    """Lists of tokens as Python has them, made when they are looked at."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __iter__(self) -> Iterator[list[str]]:
        for value in self.values:
            row = value.as_py() if hasattr(value, "as_py") else value
            tokens = (token for token in row or () if token is not None)
            yield [_decoded(token) for token in tokens]


def _decoded(token: object) -> str:
    return token.decode(errors="replace") if isinstance(token, bytes) else str(token)


def _as_text(tokens: pa.Array) -> pa.Array:
    """Tokens that are bytes, or whole numbers, as bytes."""
    return tokens.cast(pa.string()) if pa.types.is_integer(tokens.type) else tokens


def _strings(array: pa.Array, what: str) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of an array of bytes or strings (uint8), and where each begins (int64 [n + 1]).

    Raises CorpusError. Missing ones are empty.
    """
    if array.null_count:
        array = array.fill_null(b"")
    wide = pa.types.is_large_binary(array.type)
    _, places, letters = array.buffers()
    if not len(array) or places is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    offsets = np.frombuffer(places, np.int64 if wide else np.int32)
    offsets = offsets[array.offset : array.offset + len(array) + 1].astype(np.int64)
    data = np.frombuffer(letters, np.uint8) if letters is not None else np.empty(0, np.uint8)
    if offsets[0] < 0 or offsets[-1] > len(data) or (offsets[1:] < offsets[:-1]).any():
        raise CorpusError(f"{what} has strings that reach beyond its end: it is damaged")
    return data, offsets


def _session_blocks(
    batches: Iterable[pa.RecordBatch], columns: Columns, source: str, notify: Notify
) -> Iterator[Block]:
    """Blocks of sessions, a line each: in the order in which they first appear, the rows of each in
    their order, or by ``columns.order_by``.

    All rows are held in memory, as the numbers of their sessions and items.
    """
    items, sessions, order = _gathered(batches, columns, source, notify)
    if not len(items):
        return
    sort_keys = [("session", "ascending")]
    table = {"session": sessions.indices}
    if order is not None:
        table["order"], sort_keys = order, [*sort_keys, ("order", "ascending")]
    with arrow_errors(f"{source}: rows cannot be sorted: {' or '.join(columns.names)}"):
        by_session = pc.sort_indices(pa.table(table), sort_keys=sort_keys)
        codes = sessions.indices.take(by_session).to_numpy(zero_copy_only=False)
        places = items.indices.take(by_session)
        del by_session, table
        data_of = _as_text(items.dictionary)
    _, ends = _strings(data_of, source)
    # where each session begins, and its number
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    for first, stop in _portions(places, np.diff(ends)):
        tokens = data_of.take(places[first:stop])
        data, offsets = _strings(tokens, source)
        inside = begins[np.searchsorted(begins, first, "right") : np.searchsorted(begins, stop)]
        starts = np.concatenate([[0], inside - first, [stop - first]]).astype(np.int64)
        open_end = stop < len(codes) and codes[stop] == codes[stop - 1]
        values = _Sessions(tokens, starts)
        rows = _Rows(data, offsets, starts, values, True, open_end=bool(open_end))
        yield from rows.blocks(source, int(codes[first]) + 1, "session")


def _portions(places: pa.Array, sizes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where portions of items begin and end that have at most GATHERED rows, and few bytes.

    places : the numbers of the items;  sizes : int64, bytes of each distinct item.
    """
    for first in range(0, len(places), GATHERED):
        numbers = places[first : first + GATHERED].to_numpy(zero_copy_only=False)
        for start, stop in runs(sizes[numbers]):
            yield first + start, first + stop


class _Sessions:
    """The items of sessions as lists, by slices of the sessions."""

    def __init__(self, tokens: pa.Array, starts: np.ndarray) -> None:
        self.tokens, self.starts = tokens, starts

    def __getitem__(self, rows: slice) -> Iterator[list[Any]]:
        starts = self.starts[rows.start : rows.stop + 1].tolist()
        return (self.tokens[begin:stop].to_pylist() for begin, stop in pairwise(starts))


def _gathered(
    batches: Iterable[pa.RecordBatch], columns: Columns, source: str, notify: Notify
) -> tuple[pa.DictionaryArray, pa.DictionaryArray, pa.Array | pa.ChunkedArray | None]:
    """Items and sessions of all rows that have both, as numbers of distinct ones, and what the rows
    are sorted by.
    """
    what = {name: _column(source, name) for name in columns.names}
    item, session = columns.column, columns.group_by or ""
    items, sessions, order, rows = _ColumnParts(), _ColumnParts(), _ColumnParts(), 0
    for batch in batches:
        arrays = {
            name: _one_value_per_row(batch.column(name), what[name]) for name in columns.names
        }
        if not _are_tokens(arrays[item].type):
            raise _no_tokens(batch.column(item).type, what[item])
        valid = [presence(arrays[name], what[name]) for name in (item, session)]
        rows += len(batch)
        with arrow_errors(source):
            present = pc.and_(*valid)
            arrays = {name: array.filter(present) for name, array in arrays.items()}
        with _same_types(source, columns):
            items.add(encoded(arrays[item], what[item]))
            sessions.add(encoded(arrays[session], what[session]))
            if columns.order_by is not None:
                order.add(_compact(arrays[columns.order_by], what[columns.order_by]))
    with _same_types(source, columns):
        all_items, all_sessions = items.whole(), sessions.whole()
        ordered = _sortable(order.whole()) if order.parts else None
    if rows > len(all_items):
        notify(
            Notice(
                f"{source}: {rows - len(all_items):,} of {rows:,} rows lack their"
                f" {columns.column!r} or {columns.group_by!r}; they are left out"
            )
        )
    return all_items, all_sessions, ordered


@contextmanager
def _same_types(source: str, columns: Columns) -> Iterator[None]:
    """Context in which arrays of different types raise a CorpusError."""
    try:
        yield
    except (pa.ArrowException, TypeError) as error:
        raise CorpusError(
            f"{source}: {' or '.join(columns.names)} has different types in different files; give"
            " files of the same types"
        ) from error


class _ColumnParts:
    """The values of a column in all batches; those of dictionaries in one dictionary."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.held, self.limit = 0, HELD

    def add(self, array: pa.Array) -> None:
        """Add the values of a batch. Dictionaries are unified whenever they have doubled."""
        self.parts.append(array)
        if pa.types.is_dictionary(array.type):
            self.held += array.dictionary.nbytes
        if self.held > self.limit:
            self.parts = [self.whole()]
            self.held = self.parts[0].dictionary.nbytes
            self.limit = max(HELD, 2 * self.held)

    def whole(self) -> pa.DictionaryArray | pa.ChunkedArray:
        """All values; raises pyarrow's errors if their types differ."""
        if self.parts and not pa.types.is_dictionary(self.parts[0].type):
            return pa.chunked_array(self.parts)
        return unified(self.parts)


def _one_value_per_row(array: pa.Array, what: str) -> pa.Array:
    """A column of one value a row as a plain array. Raises CorpusError for others."""
    if pa.types.is_nested(array.type) or is_list(plain_type(array.type) or array.type):
        raise CorpusError(
            f"{what} holds {shown_type(array.type)}; with group_by a row has one item",
            options=("group_by",),
        )
    array = plain(array, what)
    # pyarrow filters no views
    return encoded(array, what) if pa.types.is_binary_view(values_type(array.type)) else array


def _compact(array: pa.Array, what: str) -> pa.Array:
    """What rows are sorted by: texts as numbers of distinct ones, other values as they are."""
    if is_text(array.type) or pa.types.is_dictionary(array.type):
        return encoded(array, what)
    return decoded(array, what)


def _sortable(values: pa.DictionaryArray | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """What rows are sorted by: texts as numbers or times if all of them are, or by their ranks."""
    if not pa.types.is_dictionary(values.type):
        return values
    distinct = values.dictionary
    if is_text(distinct.type):
        distinct = _numbers(distinct)
    if is_text(distinct.type) or pa.types.is_fixed_size_binary(distinct.type):
        distinct = pc.rank(distinct, tiebreaker="dense")
    return distinct.take(values.indices)


def _numbers(texts: pa.Array) -> pa.Array:
    """Texts as numbers or times if all of them are, else as they are."""
    for kind in (pa.int64(), pa.float64(), pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
        with suppress(pa.ArrowException):
            return texts.cast(pa.large_string()).cast(kind)
    return texts
