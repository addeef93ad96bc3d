"""Where a measurement was made."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

from fastw2v.kernels.processor import processor


def describe(*packages):
    """The machine, the versions of the named packages, and the commit, as JSON-ready values."""
    return {
        **processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("numpy", "numba", *packages)},
        "commit": _commit(),
    }


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit():
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return done.stdout.strip() or None
