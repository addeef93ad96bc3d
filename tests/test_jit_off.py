"""The same sources pass with the JIT off, on their NumPy twins."""

import os
import subprocess
import sys

from tests.helpers import ROOT


def test_kernels_tokenizer_and_trainer_pass_with_the_jit_off():
    modules = ["tests/kernels", "tests/corpus/test_tokenizer.py", "tests/training/test_hogwild.py"]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-k",
        "not naive",  # the naive softmax takes minutes; tests of its loss remain
        *modules,
    ]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
