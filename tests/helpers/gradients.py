"""Gradients by central differences."""

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
