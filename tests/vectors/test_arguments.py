"""Careless calls of WordVectors get an error that names the right one."""

import numpy as np
import pytest

from fastw2v import Fastw2vError, TrainConfig, load, train
from fastw2v.corpus.columns import Columns
from fastw2v.embedding import TextEmbedder
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    OutputError,
    UnknownOptionError,
    UnknownWordError,
    VectorsError,
    VectorsTypeError,
    quoted,
)
from fastw2v.formats import save
from fastw2v.plots.projection import project
from fastw2v.training.inputs import RunInputs
from fastw2v.vectors.subwords import MAX_WORD_BYTES, Subwords
from fastw2v.vectors.word_vectors import WordVectors


@pytest.fixture(scope="module")
def v():
    table = np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)
    return WordVectors(["king", "queen", "man", "rain"], table)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda v: v.nearest("king", 2.0), "n must .*2.0"),
        (lambda v: v.nearest("king", True), "True"),
        (lambda v: v.nearest(b"king"), r"word\.decode"),
        (lambda v: v.nearest_many("king"), r"nearest_many .*\['king'"),
        (lambda v: v.nearest_many(["king"], "2"), "'2'"),
        (lambda v: v.most_similar("king", topn=None), "topn"),
        (lambda v: v.most_similar("king", restrict_vocab="x"), "restrict_vocab"),
        (lambda v: v.most_similar([("king", float("nan"))]), "nan"),
        (lambda v: v.most_similar([("king", "x")]), "'x'"),
        (lambda v: v.most_similar(b"king"), r"word\.decode"),
        (lambda v: v.doesnt_match("king queen"), "doesnt_match"),
        (lambda v: v.doesnt_match(5), "doesnt_match"),
        (lambda v: v.analogy(["king"], "queen", "man"), r"\['king'\]"),
        (lambda v: v.similarity("king", None), "NoneType"),
        (lambda v: ["a"] in v, r"\['a'\]"),
        (lambda v: b"king" in v, r"word\.decode"),
        (lambda v: v[None], "NoneType"),
        (lambda v: v[["king", b"x"]], "b'x'"),
        (lambda v: v.id(["a"]), r"\['a'\]"),
        (lambda v: v.head(2.0), "2.0"),
        (lambda v: v.index("x"), "effort"),
        (lambda v: v.cosines("king"), "nearest"),
        (lambda v: v.most_similar(1j), "1j"),
        (lambda v: v.most_similar(object()), "object"),
        (lambda v: v.most_similar(negative={"king"}), "set"),
        (lambda v: v.doesnt_match(np.array(1)), "array"),
        (lambda v: v.analogy("king", "queen", "man", method=np.zeros(2)), "method"),
        (lambda v: v.cosines(np.ones(5, complex)), "nearest"),
        (lambda v: v.of_rows(["king"]), "'king'"),
        (lambda v: v.of_rows(1), "1"),
        (lambda v: v.save("a.bin", format=np.zeros(2)), "format"),
        (lambda v: v.save("a.bin", dtype=np.zeros(2)), "dtype"),
        (lambda v: save("a.bin", [1]), "WordVectors"),
        (lambda v: TextEmbedder({"king": 1}), "WordVectors"),
        (lambda v: WordVectors("a", np.ones((1, 2))), "'a'"),
        (lambda v: WordVectors(5, np.ones((1, 2))), "5"),
    ],
)
def test_an_argument_of_another_type_is_named(v, call, named):
    with pytest.raises(VectorsTypeError, match=named):
        call(v)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda v: v.nearest("king", topn=5), "'topn'.* n="),
        (lambda v: v.nearest_many(["king"], k=5), "'k'.* n="),
        (lambda v: v.most_similar("king", n=5), "'n'.* topn="),
        (lambda v: v.nearest("king", size=5), r"train\(corpus, vector_size="),
        (lambda v: v.nearest("king", workers=5), r"train\(corpus, threads="),
        (lambda v: v.nearest("king", colour=5), "'colour'.* word, n"),
        (lambda v: v.analogy("king", "queen"), "'c'.* a, b, c, n, method"),
        (lambda v: v.similarity("a", "b", "c"), " a, b"),
    ],
)
def test_an_option_that_there_is_not_names_the_one_that_is_meant(v, call, named):
    with pytest.raises(UnknownOptionError, match=named) as raised:
        call(v)
    assert isinstance(raised.value, TypeError)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: v.nearest(["king", "queen"]),
        lambda v: v.cosines([1, 2]),
        lambda v: v.cosines([1, 2, 3, 4, np.nan]),
        lambda v: v.cosines(np.full((5, 2), np.inf)),
        lambda v: v.nearest(np.ones(5, complex)),
        lambda v: v.analogy("king", "queen", "man", method="3cos"),
        lambda v: v.of_rows([4]),
        lambda v: v.of_rows([-1]),
        lambda v: v.index(effort=10**30),
        lambda v: v.save(b"a.bin"),
        lambda v: load(b"a.bin"),
        lambda v: load("a.bin", encoding_errors="\ud800"),
        lambda v: load("a.bin", encoding_errors=np.zeros(2)),
        lambda v: v.doesnt_match([]),
        lambda v: WordVectors(["a"], 5),
        lambda v: WordVectors(["a"], np.ones((1, 2)), counts=[1, 2]),
        lambda v: WordVectors(["a"], np.array([["x", "y"]])),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_of_ours(v, call):
    with pytest.raises((VectorsError, OutputError)):
        call(v)


@pytest.mark.parametrize(
    "value", [np.zeros((2, 16)), np.array([]), np.array("sif"), 10**5000, 1j], ids=quoted
)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("weighting", lambda v, x: v.embed(["king"], weighting=x)),
        ("tokenize", lambda v, x: v.embed(["king"], weighting="mean", tokenize=x)),
        ("on_event", lambda v, x: v.embed(["king"], weighting="mean", on_event=x)),
        ("on_event", lambda v, x: TextEmbedder(v, weighting="mean").embed(["king"], on_event=x)),
        ("on_event", lambda v, x: TextEmbedder(v, weighting="idf").fit(["king"], on_event=x)),
        ("method", lambda v, x: v.analogy("king", "queen", "man", method=x)),
        ("window", lambda v, x: TrainConfig(window=x)),
        ("model", lambda v, x: TrainConfig(model=x)),
        ("column", lambda v, x: Columns(x)),
        ("group_by", lambda v, x: Columns("a", group_by=x)),
        ("keep", lambda v, x: RunInputs(keep=x)),
        ("on_event", lambda v, x: train([["king"]], on_event=x)),
        ("effort", lambda v, x: v.index(effort=x)),
        ("method", lambda v, x: project(np.zeros((3, 2)), method=x)),
    ],
)
def test_any_value_of_another_type_is_shown_in_one_line(v, name, call, value):
    with pytest.raises(Fastw2vError, match=name) as raised:
        call(v, value)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 200


@pytest.mark.parametrize("name", ["vocab", "stop_words"])
@pytest.mark.parametrize("words", [[["king"]], [b"king"], [None]])
def test_train_given_words_that_are_none_raises(name, words):
    with pytest.raises(ConfigTypeError, match=name):
        train([["king", "queen"]], min_count=1, **{name: words})


@pytest.mark.parametrize("name", ["column", "group_by", "order_by"])
def test_columns_without_a_name_raises(name):
    with pytest.raises(ConfigError, match=name):
        Columns(**{"column": "a", name: ""})


def test_a_word_longer_than_the_limit_of_ngrams_has_none(v):
    ngrams = Subwords(3, 3, 1, np.zeros(1, np.int32), np.ones((1, 5), np.float32), v.table)
    with_ngrams = WordVectors(v.words, v.table, subwords=ngrams)
    assert with_ngrams["x" * MAX_WORD_BYTES].tolist() == [1] * 5
    with pytest.raises(UnknownWordError, match="too long"):
        with_ngrams["x" * 10**6]
    with pytest.raises(UnknownWordError, match="too long"):
        with_ngrams["é" * (MAX_WORD_BYTES // 2 + 1)]


def test_lists_in_place_of_arrays_and_values_that_are_no_words_are_taken(v):
    assert WordVectors(["a", "b"], [[1, 2], [3, 4]], [2, 1]).nearest("a")[0][0] == "b"
    assert None not in v and 5 not in v and np.int64(5) not in v
    assert v.nearest("king", np.int64(1)) == v.nearest("king", n=1)


@pytest.mark.parametrize("n", [1, 3, 10])
def test_ties_are_in_the_order_of_rows_for_one_query_and_for_many(n):
    rows = np.eye(4, dtype=np.float32)[np.arange(400) % 4]  # exact, in any order of sums
    v = WordVectors([f"w{i}" for i in range(400)], rows)
    expected = [f"w{i}" for i in range(4, 400, 4)][:n]
    assert [word for word, _ in v.nearest("w0", n)] == expected
    assert [word for word, _ in v.nearest_many(["w0"], n)[0]] == expected


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v[np.array("king")],
        lambda v: v[10**5000],
        lambda v: v.most_similar(np.array("king")),
        lambda v: v.most_similar("king", np.array(1.0)),
        lambda v: v.most_similar([("king", 10**400)]),
        lambda v: v.most_similar([("king", 1e300)]),
        lambda v: v.most_similar("king", restrict_vocab=-1),
        lambda v: WordVectors(["a"], memoryview(b"a")),
        lambda v: train([["a", "b"]], vocab=np.array("a")),
        lambda v: train([["a", "b"]], stop_words=np.array("a")),
        lambda v: train([["a", "b"]], progress=np.zeros(2)),
    ],
)
def test_arrays_without_dimensions_and_huge_numbers_are_refused_in_a_line(v, ask):
    with pytest.raises(Fastw2vError) as raised:
        ask(v)
    assert "\n" not in str(raised.value) and len(str(raised.value)) <= 300
