"""``fastw2v map``: thousands of words as a page to walk about in."""

from pathlib import Path

import click

from fastw2v.cli.drawing import projection_options
from fastw2v.cli.options import vectors_argument
from fastw2v.files import check_distinct, check_writable


@click.command()
@vectors_argument
@click.option("-o", "--output", default="map.html", show_default=True, help="Where the page goes.")
@click.option("--words", default=3000, show_default=True, type=click.IntRange(3, 50_000), help="How many, the most frequent.")
@projection_options
def map(vectors, output, words, method, seed):
    """Draw the most frequent words of the file VECTORS on a page to move about in: to zoom, to search, to see neighbours.

    The page is one file that opens in any browser, from the disk, and needs no network. Neighbours are those by cosine, not
    those on the plane.
    """
    check_writable(output)
    check_distinct([output], [vectors])
    from fastw2v.api import load
    from fastw2v.plots.web_map import draw_map

    mapped = draw_map(load(vectors), output, words=words, method=method, seed=seed)
    click.echo(f"drew     {mapped.words:,} words in {Path(output)} ({mapped.size / 1e6:.1f} MB); open it in a browser", err=True)
