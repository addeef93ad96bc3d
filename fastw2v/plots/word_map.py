"""Words on a plane, as a picture whose labels can be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.errors import OutputError, PlotError
from fastw2v.files import atomic_write
from fastw2v.plots.fonts import drawable, fonts_for, without_warnings
from fastw2v.plots.labels import place_labels
from fastw2v.plots.projection import project
from fastw2v.vectors.tables import unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fastw2v.paths import AnyPath
    from fastw2v.plots.projection import Projection
    from fastw2v.vectors.word_vectors import WordVectors

COURSE_WORDS = (
    "great cool brilliant wonderful well amazing worth sweet enjoyable boring bad dumb annoying"
    " female male queen king man woman rain snow hail coffee tea"
).split()
SUFFIXES = (".png", ".svg", ".pdf")
READABLE_WORDS = 80  # words that a picture of 8 x 6 inches has room for; with more, it grows
FREQUENT = 30  # words that are drawn where the course's are unknown
MAX_WORDS = 1000  # words, on 28 x 21 inches
GROUPS, GROUP_LETTERS = 10, 40  # with colours of their own, and letters of each in the legend
OTHER_COLOR = "0.6"


@dataclass(frozen=True)
class PlotResult:
    """What came of a picture: its title, and the signs that no font of this machine has."""

    title: str
    missing_characters: list[str]


def choose_words(
    vectors: WordVectors, words: Sequence[str] | None = None, most_frequent: int | None = None
) -> list[str]:
    """The words to draw: ``words``, each of which must have a vector; or the ``most_frequent``
    first words; or those of the course notes that are in the vocabulary, or, if fewer than three
    are, the 30 most frequent. Raises UnknownWordError, PlotError.
    """
    if words is not None:
        chosen = list(dict.fromkeys(words))
        vectors[chosen]  # of a model with n-grams, words that it never saw too
    elif most_frequent is not None:
        chosen = list(dict.fromkeys(vectors.words[:most_frequent]))
    else:
        known = [word for word in COURSE_WORDS if word in vectors]
        chosen = known if len(known) >= 3 else list(dict.fromkeys(vectors.words[:FREQUENT]))
    if len(chosen) < 3:
        raise PlotError(f"a plot needs at least 3 different words, got {len(chosen)}")
    if len(chosen) > MAX_WORDS:
        raise PlotError(
            f"a plot shows at most {MAX_WORDS:,} words, got {len(chosen):,}; use"
            " fastw2v map for more"
        )
    return chosen


def rows_to_draw(
    vectors: WordVectors, words: Sequence[str], outputs: WordVectors | None = None
) -> np.ndarray:
    """The vectors of words, each of length 1; with ``outputs`` (WordVectors), the two vectors of a
    word side by side.

    Returns [n, D] or [n, 2D]. Raises UnknownWordError.
    """
    rows = unit(np.asarray(vectors[words], np.float32))
    return (
        rows if outputs is None else np.hstack([rows, unit(np.asarray(outputs[words], np.float32))])
    )


def draw_words(
    vectors: WordVectors,
    words: Sequence[str],
    path: AnyPath,
    *,
    outputs: WordVectors | None = None,
    method: str = "pca",
    seed: int = 1,
    titles: Sequence[str] | None = None,
    groups: tuple[str, Sequence[str]] | None = None,
) -> PlotResult:
    """Draw words on a plane, to a .png, .svg or .pdf file; returns a PlotResult.

    Raises OutputError, PlotError.

    Parameters
    ----------
    vectors, outputs
        WordVectors of the input table, and optionally those of the output table beside them.
    titles
        Text to write in place of each word.
    groups
        A name and the group of each word, by which points are coloured.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(
            f"{path}: the suffix of a plot must be .png, .svg or .pdf; give a name such as plot.png"
        )
    projection = project(rows_to_draw(vectors, words, outputs), method, seed)
    of = "vectors" if outputs is None else "concatenated input and output vectors"
    title = f"{len(words)} words: {projection.method} of their {of}, scaled to length 1"
    with without_warnings():
        figure, missing_characters = _figure(projection, titles or words, title, groups)
        with atomic_write(path) as out:
            figure.savefig(
                out, format=suffix[1:], metadata={} if suffix == ".png" else {"Title": title}
            )
    return PlotResult(title, missing_characters)


def _figure(
    projection: Projection,
    words: Sequence[str],
    title: str,
    groups: tuple[str, Sequence[str]] | None = None,
) -> tuple[Figure, list[str]]:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names, missing_characters = fonts_for(words)
    grown = max(1.0, (len(words) / READABLE_WORDS) ** 0.5)
    with rc_context({"font.family": names}):
        figure = Figure(figsize=(8 * grown, 6 * grown), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        scatter_words(axes, projection, *([] if groups is None else [group_colors(groups[1])]))
        if groups is not None:
            _put_legend(axes, *groups)
        axes.set_title(f"{title}\n{projection.note}", fontsize=11, parse_math=False)
        place_labels(
            figure, axes, projection.points, [drawable(word, missing_characters) for word in words]
        )
    return figure, missing_characters


def group_colors(values: Sequence[str]) -> list[str]:
    """The colour of each of some groups' points; those of no group, and of small ones when there
    are many, are grey.
    """
    ranks = {value: rank for rank, (value, _) in enumerate(_largest(values))}
    return [f"C{ranks[value]}" if value in ranks else OTHER_COLOR for value in values]


def _largest(values: Sequence[str]) -> list[tuple[str, int]]:
    """The largest groups with their sizes, largest first; those of equal size by name."""
    counts = Counter(value for value in values if value)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:GROUPS]


def _put_legend(axes: Axes, name: str, values: Sequence[str]) -> None:
    """Write which colour is which group."""
    from matplotlib.lines import Line2D

    shown = [
        (value[:GROUP_LETTERS], f"C{rank}") for rank, (value, _) in enumerate(_largest(values))
    ]
    if len(set(values)) > len(shown):
        shown.append(("other", OTHER_COLOR))
    dots = [Line2D([], [], marker="o", ls="", ms=5, color=color) for _, color in shown]
    legend = axes.legend(
        dots, [text for text, _ in shown], title=name[:GROUP_LETTERS], fontsize=8, loc="best"
    )
    for text in [*legend.get_texts(), legend.get_title()]:
        text.set_parse_math(False)


def scatter_words(
    axes: Axes, projection: Projection, colors: str | Sequence[str] = "tab:blue"
) -> None:
    """Put the points of a projection on axes, without their words."""
    x, y = projection.points.T
    axes.scatter(x, y, s=18, c=colors, zorder=2)
    axes.set_xlabel(projection.axes[0])
    axes.set_ylabel(projection.axes[1])
    if not any(projection.axes):
        axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    axes.grid(color="0.92", zorder=0)
    axes.margins(0.08)
