"""Which columns of tables are trained on, and blocks of files that are tables.

The modules that read tables (``tables``, ``table_rows``, ``arrow_columns``) import pyarrow, which
is optional. They are imported only where a corpus is a table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from fastw2v.corpus.file_types import LONGEST_NAME
from fastw2v.errors import ConfigError, ConfigTypeError, CorpusError, Fastw2vError, quoted
from fastw2v.events import Notify
from fastw2v.paths import AnyPath, shown

if TYPE_CHECKING:
    from fastw2v.corpus.reader import Block


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are trained on.

    Attributes
    ----------
    column
        Column of texts, or of lists of tokens.
    group_by
        Column whose equal values make rows one line; each row has one token.
    order_by
        Column by which the rows of a line are sorted.
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


def require_pyarrow(what: str) -> Any:
    """Return pyarrow. Raises CorpusError, which says how to install it."""
    try:
        import pyarrow
    except ImportError as error:
        raise CorpusError(
            f"{what} is read with pyarrow, which is not installed: pip install 'fastw2v[data]'"
        ) from error
    return pyarrow


def column_names(path: AnyPath) -> list[str]:
    """The names of the columns of a Parquet, Arrow or Feather file; none if they cannot be read."""
    try:
        require_pyarrow("a table")
        from fastw2v.corpus.tables import names_in_file

        return names_in_file(path)
    except Fastw2vError:
        return []


def table_file_blocks(
    files: Sequence[AnyPath], columns: Columns, notify: Notify, tokenize: bool
) -> "Iterator[Block]":
    """Blocks of files that are tables; sessions may have rows in several of them."""
    require_pyarrow(f"{shown(files[0])}: column {columns.column[:LONGEST_NAME]!r}")
    from fastw2v.corpus.table_rows import table_blocks
    from fastw2v.corpus.tables import read_columns

    tables = [(shown(name), read_columns(name, columns.names, notify)) for name in files]
    if columns.group_by is not None:
        source = tables[0][0] if len(tables) == 1 else f"{len(tables)} files"
        tables = [(source, chain.from_iterable(batches for _, batches in tables))]
    for source, batches in tables:
        yield from table_blocks(batches, columns, source, notify, tokenize=tokenize)
