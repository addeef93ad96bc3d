"""Options of commands that show what a table says of words: their titles, groups and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fastw2v.cli.options import FILE
from fastw2v.errors import quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastw2v.cli.options import Decorated
    from fastw2v.formats.metadata import Metadata
    from fastw2v.vectors.word_vectors import WordVectors

MAX_TITLE = 80  # letters


def metadata_option(command: Decorated) -> Decorated:
    """Decorator: ``--metadata``."""
    return click.option(
        "--metadata",
        type=FILE,
        metavar="FILE",
        help="Table of tab-separated columns with a header line; the first column is the word. A"
        " column title is shown in place of the word.",
    )(command)


def group_options(command: Decorated) -> Decorated:
    """Decorator: ``--metadata``, and its columns by which points are coloured and chosen."""
    where = click.option(
        "--where",
        metavar="COLUMN=VALUE",
        multiple=True,
        help="Show only words with this value in a column of --metadata. Can be repeated.",
    )
    colour = click.option(
        "--color-by",
        metavar="COLUMN",
        help="Column of --metadata that colours the points; by default group, if there is one.",
    )
    return metadata_option(where(colour(command)))


def opened(
    path: str | None, vectors: WordVectors, color_by: str | None = None, where: Sequence[str] = ()
) -> Metadata | None:
    """Return the Metadata of a file, None without one.

    Raises click.UsageError for other options that need it.
    """
    if path is None:
        if color_by or where:
            option = "--color-by" if color_by else "--where"
            raise click.UsageError(f"{option} needs --metadata FILE")
        return None
    from fastw2v.formats.metadata import read_metadata

    return read_metadata(path, vectors.words)


def chosen_words(
    metadata: Metadata | None, words: Sequence[str], where: Sequence[str]
) -> list[str]:
    """Return the words that ``where`` (COLUMN=VALUE, ...) chooses. Raises VectorsError for none."""
    from fastw2v.errors import VectorsError

    if metadata is None or not where:
        return list(words)
    pairs = [condition.partition("=") for condition in where]
    for condition, (_, sign, _) in zip(where, pairs, strict=True):
        if not sign:
            raise click.UsageError(f"--where takes COLUMN=VALUE, not {quoted(condition)}")
    rows = metadata.matching(words, {column: value for column, _, value in pairs})
    if not rows:
        raise VectorsError(f"{metadata.path}: no word has {' and '.join(where)}")
    return [words[row] for row in rows]


def groups_of(
    metadata: Metadata | None, words: Sequence[str], color_by: str | None
) -> tuple[str, list[str]] | None:
    """Return the column that colours points and its values for words; None without one."""
    from fastw2v.formats.metadata import GROUP

    if metadata is None or (color_by is None and GROUP not in metadata.columns):
        return None
    column = color_by or GROUP
    return column, [metadata.value(column, word) for word in words]


def titles_of(metadata: Metadata | None, words: Sequence[str]) -> list[str] | None:
    """Return what is shown in place of words; None if there is nothing else."""
    if metadata is None:
        return None
    return [shortened(metadata.title(word), MAX_TITLE) for word in words]
