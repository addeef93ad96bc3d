"""Which rows of a run's tables have private copies, and how often these are merged.

Merging a row costs about as much as a few updates of it, and a copy that is merged late is trained
from old values. So a row has copies if it is updated at least MERGE_UPDATES times between two
merges of the rarest kind, and it is merged after about as many updates. One thread needs none.
"""

from typing import NamedTuple

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.equations.counts import keep_probability
from fastw2v.kernels.train.private import LEVELS, MERGE_CENTRES, PrivateRows
from fastw2v.kernels.train.state import Tables
from fastw2v.training.merging import update_counts
from fastw2v.training.objectives import targets_of

MERGE_UPDATES = 8  # updates of a row by one worker between two merges
MOST_ROWS = 64  # of a table: more of them gain little more (bench/NOTES.md)


class PrivatePlan(NamedTuple):
    """PrivateRows of W_in and W_out, and ``due``: see ``kernels.train.state.Tables``."""

    rows_in: PrivateRows
    rows_out: PrivateRows
    due: np.ndarray


NO_PLAN = PrivatePlan(PrivateRows(), PrivateRows(), np.zeros((2, LEVELS), np.int64))


def spare_rows(private: PrivateRows, threads: int) -> int:
    """Return the number of rows that the copies of all workers take."""
    return 2 * private.count * threads


def plan_private_rows(vocabulary: Vocabulary, config: TrainConfig, tables: Tables) -> PrivatePlan:
    """Return the PrivatePlan of a run.

    tables : of the shapes of the run; their content is not read.
    """
    targets, threads = targets_of(config), config.thread_count
    if threads == 1 or config.deterministic or not targets.few_targets:
        return NO_PLAN
    kept = keep_probability(vocabulary.counts, config.sample) * vocabulary.counts
    counts = update_counts(vocabulary, config, tables)
    updates = [table.expected(vocabulary.counts) for table in counts]
    if config.ngrams:
        updates[0] = np.zeros(0)
    due = np.stack([_due(rows / max(kept.sum(), 1), threads) for rows in updates])
    return PrivatePlan(*private_rows(due, tables), due)


def private_rows(due: np.ndarray, tables: Tables) -> tuple[PrivateRows, PrivateRows]:
    """Return the PrivateRows of W_in and W_out: all rows that are due at the last level."""
    return (
        PrivateRows(int(due[0, -1]), len(tables.W_in)),
        PrivateRows(int(due[1, -1]), len(tables.W_out)),
    )


def _due(rates: np.ndarray, threads: int) -> np.ndarray:
    """How many rows, the most often updated first, are due at each level.

    rates : updates of each row for one centre.
    """
    rates = rates[: min(MOST_ROWS, len(rates) // threads)]
    centres = MERGE_UPDATES / np.maximum(rates, 1e-12)
    level = np.floor(np.log2(np.maximum(centres / MERGE_CENTRES, 1)))
    level = np.maximum.accumulate(level)  # rows may not be in order of their rates
    return np.searchsorted(level, np.arange(LEVELS), side="right")
