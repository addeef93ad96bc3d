"""What this machine can do at most, measured: the arithmetic and the memory that results are
compared with.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from fastw2v.doctor import multiply_adds_per_s
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.bits import multiply_wide
from fastw2v.kernels.splitmix import GAMMA

COPIED = 1 << 28  # bytes: more than any cache


@kernel
def _multiply(seed, n):
    """n times eight independent 64-bit multiplications with 128-bit products (which no vector
    instruction does).
    """
    a, b, c, d, e, f, g, h = (
        seed,
        seed + 2,
        seed + 4,
        seed + 6,
        seed + 8,
        seed + 10,
        seed + 12,
        seed + 14,
    )
    for _ in range(n):
        a, b, c, d = (
            multiply_wide(a, GAMMA)[0] | a,
            multiply_wide(b, GAMMA)[0] | b,
            multiply_wide(c, GAMMA)[0] | c,
            multiply_wide(d, GAMMA)[0] | d,
        )
        e, f, g, h = (
            multiply_wide(e, GAMMA)[0] | e,
            multiply_wide(f, GAMMA)[0] | f,
            multiply_wide(g, GAMMA)[0] | g,
            multiply_wide(h, GAMMA)[0] | h,
        )
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h


def fastest(call, times=7):
    """The least seconds that a call takes, after one that does not count."""
    call()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


vector_fmas_per_s = cache(multiply_adds_per_s)  # a core may start two in a cycle


@cache
def multiplications_per_s():
    """64-bit integer multiplications, one at a time, on one thread."""
    n = 1_000_000
    return 8 * n / fastest(lambda: _multiply(np.uint64(3), n))


@cache
def copied_bytes_per_s(threads=1):
    """Bytes copied from memory to memory on several threads together, each read once and written
    once.
    """
    pairs = [(np.ones(COPIED, np.uint8), np.ones(COPIED, np.uint8)) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return (
            threads * COPIED / fastest(lambda: list(pool.map(lambda pair: np.copyto(*pair), pairs)))
        )


def describe_bounds():
    """All of them, by name."""
    return {
        "vector_fmas_per_s": vector_fmas_per_s(),
        "multiplications_per_s": multiplications_per_s(),
        "copied_bytes_per_s": copied_bytes_per_s(),
        "copied_bytes_per_s_by_two_threads": copied_bytes_per_s(2),
    }
