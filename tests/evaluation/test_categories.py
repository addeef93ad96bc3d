import numpy as np
import pytest

from fastw2v.evaluation.categories import cluster, score_categories
from fastw2v.evaluation.scores import BUNDLED, EvaluationOptions
from fastw2v.evaluation.sets import read_set, score_sets
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors


@pytest.fixture
def apart(rng):
    """Sixty words of three kinds, w0 to w59, far from each other."""
    kinds = np.arange(60) % 3
    vectors = np.eye(8, dtype=np.float32)[kinds] + 0.1 * rng.normal(size=(60, 8)).astype(np.float32)
    return (
        WordVectors(
            [f"w{i}" for i in range(60)], vectors * rng.uniform(0.1, 9, (60, 1)).astype(np.float32)
        ),
        kinds,
    )


def test_clusters_that_lie_apart_are_found(apart):
    vectors, kinds = apart
    found = cluster(vectors.unit_vectors.astype(np.float64), 3, seed=1)
    assert len({(a, b) for a, b in zip(found.tolist(), kinds.tolist(), strict=True)}) == 3
    assert (found == cluster(vectors.unit_vectors.astype(np.float64), 3, seed=1)).all()


def test_purity_by_hand(apart):
    vectors, kinds = apart
    words = [(f"W{i}", str(kind)) for i, kind in enumerate(kinds)]
    (score,) = score_categories("c", words, EvaluationVocabulary(vectors))
    assert (score.score, score.correct, score.total, score.oov) == (1.0, 60, 60, 0)
    # one is in the wrong place
    words = [(word, "1" if word == "W0" else kind) for word, kind in words] + [("zebra", "0")]
    (score,) = score_categories("c", words, EvaluationVocabulary(vectors))
    assert (score.correct, score.total, score.oov) == (59, 60, 1) and score.score == 59 / 60
    (score,) = score_categories(
        "c", words, EvaluationVocabulary(vectors, EvaluationOptions(dummy4unknown=True))
    )
    assert (score.correct, score.total, score.oov) == (59, 61, 1)


def test_words_that_are_all_alike_or_of_one_category():
    alike = WordVectors(["a", "b", "c"], np.ones((3, 2), np.float32))
    assert (
        score_categories("c", [("a", "x"), ("b", "x"), ("c", "y")], EvaluationVocabulary(alike))[
            0
        ].correct
        == 2
    )
    (score,) = score_categories(
        "c", [("a", "x"), ("b", "x"), ("z", "y")], EvaluationVocabulary(alike)
    )
    assert np.isnan(score.score) and (score.total, score.oov) == (2, 1)


def test_the_world_falls_into_its_categories(world):
    ((score,),) = score_sets(world, [read_set(BUNDLED / "world-categories.tsv", "categories")])
    assert score.total == 56 and score.score > 0.7
