"""The same vectors in gensim's KeyedVectors and in fastw2v's."""

import numpy as np
import pytest
from gensim.models import KeyedVectors as Theirs

from fastw2v.compat.gensim import KeyedVectors


@pytest.fixture(scope="session")
def both():
    """V = 500 words of D = 24, some of them with equal vectors and one of zeros' neighbours: ours
    and gensim's.
    """
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(500, 24)).astype(np.float32) * rng.uniform(0.1, 9, (500, 1)).astype(
        np.float32
    )
    vectors[300:310] = vectors[20:30]  # ties
    words = [f"w{i}" if i % 5 else f"W{i}" for i in range(500)]
    made = []
    for cls in (KeyedVectors, Theirs):
        kv = cls(24)
        kv.add_vectors(words, vectors)
        for row, word in enumerate(words):
            kv.set_vecattr(word, "count", 1000 - row)
        made.append(kv)
    return made
