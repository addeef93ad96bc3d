"""Files: gensim reads ours, we read gensim's, and nothing that a file holds is run."""

import bz2
import gzip
import io
import lzma
import pickle
import zipfile

import numpy as np
import pytest
from gensim.models import KeyedVectors as Theirs
from gensim.models import Word2Vec as TheirWord2Vec

import fastw2v
from fastw2v.compat.gensim import KeyedVectors, Word2Vec
from fastw2v.errors import (
    Fastw2vError,
    NotAModelError,
    OutputError,
    UnsupportedError,
    VectorsError,
)

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
    assert (
        again.wv.index_to_key == model.wv.index_to_key
        and again.wv.get_vecattr("king", "sex") == 1.5
    )
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
    with pytest.raises(VectorsError, match=r"vectors\.npz"):
        Word2Vec.load(tmp_path / "vectors.npz")


def test_keys_that_are_numbers_come_back_as_numbers(tmp_path):
    model = Word2Vec([[7, 8, 9]] * 20, sample=0, **SMALL)
    model.wv.save(tmp_path / "kv")
    assert KeyedVectors.load(tmp_path / "kv").index_to_key == model.wv.index_to_key
    model = Word2Vec([[7, "8"]] * 20, sample=0, **SMALL)
    with pytest.raises(VectorsError, match="numbers"):
        model.save(tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_gensims_own_files_go_on_being_trained(tmp_path):
    gensim_module = TheirWord2Vec(
        SENTENCES, vector_size=4, min_count=1, sg=1, window=3, epochs=7, seed=5
    )
    gensim_module.save(str(tmp_path / "gensim_module.model"))
    model = Word2Vec.load(tmp_path / "gensim_module.model")
    assert (model.sg, model.window, model.epochs, model.seed, model.corpus_count) == (
        1,
        3,
        7,
        5,
        len(SENTENCES),
    )
    np.testing.assert_array_equal(model.wv.vectors, gensim_module.wv.vectors)
    np.testing.assert_array_equal(model.syn1neg, gensim_module.syn1neg)
    assert model.train(SENTENCES, total_examples=1, epochs=1)[0] == 30 * 7
    np.testing.assert_array_equal(
        KeyedVectors.load(tmp_path / "gensim_module.model").vectors, gensim_module.wv.vectors
    )
    with pytest.raises(NotAModelError, match=r"KeyedVectors\.load"):
        KeyedVectors.load_word2vec_format(tmp_path / "gensim_module.model", binary=True)
    gensim_module.wv.save(str(tmp_path / "gensim_module.kv"))
    with pytest.raises(NotAModelError, match="not a model"):
        Word2Vec.load(tmp_path / "gensim_module.kv")


def test_gensims_hierarchical_softmax_begins_anew_with_its_tree(tmp_path, caplog):
    TheirWord2Vec(SENTENCES, vector_size=4, min_count=1, hs=1, negative=0).save(
        str(tmp_path / "hs")
    )
    TheirWord2Vec(SENTENCES, vector_size=4, min_count=1, hs=1, negative=5).save(
        str(tmp_path / "both")
    )
    model = Word2Vec.load(tmp_path / "hs")
    assert model.hs and not model.negative and not model.syn1.any() and "anew" in caplog.text
    both = Word2Vec.load(tmp_path / "both")
    assert both.hs and both.negative == 5 and both.syn1neg.any() and not both.syn1.any()
    both.train(SENTENCES, total_examples=1, epochs=1)


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
    with pytest.raises(VectorsError, match="none"):
        KeyedVectors.load(tmp_path / "none")


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_is_written_and_the_other_way_round(tmp_path, model, binary):
    model.wv.save_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts", binary=binary)
    gensim_module = Theirs.load_word2vec_format(
        str(tmp_path / "v"), fvocab=str(tmp_path / "counts"), binary=binary
    )
    assert (
        gensim_module.index_to_key == model.wv.index_to_key
        and gensim_module.get_vecattr("king", "count") == 30
    )
    np.testing.assert_array_equal(gensim_module.vectors, model.wv.vectors)
    gensim_module.save_word2vec_format(str(tmp_path / "w"), binary=binary)
    (tmp_path / "w.gz").write_bytes(gzip.compress((tmp_path / "w").read_bytes()))
    for name in ("w", "w.gz"):
        for options in ({}, {"limit": 2}, {"datatype": np.float16}, {"encoding": "latin1"}):
            loads = (cls.load_word2vec_format for cls in (KeyedVectors, Theirs))
            ours, expected = (
                load(str(tmp_path / name), binary=binary, **options) for load in loads
            )
            assert (
                ours.index_to_key == expected.index_to_key
                and ours.vectors.dtype == expected.vectors.dtype
            )
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
    assert KeyedVectors.load_word2vec_format(
        tmp_path / "v", unicode_errors="ignore"
    ).index_to_key == ["kng", "king"]
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
    with pytest.raises(VectorsError, match=r"\('1', '2'\)"):
        kv.save_word2vec_format(tmp_path / "edges.bin", binary=True)


@pytest.mark.parametrize(
    ("suffix", "opener"), [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open), ("", open)]
)
def test_vectors_are_compressed_as_the_name_says(tmp_path, model, suffix, opener):
    for binary in (False, True):
        path, counts = tmp_path / f"v{suffix}", tmp_path / f"counts{suffix}"
        model.wv.save_word2vec_format(path, fvocab=counts, binary=binary)
        with opener(path, "rb") as file:
            assert file.readline() == b"5 8\n"
        with opener(counts, "rb") as file:
            assert file.readline() == b"rules 60\n"
        np.testing.assert_array_equal(
            KeyedVectors.load_word2vec_format(path, binary=binary).vectors, model.wv.vectors
        )
        if suffix != ".xz":
            assert (
                Theirs.load_word2vec_format(str(path), binary=binary).index_to_key
                == model.wv.index_to_key
            )
    with pytest.raises(UnsupportedError, match="zst"):
        model.wv.save_word2vec_format(tmp_path / "v.txt.zst")


@pytest.mark.parametrize("binary", [False, True])
def test_vectors_are_appended_with_the_count_that_is_given(tmp_path, binary):
    first, second = KeyedVectors(2), KeyedVectors(2)
    first.add_vectors(["a", "b"], np.array([[1, 2], [3, 4.0]]))
    second.add_vectors(["c"], np.array([[5, 6.0]]))
    path = tmp_path / "v"
    first.save_word2vec_format(path, binary=binary, total_vec=3)
    second.save_word2vec_format(path, binary=binary, append=True, write_header=False)
    kv = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert kv.index_to_key == ["a", "b", "c"] and kv["c"].tolist() == [5, 6]
    assert Theirs.load_word2vec_format(str(path), binary=binary)["c"].tolist() == [5, 6]


def test_open_files_are_written_to(tmp_path, model):
    with open(tmp_path / "model", "wb") as file:
        model.save(file)
    np.testing.assert_array_equal(Word2Vec.load(tmp_path / "model").syn1neg, model.syn1neg)
    for binary in (False, True):
        written = io.BytesIO()
        model.wv.save_word2vec_format(written, binary=binary)
        model.wv.save_word2vec_format(tmp_path / "v", binary=binary)
        assert written.getvalue() == (tmp_path / "v").read_bytes()
    with pytest.raises(TypeError), open(tmp_path / "text", "w") as file:
        model.save(file)


def test_words_that_were_added_are_saved_with_the_model(tmp_path, model):
    for options in (dict(sg=1), dict(hs=1, negative=0)):
        grown = Word2Vec(SENTENCES, **options, **SMALL)
        grown.wv.add_vectors(["unknown", "pad"], [np.ones(8), np.zeros(8)])
        grown.wv["new"] = np.ones(8)
        grown.save(tmp_path / "grown")
        again = Word2Vec.load(tmp_path / "grown")
        assert again.wv.index_to_key == [*model.wv.index_to_key, "unknown", "pad", "new"]
        for each in (again, grown):
            each.train([["unknown", "king", "new"]] * 20, total_examples=20, epochs=1)
        np.testing.assert_array_equal(again.wv.vectors, grown.wv.vectors)


def test_what_cannot_be_loaded_again_is_not_saved(tmp_path, model):
    bare = Word2Vec(**SMALL)
    with pytest.raises(VectorsError, match="vocabulary"):
        bare.save(tmp_path / "no")
    odd = KeyedVectors(2)
    odd.add_vectors(["a", "b"], np.ones((2, 2)))
    odd.vectors = odd.vectors[:1]
    with pytest.raises(VectorsError, match="1 vectors"):
        odd.save(tmp_path / "no")
    odd.vectors = np.full((2, 2), np.nan, np.float32)
    with pytest.raises(VectorsError, match="finite"):
        odd.save_word2vec_format(tmp_path / "no")
    with pytest.raises(OutputError):
        model.save(tmp_path / "none" / "model")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("content", "read", "kind"),
    [
        (None, Word2Vec.load, FileNotFoundError),
        (None, KeyedVectors.load, FileNotFoundError),
        (None, KeyedVectors.load_word2vec_format, FileNotFoundError),
        (b"", Word2Vec.load, EOFError),
        (b"", KeyedVectors.load_word2vec_format, EOFError),
        (b"3 2\na 1 2\n", KeyedVectors.load_word2vec_format, EOFError),
        (
            b"9 2\na 1 2\n",
            lambda path: KeyedVectors.load_word2vec_format(path, unicode_errors="ignore"),
            EOFError,
        ),
        (
            b"1 1000\na 1 2\n",
            lambda path: KeyedVectors.load_word2vec_format(path, binary=True),
            EOFError,
        ),
        (
            gzip.compress(b"1 2\na 1 2\n" * 999, mtime=0)[:-9],
            KeyedVectors.load_word2vec_format,
            EOFError,
        ),
        (b"1 2\n\xff 1 2\n", KeyedVectors.load_word2vec_format, UnicodeDecodeError),
        (
            b"1 2\n\xff 1 2\n",
            lambda path: KeyedVectors.load_word2vec_format(path, limit=1),
            UnicodeDecodeError,
        ),
        (
            b"1 2\na " + np.array([1.3, -7]).astype("<f4").tobytes(),
            KeyedVectors.load_word2vec_format,
            UnicodeDecodeError,
        ),
        (b"1 2\na 1 2\n", Word2Vec.load, pickle.UnpicklingError),
        (b"junk" * 99, Word2Vec.load, pickle.UnpicklingError),
        (b"PK\x03\x04junk", KeyedVectors.load, pickle.UnpicklingError),
        (b"\x80\x04junk", KeyedVectors.load, pickle.UnpicklingError),
        (b"\xba\x16O/junk", KeyedVectors.load_word2vec_format, pickle.UnpicklingError),
    ],
)
def test_errors_are_those_that_scripts_catch_and_name_the_file(tmp_path, content, read, kind):
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind) as caught:
        read(path)
    assert (
        isinstance(caught.value, VectorsError)
        and str(path) in str(caught.value)
        and "\n" not in str(caught.value)
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_file_of_counts_that_cannot_be_read_is_named(tmp_path, model):
    model.wv.save_word2vec_format(tmp_path / "v")
    with pytest.raises(FileNotFoundError, match="counts"):
        KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts")
    (tmp_path / "counts").write_text("king many\n")
    with pytest.raises(VectorsError, match="counts"):
        KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts")


def test_numbers_of_every_size_come_back_as_they_are(tmp_path, model):
    model.save(tmp_path / "model")
    for dtype in ("float16", "int8"):
        fastw2v.load(tmp_path / "model").save(tmp_path / "v.npz", dtype=dtype)
        kv = KeyedVectors.load(tmp_path / "v.npz")
        np.testing.assert_allclose(kv.vectors, model.wv.vectors, atol=1e-3)
    wide = KeyedVectors(2, dtype=np.float64)
    wide.add_vectors(["a"], np.array([[1 / 3, 1]]))
    wide.save(tmp_path / "wide")
    assert KeyedVectors.load(tmp_path / "wide")["a"][0] == 1 / 3


def test_a_model_whose_settings_were_changed_is_refused(tmp_path, model):
    model.save(tmp_path / "model")
    data = (tmp_path / "model").read_bytes()
    for old, new in (
        (b'"window": 5', b'"window":-5'),
        (b'"hs": 0', b'"hs": 1'),
        (b'"vector_size": 8', b'"vector_size": 9'),
    ):
        assert data.count(old) == 1
        (tmp_path / "changed").write_bytes(data.replace(old, new))
        with pytest.raises(NotAModelError, match="changed"):
            Word2Vec.load(tmp_path / "changed")
    (tmp_path / "changed").write_bytes(data.replace(b'"settings": {', b'"settings":[{'))
    with pytest.raises(NotAModelError, match="changed"):
        Word2Vec.load(tmp_path / "changed")


def test_vectors_of_a_file_are_put_in(tmp_path, model):
    kv = KeyedVectors(8)
    kv.add_vectors(["king", "nobody"], np.arange(16.0).reshape(2, 8))
    kv.save_word2vec_format(tmp_path / "v")
    fresh = Word2Vec(**SMALL)
    fresh.build_vocab(SENTENCES)
    fresh.wv.intersect_word2vec_format(tmp_path / "v", lockf=1.0)
    np.testing.assert_array_equal(fresh.wv["king"], np.arange(8))
    assert "nobody" not in fresh.wv
    assert (fresh.wv.vectors_lockf == 1).all()
    with pytest.raises(ValueError, match=r"8|3"):
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
    ours, gensim_module = made
    assert (
        ours.index_to_key == gensim_module.index_to_key
        and ours.key_to_index == gensim_module.key_to_index
    )
    np.testing.assert_array_equal(ours.vectors, gensim_module.vectors)
    ours.unit_normalize_all()
    np.testing.assert_allclose(np.linalg.norm(ours.vectors, axis=1), 1, rtol=1e-6)


def test_numbers_as_paths_are_refused_and_close_no_file(tmp_path):
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
    (tmp_path / "file").write_bytes(b"2 2\n")
    with open(tmp_path / "file", "rb") as file:
        for call in (
            KeyedVectors.load,
            KeyedVectors.load_word2vec_format,
            vectors.evaluate_word_analogies,
            vectors.evaluate_word_pairs,
        ):
            with pytest.raises(Fastw2vError):
                call(file.fileno())
        assert file.read() == b"2 2\n"


def test_vectors_that_do_not_fit_their_keys_are_refused_and_change_nothing():
    vectors = KeyedVectors(2)
    for wrong in (5, None, "a", np.eye(3)):
        with pytest.raises(Fastw2vError):
            vectors.add_vectors(["q"], wrong)
    assert not len(vectors) and not vectors.key_to_index


@pytest.mark.parametrize("count", [-1, 2**48])
def test_counts_that_could_not_be_loaded_again_are_not_saved(tmp_path, count):
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
    vectors.set_vecattr("a", "count", count)
    with pytest.raises(Fastw2vError):
        vectors.save(tmp_path / "v.kv")
    assert not list(tmp_path.iterdir())


def test_a_comment_that_is_nested_deep_is_refused(tmp_path):
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
    vectors.save(tmp_path / "v.kv")
    with zipfile.ZipFile(tmp_path / "v.kv", "a") as archive:
        archive.comment = b"[" * 50_000
    with pytest.raises(NotAModelError):
        KeyedVectors.load(tmp_path / "v.kv")
