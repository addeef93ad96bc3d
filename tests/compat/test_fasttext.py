"""FastText as gensim's scripts use it."""

import numpy as np
import pytest

import fastw2v
from fastw2v.compat.gensim import FastText, Word2Vec
from fastw2v.errors import NotOfferedError

SMALL = dict(vector_size=8, workers=1, epochs=2, min_count=1, bucket=2000, min_n=2, max_n=3)
CORPUS = [["king", "kings", "queen", "queens", "rule"], ["rule", "ruler", "king"]] * 40


def test_words_never_seen_have_vectors(tmp_path):
    model = FastText(CORPUS, sg=1, **SMALL)
    assert "rulers" in model.wv and not model.wv.has_index_for("rulers") and "xyz" not in model.wv
    assert np.abs(model.wv["rulers"]).max() > 0
    assert np.linalg.norm(model.wv.get_vector("rulers", norm=True)) == pytest.approx(1, rel=1e-6)
    assert len(model.wv.most_similar("rulers", topn=3)) == 3
    with pytest.raises(KeyError):
        model.wv["xyz"]
    model.save(tmp_path / "model")
    again = FastText.load(tmp_path / "model")
    np.testing.assert_array_equal(again.wv["rulers"], model.wv["rulers"])
    np.testing.assert_array_equal(fastw2v.load(tmp_path / "model")["rulers"], model.wv["rulers"])


def test_training_again_goes_on_from_all_rows():
    model = FastText(CORPUS, sg=1, **SMALL)
    vectors, own, ngrams = model.wv.vectors.copy(), model.wv.vectors_vocab.copy(), model.wv.vectors_ngrams.copy()
    model.train(CORPUS, total_examples=1, epochs=1, start_alpha=1e-5, end_alpha=1e-6)
    for before, after in ((vectors, model.wv.vectors), (own, model.wv.vectors_vocab), (ngrams, model.wv.vectors_ngrams)):
        assert 0 < np.abs(before - after).max() < 1e-2
    model.build_vocab([["kingdom", "king"]], update=True)
    model.train([["kingdom", "king"]] * 9, total_examples=1, epochs=1, start_alpha=1e-5, end_alpha=1e-6)
    assert model.wv.index_to_key[-1] == "kingdom"
    np.testing.assert_allclose(model.wv.vectors_vocab[:-1], own, atol=1e-2)


def test_without_ngrams_it_is_word2vec():
    options = {**SMALL, "bucket": 0}
    model = FastText(CORPUS, sg=1, **options)
    for name in ("bucket", "min_n", "max_n"):
        del options[name]
    np.testing.assert_array_equal(model.wv.vectors, Word2Vec(CORPUS, sg=1, **options).wv.vectors)
    with pytest.raises(NotOfferedError, match="word_ngrams"):
        FastText(word_ngrams=0)
