"""``fastw2v report``: a run on one page."""

from pathlib import Path

import click

from fastw2v.cli.drawing import silence_matplotlib
from fastw2v.cli.options import FILE
from fastw2v.cli.terminal import echo_note
from fastw2v.files import check_writable


@click.command()
@click.argument("run", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    default="report.html",
    show_default=True,
    help="Output path of the page.",
)
@click.option(
    "--words",
    metavar="A,B,C",
    help="Words to show with their neighbours; by default some frequent words.",
)
def report(run, output, words):
    """Write a page about the run in the folder RUN (fastw2v train --run-dir RUN).

    The page shows options, corpus statistics, loss, speed and scores over the run, and neighbours
    of some words. The run may still be running, or may have been killed.
    """
    silence_matplotlib()
    check_writable(output)
    from fastw2v.plots.report import write_report

    asked = (
        [word.strip() for word in words.split(",") if word.strip()] if words is not None else None
    )
    if asked == []:
        raise click.UsageError("--words must be a comma-separated list of words")
    reported = write_report(run, output, words=asked)
    echo_note(f"wrote    {Path(output)} ({reported.size / 1e6:.1f} MB)")
    for note in reported.notes:
        echo_note(f"note     {note}")
