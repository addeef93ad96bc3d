"""What becomes of rows that ranks have changed, when they are due, and how often they are moved."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.training import merging
from fastw2v.training.communicator import SingleProcess
from fastw2v.training.merging import MAX_ROUNDS, MERGE_UPDATES, SharedTable, merge, update_counts
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import run_tables
from fastw2v.training.trainers import make_trainer
from tests.helpers.ranks import on_ranks

DECAY = 0.006


class Given:
    """Moves that are known."""

    def __init__(self, moves):
        self.moves = moves

    def take(self, rows):
        moves = self.moves[rows]
        self.moves[rows] = 0
        return moves


def slow_merge(rows, base, moves):
    """What the module says, row by row, in float64; rows [ranks, n, D], moves [ranks, n]."""
    merged, q = base.astype(np.float64), np.exp(-DECAY)
    for row in range(len(base)):
        changes = [
            rows[rank, row].astype(np.float64) - base[row]
            for rank in range(len(rows))
            if moves[rank, row] > 0
        ]
        n = [float(moves[rank, row]) for rank in range(len(rows)) if moves[rank, row] > 0]
        if changes:
            length = sum(changes) @ sum(changes)
            scale = max(
                sum(d @ d for d in changes) / length,
                (1 - q ** sum(n)) / sum(1 - q**each for each in n),
            )
            merged[row] += min(scale, 1) * sum(changes)
    return merged


def brought_together(rows, base, moves):
    """Tables of every rank after some rows were merged."""

    def work(communicator):
        n, D = base.shape
        shared = SharedTable(
            base.copy(), Given(moves[communicator.rank].copy()), np.full(n, 1e9), communicator, D
        )
        shared.table[:] = rows[communicator.rank]
        shared.synchronise(1, 1, DECAY)
        np.testing.assert_array_equal(shared.table, shared.base)
        return shared.table

    return on_ranks(len(rows), work)


def changed(rng, ranks, n, D):
    """Rows [ranks, n, D] float32 that some ranks have moved from a base, as often as it says
    [ranks, n].
    """
    base = rng.normal(size=(n, D)).astype(np.float32)
    moves = rng.integers(0, 4, (ranks, n)) * rng.integers(1, 2000, (ranks, n))
    common, own = rng.normal(size=(1, n, D)), rng.normal(size=(ranks, n, D))
    rows = base + ((common + own) * (moves > 0)[:, :, None]).astype(np.float32)
    return rows, base, moves


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_rows_are_brought_together_as_the_sums_say(rng, ranks, monkeypatch):
    monkeypatch.setattr(merging, "ROWS", 14)
    monkeypatch.setattr(merging, "BLOCK", 4)
    rows, base, moves = changed(rng, ranks, 40, 6)
    tables = brought_together(rows, base, moves)
    np.testing.assert_allclose(tables[0], slow_merge(rows, base, moves), rtol=2e-4, atol=2e-5)
    assert len({table.tobytes() for table in tables}) == 1


def merged(changes, moves):
    """Merged changes [n, D] of each rank's [ranks, n, D], moved so often by each."""
    parts = np.concatenate([changes, np.full((*changes.shape[:2], 1), moves)], axis=2).astype(
        np.float32
    )
    merge(parts, DECAY, out := np.empty_like(parts[0]))
    return out[:, :-1]


@pytest.mark.parametrize("moves", [1, 1e9])
def test_changes_that_have_nothing_in_common_are_added_up(moves):
    np.testing.assert_allclose(merged(np.eye(3)[:, None], moves), [[1, 1, 1]], rtol=1e-6)


def test_changes_that_are_the_same_are_added_up_if_they_are_few_and_make_a_mean_if_many():
    same = np.ones((3, 1, 2))
    np.testing.assert_allclose(merged(same, 1e-3), [[3, 3]], rtol=1e-4)
    np.testing.assert_allclose(merged(same, 1e9), [[1, 1]], rtol=1e-4)


def test_rows_never_go_further_than_the_sum_nor_less_far_than_the_mean(rng):
    changes = rng.normal(size=(4, 200, 3)) + rng.normal(size=(1, 200, 3)) * rng.exponential(
        2, (1, 200, 1)
    )
    for moves in (1, 100, 10_000):
        share = (merged(changes, moves) / changes.sum(axis=0))[:, 0]
        assert (share >= 0.25 - 1e-5).all() and (share <= 1 + 1e-5).all()


def test_a_row_that_one_rank_moved_becomes_that_ranks(rng):
    rows, base, moves = changed(rng, 3, 40, 6)
    moves[1:], rows[1:] = 0, base
    np.testing.assert_allclose(
        brought_together(rows, base, moves)[2], rows[0], rtol=1e-6, atol=1e-6
    )


def test_changes_too_small_for_their_squares_are_added_up():
    np.testing.assert_allclose(merged(np.full((2, 1, 2), 1e-30), 5), [[2e-30, 2e-30]], rtol=0.05)


def test_frequent_rows_are_due_after_every_round_and_rare_ones_in_turn():
    moves = np.array([0, 1e6, MERGE_UPDATES, MERGE_UPDATES / 5])
    shared = SharedTable(np.zeros((4, 1), np.float32), Given(np.ones(4)), moves, SingleProcess(), 1)
    for part, apart in (
        (1, [MAX_ROUNDS, 1, 1, 4]),
        (1 / 4, [MAX_ROUNDS, 1, 4, 16]),
        (1e-6, [MAX_ROUNDS, 16, 16, 16]),
    ):
        due = [shared.due(rounds, part) for rounds in range(1, 2 * MAX_ROUNDS + 1)]
        assert np.bincount(np.concatenate(due)).tolist() == [
            2 * MAX_ROUNDS // each for each in apart
        ]
        assert len(due[MAX_ROUNDS - 1]) == len(due[-1]) == len(shared.due(0, part)) == 4
    shared.table[:] = 7
    shared.synchronise(1, 1, DECAY)
    assert shared.base.ravel().tolist() == [0, 7, 7, 0]
    shared.synchronise(0, 1, DECAY)
    assert shared.base.ravel().tolist() == [7, 7, 7, 7]


def test_the_mean_square_is_of_rows_as_often_as_they_are_moved(rng):
    table, moves = rng.normal(size=(5000, 8)).astype(np.float32), rng.exponential(1, 5000)
    shared = SharedTable(table, Given(moves), moves, SingleProcess(), 8)
    expected = np.average((table.astype(np.float64) ** 2).sum(axis=1), weights=moves)
    table[:] = 0
    assert shared.mean_square() == pytest.approx(expected, rel=1e-5)


def test_only_rows_that_were_moved_are_sent(rng):
    base = rng.normal(size=(1000, 8)).astype(np.float32)

    def work(communicator):
        shared = SharedTable(base.copy(), Given(np.ones(1000)), np.full(1000, 1e9), communicator, 8)
        shared.table[communicator.rank * 10 : communicator.rank * 10 + 10] += 1
        shared.synchronise(1, 1, DECAY)
        return communicator.sent, shared.table

    for sent, table in on_ranks(2, work):
        # a byte a row, and the rows that anybody moved: half of each there, half back
        assert sent == 1000 + 20 * 9 * 4
        np.testing.assert_allclose(table[:20], base[:20] + 1, rtol=1e-6)
        np.testing.assert_array_equal(table[20:], base[20:])


@pytest.fixture(scope="module")
def encoded(world_path):
    return open_corpus(world_path, TrainConfig(threads=2))


OBJECTIVES = [
    {},
    {"minn": 3, "maxn": 4, "buckets": 500},
    {"model": "cbow"},
    {"loss": "hs"},
    {"loss": "softmax"},
]


@pytest.mark.parametrize("options", OBJECTIVES)
def test_moves_are_counted_for_all_rows_that_training_moves(encoded, options):
    config = TrainConfig(threads=1, epochs=1, vector_size=4, **options)
    tables, _ = run_tables(encoded.vocabulary, config)
    before = [table.copy() for table in tables[:2]]
    make_trainer(encoded, config, tables).train(
        0, 0, 20_000, EpochSchedule(config, len(encoded.ids)).rate(0, 0, 1)
    )
    first, second = (
        np.bincount(ids[ids >= 0], minlength=394)
        for ids in (encoded.ids[:5000], encoded.ids[5000:20_000])
    )
    for old, new, moves in zip(
        before, tables, update_counts(encoded.vocabulary, config, tables), strict=False
    ):
        moved = (old != new).any(axis=1)
        moves.count(first)
        moves.count(second)
        taken = moves.take(np.arange(len(new)))
        np.testing.assert_allclose(taken, moves.expected(first + second))
        assert (taken[moved] > 0).mean() > 0.99  # words of a window may stand beyond its end
        assert not moves.take(np.arange(len(new))).any()
