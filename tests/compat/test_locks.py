"""Lock factors: rows that training keeps, or moves less, as gensim's ``vectors_lockf`` says."""

import numpy as np
import pytest

from fastw2v.compat.gensim.models import Doc2Vec, FastText, KeyedVectors, Word2Vec
from fastw2v.compat.gensim.models.doc2vec import TaggedDocument
from fastw2v.errors import UnsupportedError

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "too"]] * 20
SMALL = {"vector_size": 8, "min_count": 1, "workers": 1, "epochs": 2, "sample": 0, "seed": 2}


def begun(cls=Word2Vec, sentences=SENTENCES, **options):
    model = cls(**SMALL | options)
    model.build_vocab(sentences)
    return model


def train(model, sentences=SENTENCES):
    """Train a model; returns the vectors before and after."""
    before = model.wv.vectors.copy()
    model.train(sentences, total_examples=model.corpus_count, epochs=2)
    return before, model.wv.vectors.copy()


@pytest.mark.parametrize(
    "options", [{}, {"sg": 1}, {"hs": 1, "negative": 5}, {"sg": 1, "workers": 2}]
)
def test_train_with_a_zero_factor_keeps_that_row_alone(options):
    model = begun(**options)
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
    model.wv.vectors_lockf[0] = 0.0
    before, after = train(model)
    assert (before[0] == after[0]).all()
    assert (before[1:] != after[1:]).any(axis=1).all()


def test_train_with_one_factor_scales_all_rows():
    still, half, whole = begun(), begun(), begun()
    still.wv.vectors_lockf = np.zeros(1)
    half.wv.vectors_lockf = np.full(1, 0.5, np.float32)
    before, after = train(still)
    assert (before == after).all() and still.syn1neg.any()
    moved = [np.abs(np.subtract(*train(model))).mean() for model in (half, whole)]
    assert 0.4 < moved[0] / moved[1] < 0.6  # output vectors learn less from smaller ones


@pytest.mark.parametrize(
    "factors", [np.ones(2), np.ones((1, 5)), np.full(1, np.nan), np.array(["a"]), np.zeros(0)]
)
def test_train_with_factors_of_another_shape_or_type_is_refused(factors):
    model = begun()
    model.wv.vectors_lockf = factors
    with pytest.raises(ValueError, match="vectors_lockf"):
        train(model)


def test_intersected_words_stay_where_the_file_has_them(tmp_path):
    kv = KeyedVectors(8)
    kv.add_vectors(["king", "nobody"], np.arange(16.0).reshape(2, 8))
    kv.save_word2vec_format(tmp_path / "v")
    model = begun()
    model.wv.intersect_word2vec_format(tmp_path / "v")
    before, after = train(model)
    np.testing.assert_array_equal(model.wv["king"], np.arange(8))
    assert (before != after).any(axis=1).sum() == len(model.wv) - 1
    model.save(tmp_path / "model")
    again = Word2Vec.load(tmp_path / "model")
    np.testing.assert_array_equal(again.wv.vectors_lockf, model.wv.vectors_lockf)
    train(again)
    np.testing.assert_array_equal(again.wv["king"], np.arange(8))


def test_fasttext_keeps_own_rows_and_ngrams_by_factors_of_their_own():
    model = begun(FastText, min_n=2, max_n=3, bucket=50)
    train(model)
    own, ngrams = model.wv.vectors_vocab.copy(), model.wv.vectors_ngrams.copy()
    model.wv.vectors_ngrams_lockf = np.zeros(50, np.float32)
    train(model)
    assert (model.wv.vectors_ngrams == ngrams).all()
    assert (model.wv.vectors_vocab != own).any(axis=1).all()
    own = model.wv.vectors_vocab.copy()
    model.wv.vectors_vocab_lockf = np.zeros(len(own))
    model.wv.vectors_ngrams_lockf = np.ones(len(ngrams))
    train(model)
    assert (model.wv.vectors_vocab == own).all()
    assert (model.wv.vectors_ngrams != ngrams).any()
    model.wv.vectors_lockf = np.zeros(1)
    with pytest.raises(UnsupportedError, match="vectors_vocab_lockf"):
        train(model)


@pytest.mark.parametrize("options", [{"dm": 1}, {"dm": 0}])
def test_doc2vec_keeps_documents_of_factor_zero(options, tmp_path):
    documents = [TaggedDocument(words, [i]) for i, words in enumerate(SENTENCES)]
    model = begun(Doc2Vec, documents, **options)
    model.dv.vectors_lockf = np.ones(len(documents), np.float32)
    model.dv.vectors_lockf[3] = 0
    before = model.dv.vectors.copy()
    train(model, documents)
    kept = (before == model.dv.vectors).all(axis=1)
    assert np.flatnonzero(kept).tolist() == [3]
    model.save(tmp_path / "model")
    again = Doc2Vec.load(tmp_path / "model")
    np.testing.assert_array_equal(again.dv.vectors_lockf, model.dv.vectors_lockf)
