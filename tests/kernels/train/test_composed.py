"""Composed rows: what comes into sight, what is added when it goes, and the rows it is kept in."""

import numpy as np
import pytest

from fastw2v.equations.subwords import word_vector
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.train.block import all_lanes
from fastw2v.kernels.train.composed import begin_span, end_span, move_sight, ring_rows
from fastw2v.kernels.train.plan import of_worker
from fastw2v.kernels.train.state import KernelConfig, Rate, Run, Tables, allocate_workspace
from tests.helpers.draws import DRAWS

ROWS, PADDED, RING = 20, 16, 4
BAGS = [[0, 9, 10], [1], [2, 11, 11], [3, 9], [4, 12, 13, 14], [5, 9, 10]]


@kernel
def sights(moves, changed, run, workspace):
    """Have tokens moves[i, 0] ... moves[i, 1] - 1 in sight, and add 1 to row changed[i]."""
    ws = of_worker(workspace, 0)
    begin_span(ws)
    for i in range(len(moves)):
        move_sight(moves[i, 0], moves[i, 1], run, ws, all_lanes(run.tables.W_in))
        for d in range(run.tables.W_in.shape[1]):
            run.tables.W_in[changed[i], d] += 1


@kernel
def finish(run, workspace):
    end_span(run, of_worker(workspace, 0), all_lanes(run.tables.W_in))


@pytest.fixture
def span(rng):
    """A Run whose words are made of BAGS, and a workspace in which token t is word t."""
    table = aligned_zeros((ROWS + 2 * RING, PADDED), np.float64)
    table[:ROWS] = rng.normal(size=(ROWS, PADDED))
    tables = Tables(
        table,
        aligned_zeros((ROWS, PADDED), np.float64),
        subword_ids=np.concatenate(BAGS).astype(np.int32),
        subword_starts=np.cumsum([0, *map(len, BAGS)]),
    )
    config = KernelConfig(2, 2, 5, 4, 0, 6, ring=RING, composed_begin=ROWS)
    workspace = allocate_workspace(1, config, tables, aligned_zeros)
    workspace.words[0, : len(BAGS)] = range(len(BAGS))
    run = Run(tables, DRAWS, config, Rate(0.0, 0.0, 0.0), (0,), (0,) * 6, composed_begin=ROWS)
    return run, workspace


def test_a_token_in_sight_has_the_mean_of_its_subwords(span):
    run, workspace = span
    before = run.tables.W_in[:ROWS].copy()
    sights(np.array([[0, 3], [1, 5]]), np.array([ROWS + 3, ROWS + 3]), run, workspace)
    for token in range(1, 5):
        row = run.tables.W_in[ROWS + token % RING]
        kept = run.tables.W_in[ROWS + RING + token % RING]
        mean = word_vector(BAGS[token], before)
        np.testing.assert_allclose(kept, mean, atol=1e-15)
        np.testing.assert_allclose(row, mean + (1 if token == 3 else 0), atol=1e-15)


def test_what_a_token_has_changed_goes_once_to_each_mention_of_a_row(span):
    run, workspace = span
    expected = run.tables.W_in[:ROWS].copy()
    # token 0 while it is in sight, then token 2 twice; tokens 3 and 4 are never in sight
    sights(
        np.array([[0, 3], [1, 3], [2, 3], [5, 6]]),
        np.array([ROWS, ROWS + 2, ROWS + 2, 8]),
        run,
        workspace,
    )
    finish(run, workspace)
    for row, change in [(0, 1), (9, 1), (10, 1), (2, 2), (11, 4), (8, 1)]:
        expected[row] += change
    np.testing.assert_allclose(run.tables.W_in[:ROWS], expected, atol=1e-14)


def test_tokens_that_are_not_trained_change_nothing(span):
    run, workspace = span
    before = run.tables.W_in[:ROWS].copy()
    moves = np.array([[max(0, c - 1), min(c + 2, len(BAGS))] for c in range(len(BAGS))])
    sights(moves, np.full(len(moves), ROWS - 1), run, workspace)
    finish(run, workspace)
    np.testing.assert_array_equal(run.tables.W_in[: ROWS - 1], before[: ROWS - 1])


@pytest.mark.parametrize(("tokens", "rows"), [(1, 1), (2, 2), (3, 4), (11, 16), (16, 16), (17, 32)])
def test_a_ring_is_the_least_power_of_two_that_holds_the_tokens(tokens, rows):
    assert ring_rows(tokens) == rows
