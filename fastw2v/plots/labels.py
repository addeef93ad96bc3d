"""Placement of labels next to their points."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

LABEL_LINE_PIXELS = 14  # pixels from a point to its label, beyond which a line ties them
ANGLES = np.linspace(0, 2 * np.pi, 16, endpoint=False)
# pixels between a point and the box of its label, the nearest first
GAP_PIXELS = (
    9,
    15,
    22,
    30,
    40,
    52,
    68,
    90,
)
DIRECTIONS = np.array([(np.cos(angle), np.sin(angle)) for _ in GAP_PIXELS for angle in ANGLES])


def place_labels(
    figure: Figure, axes: Axes, points: np.ndarray, words: Sequence[str], line_color: str = "0.6"
) -> None:
    """Write each word by its point, at the nearest place where it covers no other label and no
    point.

    Crowded words go first; a word that had to move away is tied to its point by a thin line.
    points : [n, 2].
    """
    figure.draw_without_rendering()
    canvas = cast("FigureCanvasAgg", figure.canvas)
    renderer, pixels = canvas.get_renderer(), axes.transData.transform(points)
    point = 72 / figure.dpi  # a pixel in points: .svg and .pdf have other pixels
    frame = np.array(axes.get_window_extent(renderer).extents)
    crowd = [np.sort(np.hypot(*(pixels - p).T))[: min(4, len(pixels))].sum() for p in pixels]
    boxes = np.hstack([pixels - 6, pixels + 6])
    for i in np.argsort(crowd, kind="stable"):
        text = axes.annotate(
            words[i],
            points[i],
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
            parse_math=False,
        )
        box = text.get_window_extent(renderer)
        offset, rectangle = _free_place(
            pixels[i], np.array([box.width + 4, box.height + 2]), boxes, frame
        )
        boxes = np.vstack([boxes, rectangle])
        text.set_position(tuple(offset * point))
        end = np.clip((0, 0), rectangle[:2] - pixels[i], rectangle[2:] - pixels[i])
        if np.hypot(*end) > LABEL_LINE_PIXELS:
            line = dict(arrowstyle="-", color=line_color, lw=0.6, shrinkA=0, shrinkB=0)
            axes.annotate(
                "",
                points[i],
                xytext=tuple(end * point),
                textcoords="offset points",
                arrowprops=line,
            )


def _free_place(
    point: np.ndarray, size: np.ndarray, taken: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The offset [2] from a point at which a label lies in the frame and covers the least of the
    boxes taken, and its box.

    Parameters
    ----------
    size
        Width and height of the label.
    taken
        Boxes [n, 4]: left, bottom, right, top in pixels.
    frame
        Box of the axes [4].
    """
    offsets = DIRECTIONS * (size / 2 + np.repeat(GAP_PIXELS, len(ANGLES))[:, None])
    boxes = np.hstack([point + offsets - size / 2, point + offsets + size / 2])
    outside = (boxes[:, :2] < frame[:2]).any(axis=1) | (boxes[:, 2:] > frame[2:]).any(axis=1)
    shared = np.minimum(boxes[:, None, 2:], taken[:, 2:]) - np.maximum(
        boxes[:, None, :2], taken[:, :2]
    )
    covered = np.maximum(shared, 0).prod(axis=2).sum(axis=1) + outside * size.prod()
    best = int(covered.argmin())  # the first of the least
    return offsets[best], boxes[best]
