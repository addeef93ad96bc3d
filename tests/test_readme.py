"""What README says works: its commands and its Python are run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
COMMANDS = [
    line.split("  #")[0].strip()
    for kind, block in BLOCKS
    if kind == "sh"
    for line in block.splitlines()
    if line
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world_path):
    """A folder with all that the commands name."""
    import gzip

    folder = tmp_path_factory.mktemp("readme")
    text = world_path.read_text().splitlines(keepends=True)[:4000]
    for name in ("data/world.txt", "corpus.txt", "part2/a.txt", "more/b.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("".join(text))
    (folder / "words.txt").write_text("king\nqueen\n")
    for name in ("part1.txt.gz", "dump.gz"):
        (folder / name).write_bytes(gzip.compress("".join(text).encode()))
    return folder


def run(command, folder):
    """Run a line of README with the package under test in place of an installed one."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def installed(command):
    """The command without its installation, calling the package under test."""
    command = command.split("pip install -q -e . && ")[-1].replace(".venv/bin/", "")
    return re.sub(r"(^|\| |&& )fastw2v ", rf"\1{shlex.quote(sys.executable)} -m fastw2v ", command)


def test_two_commands_stand_at_the_top():
    install, test = COMMANDS[:2]
    assert install.startswith(
        "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/fastw2v train"
        " data/world.txt"
    )
    assert test.startswith("python3 -m venv .venv && .venv/bin/pip install") and test.endswith(
        "-m pytest -n 2"
    )
    assert test == re.search(r"^python3 -m venv .*pytest -n 2$", README, re.M).group()


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.endswith("pytest -n 2")])
def test_commands_run(command, folder):
    done = run(installed(command), folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", [block for kind, block in BLOCKS if kind == "python"])
def test_python_runs(code, folder):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_every_option_of_train_that_readme_names_is_there():
    from fastw2v.cli.train import train

    known = {name for option in train.params for name in (*option.opts, *option.secondary_opts)}
    named = set(
        re.findall(r"(?<!-)--[a-z][a-z-]+", README.split("## Training\n")[1].split("## Queries")[0])
    )
    assert named <= known | {"--help"}


def test_files_that_readme_names_are_there():
    for name in re.findall(r"`([A-Z]+\.md|fastw2v/\w+|data/|bench/)`|\]\((\S+?)\)", README):
        assert Path(ROOT, next(filter(None, name))).exists(), name
