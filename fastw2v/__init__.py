"""fastw2v: word vectors from plain text, fast.

    import fastw2v

    vectors = fastw2v.train("corpus.txt", vector_size=100)
    vectors.nearest("king")
    vectors.save("vectors.bin")
    vectors = fastw2v.load("vectors.bin")

Importing the package loads neither Numba nor matplotlib.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v.api import load, resume, train
    from fastw2v.config import TrainConfig
    from fastw2v.errors import Fastw2vError
    from fastw2v.vectors.word_vectors import WordVectors

__version__ = "0.1.0"

_HOMES = {
    "train": "fastw2v.api",
    "resume": "fastw2v.api",
    "load": "fastw2v.api",
    "TrainConfig": "fastw2v.config",
    "WordVectors": "fastw2v.vectors.word_vectors",
    "Fastw2vError": "fastw2v.errors",
}
__all__ = ["Fastw2vError", "TrainConfig", "WordVectors", "__version__", "load", "resume", "train"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'fastw2v' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
