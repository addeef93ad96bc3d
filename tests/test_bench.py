import hashlib
import io
import json
import lzma
import os
import random
import re
import signal
import subprocess
import sys
import zipfile
from importlib import import_module

import numpy as np
import pytest

import fastw2v
from bench import mutations
from bench.fuzz import fuzz
from bench.readers import Reader
from bench.structured import STRUCTURED, good_models
from bench.table import (
    RESULTS,
    TABLES,
    documents_table,
    headline,
    quantised_table,
    results_of,
    texts_table,
)
from fastw2v.errors import Fastw2vError
from fastw2v.kernels.jit import JIT
from tests.helpers import ROOT


@pytest.mark.parametrize("name, page, marks, make", TABLES)
def test_a_table_is_made_of_its_results(name, page, marks, make):
    made = make(*results_of(name))
    assert page.read_text(encoding="utf8").split(marks[0])[1].split(marks[1])[0].strip() == made


def test_results_name_machine_versions_and_commit():
    results = {
        path.stem: json.loads(path.read_text(encoding="utf8")) for path in RESULTS.glob("*.json")
    }
    assert {"parts", "scaling", "deterministic", "torture", "fuzz"} <= set(results)
    assert {"peers", "objectives"} <= {name.split("-")[0] for name in results}
    for result in results.values():
        machine = result["machine"]
        assert (
            machine["cpu"]
            and machine["cores"]
            and machine["versions"]["numba"]
            and machine["commit"]
        )


@pytest.mark.skipif(not JIT, reason="trains compiled code")
@pytest.mark.parametrize("each", STRUCTURED, ids=lambda each: each.name)
def test_fuzz_of_structured_changes_finds_nothing_wrong(each, tmp_path):
    tally = fuzz([each], 40, folder=tmp_path)[each.name]
    assert tally.wrong == [] and (tally.refused > 0 or each.name == "log.jsonl" or not each.files)


def test_fuzz_of_a_reader_with_faults_names_exceptions_long_errors_and_dead_processes(
    tmp_path, monkeypatch
):
    def read(path, data, rng):
        if data == b"z":
            raise Fastw2vError("xy " * 101)
        if data == b"k":
            os.kill(os.getpid(), signal.SIGKILL)
        if data == b"e":
            raise KeyError("x")

    faulty = Reader(
        "faulty", [b"good"], read, change=lambda data, rng: rng.choice((b"z", b"k", b"e"))
    )
    monkeypatch.setattr("bench.fuzz.ALL", [faulty])
    tally = fuzz([faulty], 12, folder=tmp_path, apart=True)["faulty"]
    assert [number for number, _ in tally.wrong] == list(
        range(12)
    ) and tally.read == tally.refused == 0
    assert all(
        any(part in wrong for _, wrong in tally.wrong) for part in ("characters", "-9", "KeyError")
    )
    assert len(list(tmp_path.glob("fuzz-*/faulty-*"))) == 12


@pytest.mark.parametrize(
    "change, data, checked",
    [
        (
            mutations.change_checkpoint,
            lambda: STRUCTURED[0].files[0],
            lambda data: hashlib.sha256(data[:-32]).digest() == data[-32:],
        ),
        (
            mutations.change_model,
            lambda: good_models()[0],
            lambda data: zipfile.ZipFile(io.BytesIO(data)).testzip() is None,
        ),
    ],
    ids=["checkpoint", "model"],
)
@pytest.mark.skipif(not JIT, reason="trains compiled code")
def test_mutations_of_a_file_with_checksums_leave_them_right(change, data, checked):
    good, rng = data(), random.Random(1)
    made = [change(good, rng) for _ in range(20)]
    assert all(map(checked, made)) and len(set(made)) > 10


@pytest.mark.skipif(not JIT, reason="times compiled code")
def test_every_benchmark_validates_what_it_times():
    """Without timing: what is asserted before the clock starts."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--benchmark-disable",
        "bench",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.skipif(not JIT, reason="times compiled code")
def test_pytest_bench_prints_figures():
    part = "alias and 1000 and not 00000"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "bench", "-k", part]
    # pytest-benchmark disables itself in a worker of xdist
    environment = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"[\d,.]+ .*\d+% of the bound", done.stdout)


@pytest.fixture
def own_results(tmp_path, monkeypatch):
    """Benchmarks write their results to tmp_path, and leave the tables of the pages alone."""
    monkeypatch.setattr("bench.table.RESULTS", tmp_path)
    monkeypatch.setattr("bench.table.update_tables", lambda: None)


def test_quantised_measures_every_dtype(own_results, tmp_path):
    from click.testing import CliRunner

    from bench import quantised

    words = [f"w{i}" for i in range(30)]
    vectors = np.random.default_rng(1).normal(size=(30, 8)).astype(np.float32)
    fastw2v.WordVectors(words, vectors).save(tmp_path / "v.bin")
    (tmp_path / "pairs.txt").write_text("w1 w2 3\nw3 w4 5\nw5 w6 1\n", encoding="utf8")
    arguments = [str(tmp_path / "v.bin"), "--pairs", str(tmp_path / "pairs.txt")]
    assert CliRunner().invoke(quantised.main, arguments, catch_exceptions=False).exit_code == 0
    result = json.loads((tmp_path / "quantised.json").read_text(encoding="utf8"))
    assert [row["dtype"] for row in result["rows"]] == ["float32", "float16", "int8"]
    assert result["rows"][0]["cosine_error"] < 1e-6 < result["rows"][2]["cosine_error"] < 0.05
    assert quantised_table(result).count("\n| ") == 3


@pytest.fixture
def reviews(tmp_path):
    """160 short texts whose words tell their label."""
    draw = random.Random(1)
    rows = []
    for number in range(160):
        label = ("pos", "neg")[number % 2]
        words = draw.choices([f"{label}{i}" for i in range(5)] + [f"w{i}" for i in range(5)], k=12)
        rows.append(f"{('train', 'test')[number // 2 % 2]}\t{label}\t{' '.join(words)}\n")
    path = tmp_path / "reviews.tsv.xz"
    with lzma.open(path, "wt", encoding="utf8") as file:
        file.writelines(rows)
    return path


@pytest.mark.skipif(not JIT, reason="trains for some seconds")
def test_documents_measures_speed_and_accuracy(reviews, own_results, tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    from click.testing import CliRunner

    from bench import documents

    monkeypatch.setattr(documents, "MODELS", {"DBOW": ("--model dbow --sample 0", None)})
    arguments = [str(reviews), "--repeat", "1", "--epochs", "400", "--threads", "1"]
    CliRunner().invoke(documents.main, arguments, catch_exceptions=False)
    (result,) = (json.loads(path.read_text()) for path in tmp_path.glob("documents-*.json"))
    (row,) = result["rows"]
    assert result["words"] == 160 * 12 and row["words_per_s"] > 0 and row["accuracy"] > 0.8
    assert f"| {row['accuracy']:.3f} |" in documents_table(result)


@pytest.mark.skipif(not JIT, reason="trains for some seconds")
def test_texts_measures_every_weighting(reviews, own_results, tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    from click.testing import CliRunner

    from bench import texts

    monkeypatch.setattr(texts, "DIMENSIONS", 8)
    CliRunner().invoke(texts.main, [str(reviews), "--seeds", "1"], catch_exceptions=False)
    result = json.loads((tmp_path / "texts.json").read_text())
    scores = {row["name"]: row["accuracy"] for row in result["rows"]}
    assert set(texts.EMBEDDINGS) < set(scores) and all(0 <= score <= 1 for score in scores.values())
    assert scores["TF-IDF"] > 0.9 and texts_table(result).count("\n| ") == len(scores)


@pytest.mark.parametrize("module", ["texts", "documents"])
@pytest.mark.parametrize(
    "packed", [b"junk", b"", lzma.compress(b"one\n"), lzma.compress(b"train\t1\t\xff\n")]
)
def test_texts_that_are_none_are_one_line_of_error(tmp_path, module, packed):
    pytest.importorskip("sklearn")
    from click.testing import CliRunner

    path = tmp_path / "reviews.xz"
    path.write_bytes(packed)
    result = CliRunner().invoke(import_module(f"bench.{module}").main, [str(path)])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert result.output.startswith(f"Error: {path}") and result.output.count("\n") == 1


def test_the_memory_of_a_trainer_is_its_own(tmp_path):
    from bench.peers import measure

    own = np.ones(20_000_000)
    out = tmp_path / "out"
    command = [sys.executable, "-S", "-c", f"print('training_s 1'); open({str(out)!r}, 'w')"]
    assert 1 < measure(command, str(out), 5)["peak_mb"] < own.nbytes / 1e6 / 2


@pytest.mark.skipif(not JIT, reason="trains for some seconds")
def test_scaling_measures_every_section(world_path, own_results, tmp_path, monkeypatch):
    """On a small corpus, once: figures and JSON are made."""
    from click.testing import CliRunner

    from bench import scaling

    monkeypatch.setattr(scaling, "RESULTS", tmp_path)
    monkeypatch.setattr(scaling, "SOFTMAX", [100, 10_000])
    monkeypatch.setattr(scaling, "VOCABULARIES", [50])
    monkeypatch.setattr(
        scaling,
        "settings",
        lambda cores: {"threads": [1, 2], "vector_size": [8, 16], "negative": [2], "window": [2]},
    )
    done = CliRunner().invoke(
        scaling.main, [str(world_path), "--repeat", "1"], catch_exceptions=False
    )
    assert done.exit_code == 0
    result = json.loads((tmp_path / "scaling.json").read_text())
    assert set(result["sections"]) == set(scaling.LABELS)
    assert all(
        row.get("words_per_s", row.get("seconds")) > 0
        for rows in result["sections"].values()
        for row in rows
    )
    assert [row["x"] for row in result["naive_softmax"]] == [100, 10_000]
    assert [row["x"] for row in result["arithmetic"]] == [1, 2]
    assert all(row["softmax_ns"] > 0 and row["sampling_ns"] > 0 for row in result["naive_softmax"])
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("scaling.png", "softmax.png"))


def test_the_model_of_many_machines_is_drawn(own_results, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from bench import distributed

    monkeypatch.setattr(distributed, "RESULTS", tmp_path)
    monkeypatch.setattr(distributed, "VOCABULARIES", [1000, 20_000])
    assert CliRunner().invoke(distributed.main, ["draw"], catch_exceptions=False).exit_code == 0
    model = json.loads((tmp_path / "distributed.json").read_text())["model"]
    speedups = {
        (row["vocabulary"], row["machine"], row["gbit"]): row["speedup"] for row in model["rows"]
    }
    assert len(speedups) == 8 and all(
        s[0] == 1 and all(s[i] <= n for i, n in enumerate(model["nodes"]))
        for s in speedups.values()
    )
    for (V, machine, gbit), speedup in speedups.items():
        assert (
            speedup[-1] >= speedups[20_000, machine, gbit][-1]
            and speedup[-1] <= speedups[V, machine, 100][-1]
        )
    assert (tmp_path / "distributed.png").stat().st_size > 10_000


def test_the_headline_has_the_lowest_ratio_that_is_fair():
    def result(ours, **others):
        rows = [{"name": "fastw2v", "words_per_s": ours}]
        rows += [{"name": name} | row for name, row in others.items()]
        return {"rows": rows, "machine": {"cpu": "A", "llvm_cpu": "b"}}

    slow = {"word2vec": {"words_per_s": 2.0}, "pWord2Vec": {"words_per_s": 1.0, "unfair": "yes"}}
    fast = {"word2vec": {"words_per_s": 4.0}, "pWord2Vec": {"words_per_s": 5.0}}
    said = headline(result(10.0, **slow), result(30.0, **fast))
    assert "5.0 times as fast as word2vec" in said and "6.0 times as fast as pWord2Vec" in said
