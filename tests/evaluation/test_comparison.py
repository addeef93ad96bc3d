"""Several vectors on the same items."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.cli.progress import evaluated_line
from fastw2v.errors import EvaluationError
from fastw2v.evaluation.comparison import compare, over_seeds
from fastw2v.evaluation.scores import EvaluationOptions
from fastw2v.evaluation.sets import TRAINING_WORDS, Evaluator, read_set, score_sets
from fastw2v.events import Evaluated
from fastw2v.vectors.word_vectors import WordVectors

RULES = EvaluationOptions(resamples=50)
WORDS = [f"w{i}" for i in range(30)]


@pytest.fixture
def sets(tmp_path, rng):
    draw = [rng.permutation(30) for _ in range(60)]
    files = {
        "analogies": ["w{} w{} w{} w{}".format(*d[:4]) for d in draw],
        "pairs": [f"w{d[0]} w{d[1]} {i}" for i, d in enumerate(draw)],
        "categories": [f"w{i} c{i % 3}" for i in range(30)],
    }
    for kind, lines in files.items():
        (tmp_path / f"{kind}.txt").write_text("\n".join(lines))
    return [read_set(tmp_path / f"{kind}.txt", kind) for kind in files]


@pytest.fixture
def three(rng):
    """Vectors; the same ones, turned; and others, without some words."""
    table = rng.normal(size=(30, 6)).astype(np.float32)
    other = WordVectors(WORDS[:24], rng.normal(size=(24, 6)).astype(np.float32))
    return [WordVectors(WORDS, table), WordVectors(WORDS, table[:, ::-1].copy()), other]


def test_compare_vectors_with_themselves_turned_shows_no_difference(three, sets):
    for of_set, scores in zip(
        compare(three[:2], sets, RULES), score_sets(three[0], sets, RULES), strict=True
    ):
        first, second = of_set
        assert (first.score, first.total) == (scores[-1].score, scores[-1].total)
        assert first.difference is None and second.difference == pytest.approx(0, abs=1e-6)
        if first.kind != "categories":
            assert (second.low, second.high) == pytest.approx((0, 0), abs=1e-6)


def test_compare_scores_only_items_that_all_know(three, sets):
    common = [WordVectors(WORDS[:24], v.vectors[:24]) for v in three]
    for of_set, alone in zip(
        compare(three, sets, RULES),
        zip(*(score_sets(v, sets, RULES) for v in common), strict=True),
        strict=True,
    ):
        assert [row.score for row in of_set] == pytest.approx([s[-1].score for s in alone])
        assert (
            0
            < of_set[0].total
            < of_set[0].of
            == len(sets[0 if of_set[0].kind != "categories" else 2])
        )
        if of_set[2].kind == "pairs":
            assert of_set[2].low < of_set[2].difference < of_set[2].high


def test_compare_counts_unknown_items_as_wrong_if_asked(three, sets):
    rules = EvaluationOptions(dummy4unknown=True, resamples=50)
    for of_set in compare(three, sets, rules):
        assert of_set[0].total == of_set[0].of
    found = [[row[2].score for row in compare(three, sets, rules)][:2]]
    assert found == [[s[-1].score for s in score_sets(three[2], sets, rules)][:2]]


def test_compare_is_repeatable_and_its_interval_covers_a_known_difference(three, sets, rng):
    noisy = WordVectors(WORDS, three[0].vectors + rng.normal(size=(30, 6)).astype(np.float32))
    found = compare([three[0], noisy], sets[1:2], RULES)
    assert found == compare([three[0], noisy], sets[1:2], RULES)
    assert found != compare([three[0], noisy], sets[1:2], EvaluationOptions(resamples=50, seed=2))


def test_over_seeds_gives_mean_and_deviation_of_a_sample(three, sets):
    compared = compare(three, sets, RULES)
    for row, of_set in zip(over_seeds(compared), compared, strict=True):
        scores = [each.score for each in of_set]
        assert (row.mean, row.seeds) == (pytest.approx(np.mean(scores)), 3)
        assert row.deviation == pytest.approx(np.std(scores, ddof=1))
        assert (row.least, row.greatest) == (min(scores), max(scores))


def test_evaluate_prints_several_files_in_one_table(three, sets, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, vectors in zip("abc", three, strict=True):
        vectors.save(f"{name}.npz")
    WordVectors(["x", "y"], np.eye(2, dtype=np.float32)).save("x.npz")

    def run(*args):
        return CliRunner().invoke(cli, ["evaluate", *args, "--pairs", "pairs.txt"])

    done = run("a.npz", "b.npz", "c.npz")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["pairs", "pairs:", "a.npz", "b.npz", "c.npz"]
    rows = json.loads(run("a.npz", "c.npz", "--json").stdout)
    assert rows["vectors"] == ["a.npz", "c.npz"]
    assert rows["scores"][1]["difference"] == pytest.approx(
        rows["scores"][1]["score"] - rows["scores"][0]["score"]
    )
    seeds = json.loads(run("a.npz", "c.npz", "--json", "--seeds").stdout)["scores"]
    assert seeds[0]["mean"] == pytest.approx(np.mean([row["score"] for row in rows["scores"]]))
    assert run("a.npz", "--seeds").exit_code == 2
    WordVectors(WORDS, np.zeros((30, 6), np.float32)).save("zero.npz")  # has no correlation
    assert run("a.npz", "zero.npz").stdout.splitlines()[-1].split()[1:] == ["-", "-", "-"]
    done = run("a.npz", "x.npz")
    assert isinstance(done.exception, EvaluationError) and "pairs" in str(done.exception)


def test_a_restricted_vocabulary_is_printed_beside_the_score(sets):
    evaluator = Evaluator(sets)
    assert evaluator.restricted(TRAINING_WORDS) is None
    assert evaluator.restricted(TRAINING_WORDS + 1) == TRAINING_WORDS
    assert Evaluator(sets[1:]).restricted(10**6) is None
    line = evaluated_line(Evaluated(1, {"a": math.nan}, math.nan, False, TRAINING_WORDS))
    assert f"{TRAINING_WORDS:,} words" in line
