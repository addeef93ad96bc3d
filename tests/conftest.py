"""Before anything is imported: a cache of compiled code that is keyed on the sources, since Numba does not notice an edit in
another file than the one it compiles."""

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(ROOT.glob("fastw2v/**/*.py")))).hexdigest()[:16]
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"fastw2v-tests-{SOURCES}")

import numpy as np  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def world_path():
    return ROOT / "data" / "world.txt"


@pytest.fixture(scope="session")
def world(world_path):
    """Vectors of the project's own corpus, trained with the defaults on two threads."""
    import fastw2v

    return fastw2v.train(world_path, threads=2)
