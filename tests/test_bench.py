import json
import os
import subprocess
import sys

import pytest

from bench.table import RESULTS, TABLES
from fastw2v.kernels.jit import JIT
from tests.compiled import ROOT


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_made_of_its_results(name):
    page, marks, make = TABLES[name]
    made = make(json.loads((RESULTS / name).read_text(encoding="utf8")))
    assert page.read_text(encoding="utf8").split(marks[0])[1].split(marks[1])[0].strip() == made


def test_results_name_machine_versions_and_commit():
    results = {path.stem: json.loads(path.read_text(encoding="utf8")) for path in RESULTS.glob("*.json")}
    assert {"peers", "parts", "scaling", "objectives", "deterministic", "torture", "fuzz"} <= set(results)
    for result in results.values():
        machine = result["machine"]
        assert machine["cpu"] and machine["cores"] and machine["versions"]["numba"] and machine["commit"]


@pytest.mark.skipif(not JIT, reason="times compiled code")
def test_every_benchmark_validates_what_it_times():
    """Without timing: what is asserted before the clock starts."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--benchmark-disable", "bench"]
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.skipif(not JIT, reason="trains for some seconds")
def test_scaling_measures_every_section(world_path, tmp_path, monkeypatch):
    """On a small corpus, once: figures and JSON are made."""
    from click.testing import CliRunner

    from bench import scaling

    monkeypatch.setattr(scaling, "RESULTS", tmp_path)
    monkeypatch.setattr(scaling, "SOFTMAX", [100, 10_000])
    monkeypatch.setattr(scaling, "VOCABULARIES", [50])
    monkeypatch.setattr(scaling, "settings", lambda cores: {
        "threads": [1, 2], "vector_size": [8, 16], "negative": [2], "window": [2],
    })  # fmt: skip
    done = CliRunner().invoke(scaling.main, [str(world_path), "--repeat", "1"], catch_exceptions=False)
    assert done.exit_code == 0
    result = json.loads((tmp_path / "scaling.json").read_text())
    assert set(result["sections"]) == set(scaling.LABELS)
    assert all(row.get("words_per_s", row.get("seconds")) > 0 for rows in result["sections"].values() for row in rows)
    assert [row["x"] for row in result["naive_softmax"]] == [100, 10_000]
    assert all(row["softmax_ns"] > 0 and row["sampling_ns"] > 0 for row in result["naive_softmax"])
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("scaling.png", "softmax.png"))


def test_the_model_of_many_machines_is_drawn(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from bench import distributed

    monkeypatch.setattr(distributed, "RESULTS", tmp_path)
    monkeypatch.setattr(distributed, "RESULT", tmp_path / "distributed.json")
    monkeypatch.setattr(distributed, "VOCABULARIES", [1000, 20_000])
    assert CliRunner().invoke(distributed.main, ["draw"], catch_exceptions=False).exit_code == 0
    model = json.loads((tmp_path / "distributed.json").read_text())["model"]
    speedups = {(row["vocabulary"], row["machine"], row["gbit"]): row["speedup"] for row in model["rows"]}
    assert len(speedups) == 8 and all(
        s[0] == 1 and all(s[i] <= n for i, n in enumerate(model["nodes"])) for s in speedups.values()
    )
    for (V, machine, gbit), speedup in speedups.items():
        assert speedup[-1] >= speedups[20_000, machine, gbit][-1] and speedup[-1] <= speedups[V, machine, 100][-1]
    assert (tmp_path / "distributed.png").stat().st_size > 10_000
