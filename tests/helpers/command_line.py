"""The command line, in this process or in one of its own."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from fastw2v.cli import main
from tests.helpers import ROOT


@dataclass
class Done:
    """What a command left: its exit code, and what it wrote, as bytes."""

    returncode: int
    stdout: bytes
    stderr: bytes


def fastw2v(*args, cwd, stdin=None):
    """Run a command as a shell would, in this process, which has compiled already.

    The streams are no files: what needs a file descriptor, a terminal or a signal needs
    ``fastw2v_process``.
    """
    out, err = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.setattr("sys.argv", ["fastw2v", *map(str, args)])
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin or b""), "utf8"))
        patch.setattr("sys.stdout", io.TextIOWrapper(out, "utf8", write_through=True))
        patch.setattr("sys.stderr", io.TextIOWrapper(err, "utf8", write_through=True))
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        return Done(ended.value.code, out.getvalue(), err.getvalue())


def fastw2v_process(*args, cwd, stdin=None, **environment):
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "fastw2v", *map(str, args)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=cwd, env=environment, input=stdin, capture_output=True)
