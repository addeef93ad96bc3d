import tracemalloc

import numpy as np
import pytest

from fastw2v.corpus.subwords import subword_rows
from fastw2v.equations.subwords import bucket, ngrams

WORDS = ["the", "a", "banana", "日本語", "naïve", "x" * 300, "Привет", "the", "<", "🙂🙂"]


@pytest.mark.parametrize("least, most", [(1, 1), (3, 6), (2, 4), (1, 100)])
@pytest.mark.parametrize("buckets", [1, 7, 2_000_000, 2**31 - 1])
def test_bags_are_the_words_and_their_ngrams_as_the_equations_have_them(
    monkeypatch, least, most, buckets
):
    monkeypatch.setattr("fastw2v.corpus.subwords.WORDS", 3)
    bags = subword_rows(WORDS, least, most, buckets)
    for w, word in enumerate(WORDS):
        own, *rows = bags.rows[bags.starts[w] : bags.starts[w + 1]].tolist()
        assert own == w
        expected = [bucket(ngram, buckets) for ngram in ngrams(word, least, most)]
        assert [int(bags.buckets[row - len(WORDS)]) for row in rows] == expected


def test_only_buckets_that_are_used_have_a_row():
    bags = subword_rows(WORDS, 3, 6, 2_000_000)
    assert len(set(bags.buckets.tolist())) == len(bags.buckets)
    np.testing.assert_array_equal(np.unique(bags.rows), np.arange(len(WORDS) + len(bags.buckets)))


@pytest.mark.parametrize("buckets", [1, 3, 64, 65, 500, 2_000_000, 2**31 - 1])
def test_bucket_rows_in_a_table_that_grows_are_numbered_by_first_appearance(monkeypatch, buckets):
    monkeypatch.setattr("fastw2v.corpus.subwords.WORDS", 10)
    monkeypatch.setattr("fastw2v.corpus.subwords.SMALL", 2)
    words = [f"{i * i:x}-{i:b}" for i in range(300)]
    seen = list(
        dict.fromkeys(bucket(ngram, buckets) for word in words for ngram in ngrams(word, 2, 5))
    )
    bags = subword_rows(words, 2, 5, buckets)
    assert bags.buckets.tolist() == seen
    rows = [
        row
        for w in range(300)
        for row in bags.rows[bags.starts[w] + 1 : bags.starts[w + 1]].tolist()
    ]
    assert [seen[row - 300] for row in rows] == [
        bucket(ngram, buckets) for word in words for ngram in ngrams(word, 2, 5)
    ]


def test_most_buckets_take_memory_for_those_in_use():
    tracemalloc.start()
    bags = subword_rows(WORDS, 3, 6, 2**31 - 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bags.buckets) > 50 and peak < 32 << 20


def test_they_are_fasttexts(tmp_path):
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "text").write_text("naïve banana the 日本語 Привет\n" * 10, encoding="utf8")
    model = fasttext.train_unsupervised(
        str(tmp_path / "text"), minn=2, maxn=5, bucket=1000, dim=2, epoch=1, minCount=1, thread=1
    )
    for word in ("naïve", "banana", "日本語", "Привет"):
        names, rows = model.get_subwords(word)
        assert names[1:] == ngrams(word, 2, 5)
        assert (rows[1:] - len(model.words)).tolist() == [
            bucket(ngram, 1000) for ngram in ngrams(word, 2, 5)
        ]
