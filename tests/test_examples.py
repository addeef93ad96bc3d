"""The scripts in examples/ run, and show what they say."""

import json
import re
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.kernels.jit import JIT
from tests.helpers import ROOT


def run(name: str) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_paraphrases_shows_that_relu_calls_every_pair_a_paraphrase():
    plain, relu = re.findall(r"(\d+)%", run("paraphrases.py"))
    assert 40 < int(plain) < 60 and int(relu) == 100


@pytest.mark.skipif(not JIT, reason="trains compiled code")
def test_sessions_finds_what_is_bought_together():
    near = {
        item: set(others.split(", "))
        for item, others in re.findall("(.+) -> (.+)", run("sessions.py"))
    }
    assert near["bread"] <= {"rolls", "croissant", "cake", "milk", "butter", "cheese", "yoghurt"}
    assert near["hammer"] <= {"nails", "saw", "screws", "spade", "seeds", "gloves", "hose"}


@pytest.mark.skipif(not JIT, reason="trains compiled code")
def test_graph_finds_nodes_of_the_same_community():
    same = [
        int(other) % 2 == int(node) % 2
        for node, others in re.findall("(.+) -> (.+)", run("graph.py"))
        for other in others.split(", ")
    ]
    assert len(same) == 10 and sum(same) >= 7  # threads take turns: about 2 % are of the other one


@pytest.mark.skipif(not JIT, reason="trains compiled code")
def test_tutorial_notebook_runs_and_prints_what_it_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)

    def shell(command):
        done = CliRunner().invoke(cli, shlex.split(command.removeprefix("fastw2v")))
        assert done.exit_code == 0, done.output
        print(done.stdout, end="")

    notebook = json.loads((ROOT / "examples" / "tutorial.ipynb").read_text(encoding="utf8"))
    namespace = {"shell": shell}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        exec(re.sub(r"^!(.*)$", r"shell('\1')", "".join(cell["source"]), flags=re.M), namespace)
        printed = capsys.readouterr().out
        shown = ["".join(each["text"]) for each in cell["outputs"] if "text" in each]
        assert re.findall("[a-z]+", printed) == re.findall("[a-z]+", "".join(shown))
