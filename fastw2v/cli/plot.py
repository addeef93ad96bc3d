"""``fastw2v plot``: words on a plane."""

from pathlib import Path

import click

from fastw2v.cli.drawing import projection_options, say_lacking, silence_matplotlib
from fastw2v.cli.options import vectors_argument
from fastw2v.files import check_distinct, check_writable


@click.command()
@vectors_argument
@click.option("-o", "--output", default="plot.png", show_default=True, help="Where the picture goes: .png, .svg or .pdf.")
@click.option("--words", metavar="A,B,C", help="The words to draw; by default those of the course notes that are known.")
@click.option("--words-file", metavar="FILE", help="Draw the words of a file, between white space.")
@click.option("--most-frequent", metavar="N", type=click.IntRange(3), help="Draw the N most frequent words.")
@click.option(
    "--table",
    default="input",
    show_default=True,
    type=click.Choice(("input", "both")),
    help="Draw input vectors, or for each word its input and its output vector side by side, as one.",
)
@click.option("--output-vectors", metavar="FILE", help="With --table both: the output vectors, if VECTORS holds none.")
@projection_options
def plot(vectors, output, words, words_file, most_frequent, table, output_vectors, method, seed):
    """Draw words of the file VECTORS on a plane, so that words whose vectors point the same way lie together.

    Of a model with n-grams (.npz), words that it never saw can be drawn too.
    """
    if sum(asked is not None for asked in (words, words_file, most_frequent)) > 1:
        raise click.UsageError("give one of --words, --words-file and --most-frequent")
    if output_vectors and table != "both":
        raise click.UsageError("--output-vectors is for --table both")
    silence_matplotlib()
    check_writable(output)
    check_distinct([output], [name for name in (vectors, words_file, output_vectors) if name])
    from fastw2v.api import load
    from fastw2v.plots.word_map import choose_words, draw_words

    asked = None
    if words_file:
        from fastw2v.corpus.vocabulary import read_words

        asked = sorted(read_words(words_file))
    elif words is not None:
        asked = [word.strip() for word in words.split(",") if word.strip()]
    loaded = load(vectors)
    outputs = None
    if table == "both":
        outputs = load(output_vectors) if output_vectors else loaded.of_outputs()
    chosen = choose_words(loaded, asked, most_frequent)
    drawn = draw_words(loaded, chosen, output, outputs=outputs, method=method, seed=seed)
    click.echo(f"drew     {len(chosen)} words in {Path(output)}", err=True)
    say_lacking(drawn.lacking)
