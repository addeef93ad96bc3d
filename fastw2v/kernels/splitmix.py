"""Random numbers as a function of position: splitmix64, read at any place of its stream (uint64
throughout).

A run has two streams of keys (by epoch). One key begins the epoch's token draws (by position), the
other its noise, of which every position owns some (``train.negatives``). No number depends on the
thread or the time of its use.

Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", with
    Stafford's mixer 13.
"""

import numpy as np
from numpy.typing import ArrayLike

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S27, S30, S31, S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
TOKENS, NOISE = 1, 2  # a seed's streams of keys


@leaf
def draw(key: np.uint64, n: int) -> np.uint64:
    """The n-th number (uint64) of the stream that ``key`` (uint64) begins."""
    x = key + GAMMA * np.uint64(n)
    x = (x ^ (x >> S30)) * MIX_1
    x = (x ^ (x >> S27)) * MIX_2
    return x ^ (x >> S31)


def epoch_key(seed: int, stream: int, epoch: int) -> np.uint64:
    """The key (uint64) of the token draws, or of the noise, of an epoch, counted from 0."""
    return np.uint64(draw(np.uint64(draw(np.uint64(seed), stream)), epoch))


@leaf
def is_kept(token_draw: np.uint64, limit: int) -> bool:
    """Whether subsampling keeps a token: its draw's high half is at most ``limit`` (uint32, of
    ``keep_limits``; Eq. 18).
    """
    return (token_draw >> S32) <= np.uint64(limit)


@leaf
def radius(token_draw: np.uint64, lowest: int, highest: int) -> int:
    """The number of words seen on each side of a centre, uniform in lowest ... highest, from its
    draw's low half.
    """
    return lowest + np.int64(((token_draw & LOW) * np.uint64(highest - lowest + 1)) >> S32)


def keep_limits(probabilities: ArrayLike) -> Array:
    """Keep probabilities [V] as the largest 32-bit draw that keeps (uint32 [V]); 1 keeps always, 0
    < p almost never.
    """
    return np.clip(
        np.ceil(np.asarray(probabilities, np.float64) * 2.0**32) - 1, 0, 2.0**32 - 1
    ).astype(np.uint32)
