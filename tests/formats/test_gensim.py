"""gensim's own files: read as gensim reads them, and nothing that they hold is run."""

import os
import pickle
import struct
from contextlib import suppress

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors, Word2Vec

import fastw2v
from fastw2v.errors import MissingVectorsError, NotAModelError
from fastw2v.formats import gensim

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "tóo"]] * 30
SMALL = dict(vector_size=6, min_count=1, workers=1, epochs=2)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Files of gensim's by name, with what was saved into them."""
    folder = tmp_path_factory.mktemp("gensim")
    word2vec, fasttext = Word2Vec(SENTENCES, sg=1, **SMALL), FastText(SENTENCES, bucket=90, **SMALL)
    beside = dict(separately=["vectors", "syn1neg", "vectors_ngrams"], sep_limit=0)
    for name, model, options in (
        ("word2vec", word2vec, {}),
        ("word2vec_beside", word2vec, beside),
        ("protocol_2", word2vec, dict(pickle_protocol=2)),
        ("protocol_5", word2vec, dict(pickle_protocol=5)),
        ("vectors", word2vec.wv, {}),
        ("vectors_beside", word2vec.wv, beside),
        ("fasttext", fasttext, {}),
        ("fasttext_beside", fasttext, beside),
        ("fasttext_vectors", fasttext.wv, {}),
    ):
        model.save(str(folder / name), **options)
    return folder, word2vec, fasttext


@pytest.mark.parametrize(
    "name", ["word2vec", "word2vec_beside", "protocol_2", "protocol_5", "vectors", "vectors_beside"]
)
def test_read_of_word2vec_gives_what_was_saved(models, name):
    folder, model, _ = models
    read = gensim.read(folder / name)
    assert read.keys == model.wv.index_to_key
    np.testing.assert_array_equal(read.vectors, model.wv.vectors)
    assert read.counts.tolist() == [model.wv.get_vecattr(key, "count") for key in read.keys]
    if not name.startswith("vectors"):
        np.testing.assert_array_equal(read.outputs, model.syn1neg)
        assert read.settings["window"] == 5 and read.settings["epochs"] == 2
    loaded = fastw2v.load(folder / name)
    np.testing.assert_array_equal(loaded["tóo"], model.wv["tóo"])


@pytest.mark.parametrize("name", ["fasttext", "fasttext_beside", "fasttext_vectors"])
def test_read_of_fasttext_makes_vectors_of_unknown_words(models, name):
    folder, _, model = models
    loaded = fastw2v.load(folder / name)
    for word in ("king", "kings", "tó"):
        np.testing.assert_allclose(loaded[word], model.wv[word], rtol=1e-5, atol=1e-8)


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hostile.model"


def refused(path, data):
    path.write_bytes(data)
    with pytest.raises(NotAModelError) as caught:
        gensim.read(path)
    assert isinstance(caught.value, pickle.UnpicklingError) and len(str(caught.value)) < 300 + len(
        str(path)
    )
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_calls_of_other_functions_are_refused_by_name_and_not_made(path, tmp_path, protocol):
    made = tmp_path / "made"
    for call in (
        Calls(os.mkdir, (str(made),)),
        {"wv": [Calls(eval, (f"__import__('os').mkdir({str(made)!r})",))]},
        Calls(getattr, (Calls(__import__, ("os",)), "mkdir")),
        Calls(map, (os.mkdir, [str(made)])),
    ):
        said = refused(path, pickle.dumps(call, protocol))
        assert (
            any(name in said for name in ("mkdir", "eval", "getattr", "map")) and not made.exists()
        )


def test_a_refused_name_is_quoted_without_its_control_characters(path):
    said = refused(path, opcodes(b"caaa\x1b[31m\nb\n"))
    assert "\x1b" not in said and "aaa" in said


def opcodes(*parts):
    return b"\x80\x04" + b"".join(parts) + b"."


HOSTILE = {
    "call of an allowed name": opcodes(b"cbuiltins\nhash\n", b"K\x01\x85R"),
    "attributes of an allowed name": opcodes(b"cbuiltins\nhash\n", b"N}(X\x01\x00\x00\x00aNu\x86b"),
    "a path of attributes": opcodes(b"\x8c\x08builtins\x8c\x0dhash.__self__\x93"),
    "a class from the stack": opcodes(b"(cbuiltins\nobject\no"),
    "an extension": opcodes(b"\x82\x01"),
    "a persistent name": opcodes(b"Pname\n"),
    "a place in the memo of 64 GB": opcodes(b"Nr\xff\xff\xff\xff"),
    "bytes of 1 TB": opcodes(b"\x8e", struct.pack("<Q", 1 << 40)),
    "a bytearray of 1 TB": opcodes(b"\x96", struct.pack("<Q", 1 << 40)),
    "a frame of 1 TB": opcodes(b"\x95", struct.pack("<Q", 1 << 40)),
    "a key as deep as it is long": opcodes(b"})", b"\x85" * 50_000, b"Ns"),
    "a number of many digits": opcodes(b"I", b"9" * 50_000, b"\n"),
    "cut short": opcodes(b"\x8c\xff"),
    "no object": opcodes(b"]"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_operations_are_refused(path, data):
    refused(path, data)


def saved(path, **attributes):
    """A pickle of gensim's KeyedVectors with some attributes changed."""
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b"], np.ones((2, 2)))
    kv.__dict__.update(attributes)
    path.write_bytes(pickle.dumps(kv))


def with_shape(path, shape):
    """A pickle of KeyedVectors whose array says that it has another shape."""
    saved(path)
    old = pickle.dumps((7, 3), 2)[2:-1]
    kv = KeyedVectors(3)
    kv.add_vectors([str(i) for i in range(7)], np.ones((7, 3)))
    data = pickle.dumps(kv, 2)
    new = pickle.dumps(shape, 2)[2:-1]
    strip = lambda raw: raw.split(b"q")[0]  # noqa: E731
    assert strip(old) in data
    path.write_bytes(data.replace(strip(old), strip(new)))


@pytest.mark.parametrize("shape", [(7, 2**31 - 1), (-7, -3), (2**62, 4), (21, 2)])
def test_shapes_that_the_bytes_do_not_have_are_refused(path, shape):
    with_shape(path, shape)
    refused(path, path.read_bytes())


NGRAMS = dict(
    vectors_ngrams=np.ones((5, 2), np.float32),
    vectors_vocab=np.ones((2, 2), np.float32),
    min_n=1,
    max_n=3,
    bucket=5,
    compatible_hash=True,
)


@pytest.mark.parametrize(
    "attributes",
    [
        dict(vectors=np.full((2, 2), np.nan, np.float32)),
        dict(vectors=np.ones((3, 2), np.float32)),
        dict(vectors=np.ones((2, 0), np.float32)),
        dict(vectors=np.array([[None, 1], [2, 3]], object)),
        dict(vectors="none"),
        dict(index_to_key={"a": 0}),
        dict(index_to_key=[["a"], ("b",)]),
        dict(index_to_key=["a\ud800", "b"]),
        dict(index_to_key=[]),
        dict(expandos={"count": np.array([-1, 2])}),
        dict(expandos={"count": np.array([1, 2, 3])}),
        dict(vocab={"a": 1}),
        dict(expandos={"count": np.array([2**64 - 1, 2], np.uint64)}),
        dict(expandos={"count": np.array([2**62, 2])}),
        dict(vectors=np.full((2, 2), 1e300)),
        {**NGRAMS, "vectors": np.ones((2, 7), np.float32)},
        {**NGRAMS, "vectors": np.ones((3, 2), np.float32)},
        {**NGRAMS, "vectors_ngrams": np.full((5, 2), np.nan, np.float32)},
        {**NGRAMS, "vectors_vocab": np.full((2, 2), np.inf, np.float32)},
        {**NGRAMS, "max_n": 10**9},
        {**NGRAMS, "bucket": 6},
        {**NGRAMS, "compatible_hash": False},
        {**NGRAMS, "hash2index": {1: 0, "x": 1}},
        {**NGRAMS, "hash2index": 7},
        {**NGRAMS, "vectors_vocab": np.ones((1, 2), np.float32)},
    ],
)
def test_attributes_that_do_not_fit_together_are_refused(path, attributes):
    saved(path, **attributes)
    refused(path, path.read_bytes())


def test_rows_of_used_buckets_alone_are_read(path):
    saved(
        path,
        **{
            **NGRAMS,
            "vectors_ngrams": np.arange(4, dtype=np.float32).reshape(2, 2),
            "hash2index": {3: 1, 1: 0},
        },
    )
    sub = gensim.read(path).subwords
    assert sub.used.tolist() == [1, 3] and sub.vectors.tolist() == [[0, 1], [2, 3]]


def test_arrays_beside_the_file_are_checked(path):
    saved(path, vectors=None, __numpys=["vectors", "../other"])
    with pytest.raises(MissingVectorsError, match=r"vectors\.npy"):
        gensim.read(path)
    beside = path.with_name(path.name + ".vectors.npy")
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 2), }"
    for held in (header, b"(" * 9000):
        beside.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(held) + 1) + held + b"\n")
        refused(path, path.read_bytes())
    np.save(beside, np.array([[Calls(os.getpid, ())]], object))
    refused(path, path.read_bytes())
    beside.unlink()
    os.mkfifo(beside)
    refused(path, path.read_bytes())


def test_changed_bytes_are_read_or_refused(models, path):
    rng, data = np.random.default_rng(5), (models[0] / "fasttext_vectors").read_bytes()
    for _ in range(300):
        changed = bytearray(data)
        for place in rng.integers(2, len(data), rng.integers(1, 6)).tolist():
            changed[place] = rng.choice(list(b"().0Ncb}]RuUsJKX\x81\x85\x86\x87\x93\x94hjqr\xff"))
        path.write_bytes(changed[: rng.integers(2, len(data)) if rng.random() < 0.2 else None])
        with suppress(NotAModelError, MissingVectorsError):
            gensim.read(path)
