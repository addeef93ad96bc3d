"""The 2-D map of words of the course notes: PCA by SVD of their vectors, with labels that can be read."""

from pathlib import Path

import numpy as np

from fastw2v.errors import OutputError, VectorsError
from fastw2v.files import atomic_write
from fastw2v.vectors.word_vectors import unit

COURSE_WORDS = (
    "great cool brilliant wonderful well amazing worth sweet enjoyable boring bad dumb annoying female male queen king"
    " man woman rain snow hail coffee tea"
).split()
SUFFIXES = (".png", ".svg", ".pdf")
FAR = 14  # pixels from a point to its label, beyond which a line ties them
DIRECTIONS = [(np.cos(a), np.sin(a)) for a in np.linspace(0, 2 * np.pi, 16, endpoint=False)]


def choose_words(vectors, words=None):
    """The words to draw: those asked for, each of which must be known, or the course notes' that are in the vocabulary,
    or, if fewer than three are, the 30 most frequent."""
    if words is not None:
        for word in words:
            vectors.id(word)
        if len(set(words)) < 3:
            raise VectorsError(f"a plane takes at least 3 different words, got {len(set(words))}")
        return list(dict.fromkeys(words))
    known = [word for word in COURSE_WORDS if word in vectors]
    chosen = known if len(known) >= 3 else vectors.words[:30]
    if len(chosen) < 3:
        raise VectorsError(f"a plane takes at least 3 words, the vocabulary has {len(chosen)}")
    return chosen


def project(vectors):
    """Coordinates [n, 2] of vectors [n, D] along their two principal directions, and the share of variance these explain.

    PCA by SVD of the centred vectors; each direction's sign is chosen so that its largest coordinate is positive.
    """
    centred = vectors - vectors.mean(axis=0)
    left, size, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    points = np.zeros((len(vectors), 2))
    points[:, : len(size[:2])] = left[:, :2] * size[:2]
    largest = points[np.abs(points).argmax(axis=0), [0, 1]]
    total = (size**2).sum()
    return points * np.where(largest < 0, -1, 1), float((size[:2] ** 2).sum() / total) if total else 0.0


def draw_words(vectors, words, path):
    """Draw the words on a plane, their vectors scaled to length 1, to a .png, .svg or .pdf file."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(f"{path}: the picture can be .png, .svg or .pdf")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    points, explained = project(unit(vectors[words]))
    figure = Figure(figsize=(8, 6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.scatter(*points.T, s=18, color="tab:blue", zorder=2)
    axes.set_title(f"{len(words)} words, PCA of their vectors ({explained:.0%} of the variance)", fontsize=11)
    axes.set_xlabel("first principal component")
    axes.set_ylabel("second principal component")
    axes.grid(color="0.92", zorder=0)
    axes.margins(0.08)
    place_labels(figure, axes, points, words)
    with atomic_write(path) as out:
        figure.savefig(out, format=suffix[1:])


def place_labels(figure, axes, points, words):
    """Write each word by its point, at the nearest place where it covers no other label and no point.

    Crowded words go first; a word that had to move away is tied to its point by a thin line.
    """
    figure.draw_without_rendering()
    renderer, pixels = figure.canvas.get_renderer(), axes.transData.transform(points)
    frame = axes.get_window_extent(renderer)
    crowd = [np.sort(np.hypot(*(pixels - p).T))[: min(4, len(pixels))].sum() for p in pixels]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in pixels]
    for i in np.argsort(crowd):
        text = axes.annotate(
            words[i], points[i], (0, 0), textcoords="offset pixels", ha="center", va="center", fontsize=9, parse_math=False
        )
        box = text.get_window_extent(renderer)
        offset, rectangle = _free_place(pixels[i], box.width + 4, box.height + 2, taken, frame)
        taken.append(rectangle)
        text.set_position(offset)
        end = np.clip((0, 0), np.subtract(rectangle[:2], pixels[i]), np.subtract(rectangle[2:], pixels[i]))
        if np.hypot(*end) > FAR:
            line = dict(arrowstyle="-", color="0.6", lw=0.6, shrinkA=0, shrinkB=0)
            axes.annotate("", points[i], xytext=end, textcoords="offset pixels", arrowprops=line)


def _free_place(point, width, height, taken, frame):
    """The nearest offset from a point at which a label of this size lies in the frame and overlaps the least."""
    best = None
    for distance in (1.0, 1.4, 1.9, 2.5, 3.2, 4.0, 5.0, 6.5):
        for dx, dy in DIRECTIONS:
            offset = (dx * (width / 2 + 9) * distance, dy * (height / 2 + 9) * distance)
            x, y = point[0] + offset[0], point[1] + offset[1]
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            inside = box[0] >= frame.x0 and box[1] >= frame.y0 and box[2] <= frame.x1 and box[3] <= frame.y1
            covered = sum(_overlap(box, other) for other in taken) + (0 if inside else width * height)
            if covered == 0:
                return offset, box
            if best is None or covered < best[0]:
                best = covered, offset, box
    return best[1:]


def _overlap(a, b):
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
