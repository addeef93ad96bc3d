"""Files of indexes: only those that this user made are given to usearch, which ends the process
over changed bytes.
"""

import os
import random
import stat
import tracemalloc

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import VectorsError

pytest.importorskip(
    "usearch", reason="approximate search needs usearch: pip install 'fastw2v[ann]'"
)

from fastw2v.formats import index as index_files
from fastw2v.formats import signatures
from fastw2v.formats.index import open_index


@pytest.fixture
def vectors(rng):
    return fastw2v.WordVectors(
        [f"w{i}" for i in range(60)], rng.normal(size=(60, 4)).astype(np.float32)
    )


@pytest.fixture
def own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "fastw2v" / "index.key"


@pytest.fixture
def opened(tmp_path, vectors, monkeypatch, own_key):
    """Opens the index at v.index; returns it, how often one was built, and what was told."""
    path, built, plain = tmp_path / "v.index", [], index_files.build_index
    monkeypatch.setattr(
        index_files, "build_index", lambda vectors: built.append(1) or plain(vectors)
    )

    def open_again():
        built.clear()
        told = []
        return open_index(path, vectors, told.append), len(built), [event.text for event in told]

    return open_again


def test_an_index_is_made_once(opened, own_key):
    assert opened()[1:] == (1, [])
    index, built, told = opened()
    assert (built, told) == (0, []) and len(index.nearest("w3", 5)) == 5
    assert stat.S_IMODE(own_key.stat().st_mode) == 0o600 and own_key.stat().st_size == 32


def test_a_changed_index_is_never_opened_but_made_again(opened, tmp_path, monkeypatch):
    opened()
    whole, restored = (tmp_path / "v.index").read_bytes(), []
    begin = whole.index(b"\n") + 1
    rng = random.Random(1)
    monkeypatch.setattr(
        index_files,
        "is_signed",
        lambda *said: restored.append(signatures.is_signed(*said)) or restored[-1],
    )
    for number in range(20):
        data = bytearray(whole)
        place = rng.randrange(begin, len(data))
        if number % 3:
            data[place] ^= 1 << rng.randrange(8)
        else:
            del data[place:]
        (tmp_path / "v.index").write_bytes(data)
        index, built, told = opened()
        assert (
            built == 1 and restored == [False] and "v.index: was not made by this user" in told[0]
        )
        assert index.nearest("w3", 1)
        restored.clear()
    assert opened()[1:] == (0, [])


def test_of_a_huge_index_no_more_is_read_than_one_can_have(opened, tmp_path):
    opened()
    with open(tmp_path / "v.index", "r+b") as sparse:
        sparse.truncate(1 << 33)
    tracemalloc.start()
    try:
        _, built, told = opened()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert built == 1 and "v.index: was not made by this user" in told[0]
    assert peak < 1 << 26


@pytest.mark.parametrize("said", [None, 3, [], "", "é", "0" * 64])
def test_a_signature_that_is_none_is_no_signature(said):
    assert not signatures.is_signed(b"k" * 32, said, b"a", b"b")
    assert signatures.is_signed(b"k" * 32, signatures.signature(b"k" * 32, b"a", b"b"), b"a", b"b")
    assert not signatures.is_signed(
        b"k" * 32, signatures.signature(b"k" * 32, b"ab", b""), b"a", b"b"
    )


def test_the_index_of_another_user_is_made_again(opened, own_key):
    opened()
    own_key.write_bytes(b"another user's key".ljust(32))
    assert opened()[1] == 1
    assert opened()[1] == 0


@pytest.mark.parametrize(
    "spoil", ["open to others", "short", "a link", "a pipe", "a folder that is a file"]
)
def test_a_key_that_others_may_have_made_is_not_used(opened, own_key, tmp_path, spoil):
    opened()
    whole = own_key.read_bytes()
    own_key.unlink()
    if spoil == "open to others":
        own_key.write_bytes(whole)
        own_key.chmod(0o644)
    elif spoil == "short":
        own_key.touch(0o600)
    elif spoil == "a link":
        (tmp_path / "key").write_bytes(whole)
        (tmp_path / "key").chmod(0o600)
        own_key.symlink_to(tmp_path / "key")
    elif spoil == "a pipe":
        os.mkfifo(own_key, 0o600)
    else:
        own_key.parent.rmdir()
        own_key.parent.touch()
    index, built, told = opened()
    assert (
        built == 1
        and "this user has no key" in told[0]
        and str(own_key) in told[0]
        and index.nearest("w1", 1)
    )


def test_an_index_that_cannot_be_replaced_is_made_again_in_memory(opened, tmp_path, monkeypatch):
    opened()
    (tmp_path / "v.index").write_bytes((tmp_path / "v.index").read_bytes()[:-1])
    monkeypatch.setattr(
        index_files,
        "save",
        lambda *_: (_ for _ in ()).throw(index_files.OutputError("full")),
    )
    index, built, told = opened()
    assert built == 1 and "cannot be replaced (full)" in told[0] and index.nearest("w1", 1)


def test_vectors_of_equal_lengths_are_told_apart(tmp_path, vectors, own_key):
    one, other = (
        fastw2v.WordVectors(vectors.words, vectors.unit_vectors[::step]) for step in (1, -1)
    )
    open_index(tmp_path / "v.index", one)
    with pytest.raises(VectorsError, match=r"v\.index: "):
        open_index(tmp_path / "v.index", other)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]\n", b"{}\n", b"3\n", b"{" * 999 + b"\n", b'{"format": []}\n', b"3 4\na 1 2 3 4\n"],
)
def test_another_file_is_never_replaced(opened, tmp_path, data):
    (tmp_path / "v.index").write_bytes(data)
    with pytest.raises(VectorsError, match=r"v\.index: "):
        opened()
    assert (tmp_path / "v.index").read_bytes() == data


def test_a_pipe_in_place_of_an_index_is_refused_at_once(opened, tmp_path):
    os.mkfifo(tmp_path / "v.index")
    with pytest.raises(VectorsError, match=r"v\.index: "):
        opened()


def test_an_index_of_extreme_vectors_finds_the_same(vectors, own_key):
    ordinary = vectors.index()
    for scale in (1e-42, 1e-30, 1e30):
        scaled = fastw2v.WordVectors(
            vectors.words, (vectors.vectors * np.float64(scale)).astype(np.float32)
        )
        found = scaled.index().nearest("w3", 5)
        expected = scaled.nearest("w3", 5)
        assert [word for word, _ in found[:1]] == [word for word, _ in expected[:1]]
        assert found[0][1] == pytest.approx(
            ordinary.nearest("w3", 1)[0][1], abs=0.02 if scale < 1e-40 else 1e-5
        )
