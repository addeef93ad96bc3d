"""Rows of tables as blocks of text, a line each: texts as they are, lists of tokens with spaces
between them, or the items of a session.

Strings go from Arrow's buffers to the tokeniser, and are no Python objects on the way.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fastw2v.corpus.file_types import LONGEST_NAME
from fastw2v.corpus.reader import BLOCK, PADDING, Block, Origin
from fastw2v.errors import ConfigError, ConfigTypeError, CorpusError, quoted
from fastw2v.events import Notice, Notify
from fastw2v.kernels.text.rows import join_rows

if TYPE_CHECKING:
    import pyarrow as pa

GATHERED = 1 << 16  # rows of sessions that are written at a time
LINES = "a column of texts, or of lists of tokens"


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are trained on.

    column : of texts, or of lists of tokens;  group_by : a column whose equal values make a line of
    the rows that have them, each with one token;  order_by : sorts the rows of a line.
    """

    column: str
    group_by: str | None = None
    order_by: str | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            missing = value is None and name != "column"
            if not missing and not (isinstance(value, str) and value):
                kind = ConfigError if isinstance(value, str) else ConfigTypeError
                raise kind(
                    f"{name} must be the name of a column, got {quoted(value)}", options=(name,)
                )

    @property
    def names(self) -> list[str]:
        """The names of the columns, each once."""
        return list(dict.fromkeys(filter(None, (self.column, self.group_by, self.order_by))))


def table_blocks(
    batches: "Iterable[pa.RecordBatch]",
    columns: Columns,
    source: str,
    notify: Notify,
    *,
    tokenize: bool = False,
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
    arrays: "Iterable[pa.Array]",
    name: str,
    source: str,
    notify: Notify,
    *,
    tokenize: bool = False,
    first_row: int = 1,
) -> Iterator[Block]:
    """Blocks of the arrays of one column; the rest as for ``table_blocks``."""
    row, missing = first_row, 0
    for array in arrays:
        rows = _Rows.of(array, f"{source}: the column {name[:LONGEST_NAME]!r}")
        if rows.are_lists and tokenize:
            raise ConfigError(
                f"{source}: the column {name[:LONGEST_NAME]!r} holds lists of tokens; leave out"
                " tokenize",
                options=("tokenize",),
            )
        missing += rows.missing
        yield from rows.blocks(source, row)
        row += len(array)
    if missing:
        notify(
            Notice(
                f"{source}: {missing:,} values of {name[:LONGEST_NAME]!r} are missing, of"
                f" {row - first_row:,} rows; they are left out"
            )
        )


@dataclass(frozen=True)
class _Rows:
    """Rows of strings, whose bytes are data[offsets[i] : offsets[i + 1]] (uint8; int64).

    starts : int64 [rows + 1], the strings of row r are starts[r] ... starts[r + 1] - 1;  values :
    the pyarrow array or other sequence that they come from;  are_lists : whether each string is a
    token;  missing : how many were left out;  open_end : whether the last row goes on.
    """

    data: np.ndarray
    offsets: np.ndarray
    starts: np.ndarray
    values: Any
    are_lists: bool
    missing: int = 0
    open_end: bool = False

    @classmethod
    def of(cls, array: "pa.Array", what: str) -> "_Rows":
        """The rows of an array of strings, or of lists. Raises CorpusError."""
        import pyarrow as pa
        import pyarrow.compute

        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_null(array.type):
            array = array.cast(pa.large_binary())
        if not _is_list(array.type):
            if not _is_text(array.type):
                one = ", or group_by where a row has one token" * pa.types.is_integer(array.type)
                raise CorpusError(
                    f"{what} holds {str(array.type)[:60]}; give {LINES}{one}", options=("group_by",)
                )
            data, offsets = _strings(array, what)
            return cls(data, offsets, np.arange(len(array) + 1), array, False, array.null_count)
        lengths = pa.compute.list_value_length(array).fill_null(0)
        lengths = lengths.to_numpy(zero_copy_only=False)
        tokens, missing = array.flatten(), array.null_count
        if tokens.null_count:
            present = tokens.is_valid().to_numpy(zero_copy_only=False)
            row_of = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(row_of[present], minlength=len(lengths))
            missing += tokens.null_count
            tokens = tokens.drop_null()
        data, offsets = _strings(_as_text(tokens, what), what)
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


def can_be_read(kind: "pa.DataType") -> bool:
    """Whether a column of a type holds texts, or lists of tokens."""
    import pyarrow as pa

    def plain(kind: "pa.DataType") -> "pa.DataType":
        return kind.value_type if pa.types.is_dictionary(kind) else kind

    kind = plain(kind)
    if not _is_list(kind):
        return _is_text(kind) or pa.types.is_null(kind)
    item = plain(kind.value_type)
    return _is_text(item) or pa.types.is_integer(item) or pa.types.is_null(item)


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    names = "string large_string string_view binary large_binary binary_view".split()
    return any(getattr(pa.types, f"is_{name}")(kind) for name in names)


def _is_list(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    names = "list large_list fixed_size_list".split()
    return any(getattr(pa.types, f"is_{name}")(kind) for name in names)


def _as_text(tokens: "pa.Array", what: str) -> "pa.Array":
    """Tokens that are strings, or whole numbers, as strings. Raises CorpusError for others."""
    import pyarrow as pa

    if pa.types.is_dictionary(tokens.type):
        tokens = tokens.dictionary_decode()
    if pa.types.is_null(tokens.type) or pa.types.is_integer(tokens.type):
        return tokens.cast(pa.string())
    if not _is_text(tokens.type):
        raise CorpusError(
            f"{what} holds {str(tokens.type)[:60]} for tokens; tokens are strings or whole numbers"
        )
    return tokens


def _strings(array: "pa.Array", what: str) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of an array of strings (uint8), and where each begins (int64 [n + 1]).

    Raises CorpusError. Missing strings are empty.
    """
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_string_view(array.type) or kinds.is_binary_view(array.type):
        array = array.cast(pa.large_binary())
    if array.null_count:
        array = array.fill_null("" if kinds.is_string(array.type) else b"")
    wide = kinds.is_large_string(array.type) or kinds.is_large_binary(array.type)
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
    batches: "Iterable[pa.RecordBatch]", columns: Columns, source: str, notify: Notify
) -> Iterator[Block]:
    """Blocks of sessions, a line each: in the order in which they first appear, the rows of each in
    their order, or by ``columns.order_by``.

    All rows are held in memory, as the numbers of their sessions and items.
    """
    import pyarrow as pa
    import pyarrow.compute

    items, sessions, order = _gathered(batches, columns, source, notify)
    if not len(items):
        return
    sort_keys = [("session", "ascending")]
    table = {"session": sessions.indices}
    if order is not None:
        table["order"], sort_keys = order, [*sort_keys, ("order", "ascending")]
    try:
        by_session = pa.compute.sort_indices(pa.table(table), sort_keys=sort_keys)
    except pa.ArrowException as error:
        raise CorpusError(
            f"{source}: rows cannot be sorted by {columns.order_by!r}, which holds"
            f" {str(order.type)[:60] if order is not None else 'nothing'}"
        ) from error
    codes = sessions.indices.take(by_session).to_numpy(zero_copy_only=False)
    places = items.indices.take(by_session)
    del by_session, table
    data_of = _as_text(items.dictionary, f"{source}: the column {columns.column!r}")
    # where each session begins, and its number
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    for first in range(0, len(codes), GATHERED):
        stop = min(first + GATHERED, len(codes))
        tokens = data_of.take(places[first:stop])
        data, offsets = _strings(tokens, source)
        inside = begins[np.searchsorted(begins, first, "right") : np.searchsorted(begins, stop)]
        starts = np.concatenate([[0], inside - first, [stop - first]]).astype(np.int64)
        open_end = stop < len(codes) and codes[stop] == codes[stop - 1]
        values = _Sessions(tokens, starts)
        rows = _Rows(data, offsets, starts, values, True, open_end=bool(open_end))
        yield from rows.blocks(source, int(codes[first]) + 1, "session")


class _Sessions:
    """The items of sessions as lists, by slices of the sessions."""

    def __init__(self, tokens: "pa.Array", starts: np.ndarray) -> None:
        self.tokens, self.starts = tokens, starts

    def __getitem__(self, rows: slice) -> Iterator[list[Any]]:
        starts = self.starts[rows.start : rows.stop + 1].tolist()
        return (self.tokens[begin:stop].to_pylist() for begin, stop in pairwise(starts))


def _gathered(
    batches: "Iterable[pa.RecordBatch]", columns: Columns, source: str, notify: Notify
) -> "tuple[pa.DictionaryArray, pa.DictionaryArray, pa.ChunkedArray | None]":
    """Items and sessions of all rows that have both, as numbers of distinct ones, and what the rows
    are sorted by.
    """
    import pyarrow as pa

    items, sessions, order, rows, kept = [], [], [], 0, 0
    for batch in batches:
        for name in columns.names:
            if pa.types.is_nested(batch.column(name).type):
                raise CorpusError(
                    f"{source}: the column {name[:LONGEST_NAME]!r} holds"
                    f" {str(batch.column(name).type)[:60]}; with group_by a row has one item",
                    options=("group_by",),
                )
        valid = [batch.column(n).is_valid() for n in (columns.column, columns.group_by)]
        present = batch.filter(pa.compute.and_(*valid))
        rows, kept = rows + len(batch), kept + len(present)
        items.append(_encoded(present.column(columns.column)))
        sessions.append(_encoded(present.column(columns.group_by)))
        if columns.order_by is not None:
            order.append(present.column(columns.order_by))
    if rows > kept:
        notify(
            Notice(
                f"{source}: {rows - kept:,} of {rows:,} rows lack their {columns.column!r} or"
                f" {columns.group_by!r}; they are left out"
            )
        )
    try:
        ordered = _sortable(pa.chunked_array(order)) if order else None
        return _unified(items), _unified(sessions), ordered
    except (pa.ArrowException, TypeError) as error:
        raise CorpusError(
            f"{source}: {' or '.join(columns.names)} has different types in different files; give"
            " files of the same types"
        ) from error


def _encoded(array: "pa.Array") -> "pa.DictionaryArray":
    """An array as numbers of its distinct values, in the order of their first appearance."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.dictionary_encode()


def _unified(arrays: "list[pa.DictionaryArray]") -> "pa.DictionaryArray":
    """Arrays as one, whose distinct values have one number each."""
    import pyarrow as pa

    if not arrays:
        return pa.array([], pa.string()).dictionary_encode()
    whole = pa.chunked_array(arrays).unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _sortable(values: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """What rows are sorted by; the cells of CSV as numbers or times, if all of them are."""
    import pyarrow as pa

    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not pa.types.is_binary(values.type):
        return values
    for kind in (pa.int64(), pa.float64(), pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
        with suppress(pa.ArrowException):
            return values.cast(pa.string()).cast(kind)
    return values
