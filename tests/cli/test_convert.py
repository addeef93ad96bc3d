"""``fastw2v convert`` as a user meets it."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import fastw2v as package
from fastw2v.cli import cli
from fastw2v.errors import OutputError
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.command_line import fastw2v


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world):
    folder = tmp_path_factory.mktemp("convert")
    world.save(folder / "v.npz")
    return folder


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.vec.gz", "v.glove", "w.npz"])
def test_by_suffix(folder, world, name):
    done = fastw2v("convert", "v.npz", name, cwd=folder)
    assert (done.returncode, done.stdout) == (
        0,
        b"",
    ) and b"394 words, 100 dimensions" in done.stderr
    assert (b"counts, output vectors" in done.stderr) == (name != "w.npz")
    np.testing.assert_array_equal(package.load(folder / name).vectors, world.vectors)


def test_by_name_in_fewer_bits_and_fewer_words(folder, world):
    assert (
        fastw2v(
            "convert", "v.npz", "hub", "--to", "hub", "--dtype", "int8", "-n", 9, cwd=folder
        ).returncode
        == 0
    )
    assert fastw2v("convert", "hub", "few.txt", cwd=folder).returncode == 0
    few = package.load(folder / "few.txt")
    assert few.words == world.words[:9]
    np.testing.assert_allclose(
        few.vectors, world.vectors[:9], atol=np.abs(world.vectors).max() / 200
    )
    assert fastw2v("convert", "v.npz", "p", "--to", "projector", cwd=folder).returncode == 0
    assert len((folder / "p" / "tensors.tsv").read_text().splitlines()) == 394


ERRORS = {
    "a suffix that says nothing": (
        ["v.npz", "x.foo"],
        1,
        "x.foo: .foo is not the suffix of a format; known are .bin, .txt",
    ),
    "over itself": (["v.npz", "v.npz"], 1, "v.npz: it is read from in the same run"),
    "no such file": (["none.bin", "x.bin"], 1, "none.bin: cannot be read: No such file"),
    "empty": (["empty.bin", "x.bin"], 1, "empty.bin: is not a word2vec file"),
    "no such folder": (["v.npz", "none/x.bin"], 1, "there is no directory"),
    "a folder over another": (["v.npz", "full", "--to", "hub"], 1, "full: is there already"),
    "fewer bits than a format has": (
        ["v.npz", "x.txt", "--dtype", "int8"],
        1,
        "holds float32 only",
    ),
    "no such format": (["v.npz", "x", "--to", "word2vec"], 2, "is not one of"),
    "one name": (["v.npz"], 2, "Missing argument 'OUT'"),
}


@pytest.mark.parametrize("args, code, said", ERRORS.values(), ids=ERRORS.keys())
def test_an_error_is_said_and_nothing_is_left(folder, args, code, said):
    (folder / "empty.bin").write_bytes(b"")
    (folder / "full" / "of").mkdir(parents=True, exist_ok=True)
    before = sorted(path.name for path in folder.rglob("*"))
    done = fastw2v("convert", *args, cwd=folder)
    assert done.returncode == code and said in done.stderr.decode() and done.stdout == b""
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_words_that_are_not_utf8(folder):
    (folder / "cut.bin").write_bytes(b"1 1\ncaf\xc3 " + np.float32(1).tobytes() + b"\n")
    done = fastw2v("convert", "cut.bin", "c.txt", cwd=folder)
    assert done.returncode == 1 and b"--encoding-errors replace" in done.stderr
    assert (
        fastw2v(
            "convert", "cut.bin", "c.txt", "--encoding-errors", "replace", cwd=folder
        ).returncode
        == 0
    )
    assert (folder / "c.txt").read_text(encoding="utf8") == "1 1\ncaf\ufffd 1\n"


def test_train_refuses_such_a_suffix_before_it_trains(folder, world_path):
    done = fastw2v("train", world_path, "-o", "x.foo", cwd=folder)
    assert (
        done.returncode == 1
        and done.stderr.startswith(b"fastw2v: x.foo: .foo is not the suffix of a format")
        and done.stderr.count(b"\n") == 1
    )


def test_no_file_of_a_hub_folder_that_is_read_is_written_over(tmp_path, rng):
    WordVectors(["a", "b"], rng.normal(size=(2, 3)).astype(np.float32)).save(
        tmp_path / "hub", "hub"
    )
    before = (tmp_path / "hub" / "tokenizer.json").read_bytes()
    done = CliRunner().invoke(
        cli,
        [
            "convert",
            str(tmp_path / "hub"),
            str(tmp_path / "hub" / "tokenizer.json"),
            "--to",
            "text",
        ],
    )
    assert (
        isinstance(done.exception, OutputError)
        and (tmp_path / "hub" / "tokenizer.json").read_bytes() == before
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "v.txt", "-"],
        ["encode", "text", "-o", "-"],
        ["phrases", "text", "-o", "-"],
        ["report", "run", "-o", "-"],
        ["train", "text", "--save-output-vectors", "-"],
        ["train", "text", "--report", "-"],
    ],
    ids=" ".join,
)
def test_output_named_as_standard_output_is_refused(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    Path("v.txt").write_text("1 1\na 1\n", encoding="utf8")
    Path("text").write_text("a b\n", encoding="utf8")
    error = CliRunner().invoke(cli, arguments).exception
    assert isinstance(error, OutputError) and str(error).startswith("-: ")
    assert not Path("-").exists()
