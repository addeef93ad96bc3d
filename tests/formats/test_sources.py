"""Where the bytes of vectors come from: changing files, compressed ones, archives, and what unpacks
to too much.
"""

import bz2
import gzip
import io
import lzma
import os
import pickle
import zipfile
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import OutputError, VectorsError
from fastw2v.formats import model as model_files
from fastw2v.formats import registry, sources, word2vec

TEXT = b"2 2\na 1 2\nb 3 4\n"
WAYS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def large(tmp_path, rng, monkeypatch):
    """A function that saves vectors and loads them so that their rows stay in the file."""
    for module in (model_files, word2vec):
        monkeypatch.setattr(module, "LARGE", 0)
    vectors = fastw2v.WordVectors(
        [f"w{i}" for i in range(50)], rng.normal(size=(50, 4)).astype(np.float32)
    )

    def load(name):
        vectors.save(tmp_path / name)
        return tmp_path / name, fastw2v.load(tmp_path / name)

    return load


@pytest.mark.parametrize("name", ["v.bin", "v.npz"])
def test_vectors_whose_file_is_cut_short_raise_an_error(large, name):
    path, loaded = large(name)
    os.truncate(path, 100)
    for use in (lambda: loaded.nearest("w1"), lambda: loaded["w40"], lambda: loaded.vectors):
        with pytest.raises(VectorsError, match=f"{name}: "):
            use()


@pytest.mark.parametrize("name", ["v.bin", "v.npz"])
def test_vectors_whose_file_is_overwritten_raise_an_error(large, name):
    path, loaded = large(name)
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(1, 1))
    with pytest.raises(VectorsError, match=f"{name}: "):
        loaded.nearest("w1")


@pytest.mark.parametrize("name", ["v.bin", "v.npz"])
def test_vectors_in_a_file_answer_as_those_in_memory_and_can_be_pickled(large, name):
    _, loaded = large(name)
    copy = pickle.loads(pickle.dumps(loaded))
    assert copy.nearest("w3") == loaded.nearest("w3")
    rows = np.array([40, -1, 0, 0])
    np.testing.assert_array_equal(loaded.table[rows], copy.vectors[rows])
    np.testing.assert_array_equal(loaded.table[5:9], copy.vectors[5:9])
    np.testing.assert_array_equal(loaded.table[::-7], copy.vectors[::-7])
    assert loaded.table[7:7].shape == (0, 4)


@pytest.mark.parametrize("suffix", [*WAYS, ".zst"])
@pytest.mark.parametrize("inner", [".txt", ".vec", ".bin", ".glove"])
def test_compressed_vectors_are_written_and_read(tmp_path, suffix, inner):
    if suffix == ".zst":
        pytest.importorskip("zstandard", reason="zstd needs zstandard: pip install 'fastw2v[zstd]'")
    vectors = fastw2v.WordVectors(["a", "b"], np.array([[1, 2], [3, 0.1]], np.float32))
    path = tmp_path / f"v{inner}{suffix}"
    vectors.save(path)
    packed = path.read_bytes()
    assert sources.packing(packed[:16])
    path.rename(tmp_path / "other")
    loaded = fastw2v.load(tmp_path / "other")
    assert loaded.words == ["a", "b"]
    np.testing.assert_array_equal(loaded.vectors, vectors.vectors)
    (tmp_path / "other").write_bytes(packed[:-5])
    with pytest.raises(VectorsError, match="other: "):
        fastw2v.load(tmp_path / "other")


@pytest.mark.parametrize("name", ["v.txt.zip", "v.bin.ZIP"])
def test_vectors_are_written_into_a_zip_archive_of_one_file(tmp_path, name):
    vectors = fastw2v.WordVectors(["a", "b"], np.array([[1, 2], [3, 0.1]], np.float32))
    vectors.save(tmp_path / name)
    packed = (tmp_path / name).read_bytes()
    with zipfile.ZipFile(tmp_path / name) as archive:
        assert archive.namelist() == [name[:-4]] and archive.testzip() is None
    loaded = fastw2v.load(tmp_path / name)
    assert loaded.words == ["a", "b"]
    np.testing.assert_array_equal(loaded.vectors, vectors.vectors)
    vectors.save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == packed


def test_a_suffix_zip_alone_says_no_format():
    with pytest.raises(OutputError, match=r"\.zip"):
        registry.format_of("v.zip")


def test_zstd_without_its_library_is_refused_before_anything_is_written(monkeypatch):
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OutputError, match=r"fastw2v\[zstd\]"):
        registry.format_of("v.txt.zst")


def test_a_zip_archive_of_one_file_is_read(tmp_path):
    for data in (TEXT, TEXT[4:]):
        (tmp_path / "v.zip").write_bytes(
            zipped(**{"folder/glove.txt": data, "__MACOSX/folder/._glove.txt": b"\0"})
        )
        assert fastw2v.load(tmp_path / "v.zip").words == ["a", "b"]


ARCHIVES = {
    "two files": (zipped(a=TEXT, b=TEXT), r"2 files \(a, b\)"),
    "no file": (zipped(), "a zip archive"),
    "a Word file": (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "is a Word"),
    "a model of PyTorch": (zipped(**{"archive/data.pkl": b"", "archive/data/0": b""}), "PyTorch"),
    "an archive in it": (zipped(a=zipped(b=TEXT)), "another archive"),
    "a compressed file in it": (zipped(a=gzip.compress(TEXT)), "compressed twice"),
    "a damaged member": (
        zipped(a=TEXT * 50).replace(b"\x00\x00\x00\x00", b"\x00\x07\x00\x00"),
        "damaged",
    ),
    "twice compressed": (gzip.compress(bz2.compress(TEXT)), "compressed twice"),
    "a model, compressed": (gzip.compress(zipped(**{"vectors.npy": b""})), "another archive"),
}


@pytest.mark.parametrize("data, said", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_other_archives_are_refused_by_what_they_are(tmp_path, data, said):
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(VectorsError, match=said) as error:
        fastw2v.load(tmp_path / "v")
    assert len(str(error.value)) - len(str(tmp_path)) < 300


BOMBS = {
    "one endless line": (b"a 1 2 3\n", b"1" * (1 << 20), "too long"),
    "one endless line below a header": (b"9 3\na 1 2 3\n", b"1" * (1 << 20), "too long"),
    "short lines": (b"a 1 2 3\n", b"b 1 2 3\n" * (1 << 17), "32 times its size"),
    "an endless row of binary": (b"2 3\na \x01\x02\x00\x00", bytes(1 << 20), "32 times its size"),
    "no vectors": (b"", bytes(1 << 20), "should begin with two numbers"),
}


@pytest.mark.parametrize("way", [gzip.compress, lzma.compress, lambda data: zipped(a=data)])
@pytest.mark.parametrize("first, more, said", BOMBS.values(), ids=BOMBS.keys())
def test_what_unpacks_to_far_too_much_is_refused_early(
    tmp_path, monkeypatch, way, first, more, said
):
    monkeypatch.setattr(sources, "UNPACKED_BYTES", 5 << 20)
    monkeypatch.setattr(sources, "HEAD_BYTES", 1 << 16)
    written, sizes = sources.tempfile.TemporaryFile, []

    @contextmanager
    def temporary(*arguments):
        with written(*arguments) as file:
            yield SimpleNamespace(write=lambda data: sizes.append(file.write(data)))

    monkeypatch.setattr(sources.tempfile, "TemporaryFile", temporary)
    (tmp_path / "v").write_bytes(way(first + more * 8))
    with pytest.raises(VectorsError, match=said):
        fastw2v.load(tmp_path / "v")
    assert sum(sizes) <= 5 << 20


def test_a_full_disk_while_unpacking_is_named(tmp_path, monkeypatch):
    (tmp_path / "v.gz").write_bytes(gzip.compress(TEXT))
    monkeypatch.setattr(
        sources.tempfile,
        "TemporaryFile",
        lambda: (_ for _ in ()).throw(OSError(28, "No space left")),
    )
    with pytest.raises(VectorsError, match=r"v\.gz: .*No space left.*TMPDIR"):
        fastw2v.load(tmp_path / "v.gz")


@pytest.mark.parametrize(
    "path, named",
    [("a\0b", "null"), (3, "int"), (None, "NoneType"), ("x" * 300, "x" * 20)],
)
def test_names_that_no_file_can_have_are_refused(path, named):
    with pytest.raises(VectorsError, match=named):
        fastw2v.load(path)


def test_pipes_and_loops_of_links_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("pipe", "loop"):
        with pytest.raises(VectorsError, match=f"{name}: "):
            fastw2v.load(tmp_path / name)
