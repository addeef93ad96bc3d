"""FastText as gensim's scripts use it."""

import math

import numpy as np
import pytest

import fastw2v
from fastw2v.compat.gensim import FastText, KeyedVectors, Word2Vec
from fastw2v.compat.gensim.models.fasttext import (
    FastTextKeyedVectors,
    load_facebook_model,
    load_facebook_vectors,
    save_facebook_model,
)
from fastw2v.errors import (
    ConfigError,
    NotAModelError,
    NotReadyError,
    UnsupportedError,
    VectorsError,
)

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
    vectors, own, ngrams = (
        model.wv.vectors.copy(),
        model.wv.vectors_vocab.copy(),
        model.wv.vectors_ngrams.copy(),
    )
    model.train(CORPUS, total_examples=1, epochs=1, start_alpha=1e-5, end_alpha=1e-6)
    for before, after in (
        (vectors, model.wv.vectors),
        (own, model.wv.vectors_vocab),
        (ngrams, model.wv.vectors_ngrams),
    ):
        assert 0 < np.abs(before - after).max() < 1e-2
    model.build_vocab([["kingdom", "king"]], update=True)
    model.train(
        [["kingdom", "king"]] * 9, total_examples=1, epochs=1, start_alpha=1e-5, end_alpha=1e-6
    )
    assert model.wv.index_to_key[-1] == "kingdom"
    np.testing.assert_allclose(model.wv.vectors_vocab[:-1], own, atol=1e-2)


def test_without_ngrams_it_is_word2vec():
    options = {**SMALL, "bucket": 0}
    model = FastText(CORPUS, sg=1, **options)
    for name in ("bucket", "min_n", "max_n"):
        del options[name]
    np.testing.assert_array_equal(model.wv.vectors, Word2Vec(CORPUS, sg=1, **options).wv.vectors)
    with pytest.raises(UnsupportedError, match="word_ngrams"):
        FastText(word_ngrams=0)


@pytest.mark.parametrize("cls", [FastTextKeyedVectors, KeyedVectors])
def test_wv_save_keeps_ngrams(tmp_path, cls):
    wv = FastText(CORPUS, sg=1, **SMALL).wv
    wv.save(tmp_path / "wv")
    again = cls.load(tmp_path / "wv")
    assert type(again) is FastTextKeyedVectors
    assert (again.min_n, again.max_n, again.bucket) == (2, 3, 2000)
    np.testing.assert_array_equal(again["rulers"], wv["rulers"])
    np.testing.assert_array_equal(again.vectors_vocab, wv.vectors_vocab)


def test_load_of_vectors_without_ngrams_is_refused_by_the_class_that_promises_them(tmp_path):
    Word2Vec(CORPUS, vector_size=8, min_count=1, epochs=1).wv.save(tmp_path / "plain")
    with pytest.raises(NotAModelError, match="n-grams"):
        FastTextKeyedVectors.load(tmp_path / "plain")
    wv = FastText(CORPUS, **{**SMALL, "bucket": 0}).wv
    wv.save(tmp_path / "none")
    assert FastTextKeyedVectors.load(tmp_path / "none").index_to_key == wv.index_to_key


def test_word2vec_load_of_a_fasttext_model_returns_fasttext(tmp_path):
    model = FastText(CORPUS, **SMALL)
    model.save(tmp_path / "model")
    assert type(Word2Vec.load(tmp_path / "model")) is FastText
    Word2Vec(CORPUS, vector_size=8, min_count=1, epochs=1).save(tmp_path / "other")
    with pytest.raises(NotAModelError, match="no FastText"):
        FastText.load(tmp_path / "other")


def test_words_that_were_added_are_saved_and_trained(tmp_path):
    model = FastText(CORPUS, sg=1, **SMALL)
    model.wv.add_vectors(["kingdom"], [np.ones(8)])
    model.save(tmp_path / "model")
    again = FastText.load(tmp_path / "model")
    np.testing.assert_array_equal(again.wv["kingdom"], np.ones(8))
    np.testing.assert_array_equal(again.wv["rulers"], model.wv["rulers"])
    again.train([["kingdom", "king"]] * 9, total_examples=9, epochs=1)


def test_rows_of_ngrams_make_the_words_vectors():
    wv = FastText(CORPUS, **SMALL).wv
    for row, ngrams in enumerate(wv.buckets_word):
        made = np.vstack((wv.vectors_vocab[row], wv.vectors_ngrams[ngrams])).mean(axis=0)
        np.testing.assert_allclose(made, wv.vectors[row], rtol=1e-5, atol=1e-8)
    words = ["king", "kingzz"]
    mean = np.mean([wv.get_vector(word, norm=True) for word in words], axis=0)
    np.testing.assert_allclose(wv.get_sentence_vector(words), mean, rtol=1e-6)


def test_a_facebook_model_is_made_of_any_file_with_ngrams_and_both_tables(tmp_path):
    model = FastText(CORPUS, sg=1, **SMALL)
    model.save(tmp_path / "model")
    fastw2v.load(tmp_path / "model").save(tmp_path / "vectors.npz")
    again = load_facebook_model(tmp_path / "vectors.npz")
    np.testing.assert_array_equal(again.wv["rulers"], model.wv["rulers"])
    again.train(CORPUS, total_examples=len(CORPUS), epochs=1)
    np.testing.assert_array_equal(
        load_facebook_vectors(tmp_path / "vectors.npz")["rulers"], model.wv["rulers"]
    )
    with pytest.raises(UnsupportedError, match="encoding"):
        load_facebook_vectors(tmp_path / "vectors.npz", encoding="cp852")
    with pytest.raises(UnsupportedError, match="cp852"):
        save_facebook_model(model, tmp_path / "x.bin", encoding="cp852")
    model.wv.save(tmp_path / "wv")
    with pytest.raises(NotAModelError, match="wv"):
        load_facebook_model(tmp_path / "wv")
    with pytest.raises(UnsupportedError, match="load_facebook_model"):
        FastText.load_fasttext_format(tmp_path / "wv")


def test_save_facebook_model_is_read_back_and_by_gensim(tmp_path):
    model = FastText(CORPUS, sg=1, window=3, negative=11, **SMALL)
    model.wv.add_vectors(["crown"], [np.arange(8, dtype=np.float32)])
    model.update_weights()
    save_facebook_model(model, tmp_path / "m.bin")
    again = load_facebook_model(tmp_path / "m.bin")
    assert (again.window, again.negative, again.sg, again.epochs) == (3, 11, 1, 2)
    gensim_module = pytest.importorskip("gensim.models.fasttext").load_facebook_model(
        tmp_path / "m.bin"
    )
    for word in ("king", "rulers"):
        for other in (again, gensim_module):
            np.testing.assert_allclose(other.wv[word], model.wv[word], atol=1e-6)
    np.testing.assert_array_equal(gensim_module.syn1neg, model.syn1neg)
    assert gensim_module.window == 3 and gensim_module.wv.get_vecattr("king", "count") == 80
    again.train(CORPUS, total_examples=1, epochs=1)


def test_a_facebook_model_with_options_out_of_range_is_no_model(tmp_path):
    save_facebook_model(FastText(CORPUS, sg=1, **SMALL), tmp_path / "m.bin")
    data = bytearray((tmp_path / "m.bin").read_bytes())
    data[12:16] = b"\xff" * 4  # the window
    (tmp_path / "m.bin").write_bytes(data)
    with pytest.raises(NotAModelError, match="window"):
        load_facebook_model(tmp_path / "m.bin")


@pytest.mark.parametrize("value", ["x", None, math.nan, math.inf, -1, 2**31, [], np.ones(2)])
def test_save_facebook_model_with_a_rate_that_the_file_cannot_hold_is_refused(tmp_path, value):
    model = FastText(**SMALL)
    model.build_vocab(CORPUS)
    with pytest.raises(ConfigError, match="lr_update_rate"):
        save_facebook_model(model, tmp_path / "model.bin", lr_update_rate=value)
    assert not list(tmp_path.iterdir())


def test_save_facebook_model_without_words_is_refused(tmp_path):
    with pytest.raises(NotReadyError):
        save_facebook_model(FastText(**SMALL), tmp_path / "model.bin")


@pytest.mark.parametrize("value", ["x", None, 3, object()])
def test_save_facebook_model_of_what_is_no_model_is_refused(tmp_path, value):
    with pytest.raises(VectorsError, match="FastText"):
        save_facebook_model(value, tmp_path / "model.bin")
