"""Numba spreads loops over threads with the help of a library: TBB, OpenMP, or its own.

What is said where none can be loaded.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastw2v.errors import TrainingError, quoted


@contextmanager
def threading_layer_named() -> Iterator[None]:
    """Raise TrainingError, naming the layer, where Numba raises a ValueError of many lines as it
    can load none.
    """
    try:
        yield
    except ValueError as error:
        if "threading layer" not in str(error).lower():
            raise
        asked = os.environ.get("NUMBA_THREADING_LAYER", "default")
        raise TrainingError(
            f"Numba cannot load its threading layer {quoted(asked)} (NUMBA_THREADING_LAYER):"
            " install the library, or unset the variable; NUMBA_THREADING_LAYER=workqueue needs"
            " none"
        ) from error
