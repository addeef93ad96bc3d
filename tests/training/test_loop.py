import math
import re
import time

import numpy as np
import pytest

import fastw2v
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.equations.counts import maximum_likelihood, pair_counts
from fastw2v.equations.softmax import softmax
from fastw2v.errors import ConfigError, TrainingError
from fastw2v.events import Evaluated, Notice, Progress
from fastw2v.training import loop, objectives
from fastw2v.training.loop import Training, first_size, next_size


@pytest.fixture(scope="module")
def encoded(world_path):
    return open_corpus(world_path, TrainConfig(threads=2))


def test_events_count_every_token_and_end_at_the_end(encoded):
    config = TrainConfig(threads=2, epochs=3, vector_size=8)
    events = list(Training(encoded, config).run())
    assert events[-1].tokens == events[-1].total == 3 * encoded.tokens
    assert [event.tokens for event in events] == sorted({event.tokens for event in events})
    assert [event.epoch for event in events][-1] == 3
    assert events[-1].rate == pytest.approx(config.min_alpha)
    assert all(0 < event.loss < 6 * math.log(2) + 1 for event in events)
    assert events[-1].loss < events[0].loss
    assert events[-1].words_per_s > 0 and events[-1].seconds_left == 0


def test_how_often_events_come_has_no_influence_on_the_vectors(encoded, monkeypatch):
    config = TrainConfig(threads=1, epochs=1, vector_size=8)
    results = []
    for between in (0.25, 1e-6):
        monkeypatch.setattr(loop, "BETWEEN", between)
        training = Training(encoded, config)
        events = list(training.run())
        results.append(training.vectors().vectors.copy())
    assert len(events) > 5
    np.testing.assert_array_equal(*results)


def test_two_threads_learn_what_one_learns(encoded):
    vectors = []
    for threads in (1, 2):
        training = Training(encoded, TrainConfig(threads=threads))
        losses = [event.loss for event in training.run()]
        vectors.append(training.vectors())
    assert losses[-1] < 1.5
    common = ["king", "rain", "paris", "walked", "boring"]
    for word in common:
        assert {w for w, _ in vectors[0].nearest(word, 3)} & {
            w for w, _ in vectors[1].nearest(word, 3)
        }


def test_a_run_that_leaves_the_range_of_numbers_stops_and_says_where(encoded):
    with pytest.raises(TrainingError, match=r"(epoch \d.*learning rate|finite).*lower alpha"):
        list(Training(encoded, TrainConfig(threads=2, alpha=1e6, min_alpha=1e6)).run())


@pytest.mark.parametrize(
    "seconds, size", [(0.25, 4000), (0.125, 8000), (0.0, 16_000), (100.0, 1000)]
)
def test_stretches_grow_and_shrink_toward_a_quarter_of_a_second(seconds, size):
    assert next_size(4000, seconds, 2) == size
    assert next_size(200, 100.0, 2) == 128


def test_the_first_stretch_is_short_where_tokens_are_costly():
    assert first_size(6, TrainConfig(), 2) == 2 * int(2e8 / 6000)
    assert first_size(63, TrainConfig(vector_size=1000, window=100, negative=60), 1) == 64


@pytest.mark.parametrize(
    "options",
    [
        {"vector_size": 1},
        {"vector_size": 1000},
        {"window": 1},
        {"window": 500},
        {"negative": 1},
        {"negative": 20},
        {"sample": 0.0},
        {"threads": 16},
        {"sample": 1e-6},
    ],
)
def test_the_ends_of_the_options_ranges_train(part_path, options):
    encoded = open_corpus(part_path, TrainConfig(threads=2))
    config = TrainConfig(**{"threads": 2, "epochs": 1, "vector_size": 4, **options})
    training = Training(encoded, config)
    assert list(training.run())[-1].tokens == encoded.tokens
    assert np.isfinite(training.vectors().vectors).all()


@pytest.mark.parametrize("corpus", [[["alone"]] * 3, [["a"], ["b"], ["c"], ["a"]]])
def test_a_corpus_without_a_pair_is_refused(corpus):
    encoded = open_corpus(corpus, TrainConfig(min_count=1, threads=2))
    for sample in (0.0, 1e-3):  # to keep frequent words would not help
        with pytest.raises(TrainingError, match="single word") as caught:
            list(Training(encoded, TrainConfig(threads=2, sample=sample)).run())
        assert "sample" not in str(caught.value)


def test_a_corpus_without_a_pair_after_subsampling_is_refused_naming_sample():
    encoded = open_corpus([["a", "b"]] * 3, TrainConfig(min_count=1, threads=1))
    with pytest.raises(TrainingError, match=" sample=0") as caught:
        list(Training(encoded, TrainConfig(threads=1, sample=1e-12, epochs=1)).run())
    assert caught.value.options == ("sample",)


def test_one_word_that_is_its_own_neighbour_trains():
    encoded = open_corpus([["house"] * 3] * 9, TrainConfig(min_count=1, threads=2))
    training = Training(encoded, TrainConfig(threads=2, sample=0))
    assert list(training.run())[-1].pairs > 0
    assert training.vectors().words == ["house"]


def divergences(corpus, epochs):
    """Mean Kullback-Leibler divergence of p(o|c) by naive softmax from the count ratios (Eq. 13),
    weighted by #c.
    """
    vectors = fastw2v.train(
        corpus,
        loss="softmax",
        window=2,
        shrink_window=False,
        sample=0,
        min_count=1,
        vector_size=16,
        epochs=epochs,
        alpha=0.1,
        threads=1,
    )
    numbers = [[vectors.id(word) for word in line] for line in corpus]
    counts = pair_counts(numbers, len(vectors), 2)
    # columns: given c
    p, q = (
        maximum_likelihood(counts),
        softmax(vectors.vectors @ vectors.output_vectors.T).T,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(counts > 0, p * np.log(p / q), 0).sum(axis=0)
    return float(each @ counts.sum(axis=0) / counts.sum())


def test_naive_softmax_comes_near_the_count_ratios(rng):
    """The divergence falls toward 0, which finite vectors do not reach where a ratio is 0."""
    corpus = [
        [f"w{(first + step) % 12}" for step in np.cumsum(rng.integers(0, 3, 8))]
        for first in rng.integers(0, 12, 60)
    ]
    found = [divergences(corpus, epochs) for epochs in (1, 10, 100, 600)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.2 and 0 < found[-1] < 0.03


def test_a_time_budget_that_ends_within_an_epoch_is_evaluated_too(encoded):
    events = list(
        Training(
            encoded, TrainConfig(time_budget="2s", eval_every=10**6), evaluate=lambda v: 1.0
        ).run()
    )
    assert isinstance(events[-1], Evaluated)


def test_where_a_ratio_is_0_or_1_it_is_only_approached():
    """On "house house house" and "bank bank bank" Eq. 13 is exactly 0 and 1."""
    corpus = [["house"] * 3, ["bank"] * 3]
    found = [divergences(corpus, epochs) for epochs in (10, 100, 1000)]
    assert found[0] > found[1] > found[2] > 0 and found[2] < 0.01


def test_a_large_naive_softmax_is_warned_of_with_the_time_it_takes(monkeypatch, encoded):
    monkeypatch.setattr(objectives, "SLOW_VOCABULARY", 100)
    first = next(Training(encoded, TrainConfig(loss="softmax", vector_size=4)).run())
    assert (
        isinstance(first, Notice)
        and "394 words" in first.text
        and "hours" in first.text
        and "--max-vocab" in first.text
    )


def test_words_in_common_begin_with_the_vectors_given(encoded):
    start = fastw2v.train(
        [["king", "rain", "zebra"]] * 9, vector_size=8, min_count=1, epochs=1, sample=0
    )
    training = Training(encoded, TrainConfig(vector_size=8, epochs=1), start)
    begun = training.vectors()
    np.testing.assert_array_equal(begun[["king", "rain"]], start[["king", "rain"]])
    king = start.id("king")
    np.testing.assert_array_equal(
        begun.output_vectors[begun.id("king")], start.output_vectors[king]
    )
    assert np.abs(begun["paris"]).max() <= 0.5 / 8 and "zebra" not in begun
    assert re.match("2 of 394 words .*output vectors", next(training.run()).text)


def test_ngrams_begin_with_those_of_the_same_buckets(encoded):
    options = {"vector_size": 8, "epochs": 1, "minn": 3, "maxn": 5, "buckets": 3000}
    start = fastw2v.train([["king", "kingdom", "rain"]] * 9, min_count=1, sample=0, **options)
    begun = Training(encoded, TrainConfig(**options), start).vectors()
    for bucket, row in start.subwords.rows.items():
        if bucket in begun.subwords.rows:
            np.testing.assert_array_equal(
                begun.subwords.vectors[begun.subwords.rows[bucket]], start.subwords.vectors[row]
            )
    np.testing.assert_array_equal(
        begun.subwords.own[begun.id("king")], start.subwords.own[start.id("king")]
    )
    for other, said in (
        ({"buckets": 7}, "minn=3, maxn=5, buckets=3000"),
        ({"vector_size": 9}, "vector_size=8"),
    ):
        with pytest.raises(TrainingError, match=said):
            Training(encoded, TrainConfig(**{**options, **other}), start)
    plain = fastw2v.train([["king", "rain"]] * 9, vector_size=8, min_count=1, epochs=1, sample=0)
    with pytest.raises(TrainingError, match="maxn"):
        Training(encoded, TrainConfig(**options), plain)
    plain.words = ["x", "y"]
    with pytest.raises(TrainingError, match="corpus"):
        Training(
            encoded, TrainConfig(vector_size=8), fastw2v.WordVectors(["x", "y"], plain.vectors)
        )


def test_a_model_goes_on_with_new_words_on_new_text():
    old = fastw2v.train(
        [["king", "queen", "castle"]] * 50, vector_size=8, min_count=1, epochs=3, sample=0
    )
    before = old.vectors.copy()
    new = fastw2v.train(
        [["king", "robot", "queen"]] * 50, vector_size=8, update=old, epochs=3, sample=0
    )
    assert set(new) == {"king", "queen", "castle", "robot"}
    assert dict(zip(new.words, new.counts.tolist(), strict=True)) == {
        "king": 100,
        "queen": 100,
        "castle": 50,
        "robot": 50,
    }
    # it is no word of the new text
    np.testing.assert_array_equal(new["castle"], before[old.id("castle")])
    assert np.abs(new["king"] - before[old.id("king")]).max() > 1e-4
    with pytest.raises(ConfigError, match="update"):
        fastw2v.train([["a", "b"]], update=old, init=old)
    with_ngrams = fastw2v.train([["king", "queen"]] * 50, min_count=1, sample=0, epochs=1, maxn=5)
    with pytest.raises(ConfigError, match=r"minn=3, maxn=5 .*buckets=2000000"):
        fastw2v.train([["a", "b"]] * 9, update=with_ngrams)


@pytest.mark.parametrize(
    "options",
    [
        {"init": {"king": 1}},
        {"update": 3},
        {"evaluate": 3},
        {"evaluate": lambda v: "x"},
        {"keep": 3},
        {"keep": lambda w, c: "keep"},
        {"vocab": ["a", "new york"]},
        {"vocab": {"a": 10**20}},
        {"vocab": {"a": None}},
        {"maxn": (3,)},
        {"time_budget": True},
    ],
)
def test_what_cannot_be_is_said(options):
    with pytest.raises(fastw2v.Fastw2vError):
        fastw2v.train([["a", "b"]] * 9, min_count=1, sample=0, **options)


def test_an_evaluation_without_a_known_word_is_refused_before_training(tmp_path):
    for text in ("x\ty\t1\nx\tz\t2\n", "x y z w\n"):
        (tmp_path / "pairs").write_text(text)
        with pytest.raises(fastw2v.Fastw2vError, match="pairs"):
            fastw2v.train([["a", "b"]] * 9, min_count=1, sample=0, evaluate=str(tmp_path / "pairs"))


def test_scores_are_told_and_a_run_stops_when_they_no_longer_rise(encoded):
    scores, seen, events = iter([0.1, 0.5, 0.4, 0.3, 0.9]), [], []
    found = fastw2v.train(
        [["a", "b", "c"]] * 50,
        vector_size=4,
        min_count=1,
        epochs=40,
        eval_every=2,
        patience=2,
        sample=0,
        evaluate=lambda vectors: seen.append(vectors.vectors.copy()) or next(scores),
        on_event=events.append,
    )
    told = [event for event in events if isinstance(event, Evaluated)]
    assert [event.epoch for event in told] == [2, 4, 6, 8] and [event.best for event in told] == [
        True,
        True,
        False,
        False,
    ]
    assert told[1].scores == {"score": 0.5}
    np.testing.assert_array_equal(found.vectors, seen[1])
    assert re.search("epoch 8.* epoch 4", events[-1].text)


def test_a_run_is_evaluated_at_its_end_whatever_the_interval():
    events = []
    fastw2v.train(
        [["a", "b"]] * 9,
        min_count=1,
        sample=0,
        epochs=3,
        eval_every=2,
        evaluate=lambda v: 1,
        on_event=events.append,
    )
    assert [event.epoch for event in events if isinstance(event, Evaluated)] == [2, 3]


def within(budget, encoded):
    """Seconds that a run with a time budget takes, and its Progress events."""
    config = TrainConfig(time_budget=budget, vector_size=8, threads=2)
    list(Training(encoded, TrainConfig(epochs=1, vector_size=8, threads=2)).run())  # compiles
    began = time.perf_counter()
    events = list(Training(encoded, config, began=began).run())
    return time.perf_counter() - began, [each for each in events if isinstance(each, Progress)]


@pytest.mark.clock
def test_a_time_budget_ends_the_run_in_time(encoded):
    assert 1.4 < within("1.5s", encoded)[0] < 4


def test_a_time_budget_ends_the_run_with_a_low_rate(encoded):
    _, events = within("0.7s", encoded)
    rates = [event.rate for event in events]
    assert rates == sorted(rates, reverse=True) and rates[0] > 0.01 and rates[-1] < 0.001
    assert events[-1].epoch > 1 and events[-1].tokens == pytest.approx(events[-1].total, rel=0.2)


def test_a_time_budget_that_is_over_before_training_begins_is_an_error(encoded):
    training = Training(
        encoded, TrainConfig(time_budget="1s", vector_size=8), began=time.perf_counter() - 100
    )
    with pytest.raises(TrainingError, match=r"1 s .* 10\d\.\d s"):
        list(training.run())


@pytest.mark.parametrize(
    "text, seconds", [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5s", 1.5)]
)
def test_times_are_read(text, seconds):
    assert TrainConfig(time_budget=text).seconds == seconds


@pytest.mark.parametrize("text", ["", "0", "m", "10 minutes", "-1", "1e3", "999999999999h"])
def test_times_that_are_none_are_refused(text):
    with pytest.raises(ConfigError, match="90s, 10m or 1h30m"):
        TrainConfig(time_budget=text)
