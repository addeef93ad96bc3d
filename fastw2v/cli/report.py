"""``fastw2v report``: runs on one page."""

from pathlib import Path

import click

from fastw2v.cli.compiling import check_limit
from fastw2v.cli.drawing import silence_matplotlib
from fastw2v.cli.options import FILE, check_output
from fastw2v.cli.terminal import echo_note


@click.command()
@click.argument("runs", type=FILE, nargs=-1, required=True, metavar="RUN...")
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
def report(runs: tuple[str, ...], output: str, words: str | None) -> None:
    """Write a page about the run in the folder RUN (fastw2v train --run-dir RUN).

    The page shows options, corpus statistics, loss, speed and scores over the run, and neighbours
    of some words. The run may still be running, or may have been killed.

    Several runs are laid over one another, with the options that differ.
    """
    check_limit()
    silence_matplotlib()
    check_output(output)
    if len(runs) > 1:
        if words is not None:
            raise click.UsageError("--words is for a report of one run")
        from fastw2v.plots.runs_report import write_runs_report

        reported = write_runs_report(runs, output)
    else:
        from fastw2v.plots.report import write_report

        reported = write_report(runs[0], output, words=_words(words))
    echo_note(f"wrote    {Path(output)} ({reported.size / 1e6:.1f} MB)")
    for note in reported.notes:
        echo_note(f"note     {note}")


def _words(text: str | None) -> list[str] | None:
    """Return the words between commas, None if there is no such option."""
    words = [word.strip() for word in text.split(",") if word.strip()] if text is not None else None
    if words == []:
        raise click.UsageError("--words must be a comma-separated list of words")
    return words
