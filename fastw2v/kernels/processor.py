"""The processor, as LLVM knows it, and the arithmetic that a core of it can do at most."""

import platform
import re
from pathlib import Path

import llvmlite.binding

from fastw2v.kernels.annotations import Array, Tag
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.registers import cpu_features
from fastw2v.kernels.simd.rows import put_tile, rows_at, tile_of
from fastw2v.kernels.simd.tiles import add_products

TALL, WIDE, BOTH = (0,) * 3, (0,) * 4, (0,) * 12
# fused multiply-adds of vectors that ``multiply_and_add`` makes at a time, none waiting for another
PRODUCTS = 12


@kernel
def multiply_and_add(X: Array, rows: Array, n: int, tall: Tag, wide: Tag, both: Tag) -> None:
    """n times PRODUCTS independent fused multiply-adds of vectors, without memory.

    X : [12, lanes];  rows : 0 to 11; tall, wide, both : TALL, WIDE, BOTH.
    """
    x, y = tile_of(X, rows_at(rows, 0, tall), 0), tile_of(X, rows_at(rows, 0, wide), 0)
    total = tile_of(X, rows_at(rows, 0, both), 0)
    for _ in range(n):
        total = add_products(total, x, y)
    put_tile(X, rows_at(rows, 0, both), 0, total)


def machine_name(cores: int) -> str:
    """Return the processor, LLVM's name for it, the number of available cores, and the system."""
    names = processor()
    system = f"{platform.system()} {platform.machine()}"
    return f"{names['cpu']} ({names['llvm_cpu']}), {cores} cores, {system}"


def processor() -> dict[str, str]:
    """Name of the processor, LLVM's name for it, and the widest vector instructions that
    Numba compiles for.
    """
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    features = cpu_features()
    return {
        "cpu": found.group(1) if found else platform.processor() or platform.machine(),
        "llvm_cpu": llvmlite.binding.get_host_cpu_name(),
        "simd": next(
            (name for name in ("avx512f", "avx2", "neon", "sse2") if name in features), "none"
        ),
    }
