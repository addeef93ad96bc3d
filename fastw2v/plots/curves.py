"""Curves of a run as SVG elements of a page, in the colours and fonts of the page."""

from __future__ import annotations

import io
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from fastw2v.plots.fonts import without_warnings
from fastw2v.plots.labels import place_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from fastw2v.plots.projection import Projection
    from fastw2v.plots.run_log import Run

WIDTH = 8.6  # inches
TITLES = ("Mean loss per pair", "Words per second", "Learning rate")
# Placeholders: matplotlib draws in these colours, and they are replaced by the page's variables.
INK, SOFT, GRID, PAPER = "#010101", "#020202", "#030303", "#040404"
SERIES = [f"#1000{number:02x}" for number in range(8)]
NAMES = {INK: "--ink", SOFT: "--soft", GRID: "--line", PAPER: "--paper"} | {
    color: f"--series-{number}" for number, color in enumerate(SERIES)
}
SETTINGS: dict[Any, Any] = {  # new versions of matplotlib list the keys as a type
    "svg.fonttype": "none",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": GRID,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.grid": True,
    "grid.color": GRID,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
}


def svg_of(name: str, height: float, draw: Callable[[Figure], object], alt_text: str) -> str:
    """Return an SVG element of what ``draw(figure)`` draws.

    Parameters
    ----------
    name
        Name of the drawing, unique on the page.
    height
        Height in inches.
    alt_text
        Text alternative for screen readers.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    out = io.StringIO()
    with rc_context(SETTINGS | {"svg.hashsalt": name}), without_warnings():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    return _embeddable(out.getvalue(), alt_text)


def _embeddable(svg: str, alt_text: str) -> str:
    from html import escape

    svg = svg[svg.index("<svg") :]
    svg = re.sub(
        r"#(?:[0-9a-f]{6})\b",
        lambda found: f"var({NAMES[found[0]]})" if found[0] in NAMES else found[0],
        svg,
    )
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt_text)}"', 1)


def _panels(run: Run) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """Return the curves of a run: (tokens, values, whether the axis starts at 0)."""
    tokens = np.array([line["tokens"] for line in run.progress])
    loss = np.array([line["loss"] for line in run.progress])
    rate = np.array([line["rate"] for line in run.progress])
    steps = [(line["tokens"], step / seconds) for line, step, seconds in run.steps()]
    speed = np.array(steps or [(line["tokens"], line["words_per_s"]) for line in run.progress])
    known = np.isfinite(loss)
    return [
        (tokens[known], loss[known], False),
        (*speed.T, True),
        (tokens, rate, True),
    ]


def _training_axes(figure: Figure) -> Sequence[Axes]:
    """Return the axes of loss, words/s and learning rate over the trained tokens."""
    all_axes: Sequence[Axes] = figure.subplots(3, 1, sharex=True, height_ratios=[3, 2, 2])
    for axes, title in zip(all_axes, TITLES, strict=True):
        axes.set_title(title)
    _use_unit_prefixes(all_axes[-1].xaxis)
    _use_unit_prefixes(all_axes[1].yaxis)
    all_axes[-1].set_xlabel("tokens trained")
    return all_axes


def _marker(x: np.ndarray) -> dict[str, Any]:
    """Return the marker of a curve: dots if it has few points."""
    return {"marker": "o" if len(x) < 40 else None, "markersize": 3}


def _label(name: str) -> str:
    """Return a label that a legend shows: matplotlib leaves those out that begin with _."""
    return f" {name}" if name.startswith("_") else name


def _end_at_one(axes: Axes) -> None:
    """End the axis of scores at 1 if all are at most 1, as accuracy and correlation are."""
    lines = [np.asarray(line.get_ydata(), np.float64) for line in axes.get_lines()]
    scores = [y for line in lines for y in line.tolist() if math.isfinite(y)]
    if scores and 0 < max(scores) <= 1:
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0.9 * max(scores)), min(high, 1))


def _finish_scores(axes: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    _end_at_one(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel(label)
    axes.legend(frameon=False, loc="best")


def draw_training(run: Run) -> Callable[[Figure], None]:
    """Return a function that draws loss, words/s and learning rate over the trained tokens."""
    panels = _panels(run)

    def draw(figure: Figure) -> None:
        all_axes = _training_axes(figure)
        for axes, color, (x, y, from_zero) in zip(all_axes, SERIES, panels, strict=False):
            axes.plot(x, y, color=color, clip_on=False, **_marker(x))
            if from_zero:
                axes.set_ylim(bottom=0, top=max([*y, 1e-12]) * 1.12)
            for place in _epoch_ends(run):
                axes.axvline(place, color=SOFT, linewidth=0.6, linestyle=":", zorder=0)
            for place in run.resumed:
                axes.axvline(place, color=SERIES[3], linewidth=1.2, zorder=0)
        all_axes[-1].set_xlim(0, max(run.progress[-1]["tokens"], 1))
        if _epoch_ends(run):
            all_axes[-1].set_xlabel("tokens trained (dotted: ends of epochs)")

    return draw


def draw_runs(runs: Sequence[Run], names: Sequence[str]) -> Callable[[Figure], None]:
    """Return a function that draws loss, words/s and learning rate of several runs over the trained
    tokens, each run in its own colour.
    """

    def draw(figure: Figure) -> None:
        all_axes = _training_axes(figure)
        for number, (run, name) in enumerate(zip(runs, names, strict=True)):
            style: dict[str, Any] = {"color": SERIES[number % len(SERIES)], "label": _label(name)}
            for axes, (x, y, from_zero) in zip(all_axes, _panels(run), strict=True):
                axes.plot(x, y, clip_on=False, **_marker(x), **style)
                if from_zero:
                    axes.set_ylim(bottom=0)
        all_axes[0].legend(frameon=False, loc="best")
        all_axes[-1].set_xlim(left=0)

    return draw


def draw_runs_scores(
    runs: Sequence[Run], names: Sequence[str], score: str
) -> Callable[[Figure], None]:
    """Return a function that draws one score of several runs over epochs."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for number, (run, name) in enumerate(zip(runs, names, strict=True)):
            epochs = sorted(run.scores)
            scores = [run.scores[epoch].get(score, math.nan) for epoch in epochs]
            color = SERIES[number % len(SERIES)]
            style: dict[str, Any] = {"color": color, "label": _label(name), "clip_on": False}
            axes.plot(epochs, scores, marker="o", markersize=4, **style)
        axes.set_title(score)
        _finish_scores(axes, "epoch")

    return draw


def _epoch_ends(run: Run) -> list[float]:
    """Return the tokens at which epochs ended; none for many epochs, or with a time budget."""
    epochs, last = run.config.get("epochs", 1), run.progress[-1]
    if run.config.get("time_budget") or not isinstance(epochs, int) or not 1 < epochs <= 13:
        return []
    return [
        end
        for end in (last["total"] * k / epochs for k in range(1, epochs))
        if end < last["tokens"]
    ]


def _use_unit_prefixes(axis: Axis) -> None:
    from matplotlib.ticker import EngFormatter

    axis.set_major_formatter(EngFormatter(sep=" "))


def draw_scores(run: Run) -> Callable[[Figure], None]:
    """Return a function that draws scores over epochs; the best so far have filled markers."""
    epochs = sorted(run.scores)
    names = list(dict.fromkeys(name for epoch in epochs for name in run.scores[epoch]))

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for number, name in enumerate(names):
            scores = [run.scores[epoch].get(name, math.nan) for epoch in epochs]
            color = SERIES[number % len(SERIES)]
            filled = [PAPER if epoch not in run.best else color for epoch in epochs]
            axes.plot(epochs, scores, color=color, label=_label(name), clip_on=False)
            axes.scatter(
                epochs, scores, s=24, facecolors=filled, edgecolors=color, zorder=3, clip_on=False
            )
        _finish_scores(axes, "epoch (filled: the best so far)")

    return draw


def draw_zipf(words: Sequence[str], counts: np.ndarray) -> Callable[[Figure], None]:
    """Return a function that draws counts over ranks on logarithmic axes, and names the words at
    ranks 1, 10, 100 ...
    """
    ranks = np.unique(np.geomspace(1, len(counts), 400).round().astype(int))

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import NullFormatter

        axes = figure.add_subplot()
        axes.loglog(ranks, counts[ranks - 1], color=SERIES[0])
        named = [10**power for power in range(1 + int(math.log10(len(counts))))]
        axes.scatter(named, counts[np.array(named) - 1], s=16, color=SERIES[0], zorder=3)
        for rank in named:
            axes.annotate(
                words[rank - 1],
                (rank, counts[rank - 1]),
                (6, 5),
                textcoords="offset points",
                color=INK,
            )
        for axis in (axes.xaxis, axes.yaxis):
            _use_unit_prefixes(axis)
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("rank of the word")
        axes.set_ylabel("count")

    return draw


def draw_plane(
    projection: Projection, words: Sequence[str], groups: Sequence[int]
) -> Callable[[Figure], None]:
    """Return a function that draws words on a plane, coloured by their group [n]."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        x, y = projection.points.T
        axes.scatter(
            x,
            y,
            s=18,
            c=[SERIES[group % len(SERIES)] for group in groups],
            zorder=2,
        )
        axes.set_xlabel(projection.axes[0])
        axes.set_ylabel(projection.axes[1])
        axes.margins(0.08)
        place_labels(figure, axes, projection.points, words, line_color=SOFT)

    return draw
