"""Vectors for the tests of evaluation, and the same in gensim."""

import numpy as np
import pytest

from fastw2v.vectors.word_vectors import WordVectors

WORDS = "king queen man woman apple".split()


VECTORS = WordVectors(
    WORDS, np.array([[1, 1, 0], [1, -1, 0], [0.1, 1, 0], [0.1, -1, 0], [0, 0, 2]], np.float32)
)


def gensims(vectors):
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors(vectors.vectors.shape[1])
    keyed.add_vectors(list(vectors.words), vectors.vectors)
    return keyed


def spelt(world):
    """The world's vectors, every fifth word in capitals too, beside itself or much rarer, and one
    in all spellings.
    """
    rng = np.random.default_rng(5)
    rows = [(word, vector) for word, vector in zip(world.words, world.vectors, strict=True)]
    for i, (word, vector) in enumerate(rows[::5]):
        noise = 0.02 * rng.normal(size=vector.shape).astype(np.float32)
        rows.insert(1 + 6 * i if i % 2 else len(rows), (word.title(), vector + noise))
    for word in ("queen", "rome"):
        rows += [(word[:k] + word[k:].upper(), world[word] * (1 + k)) for k in range(1, len(word))]
    words, seen = [], set()
    for word, vector in rows:
        if word not in seen:
            seen.add(word)
            words.append((word, vector))
    return WordVectors(
        [word for word, _ in words], np.array([vector for _, vector in words], np.float32)
    )
