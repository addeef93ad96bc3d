"""Training where others are at work too: in forked workers, over many epochs, in a notebook that is interrupted."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import TrainingError
from fastw2v.events import Progress
from fastw2v.kernels.jit import JIT

LINES = [["a", "b", "c", "d"], ["b", "c"], ["d", "a"]] * 50
OPTIONS = {"vector_size": 8, "epochs": 2, "min_count": 1, "threads": 1, "sample": 0}


def trained(deterministic):
    """Bytes of vectors, or what was said against it."""
    try:
        return fastw2v.train(LINES, deterministic=deterministic, **OPTIONS).vectors.tobytes()
    except TrainingError as error:
        return str(error)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="processes are not forked here")
@pytest.mark.parametrize("deterministic", [False, True])
def test_forked_workers_train_or_say_why_not(deterministic):
    import numba

    expected = trained(deterministic), trained(True)
    lost = JIT and not deterministic and numba.threading_layer() == "omp"
    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply_async(trained, [deterministic]).get(timeout=60)
    assert ("spawn" in found and "deterministic=True" in found) if lost else found == expected[0]
    assert (trained(deterministic), trained(True)) == expected


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("deterministic", [False, True])
def test_memory_stays_flat_over_50_epochs(deterministic, tmp_path):
    rng = np.random.default_rng(1)
    lines, used = [[f"w{word}" for word in rng.integers(0, 500, 50)] for _ in range(100)], []

    def look(vectors):
        used.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        return 0

    options = OPTIONS | {"vector_size": 100, "epochs": 50, "deterministic": deterministic}
    fastw2v.train(lines, evaluate=look, run_dir=tmp_path / "run", checkpoint_every="2000", **options)
    assert len(used) == 50 and used[-1] - used[4] < 2 << 20  # an epoch's tables and ids are 0.6 MB


def test_an_interrupt_leaves_a_process_that_trains_on(tmp_path):
    """As in a notebook: what runs is interrupted, and the next cell trains, or goes on with the run."""
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
