"""Vectors of texts equal those of a naive twin, whatever the texts come in."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from fastw2v.embedding import TextEmbedder, TextFiles, means
from fastw2v.embedding.embedder import embed_texts
from fastw2v.equations.texts import idf_weight, sif_weight, text_vector, without_components
from fastw2v.errors import ConfigError, CorpusError, VectorsError
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.word_vectors import WordVectors

WORDS = ["the", "cat", "sat", "mat", "on", "café"]
TEXTS = ["the cat sat", "", "dog the café", "on on\tthe\nmat the dog", "dog"]
COUNTS = np.array([50, 20, 10, 8, 6, 5])


@pytest.fixture
def vectors(rng):
    return WordVectors(WORDS, rng.normal(size=(6, 5)).astype(np.float32), COUNTS)


@pytest.fixture
def with_ngrams(rng):
    table = rng.normal(size=(6, 5)).astype(np.float32)
    used = np.array([7, 3, 11, 0, 19, 5], np.int32)
    ngrams = Subwords(2, 3, 20, used, rng.normal(size=(6, 5)).astype(np.float32), table)
    return WordVectors(WORDS, table, COUNTS, subwords=ngrams)


def naive(vectors, texts, weights):
    """The vectors of texts, word by word; weights : of a word."""
    out = []
    for text in texts:
        known = [word for word in text.split() if vectors._has_vector(word)]
        rows = [vectors[word] for word in known]
        out.append(
            text_vector(range(len(rows)), [weights(word) for word in known], rows or [[0] * 5])
        )
    return np.array(out)


def sif(word, a=1e-2):
    p = COUNTS[WORDS.index(word)] / COUNTS.sum() if word in WORDS else 0
    return sif_weight(p, a)


def idf(word):
    return idf_weight(sum(word in text.split() for text in TEXTS), len(TEXTS))


WEIGHTS = {"mean": lambda word: 1, "sif": sif, "idf": idf}


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize("model", ["vectors", "with_ngrams"])
def test_embed_equals_its_naive_twin(model, weighting, request):
    vectors = request.getfixturevalue(model)
    expected = naive(vectors, TEXTS, WEIGHTS[weighting])
    found = vectors.embed(TEXTS, weighting=weighting)
    assert found.dtype == np.float32 and found.shape == (5, 5)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    removed = vectors.embed(TEXTS, weighting=weighting, remove_components=2)
    np.testing.assert_allclose(removed, without_components(expected, 2), atol=1e-6)


def test_the_default_is_sif(vectors):
    np.testing.assert_array_equal(vectors.embed(TEXTS), vectors.embed(TEXTS, weighting="sif"))


def test_embed_long_texts_on_threads_by_groups_equals_one_thread(vectors, rng, monkeypatch):
    texts = [" ".join(rng.choice(WORDS, n)) for n in (3, 900, 0, 70, 5000, 1, 64, 128, 2000)]
    whole = TextEmbedder(vectors, threads=1).embed(texts)
    np.testing.assert_allclose(whole, naive(vectors, texts, sif), atol=1e-6)
    monkeypatch.setattr(means, "PIECE_WORDS", 64)
    monkeypatch.setattr(means, "GROUP_IDS", 100)
    embedder = TextEmbedder(vectors, weighting="idf", remove_components=1, threads=3)
    np.testing.assert_array_equal(TextEmbedder(vectors, threads=3).embed(texts), whole)
    found = embedder.fit(texts).embed(texts)
    monkeypatch.undo()
    np.testing.assert_allclose(
        found, embed_texts(vectors, texts, weighting="idf", remove_components=1), atol=1e-6
    )


def sources(tmp_path):
    """The same texts in every form, those of a file without line ends in them."""
    texts = [text.replace("\n", " ") for text in TEXTS]
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(texts), encoding="utf8")
    ended = tmp_path / "ended.txt"
    ended.write_text("\r\n".join(texts) + "\r\n", encoding="utf8")
    halves = [tmp_path / "1.txt", tmp_path / "2.txt"]
    halves[0].write_text("\n".join(texts[:2]) + "\n", encoding="utf8")  # ends in an empty line
    halves[1].write_text("\n".join(texts[2:]), encoding="utf8")
    return {
        "strings": texts,
        "a generator": iter(texts),
        "an array": np.array(texts),
        "objects": np.array(texts, object),
        "token lists": [text.split() for text in texts],
        "tuples": (tuple(text.split()) for text in texts),
        "a file": path,
        "a file with a last line end": ended,
        "files": halves,
    }


def test_embed_takes_strings_token_lists_and_files_alike(vectors, tmp_path):
    expected = vectors.embed(TEXTS)
    for name, texts in sources(tmp_path).items():
        np.testing.assert_array_equal(vectors.embed(texts), expected, err_msg=name)


def test_embed_takes_columns(vectors, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    expected = vectors.embed(TEXTS)
    texts = [text or None for text in TEXTS]
    table = pa.table({"text": texts, "tokens": [text.split() for text in TEXTS]})
    parquet.write_table(table, tmp_path / "t.parquet")
    for column in ("text", "tokens"):
        files = TextFiles([str(tmp_path / "t.parquet")], column)
        np.testing.assert_array_equal(vectors.embed(files), expected)
    np.testing.assert_array_equal(vectors.embed(table["tokens"]), expected)
    with pytest.raises(CorpusError, match="absent"):
        vectors.embed(TextFiles([str(tmp_path / "t.parquet")], "absent"))


def test_embed_in_lower_case(vectors):
    shouted = [text.upper() for text in TEXTS]
    assert not vectors.embed(shouted).any()
    np.testing.assert_array_equal(vectors.embed(shouted, lowercase=True), vectors.embed(TEXTS))
    lists = [text.split() for text in shouted]
    np.testing.assert_array_equal(vectors.embed(lists, lowercase=True), vectors.embed(TEXTS))


def test_embed_splits_at_punctuation(vectors):
    found = vectors.embed(["the (cat), sat!", "the\ncat -- \u2026sat"], tokenize="words")
    np.testing.assert_array_equal(found, vectors.embed(["the cat sat"] * 2))
    lists = [["the", "(cat)"]]
    np.testing.assert_array_equal(vectors.embed(lists, tokenize="words"), vectors.embed(lists))


def test_embed_takes_groups_of_rows(vectors, tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "t.csv"
    path.write_text("id,n,word\n2,1,cat\n1,2,sat\n2,0,the\n1,1,on\n")
    files = TextFiles([str(path)], "word", "id", "n")
    np.testing.assert_array_equal(vectors.embed(files), vectors.embed(["the cat", "on sat"]))


def test_embed_counts_texts_without_a_known_word(vectors):
    said = []
    vectors.embed(TEXTS, on_event=said.append)
    assert len(said) == 1 and "2 of 5" in said[0].text
    vectors.embed(TEXTS[:1], on_event=said.append)
    assert len(said) == 1
    encoded = TextEmbedder(vectors).encode(TEXTS)
    assert (encoded.texts, encoded.words, encoded.unknown) == (5, 13, 3)


@pytest.mark.parametrize("texts", [[], iter([]), [""], [[]], np.array([], dtype=str)])
def test_embed_nothing_gives_no_rows_and_an_empty_text_one(vectors, texts):
    found = vectors.embed(texts, weighting="idf", remove_components=1)
    assert found.shape in ((0, 5), (1, 5)) and not found.any()


def test_a_fitted_embedder_gives_a_text_the_same_vector_alone(vectors):
    embedder = TextEmbedder(vectors, weighting="idf", remove_components=1).fit(TEXTS)
    together = embedder.embed(TEXTS)
    for copy in (embedder, pickle.loads(pickle.dumps(embedder))):
        alone = np.concatenate([copy.embed([text]) for text in TEXTS])
        np.testing.assert_allclose(alone, together, atol=1e-6)


def test_words_of_odd_spelling_have_the_row_of_their_first_appearance(rng):
    words = ["a", "b", "a", "x y", "", "\x1c", "\ud800", "long" * 9]
    vectors = WordVectors(words, rng.normal(size=(8, 5)).astype(np.float32))
    found = vectors.embed(["a", "x y", "\x1c", "long" * 9], weighting="mean")
    np.testing.assert_allclose(
        found, vectors.vectors[[0, 0, 5, 7]] * [[1], [0], [1], [1]], atol=1e-7
    )


def test_unknown_words_beyond_a_limit_are_forgotten(vectors, monkeypatch):
    monkeypatch.setattr("fastw2v.embedding.encoder.MOST_UNKNOWN", 3)
    embedder = TextEmbedder(vectors)
    expected = embedder.embed(["the cat"])
    for number in range(5):
        found = embedder.embed([f"the {number} {number}x {number}y cat", f"{number}"])
        np.testing.assert_array_equal(found[:1], expected)
    assert embedder.encoder._table.words < 12


@pytest.mark.parametrize(
    "texts, named",
    [
        ("the cat", "pathlib"),
        (["a", None], "text 1"),
        (["a", 3.5], "text 1"),
        (["a", "\ud800"], "text 1"),
        ([None], "0"),
        ([["a"], "b c"], "1"),
        ([["a b"]], "'a b'"),
        ([["a", ""]], "0"),
        ({"a", "b"}, "set"),
        (5, "int"),
        (Path("absent.txt"), "absent.txt"),
    ],
)
def test_texts_that_are_none_are_named(vectors, texts, named):
    with pytest.raises(CorpusError) as error:
        vectors.embed(texts)
    assert named in str(error.value)


def test_a_file_that_is_not_utf8_is_named_with_its_line(vectors, tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"the cat\nsat \xff\xfe on\n")
    with pytest.raises(CorpusError, match=r"t\.txt:2"):
        vectors.embed(path)
    replaced = TextEmbedder(vectors, encoding_errors="replace").embed(path)
    np.testing.assert_array_equal(replaced, vectors.embed(["the cat", "sat on"]))


@pytest.mark.parametrize(
    "settings",
    [
        {"weighting": "tfidf"},
        {"remove_components": 6},
        {"remove_components": -1},
        {"remove_components": 1.5},
        {"sif_a": 0},
        {"sif_a": float("nan")},
        {"threads": 0},
        {"tokenize": "letters"},
        {"encoding_errors": "guess"},
        {"lowercase": "yes"},
    ],
)
def test_settings_out_of_range_are_refused(vectors, settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        TextEmbedder(vectors, **settings)


def test_sif_needs_counts_and_idf_and_components_need_fit(vectors, rng):
    without = WordVectors(WORDS, rng.normal(size=(6, 5)).astype(np.float32))
    with pytest.raises(VectorsError, match="counts"):
        without.embed(TEXTS)
    assert without.embed(TEXTS, weighting="idf").any()
    for settings in ({"weighting": "idf"}, {"remove_components": 1}):
        with pytest.raises(VectorsError, match="fit"):
            TextEmbedder(vectors, **settings).embed(TEXTS)


def test_a_long_unknown_word_has_no_vector_however_large_the_ngrams(with_ngrams):
    huge = Subwords(
        1, 2**31 - 1, 20, *(getattr(with_ngrams.subwords, n) for n in ("used", "vectors", "own"))
    )
    vectors = WordVectors(WORDS, with_ngrams.vectors, COUNTS, subwords=huge)
    found = vectors.embed(["x" * 100_000, "xyz", "<>" * 100])
    assert not found[0].any() and found[1].any()
    np.testing.assert_allclose(found[2], huge.vector("<>" * 100), atol=1e-4)
