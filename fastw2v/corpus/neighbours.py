"""Counts of the words near a word: Eq. 13 for one word of a large corpus."""

import numpy as np

CENTRES = 1 << 20  # looked at at a time


def neighbours(ids: np.ndarray, word: int, window: int, V: int) -> np.ndarray:
    """#(o, c) for c = word: how often each word o occurs within ``window`` places of it on
    its line; int64 [V].

    ids : int32 [N], negative at line ends.
    """
    counts, centres = np.zeros(V, np.int64), np.flatnonzero(ids == word)
    for first in range(0, len(centres), CENTRES):
        for step in (-1, 1):
            places = centres[first : first + CENTRES]
            for _ in range(window):
                places = places + step
                places = places[(places >= 0) & (places < len(ids))]
                places = places[ids[places] >= 0]
                if not len(places):
                    break
                counts += np.bincount(ids[places], minlength=V)
    return counts
