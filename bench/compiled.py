"""Compiled code kept by its sources: Numba does not notice an edit in another file than the one it
compiles.
"""

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def keep_compiled_apart(*folders):
    """Let Numba keep what is compiled from now on in a folder of these sources' own.

    To be called before it is imported.
    """
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    sources = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
    os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"fastw2v-tests-{sources}")
