"""``fastw2v plot``: words in two dimensions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fastw2v.cli.drawing import note_missing_characters, projection_options, silence_matplotlib
from fastw2v.cli.metadata import chosen_words, group_options, groups_of, opened, titles_of
from fastw2v.cli.options import FILE, check_outputs, check_suffix, vectors_argument
from fastw2v.cli.terminal import echo_note
from fastw2v.errors import UnknownWordError, VectorsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastw2v.vectors.word_vectors import WordVectors


@click.command()
@vectors_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    default="plot.png",
    show_default=True,
    help="Output path of the picture: .png, .svg or .pdf.",
)
@click.option(
    "--words",
    metavar="A,B,C",
    help="Words to draw; by default the words of the CS224n notes in the vocabulary.",
)
@click.option(
    "--words-file",
    type=FILE,
    metavar="FILE",
    help="File of words to draw, separated by white space.",
)
@click.option(
    "--most-frequent", metavar="N", type=click.IntRange(3), help="Draw the N most frequent words."
)
@click.option(
    "--table",
    default="input",
    show_default=True,
    type=click.Choice(("input", "both")),
    help=("Draw input vectors, or the concatenation of input and output vectors (both)."),
)
@click.option(
    "--output-vectors",
    type=FILE,
    metavar="FILE",
    help="File of output vectors for --table both, if VECTORS has none.",
)
@projection_options("pca")
@group_options
def plot(
    vectors: str,
    output: str,
    words: str | None,
    words_file: str | None,
    most_frequent: int | None,
    table: str,
    output_vectors: str | None,
    method: str,
    seed: int,
    metadata: str | None,
    color_by: str | None,
    where: Sequence[str],
) -> None:
    """Plot words of the file VECTORS in two dimensions.

    A model with n-grams (.npz) can also draw unseen words.
    """
    if sum(requested is not None for requested in (words, words_file, most_frequent)) > 1:
        raise click.UsageError("give one of --words, --words-file and --most-frequent")
    if output_vectors and table != "both":
        raise click.UsageError("--output-vectors needs --table both")
    silence_matplotlib()
    inputs = (vectors, words_file, output_vectors, metadata)
    check_outputs([output], [name for name in inputs if name])
    check_suffix(
        output, (".png", ".svg", ".pdf"), "the suffix of a picture must be .png, .svg or .pdf"
    )
    from fastw2v.api import load
    from fastw2v.plots.word_map import FREQUENT, choose_words, draw_words

    requested = _requested_words(words, words_file)
    loaded = load(vectors)
    _check_words(requested, loaded)
    about = opened(metadata, loaded, color_by, where)
    outputs = _outputs(vectors, loaded, output_vectors) if table == "both" else None
    if where:
        count = most_frequent or FREQUENT if requested is None else None
        words_to_filter = loaded.words if requested is None else requested
        requested = chosen_words(about, words_to_filter, where)[:count]
    chosen = choose_words(loaded, requested, most_frequent)
    _check_known(outputs, chosen, output_vectors)
    drawn = draw_words(
        loaded,
        chosen,
        output,
        outputs=outputs,
        method=method,
        seed=seed,
        titles=titles_of(about, chosen),
        groups=groups_of(about, chosen, color_by),
    )
    echo_note(f"drew     {len(chosen)} words in {Path(output)}")
    if requested is None and most_frequent is None:
        _note_missing_words(chosen)
    note_missing_characters(drawn.missing_characters)


def _requested_words(words: str | None, words_file: str | None) -> list[str] | None:
    """Return the words that the options name, None if they name none."""
    if words_file:
        from fastw2v.corpus.vocabulary import read_words

        return sorted(read_words(words_file))
    if words is None:
        return None
    return [word.strip() for word in words.split("," if "," in words else None) if word.strip()]


def _check_words(requested: Sequence[str] | None, loaded: WordVectors) -> None:
    """Raise click.UsageError if a number is asked for where words should be."""
    if requested and len(requested) == 1 and requested[0].isdigit() and requested[0] not in loaded:
        raise click.UsageError(
            f"--words takes words; use --most-frequent {requested[0]} for a number of words"
        )


def _outputs(path: str, loaded: WordVectors, other: str | None) -> WordVectors:
    """Return the output vectors, from a separate file or from the model.

    Raises VectorsError if there are none.
    """
    if not other and loaded.output_vectors is None:
        raise VectorsError(
            f"{path}: holds no output vectors, which --table both needs; give the model (.npz of"
            " fastw2v train -o), or --output-vectors with the file of train --save-output-vectors"
        )
    from fastw2v.api import load

    return load(other) if other else loaded.of_outputs()


def _check_known(outputs: WordVectors | None, words: Sequence[str], path: str | None) -> None:
    """Raise UnknownWordError, with the file, for a word that has no output vector."""
    try:
        _ = outputs is None or outputs[words]
    except UnknownWordError as error:
        raise UnknownWordError(f"{path}: {error}") from error


def _note_missing_words(chosen: Sequence[str]) -> None:
    """Print a note with the default words that are not in the vocabulary."""
    from fastw2v.plots.word_map import COURSE_WORDS

    if missing := [word for word in COURSE_WORDS if word not in chosen]:
        of = (
            f"{len(missing)} of the {len(COURSE_WORDS)} words of the CS224n notes are not in the"
            " vocabulary"
        )
        drawn = "" if set(chosen) & set(COURSE_WORDS) else ", so the most frequent words are drawn"
        echo_note(f"note     {of}{drawn}; --words A,B,C or --most-frequent N draws other words")
