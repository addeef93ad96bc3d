"""Parts shared by the commands that draw."""

import logging

import click

from fastw2v.cli.terminal import echo_note


def projection_options(command):
    """Decorator: ``--method`` and ``--seed`` of the projection."""
    seed = click.option(
        "--seed",
        default=1,
        show_default=True,
        type=click.IntRange(0),
        help="Seed of t-SNE and UMAP.",
    )
    method = click.option(
        "--method",
        default="pca",
        show_default=True,
        type=click.Choice(("pca", "tsne", "umap")),
        help="Projection method; t-SNE and UMAP need pip install 'fastw2v[plot]'.",
    )
    return method(seed(command))


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
