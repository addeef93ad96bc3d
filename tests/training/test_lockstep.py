"""In lockstep the same seed gives the same bytes on any number of threads, and the reference's
numbers.
"""

import math
import random
import signal
import threading
import time

import numpy as np
import pytest

import fastw2v
from fastw2v.config import TrainConfig
from fastw2v.corpus.documents import documents_of
from fastw2v.errors import TrainingError
from fastw2v.events import Progress
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.train.state import (
    GROUP_CENTRES,
    GROUPS_PLANNED,
    KernelConfig,
    group_size,
    slice_bounds,
)
from fastw2v.training import lockstep
from fastw2v.training.lockstep import run_together
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import run_tables
from fastw2v.training.trainers import make_trainer
from tests.helpers.trained import CASES, make_corpus, train_both

COMBINED = "CBOW of subwords by hierarchical softmax"


@pytest.fixture
def cores(monkeypatch):
    """As if there were many."""
    monkeypatch.setattr(lockstep, "available_cores", lambda: 16)


@pytest.mark.parametrize(
    "name",
    ["negatives per window", "negatives per pair", "CBOW", "naive softmax", COMBINED, "DBOW", "DM"],
)
def test_float64_equals_the_reference(rng, name):
    for slow, fast in zip(
        *train_both(rng, np.float64, 10**9, deterministic=True, **CASES[name]), strict=True
    ):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["negatives per window", COMBINED])
def test_float64_with_factors_equals_the_reference(rng, name):
    tables = train_both(rng, np.float64, 10**9, scaled=True, deterministic=True, **CASES[name])
    for slow, fast in zip(*tables, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


def tables_after(threads, stretch=10**9, **options):
    config = TrainConfig(
        **{"threads": threads, "epochs": 1, "vector_size": 200, "deterministic": True, **options}
    )
    _, encoded = make_corpus(np.random.default_rng(5), tokens=1000)
    documents = documents_of(encoded.ids) if config.has_documents else None
    tables, _ = run_tables(encoded.vocabulary, config, documents=documents)
    trainer, N = make_trainer(encoded, config, tables), len(encoded.ids)
    rate = EpochSchedule(config, N).rate(0, 0, N)
    for start in range(0, N, stretch):
        statistics = trainer.train(0, start, min(start + stretch, N), rate)
    return [table.tobytes() for table in tables[:2]] + [statistics.loss]


@pytest.mark.skipif(not JIT, reason="there is one thread where nothing is compiled")
@pytest.mark.parametrize("name", ["negatives per window", "negatives per pair", COMBINED, "DM"])
def test_all_numbers_of_threads_give_the_same_bytes(cores, name):
    expected = tables_after(1, **CASES[name] | {"vector_size": 200})
    for threads in (2, 3, 7, 16):
        assert tables_after(threads, **CASES[name] | {"vector_size": 200}) == expected


def test_where_a_stretch_ends_has_no_influence():
    assert tables_after(1, GROUPS_PLANNED * GROUP_CENTRES)[:2] == tables_after(1)[:2]


def test_another_seed_gives_other_bytes():
    assert tables_after(1, seed=2) != tables_after(1)


def test_a_group_is_the_power_of_two_below_its_limits():
    shape = KernelConfig(
        window=5, min_radius=1, negative=5, inputs_per_block=10, pool=0, target_count=6
    )
    sizes = [group_size(shape, most) for most in (math.inf, 1000, 64, 50, 3.3, 1, 0.2)]
    assert sizes == [64, 64, 64, 32, 2, 1, 1]
    # many targets: their scores would not fit
    assert group_size(shape._replace(target_count=30_000), 1000) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"window": 20},
        {"window": 20, "alpha": 0.05},
        {"alpha": 0.05},
        {"model": "dbow", "epochs": 10},
        {"model": "cbow", "cbow_gradient": "word2vec", "window": 20},
    ],
    ids=str,
)
def test_long_lines_of_few_words_train_as_well_as_by_hogwild(options):
    def loss(**more):
        """The mean loss of a pair in the last epoch, however many events tell of it."""
        events = []
        chosen = {"epochs": 3} | options | more
        fastw2v.train(
            topics(), min_count=1, sample=0, vector_size=32, **chosen, on_event=events.append
        )
        parts = [event for event in events if isinstance(event, Progress)]
        losses = np.array([part.loss for part in parts])  # nan where no pair is sampled
        pairs = np.diff([0, *(part.pairs for part in parts)])
        counted = np.isfinite(losses) & [part.epoch == chosen["epochs"] for part in parts]
        return np.average(losses[counted], weights=pairs[counted])

    assert loss(deterministic=True) == pytest.approx(loss(threads=1), rel=0.05)


def topics(lines=30, length=1000):
    """Lines of few words, most of them of one topic of ten words."""
    draw = random.Random(4)

    def word(topic):
        return f"w{10 * topic + draw.randrange(10) if draw.random() < 0.8 else draw.randrange(60)}"

    return [
        [word(topic) for _ in range(length)] for topic in (draw.randrange(6) for _ in range(lines))
    ]


@pytest.mark.parametrize(
    "lane_groups, bounds",
    [(1, [0, 1]), (2, [0, 2]), (7, [0, 1, 3, 5, 7]), (19, [0, 2, 4, 7, 9, 11, 14, 16, 19])],
)
def test_slices_depend_on_the_vector_size_only(lane_groups, bounds):
    assert slice_bounds(lane_groups).tolist() == bounds


def test_what_goes_wrong_in_a_thread_is_raised():
    def work(worker):
        if worker == 1:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_together(3, work)


@pytest.mark.skipif(not JIT, reason="there is one thread where nothing is compiled")
def test_what_goes_wrong_in_one_thread_ends_the_others(cores, monkeypatch):
    """They would wait for it for ever."""
    train_slices = lockstep.train_slices

    def failing(tokens, start, stop, run, workspace, worker, workers):
        if worker == 1:
            raise MemoryError
        train_slices(tokens, start, stop, run, workspace, worker, workers)

    _, encoded = make_corpus(np.random.default_rng(5), tokens=3000)
    config = TrainConfig(threads=3, epochs=1, vector_size=200, deterministic=True)
    trainer = make_trainer(encoded, config, run_tables(encoded.vocabulary, config)[0])
    monkeypatch.setattr(lockstep, "train_slices", failing)
    with pytest.raises(MemoryError):
        trainer.train(0, 0, len(encoded.ids), EpochSchedule(config, len(encoded.ids)).rate(0, 0, 1))


def test_an_interrupt_waits_for_all_threads():
    ended = []

    def work(worker):
        if worker == 1:
            signal.raise_signal(signal.SIGINT)  # for the main thread, which waits
            time.sleep(0.2)
        ended.append(worker)

    with pytest.raises(KeyboardInterrupt):
        run_together(3, work)
    assert sorted(ended) == [0, 1, 2]


def test_a_thread_that_cannot_be_started_stops_all(monkeypatch):
    start, called = threading.Thread.start, []

    def starting(thread):
        if called:
            raise RuntimeError("can't start new thread")
        called.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    done = []
    with pytest.raises(TrainingError, match="threads"):
        run_together(3, done.append)
    assert not done


def test_documents_without_the_lines_of_a_corpus_are_refused():
    _, encoded = make_corpus(np.random.default_rng(5))
    with pytest.raises(TrainingError):
        run_tables(encoded.vocabulary, TrainConfig(model="dm"))
