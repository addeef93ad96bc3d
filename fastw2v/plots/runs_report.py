"""The report that compares several runs."""

import math
import os
from collections.abc import Iterable, Sequence
from html import escape

from fastw2v.errors import PlotError
from fastw2v.files import check_writable
from fastw2v.paths import AnyPath, shown
from fastw2v.plots.curves import SERIES, draw_runs, draw_runs_scores, svg_of
from fastw2v.plots.report import (
    ReportResult,
    check_replaces_none,
    format_count,
    format_duration,
    format_score,
    format_speed,
    log_notes,
    section,
    table,
    write_page,
)
from fastw2v.plots.run_log import Run, read_run

MAX_RUNS = len(SERIES)  # that have colours of their own
MAX_SCORES = 12  # that are drawn


def write_runs_report(run_folders: Sequence[AnyPath], path: AnyPath) -> ReportResult:
    """Write a page that compares run folders; return its size and notes as ReportResult.

    Raises PlotError for a folder without a run and for more than ``MAX_RUNS`` runs; OutputError.
    """
    check_writable(path)
    if len(run_folders) > MAX_RUNS:
        raise PlotError(
            f"a page shows at most {MAX_RUNS} runs, not {len(run_folders)}; leave some out"
        )
    runs, names = [read_run(folder) for folder in run_folders], _names(run_folders)
    if os.path.lexists(path):
        check_replaces_none(path, runs)
    notes = [note for run in runs for note in log_notes(run)]
    notes += [
        f"{name} has logged no progress yet, and has no curves."
        for run, name in zip(runs, names, strict=True)
        if not run.progress
    ]
    drawn = [each for each in zip(runs, names, strict=True) if each[0].progress]
    sections = [_summary(runs, names), _differences(runs, names)]
    if drawn:
        sections.insert(1, _training([run for run, _ in drawn], [name for _, name in drawn]))
    sections[-1:-1] = _scores(runs, names)
    return write_page(
        path,
        notes,
        kind="Comparison of runs",
        title=escape(", ".join(names)),
        when="",
        figures="",
        sections="".join(sections),
        version=escape(runs[0].version),
        folder=escape(", ".join(shown(run.folder) for run in runs)),
    )


def _names(folders: Sequence[AnyPath]) -> list[str]:
    """Return the names of folders, relative to their common parent if they are on one drive."""
    paths = [os.path.abspath(folder) for folder in folders]
    if len({os.path.splitdrive(path)[0] for path in paths}) == 1:
        common = os.path.commonpath([os.path.dirname(path) for path in paths])
        paths = [os.path.relpath(path, common) for path in paths]
    names = [shown(path) for path in paths]
    return [f"{name} ({i})" if names.count(name) > 1 else name for i, name in enumerate(names, 1)]


def _table(heads: Iterable[str], rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    return table("", heads, ((escape(name), cells) for name, cells in rows))


def _summary(runs: Sequence[Run], names: Sequence[str]) -> str:
    heads = ["loss", "words/s", "time", "threads", "tokens trained", "vocabulary"]
    rows = []
    for run, name in zip(runs, names, strict=True):
        losses = [line["loss"] for line in run.progress if math.isfinite(line["loss"])]
        trained = format_count(run.progress[-1]["tokens"]) if run.progress else "0"
        cells = [
            f"{losses[-1]:.4f}" if losses else "?",
            format_speed(run.words_per_s),
            format_duration(run.seconds),
            format_count(run.threads),
            trained if run.ended else f"{trained}, not ended",
            format_count(run.corpus.get("words")),
        ]
        rows.append((name, cells))
    return section("Runs", "Loss: mean per pair, the last that was logged.", _table(heads, rows))


def _training(runs: Sequence[Run], names: Sequence[str]) -> str:
    svg = svg_of(
        "training", 5.4, draw_runs(runs, names), "Loss, speed and learning rate of the runs"
    )
    about = "Mean loss per pair between two log entries, over the tokens that were trained."
    return section("Training", about, f"<figure>{svg}</figure>")


def _scores(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """Return a section with a figure for each score and a table of the last scores."""
    scores = list(
        dict.fromkeys(name for run in runs for epoch in run.scores.values() for name in epoch)
    )
    if not scores:
        return []
    evaluated = [run for run in runs if run.scores]
    evaluated_names = [name for run, name in zip(runs, names, strict=True) if run.scores]
    figures = []
    for number, score in enumerate(scores[:MAX_SCORES]):
        draw = draw_runs_scores(evaluated, evaluated_names, score)
        figures.append(f"<figure>{svg_of(f'score{number}', 2.6, draw, score)}</figure>")
    last = [run.scores[max(run.scores)] if run.scores else {} for run in runs]
    rows = [
        (name, [format_score(of_run.get(score, math.nan)) for score in scores])
        for name, of_run in zip(names, last, strict=True)
    ]
    about = "Scores after each evaluated epoch; the table has those of the last one."
    return [section("Evaluation", about, "".join(figures) + _table(scores, rows))]


def _differences(runs: Sequence[Run], names: Sequence[str]) -> str:
    """Return a section with the options that differ."""
    settings = dict.fromkeys(name for run in runs for name in run.config)
    values = {name: [str(run.config.get(name, "–")) for run in runs] for name in settings}
    rows = [(name, of_runs) for name, of_runs in values.items() if len(set(of_runs)) > 1]
    if not rows:
        return section("Configuration", "All options of the runs are the same.", "")
    return section("Configuration", "Options that differ.", _table(names, rows))
