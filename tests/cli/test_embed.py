"""``fastw2v embed`` writes what ``WordVectors.embed`` returns."""

import os

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.embedding import TextEmbedder
from fastw2v.errors import CorpusError, OutputError, VectorsError
from fastw2v.vectors.word_vectors import WordVectors

WORDS = ["the", "cat", "sat", "mat", "on"]
TEXTS = ["the cat sat", "", "on The mat", "dog"]


@pytest.fixture
def vectors(rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts = np.array([50, 20, 10, 8, 6])
    vectors = WordVectors(WORDS, rng.normal(size=(5, 4)).astype(np.float32), counts)
    vectors.save("v.npz")
    vectors.save("v.bin")
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    return vectors


def embed(*args, **options):
    return CliRunner().invoke(cli, ["embed", *args], prog_name="fastw2v", **options)


@pytest.mark.parametrize("weighting", ["sif", "idf", "mean"])
def test_embed_writes_a_row_for_each_line_and_counts(vectors, weighting):
    done = embed("v.npz", "texts.txt", "-o", "o.npy", "--weighting", weighting, "--lowercase")
    assert done.exit_code == 0, done.output
    expected = vectors.embed(TEXTS, weighting=weighting, lowercase=True)
    np.testing.assert_array_equal(np.load("o.npy"), expected)
    assert "4 texts" in done.output and "2 of 4 texts" in done.output
    assert "1 of 7 words" in done.output


def test_embed_learns_components_from_other_texts(vectors, tmp_path):
    (tmp_path / "fit.txt").write_text("cat sat\nmat\non on the\n")
    done = embed(*"v.npz texts.txt -o o.npy --remove-components 2 --fit fit.txt".split())
    assert done.exit_code == 0, done.output
    embedder = TextEmbedder(vectors, remove_components=2).fit(["cat sat", "mat", "on on the"])
    np.testing.assert_allclose(np.load("o.npy"), embedder.embed(TEXTS), atol=1e-6)


def test_embed_writes_no_rows_for_an_empty_file(vectors, tmp_path):
    (tmp_path / "empty.txt").touch()
    assert embed(*"v.npz empty.txt -o o.npy --quiet".split()).exit_code == 0
    assert np.load("o.npy").shape == (0, 4)


def test_embed_reads_and_writes_parquet(vectors):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"id": range(4), "text": TEXTS}), "t.parquet")
    done = embed(*"v.npz t.parquet --column text -o o.parquet".split())
    assert done.exit_code == 0, done.output
    found = parquet.read_table("o.parquet")
    assert found.column_names == ["vector"]
    np.testing.assert_array_equal(np.array(found["vector"].to_pylist()), vectors.embed(TEXTS))


@pytest.mark.parametrize(
    "args, error, named",
    [
        ("v.bin texts.txt -o o.npy", VectorsError, "counts"),
        ("v.npz texts.txt -o o.txt", OutputError, "o.txt"),
        ("v.npz texts.txt -o absent/o.npy", OutputError, "absent"),
        ("v.npz absent.txt -o o.npy", CorpusError, "absent.txt"),
        ("v.npz v.npz -o o.npy", CorpusError, "v.npz"),
    ],
)
def test_embed_refuses_and_leaves_no_output(vectors, args, error, named):
    done = embed(*args.split())
    assert isinstance(done.exception, error) and named in str(done.exception)
    assert not [name for name in os.listdir() if name.startswith((".", "o"))]


def test_embed_leaves_an_old_output_where_texts_are_bad(vectors, tmp_path):
    (tmp_path / "o.npy").write_bytes(b"old")
    (tmp_path / "bad.txt").write_bytes(b"the \xff\n")
    assert isinstance(embed(*"v.npz bad.txt -o o.npy".split()).exception, CorpusError)
    assert (tmp_path / "o.npy").read_bytes() == b"old"
    assert isinstance(embed(*"v.npz o.npy -o o.npy".split()).exception, OutputError)
