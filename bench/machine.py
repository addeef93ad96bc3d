"""Where a measurement was made."""

import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

import llvmlite.binding


def describe(*packages):
    """The machine, the versions of the named packages, and the commit, as JSON-ready values."""
    features = llvmlite.binding.get_host_cpu_features()
    return {
        "cpu": _cpu(),
        "llvm_cpu": llvmlite.binding.get_host_cpu_name(),
        "simd": next((name for name in ("avx512f", "avx2", "neon", "sse2") if features.get(name)), "none"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("numpy", "numba", *packages)},
        "commit": _commit(),
    }


def _cpu():
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    return found.group(1) if found else platform.processor()


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=Path(__file__).parent)
    return done.stdout.strip() or None
