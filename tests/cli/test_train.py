"""``fastw2v train`` and other people's files: what it replaces, what it keeps, what it refuses."""

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest
from click.testing import CliRunner

import fastw2v
from fastw2v.cli import saving
from fastw2v.config import TrainConfig
from fastw2v.errors import CorpusError, Fastw2vError, OutputError, TrainingError
from fastw2v.training.inputs import RunInputs
from fastw2v.training.recorder import Recorder
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers import ROOT
from tests.helpers.forging import edit_json
from tests.helpers.ranks import on_ranks

command = importlib.import_module("fastw2v.cli.train")
OPTIONS = ["--threads", "1", "--epochs", "1", "--vector-size", "8", "--min-count", "1"]


def train(*args):
    """What the command has said, in this process."""
    done = CliRunner().invoke(command.train, [*map(str, args), *OPTIONS], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a corpus, the run of it, and its vectors."""
    folder, patch = tmp_path_factory.mktemp("finished"), pytest.MonkeyPatch()
    # it is for programs that own their process
    patch.setattr(command, "begin_compiling", lambda threads, on_compile=None: None)
    patch.chdir(folder)
    rng = np.random.default_rng(20260103)
    Path("corpus.txt").write_text(
        "".join(" ".join(rng.choice(list("abcdefgh"), 9)) + "\n" for _ in range(200))
    )
    train("corpus.txt", "--run-dir", "run", "-o", "v.bin")
    patch.undo()
    return folder


@pytest.fixture
def here(finished, tmp_path, monkeypatch):
    """A copy of that folder, which is the current directory."""
    shutil.copytree(finished, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(command, "begin_compiling", lambda threads, on_compile=None: None)
    there, here = str(finished), str(tmp_path / "here")
    metadata = Path("run/run.json").read_text().replace(there, here)
    Path("run/run.json").write_text(metadata)
    return tmp_path / "here"


def says_output(path, name="output"):
    edit_json(
        Path("run/run.json"),
        lambda metadata: metadata | {"inputs": metadata["inputs"] | {name: str(path)}},
    )


@pytest.mark.parametrize("name", ["output", "save_output_vectors"])
@pytest.mark.parametrize("victim", ["profile", "notes.txt", "paper.npz", "link.bin"])
def test_resume_replaces_no_file_that_holds_no_vectors_unless_it_is_named(here, name, victim):
    (here / "precious").write_text("alias ll='ls -l'\n")
    if victim == "link.bin":
        (here / victim).symlink_to("precious")
    else:
        (here / victim).write_bytes(
            b"PK\x03\x04 a document" if victim == "paper.npz" else b"alias ll='ls -l'\n"
        )
    before = (here / victim).read_bytes()
    says_output(here / victim, name)
    option = "-o" if name == "output" else "--save-output-vectors"
    with pytest.raises(OutputError, match=f"{victim}: .* {option} "):
        train("--resume", "run")
    assert (here / victim).read_bytes() == before
    train("--resume", "run", option, here / victim)
    assert (here / victim).read_bytes() != before


def test_resume_replaces_vectors_and_writes_what_is_not_there(here):
    whole = Path("v.bin").read_bytes()
    for path in ("v.bin", "new.bin", "empty.bin"):
        if path == "empty.bin":
            Path(path).touch()
        says_output(here / path)
        train("--resume", "run")
        assert Path(path).read_bytes() == whole


@pytest.mark.parametrize("name", ["corpus", "evaluate", "init"])
def test_resume_of_a_run_json_without_an_input_is_no_traceback(here, name):
    edit_json(
        Path("run/run.json"),
        lambda metadata: (
            metadata | {"inputs": {k: v for k, v in metadata["inputs"].items() if k != name}}
        ),
    )
    if name == "corpus":
        with pytest.raises(CorpusError):
            train("--resume", "run")
    else:
        train("--resume", "run")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="the system has no such device")
def test_resume_writes_to_no_device_of_a_run_json(here):
    says_output("/dev/zero")
    with pytest.raises(OutputError, match="/dev/zero"):
        train("--resume", "run")
    says_output("/dev/null")
    train("--resume", "run")


@pytest.mark.parametrize("option", ["-o", "--save-output-vectors", "--report"])
@pytest.mark.parametrize(
    "victim", ["corpus.txt", "hard.txt", "soft.txt", "vocab.txt", "run2/vocabulary.txt"]
)
def test_an_output_that_is_an_input_or_a_file_of_the_run_is_refused(here, option, victim):
    Path("vocab.txt").write_text("a\nb\n")
    Path("run2").mkdir()
    os.link("corpus.txt", "hard.txt")
    Path("soft.txt").symlink_to("corpus.txt")
    before = Path(victim).read_bytes() if Path(victim).exists() else None
    output = [] if option == "-o" else ["-o", "new.bin"]
    with pytest.raises(OutputError, match=f"{victim}: "):
        train("corpus.txt", "--vocab", "vocab.txt", "--run-dir", "run2", *output, option, victim)
    assert (Path(victim).read_bytes() if Path(victim).exists() else None) == before


@pytest.mark.parametrize(
    "options",
    [["-o", "x.txt", "--report", "x.txt"], ["-o", "x.txt", "--save-output-vectors", "./x.txt"]],
)
def test_two_outputs_of_one_name_are_refused(here, options):
    with pytest.raises(OutputError, match=r"x.txt: "):
        train("corpus.txt", *options)


def test_an_output_that_is_the_folder_of_the_run_is_refused_before_training(here):
    with pytest.raises(OutputError, match="new: "):
        train("corpus.txt", "--run-dir", "new", "-o", "new")
    assert "fingerprints" not in json.loads(Path("new/run.json").read_text())


def test_vectors_and_report_are_written_before_it_is_said_that_the_last_checkpoint_is_not(
    here, monkeypatch
):
    def take(self, stopped=False):
        raise OutputError("checkpoint-1: No space left on device")

    monkeypatch.setattr(Recorder, "take", take)
    with pytest.raises(OutputError, match="checkpoint-1: No space"):
        train("corpus.txt", "--run-dir", "new", "-o", "w.bin", "--report", "r.html")
    assert Path("w.bin").read_bytes() == Path("v.bin").read_bytes() and Path("r.html").exists()


def test_a_report_that_cannot_be_written_costs_no_vectors(here, monkeypatch):
    def write_report(*args, **options):
        raise OutputError("r.html: No space left on device")

    monkeypatch.setattr("fastw2v.plots.report.write_report", write_report)
    with pytest.raises(OutputError, match=r"r.html"):
        train("corpus.txt", "-o", "w.bin", "--report", "r.html")
    assert Path("w.bin").read_bytes() == Path("v.bin").read_bytes()


def test_save_writes_the_second_file_although_the_first_cannot_be(tmp_path, rng):
    table = rng.normal(size=(3, 4)).astype(np.float32)
    vectors = WordVectors(list("abc"), table, output_vectors=table)

    said = []
    show = SimpleNamespace(say=said.append)
    with pytest.raises(OutputError, match=r"a.bin"):
        saving.save(vectors, [tmp_path / "none" / "a.bin", tmp_path / "b.bin"], show)
    assert fastw2v.load(tmp_path / "b.bin").words == list("abc") and len(said) == 1


def test_partial_vectors_take_a_name_that_nothing_has(tmp_path):
    names = []
    for _ in range(3):
        path = saving._partial_path(tmp_path / "v.txt.gz")
        path.touch()
        names.append(path.name)
    assert names == ["v.partial.txt.gz", "v.partial-2.txt.gz", "v.partial-3.txt.gz"]


def test_the_mode_of_a_private_output_is_kept(here):
    Path("private.bin").touch(mode=0o600)
    train("corpus.txt", "-o", "private.bin")
    assert Path("private.bin").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["x" * 300, "loop", "a\0b", "half\ud800"], ids=["long", "loop", "null", "surrogate"]
)
@pytest.mark.parametrize(
    "option", ["-o", "--save-output-vectors", "--report", "--run-dir", "--resume"]
)
def test_a_name_that_cannot_be_is_refused_in_one_line(here, option, name):
    Path("loop").symlink_to("pool")
    Path("pool").symlink_to("loop")
    before = sorted(os.listdir())
    with pytest.raises(Fastw2vError) as raised:
        train(*([] if option == "--resume" else ["corpus.txt"]), option, name)
    assert (
        "\n" not in str(raised.value)
        and len(str(raised.value)) < 300
        and sorted(os.listdir()) == before
    )


def test_a_temporary_folder_that_cannot_be_made_is_told_of(here, monkeypatch):
    def make():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(command, "temporary_folder", make)
    with pytest.raises(OutputError, match="--run-dir"):
        train("corpus.txt", "--report", "r.html")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals end processes in another way")
def test_a_signal_before_training_removes_the_temporary_folder_of_a_report(tmp_path):
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    arguments = [sys.executable, "-m", "fastw2v", "train", "-", "--report", "r.html"]
    running = subprocess.Popen(
        arguments, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not list((tmp_path / "tmp").glob(".fastw2v-*/run.json")):
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 143 and b"Traceback" not in said, said
    assert not list((tmp_path / "tmp").glob(".fastw2v-*"))


# ---- ranks that were started with other command lines


@pytest.mark.parametrize(
    "other, named",
    [
        ({"window": 7}, "--window"),
        ({"corpus": ("d.txt",)}, "CORPUS"),
        ({"maxn": 6}, "--maxn"),
    ],
)
def test_ranks_with_another_command_line_are_refused_by_name(other, named):
    same = {"corpus": ("c.txt",), "window": 5, "maxn": 0, "quiet": False}

    def ask(ranks):
        params = same | (other if ranks.rank == 1 else {"quiet": ranks.rank == 2})
        try:
            command._compare(SimpleNamespace(params=params), ranks)
        except TrainingError as error:
            return str(error)

    said = on_ranks(3, ask)
    assert all("rank 1 was given" in line for line in said) and named in said[1]


def test_ranks_with_one_command_line_go_on():
    on_ranks(
        2,
        lambda ranks: command._compare(
            SimpleNamespace(params={"window": 5, "quiet": ranks.rank > 0}), ranks
        ),
    )


def test_help_shows_every_option_once_and_common_ones_first():
    shown = CliRunner().invoke(command.train, ["--help"]).output
    options = [each for each in command.train.params if isinstance(each, click.Option)]
    for name in (option.opts[-1] for option in options):
        assert len(re.findall(rf"^  (-\S+(, | / ))*{name}\b(?!-)", shown, re.M)) == 1, name
    assert shown.index("--vector-size") < shown.index("Corpus:") < shown.index("--lowercase")


@pytest.mark.parametrize(
    ("options", "without"),
    [
        (["--model", "cbow", "--negatives-per", "pair"], "--negatives-per"),
        (["--model", "dbow", "--negatives-per", "pair"], "--negatives-per"),
        (["--model", "dbow", "--window", "3"], "--window"),
        (["--model", "dbow", "--train-words", "--window", "3"], None),
        (["--negatives-per", "pair"], None),
        (["--loss", "hs", "--negative", "3"], "--negative"),
    ],
)
def test_an_option_that_has_no_effect_is_named(options, without):
    context = command.train.make_context("train", ["corpus.txt", *options])
    config = TrainConfig(
        **{
            name: context.params[name]
            for name in ("model", "loss", "negatives_per", "window", "train_words")
        }
    )
    inputs = RunInputs(corpus=["corpus.txt"])
    said = list(command._ignored_options(context, config, inputs, None))
    assert [sentence.split()[0] for sentence in said] == ([without] if without else [])
