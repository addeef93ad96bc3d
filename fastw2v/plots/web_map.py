"""A map of thousands of words as one page that needs no network."""

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import PlotError
from fastw2v.files import atomic_write
from fastw2v.paths import AnyPath
from fastw2v.plots.clusters import clusters
from fastw2v.plots.projection import Projection, project
from fastw2v.vectors.tables import unit
from fastw2v.vectors.word_vectors import WordVectors

MAX_WORDS = 50_000  # words of a map: beyond, browsers are slow
NEIGHBORS = 10  # of each word
GROUPS = 10  # clusters, each with a colour
NO_GROUP = "(none)"
ROWS = 512  # compared with all at a time


@dataclass(frozen=True)
class MapResult:
    """A map that was written: its number of words, and the bytes of the page."""

    words: int
    size: int


def draw_map(
    vectors: WordVectors,
    path: AnyPath,
    *,
    words: int = 3000,
    method: str = "pca",
    seed: int = 1,
    titles: Sequence[str] | None = None,
    groups: tuple[str, Sequence[str]] | None = None,
) -> MapResult:
    """Write an interactive page with the most frequent words of WordVectors on a plane.

    The page shows neighbours by cosine in all dimensions, among the words of the map.

    Parameters
    ----------
    vectors : WordVectors
        Vectors, most frequent words first.
    path : str or path
        Output path of the page.
    words : int
        Number of words, 3 to 50,000.
    method : {"pca", "tsne", "umap"}
        Projection method.
    seed : int
        Seed of t-SNE, UMAP and the clusters.
    titles : list of str, optional
        Text to show in place of each word.
    groups : (str, list of str), optional
        A name, and the group of each word, which colours it; by default clusters.

    Returns
    -------
    MapResult
        The number of words and the size of the page in bytes.

    Raises
    ------
    PlotError
        The number of words or the method is invalid.
    OutputError
        The page cannot be written.
    """
    if not 3 <= words <= MAX_WORDS:
        raise PlotError(f"a map must have 3 to {MAX_WORDS:,} words, not {words:,}")
    shown = vectors.words[:words]
    rows = unit(np.asarray(vectors.vectors[:words], np.float32))
    projection = project(rows, method, seed)
    title = f"{len(shown):,} words"
    selection = (
        "The whole vocabulary"
        if len(shown) == len(vectors)
        else f"The most frequent of {len(vectors):,}"
    )
    about = (
        f"{selection}, by {projection.method} of {vectors.vectors.shape[1]} dimensions;"
        f" {projection.note}."
    )
    data = _data(vectors, titles or shown, rows, projection, seed)
    data |= {} if titles is None else {"ids": shown}
    data |= {} if groups is None else _grouped(*groups)
    text = page(
        "map.html",
        policy="script-src 'unsafe-inline'; ",
        title=html.escape(title),
        count=f"{len(shown):,}",
        about=html.escape(about),
        style=page_file("map.css"),
        licence=page_file("d3.LICENSE"),
        library=page_file("d3.min.js"),
        script=page_file("map.js"),
        data=as_json(data),
    )
    with atomic_write(path) as out:
        out.write(text)
    return MapResult(len(shown), len(text))


def page(name: str, policy: str = "", **parts: str) -> bytes:
    """Return the bytes of a page: the head and a template, with each {{part}} replaced once.

    policy : additions to the content security policy of the page.
    """
    parts["policy"] = policy
    text = re.sub(
        r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page_file("head.html") + page_file(name)
    )
    return text.encode("utf-8", "replace")


def page_file(name: str) -> str:
    """Return the text of a file of ``plots/page``."""
    return (files("fastw2v.plots") / "page" / name).read_text(encoding="utf8")


def as_json(value: object) -> str:
    """Return JSON that is safe inside a script element: no text in it can end the element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )


def _data(
    vectors: WordVectors,
    shown: Sequence[str],
    rows: NDArray[np.float32],
    projection: Projection,
    seed: int,
) -> dict[str, Any]:
    """Return the data of the page's script; arrays as base64 of little-endian numbers."""
    nearest, cosines = nearest_rows(rows, NEIGHBORS)
    labels, centres = clusters(rows, GROUPS, seed)
    groups = [
        [shown[i] for i in typical_rows(rows, labels, centres, group)]
        for group in range(len(centres))
    ]
    points = projection.points - projection.points.min(axis=0)
    points /= max(points.max(), 1e-30)  # the longer side is from 0 to 1
    return {
        "words": shown,
        "counts": None if vectors.counts is None else vectors.counts[: len(shown)].tolist(),
        "x": _base64(points[:, 0], "<f4"),
        "y": _base64(points[:, 1], "<f4"),
        "nearest": _base64(nearest, "<u2"),
        "cosines": _base64(cosines.clip(-1, 1) * 10_000, "<i2"),
        "neighbors": nearest.shape[1],
        "labels": _base64(labels, "u1"),
        "groups": groups,
        "all": len(shown) == len(vectors),
    }


def _grouped(name: str, values: Sequence[str]) -> dict[str, Any]:
    """What replaces clusters by the groups of words in the data of the page."""
    counts = Counter(values)
    largest = sorted(counts, key=lambda value: (-counts[value], value))
    named = largest if len(largest) <= GROUPS else largest[: GROUPS - 1]
    ranks = {value: rank for rank, value in enumerate(named)}
    texts = [[value or NO_GROUP] for value in named]
    if len(named) < len(largest):
        texts.append([f"{len(largest) - len(named):,} others"])
    labels = np.array([ranks.get(value, GROUPS - 1) for value in values])
    return {"by": name, "labels": _base64(labels, "u1"), "groups": texts}


def _base64(array: np.ndarray, kind: str) -> str:
    numbers = array if kind == "<f4" else np.rint(array)
    return base64.b64encode(np.ascontiguousarray(numbers, kind).tobytes()).decode()


def nearest_rows(
    rows: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each row [V, D] of length 1 the n others with the greatest cosine, the greatest first:
    numbers and cosines [V, n].
    """
    V = len(rows)
    n = min(n, V - 1)
    numbers, cosines = np.empty((V, n), np.int64), np.empty((V, n), np.float32)
    for first in range(0, V, ROWS):
        scores = rows[first : first + ROWS] @ rows.T
        own = np.arange(len(scores))
        scores[own, first + own] = -np.inf
        best = np.argpartition(-scores, n - 1, axis=1)[:, :n]
        values = np.take_along_axis(scores, best, axis=1)
        order = np.lexsort((best, -values), axis=1)
        numbers[first : first + ROWS] = np.take_along_axis(best, order, axis=1)
        cosines[first : first + ROWS] = np.take_along_axis(values, order, axis=1)
    return numbers, cosines


def typical_rows(
    rows: NDArray[np.float32],
    labels: NDArray[np.int64],
    centres: NDArray[np.float32],
    group: int,
    n: int = 3,
) -> list[int]:
    """The n rows that name a cluster: of its most frequent third, and at least n, those nearest to
    its centre.
    """
    members = np.flatnonzero(labels == group)
    members = members[: max(n, len(members) // 3)]
    return members[np.argsort(-(rows[members] @ centres[group]), kind="stable")][:n].tolist()
