"""Columns of tables in files, as Arrow arrays, a batch at a time: Parquet, Arrow and Feather, JSON
lines, CSV and its kin, each of them compressed or not.

pyarrow reads them (``pip install 'fastw2v[data]'``). The first bytes of a file say what it is.
"""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json

from fastw2v.corpus.arrow_columns import (
    arrow_errors,
    first_line,
    longest_in_dictionary,
    plain,
    plain_type,
)
from fastw2v.corpus.file_types import LONGEST_NAME, check_binary, check_file_type, listed
from fastw2v.corpus.streams import open_stream
from fastw2v.errors import CorpusError
from fastw2v.events import Notify, ignore
from fastw2v.file_types import ARROW_FILE, ARROW_STREAM, FEATHER1, PARQUET, UTF8
from fastw2v.files import temporary_file
from fastw2v.packing import fill
from fastw2v.paths import AnyPath, shown

SAMPLE = 1 << 16  # bytes by which a file is recognised
BATCH_ROWS = 1 << 15  # rows read at a time, where the file does not say
BATCH_BYTES = 1 << 26  # of the texts of these rows that come from a dictionary
READ = 1 << 20  # bytes of a compressed column read at a time
CHUNK = 4 << 20  # bytes of JSON lines parsed at a time
# a row that is put behind those of CSV: unless it is the last one, a quotation mark is not closed
LAST_CELL = b"end of the table d41d8cd98f00b204e980"
CSV_CHUNK = 1 << 24  # bytes of CSV parsed at a time, and of its longest row, names included
LONGEST_LINE = 1 << 28  # bytes of a line of JSON
TYPED_ROWS = 200  # rows of JSON lines whose values say the types of their columns
DELIMITERS = ",\t;|"


def read_columns(
    path: AnyPath, names: Sequence[str], notify: Notify = ignore
) -> Iterator[pa.RecordBatch]:
    """Batches of rows of a file that hold the named columns, in this order. Raises CorpusError.

    path : - is standard input;  notify : called with Notices.
    """
    with _named_errors(path), open_stream(path, notify) as stream:
        sample = bytearray(SAMPLE)
        head = bytes(sample[: fill(stream, memoryview(sample))])
        yield from _reader(head, path)(path, _PrefixedStream(head, stream), list(names))


def names_in_file(path: AnyPath) -> list[str]:
    """The names of the columns of a Parquet, Arrow or Feather file. Raises CorpusError."""
    try:
        for _ in read_columns(path, [""]):
            pass
    except _NoColumn as error:
        return error.columns
    return []


class _NoColumn(CorpusError):
    """The table lacks a column; columns : those that it has."""

    def __init__(self, message: str, columns: list[str], options: Sequence[str] = ()) -> None:
        super().__init__(message, options=options)
        self.columns = columns


class _PrefixedStream(io.RawIOBase):
    """A stream whose first bytes have been read already, from its first byte on.

    tail : bytes that are given after its last one.
    """

    def __init__(self, head: bytes, stream: Any) -> None:
        super().__init__()
        self.head, self.stream, self.position = memoryview(head), stream, 0
        self.tail = memoryview(b"")

    def look_ahead(self, size: int) -> bool:
        """Make ``head`` of ``size`` bytes, if there are as many; returns whether it has grown."""
        longer = bytearray(size)
        longer[: len(self.head)] = self.head
        filled = len(self.head) + fill(self.stream, memoryview(longer)[len(self.head) :])
        grown, self.head = filled > len(self.head), memoryview(longer)[:filled]
        return grown

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, view: Any) -> int:
        """Give the next bytes."""
        view = memoryview(view).cast("B")
        n = min(len(view), len(self.head))
        view[:n], self.head = self.head[:n], self.head[n:]
        n = n or self.stream.readinto(view) or 0
        self.position += n
        if not n and len(view):
            n = min(len(view), len(self.tail))
            view[:n], self.tail = self.tail[:n], self.tail[n:]
        return n

    def tell(self) -> int:
        """Bytes given so far."""
        return self.position


@contextmanager
def _named_errors(path: AnyPath) -> Iterator[None]:
    """Context in which errors of reading a file become a CorpusError that names it."""
    try:
        with arrow_errors(f"{shown(path)}:", "cannot be read as a table"):
            yield
    except OSError as error:
        raise CorpusError(f"{shown(path)}: cannot be read: {first_line(error)}") from error


Reader = Callable[[AnyPath, _PrefixedStream, list[str]], Iterator[pa.RecordBatch]]


def _reader(head: bytes, path: AnyPath) -> Reader:
    """The function that reads a file that begins with ``head``. Raises CorpusError for no table."""
    for magic, reader in (
        (PARQUET, _parquet_batches),
        (ARROW_FILE, _arrow_file_batches),
        (ARROW_STREAM, _arrow_stream_batches),
    ):
        if head.startswith(magic):
            return reader
    if head.startswith(FEATHER1):
        raise CorpusError(
            f"{shown(path)}: is a Feather table of version 1; write it again as Parquet:"
            " pandas.read_feather, then to_parquet"
        )
    check_file_type(head, shown(path))
    check_binary(head, shown(path))
    text = head.removeprefix(UTF8).lstrip()
    if text.startswith(b"["):
        raise CorpusError(
            f"{shown(path)}: is a JSON document, no JSON lines; give it a row a line: jq -c '.[]'"
            " FILE > NEW"
        )
    return _json_batches if text.startswith(b"{") else _csv_batches


def _check_names(path: AnyPath, names: list[str], columns: list[str]) -> None:
    """Raise CorpusError unless a table has each wanted column, once."""
    for name in names:
        if columns.count(name) > 1:
            raise CorpusError(
                f"{shown(path)}: has {columns.count(name)} columns of the name"
                f" {name[:LONGEST_NAME]!r}; rename all but one"
            )
        if not columns:
            raise _NoColumn(f"{shown(path)}: is empty, without a line of column names", columns)
        if name not in columns:
            raise _NoColumn(
                f"{shown(path)}: has no column {name[:LONGEST_NAME]!r}; it has {listed(columns)}",
                columns,
            )


@contextmanager
def _seekable(path: AnyPath, stream: _PrefixedStream) -> Iterator[IO[bytes]]:
    """A seekable file of the bytes of a stream: the file itself, or a nameless copy of what was
    decompressed or came through a pipe.
    """
    source = getattr(stream.stream, "source", None)
    plain = isinstance(source, io.FileIO) and source.seekable() and str(path) != "-"
    if plain:
        with open(path, "rb") as file:
            yield file
        return
    with temporary_file(None) as file:
        buffer = memoryview(bytearray(READ))
        while n := stream.readinto(buffer):
            file.write(buffer[:n])
        file.seek(0)
        yield file


def _parquet_batches(
    path: AnyPath, stream: _PrefixedStream, names: list[str]
) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with (
        _seekable(path, stream) as file,
        pq.ParquetFile(file, buffer_size=READ, pre_buffer=False) as table,
    ):
        _check_names(path, names, table.schema_arrow.names)
        for group in range(table.num_row_groups):
            rows = _batch_rows(table, file, group, names)
            for batch in table.iter_batches(rows, row_groups=[group], columns=names):
                yield batch.select(names)


def _batch_rows(table: Any, file: IO[bytes], group: int, names: list[str]) -> int:
    """How many rows of a row group are read at a time: fewer where long texts in a dictionary could
    take far more memory than the file has.
    """
    import pyarrow.parquet as pq

    chunks = table.metadata.row_group(group)
    columns = [chunks.column(i) for i in range(chunks.num_columns)]
    columns = [
        column
        for column in columns
        if column.has_dictionary_page
        and any(f"{column.path_in_schema}.".startswith(f"{name}.") for name in names)
    ]
    paths = [column.path_in_schema for column in columns]
    if not paths or not chunks.num_rows:
        return BATCH_ROWS
    with pq.ParquetFile(
        file, metadata=table.metadata, read_dictionary=paths, buffer_size=READ
    ) as dictionaries:
        arrays = [
            array
            for batch in itertools.islice(dictionaries.iter_batches(1, [group], names), 1)
            for array in batch.columns
        ]
    longest = max(map(longest_in_dictionary, arrays), default=0)
    values = max(column.num_values for column in columns) / chunks.num_rows
    return int(min(max(BATCH_BYTES / max(longest * values, 1), 1), BATCH_ROWS))


def _arrow_file_batches(
    path: AnyPath, stream: _PrefixedStream, names: list[str]
) -> Iterator[pa.RecordBatch]:
    with _seekable(path, stream) as file:
        schema = pa.ipc.open_file(file).schema
        _check_names(path, names, schema.names)
        file.seek(0)
        options = pa.ipc.IpcReadOptions(
            included_fields=sorted(schema.get_field_index(name) for name in names)
        )
        table = pa.ipc.open_file(file, options=options)
        for i in range(table.num_record_batches):
            yield _valid(table.get_batch(i).select(names))


def _arrow_stream_batches(
    path: AnyPath, stream: _PrefixedStream, names: list[str]
) -> Iterator[pa.RecordBatch]:
    with pa.ipc.open_stream(io.BufferedReader(stream, READ)) as table:
        _check_names(path, names, table.schema.names)
        for batch in table:
            yield _valid(batch.select(names))


def _valid(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose offsets and indices lead nowhere outside of it.

    Raises ArrowInvalid. Arrow's files are memory as it is: nothing else checks them. Text is left
    to the tokeniser, which says where it is not UTF-8.
    """
    arrays = [
        plain(array, name) if plain_type(array.type) is not None else array
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    ]
    for array in arrays:
        array.validate(full=True)
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _csv_batches(
    path: AnyPath, stream: _PrefixedStream, names: list[str]
) -> Iterator[pa.RecordBatch]:
    columns, delimiter = _header(path, stream, names)
    if len(columns) == 1 and columns != names:
        raise _NoColumn(
            f"{shown(path)}: is no table: there are no commas, semicolons, tabs or bars in its"
            f" first line; for text, leave out column={names[0][:LONGEST_NAME]!r}",
            columns,
            ("column",),
        )
    _check_names(path, names, columns)
    options = arrow_csv.ConvertOptions(
        include_columns=names,
        column_types=dict.fromkeys(names, pa.binary()),  # the tokeniser checks the encoding
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    last = delimiter.encode().join(LAST_CELL if name in names else b"" for name in columns)
    stream.tail = memoryview(b"\n" + last + b"\n")
    batch, rows = None, 0
    try:
        for following in arrow_csv.open_csv(
            io.BufferedReader(stream, READ),
            arrow_csv.ReadOptions(block_size=CSV_CHUNK),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            options,
        ):
            if batch is not None:
                yield batch
            batch = following
            rows += len(batch)
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error):
            raise
        raise CorpusError(
            f"{shown(path)}: has a row of more than {CSV_CHUNK >> 20} MB; is a quotation mark"
            " unpaired?"
        ) from error
    if batch is None or not len(batch) or batch[0][-1].as_py() != LAST_CELL:
        raise CorpusError(
            f"{shown(path)}: row {max(rows, 1):,} has a quotation mark that is not closed, so"
            " that the lines after it would be part of its text"
        )
    yield batch[:-1]


def _header(path: AnyPath, stream: _PrefixedStream, names: list[str]) -> tuple[list[str], str]:
    """The names in the first line of CSV, and what separates them: of what may, that by which most
    of the wanted columns are found, and most columns. Raises CorpusError for a longer line than
    CSV_CHUNK.
    """
    while True:
        text = bytes(stream.head).removeprefix(UTF8).decode(errors="replace").lstrip("\r\n")
        found = [(*_first_row(text, delimiter), delimiter) for delimiter in DELIMITERS]
        columns, ends, delimiter = max(
            found, key=lambda each: (sum(n in each[0] for n in names), len(each[0]))
        )
        size = len(stream.head)
        if ends or size < SAMPLE or not stream.look_ahead(min(2 * size, CSV_CHUNK)):
            break
    if not ends and len(stream.head) >= CSV_CHUNK:
        raise CorpusError(
            f"{shown(path)}: has a first line of more than {CSV_CHUNK >> 20} MB; is this a table,"
            " with the names of its columns?"
        )
    return columns, delimiter


def _first_row(text: str, delimiter: str) -> tuple[list[str], bool]:
    """The cells of the first row of CSV, and whether it ends within the text."""
    lines = io.StringIO(text, newline="")
    try:
        cells = next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return [], True
    return cells, lines.tell() < len(text) or text.endswith(("\n", "\r"))


def _json_batches(
    path: AnyPath, stream: _PrefixedStream, names: list[str]
) -> Iterator[pa.RecordBatch]:
    schema, line = None, 1
    for chunk in _whole_lines(path, stream):
        if schema is None:
            schema = _json_schema(path, chunk, names)
        options = arrow_json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore"
        )
        blocks = arrow_json.ReadOptions(block_size=max(len(chunk), 1))
        if not chunk.isspace():
            try:
                table = arrow_json.read_json(pa.BufferReader(chunk), blocks, options)
            except pa.ArrowException as error:
                raise CorpusError(
                    f"{shown(path)}: cannot be read as JSON lines, from line {line} on:"
                    f" {first_line(error)}"
                ) from error
            yield from table.select(names).to_batches(BATCH_ROWS)
        line += chunk.count(b"\n")


def _whole_lines(path: AnyPath, stream: _PrefixedStream) -> Iterator[bytes]:
    """The bytes of a stream, some whole lines at a time."""
    rest, size, first = b"", CHUNK, True
    while True:
        raw = bytearray(size)
        raw[: len(rest)] = rest
        filled = len(rest) + fill(stream, memoryview(raw)[len(rest) :])
        ends = filled < size
        stop = filled if ends else raw.rfind(b"\n", 0, filled) + 1
        if stop or ends:
            begin = len(UTF8) if first and raw.startswith(UTF8) else 0
            yield bytes(raw[begin:stop])
            rest, size, first = bytes(raw[stop:filled]), CHUNK, False
            size = max(size, 2 * len(rest))
        elif size >= LONGEST_LINE:
            raise CorpusError(f"{shown(path)}: has a line of more than {size >> 20} MB")
        else:
            rest, size = bytes(raw[:filled]), 2 * size
        if ends:
            return


def _json_schema(path: AnyPath, chunk: bytes, names: list[str]) -> pa.Schema:
    """The types of the wanted columns, by the values in the first rows. Raises CorpusError."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(io.BytesIO(chunk), 1):
        if len(rows) == TYPED_ROWS:
            break
        if line.strip():
            rows.append(_json_row(path, line, number))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    _check_names(path, names, columns)
    values = {name: [row[name] for row in rows if row.get(name) is not None] for name in names}
    return pa.schema([(name, _json_type(path, name, values[name])) for name in names])


def _json_row(path: AnyPath, line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise CorpusError(
            f"{shown(path)}:{number}: is no JSON: {first_line(ValueError(str(error)))}"
        ) from error
    if not isinstance(row, dict):
        raise CorpusError(f"{shown(path)}:{number}: is no row of JSON lines, as the others are")
    return row


def _json_type(path: AnyPath, name: str, values: list[Any]) -> pa.DataType:
    if any(isinstance(value, list) for value in values):
        items = [item for value in values if isinstance(value, list) for item in value]
        return pa.list_(_json_type(path, name, [item for item in items if item is not None]))
    if any(isinstance(value, dict) for value in values):
        raise CorpusError(
            f"{shown(path)}: the column {name[:LONGEST_NAME]!r} holds objects (nested rows); give a"
            " column of strings, or of lists of strings"
        )
    kinds = {type(value) for value in values}
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and all(abs(value) < 2**63 for value in values)
        return pa.int64() if whole else pa.float64()
    return pa.bool_() if kinds == {bool} else pa.string()
