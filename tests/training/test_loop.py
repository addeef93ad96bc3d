import math

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.errors import TrainingError
from fastw2v.training import loop
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
        assert {w for w, _ in vectors[0].nearest(word, 3)} & {w for w, _ in vectors[1].nearest(word, 3)}


def test_a_run_that_leaves_the_range_of_numbers_stops_and_says_where(encoded):
    with pytest.raises(TrainingError, match=r"epoch \d.*learning rate.*lower --alpha|not finite; lower --alpha"):
        list(Training(encoded, TrainConfig(threads=2, alpha=1e6, min_alpha=1e6)).run())


@pytest.mark.parametrize("seconds, size", [(0.25, 4000), (0.125, 8000), (0.0, 16_000), (100.0, 1000)])
def test_stretches_grow_and_shrink_toward_a_quarter_of_a_second(seconds, size):
    assert next_size(4000, seconds, 2) == size
    assert next_size(200, 100.0, 2) == 128


def test_the_first_stretch_is_short_where_tokens_are_costly():
    assert first_size(TrainConfig(), 2) == 2 * int(2e8 / 6000)
    assert first_size(TrainConfig(vector_size=1000, window=100, negative=60), 1) == 64


@pytest.mark.parametrize("options", [{"vector_size": 1}, {"vector_size": 1000}, {"window": 1}, {"window": 500}, {"negative": 1},
                                     {"negative": 20}, {"sample": 0.0}, {"threads": 16}, {"sample": 1e-6}])  # fmt: skip
def test_the_ends_of_the_options_ranges_train(encoded, options):
    config = TrainConfig(**{"threads": 2, "epochs": 1, "vector_size": 4, **options})
    training = Training(encoded, config)
    assert list(training.run())[-1].tokens == encoded.tokens
    assert np.isfinite(training.vectors().vectors).all()


@pytest.mark.parametrize("corpus", [[["alone"]] * 3, [["a"], ["b"], ["c"], ["a"]]])
def test_a_corpus_without_a_pair_is_refused(corpus):
    encoded = open_corpus(corpus, TrainConfig(min_count=1, threads=2))
    with pytest.raises(TrainingError, match="no two words that subsampling kept share a line"):
        list(Training(encoded, TrainConfig(threads=2)).run())


def test_one_word_that_is_its_own_neighbour_trains():
    encoded = open_corpus([["house"] * 3] * 9, TrainConfig(min_count=1, threads=2))
    training = Training(encoded, TrainConfig(threads=2, sample=0))
    assert list(training.run())[-1].pairs > 0
    assert training.vectors().words == ["house"]
