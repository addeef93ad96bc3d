"""The one place that decides how code is compiled: no other file decorates with Numba.

leaf    a small function, inlined by LLVM into every compiled function that calls it.
kernel  a function that stands alone and works on one thread.
maker   a function that makes arrays.
driver  a kernel that may use ``prange``.
native  a function with two forms: LLVM code when the JIT is on, its NumPy twin when it is off.

There is no fast-math: what is to be vectorised is written in vectors (``tiles``), in a fixed order of operations, so
that a NaN stays a NaN and a sum does not depend on the machine's vector width.
"""

import hashlib
import os
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import numba
from numba import njit, prange
from numba.extending import intrinsic

__all__ = [
    "JIT", "VERSION", "available_threads", "cache_folder", "code_is_kept", "code_of", "driver", "kernel", "leaf",
    "leave_loops_rolled", "maker", "native", "pool_was_lost", "prange", "running_on",
]  # fmt: skip

JIT, VERSION = not numba.config.DISABLE_JIT, numba.__version__
OPTIONS = {"error_model": "numpy", "nogil": True}
_STATE = {"kept": True, "lost": False}  # what ``code_is_kept`` and ``pool_was_lost`` say


def compile_cached(function, **options):
    """Compile, keeping machine code on disk where some cache directory is writable, and without a cache elsewhere."""
    options |= OPTIONS
    try:
        compiled = njit(cache=True, **options)(function)
        if JIT:
            _keep_apart(compiled)
            _save_if_possible(compiled)
        return compiled
    except RuntimeError:  # "no locator available": neither the package nor the user's cache directory is writable
        _STATE["kept"] = False
        return njit(**options)(function)


def _keep_apart(compiled):
    """Let machine code on disk be used only by the sources that it was made of.

    Numba compares the one file that a function stands in, and cannot even read what a version with other types has left.
    """
    with suppress(AttributeError):  # a Numba that keeps its cache in another way
        compiled._cache._cache_file._version += f" {_sources()}"


def _save_if_possible(compiled):
    """Let a cache directory that is full, or has become read-only, cost the cache only."""
    with suppress(AttributeError):
        save = compiled._cache.save_overload

        def save_overload(*args):
            try:
                save(*args)
            except OSError:
                _STATE["kept"] = False

        compiled._cache.save_overload = save_overload


@cache
def _sources():
    """A hash of all files that hold compiled code."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def code_is_kept():
    """Whether machine code could be kept on disk so far, for the next process."""
    return _STATE["kept"]


def leaf(function):
    """Compile a small function that becomes a part of its callers."""
    return compile_cached(function, forceinline=True, _nrt=False)


def kernel(function):
    """Compile a function that works on one thread and allocates nothing; called from Python, it releases the GIL."""
    return compile_cached(function, _nrt=False)


def maker(function):
    """Compile a function that works on one thread and makes arrays."""
    return compile_cached(function)


def driver(function):
    """Compile a kernel that spreads its ``prange`` loop over threads."""
    return compile_cached(function, parallel=True)


def native(lower):
    """Decorator for a NumPy twin: where the JIT is on, calls go to the intrinsic ``lower(typing_context, *types)``."""
    return (lambda twin: intrinsic(lower)) if JIT else (lambda twin: twin)


def code_of(function, *arguments):
    """The machine code of a kernel for such arguments, as text: compiled anew, since code from disk cannot be read. Or ""."""
    if not JIT:
        return ""
    fresh = njit(**OPTIONS, _nrt=False)(function.py_func)
    fresh(*arguments)
    return "\n".join(fresh.inspect_asm().values())


def cache_folder(function):
    """Where the machine code of a compiled function is kept, or None."""
    return str(function._cache.cache_path) if JIT and code_is_kept() and getattr(function, "_cache", None) else None


def leave_loops_rolled():
    """Tell LLVM not to unroll loops of unknown length, for the whole process: a third less to compile, and no slower here.

    For programs that own their process, before anything is compiled.
    """
    import llvmlite.binding

    llvmlite.binding.set_option("fastw2v", "-unroll-runtime=false")


def available_threads(threads):
    """As many threads as asked for, or as Numba's pool has if that is fewer (see ``reserve_threads``)."""
    return min(threads, numba.config.NUMBA_NUM_THREADS)


def pool_was_lost():
    """Whether this process was forked from one whose pool of threads was GNU's OpenMP, which ends a child that uses it."""
    return _STATE["lost"]


def _look_for_pool():
    with suppress(ValueError):  # no pool yet
        _STATE["lost"] = _STATE["lost"] or numba.threading_layer() == "omp"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_look_for_pool)


@contextmanager
def running_on(threads):
    """Let ``prange`` run on so many threads within; afterwards on as many as before."""
    if not JIT:
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        yield
    finally:
        numba.set_num_threads(before)
