"""Corpora that are Python objects: tables and columns of pandas, polars, pyarrow and Hugging Face
as Arrow arrays; everything else is an iterable of token lists.
"""

import itertools
from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING, Any

from fastw2v.corpus.columns import Columns, require_pyarrow
from fastw2v.corpus.file_types import LONGEST_NAME, listed
from fastw2v.corpus.reader import Block
from fastw2v.corpus.token_lists import columns_of, sentence_blocks
from fastw2v.errors import ConfigError, CorpusError
from fastw2v.events import Notify

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1 << 12  # rows of a Hugging Face data set read at a time
LIBRARIES = ("pandas", "polars", "pyarrow", "datasets")
WHAT = "the corpus"


def object_blocks(
    corpus: Any, columns: Columns | None, notify: Notify, *, tokenize: bool
) -> Iterator[Block]:
    """Blocks of the rows of a corpus that is no path: a table with the named columns, a column of
    one, or token lists.

    tokenize : whether texts are split into words later. Raises CorpusError.
    """
    if columns is not None:
        require_pyarrow("a column of a table")
        from fastw2v.corpus.table_rows import table_blocks

        batches = _batches(corpus, columns)
        return table_blocks(batches, columns, WHAT, notify, tokenize=tokenize, first_row=0)
    if (arrays := _arrays(corpus)) is not None:
        from fastw2v.corpus.table_rows import column_blocks

        name = str(getattr(corpus, "name", None) or getattr(corpus, "column_name", "values"))
        return column_blocks(arrays, name, WHAT, notify, tokenize=tokenize, first_row=0)
    if tokenize:
        raise ConfigError(
            "token lists are split into words already; leave out tokenize", options=("tokenize",)
        )
    return sentence_blocks(corpus)


def _library(value: object) -> str:
    return type(value).__module__.split(".")[0]


def _arrays(corpus: Any) -> "Iterable[pa.Array] | None":
    """The arrays of a column of one of the libraries; None for other objects, and for a column
    whose values have no Arrow type that is read here.
    """
    library = _library(corpus)
    found: Iterable[Any] | None
    if library not in LIBRARIES or columns_of(corpus):
        return None
    try:
        import pyarrow as pa
    except ImportError:
        return None  # its values are read one by one
    from fastw2v.corpus.table_rows import can_be_read

    if library == "datasets":
        found = _data_set_arrays(corpus)
    else:
        try:
            found = _one_array(corpus)
        except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError):
            return None  # values of several types: reading them one by one says which is wrong
    if found is None:
        return None
    arrays = iter(found)
    first = next(arrays, None)
    if first is None:
        return []
    return itertools.chain([first], arrays) if can_be_read(first.type) else None


def _one_array(column: Any) -> "list[pa.Array] | None":
    """The arrays of a Series, or of pyarrow's own column."""
    import pyarrow as pa

    if _library(column) == "pandas" and hasattr(column, "iloc"):
        # pyarrow would take the items of a set in any order
        if column.dtype == object and any(issubclass(kind, Set) for kind in set(map(type, column))):
            raise TypeError("sets have no order")
        column = pa.Array.from_pandas(column)
    elif hasattr(column, "to_arrow"):
        column = column.to_arrow()
    if isinstance(column, pa.ChunkedArray):
        return column.chunks or [pa.array([], column.type)]
    return [column] if isinstance(column, pa.Array) else None


def _data_set_arrays(column: Any) -> "Iterator[pa.Array] | None":
    source = getattr(column, "source", None)
    if not hasattr(source, "with_format") or not hasattr(column, "column_name"):
        return None
    batches = _data_set_batches(source, [column.column_name])
    return (batch.column(0) for batch in batches)


def _data_set_batches(data_set: Any, names: list[str]) -> "Iterator[pa.RecordBatch]":
    """Batches of a Hugging Face data set, or of one that is streamed."""
    for table in data_set.select_columns(names).with_format("arrow").iter(ROWS):
        yield from table.select(names).to_batches()


def _batches(corpus: Any, columns: Columns) -> "Iterator[pa.RecordBatch]":
    """Batches of a table of one of the libraries. Raises CorpusError for other objects."""
    import pyarrow as pa

    name, library = type(corpus).__name__, _library(corpus)
    if library == "polars" and hasattr(corpus, "collect"):
        raise CorpusError(f"the corpus is a {name}; give corpus.collect()")
    found = columns_of(corpus)
    if library == "datasets" and isinstance(corpus, dict):
        raise CorpusError(
            f"the corpus is a {name}, with the splits {', '.join(map(str, corpus))[:80]};"
            f" give one: corpus[{next(iter(corpus), 'train')!r}]"
        )
    if library not in LIBRARIES or not found:
        raise CorpusError(
            f"column names a column of a table, and the corpus is a {name}; leave it out",
            options=("column",),
        )
    for wanted in columns.names:
        if found.count(wanted) != 1:
            raise CorpusError(
                f"the corpus ({name}) has {'several columns' if wanted in found else 'no column'}"
                f" {wanted[:LONGEST_NAME]!r}; it has {listed(found)}"
            )
    try:
        yield from _table_batches(corpus, columns.names)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError) as error:
        raise CorpusError(
            f"the corpus ({name}): a column cannot be read: {str(error).strip()[:120]}"
        ) from error


def _table_batches(table: Any, names: list[str]) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa

    library = _library(table)
    if library == "datasets":
        yield from _data_set_batches(table, names)
        return
    if library == "pandas":
        arrays = {name: _one_array(table[name]) for name in names}
        table = pa.table({name: pa.chunked_array(arrays[name]) for name in names})
    else:
        table = table.select(names)
        table = table.to_arrow() if library == "polars" else table
    if isinstance(table, pa.RecordBatch):
        yield table
    else:
        yield from table.to_batches()
