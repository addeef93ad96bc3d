"""Projection of vectors onto a plane: PCA, or t-SNE and UMAP by their libraries."""

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.errors import PlotError, quoted

METHODS = ("pca", "tsne", "umap")
PCA_WORDS = 1000  # words of which PCA still shows groups


def best_method(words: int) -> str:
    """Return the method for a number of words: t-SNE for many, where scikit-learn is installed."""
    return "tsne" if words > PCA_WORDS and find_spec("sklearn") else "pca"


@dataclass(frozen=True, eq=False)
class Projection:
    """Points on a plane.

    Attributes
    ----------
    points
        float64 [n, 2].
    method
        Its usual name.
    note
        A caveat for the reader.
    axes
        Labels of the two axes ("" if they have no meaning).
    """

    points: np.ndarray
    method: str
    note: str
    axes: tuple[str, str] = ("", "")


def project(vectors: ArrayLike, method: str = "pca", seed: int = 1) -> Projection:
    """Bring vectors [n, D], n at least 3, onto a plane; the seed is that of t-SNE and UMAP.

    Raises PlotError.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise PlotError(
            f"method must be {', '.join(METHODS[:-1])} or {METHODS[-1]}, got {quoted(method)}"
        )
    vectors = np.asarray(vectors, np.float64)
    if len(vectors) < 3:
        raise PlotError(f"a plane takes at least 3 words, got {len(vectors)}")
    return {"pca": _pca, "tsne": _tsne, "umap": _umap}[method](vectors, seed)


def principal(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates [n, 2] of vectors [n, D] along their two principal directions, and the shares of
    variance these explain.

    PCA by SVD of the centred vectors; each direction's sign is chosen so that its largest
    coordinate is positive.
    """
    left, size, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    points, shares = np.zeros((len(vectors), 2)), np.zeros(2)
    kept = len(size[:2])
    points[:, :kept] = left[:, :2] * size[:2]
    largest = points[np.abs(points).argmax(axis=0), [0, 1]]
    if total := (size**2).sum():
        shares[:kept] = size[:2] ** 2 / total
    return points * np.where(largest < 0, -1, 1), shares


def _pca(vectors: NDArray[np.float64], seed: int) -> Projection:
    points, shares = principal(vectors)
    x, y = (
        f"{name} principal component ({share:.0%})"
        for name, share in zip(("first", "second"), shares, strict=True)
    )
    return Projection(
        points, "PCA", f"two components explain {shares.sum():.0%} of the variance", (x, y)
    )


def _tsne(vectors: NDArray[np.float64], seed: int) -> Projection:
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits  # scikit-learn brings it
    except ImportError as error:
        raise _missing("t-SNE", "scikit-learn") from error
    perplexity = min(30.0, max(1.0, (len(vectors) - 1) / 3))
    model = TSNE(perplexity=perplexity, init="pca", random_state=_seed_32_bit(seed))
    note = f"perplexity {perplexity:.3g}, seed {seed}; only short distances are meaningful"
    # on a busy machine its threads wait for one another, many times longer than one takes
    with threadpool_limits(1):
        return Projection(_fit_silently(model, vectors), "t-SNE", note)


def _umap(vectors: NDArray[np.float64], seed: int) -> Projection:
    try:
        from umap import UMAP
    except ImportError as error:
        raise _missing("UMAP", "umap-learn") from error
    neighbors = min(15, len(vectors) - 1)
    # the spectrum needs more points than neighbours
    start = "spectral" if len(vectors) > neighbors + 1 else "random"
    model = UMAP(n_neighbors=neighbors, init=start, random_state=_seed_32_bit(seed), n_jobs=1)
    note = f"{neighbors} neighbours, seed {seed}; only short distances are meaningful"
    return Projection(_fit_silently(model, vectors), "UMAP", note)


def _missing(name: str, package: str) -> PlotError:
    return PlotError(f"{name} needs {package}: pip install 'fastw2v[plot]', or leave out --method")


def _seed_32_bit(seed: int) -> int:
    return seed % 2**32  # as scikit-learn and umap-learn take it


def _fit_silently(model: Any, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points that a library computes, without its warnings and messages."""
    # scikit-learn's t-SNE crashes on points that are all one
    if len(np.unique(vectors.round(6), axis=0)) < 3:
        raise PlotError(
            "fewer than 3 of these vectors differ, which only PCA can draw; leave out --method"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = np.asarray(model.fit_transform(vectors.astype(np.float32)), np.float64)
    if not np.isfinite(points).all():
        raise PlotError("these vectors cannot be laid out by this method; leave out --method")
    return points
