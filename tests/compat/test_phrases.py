"""Phrases as gensim's scripts use them: the same counts, scores and sentences."""

import json
import pickle

import numpy as np
import pytest
from gensim.models import phrases as gensim_module

from fastw2v.compat.gensim.models import Phrases, phrases
from fastw2v.errors import ConfigTypeError, NotAModelError, UnsupportedError

CONNECTORS = phrases.ENGLISH_CONNECTOR_WORDS


@pytest.fixture(scope="module")
def sentences(world_path):
    lines = [line.split() for line in world_path.read_text().splitlines()[:800]]
    return [
        *lines,
        ["bank", "of", "the", "river"],
        ["of"],
        [],
        ["the", "king", "the", "of", "queen", "of"],
    ] * 2


@pytest.mark.parametrize(
    "options",
    [
        dict(min_count=2, threshold=2),
        dict(min_count=1, threshold=0.3, scoring="npmi"),
        dict(min_count=1, threshold=1, connector_words=CONNECTORS, delimiter=" "),
        dict(min_count=20, threshold=1e9),
    ],
)
def test_phrases_are_gensims(sentences, options):
    ours, expected = (module.Phrases(sentences, **options) for module in (phrases, gensim_module))
    assert ours.vocab == expected.vocab and ours.corpus_word_count == expected.corpus_word_count
    assert ours.export_phrases() == pytest.approx(expected.export_phrases())
    assert ours.find_phrases(sentences) == pytest.approx(expected.find_phrases(sentences))
    for made, other in (
        (ours, expected),
        (ours.freeze(), expected.freeze()),
        (phrases.Phraser(ours), gensim_module.Phraser(expected)),
    ):
        assert [made[sentence] for sentence in sentences] == [
            other[sentence] for sentence in sentences
        ]
        assert list(made[sentences]) == list(other[sentences])
        assert list(made[iter(sentences)]) == list(other[iter(sentences)])
    assert ours.freeze().phrasegrams == pytest.approx(expected.freeze().phrasegrams)


def test_counts_of_more_sentences_are_added(sentences):
    ours, expected = (
        module.Phrases(sentences[:500], min_count=1) for module in (phrases, gensim_module)
    )
    for made in (ours, expected):
        made.add_vocab(sentences[500:])
        made.add_vocab([])
    assert ours.vocab == expected.vocab and ours.corpus_word_count == expected.corpus_word_count


def test_a_joined_corpus_is_iterated_over_again(sentences):
    bigram = Phrases(sentences, min_count=1, threshold=1)
    joined = bigram[sentences]
    assert list(joined) == list(joined) and len(joined) == len(sentences)
    trigram = Phrases(joined, min_count=1, threshold=1)
    assert any(word.count("_") == 2 for sentence in trigram[joined] for word in sentence)


def longest(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return bigram_count


def test_a_scoring_function_of_ones_own_decides(sentences, tmp_path):
    ours, expected = (
        module.Phrases(sentences, min_count=1, threshold=5, scoring=longest)
        for module in (phrases, gensim_module)
    )
    assert ours.export_phrases() == expected.export_phrases()
    with pytest.raises(UnsupportedError, match="scoring"):
        ours.save(tmp_path / "phrases")


def test_phrases_are_saved_and_loaded(sentences, tmp_path):
    made = Phrases(
        sentences, min_count=1, threshold=0.3, scoring="npmi", connector_words=CONNECTORS
    )
    made.save(tmp_path / "phrases")
    again = Phrases.load(tmp_path / "phrases")
    assert vars(again) == vars(made)
    with open(tmp_path / "frozen", "wb") as file:
        made.freeze().save(file)
    frozen = phrases.FrozenPhrases.load(tmp_path / "frozen")
    assert (
        frozen.phrasegrams == made.freeze().phrasegrams
        and frozen[sentences[0]] == made[sentences[0]]
    )


def test_files_that_hold_no_phrases_are_refused(sentences, tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        Phrases.load(tmp_path / "none")
    Phrases(sentences).freeze().save(tmp_path / "frozen")
    Phrases(sentences).save(tmp_path / "phrases")
    contents = [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        (tmp_path / "frozen").read_bytes(),
        pickle.dumps({}),
        b'{"format": "fastw2v phrases 1"}',
        (tmp_path / "phrases").read_bytes().replace(b'"delimiter": "_"', b'"delimiter": 7'),
        (tmp_path / "phrases").read_bytes().replace(b'"vocab": {"', b'"vocab": {"x": "y", "'),
    ]
    for content in contents:
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(NotAModelError, match="file"):
            Phrases.load(tmp_path / "file")


@pytest.mark.parametrize(
    "options",
    [
        dict(min_count=0),
        dict(threshold=0),
        dict(threshold=2, scoring="npmi"),
        dict(scoring="best"),
        dict(delimiter=b"_"),
    ],
)
def test_options_out_of_range_are_named(options):
    with pytest.raises((ValueError, TypeError), match=next(iter(options))):
        Phrases([["a"]], **options)


@pytest.mark.parametrize(
    ("ask", "names"),
    [
        (lambda: Phrases(3), "add_vocab"),
        (lambda: Phrases([["a"], None]), "add_vocab"),
        (lambda: Phrases([[["a"]]]), "add_vocab"),
        (lambda: Phrases(min_count=None), "min_count"),
        (lambda: Phrases(threshold="x"), "threshold"),
        (lambda: Phrases(max_vocab_size=len), "max_vocab_size"),
        (lambda: Phrases(delimiter=b"_"), "delimiter"),
        (lambda: Phrases(connector_words=3), "__init__"),
        (lambda: Phrases()[None], "__getitem__"),
        (lambda: list(Phrases().analyze_sentence(3)), "analyze_sentence"),
        (lambda: list(Phrases()[[[1, 2]]]), "score_candidate"),
        (lambda: phrases.Phraser(None), "__init__"),
    ],
)
def test_phrases_of_other_types_raise_a_type_error_in_a_line(ask, names):
    with pytest.raises(ConfigTypeError, match=names) as raised:
        ask()
    assert "\n" not in str(raised.value) and len(str(raised.value)) <= 300


def test_phrases_with_numbers_of_numpy_are_saved(sentences, tmp_path):
    made = Phrases(sentences, min_count=np.int64(2), threshold=np.float32(1))
    made.save(tmp_path / "p")
    again = Phrases.load(tmp_path / "p")
    assert again.vocab == made.vocab and (again.min_count, again.threshold) == (2, 1)


@pytest.mark.parametrize("value", [None, "x", {}, [1], 10**400])
@pytest.mark.parametrize("name", ["corpus_word_count", "min_count", "vocab"])
def test_phrases_of_a_file_with_other_numbers_are_refused(sentences, tmp_path, name, value):
    if name == "vocab":
        value = {"a": value}
    Phrases(sentences[:9]).save(tmp_path / "p")
    content = json.loads((tmp_path / "p").read_bytes())
    (tmp_path / "p").write_text(json.dumps(content | {name: value}))
    with pytest.raises(NotAModelError):
        Phrases.load(tmp_path / "p")
