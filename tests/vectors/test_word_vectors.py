import numpy as np
import pytest

import fastw2v
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
    with pytest.raises(VectorsError, match="finite"):
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
    with pytest.raises(UnknownWordError, match=r"'quen' .* 5 words.* queen"):
        vectors["quen"]
    with pytest.raises(KeyError):
        vectors.nearest("zzz")


def test_gensim_finds_the_same_neighbours_and_analogies(world, tmp_path):
    models = pytest.importorskip("gensim.models")
    world.save(tmp_path / "world.bin")
    theirs = models.KeyedVectors.load_word2vec_format(tmp_path / "world.bin", binary=True)
    for word in ("king", "rain", "paris"):
        for (a, x), (b, y) in zip(
            world.nearest(word, 5), theirs.most_similar(word, topn=5), strict=True
        ):
            assert x == pytest.approx(y, abs=1e-5) and (a == b or x == pytest.approx(y, abs=1e-6))
    for a, b, c in (("man", "king", "woman"), ("walk", "walked", "sing")):
        word, _ = world.analogy(a, b, c)[0]
        assert word == theirs.most_similar(positive=[b, c], negative=[a])[0][0]
        assert (
            world.analogy(a, b, c, method="3cosmul")[0][0]
            == theirs.most_similar_cosmul(positive=[b, c], negative=[a])[0][0]
        )


def test_what_is_handed_out_cannot_change_the_model(world):
    before = world.nearest("king", 5)
    handed = [
        world["king"],
        world.vectors,
        world.vectors[3],
        world.output_vectors,
        world.unit_vectors,
        world.lengths,
        world.counts,
    ]
    for array in handed:
        with pytest.raises(ValueError, match="read-only"):
            array /= 2
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    for copied in (world[["king", "queen"]], world.cosines(world["king"]), world["king"].copy()):
        copied[:] = 0
    assert world.nearest("king", 5) == before


def test_ngrams_that_are_handed_out_cannot_change_the_model():
    lines = [["the", "king", "walked"], ["the", "queen", "talked"]] * 30
    model = fastw2v.train(
        lines, minn=3, maxn=4, vector_size=4, min_count=1, epochs=1, sample=0, buckets=50, threads=1
    )
    before = model["kingly"]
    with pytest.raises(UnknownWordError):
        model["\ud800"]
    for array in (model.subwords.vectors, model.subwords.own, model.subwords.used, model["king"]):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    model["kingly"][:] = 0
    np.testing.assert_array_equal(model["kingly"], before)


def test_vectors_of_padded_rows_are_one_block_of_memory():
    padded = np.zeros((5, 16), np.float32)[:, :3]
    padded[:] = VECTORS
    model = WordVectors(WORDS, padded, output_vectors=padded)
    for array in (model.vectors, model.output_vectors):
        assert array.flags.c_contiguous and not array.flags.writeable
        np.testing.assert_array_equal(array, VECTORS)
    assert model.vectors is model.vectors


def test_other_vectors_can_be_put_in_their_place(vectors):
    assert vectors.nearest("king", 1)[0][0] == "man"
    vectors.vectors = VECTORS[::-1]
    assert vectors["apple"].tolist() == [1, 1, 0] and vectors.nearest("apple", 1)[0][0] == "man"
    assert VECTORS.flags.writeable


@pytest.mark.parametrize("shape", [(5,), (5, 0), (5, 2, 2)])
def test_tables_that_are_none_are_refused(shape):
    with pytest.raises(VectorsError, match="column"):
        WordVectors(WORDS, np.ones(shape, np.float32))


@pytest.mark.parametrize(
    "query", [["king", "queen"], [[1, 2, 3]], b"king", {"king"}, object(), [10**400, 0, 0]]
)
def test_a_question_that_is_no_word_and_no_vector_is_refused(vectors, query):
    with pytest.raises(VectorsError, match=r"one word|shape|finite|bytes"):
        vectors.nearest(query)
    with pytest.raises(VectorsError, match="bytes"):
        vectors[b"king"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "scale", [1e-44, 1e-37, 1e-30, 1e-20, 1e-12, 1e-6, 1e12, 1e18, 1e19, 1e30, 3e38]
)
def test_cosines_of_vectors_of_any_length_are_right(rng, tmp_path, scale):
    table = rng.normal(size=(40, 6))
    table = (table / np.abs(table).max() * scale).astype(np.float32)
    mixed = table.copy()
    mixed[::2] = rng.normal(size=(20, 6))
    mixed[7] = 0
    words = [f"w{i}" for i in range(40)]
    for rows in (table, mixed):
        exact = rows.astype(np.float64)
        lengths = np.linalg.norm(exact, axis=1, keepdims=True)
        exact /= np.where(lengths > 0, lengths, 1)
        WordVectors(words, rows).save(tmp_path / "v.npz")
        vectors = fastw2v.load(tmp_path / "v.npz")
        np.testing.assert_allclose(vectors.unit_vectors, exact, atol=1e-6)
        np.testing.assert_allclose(vectors.lengths, lengths[:, 0], rtol=1e-6)
        np.testing.assert_allclose(vectors.cosines(vectors["w3"]), exact @ exact[3], atol=1e-6)
        nearest = sorted(zip(exact @ exact[3], words, strict=True), reverse=True)[1:6]
        assert [cosine for _, cosine in vectors.nearest("w3", 5)] == pytest.approx(
            [cosine for cosine, _ in nearest], abs=1e-6
        )
        assert vectors.similarity("w3", "w4") == pytest.approx(exact[3] @ exact[4], abs=1e-6)
        for query in (
            rows[3],
            rows[3].astype(np.float64) * 1e-200,
            rows[3].astype(np.float64) * 1e200,
        ):
            assert vectors.nearest(query, 1) == [("w3", pytest.approx(1, abs=1e-6))]
        found = vectors.analogy("w1", "w2", "w3", 3)
        query = exact[2] - exact[1] + exact[3]
        cosines = exact @ query / np.linalg.norm(query)
        cosines[[1, 2, 3]] = -2
        assert [score for _, score in found] == pytest.approx(
            sorted(cosines, reverse=True)[:3], abs=1e-5
        )


@pytest.mark.filterwarnings("error")
def test_a_word_made_of_ngrams_of_extreme_length_is_finite():
    lines = [["king", "walked"], ["queen", "talked"]] * 30
    model = fastw2v.train(
        lines, minn=3, maxn=4, vector_size=4, min_count=1, epochs=1, sample=0, buckets=50, threads=1
    )
    sub = model.subwords
    for scale in (3e38, 1e-40):
        rows = np.sign(sub.vectors) * np.float32(scale)
        extreme = type(sub)(sub.minn, sub.maxn, sub.buckets, sub.used, rows, sub.own)
        made = extreme.vector("kingly")
        assert np.isfinite(made).all() and made.any()


@pytest.mark.parametrize("name", ["v.npz", "hub"])
def test_vectors_that_fewer_bits_would_make_zero_are_not_written(tmp_path, name):
    small = WordVectors(["a", "b"], np.array([[1, 2], [1e-20, 1e-20]], np.float32))
    with pytest.raises(VectorsError, match="float16"):
        small.save(tmp_path / name, "hub" if name == "hub" else None, dtype="float16")
    small.save(tmp_path / name, "hub" if name == "hub" else None, dtype="int8")
    assert fastw2v.load(tmp_path / name).similarity("a", "b") == pytest.approx(
        3 / np.sqrt(10), abs=0.01
    )


def test_most_similar_is_gensims(world, tmp_path):
    models = pytest.importorskip("gensim.models")
    world.save(tmp_path / "world.bin")
    theirs = models.KeyedVectors.load_word2vec_format(tmp_path / "world.bin", binary=True)
    for question in (
        {"positive": "king", "topn": 5},
        {"positive": ["king", "woman"], "negative": ["man"], "topn": 3},
        {"positive": [("king", 2.0), "queen"], "negative": "man"},
        {"positive": [world["king"], "rain"]},
        {"positive": "king", "restrict_vocab": 50, "topn": 4},
        {"positive": "king", "topn": 0},
    ):
        ours, expected = world.most_similar(**question), theirs.most_similar(**question)
        assert [word for word, _ in ours] == [word for word, _ in expected]
        assert [x for _, x in ours] == pytest.approx([x for _, x in expected], abs=1e-5)
    words = ["king", "queen", "rain", "prince", "nobody"]
    assert world.doesnt_match(words) == theirs.doesnt_match(words)


def test_most_similar_of_nothing_and_of_unknown_words_is_refused(vectors):
    with pytest.raises(VectorsError):
        vectors.most_similar()
    with pytest.raises(UnknownWordError):
        vectors.most_similar(["king", "kong"])
    with pytest.raises(VectorsError):
        vectors.most_similar([np.zeros(2)])
    with pytest.raises(VectorsError):
        vectors.doesnt_match(["kong"])


def test_doesnt_match_leaves_unknown_words_out(vectors):
    assert vectors.doesnt_match(["king", "man", "apple", "kong"]) == "apple"


def test_repr_html_shows_first_words_escaped():
    words = ["<b>", *(f"w{i}" for i in range(30))]
    html = WordVectors(words, np.ones((31, 8), np.float32), np.arange(31))._repr_html_()
    assert "31 words, 8 dimensions" in html and "&lt;b&gt;" in html and "<b>" not in html
    assert "w8" in html and "w20" not in html


@pytest.mark.parametrize(
    "counts", [[1.5, 2], [np.nan, 2], [-1, 2], [2**48, 2], [2**70, 2], [[1], [2]], "ab", [True, 2j]]
)
def test_counts_that_no_file_of_a_model_can_hold_are_refused(counts):
    with pytest.raises(VectorsError, match="counts"):
        WordVectors(["a", "b"], VECTORS[:2], counts)


def test_words_are_strings_or_numbers_and_output_vectors_a_table():
    assert WordVectors([5, 6], VECTORS[:2]).words == ["5", "6"]
    for words in (["a", None], ["a", b"b"]):
        with pytest.raises(VectorsError):
            WordVectors(words, VECTORS[:2])
    with pytest.raises(VectorsError):
        WordVectors(["a", "b"], VECTORS[:2], None, 5)
