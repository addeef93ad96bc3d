"""Blocks trained one after the other on given rows, without planning: for the cost of a block, or
of a pair of words.
"""

import numpy as np

from fastw2v.kernels.jit import kernel
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.simd.tiles import padded
from fastw2v.kernels.train.block import Block, tile_tags
from fastw2v.kernels.train.hogwild import train_block
from fastw2v.kernels.train.plan import of_worker
from fastw2v.kernels.train.state import (
    NEGATIVES,
    Draws,
    KernelConfig,
    Rate,
    Run,
    Tables,
    allocate_workspace,
)

NO_DRAWS = Draws(
    np.zeros(1, np.uint32),
    np.zeros(1, np.uint64),
    np.zeros(1, np.int32),
    np.uint64(0),
    np.uint64(0),
)


@kernel
def train_blocks(inputs, m, targets, rate, repeats, run, workspace):
    """Train every block several times. inputs int32 [n, m or more];  targets int32 [n, T], the
    target first; where a block has all words for targets, targets int32 [n, 1].
    """
    ws, T = of_worker(workspace, 0), run.config.target_count
    for _ in range(repeats):
        for i in range(len(inputs)):
            rows = targets[i] if run.config.target_kind == NEGATIVES else ws.targets[0, 0]
            train_block(
                Block(inputs[i], m, m, False, rows, ws.labels[0], T, targets[i, 0]),
                rate,
                False,
                run,
                ws,
                -1,
            )


def random_tables(rng, rows, D, scale):
    """Two tables [rows, padded] of normal numbers."""
    tables = Tables(*(aligned_zeros((rows, padded(D, np.float32)), np.float32) for _ in range(2)))
    for table in tables[:2]:
        table[:, :D] = rng.normal(size=(rows, D)) * scale
    return tables


def prepare(tables, m, K, kind=NEGATIVES):
    """A Run and its Workspace for blocks of m words against K negatives, or against all words."""
    targets = K + 1 if kind == NEGATIVES else len(tables.W_out)
    tall, wide = tile_tags(targets if kind == NEGATIVES else 8)
    T = -(-targets // len(wide)) * len(wide)
    config = KernelConfig(-(-m // 2), 1, K, m, 0, T, target_kind=kind)
    run = Run(tables, NO_DRAWS, config, Rate(0.0, 0.0, 0.0), tall, wide)
    return run, allocate_workspace(1, config, tables, aligned_zeros)
