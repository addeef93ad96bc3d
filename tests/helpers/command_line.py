"""The command line in a process of its own."""

import os
import subprocess
import sys

from tests.helpers import ROOT


def fastw2v(*args, cwd, stdin=None, **environment):
    command = [sys.executable, "-m", "fastw2v", *map(str, args)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=cwd, env=environment, input=stdin, capture_output=True)
