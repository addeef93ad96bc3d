"""gensim's lock factors: what the gradients of rows are multiplied by."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.errors import ConfigError

ONE = np.ones(1, np.float32)
ONE.setflags(write=False)


def factors_of(lock: ArrayLike, n: int, name: str) -> NDArray[np.float32]:
    """Return the factors [n] that an array of 1 or n numbers says.

    Raises ConfigError, a ValueError, with the name of the array.
    """
    factors = np.asarray(lock)
    if factors.dtype.kind not in "fiub" or factors.shape not in ((1,), (n,)):
        raise ConfigError(
            f"{name} must hold one number, or one for each of {n:,} rows; it is an array of"
            f" {factors.dtype} of shape {factors.shape}"
        )
    with np.errstate(over="ignore"):
        factors = factors.astype(np.float32)
    if not np.isfinite(factors).all():
        raise ConfigError(f"{name} holds numbers that are not finite")
    return np.broadcast_to(factors, n)
