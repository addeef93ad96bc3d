"""Slow twins that only tests need."""

import numpy as np


def numeric_gradient(f, x, step=1e-5):
    """Central differences of the number f(x) at an array x, which f may read in place."""
    gradient = np.zeros_like(x, dtype=np.float64)
    for place in np.ndindex(x.shape):
        old = x[place]
        x[place] = old + step
        above = f(x)
        x[place] = old - step
        below = f(x)
        x[place] = old
        gradient[place] = (above - below) / (2 * step)
    return gradient


def encode(text, min_count=1):
    """Words, counts and ids with -1 at line ends of a text of bytes, by ``bytes.split()``."""
    lines = [line.split() for line in text.split(b"\n")]
    first, counts = {}, {}
    for line in lines:
        for word in line:
            first.setdefault(word, len(first))
            counts[word] = counts.get(word, 0) + 1
    words = sorted(
        (w for w in counts if counts[w] >= min_count), key=lambda w: (-counts[w], first[w])
    )
    number, ids = {word: i for i, word in enumerate(words)}, []
    for line in lines:
        kept = [number[word] for word in line if word in number]
        ids += [*kept, -1] if kept else []
    return words, [counts[word] for word in words], ids
