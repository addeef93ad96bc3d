"""``fastw2v report``: a run on one page."""

from pathlib import Path

import click

from fastw2v.cli.drawing import silence_matplotlib
from fastw2v.cli.terminal import echo_note
from fastw2v.files import check_writable


@click.command()
@click.argument("run")
@click.option(
    "-o", "--output", default="report.html", show_default=True, help="Where the page goes."
)
@click.option(
    "--words",
    metavar="A,B,C",
    help="Words whose neighbours to show; by default some frequent ones.",
)
def report(run, output, words):
    """Tell of the run whose folder is RUN (fastw2v train --run-dir RUN) on a page: what it was
    given, how its loss, its speed and its scores went, and what its words are near to.

    A run that goes on, or was killed, can be told of too.
    """
    silence_matplotlib()
    check_writable(output)
    from fastw2v.plots.report import write_report

    asked = (
        [word.strip() for word in words.split(",") if word.strip()] if words is not None else None
    )
    if asked == []:
        raise click.UsageError("--words should be words with commas between")
    reported = write_report(run, output, words=asked)
    echo_note(f"wrote    {Path(output)} ({reported.size / 1e6:.1f} MB)")
    for note in reported.notes:
        echo_note(f"note     {note}")
