"""Phrases equal those of a slow twin, pass by pass, and gensim's where it has the same score."""

from collections import Counter
from math import log

import numpy as np
import pytest

from fastw2v.config import PhraseConfig, TrainConfig
from fastw2v.corpus import phrases as module
from fastw2v.corpus.encoded import open_corpus, read_encoded, save_encoded
from fastw2v.corpus.phrases import join_phrases, write_text
from fastw2v.errors import ConfigError
from fastw2v.kernels.jit import JIT

READ = TrainConfig(min_count=1, threads=2)


def slow_pass(lines, config, connectors):
    """The same pass in plain Python."""
    counts, pairs = Counter(word for line in lines for word in line), Counter()
    total = sum(counts.values())

    def walk(line, found):
        """Calls found(first, between, second) for every pair; what it returns says whether the pair
        is used up.
        """
        begun, between = None, ()
        for word in line:
            if counts[word] < config.min_count and word not in connectors:
                begun = None
            elif word in connectors:
                between = (*between, word) if begun is not None else ()
            else:
                used = begun is not None and found((begun, *between, word))
                begun, between = (None if used else word), ()

    for line in lines:
        walk(line, lambda pair: pairs.update([pair]))

    def score(pair):
        n, a, b = pairs[pair], counts[pair[0]], counts[pair[-1]]
        if config.scoring == "word2phrase":
            return (n - config.min_count) / a / b * total
        return log(n / total / (a / total * b / total)) / -log(n / total) if n < total else 1.0

    chosen = {
        pair for pair in pairs if score(pair) > config.limit and pairs[pair] >= config.min_count
    }

    def join(line):
        out, begun = [], None
        for word in line:
            if counts[word] < config.min_count and word not in connectors:
                begun = None
                out.append(word)
            elif word in connectors:
                out.append(word)
            elif begun is not None and (*out[begun:], word) in chosen:
                out[begun:] = [config.delimiter.join([*out[begun:], word])]
                begun = None
            else:
                out.append(word)
                begun = len(out) - 1
        return out

    return [join(line) for line in lines], {pair: (pairs[pair], score(pair)) for pair in chosen}


def make_lines(rng, tokens=20_000 if JIT else 1500, V=60):
    words = [f"w{i}" for i in np.minimum(rng.zipf(1.3, tokens), V)]
    for place in range(0, tokens - 4, 37):
        words[place : place + 4] = ["new", "york", "of", "steel"][: 2 + place % 3]
    cuts = np.sort(rng.choice(np.arange(1, tokens), tokens // 12, replace=False))
    return [list(part) for part in np.split(np.array(words, dtype=object), cuts)]


@pytest.mark.parametrize("scoring, threshold", [("word2phrase", 0.95), ("npmi", 0.05)])
@pytest.mark.parametrize("connectors", [frozenset(), frozenset(["of", "w1", "w2"])])
@pytest.mark.parametrize("threads", [1, 3])
def test_two_passes_equal_those_of_a_slow_twin(
    tmp_path, rng, monkeypatch, scoring, threshold, connectors, threads
):
    monkeypatch.setattr(module, "CHECKED", 1000)  # ids at a time: pairs stand across their ends
    config = PhraseConfig(scoring=scoring, threshold=threshold, threads=threads, min_count=4)
    lines = make_lines(rng)
    encoded = open_corpus(lines, READ)
    for number in range(2):
        lines, expected = slow_pass(lines, config, connectors)
        encoded, found = join_phrases(encoded, config, connectors)
        assert len(expected) > 5 if number == 0 else True
        assert {phrase.words: phrase.count for phrase in found} == {
            pair: n for pair, (n, _) in expected.items()
        }
        np.testing.assert_allclose(
            [p.score for p in found], [expected[p.words][1] for p in found], rtol=1e-12
        )
        assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
        write_text(encoded, tmp_path / "out.txt")
        assert (tmp_path / "out.txt").read_text() == "".join(
            " ".join(line) + "\n" for line in lines if line
        )
    counts = Counter(word for line in lines for word in line)
    assert (
        dict(zip(encoded.vocabulary.words, encoded.vocabulary.counts.tolist(), strict=True))
        == counts
    )
    save_encoded(encoded, tmp_path / "out.fw2v")
    again = open_corpus(tmp_path / "out.txt", READ)
    np.testing.assert_array_equal(read_encoded(tmp_path / "out.fw2v").ids, again.ids)
    assert again.vocabulary.words == encoded.vocabulary.words


def test_connectors_are_as_gensims(rng):
    gensim = pytest.importorskip("gensim.models.phrases")
    lines = [[str(word) for word in line] for line in make_lines(rng, 3000)]
    frozen = gensim.Phrases(
        lines, min_count=3, threshold=0.3, scoring="npmi", connector_words=frozenset(["of", "w1"])
    )
    config = PhraseConfig(scoring="npmi", threshold=0.3, min_count=3, threads=1)
    _, found = join_phrases(open_corpus(lines, READ), config, frozenset(["of", "w1"]))
    assert {"_".join(phrase.words) for phrase in found} == set(frozen.export_phrases())


def test_a_corpus_without_phrases_stays_as_it_is():
    encoded = open_corpus([["a", "b", "c"]], READ)
    same, found = join_phrases(encoded, PhraseConfig())
    assert same is encoded and found == []


def test_a_phrase_that_is_a_word_already_joins_it():
    lines = [["new", "york"]] * 20 + [["new_york"], ["a"], ["b"]] * 3
    encoded, found = join_phrases(open_corpus(lines, READ), PhraseConfig(threshold=1, min_count=1))
    assert [phrase.words for phrase in found] == [("new", "york")]
    assert (encoded.vocabulary.words[0], encoded.vocabulary.counts[0]) == ("new_york", 23)
    assert "new" not in encoded.vocabulary


def test_too_many_connectors_for_a_key_end_a_pair(rng):
    lines = [["x", *["of"] * 70, "y"], ["x", *["of"] * 3, "y"]] * 10
    _, found = join_phrases(
        open_corpus(lines, READ), PhraseConfig(threshold=0.1, min_count=1), frozenset(["of"])
    )
    assert [phrase.words for phrase in found] == [("x", "of", "of", "of", "y")]


@pytest.mark.parametrize(
    "options", [{"delimiter": ""}, {"delimiter": "a b"}, {"scoring": "x"}, {"passes": 0}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ConfigError):
        PhraseConfig(**options)
