"""Parts shared by the commands that draw."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from fastw2v.cli.terminal import echo_note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastw2v.cli.options import Decorated

METHODS = ("pca", "tsne", "umap")  # of plots/projection, which imports NumPy


def projection_options(default: str, about: str = "") -> Callable[[Decorated], Decorated]:
    """Decorator: ``--method`` and ``--seed`` of the projection.

    default : of ``--method``;  about : what the help says of it.
    """
    choices = dict.fromkeys((default, *METHODS))
    seed = click.option(
        "--seed",
        default=1,
        show_default=True,
        type=click.IntRange(0),
        metavar="N",
        help="Seed of t-SNE and UMAP.",
    )
    method = click.option(
        "--method",
        default=default,
        show_default=True,
        type=click.Choice(list(choices)),
        help=f"Projection method{about}; t-SNE and UMAP need pip install 'fastw2v[plot]'.",
    )
    return lambda command: method(seed(command))


def silence_matplotlib() -> None:
    """Silence matplotlib's messages about its caches and fonts."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def note_missing_characters(characters: Sequence[str]) -> None:
    """Print a note with the characters that no installed font has, and a font package."""
    if characters:
        from fastw2v.plots.fonts import package_for

        shown = " ".join(characters[:10]) + (" ..." if len(characters) > 10 else "")
        what = "character" if len(characters) == 1 else "characters"
        echo_note(
            f"note     no installed font has {len(characters)} {what} of these words, drawn as"
            f" boxes: {shown}; install a font, for example the package {package_for(characters)} of"
            " Debian and Ubuntu"
        )
