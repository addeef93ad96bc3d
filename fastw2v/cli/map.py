"""``fastw2v map``: thousands of words on an interactive page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fastw2v.cli.drawing import projection_options
from fastw2v.cli.metadata import chosen_words, group_options, groups_of, opened, titles_of
from fastw2v.cli.options import FILE, check_outputs, check_suffix, vectors_argument
from fastw2v.cli.progress import working
from fastw2v.cli.terminal import echo_note
from fastw2v.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class WordCount(click.IntRange):
    """A number of words, with advice for a user who gives words instead."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> Any:
        """Return the number."""
        if isinstance(value, str) and not value.strip().lstrip("+-").isdigit():
            self.fail(
                f"{quoted(value)} is not a number; a map shows the N most frequent words:"
                " --words 3000. To draw given words: fastw2v plot VECTORS --words A,B,C",
                param,
                context,
            )
        return super().convert(value, param, context)


@click.command()
@vectors_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    default="map.html",
    show_default=True,
    help="Output path of the page.",
)
@click.option(
    "--words",
    metavar="N",
    default=3000,
    show_default=True,
    type=WordCount(3, 50_000),
    help="Number of words, the most frequent ones.",
)
@projection_options("auto", ": t-SNE for more than 1,000 words if it is installed, else PCA")
@group_options
def map(
    vectors: str,
    output: str,
    words: int,
    method: str,
    seed: int,
    metadata: str | None,
    color_by: str | None,
    where: Sequence[str],
) -> None:
    """Draw the most frequent words of the file VECTORS on an interactive page.

    The page can zoom, search and show neighbours. It is one file that opens in any browser and
    needs no network. Neighbours are by cosine in all dimensions, not by distance on the plane.
    """
    check_outputs([output], [vectors, *([metadata] if metadata else [])])
    check_suffix(output, (".html", ".htm"), "the suffix of a map must be .html")
    from fastw2v.api import load
    from fastw2v.plots.projection import PCA_WORDS, best_method
    from fastw2v.plots.web_map import draw_map

    loaded = load(vectors)
    about = opened(metadata, loaded, color_by, where)
    if where:
        rows = [loaded.ids[word] for word in chosen_words(about, loaded.words, where)]
        loaded = loaded.of_rows(rows)
    count = min(words, len(loaded))
    if method == "auto":
        method = best_method(count)
        if method == "pca" and count > PCA_WORDS:
            echo_note(
                "note     PCA separates few groups of more than 1,000 words; t-SNE shows them: pip"
                " install 'fastw2v[plot]'"
            )
    with working(lambda: f"placing {count:,} words by {method}"):
        shown = loaded.words[:words]
        mapped = draw_map(
            loaded,
            output,
            words=words,
            method=method,
            seed=seed,
            titles=titles_of(about, shown),
            groups=groups_of(about, shown, color_by),
        )
    echo_note(
        f"drew     {mapped.words:,} words in {Path(output)} ({mapped.size / 1e6:.1f} MB); open it"
        " in a browser"
    )
