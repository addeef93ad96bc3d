"""``fastw2v train --model dbow``, and questions about documents."""

import importlib

import numpy as np
import pytest
from click.testing import CliRunner

import fastw2v
from fastw2v.cli import cli

train = importlib.import_module("fastw2v.cli.train")
OPTIONS = "--threads 1 --epochs 2 --vector-size 8 --min-count 1 --seed 3".split()


def run(*args):
    """The result of a command in this process."""
    return CliRunner().invoke(cli, list(map(str, args)), prog_name="fastw2v")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with tagged lines, and a model of them."""
    path, patch = tmp_path_factory.mktemp("documents"), pytest.MonkeyPatch()
    patch.setattr(train, "begin_compiling", lambda threads, on_compile=None: None)
    rng = np.random.default_rng(8)
    lines = [f"tag{i % 40} {' '.join(rng.choice(list('abcdefgh'), 9))}" for i in range(60)]
    (path / "corpus.txt").write_text("\n".join([*lines, "lonely"]) + "\n")
    done = run(
        "train",
        path / "corpus.txt",
        "--model",
        "dm",
        "--tags",
        "first",
        "-o",
        path / "m.npz",
        *OPTIONS,
    )
    assert done.exit_code == 0, done.stderr
    assert "1 of 41 documents" in done.stderr
    yield path
    patch.undo()


def test_train_documents_equals_api(folder):
    lines = [line.split() for line in (folder / "corpus.txt").read_text().splitlines()]
    options = {"threads": 1, "epochs": 2, "vector_size": 8, "min_count": 1, "seed": 3}
    vectors = fastw2v.train(lines, model="dm", tags="first", **options)
    saved = fastw2v.load(folder / "m.npz")
    assert (
        saved.documents.tags
        == vectors.documents.tags
        == [f"tag{i}" for i in range(40)] + ["lonely"]
    )
    assert np.array_equal(saved.documents.vectors, vectors.documents.vectors)
    assert sorted(saved.words) == list("abcdefgh")
    assert not saved.documents["lonely"].any()


def test_nearest_documents_are_tags(folder):
    done = run("nearest", folder / "m.npz", "--documents", "tag3", "-n", 2)
    assert (
        done.exit_code == 0 and done.stdout.startswith("tag3\n") and done.stdout.count("tag") == 3
    )


@pytest.mark.parametrize(
    "args, named",
    [
        (["nearest", "m.npz", "--documents", "tag99"], "'tag99'"),
        (["nearest", "m.npz", "--documents", "a"], "'a'"),
        (["nearest", "w.bin", "--documents", "a"], "w.bin"),
        (["train", "corpus.txt", "--model", "dbow", "-o", "v.bin"], "v.npz"),
        (["train", "corpus.txt", "--train-words"], "train_words"),
        (["train", "corpus.txt", "--model", "dbow", "--maxn", 3], "maxn"),
    ],
)
def test_documents_bad_request_is_one_line(folder, monkeypatch, args, named):
    monkeypatch.chdir(folder)
    fastw2v.load("m.npz").save("w.bin")
    done = run(*args)
    assert done.exit_code == 1 and done.stdout == ""
    message = done.stderr if isinstance(done.exception, SystemExit) else str(done.exception)
    assert isinstance(done.exception, (SystemExit, fastw2v.errors.Fastw2vError))
    assert named in message and len(message) < 300


@pytest.mark.parametrize(
    "replaced",
    [
        {"document_settings": b"[]"},
        {"document_settings": b"{\xff"},
        {"document_tags": b"one\ntwo"},
        {"document_vectors": np.zeros((41, 3), np.float32)},
        {"node_vectors": np.zeros((2, 8), np.float32)},
        {"document_settings": b'{"epochs": [1]}'},
    ],
)
def test_load_damaged_documents_are_refused(folder, tmp_path, replaced):
    from fastw2v.formats.model import write_arrays

    arrays = dict(np.load(folder / "m.npz"))
    arrays.pop("fastw2v")
    for name, value in replaced.items():
        arrays[name] = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
    write_arrays(tmp_path / "bad.npz", arrays)
    with pytest.raises(fastw2v.errors.VectorsError, match="damaged"):
        fastw2v.load(tmp_path / "bad.npz")


@pytest.mark.parametrize("settings", [b"{}", b'{"loss": 7}', b'{"window": 1e99, "model": "dm"}'])
def test_infer_by_forged_settings_is_refused(folder, tmp_path, settings):
    from fastw2v.formats.model import write_arrays

    arrays = dict(np.load(folder / "m.npz"))
    arrays.pop("fastw2v")
    arrays["document_settings"] = np.frombuffer(settings, np.uint8)
    write_arrays(tmp_path / "bad.npz", arrays)
    with pytest.raises(fastw2v.errors.VectorsError):
        fastw2v.load(tmp_path / "bad.npz").infer(["a"])
