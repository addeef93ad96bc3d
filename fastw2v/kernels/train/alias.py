"""Walker's alias table: draws from a fixed distribution, built in O(V), each draw O(1), exact to
2**-64.

Source: Vose 1991, "A linear algorithm for generating random numbers with a given distribution".
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf, maker
from fastw2v.kernels.simd.bits import multiply_wide
from fastw2v.kernels.simd.rows import prefetch_to_read


class AliasTable(NamedTuple):
    """V buckets of equal probability; a bucket is itself up to its threshold, and its alias beyond.

    threshold : uint64 [V], the share of the bucket times 2**64;  alias : int32 [V], itself
        where the bucket is whole.
    """

    threshold: np.ndarray
    alias: np.ndarray


def alias_table(probabilities: ArrayLike) -> AliasTable:
    """Build the table for ``probabilities`` [V], which add to 1 (Eq. 17 gives the noise
    distribution).
    """
    return AliasTable(*_build(np.ascontiguousarray(probabilities, np.float64)))


@maker
def _build(probabilities: Array) -> tuple[Array, Array]:
    V = len(probabilities)
    threshold, alias = np.zeros(V, np.uint64), np.arange(V).astype(np.int32)
    share = probabilities * V
    small, large = np.empty(V, np.int64), np.empty(V, np.int64)
    n_small = n_large = 0
    for word in range(V):
        if share[word] < 1.0:
            small[n_small] = word
            n_small += 1
        else:
            large[n_large] = word
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        poor, rich = small[n_small], large[n_large - 1]
        threshold[poor] = np.uint64(share[poor] * 18446744073709551616.0)
        alias[poor] = rich
        share[rich] -= 1.0 - share[poor]
        if share[rich] < 1.0:
            n_large -= 1
            small[n_small] = rich
            n_small += 1
    return threshold, alias


@leaf
def prefetch_bucket(table: Any, random: np.uint64) -> None:
    """Prefetch what ``draw_word`` reads for a random uint64."""
    bucket = np.int64(multiply_wide(random, np.uint64(len(table.alias)))[0])
    prefetch_to_read(table.threshold, bucket, 0)
    prefetch_to_read(table.alias, bucket, 0)


@leaf
def draw_word(table: Any, random: np.uint64) -> int:
    """A word (int64) from a random uint64 and anything with the table's two arrays.

    The product with V gives the bucket, and what remains of it a place within the bucket.
    """
    bucket, place = multiply_wide(random, np.uint64(len(table.alias)))
    # read in any case: a jump that nobody can predict would cost more
    alias = np.int64(table.alias[bucket])
    return np.int64(bucket) if place < table.threshold[bucket] else alias
