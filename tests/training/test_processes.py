"""Training where others are at work too: in forked workers, over many epochs, in a notebook that is
interrupted.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastw2v
from fastw2v.events import Progress
from tests.helpers import ROOT

LINES = [["a", "b", "c", "d"], ["b", "c"], ["d", "a"]] * 50
OPTIONS = {"vector_size": 8, "epochs": 2, "min_count": 1, "threads": 1, "sample": 0}


FORKED = """
import multiprocessing, sys, fastw2v
from fastw2v.kernels.jit import JIT

def trained(deterministic, send=None):
    try:
        said = fastw2v.train(LINES, deterministic=deterministic, **OPTIONS).vectors.tobytes()
    except fastw2v.Fastw2vError as error:
        said = str(error)
    return send.send(said) if send else said

deterministic = sys.argv[1] == "True"
expected = trained(deterministic), trained(True)
context = multiprocessing.get_context("fork")
receive, send = context.Pipe(False)
child = context.Process(target=trained, args=(deterministic, send))
child.start()
assert receive.poll(60)
found = receive.recv()
child.join()
import numba
if JIT and not deterministic and numba.threading_layer() == "omp":
    assert "spawn" in found and "deterministic=True" in found, found
else:
    assert found == expected[0]
assert (trained(deterministic), trained(True)) == expected
"""


def trained(deterministic):
    """Bytes of vectors."""
    return fastw2v.train(LINES, deterministic=deterministic, **OPTIONS).vectors.tobytes()


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="processes are not forked here"
)
@pytest.mark.parametrize("deterministic", [False, True])
def test_forked_workers_train_or_say_why_not(deterministic):
    code = f"LINES, OPTIONS = {LINES}, {OPTIONS}\n{FORKED}"
    command = [sys.executable, "-c", code, str(deterministic)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("deterministic", [False, True])
def test_memory_stays_flat_over_50_epochs(deterministic, tmp_path):
    rng = np.random.default_rng(1)
    lines, used = [[f"w{word}" for word in rng.integers(0, 500, 50)] for _ in range(100)], []

    def look(vectors):
        used.append(
            int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        )
        return 0

    options = OPTIONS | {"vector_size": 100, "epochs": 50, "deterministic": deterministic}
    fastw2v.train(
        lines, evaluate=look, run_dir=tmp_path / "run", checkpoint_every="2000", **options
    )
    assert len(used) == 50 and used[-1] - used[4] < 2 << 20  # an epoch's tables and ids are 0.6 MB


def test_an_interrupt_leaves_a_process_that_trains_on(tmp_path):
    """As in a notebook: what runs is interrupted, and the next cell trains, or goes on with the
    run.
    """
    expected = trained(False)
    for options in ({}, {"run_dir": tmp_path / "run"}):
        said = []

        def interrupt(event, said=said):
            said.append(event)
            if isinstance(event, Progress) and len(said) < 9:
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            fastw2v.train(LINES, on_event=interrupt, **OPTIONS, **options)
        assert trained(False) == expected
    assert fastw2v.resume(tmp_path / "run", corpus=LINES).vectors.tobytes() == expected
