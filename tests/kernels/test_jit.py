"""How Numba behaves where the shape of the code depends on it."""

import errno
import os
import pickle
import subprocess
import sys

import numba
import pytest
from numba.core import caching

from fastw2v.kernels import jit, numba_compat
from fastw2v.kernels.jit import JIT, kernel
from tests.helpers import ROOT

pytestmark = pytest.mark.skipif(not JIT, reason="is about compiled code")


def run(code, folder, **environment):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_more_threads_than_cores_can_be_asked_for_before_the_first_start(tmp_path):
    code = """
from fastw2v.kernels import reserve_threads
many = __import__("os").cpu_count() + 3
reserve_threads(many, many - 1)
from fastw2v.kernels.jit import running_on
from fastw2v.kernels.numba_compat import available_threads
import numba
assert available_threads(many) == many == available_threads(many + 5)
for threads in (many, 1):
    with running_on(threads):
        assert numba.get_num_threads() == threads
    assert numba.get_num_threads() == many
"""
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr


MODULE = """
from fastw2v.kernels.jit import driver, kernel, leaf, prange
import numpy as np

@leaf
def twice(x):
    return 2 * x

@kernel
def fill(out, i, tag):
    out[i] = twice(i) + len(tag)

@driver
def fill_all(out, tag):
    for i in prange(len(out)):
        fill(out, np.int64(i), tag)
"""
USE = """
import numpy as np, cached
out = np.zeros(100)
for n in (1, 3):
    cached.fill_all(out, (0,) * n)
    assert out.tolist() == [2 * i + n for i in range(100)]
stats = cached.fill_all.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def test_machine_code_of_leaf_kernel_and_driver_is_found_on_disk_again(tmp_path):
    (tmp_path / "cached.py").write_text(MODULE)
    said = [
        run(USE, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache")).stdout.split() for _ in range(2)
    ]
    assert said == [["0", "2"], ["2", "0"]]


TRAIN = """
import fastw2v
from fastw2v.kernels.train import hogwild
fastw2v.train([["a", "b", "c"]] * 9, vector_size=4, threads=1, sample=0)
stats = hogwild.train_chunk.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def test_a_second_process_compiles_nothing_to_train(tmp_path):
    """Functions passed as arguments or caught in closures would never be found on disk."""
    first, second = (run(TRAIN, tmp_path) for _ in range(2))
    assert first.returncode == 0 and second.stdout.split() == ["1", "0"], second.stderr


def test_machine_code_of_other_sources_is_not_even_looked_at(tmp_path):
    """An index left by another version may name types that no longer are; Numba would fail to read
    it.
    """
    (tmp_path / "cached.py").write_text(MODULE)
    for _ in range(2):
        said = run(USE, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
        assert said.returncode == 0, said.stderr
        for index in (tmp_path / "cache").rglob("*.nbi"):
            head = pickle.loads(index.read_bytes())  # the version alone
            assert len(head.split()[-1]) == 64
            index.write_bytes(pickle.dumps("0.0 of long ago") + b"junk")


def test_an_edit_in_another_file_is_not_noticed(tmp_path):
    """Why the tests' cache is keyed on the sources: should this ever fail, it need not be."""
    (tmp_path / "cached.py").write_text(
        "from leaf import twice\n" + MODULE.replace("def twice", "def unused")
    )
    leaf = "from fastw2v.kernels.jit import leaf\n@leaf\ndef twice(x):\n    return {} * x\n"
    said = []
    for factor in (2, 3):
        (tmp_path / "leaf.py").write_text(leaf.format(factor))
        code = (
            "import numpy as np, cached; out = np.zeros(5); cached.fill_all(out, (0,));"
            " print(out[4])"
        )
        said.append(run(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache")).stdout.strip())
    assert said == ["9.0", "9.0"]


def test_without_a_writable_cache_everything_works(tmp_path):
    """Numba refuses cache=True when no cache directory can be used: a read-only install and home
    must not matter.
    """
    (tmp_path / "cached.py").write_text(MODULE)
    nowhere = (
        "from numba.core import caching; caching.CacheImpl._locator_classes = [];"
        " caching.CacheImpl.__init__.__globals__"
    )
    done = run(
        nowhere + USE + "from fastw2v.kernels.jit import code_is_kept; print(code_is_kept())",
        tmp_path,
    )
    assert done.returncode == 0 and done.stdout.split()[::2] == ["0", "False"], done.stderr


def test_the_command_line_trains_on_sixteen_threads(tmp_path, world_path):
    command = [
        sys.executable,
        "-m",
        "fastw2v",
        "train",
        str(world_path),
        "--threads",
        "16",
        "--epochs",
        "1",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "vectors.bin").exists()


def test_a_full_cache_directory_costs_the_cache_only(monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full)
    monkeypatch.setitem(jit._STATE, "kept", True)

    @kernel
    def twice(x):
        return 2 * x

    assert jit.code_is_kept()
    assert twice(21) == 42
    assert not jit.code_is_kept()


def test_call_on_compile_is_called_before_a_compilation_only():
    calls = []
    numba_compat.call_on_compile(lambda: calls.append(1))
    double = numba.njit(lambda x: 2 * x)
    assert double(3) == 6 and len(calls) > 0
    calls.clear()
    assert double(4) == 8 and not calls
