"""Formats written for other libraries, read by these: NumPy, pyarrow, faiss, hnswlib."""

import importlib.util
import os

import numpy as np
import pytest
from click.testing import CliRunner

import fastw2v
from fastw2v.cli import cli
from fastw2v.errors import OutputError, VectorsError

WORDS = ["the", "straße", "a b", "猫", "none"]


@pytest.fixture
def vectors(rng):
    table = rng.normal(size=(5, 6)).astype(np.float32)
    table[4] = 0
    return fastw2v.WordVectors(WORDS, table, np.array([9, 7, 5, 3, 0]))


def words_of(path):
    return path.read_text(encoding="utf8").splitlines()


def test_npy_is_numpys_array_with_a_file_of_words(tmp_path, vectors):
    vectors.save(tmp_path / "v.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy", mmap_mode="r"), vectors.vectors)
    assert words_of(tmp_path / "v.words.txt") == WORDS


@pytest.mark.parametrize("with_counts", [True, False])
def test_parquet_has_words_counts_and_vectors(tmp_path, vectors, monkeypatch, with_counts):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("fastw2v.formats.parquet.GROUP_NUMBERS", 12)
    counts = vectors.counts if with_counts else None
    fastw2v.WordVectors(WORDS, vectors.vectors, counts).save(tmp_path / "v.parquet")
    table = parquet.read_table(tmp_path / "v.parquet")
    assert table["word"].to_pylist() == WORDS and table["vector"].type.list_size == 6
    assert table["vector"].to_pylist() == vectors.vectors.tolist()
    assert table.column_names == ["word", *["count"] * with_counts, "vector"]
    assert not with_counts or table["count"].to_pylist() == [9, 7, 5, 3, 0]
    assert parquet.ParquetFile(tmp_path / "v.parquet").num_row_groups == 3


@pytest.mark.parametrize("library", ["faiss", "hnswlib"])
def test_an_index_finds_the_nearest_words_in_its_library(tmp_path, vectors, library):
    peer = pytest.importorskip(library)
    path = tmp_path / f"v.{library}"
    vectors.save(path)
    query = vectors.unit_vectors[1][None]
    if library == "faiss":
        rows = peer.read_index(str(path)).search(query, 3)[1][0]
    else:
        index = peer.Index(space="cosine", dim=6)
        index.load_index(str(path))
        rows = index.knn_query(query, k=3)[0][0]
    words = words_of(tmp_path / "v.words.txt")
    assert [words[row] for row in rows] == [
        "straße",
        *(word for word, _ in vectors.nearest("straße", 2)),
    ]


@pytest.mark.parametrize("name", ["v.npy", "v.faiss", "v.hnswlib"])
def test_words_with_line_breaks_are_refused_and_nothing_is_written(tmp_path, name):
    if name != "v.npy":
        pytest.importorskip(name[2:])
    vectors = fastw2v.WordVectors(["a", "b\rc"], np.ones((2, 3), np.float32))
    with pytest.raises(VectorsError, match="break"):
        vectors.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["v.parquet", "v.faiss", "v.hnswlib"])
def test_a_library_that_is_missing_is_named_with_how_to_get_it(
    tmp_path, vectors, monkeypatch, name
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OutputError, match="pip install"):
        vectors.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["npy", "parquet", "fasttext"])
def test_what_cannot_be_written_leaves_nothing(tmp_path, format):
    if format == "parquet":
        pytest.importorskip("pyarrow")
    bad = fastw2v.WordVectors(["a", "b"], np.array([[1.0], [np.nan]], np.float32))
    with pytest.raises(VectorsError, match="finite"):
        bad.save(tmp_path / "v", format=format)
    assert not list(tmp_path.iterdir())


def test_convert_names_both_files_and_replaces_no_input(tmp_path, vectors):
    vectors.save(tmp_path / "v.npz")
    done = CliRunner().invoke(cli, ["convert", str(tmp_path / "v.npz"), str(tmp_path / "v.npy")])
    assert done.exit_code == 0 and "v.words.txt" in done.stderr
    vectors.head(2).save(tmp_path / "w.words.txt", format="glove")
    before = (tmp_path / "w.words.txt").read_bytes()
    done = CliRunner().invoke(
        cli, ["convert", str(tmp_path / "w.words.txt"), str(tmp_path / "w.npy")]
    )
    assert isinstance(done.exception, OutputError)
    assert (tmp_path / "w.words.txt").read_bytes() == before


@pytest.mark.parametrize("name", ["v.npy", "v.faiss", "v.hnswlib"])
@pytest.mark.parametrize("bytes_of_a_file", [100, 4096])
def test_a_full_disk_leaves_both_files_as_they_were(tmp_path, rng, name, bytes_of_a_file):
    resource = pytest.importorskip("resource")
    if name != "v.npy":
        pytest.importorskip(name[2:])
    words = [f"word{i}" for i in range(200)]
    vectors = fastw2v.WordVectors(words, rng.normal(size=(200, 8)).astype(np.float32))
    for file in (name, "v.words.txt"):
        (tmp_path / file).write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_a_file, limits[1]))
    try:
        with pytest.raises(OutputError) as caught:
            vectors.save(tmp_path / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: "before",
        "v.words.txt": "before",
    }


@pytest.mark.parametrize("format", ["npy", "faiss", "hnswlib"])
def test_a_device_gets_no_file_of_words_next_to_it(tmp_path, vectors, format):
    if format != "npy":
        pytest.importorskip(format)
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="pipe"):
        vectors.save(tmp_path / "pipe", format=format)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
