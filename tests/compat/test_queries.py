"""Equal vectors give gensim's answers, in gensim's order."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from fastw2v.compat.gensim import Doc2Vec, FastText, KeyedVectors, Word2Vec
from fastw2v.compat.gensim.models import Phrases
from fastw2v.compat.gensim.models.doc2vec import TaggedDocument
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    Fastw2vError,
    VectorsError,
    VectorsTypeError,
)

VECTOR = np.linspace(-1, 1, 24, dtype=np.float32)
QUESTIONS = {
    "a word": lambda kv: kv.most_similar("w1"),
    "a word with an equal one": lambda kv: kv.most_similar("w21", topn=30),
    "positive and negative": lambda kv: kv.most_similar(
        positive=["w1", "w2"], negative=["w3"], topn=25
    ),
    "weights": lambda kv: kv.most_similar(
        positive=[("w1", 0.5), ("w2", 2.0)], negative=[("w3", -0.1), "w4"]
    ),
    "rows and vectors": lambda kv: kv.most_similar(positive=[3, VECTOR], negative=[np.int64(9)]),
    "clipped": lambda kv: kv.most_similar("w1", clip_start=50, clip_end=90, topn=20),
    "restricted": lambda kv: kv.most_similar("w499", restrict_vocab=40, topn=50),
    "all": lambda kv: kv.most_similar("w1", topn=None),
    "more than there are": lambda kv: kv.most_similar("w1", topn=1000),
    "none": lambda kv: kv.most_similar("w1", topn=0),
    "by word": lambda kv: kv.similar_by_word("w7", 3),
    "by key": lambda kv: kv.similar_by_key("w7", 3, restrict_vocab=100),
    "by vector": lambda kv: kv.similar_by_vector(VECTOR, topn=12),
    "cosmul": lambda kv: kv.most_similar_cosmul(positive=["w1", "w2"], negative=["w3"]),
    "cosmul of one": lambda kv: kv.most_similar_cosmul("w1", "w2", topn=3),
    "cosmul of all": lambda kv: kv.most_similar_cosmul(["w1"], topn=None),
    "similarity": lambda kv: kv.similarity("w1", "w300"[:2] + "2"),
    "distance": lambda kv: kv.distance("w1", "w2"),
    "distances": lambda kv: kv.distances("w1"),
    "distances of some": lambda kv: kv.distances(VECTOR, ["w1", "w2"]),
    "n_similarity": lambda kv: kv.n_similarity(["w1", "w2"], ["w3", "nobody"]),
    "closer_than": lambda kv: kv.closer_than("w1", "w2"),
    "rank": lambda kv: kv.rank("w1", "w2"),
    "centrality": lambda kv: kv.rank_by_centrality(["w1", "w2", "w3", "w4", "nobody"]),
    "doesnt_match": lambda kv: kv.doesnt_match("w1 w2 w3 w4".split()),
    "most_similar_to_given": lambda kv: kv.most_similar_to_given("w1", ["w2", "w3", "w4"]),
    "relative": lambda kv: kv.relative_cosine_similarity("w1", "w2"),
    "mean": lambda kv: kv.get_mean_vector(["w1", "w2", VECTOR], weights=[1.0, 2.0, -3.0]),
    "mean of length 1": lambda kv: kv.get_mean_vector(
        ["w1", "nobody"], pre_normalize=False, post_normalize=True
    ),
    "vector": lambda kv: kv.get_vector("w1"),
    "vector of length 1": lambda kv: kv.get_vector("w1", norm=True),
    "vectors": lambda kv: kv[["w1", "w2", 3]],
    "normed": lambda kv: kv.get_normed_vectors(),
    "index": lambda kv: [kv.get_index("w3"), kv.get_index("nobody", 5), kv.get_index(17)],
    "contains": lambda kv: ["w1" in kv, "nobody" in kv, kv.has_index_for("w2"), 3 in kv, len(kv)],
    "attributes": lambda kv: [kv.get_vecattr("w3", "count"), str(kv)],
    "some": lambda kv: [kv.vectors_for_all(["w3", "nobody", "w3", "w1"]).index_to_key],
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_answers_are_gensims(both, ask):
    assert_equal(*(ask(kv) for kv in both))


def assert_equal(ours, gensim_module):
    """Words and their order equal, numbers to float32's rounding."""
    if isinstance(gensim_module, list):
        assert len(ours) == len(gensim_module)
        for one, other in zip(ours, gensim_module, strict=True):
            assert_equal(one, other)
    elif isinstance(gensim_module, tuple):
        assert_equal(list(ours), list(gensim_module))
    elif isinstance(gensim_module, (float, np.floating, np.ndarray)):
        np.testing.assert_allclose(ours, gensim_module, rtol=2e-6, atol=3e-7)
        assert np.asarray(ours).dtype == np.asarray(gensim_module).dtype
    else:
        assert ours == gensim_module


@pytest.mark.parametrize(
    "ask",
    [
        lambda kv: kv["nobody"],
        lambda kv: kv.get_index("nobody"),
        lambda kv: kv.most_similar("nobody"),
        lambda kv: kv.most_similar(["w1", "nobody"]),
        lambda kv: kv.get_mean_vector([]),
        lambda kv: kv.get_mean_vector(["w1"], weights=[1, 2]),
        lambda kv: kv.most_similar_cosmul(negative=["w1"]),
        lambda kv: kv.n_similarity([], ["w1"]),
        lambda kv: kv.doesnt_match(["nobody"]),
        lambda kv: kv.get_vecattr("w1", "colour"),
        lambda kv: kv.vocab,
        lambda kv: kv.get_vector("w1").__setitem__(0, 1.0),
        lambda kv: kv.set_vecattr("w1", "count", "many"),
    ],
)
def test_errors_are_of_gensims_kinds(both, ask):
    ours, gensim_module = both
    with pytest.raises(Exception) as expected:
        ask(gensim_module)
    with pytest.raises(expected.type):
        ask(ours)


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e25])
def test_zero_and_extreme_vectors_give_finite_answers(scale, tmp_path):
    """Cosines of a zero vector are 0; those of very short and very long ones are what they are at
    length 1.
    """
    plain = np.array([[1, 2, 3], [3, -1, 1], [1, 1, 0], [0, 1, 5]], np.float32)
    kv, usual = KeyedVectors(3), KeyedVectors(3)
    kv.add_vectors(["odd", "a", "b", "c"], plain * np.array([[scale], [1], [1], [1]], np.float32))
    usual.add_vectors(
        ["odd", "a", "b", "c"], plain * np.array([[float(scale > 0)], [1], [1], [1]], np.float32)
    )
    (tmp_path / "analogies.txt").write_text(": all\nodd a b c\na b c odd\n")
    (tmp_path / "pairs.tsv").write_text("odd\ta\t1\nb\tc\t2\nodd\tc\t3\n")
    with np.errstate(all="raise", under="ignore"):
        for ask in (
            lambda kv: dict(kv.most_similar("odd")),
            lambda kv: dict(kv.most_similar("a")),
            lambda kv: dict(kv.most_similar_cosmul(["odd", "a"], ["b"])),
            lambda kv: kv.similarity("odd", "b"),
            lambda kv: kv.n_similarity(["odd"], ["b", "c"]),
            lambda kv: kv.distances("odd"),
            lambda kv: kv.distances("a", ["odd", "b"]),
            lambda kv: kv.get_vector("odd", norm=True),
            lambda kv: kv.get_normed_vectors(),
            lambda kv: kv.get_mean_vector(["odd", "a"]),
            lambda kv: {word: score for score, word in kv.rank_by_centrality(["odd", "a", "b"])},
            lambda kv: kv.evaluate_word_analogies(tmp_path / "analogies.txt")[0],
            lambda kv: kv.evaluate_word_pairs(tmp_path / "pairs.tsv")[0].statistic,
        ):
            ours, expected = ask(kv), ask(usual)
            if isinstance(expected, dict):
                assert set(ours) == set(expected)
                ours, expected = (
                    [each[key] for key in sorted(expected)] for each in (ours, expected)
                )
            assert np.isfinite(ours).all()
            np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "ask",
    [lambda kv: kv["w1"], lambda kv: kv.get_vector("w1", norm=True), lambda kv: kv.word_vec("w1")],
)
def test_a_vector_handed_out_cannot_be_written_to(both, ask):
    with pytest.raises(ValueError, match="read-only"):
        ask(both[0]).__imul__(2)


@pytest.mark.parametrize(
    "ask",
    [
        lambda kv: kv[["w1", "w2"]],
        lambda kv: kv.get_normed_vectors(),
        lambda kv: kv.get_mean_vector(["w1"]),
    ],
)
def test_a_copy_handed_out_leaves_the_model_alone(both, ask):
    kv = both[0]
    before = kv.vectors.copy()
    ask(kv)[...] = 7
    np.testing.assert_array_equal(kv.vectors, before)


def test_wmdistance_is_gensims_where_pot_is_installed(both):
    pytest.importorskip("ot", reason="POT is not installed; pip install POT")
    for documents in (
        (["w1", "w2", "w2", "nobody"], ["w3", "w4"]),
        (["w1"], ["w1"]),
        (["w1", "w2"], ["w2", "w1"]),
        (["x"], ["w1"]),
    ):
        for norm in (True, False):
            ours, gensim_module = (kv.wmdistance(*documents, norm=norm) for kv in both)
            assert ours == pytest.approx(gensim_module, rel=1e-6)


def test_wmdistance_without_pot_is_solved_by_scipy(both, monkeypatch):
    linprog = pytest.importorskip("scipy.optimize").linprog
    assert callable(linprog)
    monkeypatch.setitem(sys.modules, "ot", None)
    kv = both[0]
    # one word each: the distance of the two; equal documents: none
    apart = np.linalg.norm(kv.get_vector("w1", norm=True) - kv.get_vector("w2", norm=True))
    assert kv.wmdistance(["w1"], ["w2"]) == pytest.approx(apart, rel=1e-6)
    assert kv.wmdistance(["w1", "w2"], ["w2", "w1"]) == pytest.approx(0, abs=1e-9)
    # half of w1 stays, the other half goes to w2
    assert kv.wmdistance(["w1", "w1"], ["w1", "w2"]) == pytest.approx(apart / 2, rel=1e-6)
    documents = ["w1", "w2", "w3", "w4"], ["w6", "w7", "w7"]
    assert 0 < kv.wmdistance(*documents) == pytest.approx(kv.wmdistance(*documents[::-1]))


def test_wmdistance_without_pot_and_scipy_names_them(both, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(ImportError, match="pip install POT"):
        both[0].wmdistance(["w1"], ["w2"])


def test_wmdistance_gives_the_solver_shares_and_distances(both, monkeypatch):
    monkeypatch.setitem(
        sys.modules, "ot", SimpleNamespace(emd2=lambda a, b, distances: (a, b, distances))
    )
    kv = both[0]
    first, second, apart = kv.wmdistance(["w1", "w2", "w2", "nobody"], ["w3", "w1"])
    np.testing.assert_allclose(first, [1 / 3, 2 / 3])
    np.testing.assert_allclose(second, [0.5, 0.5])
    unit = {word: kv.get_vector(word, norm=True) for word in ("w1", "w2", "w3")}
    expected = [[np.linalg.norm(unit[a] - unit[b]) for b in ("w3", "w1")] for a in ("w1", "w2")]
    np.testing.assert_allclose(apart, expected, rtol=1e-5, atol=1e-6)


def test_keys_are_iterated_over(both):
    assert list(both[0]) == both[0].index_to_key


def test_retired_names_say_what_to_use(both):
    with pytest.raises(AttributeError, match="index_to_key"):
        both[0].index2word  # noqa: B018


@pytest.mark.parametrize(
    "ask",
    [
        lambda kv: kv.most_similar(1.5),
        lambda kv: kv.most_similar([["w1", None]]),
        lambda kv: kv.similar_by_vector([["w1", float("nan")]]),
        lambda kv: kv.most_similar("w1", negative=[[]]),
        lambda kv: kv.most_similar("w1", topn=1.5),
        lambda kv: kv.most_similar_cosmul("w1", topn=np.zeros(3)),
        lambda kv: kv.get_vector([]),
        lambda kv: {} in kv,
        lambda kv: kv.most_similar("w1", indexer=1),
        lambda kv: kv.similarity("w1"),
        lambda kv: kv[1.5],
        lambda kv: kv.get_mean_vector(3),
        lambda kv: kv.save_word2vec_format(None),
    ],
)
def test_queries_of_other_types_raise_in_a_line(ask):
    kv = KeyedVectors(24)
    kv.add_vectors(["w1", "w2"], np.stack([VECTOR, VECTOR[::-1]]))
    with pytest.raises(VectorsTypeError) as raised:
        ask(kv)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("model", [Word2Vec, FastText, Doc2Vec])
@pytest.mark.parametrize("name", ["vector_size", "window", "workers", "alpha", "seed", "sample"])
@pytest.mark.parametrize("value", [b"x", float("nan"), np.zeros(3), object()])
def test_options_of_other_types_are_named(model, name, value):
    if name in ("alpha", "sample") and isinstance(value, float):
        return  # refused by its range
    with pytest.raises(ConfigError, match=name):
        model(**{name: value})


def test_doc2vec_without_vocabulary_says_so():
    model = Doc2Vec(vector_size=4)
    assert model.estimate_memory(10)["total"] > 0
    with pytest.raises(RuntimeError, match="vocabulary"):
        model.infer_vector(["a"])
    with pytest.raises(ConfigTypeError, match="word_freq"):
        model.build_vocab_from_freq(None)


@pytest.mark.parametrize(
    ("ask", "kind", "names"),
    [
        (lambda kv: kv.most_similar_to_given("w1", []), ValueError, "most_similar_to_given"),
        (lambda kv: kv.cosine_similarities(None, None), TypeError, "cosine_similarities"),
        (lambda kv: kv.distances(None), ValueError, "cosine_similarities"),
        (lambda kv: kv.similar_by_vector(np.ones(3)), ValueError, "get_mean_vector"),
        (lambda kv: kv.doesnt_match([]), ValueError, "empty"),
        (lambda kv: kv.n_similarity(["w1"], []), ZeroDivisionError, "n_similarity"),
        (lambda kv: kv.get_vecattr("w1", "nope"), KeyError, "nope"),
        (lambda kv: kv["a\nb"], KeyError, r"a\nb"),
        (lambda kv: kv.most_similar("x" * 1000), KeyError, "xxx"),
    ],
)
def test_queries_without_an_answer_raise_what_scripts_catch_in_a_line(ask, kind, names):
    kv = KeyedVectors(24)
    kv.add_vectors(["w1", "w2"], np.stack([VECTOR, VECTOR[::-1]]))
    with pytest.raises(Fastw2vError) as raised:
        ask(kv)
    assert isinstance(raised.value, kind) and names in str(raised.value)
    assert "\n" not in str(raised.value) and len(str(raised.value)) <= 300


def test_an_encoding_that_there_is_not_is_named(tmp_path):
    (tmp_path / "v.txt").write_text("1 2\na 1 2\n")
    for encoding in ("nope", None):
        with pytest.raises(VectorsError, match=str(encoding)):
            KeyedVectors.load_word2vec_format(tmp_path / "v.txt", encoding=encoding)


def test_errors_of_an_iterable_of_the_user_keep_their_type():
    def faulty():
        yield ["a", "b"]
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Phrases(faulty())

    class Mine(ValueError):
        pass

    def also_faulty():
        yield ["a", "b"]
        raise Mine(str(int("3")))

    for read in (Phrases, Word2Vec(min_count=1).build_vocab):
        with pytest.raises(Mine):
            read(also_faulty())


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.predict_output_word(3),
        lambda model: model.infer_vector([3.5, None, []]),
        lambda model: model.estimate_memory("many"),
        lambda model: model.reset_from(None),
    ],
)
def test_models_asked_with_other_types_raise_in_a_line(ask):
    model = Doc2Vec(vector_size=4, min_count=1)
    model.build_vocab([TaggedDocument(["a", "b"], [0])])
    with pytest.raises(TypeError, match="cannot take") as raised:
        ask(model)
    assert isinstance(raised.value, Fastw2vError) and "\n" not in str(raised.value)
