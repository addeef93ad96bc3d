"""Preparation of the process before anything is compiled."""

import os
import re
from collections.abc import Callable

from fastw2v.cores import available_cores
from fastw2v.errors import ConfigError, TrainingError


def begin_compiling(threads: int = 1, on_compile: Callable[[], object] | None = None) -> None:
    """Reserve a pool of threads, and compile faster.

    on_compile : called whenever a function is about to be compiled.
    Raises TrainingError as ``check_limit``, and ConfigError for a number of threads that Numba
    refuses.
    """
    threads_of_numba = os.environ.get("NUMBA_NUM_THREADS", "").strip()
    if threads_of_numba and not re.fullmatch(r"0*[1-9]\d{0,8}", threads_of_numba):
        raise ConfigError(
            "NUMBA_NUM_THREADS must be a number of threads above 0; unset or correct it"
        )
    check_limit(threads)
    from fastw2v.kernels import reserve_threads

    reserve_threads(threads, available_cores())
    from fastw2v.kernels.jit import leave_loops_rolled

    leave_loops_rolled()
    if on_compile:
        from fastw2v.kernels.numba_compat import call_on_compile

        call_on_compile(on_compile)


def check_limit(threads: int = 1) -> None:
    """Raise TrainingError if ``ulimit -v`` is too low: LLVM would abort or wait forever.

    Call it before Numba is imported.
    """
    from fastw2v.kernels import too_little_memory

    # the pool has at least one thread per core
    if found := too_little_memory(max(threads, available_cores())):
        limit, needed = found
        raise TrainingError(
            f"ulimit -v allows {limit:,} MB of address space, and compiling needs"
            f" {needed:,} MB; ulimit -v {needed << 10} allows that"
        )
