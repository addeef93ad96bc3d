import numpy as np
import pytest

from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.vectors.word_vectors import WordVectors

WORDS = "king queen man woman apple".split()
VECTORS = np.array([[1, 1, 0], [1, -1, 0], [0.1, 1, 0], [0.1, -1, 0], [0, 0, 2]], np.float32)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, VECTORS)


def test_lookup(vectors):
    np.testing.assert_array_equal(vectors["queen"], VECTORS[1])
    np.testing.assert_array_equal(vectors[["man", "king"]], VECTORS[[2, 0]])
    assert list(vectors) == WORDS
    assert "king" in vectors and "kong" not in vectors and len(vectors) == 5
    assert vectors.similarity("king", "queen") == pytest.approx(0)


def test_nearest_are_by_cosine_without_the_word_itself(vectors):
    found = vectors.nearest("king", 3)
    assert [word for word, _ in found] == ["man", "queen", "apple"]
    assert found[0][1] == pytest.approx(1.1 / np.sqrt(2 * 1.01))


def test_nearest_to_a_vector_has_all_words(vectors):
    assert vectors.nearest(VECTORS[4], 1) == [("apple", pytest.approx(1))]
    with pytest.raises(VectorsError, match="shape"):
        vectors.nearest(np.zeros(2))
    with pytest.raises(VectorsError, match="not finite"):
        vectors.nearest(np.full(3, np.nan))


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_man_is_to_king_as_woman_is_to_queen(vectors, method):
    assert vectors.analogy("man", "king", "woman", method=method)[0][0] == "queen"


def test_an_unknown_method_is_refused(vectors):
    with pytest.raises(VectorsError, match="3cosadd or 3cosmul"):
        vectors.analogy("man", "king", "woman", method="cos")


def test_asking_for_more_than_there_is_gives_what_there_is(vectors):
    assert len(vectors.nearest("king", 100)) == 4
    assert len(vectors.analogy("man", "king", "woman", 100)) == 2
    assert WordVectors(["one"], VECTORS[:1]).nearest("one") == []
    assert WordVectors(["a", "b"], VECTORS[:2]).analogy("a", "b", "a") == []


def test_an_unknown_word_says_the_nearest_spellings(vectors):
    with pytest.raises(UnknownWordError, match="'quen' is not in the vocabulary of 5 words; did you mean queen"):
        vectors["quen"]
    with pytest.raises(KeyError):
        vectors.nearest("zzz")


def test_gensim_finds_the_same_neighbours_and_analogies(world, tmp_path):
    models = pytest.importorskip("gensim.models")
    world.save(tmp_path / "world.bin")
    theirs = models.KeyedVectors.load_word2vec_format(tmp_path / "world.bin", binary=True)
    for word in ("king", "rain", "paris"):
        for (a, x), (b, y) in zip(world.nearest(word, 5), theirs.most_similar(word, topn=5), strict=True):
            assert x == pytest.approx(y, abs=1e-5) and (a == b or x == pytest.approx(y, abs=1e-6))
    for a, b, c in (("man", "king", "woman"), ("walk", "walked", "sing")):
        word, _ = world.analogy(a, b, c)[0]
        assert word == theirs.most_similar(positive=[b, c], negative=[a])[0][0]
        assert world.analogy(a, b, c, method="3cosmul")[0][0] == theirs.most_similar_cosmul(positive=[b, c], negative=[a])[0][0]
