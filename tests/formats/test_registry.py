import gzip
import json
import sys

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import Fastw2vError, OutputError, VectorsError
from fastw2v.formats import model as model_files
from fastw2v.formats import word2vec
from fastw2v.formats.registry import FORMATS, SUFFIXES, beside, format_of
from fastw2v.formats.rows import FileRows
from fastw2v.vectors.tables import ScaledRows, lengths, quantised

WORDS = ["the", "straße", "10\u00a0000", "a-b", "[UNK]"]


@pytest.fixture
def vectors(rng):
    return fastw2v.WordVectors(
        WORDS, rng.normal(size=(5, 6)).astype(np.float32), np.arange(5, 0, -1)
    )


def same(one, other):
    assert one.words == other.words
    np.testing.assert_array_equal(one.vectors, other.vectors)


@pytest.mark.parametrize(
    "name",
    [
        "v",
        *(f"v{s}" for s, name in SUFFIXES.items() if FORMATS[name].read),
        "v.bin.gz",
        "v.txt.gz",
        "V.VEC.GZ",
        "v.glove.gz",
    ],
)
def test_the_suffix_says_the_format_and_the_content_tells_it(tmp_path, vectors, name):
    vectors.save(tmp_path / name)
    same(vectors, fastw2v.load(tmp_path / name))
    (tmp_path / name).rename(tmp_path / "other")
    same(vectors, fastw2v.load(tmp_path / "other"))


@pytest.mark.parametrize("name", ["v.foo", "v.npz.gz", "v.gz", "v.tar.gz", "v.model"])
def test_a_suffix_that_says_nothing_is_refused_with_those_that_do(tmp_path, vectors, name):
    with pytest.raises(
        OutputError,
        match=rf"{name}: .* \.bin, \.txt, \.vec, \.glove, .* \.gz",
    ):
        vectors.save(tmp_path / name)
    assert not list(tmp_path.iterdir())
    vectors.save(tmp_path / name, format="text")
    same(vectors, fastw2v.load(tmp_path / name))


def test_a_format_or_kind_of_number_that_is_none_is_refused(tmp_path, vectors):
    with pytest.raises(
        VectorsError,
        match=r"'word2vec'.* binary, text, glove, model, .*projector, hub",
    ):
        format_of("v.bin", "word2vec")
    with pytest.raises(VectorsError, match="got 'int4'"):
        vectors.save(tmp_path / "v.npz", dtype="int4")
    with pytest.raises(VectorsError, match=r"float32.*\.npz.*int8"):
        vectors.save(tmp_path / "v.bin", dtype="int8")
    assert not list(tmp_path.iterdir())


def test_a_file_beside_another_has_its_format():
    assert [beside(f"a/v{s}", "partial").name for s in (".bin", ".txt.gz", "")] == [
        "v.partial.bin",
        "v.partial.txt.gz",
        "v.partial.bin",
    ]


def test_glove_is_text_without_its_first_line(tmp_path, vectors):
    vectors.save(tmp_path / "v.glove")
    vectors.save(tmp_path / "v.txt")
    assert b"5 6\n" + (tmp_path / "v.glove").read_bytes() == (tmp_path / "v.txt").read_bytes()


def test_what_is_packed_is_the_same_every_time(tmp_path, vectors):
    for name in ("a.txt.gz", "b.txt.gz"):
        vectors.save(tmp_path / name)
    assert (tmp_path / "a.txt.gz").read_bytes() == (tmp_path / "b.txt.gz").read_bytes()
    vectors.save(tmp_path / "v.txt")
    assert (
        gzip.decompress((tmp_path / "a.txt.gz").read_bytes()) == (tmp_path / "v.txt").read_bytes()
    )


@pytest.mark.parametrize("name", ["v.bin", "v.bin.gz", "v.npz"])
def test_large_tables_stay_in_their_file_and_answer_alike(tmp_path, vectors, monkeypatch, name):
    vectors.save(tmp_path / name)
    for module in (model_files, word2vec):
        monkeypatch.setattr(module, "LARGE", 0)
    loaded = fastw2v.load(tmp_path / name)
    assert isinstance(loaded.table, FileRows)
    for word in WORDS:
        np.testing.assert_array_equal(loaded[word], vectors[word])
        assert [w for w, _ in loaded.nearest(word)] == [w for w, _ in vectors.nearest(word)]
    found, expected = (each.analogy("the", "a-b", "straße", 2) for each in (loaded, vectors))
    assert dict(found) == pytest.approx(dict(expected))
    loaded.save(tmp_path / name)  # over the file that is mapped
    same(vectors, loaded)
    same(vectors, fastw2v.load(tmp_path / name))


def test_arrays_of_a_model_begin_where_they_can_be_mapped(tmp_path, vectors):
    import zipfile

    vectors.save(tmp_path / "v.npz")
    data = (tmp_path / "v.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "v.npz") as file:
        for info in file.infolist():
            begin = data.index(b"\x93NUMPY", info.header_offset)
            assert data.index(b"\n", begin) % 64 == 63
    with np.load(tmp_path / "v.npz") as arrays:
        np.testing.assert_array_equal(arrays["vectors"], vectors.vectors)


@pytest.mark.parametrize("dtype, error", [("float16", 2**-11), ("int8", 1 / 254)])
def test_fewer_bits_are_near(tmp_path, vectors, dtype, error):
    vectors.save(tmp_path / "v.npz", dtype=dtype)
    loaded = fastw2v.load(tmp_path / "v.npz")
    assert isinstance(loaded.table, ScaledRows) and loaded.table.dtype == dtype
    greatest = np.abs(vectors.vectors).max(axis=1, keepdims=True)
    assert (np.abs(loaded.vectors - vectors.vectors) <= error * greatest * 1.001).all()
    assert loaded["a-b"].dtype == np.float32 and loaded.counts.tolist() == [5, 4, 3, 2, 1]
    again = fastw2v.load(tmp_path / "v.npz")
    assert [word for word, _ in again.nearest("the")] == [word for word, _ in loaded.nearest("the")]
    np.testing.assert_allclose(
        again.cosines(again["the"]), loaded.unit_vectors @ loaded.unit_vectors[0], atol=1e-6
    )


def test_a_whole_model_in_fewer_bits(tmp_path):
    lines = [["the", "king", "walked"], ["the", "queen", "talked"]] * 30
    model = fastw2v.train(
        lines,
        minn=3,
        maxn=4,
        vector_size=7,
        min_count=1,
        epochs=1,
        sample=0,
        buckets=500,
        threads=1,
    )
    model.save(tmp_path / "m.npz", dtype="int8")
    loaded = fastw2v.load(tmp_path / "m.npz")
    few = model.head(3)
    assert (
        few.words == model.words[:3]
        and len(few.output_vectors) == len(few.counts) == len(few.subwords.own) == 3
    )
    np.testing.assert_array_equal(few["kingly"], model["kingly"])
    for one, other in (
        (loaded.output_vectors, model.output_vectors),
        (loaded["kingly"], model["kingly"]),
    ):
        assert one.dtype == np.float32 and np.abs(one - other).max() <= np.abs(other).max() / 100


def test_int8_of_a_zero_row_and_float16_out_of_range(tmp_path):
    numbers, scales = quantised(np.array([[0, 0], [1, -2]], np.float32), "int8")
    assert numbers.tolist() == [[0, 0], [64, -127]] and scales[0] == 0
    large = fastw2v.WordVectors(["a"], np.array([[1e6, 1]], np.float32))
    for name, format in (("v.npz", "model"), ("hub", "hub")):
        with pytest.raises(VectorsError, match=r"beyond 65,504"):
            large.save(tmp_path / name, format, dtype="float16")
    assert not list(tmp_path.iterdir())


def test_lengths_of_numbers_whose_squares_are_too_large():
    found, bad = lengths(np.array([[3, 4], [3e30, 4e30], [0, 0]], np.float32))
    np.testing.assert_allclose(found, [5, 5e30, 0], rtol=1e-6)
    assert bad is None and lengths(np.array([[1, 1], [1, np.inf]], np.float32))[1] == 1


def test_a_projector_folder_has_a_header_only_with_two_columns(tmp_path, vectors):
    vectors.save(tmp_path / "counted", "projector")
    fastw2v.WordVectors(WORDS, vectors.vectors).save(tmp_path / "plain", "projector")
    assert (tmp_path / "plain" / "metadata.tsv").read_text(encoding="utf8") == "".join(
        f"{word}\n" for word in WORDS
    )
    assert (
        (tmp_path / "counted" / "metadata.tsv")
        .read_text(encoding="utf8")
        .startswith("word\tcount\nthe\t5\n")
    )
    for folder in ("plain", "counted"):
        table = np.loadtxt(tmp_path / folder / "tensors.tsv", delimiter="\t").astype(np.float32)
        np.testing.assert_array_equal(table, vectors.vectors)


@pytest.mark.parametrize("word", ["", "\u00a0", "a\tb", "a\nb"])
def test_words_that_would_shift_the_projectors_rows_are_refused(tmp_path, word):
    with pytest.raises(VectorsError, match="/p: the word"):
        fastw2v.WordVectors([word], np.ones((1, 2), np.float32)).save(tmp_path / "p", "projector")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_a_hub_folder_is_read_back(tmp_path, vectors, dtype):
    vectors.save(tmp_path / "hub", "hub", dtype)
    loaded = fastw2v.load(tmp_path / "hub")
    assert loaded.words == WORDS
    np.testing.assert_allclose(
        loaded.vectors, vectors.vectors, atol={"float32": 0, "float16": 2e-3, "int8": 2e-2}[dtype]
    )
    assert sorted(path.name for path in (tmp_path / "hub").iterdir()) == [
        "config.json",
        "model.safetensors",
        "modules.json",
        "tokenizer.json",
    ]
    unknown = json.loads((tmp_path / "hub" / "tokenizer.json").read_text(encoding="utf8"))["model"][
        "unk_token"
    ]
    assert unknown == "[[UNK]]"  # the words have [UNK] already


def test_folders_appear_whole_or_not_at_all(tmp_path, vectors, monkeypatch):
    from fastw2v.formats import hub

    twice = fastw2v.WordVectors(["a", "a"], np.ones((2, 2), np.float32))
    with pytest.raises(VectorsError, match="'a'"):
        twice.save(tmp_path / "hub", "hub")
    with pytest.raises(OutputError, match="none/hub: "):
        vectors.save(tmp_path / "none" / "hub", "hub")
    monkeypatch.setattr(
        hub,
        "_write_safetensors",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OutputError, match="No space left"):
        vectors.save(tmp_path / "hub", "hub")
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    vectors.save(tmp_path / "mine", "projector")  # an empty folder is taken
    with pytest.raises(OutputError, match="mine: "):
        vectors.save(tmp_path / "mine", "projector")


DAMAGED = {
    "no model": ("model.safetensors", None, "without model.safetensors"),
    "no tokenizer": ("tokenizer.json", None, "cannot be read: No such file"),
    "a header longer than the file": (
        "model.safetensors",
        b"\xff" * 8 + b"{}",
        "longer than the file",
    ),
    "a header cut short": ("model.safetensors", b"\x08", "longer than the file"),
    "no JSON": ("model.safetensors", b"\x04" + b"\x00" * 7 + b"????", "is damaged"),
    "another tokenizer": (
        "tokenizer.json",
        b'{"model": {"type": "BPE", "vocab": {}}}',
        "of pieces of words, 'BPE'",
    ),
    "words that do not fit": (
        "tokenizer.json",
        b'{"model": {"type": "WordLevel", "vocab": {"a": 0}}}',
        "do not fit together",
    ),
    "ids that are none": (
        "tokenizer.json",
        b'{"model": {"type": "WordLevel", "vocab": {"a": []}}}',
        "the id of 'a'",
    ),
    "a list": ("tokenizer.json", b"[]", "is damaged"),
}


@pytest.mark.parametrize("name, data, said", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_hub_folders_are_refused(tmp_path, vectors, name, data, said):
    vectors.save(tmp_path / "hub", "hub")
    (tmp_path / "hub" / name).unlink()
    if data is not None:
        (tmp_path / "hub" / name).write_bytes(data)
    with pytest.raises(VectorsError, match=said):
        fastw2v.load(tmp_path / "hub")


def test_an_approximate_index_finds_the_nearest_is_kept_and_knows_its_vectors(tmp_path, rng):
    pytest.importorskip(
        "usearch", reason="approximate search needs usearch: pip install 'fastw2v[ann]'"
    )
    from fastw2v.formats.index import open_index

    vectors = fastw2v.WordVectors(
        [f"w{i}" for i in range(2000)], rng.normal(size=(2000, 16)).astype(np.float32)
    )
    index = open_index(tmp_path / "v.index", vectors)
    asked = vectors.words[::20]
    found = sum(
        len({w for w, _ in index.nearest(w)} & {w for w, _ in vectors.nearest(w)}) for w in asked
    )
    assert found >= 0.95 * 10 * len(asked)
    best, exact = index.nearest("w7", 1), vectors.nearest("w7", 1)
    assert best[0][0] == exact[0][0] and best[0][1] == pytest.approx(exact[0][1])
    assert open_index(tmp_path / "v.index", vectors).nearest("w3") == index.nearest("w3")
    other = fastw2v.WordVectors(vectors.words, vectors.vectors[::-1])
    with pytest.raises(VectorsError, match=r"v\.index: "):
        open_index(tmp_path / "v.index", other)
    (tmp_path / "v.index").write_bytes(b"[]\n")
    with pytest.raises(VectorsError, match=r"v\.index: "):
        open_index(tmp_path / "v.index", vectors)


def test_without_usearch_its_command_is_named(vectors, monkeypatch):
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(Fastw2vError, match=r"pip install 'fastw2v\[ann\]'"):
        vectors.index()


def test_formats_of_the_registry_have_the_functions_that_it_calls():
    for format in FORMATS.values():
        functions = format.functions()
        assert hasattr(functions, "save") == format.written or format.module == "word2vec"
        assert hasattr(functions, "load") or not format.read
        assert set(format.suffixes) <= set(SUFFIXES)


@pytest.mark.parametrize("name", ["v.npz", "v.bin", "v.txt"])
def test_a_word_that_utf8_cannot_hold_is_named_alone(tmp_path, name):
    vectors = fastw2v.WordVectors(["first", "half\ud800"], np.ones((2, 3), np.float32))
    with pytest.raises(VectorsError) as raised:
        vectors.save(tmp_path / name)
    assert r"'half\ud800'" in str(raised.value) and "first" not in str(raised.value)
    assert not list(tmp_path.iterdir())
