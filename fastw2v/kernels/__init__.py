"""Compiled arithmetic.

Leaves compute on rows they are given; drivers loop, draw and choose rows; nothing here checks
input.
"""

import os
import sys


def reserve_threads(threads, cores):
    """Ask for a pool of so many threads, if there are fewer cores: Numba fixes its size when it is
    first imported.

    Does nothing once Numba is there, or where NUMBA_NUM_THREADS is set.
    """
    if "numba" not in sys.modules and threads > cores:
        os.environ.setdefault("NUMBA_NUM_THREADS", str(threads))
