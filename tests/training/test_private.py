"""Which rows have private copies, and training with them."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.kernels.jit import JIT
from fastw2v.training.private import MOST_ROWS, NO_PLAN, plan_private_rows
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import composed_rows, run_tables
from fastw2v.training.trainers import make_trainer
from tests.helpers.trained import make_corpus

OBJECTIVES = [
    {},
    {"negatives_per": "pair"},
    {"model": "cbow"},
    {"loss": "hs"},
    {"loss": "hs", "model": "cbow"},
    {"minn": 3, "maxn": 4, "buckets": 50},
]


def make_plan(encoded, **options):
    config = TrainConfig(sample=0.0, **options)
    tables, _ = run_tables(encoded.vocabulary, config)
    return tables, plan_private_rows(encoded.vocabulary, config, tables)


def train(encoded, dtype=np.float64, **options):
    """Tables after an epoch, and its statistics."""
    config = TrainConfig(vector_size=8, epochs=1, sample=0.0, **options)
    tables, _ = run_tables(encoded.vocabulary, config, dtype)
    N = len(encoded.ids)
    trainer = make_trainer(encoded, config, tables)
    return tables, trainer.train(0, 0, N, EpochSchedule(config, N).rate(0, 0, N))


@pytest.mark.parametrize(
    "options", [{"threads": 1}, {"deterministic": True, "threads": 2}, {"loss": "softmax"}]
)
def test_plan_of_one_thread_or_dense_updates_is_empty(rng, options):
    tables, plan = make_plan(make_corpus(rng)[1], **{"threads": 2} | options)
    assert plan is NO_PLAN and len(tables.memory_in) == len(tables.W_in)


@pytest.mark.parametrize("options", OBJECTIVES)
@pytest.mark.parametrize("threads", [2, 16, 1024])
def test_plan_merges_hotter_rows_more_often_and_fits_into_memory(rng, options, threads):
    tables, plan = make_plan(make_corpus(rng)[1], threads=threads, **options)
    composed = composed_rows(TrainConfig(threads=threads, **options))
    behind = (len(tables.memory_in) - composed, len(tables.memory_out))
    for rows, due, table, length in zip(plan[:2], plan.due, tables[:2], behind, strict=True):
        assert (np.diff(due) >= 0).all() and due[-1] == rows.count
        assert rows.count <= min(MOST_ROWS, len(table) // threads)
        assert length == len(table) + 2 * threads * rows.count


@pytest.mark.skipif(not JIT, reason="one thread without the JIT")
@pytest.mark.parametrize("options", OBJECTIVES[:5])
def test_training_on_threads_brings_every_gradient_to_the_hot_rows(rng, options):
    """At a rate at which rows hardly move, gradients do not depend on their order."""
    encoded = make_corpus(rng)[1]
    options = options | {"alpha": 1e-7, "min_alpha": 0.0}
    one, alone = train(encoded, threads=1, **options)
    many, together = train(encoded, threads=4, **options)
    _, plan = make_plan(encoded, threads=4, **options)
    assert alone.pairs == together.pairs
    n = plan.rows_out.count  # W_out begins as zeros; W_in moves by what W_out has moved before
    change, wanted = (tables.W_out[:n, :8] for tables in (many, one))
    assert n and plan.rows_in.count
    np.testing.assert_allclose(change, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.skipif(not JIT, reason="one thread without the JIT")
@pytest.mark.parametrize("threads", [8, 32, 64])
@pytest.mark.parametrize("options", [{}, {"loss": "hs"}])
def test_training_on_many_threads_is_stable(rng, options, threads):
    encoded = make_corpus(rng)[1]
    _, alone = train(encoded, np.float32, threads=1, **options)
    tables, together = train(encoded, np.float32, threads=threads, **options)
    assert np.isfinite(tables.W_in).all() and np.isfinite(tables.W_out).all()
    assert together.loss / together.loss_pairs < 1.1 * alone.loss / alone.loss_pairs
