"""The report that compares several runs."""

import math
import os
from collections.abc import Iterable, Sequence
from html import escape

from fastw2v.errors import PlotError
from fastw2v.files import atomic_write, check_writable
from fastw2v.paths import AnyPath, shown
from fastw2v.plots.curves import SERIES, draw_runs, draw_runs_scores, svg_of
from fastw2v.plots.report import (
    ReportResult,
    check_replaces_none,
    format_count,
    format_duration,
    format_speed,
    log_notes,
    section,
)
from fastw2v.plots.run_log import Run, read_run
from fastw2v.plots.web_map import page, page_file

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
    text = page(
        "report.html",
        kind="Comparison of runs",
        title=escape(", ".join(names)),
        style=page_file("report.css"),
        when="",
        notes="".join(f'<p class="note">{escape(note)}</p>' for note in notes),
        figures="",
        sections="".join(sections),
        version=escape(runs[0].version),
        folder=escape(", ".join(shown(run.folder) for run in runs)),
    )
    with atomic_write(path) as out:
        out.write(text)
    return ReportResult(len(text), notes)


def _names(folders: Sequence[AnyPath]) -> list[str]:
    """Return the names of folders, relative to their common parent if they are on one drive."""
    paths = [os.path.abspath(folder) for folder in folders]
    if len({os.path.splitdrive(path)[0] for path in paths}) == 1:
        common = os.path.commonpath([os.path.dirname(path) for path in paths])
        paths = [os.path.relpath(path, common) for path in paths]
    names = [shown(path) for path in paths]
    return [f"{name} ({i})" if names.count(name) > 1 else name for i, name in enumerate(names, 1)]


def _table(heads: Iterable[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return an HTML table whose rows are a name and numbers."""
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in heads)
    body = "".join(
        f"<tr><th>{escape(name)}</th>"
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="wide"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


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
    figures = []
    for number, score in enumerate(scores[:MAX_SCORES]):
        evaluated = [(r, n) for r, n in zip(runs, names, strict=True) if r.scores]
        draw = draw_runs_scores([r for r, _ in evaluated], [n for _, n in evaluated], score)
        figures.append(f"<figure>{svg_of(f'score{number}', 2.6, draw, score)}</figure>")
    rows = []
    for run, name in zip(runs, names, strict=True):
        last = run.scores[max(run.scores)] if run.scores else {}
        found = [last.get(score, math.nan) for score in scores]
        rows.append((name, [f"{x:.3f}" if math.isfinite(x) else "–" for x in found]))
    about = "Scores after each evaluated epoch; the table has those of the last one."
    return [section("Evaluation", about, "".join(figures) + _table(scores, rows))]


def _differences(runs: Sequence[Run], names: Sequence[str]) -> str:
    """Return a section with the options that differ."""
    settings = list(dict.fromkeys(name for run in runs for name in run.config))
    rows = []
    for setting in settings:
        values = [str(run.config.get(setting, "–")) for run in runs]
        if len(set(values)) > 1:
            rows.append((setting, values))
    if not rows:
        return section("Configuration", "All options of the runs are the same.", "")
    return section("Configuration", "Options that differ.", _table(names, rows))
