"""Draws for kernels that make none."""

import numpy as np

from fastw2v.kernels.train.state import Draws

DRAWS = Draws(
    np.zeros(1, np.uint32),
    np.zeros(1, np.uint64),
    np.zeros(1, np.int32),
    np.uint64(0),
    np.uint64(0),
)
