"""Which files a run may replace: those that this program writes, by what they begin with."""

import gzip
import zipfile

import numpy as np
import pytest

from fastw2v.formats.recognition import holds_vectors
from fastw2v.vectors.word_vectors import WordVectors


@pytest.mark.parametrize(
    "name, D",
    [
        (name, D)
        for name in ("v", "v.bin", "v.txt", "v.vec", "v.glove", "v.npz", "v.txt.gz", "v.bin.gz")
        for D in (1, 100, 9000)
        if (name, D) != ("v.glove", 1)  # GloVe's format cannot hold it
    ],
)
def test_holds_vectors_of_every_format_that_is_written(tmp_path, rng, name, D):
    WordVectors(["the", "日本"], rng.normal(size=(2, D)).astype(np.float32) * 1e-9).save(
        tmp_path / name
    )
    assert holds_vectors(tmp_path / name)


def test_holds_vectors_of_an_empty_file_for_nothing_is_lost(tmp_path):
    (tmp_path / "v.bin").touch()
    assert holds_vectors(tmp_path / "v.bin")


@pytest.mark.parametrize(
    "content",
    [
        b"alias ll='ls -l'\n",
        b"3 4\n",
        b"3 4\n1 2 3\n",
        b"12 30\nof the text of a letter\n",
        b"1 2\nword 1 nan\n",
        b"\n",
        b"a 1 2\n",
        b"3 4 5\n1 2 3 4\n",
        b"0 0\n",
        b"x" * 3_000_000,
        b"PK\x03\x04",
        b"\x1f\x8b",
        gzip.compress(b"text\n", mtime=0),
        b"2 2\nword\n1 2 3 4\n",
    ],
)
def test_holds_vectors_of_other_files_is_false(tmp_path, content):
    (tmp_path / "v.bin").write_bytes(content)
    assert not holds_vectors(tmp_path / "v.bin")


def test_holds_vectors_of_a_document_that_is_a_zip_is_false(tmp_path):
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert not holds_vectors(tmp_path / "v.npz")


def test_holds_vectors_of_what_is_no_file_is_false(tmp_path):
    assert not holds_vectors(tmp_path) and not holds_vectors(tmp_path / "none.bin")
