"""Parts shared by the commands that draw."""

import logging

import click

from fastw2v.cli.terminal import echo_note

METHODS = ("pca", "tsne", "umap")  # of plots/projection, which imports NumPy


def projection_options(default, about=""):
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


def silence_matplotlib():
    """Silence matplotlib's messages about its caches and fonts."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def say_lacking(signs):
    """Print a note with the characters that no installed font has, and a font package."""
    if signs:
        from fastw2v.plots.fonts import package_for

        shown = " ".join(signs[:10]) + (" ..." if len(signs) > 10 else "")
        what = "character" if len(signs) == 1 else "characters"
        echo_note(
            f"note     no installed font has {len(signs)} {what} of these words, drawn as boxes:"
            f" {shown}; install a font, for example the package {package_for(signs)} of Debian and"
            " Ubuntu"
        )
