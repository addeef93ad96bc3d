"""``fastw2v map``: thousands of words as a page to walk about in."""

from pathlib import Path

import click

from fastw2v.cli.drawing import projection_options
from fastw2v.cli.options import check_outputs, check_suffix, vectors_argument
from fastw2v.cli.terminal import echo_note


class HowMany(click.IntRange):
    """A number of words; of words themselves it says where they belong."""

    def convert(self, value, param, context):
        """The number."""
        if isinstance(value, str) and not value.strip().lstrip("+-").isdigit():
            self.fail(
                f"{value!r} is no number; a map has the N most frequent words: --words 3000."
                " To draw chosen ones: fastw2v plot VECTORS --words A,B,C",
                param,
                context,
            )
        return super().convert(value, param, context)


@click.command()
@vectors_argument
@click.option("-o", "--output", default="map.html", show_default=True, help="Where the page goes.")
@click.option(
    "--words",
    default=3000,
    show_default=True,
    type=HowMany(3, 50_000),
    help="How many, the most frequent.",
)
@projection_options
def map(vectors, output, words, method, seed):
    """Draw the most frequent words of the file VECTORS on a page to move about in: to zoom, to
    search, to see neighbours.

    The page is one file that opens in any browser, from the disk, and needs no network. Neighbours
    are those by cosine, not those on the plane.
    """
    check_outputs([output], [vectors])
    check_suffix(output, (".html", ".htm"), "a map is a page, .html")
    from fastw2v.api import load
    from fastw2v.plots.web_map import draw_map

    mapped = draw_map(load(vectors), output, words=words, method=method, seed=seed)
    echo_note(
        f"drew     {mapped.words:,} words in {Path(output)} ({mapped.size / 1e6:.1f} MB); open it"
        " in a browser"
    )
