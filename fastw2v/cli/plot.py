"""``fastw2v plot``: words on a plane."""

from pathlib import Path

import click

from fastw2v.cli.options import vectors_argument
from fastw2v.files import check_writable


@click.command()
@vectors_argument
@click.option("-o", "--output", default="plot.png", show_default=True, help="Where the picture goes: .png, .svg or .pdf.")
@click.option("--words", help="The words to draw, with commas between; by default those of the course notes.")
def plot(vectors, output, words):
    """Draw words of the file VECTORS on a plane, by the two directions in which they differ most (PCA)."""
    check_writable(output)
    from fastw2v.api import load
    from fastw2v.plots.word_map import choose_words, draw_words

    loaded = load(vectors)
    chosen = choose_words(loaded, [word.strip() for word in words.split(",") if word.strip()] if words is not None else None)
    draw_words(loaded, chosen, output)
    click.echo(f"drew     {len(chosen)} words in {Path(output)}", err=True)
