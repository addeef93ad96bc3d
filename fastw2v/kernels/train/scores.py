"""The layout of scores and errors, tile by tile: [T / len(wide), n, len(wide)] for n inputs and T
targets.
"""

from fastw2v.kernels.annotations import Tag
from fastw2v.kernels.jit import leaf


@leaf
def score_index(i: int, k: int, n: int, wide: Tag) -> int:
    """Where the score, or the error, of input i and target k is."""
    return (k // len(wide) * n + i) * len(wide) + k % len(wide)
