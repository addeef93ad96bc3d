"""Files: gensim reads ours, we read gensim's, and pickles are not read at all."""

import gzip
import zipfile

import numpy as np
import pytest
from gensim.models import KeyedVectors as Theirs
from gensim.models import Word2Vec as TheirWord2Vec

import fastw2v
from fastw2v.compat.gensim import KeyedVectors, Word2Vec
from fastw2v.errors import NotOfferedError, VectorsError

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "too"]] * 30
SMALL = dict(vector_size=8, workers=1, epochs=2, min_count=1)


@pytest.fixture(scope="module")
def model():
    return Word2Vec(SENTENCES, sg=1, **SMALL)


@pytest.mark.parametrize("options", [dict(sg=1), dict(hs=1, negative=0)])
def test_a_model_goes_on_after_it_was_saved(tmp_path, options):
    model = Word2Vec(SENTENCES, **options, **SMALL)
    model.wv.set_vecattr("king", "sex", 1.5)
    model.save(tmp_path / "word2vec.model")
    again = Word2Vec.load(tmp_path / "word2vec.model")
    assert again.wv.index_to_key == model.wv.index_to_key and again.wv.get_vecattr("king", "sex") == 1.5
    assert {k: v for k, v in vars(again).items() if isinstance(v, (int, float))} == {
        k: v for k, v in vars(model).items() if isinstance(v, (int, float))
    }
    for each in (model, again):
        each.train(SENTENCES, total_examples=1, epochs=1)
    np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)


def test_fastw2v_reads_saved_models(tmp_path, model):
    model.save(tmp_path / "word2vec.model")
    vectors = fastw2v.load(tmp_path / "word2vec.model")
    assert vectors.words == model.wv.index_to_key
    np.testing.assert_array_equal(vectors.output_vectors, model.syn1neg)
    vectors.save(tmp_path / "vectors.npz")
    kv = KeyedVectors.load(tmp_path / "vectors.npz", mmap="r")
    np.testing.assert_array_equal(kv.vectors, model.wv.vectors)
    assert kv.get_vecattr("king", "count") == 30
    with pytest.raises(VectorsError, match="not a model to train on"):
        Word2Vec.load(tmp_path / "vectors.npz")


def test_keys_that_are_numbers_come_back_as_numbers(tmp_path):
    model = Word2Vec([[7, 8, 9]] * 20, sample=0, **SMALL)
    model.wv.save(tmp_path / "kv")
    assert KeyedVectors.load(tmp_path / "kv").index_to_key == model.wv.index_to_key
    model = Word2Vec([[7, "8"]] * 20, sample=0, **SMALL)
    with pytest.raises(VectorsError, match="all whole numbers"):
        model.save(tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_pickles_are_refused_with_the_way_to_convert(tmp_path):
    TheirWord2Vec(SENTENCES, vector_size=4, min_count=1).save(str(tmp_path / "theirs.model"))
    for cls in (Word2Vec, KeyedVectors):
        with pytest.raises(VectorsError, match="save_word2vec_format"):
            cls.load(tmp_path / "theirs.model")


def test_damaged_files_are_named(tmp_path, model):
    path = tmp_path / "model"
    model.save(path)
    data = path.read_bytes()
    for cut in (data[: len(data) // 2], data[:300] + b"x" + data[301:], b"", b"junk" * 100):
        path.write_bytes(cut)
        with pytest.raises(VectorsError, match="model"):
            Word2Vec.load(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("words.npy", b"x")
    with pytest.raises(VectorsError, match="damaged"):
        KeyedVectors.load(path)
    with pytest.raises(VectorsError, match=r"(?i)no such file"):
        KeyedVectors.load(tmp_path / "none")


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_is_written_and_the_other_way_round(tmp_path, model, binary):
    model.wv.save_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts", binary=binary)
    theirs = Theirs.load_word2vec_format(str(tmp_path / "v"), fvocab=str(tmp_path / "counts"), binary=binary)
    assert theirs.index_to_key == model.wv.index_to_key and theirs.get_vecattr("king", "count") == 30
    np.testing.assert_array_equal(theirs.vectors, model.wv.vectors)
    theirs.save_word2vec_format(str(tmp_path / "w"), binary=binary)
    (tmp_path / "w.gz").write_bytes(gzip.compress((tmp_path / "w").read_bytes()))
    for name in ("w", "w.gz"):
        for options in ({}, {"limit": 2}, {"datatype": np.float16}, {"encoding": "latin1"}):
            loads = (cls.load_word2vec_format for cls in (KeyedVectors, Theirs))
            ours, expected = (load(str(tmp_path / name), binary=binary, **options) for load in loads)
            assert ours.index_to_key == expected.index_to_key and ours.vectors.dtype == expected.vectors.dtype
            np.testing.assert_array_equal(ours.vectors, expected.vectors)
            assert [ours.get_vecattr(w, "count") for w in ours.index_to_key] == [
                expected.get_vecattr(w, "count") for w in expected.index_to_key
            ]


def test_files_of_glove_and_of_broken_letters(tmp_path, model):
    model.wv.save_word2vec_format(tmp_path / "glove", write_header=False, prefix="*")
    kv = KeyedVectors.load_word2vec_format(tmp_path / "glove", no_header=True)
    assert kv.index_to_key == ["*" + word for word in model.wv.index_to_key]
    (tmp_path / "v").write_bytes(b"2 1\nk\xffng 1\nking 2\n")
    with pytest.raises(VectorsError, match="v"):
        KeyedVectors.load_word2vec_format(tmp_path / "v")
    assert KeyedVectors.load_word2vec_format(tmp_path / "v", unicode_errors="ignore").index_to_key == ["kng", "king"]
    (tmp_path / "w").write_bytes(b"3 1\na 1\nb 2\na 3\n")
    kv = KeyedVectors.load_word2vec_format(tmp_path / "w")
    assert kv.index_to_key == ["a", "b"] and kv["a"] == [1]
    for data in (b"5 1\na 1\n", b"2 3\na 1 2\nb 1 2\n", b"x\n", b""):
        (tmp_path / "w").write_bytes(data)
        with pytest.raises(VectorsError, match="w"):
            KeyedVectors.load_word2vec_format(tmp_path / "w", unicode_errors="ignore")


def test_words_with_spaces_stand_in_text_but_not_in_binary(tmp_path):
    kv = KeyedVectors(2)
    kv.add_vectors(["('1', '2')", "b"], np.array([[1, 2], [3, 4]]))
    kv.save_word2vec_format(tmp_path / "edges.txt")
    assert KeyedVectors.load_word2vec_format(tmp_path / "edges.txt").index_to_key == kv.index_to_key
    with pytest.raises(VectorsError, match="white space"):
        kv.save_word2vec_format(tmp_path / "edges.bin", binary=True)
    for options in (dict(append=True), dict(total_vec=3), dict(write_header=False, binary=True)):
        with pytest.raises(NotOfferedError):
            kv.save_word2vec_format(tmp_path / "no", **options)
    with pytest.raises(NotOfferedError, match="compress"):
        kv.save_word2vec_format(tmp_path / "no.gz")


def test_vectors_of_a_file_are_put_in(tmp_path, model):
    kv = KeyedVectors(8)
    kv.add_vectors(["king", "nobody"], np.arange(16.0).reshape(2, 8))
    kv.save_word2vec_format(tmp_path / "v")
    fresh = Word2Vec(**SMALL)
    fresh.build_vocab(SENTENCES)
    fresh.wv.intersect_word2vec_format(tmp_path / "v", lockf=1.0)
    np.testing.assert_array_equal(fresh.wv["king"], np.arange(8))
    assert "nobody" not in fresh.wv
    with pytest.raises(NotOfferedError, match="lockf"):
        fresh.wv.intersect_word2vec_format(tmp_path / "v")
    with pytest.raises(ValueError, match="vector size"):
        Word2Vec(vector_size=3).wv.intersect_word2vec_format(tmp_path / "v", lockf=1.0)


def test_vectors_are_added_and_replaced_as_in_gensim():
    made = []
    for cls in (KeyedVectors, Theirs):
        kv = cls(2, count=1)
        kv.add_vector("a", [1, 2])
        with pytest.warns(UserWarning):
            kv.add_vector("b", np.array([3, 4]))
        kv.add_vectors(["b", "c"], np.array([[5, 6], [7, 8.0]]))
        kv.add_vectors(["b", "d"], [np.array([5, 6]), np.array([9, 8])], replace=True)
        kv["e"] = np.array([0, 1.0])
        kv[["a", "f"]] = np.array([[1, 1], [2, 2.0]])
        kv.fill_norms(force=True)
        for i, key in enumerate(kv.index_to_key):
            kv.set_vecattr(key, "count", [3, 1, 3, 2, 9, 1][i])
        kv.sort_by_descending_frequency()
        made.append(kv)
    ours, theirs = made
    assert ours.index_to_key == theirs.index_to_key and ours.key_to_index == theirs.key_to_index
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)
    ours.unit_normalize_all()
    np.testing.assert_allclose(np.linalg.norm(ours.vectors, axis=1), 1, rtol=1e-6)
