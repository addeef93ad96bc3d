"""The error where Numba can load none of its threading layers: TBB, OpenMP, or its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastw2v.errors import TrainingError, quoted


@contextmanager
def threading_layer_named() -> Iterator[None]:
    """Context in which Numba's ValueError of many lines about a threading layer becomes a
    TrainingError that names the layer.
    """
    try:
        yield
    except ValueError as error:
        if "threading layer" not in str(error).lower():
            raise
        requested = os.environ.get("NUMBA_THREADING_LAYER", "default")
        raise TrainingError(
            f"Numba cannot load its threading layer {quoted(requested)} (NUMBA_THREADING_LAYER):"
            " install the library, or unset the variable; NUMBA_THREADING_LAYER=workqueue needs"
            " none"
        ) from error
