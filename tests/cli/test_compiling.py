"""Limits of memory are reported before LLVM meets them."""

import os
import shlex
import subprocess
import sys

import pytest

from fastw2v import cli
from fastw2v.cli import compiling
from fastw2v.errors import ConfigError, TrainingError
from tests.helpers import ROOT

resource = pytest.importorskip("resource")


def limited(monkeypatch, megabytes):
    monkeypatch.setattr(
        resource, "getrlimit", lambda which: (megabytes << 20, resource.RLIM_INFINITY)
    )


def test_check_limit_below_what_compiling_needs_raises_naming_ulimit(monkeypatch):
    monkeypatch.setattr(compiling, "available_cores", lambda: 2)
    limited(monkeypatch, 500)
    with pytest.raises(TrainingError, match=r"ulimit -v allows 500 MB .* ulimit -v 860160 "):
        compiling.check_limit()


@pytest.mark.parametrize("megabytes, explained", [(58, True), (4000, False)])
def test_library_that_cannot_be_loaded_below_the_limit_is_one_line(
    monkeypatch, capsys, megabytes, explained
):
    limited(monkeypatch, megabytes)
    error = ImportError("libopenblas.so: failed to map segment from shared object")
    if explained:
        assert cli._explain(error) == 1
        assert "ulimit -v 757760" in capsys.readouterr().err
    else:
        with pytest.raises(ImportError):
            cli._explain(error)


def test_check_limit_counts_threads(monkeypatch):
    limited(monkeypatch, 2000)
    monkeypatch.setattr(compiling, "available_cores", lambda: 2)
    compiling.check_limit(2)
    with pytest.raises(TrainingError):
        compiling.check_limit(64)
    monkeypatch.setattr(compiling, "available_cores", lambda: 64)
    with pytest.raises(TrainingError):
        compiling.check_limit(1)


def test_check_limit_without_a_limit_is_silent(monkeypatch):
    monkeypatch.setattr(
        resource, "getrlimit", lambda which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    compiling.check_limit(1000)


@pytest.mark.parametrize(
    "command",
    [
        "train none.txt",
        "train --resume none",
        "encode none.txt -o x.fw2v",
        "embed none.npz none.txt -o x.npy",
        "report none",
    ],
)
def test_commands_that_compile_say_so_in_one_line(tmp_path, command):
    limited = f"ulimit -v 409600; exec {shlex.quote(sys.executable)} -m fastw2v {command}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", limited], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (
        done.returncode == 1
        and done.stderr.count("\n") == 1
        and "ulimit -v allows 400 MB" in done.stderr
    ), done.stderr


@pytest.mark.parametrize("value", ["x", "0", "-1", "1.5", "9" * 30])
def test_begin_compiling_with_a_number_of_threads_that_is_none_raises(monkeypatch, value):
    monkeypatch.setenv("NUMBA_NUM_THREADS", value)
    with pytest.raises(ConfigError, match="NUMBA_NUM_THREADS"):
        compiling.begin_compiling()
