from itertools import pairwise

import numpy as np
import pytest

from fastw2v.evaluation.pairs import bootstrap_interval, pearson, score_pairs, spearman
from fastw2v.evaluation.scores import BUNDLED, EvaluationOptions
from fastw2v.evaluation.sets import read_set, score_sets
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.evaluated import VECTORS, gensims, spelt


def test_correlations_are_scipys(rng):
    stats = pytest.importorskip("scipy.stats")
    for _ in range(20):
        x, y = rng.integers(0, 6, 30), rng.normal(size=30)
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
        assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
    for nothing in ((np.ones(1), np.ones(1)), (np.ones(3), np.arange(3)), (np.ones(0), np.ones(0))):
        assert np.isnan(spearman(*nothing)) and np.isnan(pearson(*nothing))


@pytest.mark.parametrize("dummy4unknown", [False, True])
@pytest.mark.parametrize("case_insensitive", [True, False])
@pytest.mark.parametrize("restrict", [300_000, 200])
@pytest.mark.parametrize("mark", ["\t", ","])
def test_scores_and_coverage_are_gensims(
    world, tmp_path, mark, restrict, case_insensitive, dummy4unknown
):
    lines = [
        line.replace("\t", mark) for line in (BUNDLED / "world-pairs.tsv").read_text().splitlines()
    ]
    lines[3] = lines[3].upper()
    header, last = ("word1", "word2", "score"), [("king", "zebra", "2"), ("King", "king", "9.5")]
    lines = ["# said by a rule", mark.join(header), *lines, "", *map(mark.join, last)]
    (tmp_path / "p").write_text("\n".join(lines), encoding="utf8")
    rules = EvaluationOptions(restrict, case_insensitive, dummy4unknown)
    for vectors in (world, spelt(world)):
        r, rho, oov = gensims(vectors).evaluate_word_pairs(
            str(tmp_path / "p"),
            mark,
            restrict_vocab=restrict,
            case_insensitive=case_insensitive,
            dummy4unknown=dummy4unknown,
        )
        ((score,),) = score_sets(vectors, [read_set(tmp_path / "p", "pairs")], rules)
        assert score.score == pytest.approx(
            float(rho[0]), abs=1e-12
        ) and score.pearson == pytest.approx(float(r[0]), abs=1e-12)
        assert score.oov >= 1 and score.total + (0 if dummy4unknown else score.oov) == 98
        assert 100 * score.oov / 98 == pytest.approx(oov)


def test_words_are_found_in_any_case_and_the_others_left_out():
    pairs = [("King", "man", 9), ("king", "woman", 1), ("queen", "apple", 2), ("king", "prince", 5)]
    (score,) = score_pairs("p", pairs, EvaluationVocabulary(VECTORS))
    assert (score.total, score.oov) == (3, 1) and score.score == pytest.approx(1.0)
    (score,) = score_pairs(
        "p", pairs, EvaluationVocabulary(VECTORS, EvaluationOptions(case_insensitive=False))
    )
    assert (score.total, score.oov) == (2, 2)


def test_subwords_give_unknown_words_vectors():
    class OfLetters:
        def vector(self, word):
            return np.array([1, 1, 0.5], np.float32) if "k" in word else None

    vectors = WordVectors(VECTORS.words, VECTORS.vectors, subwords=OfLetters())
    (score,) = score_pairs(
        "p",
        [("kingly", "man", 9), ("Kong", "woman", 1), ("elf", "woman", 3)],
        EvaluationVocabulary(vectors),
    )
    assert (score.total, score.oov, score.score) == (2, 1, pytest.approx(1.0))


def test_a_score_is_within_its_interval(rng):
    words = [f"w{i}" for i in range(60)]
    vectors = WordVectors(words, rng.normal(size=(60, 4)).astype(np.float32))
    pairs = [(a, b, vectors.similarity(a, b) + rng.normal()) for a, b in pairwise(words)]
    (score,) = score_pairs("p", pairs, EvaluationVocabulary(vectors))
    assert score.low < score.score < score.high


def test_the_interval_is_that_of_resampled_pairs_and_of_the_seed(rng):
    x = rng.normal(size=200)
    y = x + rng.normal(size=200)
    low, high = bootstrap_interval(x, y, 1, 400)
    assert (low, high) == bootstrap_interval(x, y, 1, 400) != bootstrap_interval(x, y, 2, 400)
    assert low < spearman(x, y) < high
    error = (1 - spearman(x, y) ** 2) / np.sqrt(200) * 1.06  # Fieller, Hartley and Pearson 1957
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.2)
    assert (
        np.isnan(bootstrap_interval(x[:2], y[:2], 1, 400)).all()
        and np.isnan(bootstrap_interval(x[:9], x[:9] * 0, 1, 40)).all()
    )
    scipy = pytest.importorskip("scipy.stats")
    theirs = scipy.bootstrap(
        (x, y),
        spearman,
        paired=True,
        vectorized=False,
        n_resamples=400,
        method="percentile",
        random_state=3,
    )
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.03)
