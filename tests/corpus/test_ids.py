"""An encoded corpus from ids is that of a text with these words."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.corpus.ids import encode_ids, write_ids
from fastw2v.errors import CorpusError

WORDS = ["a", "b", "c", "unused", "d"]
IDS = [[4, 1, 1, -1], [-1, -1, -1, -1], [2, 1, 0, -1], [2, 4, 0, 1]]


def test_encode_ids_equals_the_corpus_of_the_text(tmp_path):
    lines = [[WORDS[i] for i in row if i >= 0] for row in IDS]
    expected = open_corpus(lines, TrainConfig(min_count=1))
    write_ids(np.array(IDS), WORDS, tmp_path / "i.fw2v")
    of_file = open_corpus(str(tmp_path / "i.fw2v"), TrainConfig(min_count=1))
    for found in (encode_ids(IDS, WORDS), encode_ids(np.array(IDS, np.int8), WORDS), of_file):
        np.testing.assert_array_equal(found.ids, expected.ids)
        assert found.vocabulary.words == expected.vocabulary.words
        np.testing.assert_array_equal(found.vocabulary.counts, expected.vocabulary.counts)
        assert (found.tokens, found.lines) == (expected.tokens, expected.lines)


def test_encode_ids_leaves_the_callers_array(tmp_path):
    ids = np.array([0, 1, 0, -1], np.int32)
    encode_ids(ids, WORDS)
    assert ids.tolist() == [0, 1, 0, -1]


@pytest.mark.parametrize(
    "ids, words, named",
    [
        ([0, 5], WORDS, "5"),
        ([0, -2], WORDS, "-2"),
        ([0.0], WORDS, "float64"),
        ([-1], WORDS, "words"),
        (np.array([], int), WORDS, "words"),
        ([0], ["a", "a"], "twice"),
        ([0], ["a b"], "a b"),
        ([0], [""], "''"),
        ([0], [7], "7"),
        ([2**40], WORDS, str(2**40)),
    ],
)
def test_ids_and_words_that_are_none_are_refused(ids, words, named):
    with pytest.raises(CorpusError, match=named):
        encode_ids(ids, words)
