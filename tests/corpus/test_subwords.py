import numpy as np
import pytest

from fastw2v.corpus.subwords import subword_bags
from fastw2v.equations.subwords import bucket, ngrams

WORDS = ["the", "a", "banana", "日本語", "naïve", "x" * 300, "Привет", "the", "<", "🙂🙂"]


@pytest.mark.parametrize("least, most", [(1, 1), (3, 6), (2, 4), (1, 100)])
@pytest.mark.parametrize("buckets", [1, 7, 2_000_000])
def test_bags_are_the_words_and_their_ngrams_as_the_equations_have_them(monkeypatch, least, most, buckets):
    monkeypatch.setattr("fastw2v.corpus.subwords.WORDS", 3)
    bags = subword_bags(WORDS, least, most, buckets)
    for w, word in enumerate(WORDS):
        own, *rows = bags.rows[bags.starts[w] : bags.starts[w + 1]].tolist()
        assert own == w
        expected = [bucket(ngram, buckets) for ngram in ngrams(word, least, most)]
        assert [int(bags.buckets[row - len(WORDS)]) for row in rows] == expected


def test_only_buckets_that_are_used_have_a_row():
    bags = subword_bags(WORDS, 3, 6, 2_000_000)
    assert len(set(bags.buckets.tolist())) == len(bags.buckets)
    np.testing.assert_array_equal(np.unique(bags.rows), np.arange(len(WORDS) + len(bags.buckets)))


def test_they_are_fasttexts(tmp_path):
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "text").write_text(("naïve banana the 日本語 Привет\n") * 10, encoding="utf8")
    model = fasttext.train_unsupervised(str(tmp_path / "text"), minn=2, maxn=5, bucket=1000, dim=2, epoch=1, minCount=1, thread=1)
    for word in ("naïve", "banana", "日本語", "Привет"):
        names, rows = model.get_subwords(word)
        assert names[1:] == ngrams(word, 2, 5)
        assert (rows[1:] - len(model.words)).tolist() == [bucket(ngram, 1000) for ngram in ngrams(word, 2, 5)]
