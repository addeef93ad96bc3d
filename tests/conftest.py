"""Before anything is imported: where compiled code is kept."""

from bench.compiled import keep_compiled_apart

keep_compiled_apart("fastw2v/kernels", "bench")

import os  # noqa: E402
import signal  # noqa: E402
from importlib.util import find_spec  # noqa: E402

import numpy as np  # noqa: E402
import pytest  # noqa: E402

from tests.helpers import ROOT  # noqa: E402

# tests that compare with gensim, which has no wheels for the newest Python
collect_ignore = [] if find_spec("gensim") else ["compat", "formats/test_gensim.py"]


def pytest_collection_modifyitems(items):
    """Begin with the test that takes longest, which would run alone at the end."""
    items.sort(key=lambda item: item.path.name != "test_jit_off.py")


@pytest.fixture(scope="session", autouse=True)
def own_configuration(tmp_path_factory):
    """A directory of configuration, so that tests leave no key in the user's."""
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("configuration"))
    yield
    (
        os.environ.pop("XDG_CONFIG_HOME")
        if before is None
        else os.environ.update(XDG_CONFIG_HOME=before)
    )


@pytest.fixture(scope="session", autouse=True)
def interrupts():
    """SIGINT as in a terminal: a shell makes what it runs in the background ignore it, and so would
    the programs that tests interrupt.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def world_path():
    return ROOT / "data" / "world.txt"


@pytest.fixture(scope="session")
def part_path(world_path, tmp_path_factory):
    """A fifth of the lines of the project's own corpus."""
    path = tmp_path_factory.mktemp("part") / "part.txt"
    lines = world_path.read_text(encoding="utf8").splitlines(keepends=True)
    path.write_text("".join(lines[::5]), encoding="utf8")
    return path


@pytest.fixture(scope="session")
def world(world_path):
    """Vectors of the project's own corpus, trained with the defaults on two threads."""
    import fastw2v

    return fastw2v.train(world_path, threads=2)
