"""The vectors that tiles are made of: as long as the registers of the processor that code is
compiled for make fast.

A tile must fit the registers, or its sums are written to memory and read again in every turn of the
innermost loops. AVX-512 has 32 registers of 64 bytes, AVX2 has 16 of 32 bytes, NEON 32 of 16 bytes.
"""

import llvmlite.binding
from numba import config

LINE = 64  # bytes of a cache line; the rows of tables are padded to whole ones


def cpu_features() -> frozenset[str]:
    """Return the features that Numba compiles for, in LLVM's words: the machine's, unless
    NUMBA_CPU_NAME or NUMBA_CPU_FEATURES say otherwise.
    """
    if config.CPU_FEATURES is not None or config.CPU_NAME not in (None, "host"):
        named = (config.CPU_FEATURES or "").split(",")
        return frozenset(name[1:] for name in named if name.startswith("+"))
    features = llvmlite.binding.get_host_cpu_features()
    return frozenset(name for name, present in features.items() if present)


VECTOR = LINE if "avx512f" in cpu_features() else LINE // 2  # bytes of a vector
VECTORS = LINE // VECTOR  # vectors of a cache line
SCORES = 16 if VECTOR == LINE else 12  # of a tile, at most: a vector of sums for each
