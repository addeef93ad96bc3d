"""The transformer behaves as scikit-learn's own do."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from fastw2v.errors import ConfigError, CorpusError
from fastw2v.kernels.jit import JIT
from fastw2v.sklearn import Word2VecTransformer

pytestmark = pytest.mark.skipif(not JIT, reason="trains compiled code")

SMALL = dict(vector_size=8, min_count=1, epochs=2, threads=1, random_state=1)


@pytest.fixture(scope="module")
def texts():
    """Reviews with labels: bad ones use some words, good ones others."""
    rng = np.random.default_rng(1)
    words = [["bad", "poor", "dull", "the", "film"], ["good", "fine", "great", "the", "film"]]
    labels = np.arange(120) % 2
    return [" ".join(rng.choice(words[label], 12)) for label in labels], labels


@pytest.fixture(scope="module")
def fitted(texts):
    return Word2VecTransformer(**SMALL, lowercase=True).fit(texts[0])


@estimator_checks.parametrize_with_checks([Word2VecTransformer(**SMALL)])
def test_word2vec_transformer_passes_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "name",
    """check_parameters_default_constructible check_no_attributes_set_in_init
    check_get_params_invariance check_set_params check_estimator_repr
    check_estimator_get_tags_default_keys""".split(),
)
def test_word2vec_transformer_passes_checks_that_need_no_numbers(name):
    if (check := getattr(estimator_checks, name, None)) is not None:
        check("Word2VecTransformer", Word2VecTransformer(**SMALL))


def test_transform_strings_and_token_lists_gives_the_rows_of_embed(fitted, texts):
    found = fitted.transform(texts[0])
    assert found.shape == (120, 8) and found.dtype == np.float32
    np.testing.assert_array_equal(found, fitted.vectors_.embed(texts[0]))
    lists = [text.upper().split() for text in texts[0]]
    np.testing.assert_array_equal(fitted.transform(lists), found)
    np.testing.assert_array_equal(fitted.transform(np.array(texts[0], object)), found)
    assert not fitted.transform(["", "unheard"]).any()


def test_fit_on_one_thread_is_repeatable(fitted, texts):
    for other in (clone(fitted), pickle.loads(pickle.dumps(fitted))):
        again = other.fit_transform(iter(texts[0]))
        np.testing.assert_array_equal(again, fitted.transform(texts[0]))
    other = clone(fitted).set_params(random_state=2).fit(texts[0])
    assert not np.array_equal(other.transform(texts[0]), fitted.transform(texts[0]))


def test_a_pickled_transformer_transforms(texts):
    fitted = Word2VecTransformer(**SMALL, weighting="idf", remove_components=1, maxn=4)
    expected = fitted.fit_transform(texts[0])
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.transform(texts[0]), expected)
    np.testing.assert_array_equal(loaded.transform(["godo"]), fitted.transform(["godo"]))


def test_a_pipeline_in_a_grid_search_learns(texts):
    pipeline = make_pipeline(Word2VecTransformer(**SMALL), LogisticRegression())
    grid = {"word2vectransformer__weighting": ["sif", "idf"]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(*texts)
    assert search.score(*texts) > 0.9


def test_names_of_features(fitted):
    assert list(fitted.get_feature_names_out())[:2] == [
        "word2vectransformer0",
        "word2vectransformer1",
    ]


@pytest.mark.parametrize(
    "odd", ["one string", 5, None, [1.5, 2.5], [None], np.array("a b"), ["a b", "\ud800 b"]]
)
def test_fit_refuses_what_are_no_texts(fitted, odd):
    for method in (Word2VecTransformer(**SMALL).fit, fitted.transform):
        with pytest.raises(CorpusError):
            method(odd)


def test_fit_takes_a_column_of_pyarrow(fitted, texts):
    pyarrow = pytest.importorskip("pyarrow")
    column = pyarrow.chunked_array([texts[0]])
    found = clone(fitted).fit_transform(column)
    np.testing.assert_array_equal(found, fitted.transform(texts[0]))


def test_errors_come_from_fit(texts):
    with pytest.raises(CorpusError, match="min_count"):
        Word2VecTransformer(min_count=1000).fit(texts[0])
    with pytest.raises(ConfigError, match="vector_size"):
        Word2VecTransformer(vector_size=0).fit(texts[0])
    with pytest.raises(ConfigError, match="weighting"):
        Word2VecTransformer(**SMALL, weighting="bm25").fit(texts[0])
    with pytest.raises(NotFittedError):
        Word2VecTransformer().transform(texts[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weighting", "bm25"),
        ("weighting", np.zeros(2)),
        ("remove_components", 9),
        ("sif_a", float("nan")),
        ("random_state", -1),
        ("random_state", "one"),
        ("alpha", 1j),
    ],
)
def test_fit_names_a_parameter_that_is_wrong_before_it_trains(texts, monkeypatch, name, value):
    monkeypatch.setattr("fastw2v.sklearn.train", None)
    with pytest.raises(ConfigError, match=name) as raised:
        Word2VecTransformer(**SMALL | {name: value}).fit(texts[0])
    assert "\n" not in str(raised.value)


def test_transform_before_fit_is_refused(texts):
    with pytest.raises(NotFittedError):
        Word2VecTransformer().transform(texts[0])
