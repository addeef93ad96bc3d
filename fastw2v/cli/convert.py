"""``fastw2v convert``: vectors from one format to another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from fastw2v.cli.metadata import metadata_option, opened
from fastw2v.cli.options import FILE, check_outputs
from fastw2v.cli.terminal import echo_note
from fastw2v.errors import VectorsError
from fastw2v.formats.registry import ALL_DTYPES, FORMATS, WRITTEN, format_of

if TYPE_CHECKING:
    from fastw2v.config import EncodingErrors
    from fastw2v.paths import AnyPath
    from fastw2v.vectors.word_vectors import WordVectors


@click.command()
@click.argument("source", type=FILE, metavar="IN")
@click.argument("output", type=FILE, metavar="OUT")
@click.option(
    "--to",
    "format",
    type=click.Choice(WRITTEN),
    help="Format of OUT; by default selected by its suffix.",
)
@click.option(
    "--dtype",
    type=click.Choice(ALL_DTYPES),
    default="float32",
    show_default=True,
    help="Number type in OUT; float16 and int8 only for .npz and --to hub.",
)
@click.option(
    "--encoding-errors",
    type=click.Choice(("strict", "replace", "ignore")),
    default="strict",
    show_default=True,
    help="Treatment of words in IN that are not UTF-8.",
)
@click.option(
    "-n",
    "--number",
    type=click.IntRange(1),
    help="Convert only the first N words, usually the most frequent ones.",
)
@metadata_option
def convert(
    source: str,
    output: str,
    format: str | None,
    dtype: str,
    encoding_errors: EncodingErrors,
    number: int | None,
    metadata: str | None,
) -> None:
    """Convert the vectors in IN to OUT, in the format of its suffix.

    The content of IN determines its format: word2vec's binary and text files, GloVe's text, .npz,
    fastText's .bin, gensim's files, a folder of the Hugging Face hub; also compressed by gzip,
    bzip2, xz, zstd or zip. Formats of OUT:

    \b
      .bin               word2vec's binary file
      .txt .vec          word2vec's text file: gensim, fastText, spacy init vectors
      .glove             GloVe's text file, without a header line
      .npz               fastw2v's whole model, as NumPy arrays
      .parquet           a table of words, counts and vectors (fastw2v[data])
      .npy               NumPy's array; its words in a file of the same name with .words.txt
      .faiss .hnswlib    an index of faiss or hnswlib, by cosine, and its words
      --to fasttext      fastText's .bin, with n-grams: fastText, gensim's load_facebook_model
      --to projector     a folder for the TensorBoard projector
      --to hub           a folder for model2vec and sentence-transformers

    A further suffix .gz, .bz2, .xz, .zst or .zip compresses .bin, .txt, .vec and
    .glove.
    """
    if os.path.isfile(output) and not os.path.exists(source):
        raise VectorsError(
            f"{source}: no such file; give the input first: fastw2v convert {output} {source}"
        )
    from fastw2v.api import load
    from fastw2v.formats.npy import words_path

    format = format_of(output, format)
    outputs: list[AnyPath] = [output, *([words_path(output)] if FORMATS[format].with_words else [])]
    if metadata and (format != "projector" or dtype != "float32"):
        raise click.UsageError("--metadata is for --to projector, whose table it fills")
    if not FORMATS[format].folder:
        check_outputs(outputs, [source])
    vectors = load(source, encoding_errors, limit=number)
    if metadata:
        from fastw2v.formats.projector import write

        write(output, vectors, opened(metadata, vectors))
    else:
        vectors.save(output, format, dtype)
    lost = _lost_parts(vectors, format)
    note = f"; {', '.join(lost)} not included: --to model keeps them" if lost else ""
    names = " and ".join(map(str, outputs))
    echo_note(
        f"wrote    {names}: {len(vectors):,} words, {vectors.table.shape[1]} dimensions{note}"
    )


def _lost_parts(vectors: WordVectors, format: str) -> list[str]:
    """Return the names of the parts that a format cannot hold."""
    if format in ("model", "fasttext"):
        return []
    parts = {
        "counts": vectors.counts,
        "output vectors": vectors.output_table,
        "n-grams": vectors.subwords,
    }
    return [
        name
        for name, part in parts.items()
        if part is not None and not (name == "counts" and format in ("projector", "parquet"))
    ]
