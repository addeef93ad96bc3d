"""Random draws in plain Python integers, as functions of (seed, epoch, position)."""

from collections.abc import Sequence

import numpy as np

MASK = 2**64 - 1


def draw(key: int, n: int) -> int:
    """The n-th 64-bit number of the splitmix64 stream that ``key`` begins."""
    x = (key + 0x9E3779B97F4A7C15 * n) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def epoch_key(seed: int, epoch: int) -> int:
    """The key of the token draws of an epoch, counted from 0."""
    return draw(draw(seed, 1), epoch)


def noise_key(seed: int, epoch: int) -> int:
    """The key of an epoch's noise."""
    return draw(draw(seed, 2), epoch)


def is_kept(token_draw: int, probability: float) -> bool:
    """Whether subsampling keeps a token (Eq. 18): the draw's high half, as a share of 2**32, is
    below the probability.
    """
    return (token_draw >> 32) < probability * 2**32


def radius(token_draw: int, min_radius: int, max_radius: int) -> int:
    """How far a centre sees, uniform in least ... most: the draw's low half."""
    return min_radius + ((token_draw & 0xFFFFFFFF) * (max_radius - min_radius + 1) >> 32)


class Alias:
    """Walker's alias table by Vose's method, in lists."""

    def __init__(self, probabilities: Sequence[float] | np.ndarray) -> None:
        V = len(probabilities)
        share = [float(p) * V for p in probabilities]
        self.threshold, self.alias = [2**64] * V, list(range(V))
        small = [word for word in range(V) if share[word] < 1.0]
        large = [word for word in range(V) if share[word] >= 1.0]
        while small and large:
            poor, rich = small.pop(), large[-1]
            self.threshold[poor], self.alias[poor] = int(share[poor] * 2.0**64), rich
            share[rich] -= 1.0 - share[poor]
            if share[rich] < 1.0:
                small.append(large.pop())

    def word(self, random: int) -> int:
        """The word that a 64-bit number stands for."""
        bucket, place = divmod(random * len(self.alias), 2**64)
        return bucket if place < self.threshold[bucket] else self.alias[bucket]
