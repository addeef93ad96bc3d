"""``fastw2v embed``: vectors of texts."""

from typing import Any

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import (
    CORPUS_GROUP,
    FILE,
    GroupedCommand,
    check_outputs,
    check_suffix,
    column_options,
    config_options,
    take_columns,
    vectors_argument,
)
from fastw2v.cli.progress import ProgressLine

GROUPS = {
    "Common options": "output weighting remove_components fit threads quiet",
    "Texts": CORPUS_GROUP,
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@vectors_argument
@click.argument("texts", type=FILE, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    required=True,
    help="Output path: .npy, or .parquet with a column named vector.",
)
@click.option(
    "--weighting",
    default="sif",
    show_default=True,
    type=click.Choice(("sif", "idf", "mean")),
    help="Weights of words: by their counts in training, by their number of texts, or equal.",
)
@click.option(
    "--remove-components",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Remove the first N principal components of the texts.",
)
@click.option(
    "--fit",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="Learn IDF weights and components from the texts in FILE instead of TEXTS.",
)
@column_options
@config_options("lowercase", "tokenize", "encoding_errors", "threads")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def embed(
    vectors: str,
    texts: tuple[str, ...],
    output: str,
    fit: tuple[str, ...],
    quiet: bool,
    threads: int | None,
    **settings: Any,
) -> None:
    """Write a vector for each line of the files TEXTS: the weighted mean of its words' vectors.

    Row i of the output is line i. Lines without a known word have a row of zeros, and are counted.
    """
    columns = take_columns(settings)
    begin_compiling()
    from fastw2v.embedding.output import SUFFIXES

    check_suffix(output, SUFFIXES, "vectors of texts are written as .npy or .parquet")
    from fastw2v.api import load
    from fastw2v.corpus.reader import find_files, size_on_disk
    from fastw2v.embedding.embedder import TextEmbedder
    from fastw2v.embedding.output import embed_to_file
    from fastw2v.embedding.sources import TextFiles

    files, fit_files = find_files(list(texts)), find_files(list(fit))
    check_outputs([output], [vectors, *files, *fit_files])
    embedder = TextEmbedder(load(vectors), threads=threads, **settings)
    with ProgressLine(quiet) as show:
        done = embed_to_file(
            embedder,
            TextFiles(files, **columns),
            output,
            fit_texts=TextFiles(fit_files, **columns) if fit_files else None,
            size=size_on_disk(files),
            notify=show,
        )
        D = embedder.vectors.table.shape[1]
        show.say(
            f"saved    {output}: {done.texts:,} texts, {D} dimensions; {done.unknown:,} of"
            f" {done.words:,} words unknown"
        )
        if done.empty:
            show.say(
                f"note     {done.empty:,} of {done.texts:,} texts have no word with a vector; their"
                " rows are zeros"
            )
