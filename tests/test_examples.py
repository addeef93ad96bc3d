"""The scripts in examples/ run, and show what they say."""

import json
import re
import runpy
import shlex
import subprocess
import sys

import numpy as np
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


@pytest.mark.skipif(not JIT, reason="draws many walks")
@pytest.mark.parametrize(("p", "q"), [(0.25, 4.0), (4.0, 0.25), (0.3, 0.5), (1.0, 1.0)])
def test_steps_of_a_walk_have_the_probabilities_of_node2vec(p, q):
    graph = runpy.run_path(str(ROOT / "examples" / "graph.py"))
    neighbours, starts = graph["make_graph"](40)
    around = [set(neighbours[starts[v] : starts[v + 1]].tolist()) for v in range(40)]
    walks = graph["draw_walks"](neighbours, starts, 20_000, 3, p, q, 5)
    before, node = 0, min(around[0])
    weights = {
        x: 1 / p if x == before else 1.0 if x in around[before] else 1 / q for x in around[node]
    }
    steps = walks[(walks[:, 0] == before) & (walks[:, 1] == node), 2]
    expected = len(steps) * np.array(list(weights.values())) / sum(weights.values())
    counts = np.array([np.sum(steps == x) for x in weights])
    assert counts.sum() == len(steps) > 1000
    assert ((counts - expected) ** 2 / expected).sum() < len(weights) + 5 * np.sqrt(
        2 * len(weights)
    )
