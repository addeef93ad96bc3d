"""The one place that decides how code is compiled: no other file decorates with Numba.

leaf    a small function, which LLVM inlines into every compiled function that calls it.
kernel  a function that is compiled on its own and works on one thread.
maker   a kernel that allocates arrays.
driver  a kernel that may use ``prange``.
native  a function in two forms: LLVM code when the JIT is on, its NumPy twin when it is off.

There is no fast-math: what is vectorised is written in vectors (``simd``), in a fixed order of
operations, so that a NaN stays a NaN and a sum does not depend on the machine's vector width.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit, prange
from numba.extending import intrinsic

from fastw2v.kernels import numba_compat

__all__ = [
    "JIT",
    "cache_folder",
    "code_is_kept",
    "code_of",
    "driver",
    "kernel",
    "leaf",
    "leave_loops_rolled",
    "maker",
    "native",
    "prange",
    "running_on",
]

Function = TypeVar("Function", bound=Callable[..., Any])

JIT = not numba.config.DISABLE_JIT
OPTIONS = {"error_model": "numpy", "nogil": True}
_STATE = {"kept": True}  # what ``code_is_kept`` returns


def compile_cached(function: Function, **options: Any) -> Function:
    """Compile, keeping machine code on disk where some cache directory is writable, and without a
    cache elsewhere.
    """
    options |= OPTIONS
    try:
        compiled = njit(cache=True, **options)(function)
    # "no locator available": neither the package nor the user's cache directory is writable
    except RuntimeError:
        _note_not_kept()
        return njit(**options)(function)
    if JIT and not numba_compat.bind_disk_cache(compiled, _sources(), _note_not_kept):
        numba_compat.warn_unknown_cache()
        _note_not_kept()
        return njit(**options)(function)
    return compiled


def _note_not_kept() -> None:
    _STATE["kept"] = False


@cache
def _sources() -> str:
    """A hash of all files that hold compiled code."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def code_is_kept() -> bool:
    """Return whether machine code could be kept on disk so far, for the next process."""
    return _STATE["kept"]


def leaf(function: Function) -> Function:
    """Compile a small function that becomes a part of its callers."""
    return compile_cached(function, forceinline=True, _nrt=False)


def kernel(function: Function) -> Function:
    """Compile a function that works on one thread and allocates nothing; called from Python, it
    releases the GIL.
    """
    return compile_cached(function, _nrt=False)


def maker(function: Function) -> Function:
    """Compile a function that works on one thread and allocates arrays."""
    return compile_cached(function)


def driver(function: Function) -> Function:
    """Compile a kernel that spreads its ``prange`` loop over threads."""
    return compile_cached(function, parallel=True)


def native(lower: Callable[..., Any]) -> Callable[[Function], Function]:
    """Decorator for a NumPy twin: where the JIT is on, calls go to the intrinsic
    ``lower(typing_context, *types)``.
    """
    return (lambda twin: intrinsic(lower)) if JIT else (lambda twin: twin)


def code_of(function: Any, *arguments: Any) -> str:
    """Return the machine code of a kernel for such arguments, as text, compiled anew since code
    from disk cannot be read.
    """
    if not JIT:
        return ""
    fresh = njit(**OPTIONS, _nrt=False)(function.py_func)
    fresh(*arguments)
    return "\n".join(fresh.inspect_asm().values())


def cache_folder(function: object) -> str | None:
    """Return the directory in which the machine code of a compiled function is kept, or None."""
    return numba_compat.disk_cache_folder(function) if JIT and code_is_kept() else None


def leave_loops_rolled() -> None:
    """Tell LLVM not to unroll loops of unknown length, for the whole process: a third less to
    compile, and no slower here.

    For programs that own their process, before anything is compiled.
    """
    import llvmlite.binding

    llvmlite.binding.set_option("fastw2v", "-unroll-runtime=false")


@contextmanager
def running_on(threads: int) -> Iterator[None]:
    """Let ``prange`` run on ``threads`` within the context, and on as many as before after it."""
    if not JIT:
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        yield
    finally:
        numba.set_num_threads(before)
