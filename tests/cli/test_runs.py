"""Run folders as a user meets them: killed, terminated, interrupted, resumed."""

import hashlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time

import pytest
from llvmlite.binding import get_host_cpu_features

import fastw2v as package
from tests.helpers import ROOT
from tests.helpers.command_line import fastw2v

OPTIONS = ["--epochs", "15", "--vector-size", "20", "--quiet"]
MODES = {"one thread": ["--threads", "1"], "deterministic": ["--deterministic"]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, world_path):
    """What undisturbed runs leave."""
    folder, found = tmp_path_factory.mktemp("whole"), {}
    for name, mode in MODES.items():
        assert (
            fastw2v("train", world_path, *mode, *OPTIONS, "-o", "v.bin", cwd=folder).returncode == 0
        )
        found[name] = (folder / "v.bin").read_bytes()
    return found


def begun(folder, corpus, *options):
    """A run that has written a checkpoint."""
    command = [
        sys.executable,
        "-m",
        "fastw2v",
        "train",
        str(corpus),
        "--run-dir",
        "run",
        *OPTIONS,
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [*command, "--checkpoint-every", "50000"],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list((folder / "run").glob("checkpoint-*")):
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)
    return running


@pytest.mark.parametrize(
    "name, number",
    [(name, signal.SIGKILL) for name in MODES]
    + [("one thread", number) for number in (signal.SIGTERM, signal.SIGINT)],
)
def test_a_run_that_is_ended_goes_on(tmp_path, world_path, whole, name, number):
    running = begun(tmp_path, world_path, *MODES[name])
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    status = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[number]
    assert running.returncode == status, said
    assert not (tmp_path / "vectors.bin").exists()
    done = fastw2v("train", "--resume", "run", cwd=tmp_path)
    assert done.returncode == 0 and b"run/checkpoint-" in done.stderr, done.stderr
    assert (tmp_path / "vectors.bin").read_bytes() == whole[name]


def test_options_beside_resume_are_those_of_the_run(tmp_path, world_path):
    assert (
        fastw2v(
            "train", world_path, "--run-dir", "run", "--epochs", 1, "--quiet", cwd=tmp_path
        ).returncode
        == 0
    )
    for options, status, message in (
        (["--window", 7], 1, b"window was 5, now it is 7"),
        (["--run-dir", "other"], 2, b"--run-dir"),
        (["--init", "x.bin"], 2, b"init"),
        (["--checkpoint-every", "often"], 1, b"--checkpoint-every"),
        (["--window", 5, "--threads", 1, "-o", "again.bin"], 0, b"again.bin"),
    ):
        done = fastw2v("train", "--resume", "run", *options, cwd=tmp_path)
        assert done.returncode == status and message in done.stderr, done.stderr
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "vectors.bin").read_bytes()
    assert fastw2v("train", cwd=tmp_path).returncode == 2


def test_a_run_begun_from_python_goes_on_from_the_command_line(tmp_path, world_path):
    run = tmp_path / "run"
    package.train(world_path, run_dir=run, epochs=1, threads=1).save(tmp_path / "whole.bin")
    done = fastw2v("train", "--resume", "run", "-o", "again.bin", cwd=tmp_path)
    assert (
        done.returncode == 0
        and (tmp_path / "again.bin").read_bytes() == (tmp_path / "whole.bin").read_bytes()
    ), done.stderr
    metadata = json.loads((tmp_path / "run" / "run.json").read_text())
    metadata["inputs"]["objects"] = ["evaluate"]
    (tmp_path / "run" / "run.json").write_text(json.dumps(metadata))
    done = fastw2v("train", "--resume", "run", cwd=tmp_path)
    assert done.returncode == 1 and b" evaluate " in done.stderr


def test_a_model_that_a_run_begins_with_is_not_overwritten(tmp_path, world_path):
    assert (
        fastw2v(
            "train", world_path, "--epochs", 1, "--quiet", "-o", "m.npz", cwd=tmp_path
        ).returncode
        == 0
    )
    done = fastw2v(
        "train", world_path, "--update", "m.npz", "-o", "m.npz", "--run-dir", "run", cwd=tmp_path
    )
    assert done.returncode == 1 and b"m.npz: " in done.stderr
    assert (
        fastw2v(
            "train", world_path, "--update", "m.npz", "-o", "m.npz", "--epochs", 1, cwd=tmp_path
        ).returncode
        == 0
    )


def test_deterministic_runs_are_the_same_bytes_on_any_number_of_threads(tmp_path, world_path):
    shown = re.findall(
        r"^([0-9a-f]{64})  (\d)\.bin$", (ROOT / "README.md").read_text(encoding="utf8"), re.M
    )
    assert len({file for _, file in shown}) == 3
    for _, threads in shown:
        options = ["--deterministic", "--threads", threads, "-o", f"{threads}.bin", "--quiet"]
        assert fastw2v("train", world_path, *options, cwd=tmp_path).returncode == 0
    found = [
        (hashlib.sha256((tmp_path / f"{n}.bin").read_bytes()).hexdigest(), n) for _, n in shown
    ]
    assert len({digest for digest, _ in found}) == 1
    # others may round otherwise
    if platform.machine() == "x86_64" and get_host_cpu_features().get("fma"):
        assert found == shown


def test_a_report_tells_of_the_run_that_has_ended(tmp_path, world_path):
    done = fastw2v("train", world_path, "--epochs", 1, "--report", "r.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "vectors.bin"]
    assert "394" in (tmp_path / "r.html").read_text(encoding="utf8")
    assert (
        fastw2v(
            "train", world_path, "--epochs", 1, "--run-dir", "run", "--quiet", cwd=tmp_path
        ).returncode
        == 0
    )
    assert fastw2v("report", "run", "-o", "s.html", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["corpus"]["words"] == 394
