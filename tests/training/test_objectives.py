"""What the rest of training asks of an objective."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.huffman import huffman_paths
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.kernels.train.state import Tables
from fastw2v.training.objectives import SLOW_VOCABULARY, targets_of

COUNTS = np.array([400, 100, 50, 25, 12, 6], np.int64)
WORDS = Vocabulary(list("abcdef"), COUNTS)


def test_the_loss_of_zeros_of_a_path_is_that_of_the_mean_path():
    paths = huffman_paths(COUNTS)
    tables = Tables(
        np.zeros((6, 16)), np.zeros((5, 16)), paths=paths.steps, path_starts=paths.starts
    )
    targets = targets_of(TrainConfig(loss="hs", sample=0))
    # a Huffman tree of these counts is a comb: 1, 2, 3, 4, 5 and 5 nodes
    expected = np.log(2) * (COUNTS @ [1, 2, 3, 4, 5, 5]) / COUNTS.sum()
    assert targets.loss_of_zeros(tables, WORDS) == pytest.approx(expected)
    assert targets.count(tables) == 5


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"negative": 3}, 4 * np.log(2)), ({"loss": "softmax"}, np.log(6))],
    ids=["ns", "softmax"],
)
def test_the_loss_of_zeros_takes_every_target_as_likely_as_another(options, expected):
    tables = Tables(np.zeros((6, 16)), np.zeros((6, 16)))
    targets = targets_of(TrainConfig(**options))
    assert targets.loss_of_zeros(tables, WORDS) == pytest.approx(expected)


def test_only_naive_softmax_over_many_words_gives_a_warning():
    V = SLOW_VOCABULARY + 1
    many = Vocabulary(list(map(str, range(V))), np.ones(V, np.int64))
    warned = targets_of(TrainConfig(loss="softmax")).warning(many, 10**9)
    assert warned is not None
    assert f"{V:,} words" in warned
    assert targets_of(TrainConfig(loss="softmax")).warning(WORDS, 10**9) is None
    assert targets_of(TrainConfig(loss="softmax", time_budget="10s")).warning(many, 10**9) is None
    assert targets_of(TrainConfig(loss="hs")).warning(many, 10**9) is None
