import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.formats.model import read
from fastw2v.vectors.word_vectors import WordVectors

LINES = [["the", "king", "walked"], ["the", "queen", "talked", "日本"]] * 40


@pytest.fixture(scope="module")
def model():
    return fastw2v.train(
        LINES,
        minn=3,
        maxn=4,
        vector_size=7,
        min_count=1,
        epochs=2,
        sample=0,
        buckets=500,
        threads=1,
    )


def same(one, other):
    assert one.words == other.words
    for name in ("vectors", "counts", "output_vectors"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_model_of_subwords_is_saved_and_loaded_whole(tmp_path, model):
    model.save(tmp_path / "m.npz")
    loaded = fastw2v.load(tmp_path / "m.npz")
    same(model, loaded)
    for word in ("king", "kingly", "unwalked", "日本人"):
        np.testing.assert_array_equal(loaded[word], model[word])
    sub = loaded.subwords
    bag = sub.vectors[[sub.rows[b] for b in buckets_of("king", sub)]]
    row = sub.own[loaded.id("king")]
    np.testing.assert_allclose(loaded["king"], np.vstack([row, bag]).mean(axis=0), rtol=1e-5)


def buckets_of(word, sub):
    from fastw2v.equations.subwords import bucket, ngrams

    return [bucket(ngram, sub.buckets) for ngram in ngrams(word, sub.minn, sub.maxn)]


def test_a_word_never_seen_is_made_of_its_ngrams(model):
    sub = model.subwords
    buckets = buckets_of("walkedx", sub)
    known = [sub.vectors[sub.rows[b]] for b in buckets if b in sub.rows]
    assert 0 < len(known) < len(buckets)
    # those without a vector count as zeros
    np.testing.assert_allclose(model["walkedx"], np.sum(known, axis=0) / len(buckets), rtol=1e-5)
    assert "walkedx" not in model and model.similarity("walkedx", "walked") > model.similarity(
        "walkedx", "queen"
    )
    assert model.nearest("walkedx", 1)[0][0] in ("walked", "talked")
    assert model[["king", "kinng"]].shape == (2, 7)
    assert len(model.analogy("kingg", "king", "queen", 2)) == 2
    with pytest.raises(UnknownWordError):
        model["zq"]


def test_a_model_without_subwords_too(tmp_path):
    model = fastw2v.train(LINES, vector_size=3, min_count=1, epochs=1, sample=0, threads=1)
    model.save(tmp_path / "m.npz")
    same(model, fastw2v.load(tmp_path / "m.npz"))
    bare = WordVectors(["a", "b"], np.eye(2, dtype=np.float32))
    bare.save(tmp_path / "bare", format="model")
    loaded = fastw2v.load(tmp_path / "bare")
    assert (
        loaded.words == ["a", "b"]
        and loaded.counts is None
        and loaded.output_vectors is None
        and loaded.subwords is None
    )


def test_word2vecs_formats_hold_the_words_of_a_model(tmp_path, model):
    model.save(tmp_path / "m.bin")
    loaded = fastw2v.load(tmp_path / "m.bin")
    np.testing.assert_array_equal(loaded.vectors, model.vectors)


def test_numbers_that_are_not_finite_are_not_written(tmp_path):
    with pytest.raises(VectorsError, match="not finite"):
        WordVectors(["a"], np.array([[np.nan]], np.float32)).save(tmp_path / "m.npz")
    with pytest.raises(VectorsError, match=r"m\.npz: "):
        WordVectors(["a\nb"], np.ones((1, 1), np.float32)).save(tmp_path / "m.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_model_is_refused(tmp_path, model):
    path = tmp_path / "m.npz"
    model.save(path)
    whole = path.read_bytes()
    for size in [*range(4, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(VectorsError):
            fastw2v.load(path)
    for place in range(4, len(whole), 61):
        damaged = bytearray(whole)
        damaged[place] ^= 0x41
        path.write_bytes(damaged)
        try:
            same(model, fastw2v.load(path))  # a byte that says nothing, as a date
        except VectorsError:
            continue


def test_what_is_said_of_a_damaged_model_is_short(tmp_path, model):
    path = tmp_path / "m.npz"
    model.save(path)
    data = bytearray(path.read_bytes())
    data[26:28] = (1000).to_bytes(2, "little")  # bytes of the first array's name
    path.write_bytes(data)
    with pytest.raises(VectorsError, match=r"m\.npz: ") as error:
        fastw2v.load(path)
    assert len(str(error.value)) < 300 + len(str(path))


def rewritten(path, model, **changes):
    """A file of a model with some arrays changed, or left out."""
    model.save(path)
    with np.load(path) as arrays:
        arrays = {name: arrays[name] for name in arrays} | changes
    arrays = {name: array for name, array in arrays.items() if array is not None}
    if "fastw2v" not in changes:
        arrays["fastw2v"] = np.array([1, len(arrays)])
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"fastw2v": np.array([9, 8])}, "format .*9"),
        ({"fastw2v": np.array([1, 8])}, "9 arrays"),
        ({"fastw2v": np.array([1])}, "9 arrays"),
        ({"fastw2v": np.int64(1)}, "fastw2v"),
        ({"vectors": None}, r"m\.npz: "),
        ({"words": np.frombuffer(b"a\nb", np.uint8)}, r"m\.npz: "),
        ({"words": np.frombuffer(b"\xff", np.uint8)}, "UTF-8"),
        ({"counts": np.arange(3)}, "counts"),
        ({"more": np.arange(3)}, "'more'"),
        ({"counts": np.ones(6)}, "counts"),
        ({"vectors": np.full((6, 7), np.nan, np.float32)}, "vectors"),
        ({"ngram_vectors": None}, r"m\.npz: "),
        ({"ngrams": np.array([3, 2, 500])}, "3 to 2"),
        ({"counts": np.array([None] * 6, object)}, "counts"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, model, changes, named):
    rewritten(tmp_path / "m.npz", model, **changes)
    with pytest.raises(VectorsError, match=named):
        read(tmp_path / "m.npz")


def test_a_zip_of_something_else_and_a_compressed_one_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        file.writestr("a.txt", "hello")
    np.savez_compressed(
        tmp_path / "y.npz",
        fastw2v=1,
        words=np.zeros(1, np.uint8),
        vectors=np.zeros((1, 1), np.float32),
    )
    for name, said in (("x.npz", "x.npz: .*'hello'"), ("y.npz", "y.npz: ")):
        with pytest.raises(VectorsError, match=said):
            fastw2v.load(tmp_path / name)


HEADERS = {
    "a negative size": "{'descr': '<f4', 'fortran_order': False, 'shape': (-6, 7), }",
    "an endless size": (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999,"
        " 999999999999999999), }"
    ),
    "no dimension": "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 0), }",
    "no rows": "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 7), }",
    "one number": "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
    "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (6, 7), }",
    "fields": "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6, 7), }",
    "letters": "{'descr': '<U1', 'fortran_order': False, 'shape': (6, 7), }",
    "dates": "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (6, 7), }",
    "a kind that is none": "{'descr': '<f3', 'fortran_order': False, 'shape': (6, 7), }",
    "no order": "{'descr': '<f4', 'fortran_order': 3, 'shape': (6, 7), }",
    "no shape": "{'descr': '<f4', 'fortran_order': False, 'shape': 6, }",
    "a long integer": "{'descr': '<f4', 'fortran_order': False, 'shape': (6L, 7L), }",
    "a number with a letter": "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 7x), }",
    "a call": "{'descr': '<f4', 'fortran_order': False, 'shape': exit(), }",
    "brackets": "(" * 500,
    "minus signs": "-" * 5000 + "1",
    "a text without an end": "{'descr': '",
    "nothing": "",
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("array", ["vectors", "counts", "words"])
def test_headers_of_arrays_that_are_none_are_refused(tmp_path, model, header, array):
    path, text = tmp_path / "m.npz", header.encode() + b"\n"
    model.save(path)
    with zipfile.ZipFile(path) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    data = members[f"{array}.npy"]
    numbers = data[data.index(b"\n") + 1 :]
    members[f"{array}.npy"] = (
        b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + numbers
    )
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    with pytest.raises(VectorsError, match=r"m\.npz: ") as error:
        fastw2v.load(path)
    assert "\n" not in str(error.value) and len(str(error.value)) - len(str(tmp_path)) < 300


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"counts": np.array([5, 4, 3, 2, 1, -1])}, "counts"),
        ({"counts": np.array([2**62, 4, 3, 2, 1, 1])}, "counts"),
        ({"ngrams": np.array([3, 4, 0])}, "in 0 buckets"),
        ({"ngrams": np.array([1, 10**18, 500])}, "1 to 1000000000000000000"),
        ({"ngrams": np.array([3, 4, 2**40])}, "buckets"),
        ({"ngrams": np.array([-1, 4, 500])}, "-1 to 4"),
        ({"ngrams": np.array([3, 4, 1])}, "ngram_buckets"),
        ({"words": np.zeros(0, np.uint8), "vectors": np.zeros((0, 7), np.float32)}, r"m\.npz: "),
        ({"vectors": np.zeros((6, 0), np.float32)}, "vectors"),
        ({"vectors": np.full((6, 7), 1e300)}, "vectors"),
        (
            {"vectors": np.ones((6, 7), np.int8), "vectors_scales": np.full(6, 3e38, np.float32)},
            None,  # the largest numbers that are read
        ),
        (
            {
                "vectors": np.full((6, 7), 127, np.int8),
                "vectors_scales": np.full(6, 3e38, np.float32),
            },
            "vectors",
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_numbers_out_of_their_range_are_refused(tmp_path, model, changes, named):
    rewritten(tmp_path / "m.npz", model, **changes)
    if named is None:
        read(tmp_path / "m.npz")
        return
    with pytest.raises(VectorsError, match=named):
        read(tmp_path / "m.npz")


def test_arrays_of_one_name_or_in_one_place_are_refused(tmp_path, model):
    path = tmp_path / "m.npz"
    model.save(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("vectors.npy", file.read("vectors.npy"))
    with pytest.raises(VectorsError, match=r"m\.npz: "):
        fastw2v.load(path)


def test_tables_in_fortrans_order_and_of_other_numbers_are_read(tmp_path, model):
    for kind in (np.dtype("<f4"), np.dtype(">f4"), np.dtype("<f8"), np.dtype("<f2")):
        rewritten(tmp_path / "m.npz", model, vectors=np.asfortranarray(model.vectors.astype(kind)))
        np.testing.assert_allclose(
            fastw2v.load(tmp_path / "m.npz").vectors, model.vectors, rtol=1e-3
        )


def test_a_member_that_says_to_take_more_bytes_than_it_has_is_refused_before_they_are_taken(
    tmp_path, model
):
    model.save(tmp_path / "m.npz")
    data = bytearray((tmp_path / "m.npz").read_bytes())
    place = data.index(b"PK\x01\x02") + 20  # of the first member's size in the directory
    data[place : place + 4] = struct.pack("<I", 1 << 30)
    (tmp_path / "m.npz").write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(VectorsError):
            fastw2v.load(tmp_path / "m.npz")
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()
