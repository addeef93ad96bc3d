"""Many queries at once give what one after the other gives."""

import numpy as np
import pytest

from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.vectors import batch
from fastw2v.vectors.tables import ScaledRows, quantised
from fastw2v.vectors.word_vectors import WordVectors

V, D = 700, 9


@pytest.fixture
def vectors(rng):
    table = rng.normal(size=(V, D)).astype(np.float32)
    table[5] = 0
    table[6], table[7] = table[8] * 1e-25, table[9] * 1e25
    table[20:24] = table[24]  # equal cosines: ties by row
    return WordVectors([f"w{i}" for i in range(V)], table)


@pytest.mark.parametrize("n", [1, 10, 250, V + 5])
def test_nearest_many_equals_nearest(vectors, monkeypatch, n):
    monkeypatch.setattr(batch, "QUERIES", 50)
    monkeypatch.setattr(batch, "WORDS", 128)
    words = vectors.words[:120]
    for word, found in zip(words, vectors.nearest_many(words, n), strict=True):
        expected = vectors.nearest(word, n)
        np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=2e-6)
        assert len(found) == min(n, V - 1) and word not in dict(found)
        if n <= 10 and word != "w5":  # of zeros
            equal = {f"w{i}": "w20" for i in range(20, 25)}  # their order is that of rounding
            names = [[equal.get(w, w) for w, _ in each] for each in (found, expected)]
            assert names[0] == names[1]


def test_nearest_many_of_equal_cosines_orders_them_by_row(vectors):
    (found,) = vectors.nearest_many(["w24"], 4)
    assert sorted(w for w, _ in found) == ["w20", "w21", "w22", "w23"]


def test_nearest_many_of_vectors_and_words(vectors):
    of_word, of_vector = vectors.nearest_many(["w3", vectors["w3"]], 3)
    assert of_vector[0][0] == "w3" and of_vector[1:] == of_word[:2]


def test_nearest_many_of_fewer_bits_equals_nearest(vectors):
    numbers, scales = quantised(vectors.table[10:], "int8")
    small = WordVectors(vectors.words[10:], ScaledRows(numbers, scales))
    for word, found in zip(small.words[:20], small.nearest_many(small.words[:20], 3), strict=True):
        np.testing.assert_allclose(
            [s for _, s in found], [s for _, s in small.nearest(word, 3)], atol=2e-6
        )


def test_nearest_many_of_nothing_is_nothing(vectors):
    assert vectors.nearest_many([]) == [] and vectors.nearest_many(["w1"], 0) == [[]]


def test_nearest_many_of_unknown_words_or_wrong_shapes_raises(vectors):
    with pytest.raises(UnknownWordError, match="wolf"):
        vectors.nearest_many(["w1", "wolf"])
    with pytest.raises(VectorsError, match="shape"):
        vectors.nearest_many([np.zeros(D + 1)])
