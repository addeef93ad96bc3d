"""The only use of Numba's private attributes: what its disk cache and threads do not offer in
public.

On a Numba whose internals differ, ``bind_disk_cache`` says so, and code is compiled without a disk
cache: stale machine code could be used otherwise.
"""

import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numba

VERSION = numba.__version__
_STATE = {"pool_lost": False}


def bind_disk_cache(compiled: Any, sources: str, on_failure: Callable[[], None]) -> bool:
    """Let machine code on disk be used only with the sources it was made of, and let a failing save
    cost the cache only.

    Numba compares the one file that a function is in, and fails on what a version with other types
    has left.

    compiled : a function that Numba compiles with ``cache=True``;  sources : a hash of all
        sources of compiled code;
    on_failure : called when machine code could not be saved. Returns whether this Numba can be
        bound so.
    """
    try:
        disk, save = compiled._cache, compiled._cache.save_overload
        version = disk._cache_file._version
    except AttributeError:
        return False
    if not isinstance(version, str):
        return False
    disk._cache_file._version = f"{version} {sources}"

    def save_overload(*arguments: Any) -> None:
        try:
            save(*arguments)
        except OSError:  # the directory is full, or has become read-only
            on_failure()

    disk.save_overload = save_overload
    return True


@cache
def warn_unknown_cache() -> None:
    """Warn, once, that this Numba keeps its disk cache in an unknown way."""
    warnings.warn(
        f"Numba {VERSION} keeps compiled code in a way that this fastw2v does not know: every start"
        " compiles; install a version of Numba that fastw2v was tested with, or a newer fastw2v",
        RuntimeWarning,
        stacklevel=2,
    )


def disk_cache_folder(compiled: object) -> str | None:
    """Return the directory in which the machine code of a compiled function is kept, or None."""
    disk = getattr(compiled, "_cache", None)
    return str(disk.cache_path) if disk else None


def call_on_compile(callback: Callable[[], object]) -> None:
    """Call ``callback`` whenever Numba begins to compile a function, which it does not do for code
    that it finds on disk. A Numba without such events never calls it.
    """
    try:
        from numba.core import event
    except ImportError:
        return

    class Listener(event.Listener):
        def on_start(self, event: object) -> None:
            callback()

        def on_end(self, event: object) -> None:
            pass

    event.register("numba:compile", Listener())


def available_threads(threads: int) -> int:
    """Return ``threads``, or the size of Numba's pool if that is smaller (see
    ``kernels.reserve_threads``).
    """
    return min(threads, numba.config.NUMBA_NUM_THREADS)


def pool_was_lost() -> bool:
    """Return whether this process was forked from one with a pool of GNU OpenMP, which ends a child
    that uses it.
    """
    return _STATE["pool_lost"]


def _note_fork() -> None:
    with suppress(ValueError):  # no pool yet
        _STATE["pool_lost"] = _STATE["pool_lost"] or numba.threading_layer() == "omp"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
