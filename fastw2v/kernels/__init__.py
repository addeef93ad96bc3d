"""Compiled arithmetic.

Leaves compute on rows they are given; drivers loop, draw and choose rows; nothing here checks
input.
"""

import os
import sys
from contextlib import suppress

# Address space that compiling takes, in MB: 670 for `train` on 2 threads, 1,180 on 8 (Numba 0.68,
# LLVM 20, Linux), and some more.
MB_TO_COMPILE, MB_OF_A_THREAD = 640, 100


def too_little_memory(threads: int) -> tuple[int, int] | None:
    """Return how much address space ``ulimit -v`` allows and compiling needs, in MB, if it is less.

    LLVM then aborts the process, or waits forever.
    """
    with suppress(ImportError):  # Windows has no such limits
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        needed = MB_TO_COMPILE + MB_OF_A_THREAD * threads
        if limit != resource.RLIM_INFINITY and limit < needed << 20:
            return limit >> 20, needed
    return None


def reserve_threads(threads: int, cores: int) -> None:
    """Reserve a pool of ``threads``, if there are fewer cores: Numba fixes its size when it is
    first imported.

    Does nothing once Numba is there, or where NUMBA_NUM_THREADS is set.
    """
    if "numba" not in sys.modules and threads > cores:
        os.environ.setdefault("NUMBA_NUM_THREADS", str(threads))
