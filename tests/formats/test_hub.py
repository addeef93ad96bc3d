"""Folders of the Hugging Face hub as other programs write them, and as nobody should."""

import json
import struct

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import VectorsError

VOCAB = {"a": 0, "b": 1, "[UNK]": 2}
TABLE = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 0, 0]], np.float32)
KINDS = {"<f4": "F32", "<f8": "F64", "<f2": "F16", "|i1": "I8", "<i8": "I64"}


def write(folder, vocab=VOCAB, tokenizer=None, header=None, **tensors):
    """A folder with a tokenizer of words and tensors; the JSON of either may be given instead."""
    folder.mkdir()
    model = {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}
    (folder / "tokenizer.json").write_text(
        json.dumps({"model": model}) if tokenizer is None else tokenizer
    )
    described, data = {}, b""
    for name, array in tensors.items():
        places = [len(data), len(data) + array.nbytes]
        described[name] = {
            "dtype": KINDS[array.dtype.str],
            "shape": list(array.shape),
            "data_offsets": places,
        }
        data += array.tobytes()
    text = json.dumps(described if header is None else header(described)).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    return folder


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, np.int8])
@pytest.mark.parametrize("weights", [None, np.float32, np.float64, np.float16])
def test_numbers_of_every_kind_are_multiplied_by_their_weights(tmp_path, kind, weights):
    tensors = {"embeddings": TABLE.astype(kind)} | (
        {"weights": np.array([2, 3, 4], weights)} if weights else {}
    )
    loaded = fastw2v.load(write(tmp_path / "hub", **tensors))
    assert loaded.words == ["a", "b"] and loaded.vectors.dtype == np.float32
    np.testing.assert_array_equal(loaded.vectors, TABLE[:2] * ([[2], [3]] if weights else 1))


def test_words_in_any_order_get_the_rows_of_their_ids(tmp_path):
    loaded = fastw2v.load(write(tmp_path / "hub", {"[UNK]": 2, "b": 1, "a": 0}, embeddings=TABLE))
    assert loaded.words == ["a", "b"] and loaded["b"].tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("row", ["x", None, [], {}, 1.0, True, -1, 3, 0, 10**30])
def test_ids_that_are_no_rows_are_refused(tmp_path, row):
    with pytest.raises(VectorsError, match="id of '"):
        fastw2v.load(write(tmp_path / "hub", {"a": 0, "b": row, "[UNK]": 2}, embeddings=TABLE))


@pytest.mark.parametrize(
    "weights",
    [
        np.array(1, np.float32),
        np.ones(2, np.float32),
        np.ones(9, np.float32),
        np.ones((3, 4), np.float32),
    ]
    + [
        np.array([1, np.nan, 1], np.float32),
        np.array([1, np.inf, 1], np.float64),
        np.ones(3, np.int64),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [np.float32, np.int8])
def test_weights_of_another_shape_or_kind_are_refused(tmp_path, weights, kind):
    with pytest.raises(VectorsError, match=r"weights .* 3 |'I64'"):
        fastw2v.load(write(tmp_path / "hub", embeddings=TABLE.astype(kind), weights=weights))


@pytest.mark.parametrize(
    "table, named",
    [
        (np.ones((3, 0), np.float32), "hub"),
        (np.ones((3, 4, 1), np.float32), "4, 1"),
        (np.ones((2, 4), np.float32), "hub"),
        (np.ones((3, 4), np.int64), "'I64'.*F32"),
        (np.full((3, 4), np.nan, np.float32), "finite"),
    ],
    ids=["no dimension", "three", "short", "int64", "nan"],
)
def test_tables_of_another_shape_or_kind_are_refused(tmp_path, table, named):
    with pytest.raises(VectorsError, match=named):
        fastw2v.load(write(tmp_path / "hub", embeddings=table))


def test_a_folder_of_the_unknown_word_alone_holds_no_vectors(tmp_path):
    with pytest.raises(VectorsError, match="hub"):
        fastw2v.load(write(tmp_path / "hub", {"[UNK]": 0}, embeddings=TABLE[:1]))


def test_words_that_share_rows_are_not_read(tmp_path):
    with pytest.raises(VectorsError, match="a mapping"):
        fastw2v.load(write(tmp_path / "hub", embeddings=TABLE, mapping=np.arange(3)))


TOKENIZERS = {
    "a word twice": '{"model": {"type": "WordLevel", "vocab": {"a": 0, "a": 1, "[UNK]": 2}}}',
    "half a letter": (
        '{"model": {"type": "WordLevel", "vocab": {"\\ud800": 0, "b": 1, "[UNK]": 2}}}'
    ),
    "no JSON": '{"model": ' + '"secret" ' * 9999,
    "a deep list": "[" * 100_000,
    "a long number": '{"model": ' + "1" * 10_000 + "}",
    "no model": "{}",
    "a model that is none": '{"model": 3}',
    "words that are none": '{"model": {"type": "WordLevel", "vocab": 3}}',
}


@pytest.mark.parametrize("text", TOKENIZERS.values(), ids=TOKENIZERS.keys())
def test_damaged_tokenizers_are_refused_in_a_short_line(tmp_path, text):
    with pytest.raises(VectorsError, match="hub: ") as error:
        fastw2v.load(write(tmp_path / "hub", tokenizer=text, embeddings=TABLE))
    assert len(str(error.value)) - len(str(tmp_path)) < 200 and "secret" not in str(error.value)


@pytest.mark.parametrize("field", ["dtype", "shape", "data_offsets"])
@pytest.mark.parametrize(
    "value",
    [None, 3, -1, "x", [], {}, [1], [-1, 4], [2**62, 2**62], [1.5, 2], [[3], 4], ["3", 4], [0, 47]],
)
def test_damaged_headers_of_tensors_are_refused(tmp_path, field, value):
    def header(described):
        described["embeddings"][field] = value
        return described

    with pytest.raises(VectorsError, match="hub: "):
        fastw2v.load(write(tmp_path / "hub", header=header, embeddings=TABLE))


@pytest.mark.parametrize("header", [[], 3, {"embeddings": 3}, {"embeddings": {}}, {}])
def test_headers_that_are_none_are_refused(tmp_path, header):
    with pytest.raises(VectorsError, match="hub: "):
        fastw2v.load(write(tmp_path / "hub", header=lambda described: header, embeddings=TABLE))
