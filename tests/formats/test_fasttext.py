"""fastText's own models, made here byte by byte, and by gensim."""

import struct

import numpy as np
import pytest

import fastw2v
from fastw2v.equations.subwords import bucket, ngrams
from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.formats import fasttext
from fastw2v.vectors.subwords import Subwords

WORDS = ["</s>", "der", "müde", "die"]
MAGIC = struct.pack("<ii", 793712314, 12)
ARGUMENTS = dict(
    dim=4,
    ws=5,
    epoch=5,
    min_count=1,
    neg=5,
    word_ngrams=1,
    loss=2,
    model=2,
    bucket=10,
    minn=3,
    maxn=4,
    lr=100,
)
DICTIONARY = len(MAGIC) + 12 * 4 + 8


def model(
    rng, words=WORDS, labels=(), quantised=False, outputs=None, pruned=-1, magic=MAGIC, **arguments
):
    """The bytes of a model, and its two tables."""
    given = ARGUMENTS | arguments
    out = magic + struct.pack("<12id", *given.values(), 1e-4)
    out += struct.pack("<iiiqq", len(words) + len(labels), len(words), len(labels), 100, pruned)
    for kind, entries in enumerate((words, labels)):
        for i, word in enumerate(entries):
            out += (
                (word if isinstance(word, bytes) else word.encode())
                + b"\0"
                + struct.pack("<qb", 10 - i, kind)
            )
    rows = len(words) + (given["bucket"] if given["maxn"] else 0)
    tables = [
        rng.normal(size=(n, given["dim"])).astype("<f4") for n in (rows, outputs or len(words))
    ]
    for table in tables:
        out += struct.pack("<?qq", quantised, *table.shape) + table.tobytes()
    return out, tables


@pytest.mark.parametrize("few", [0, 1 << 30])
def test_words_are_the_mean_of_their_row_and_their_ngrams(tmp_path, rng, monkeypatch, few):
    monkeypatch.setattr(fasttext, "FEW_NGRAMS", few)
    monkeypatch.setattr(fasttext, "NGRAMS", 20)
    data, (table, outputs) = model(rng)
    (tmp_path / "m.bin").write_bytes(data)
    loaded = fastw2v.load(tmp_path / "m.bin")
    assert loaded.words == WORDS and loaded.counts.tolist() == [10, 9, 8, 7]
    np.testing.assert_array_equal(loaded["</s>"], table[0])
    for row, word in list(enumerate(WORDS))[1:]:
        bag = [row, *(4 + bucket(ngram, 10) for ngram in ngrams(word, 3, 4))]
        np.testing.assert_allclose(loaded[word], table[bag].mean(axis=0), rtol=1e-5, atol=1e-7)
    bag = [4 + bucket(ngram, 10) for ngram in ngrams("müdig", 3, 4)]
    np.testing.assert_allclose(loaded["müdig"], table[bag].mean(axis=0), rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(loaded.output_vectors, outputs)
    loaded.save(tmp_path / "m.npz")
    np.testing.assert_array_equal(fastw2v.load(tmp_path / "m.npz")["müdig"], loaded["müdig"])
    assert fastw2v.load(tmp_path / "m.bin", limit=2).words == WORDS[:2]


def test_models_without_ngrams_of_labels_and_of_hierarchical_softmax(tmp_path, rng):
    path = tmp_path / "m.bin"
    data, (table, _) = model(rng, maxn=0)
    path.write_bytes(data)
    loaded = fastw2v.load(path)
    np.testing.assert_array_equal(loaded.vectors, table)
    assert loaded.subwords is None and loaded.output_vectors is not None
    with pytest.raises(UnknownWordError):
        loaded["derdie"]
    path.write_bytes(model(rng, labels=["__label__a"], outputs=1, model=3)[0])
    loaded = fastw2v.load(path)
    assert loaded.words == WORDS and loaded.output_vectors is None and loaded.subwords is not None
    path.write_bytes(model(rng, loss=1)[0])
    assert fastw2v.load(path).output_vectors is None


def early(data):
    """The bytes of a model as they were before April 2017: without magic number, version, pruned
    n-grams, and marks of quantised tables.
    """
    sizes = struct.calcsize("<iiiqq")
    tables = data.index(struct.pack("<?qq", False, len(WORDS) + ARGUMENTS["bucket"], 4))
    table = struct.calcsize("<?qq") + 16 * (len(WORDS) + ARGUMENTS["bucket"])
    return (
        data[len(MAGIC) : DICTIONARY + sizes - 8]
        + data[DICTIONARY + sizes : tables]
        + data[tables + 1 : tables + table]
        + data[tables + table + 1 :]
    )


def test_a_model_of_before_the_magic_number_is_read_alike(tmp_path, rng):
    data = model(rng)[0]
    for name, content in (("v.bin", data), ("early.bin", early(data))):
        (tmp_path / name).write_bytes(content)
    new, old = (fastw2v.load(tmp_path / name) for name in ("v.bin", "early.bin"))
    assert old.words == new.words and old.counts.tolist() == new.counts.tolist()
    for word in (*WORDS, "dermüde"):
        np.testing.assert_array_equal(old[word], new[word])
    np.testing.assert_array_equal(old.output_vectors, new.output_vectors)
    assert fasttext.read_arguments(tmp_path / "early.bin") == fasttext.Arguments()
    for end in (79, 100, len(early(data)) - 1):
        (tmp_path / "cut.bin").write_bytes(early(data)[:end])
        with pytest.raises(VectorsError, match=r"cut\.bin: "):
            fastw2v.load(tmp_path / "cut.bin")


def test_words_that_are_not_utf8_are_told_apart_by_their_bytes(tmp_path, rng):
    data, _ = model(rng, words=["a", b"caf\xe9", b"\xff\xfe"])
    (tmp_path / "m.bin").write_bytes(data)
    loaded = fastw2v.load(tmp_path / "m.bin")
    assert loaded.words == ["a", "caf\ufffd", "\ufffd\ufffd"] and np.isfinite(loaded.vectors).all()


def changed(data, place, form, *values):
    data = bytearray(data)
    struct.pack_into(form, data, place, *values)
    return bytes(data)


def bad_models():
    rng = np.random.default_rng(1)
    good, _ = model(rng)
    table = len(good) - 2 * 17 - 4 * 4 * 4 - 14 * 4 * 4
    yield "quantised", model(rng, quantised=True)[0], "quantised"
    yield "pruned", model(rng, pruned=7)[0], "quantised"
    yield "version", model(rng, magic=MAGIC[:4] + b"\x0d\0\0\0")[0], "version 13"
    yield "cut in its arguments", good[:30], "ends too early"
    yield "cut in its words", good[: DICTIONARY + 40], "ends too early|too small"
    yield "cut in its table", good[:-1], "rows of 4 numbers is not there"
    yield "no second table", good[: -17 - 4 * 4 * 4], "ends too early"
    for n in (-1, 0, 3, 2**31 - 1):
        yield (
            f"{n} words",
            changed(good, DICTIONARY, "<ii", n, n),
            "words|dictionary|sizes|is not there",
        )
    for n in (-1, 1, 2**31 - 1):
        yield f"{n} labels", changed(good, DICTIONARY + 8, "<i", n), "words and"
    for n in (-(2**63), -1, 0, 13, 15, 2**62, 2**63 - 1):
        yield f"{n} rows", changed(good, table + 1, "<q", n), "rows of|sizes|too early"
        yield f"{n} columns", changed(good, table + 9, "<q", n), "rows of|sizes|too early"
    for n in (-1, 0, 9, 2**31 - 1):
        yield f"{n} buckets", changed(good, 8 + 4 * 8, "<i", n), "buckets|sizes" if n else "sizes|"
    for least, most in ((0, 4), (5, 4), (-1, 4)):
        yield f"{least}-{most}", changed(good, 8 + 4 * 9, "<ii", least, most), "n-grams"
    yield "a count", changed(good, DICTIONARY + 28 + 5, "<q", -1), "entry 1"
    yield "NaN", changed(good, len(good) - 4, "<f", float("nan")), "not finite"
    yield "a word too long", model(rng, words=["x" * 100_000])[0], "too long for its n-grams"


BAD = list(bad_models())


@pytest.mark.parametrize(
    "data, said", [(data, said) for _, data, said in BAD], ids=[name for name, _, _ in BAD]
)
def test_damaged_models_are_refused_before_memory_is_taken(tmp_path, data, said):
    (tmp_path / "m.bin").write_bytes(data)
    try:
        loaded = fastw2v.load(tmp_path / "m.bin")
    except VectorsError as error:
        assert "fastText" in str(error) and any(part in str(error) for part in said.split("|"))
    else:
        # no buckets: a model without n-grams
        assert "" in said.split("|") and loaded.subwords is None


@pytest.mark.parametrize("mode, hashes", [(1, 1), (2, 1), (2, 4)])
def test_a_model_of_floret_is_named(tmp_path, rng, mode, hashes):
    good, _ = model(rng)
    before_rate = len(MAGIC) + 11 * 4
    data = good[:before_rate] + struct.pack("<2i", mode, hashes) + good[before_rate:]
    (tmp_path / "m.bin").write_bytes(data)
    with pytest.raises(VectorsError, match=r"m\.bin: .*floret.*\.vec"):
        fastw2v.load(tmp_path / "m.bin")
    (tmp_path / "m.bin").write_bytes(data[: DICTIONARY + 8 + 27])
    with pytest.raises(VectorsError, match=r"m\.bin: .*fastText"):
        fastw2v.load(tmp_path / "m.bin")


@pytest.mark.peers
@pytest.mark.parametrize("mode", ["floret", "fasttext"])
def test_what_floret_writes_is_read_or_named(tmp_path, mode):
    floret = pytest.importorskip("floret")
    (tmp_path / "c.txt").write_text("a b c b a\n" * 50)
    trained = floret.train_unsupervised(
        str(tmp_path / "c.txt"),
        dim=4,
        minn=1,
        maxn=2,
        bucket=20,
        mode=mode,
        hashCount=2,
        minCount=1,
        thread=1,
        epoch=1,
        verbose=0,
    )
    trained.save_model(str(tmp_path / "m.bin"))
    trained.save_vectors(str(tmp_path / "m.vec"))
    trained.save_floret_vectors(str(tmp_path / "m.floret"))
    assert fastw2v.load(tmp_path / "m.vec").words == trained.get_words()
    for name in ("m.bin", "m.floret"):
        with pytest.raises(VectorsError, match="floret"):
            fastw2v.load(tmp_path / name)


@pytest.mark.peers
def test_a_model_that_gensim_writes_has_gensims_vectors(tmp_path):
    fasttext = pytest.importorskip("gensim.models.fasttext")
    lines = [["the", "king", "walked"], ["the", "queen", "talked", "日本"]] * 20
    theirs = fasttext.FastText(
        lines, vector_size=5, min_count=1, epochs=1, workers=1, bucket=50, min_n=2, max_n=3
    )
    fasttext.save_facebook_model(theirs, str(tmp_path / "m.bin"))
    loaded = fastw2v.load(tmp_path / "m.bin")
    for word in ("king", "日本", "kingly"):
        np.testing.assert_allclose(loaded[word], theirs.wv[word], rtol=1e-5, atol=1e-8)


def with_ngrams(rng, words=("king", "müde", "</s>"), buckets=300):
    """WordVectors of 4 dimensions whose buckets are those of their words alone."""
    spelt = {word: [] if word == "</s>" else ngrams(word, 2, 3) for word in words}
    used = list(dict.fromkeys(bucket(n, buckets) for ns in spelt.values() for n in ns))[::-1]
    own, vectors = (rng.normal(size=(n, 4)).astype(np.float32) for n in (len(words), len(used)))
    bags = [[used.index(bucket(n, buckets)) for n in ns] for ns in spelt.values()]
    means = [np.vstack((own[[i]], vectors[bag])).mean(axis=0) for i, bag in enumerate(bags)]
    subwords = Subwords(2, 3, buckets, np.array(used, np.int32), vectors, own)
    outputs = rng.normal(size=(len(words), 4)).astype(np.float32)
    counts = np.arange(len(words))  # one is zero
    return fastw2v.WordVectors(list(words), np.array(means), counts, outputs, subwords)


def test_a_written_model_is_read_back_with_words_ngrams_and_outputs(tmp_path, rng):
    vectors = with_ngrams(rng)
    vectors.save(tmp_path / "m.bin", format="fasttext")
    loaded = fastw2v.load(tmp_path / "m.bin")
    assert loaded.words == vectors.words and loaded.counts.tolist() == [1, 1, 2]
    for word in [*vectors.words, "kingly", "müdigkeit"]:
        np.testing.assert_allclose(loaded[word], vectors[word], rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(loaded.output_vectors, vectors.output_vectors)
    assert sorted(loaded.subwords.used) == sorted(vectors.subwords.used)
    loaded.save(tmp_path / "again.bin", format="fasttext")
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "m.bin").read_bytes()


def test_words_without_ngrams_outputs_or_counts_are_written(tmp_path, rng):
    table = rng.normal(size=(3, 5)).astype(np.float32)
    fastw2v.WordVectors(["a", "b c", "ü"], table).save(tmp_path / "m.bin", format="fasttext")
    loaded = fastw2v.load(tmp_path / "m.bin")
    assert loaded.words == ["a", "b c", "ü"] and loaded.counts.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(loaded.vectors, table)
    assert loaded.subwords is None and loaded.output_vectors is None


@pytest.mark.parametrize("words", [["a", "a"], ["a", ""], ["a", "b\0c"], ["a", "\ud800"]])
def test_words_that_a_dictionary_of_fasttext_cannot_hold_are_refused(tmp_path, words):
    vectors = fastw2v.WordVectors(words, np.ones((2, 3), np.float32))
    with pytest.raises(VectorsError):
        vectors.save(tmp_path / "m.bin", format="fasttext")
    assert not list(tmp_path.iterdir())


def test_a_written_model_has_the_same_vectors_in_gensim(tmp_path, rng):
    peer = pytest.importorskip("gensim.models.fasttext")
    vectors = with_ngrams(rng, ("king", "müde", "müdigkeit"))
    vectors.save(tmp_path / "m.bin", format="fasttext")
    theirs = peer.load_facebook_model(tmp_path / "m.bin")
    assert theirs.wv.index_to_key == vectors.words
    for word in [*vectors.words, "kingly", "düde"]:
        np.testing.assert_allclose(theirs.wv[word], vectors[word], atol=1e-6)
    np.testing.assert_array_equal(theirs.syn1neg, vectors.output_vectors)


def test_a_written_model_has_the_same_vectors_in_fasttext(tmp_path, rng):
    peer = pytest.importorskip("fasttext")
    vectors = with_ngrams(rng)
    vectors.save(tmp_path / "m.bin", format="fasttext")
    theirs = peer.load_model(str(tmp_path / "m.bin"))
    assert theirs.get_words() == vectors.words
    for word in [*vectors.words, "kingly", "düde"]:
        np.testing.assert_allclose(theirs.get_word_vector(word), vectors[word], atol=1e-6)
    np.testing.assert_array_equal(theirs.get_output_matrix(), vectors.output_vectors)


def test_a_model_that_fasttext_trains_is_read_and_written_alike(tmp_path):
    peer = pytest.importorskip("fasttext")
    (tmp_path / "corpus").write_text("der müde könig\ndie müde königin\n" * 50, encoding="utf8")
    options = dict(dim=10, epoch=1, thread=10, bucket=200, minCount=1, t=1, verbose=0)
    try:
        theirs = peer.train_unsupervised(str(tmp_path / "corpus"), **options)
    except RuntimeError as error:  # some builds of 0.9.3 begin with memory as it is
        pytest.skip(f"fastText: {error}")
    if not np.isfinite(theirs.get_input_matrix()).all():
        pytest.skip("fastText: numbers that are not finite")
    theirs.save_model(str(tmp_path / "m.bin"))
    loaded = fastw2v.load(tmp_path / "m.bin")
    for word in ["könig", "königlich", "</s>"]:
        np.testing.assert_allclose(loaded[word], theirs.get_word_vector(word), rtol=1e-6, atol=1e-6)
    loaded.save(tmp_path / "again.bin", format="fasttext")
    again = peer.load_model(str(tmp_path / "again.bin"))
    np.testing.assert_array_equal(again.get_input_matrix(), theirs.get_input_matrix())
