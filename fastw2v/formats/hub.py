"""Folders as on the Hugging Face hub: model2vec and sentence-transformers read them.

model.safetensors with ``embeddings`` [V + 1, D], the last row zero for words that are unknown (and
``weights`` [V + 1] that int8 rows are multiplied by); tokenizer.json, words between ASCII white
space; config.json and modules.json.
"""

import json
import math
import struct
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_folder, reason
from fastw2v.formats.model import checked_numbers
from fastw2v.formats.projector import CONFIG_FILE
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.tables import ScaledRows, Table, all_finite
from fastw2v.vectors.word_vectors import WordVectors

UNKNOWN = "[UNK]"
MAX_HEADER_BYTES = 100 << 20  # as in safetensors
MAX_DIMENSIONS = 8
MAX_SIZE = 2**48
# by their name in safetensors; float64 is read only
KINDS = {"float32": "F32", "float16": "F16", "int8": "I8", "float64": "F64"}
DTYPES = {kind: np.dtype(name).newbyteorder("<") for name, kind in KINDS.items()}
TENSORS = ("embeddings", "embedding.weight", "weights", "mapping")  # that are looked at

Array = NDArray[Any]


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write a folder, whole or not at all;  dtype : float32, float16 or int8.

    Raises VectorsError, OutputError.
    """
    check_writable_table(path, vectors.table)
    if len(set(vectors.words)) < len(vectors):
        twice = Counter(vectors.words).most_common(1)[0][0]
        raise VectorsError(
            f"{shown(path)}: the word {twice[:60]!r} is there twice; a tokenizer can hold it only"
            " once"
        )
    unknown = UNKNOWN
    while unknown in vectors:
        unknown = f"[{unknown}]"
    numbers, scales = checked_numbers(path, vectors.table, dtype)
    tensors: dict[str, list[Array]] = {"embeddings": [numbers, np.zeros_like(numbers[:1])]}
    if scales is not None:
        tensors["weights"] = [scales, np.zeros(1, np.float32)]
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": "fastw2v",
        "normalize": False,
        "hidden_dim": numbers.shape[1],
        "embedding_dtype": dtype,
    }
    modules = [
        {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}
    ]
    texts = {
        "tokenizer.json": _tokenizer(vectors.words, unknown),
        "config.json": config,
        "modules.json": modules,
    }
    with atomic_folder(path) as folder:
        _write_safetensors(folder / "model.safetensors", tensors)
        for name, text in texts.items():
            (folder / name).write_text(json.dumps(text, ensure_ascii=False), encoding="utf8")


def _tokenizer(words: list[str], unknown: str) -> dict[str, Any]:
    """The tokenizer that splits a text as a corpus is split, and knows these words."""
    spaces = {
        "type": "Split",
        "pattern": {"Regex": "[ \\t\\n\\x0B\\f\\r]+"},
        "behavior": "Removed",
        "invert": False,
    }
    special = {
        "id": len(words),
        "content": unknown,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special],
        "normalizer": None,
        "pre_tokenizer": spaces,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: row for row, word in enumerate([*words, unknown])},
            "unk_token": unknown,
        },
    }


def _write_safetensors(path: Path, tensors: dict[str, list[Array]]) -> None:
    """tensors : by name, arrays whose rows follow one another."""
    header: dict[str, Any] = {"__metadata__": {"format": "np"}}
    end = 0
    for name, parts in tensors.items():
        begin, end = end, end + sum(part.nbytes for part in parts)
        header[name] = {
            "dtype": KINDS[parts[0].dtype.name],
            "shape": [sum(map(len, parts)), *parts[0].shape[1:]],
            "data_offsets": [begin, end],
        }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for part in chain.from_iterable(tensors.values()):
            out.write(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)


def load(path: AnyPath) -> WordVectors:
    """Read a folder with model.safetensors and the tokenizer.json of whole words.

    Raises VectorsError.
    """
    folder = Path(path)
    try:
        _check_folder(folder)
        words, unknown = _read_words(folder / "tokenizer.json")
        table = _embeddings(_read_safetensors(folder / "model.safetensors"))
        if len(table) != len(words):
            raise VectorsError(
                f"{shown(path)}: its words and its vectors do not fit together: {len(words):,} and"
                f" {len(table):,}"
            )
    except OSError as error:
        raise VectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except MemoryError as error:
        raise VectorsError(f"{shown(path)}: needs more memory than there is") from error
    except _Damaged as error:
        raise VectorsError(f"{shown(path)}: {error}") from error
    keep = [row for row, word in enumerate(words) if word != unknown]
    if not keep or table.shape[1] < 1:
        raise VectorsError(
            f"{shown(path)}: holds no vectors: {len(keep):,} words of {table.shape[1]:,} dimensions"
        )
    vectors = np.asarray(table)
    vectors = np.ascontiguousarray(vectors[keep] if len(keep) < len(words) else vectors)
    if not all_finite(vectors):
        raise VectorsError(
            f"{shown(path)}: some vectors are not finite numbers; the file is damaged"
        )
    return WordVectors([words[row] for row in keep], vectors)


class _Damaged(Exception):
    """What is wrong with a folder, without its name."""


def _check_folder(folder: Path) -> None:
    """Raise VectorsError unless a folder is one of the hub's, saying what else it is."""
    if (folder / "run.json").is_file():
        raise VectorsError(
            f"{folder}: is a run folder, of train --run-dir; give the vectors that the run has"
            " written (train -o), or finish it first: fastw2v train --resume FOLDER"
        )
    if (folder / CONFIG_FILE).is_file():
        raise VectorsError(
            f"{folder}: is a folder for the TensorBoard projector, which is written, not read"
        )
    if not (folder / "model.safetensors").is_file():
        raise VectorsError(
            f"{folder}: is a directory without model.safetensors; give the name of a file in it"
        )
    if (folder / "tokenizer.json").exists() and not (folder / "tokenizer.json").is_file():
        raise VectorsError(f"{folder}: tokenizer.json in it is not a plain file")


def _read_words(path: Path) -> tuple[list[str], object]:
    """The words of a tokenizer by their ids, 0, 1, 2 ..., and the one that is for unknown words."""
    tokenizer = _json(path.name, path.read_bytes())
    model = tokenizer.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), (dict, list)):
        raise _Damaged(f"{path.name} holds no words; it is damaged")
    if model.get("type") != "WordLevel" or not isinstance(model["vocab"], dict):
        shown = repr(model.get("type"))[:30]
        raise _Damaged(f"its tokenizer is of pieces of words, {shown}, not of words")
    words: list[Any] = [None] * len(model["vocab"])
    for word, row in model["vocab"].items():
        if type(row) is not int or not 0 <= row < len(words) or words[row] is not None:
            raise _Damaged(
                f"the id of {word[:40]!r} in {path.name} is missing, twice there or too large"
            )
        words[row] = word
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise _Damaged(f"a word in {path.name} is no Unicode; it is damaged") from None
    return words, model.get("unk_token")


def _json(name: str, data: bytes) -> dict[str, Any]:
    """A dictionary in JSON, in which no key occurs twice."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(items := dict(pairs)) < len(pairs):
            raise _Damaged(f"a key is twice in {name}; it is damaged")
        return items

    try:
        content = json.loads(data.decode("utf8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):  # the error of a whole file would be quoted with it
        raise _Damaged(f"{name} is not JSON, or is damaged") from None
    if not isinstance(content, dict):
        raise _Damaged(f"{name} is not what it should be; it is damaged")
    return content


def _embeddings(tensors: dict[str, Array | str]) -> Table:
    """The table of embeddings, its rows multiplied by weights if there are any."""
    table = tensors.get("embeddings", tensors.get("embedding.weight"))
    weights = tensors.get("weights")
    if "mapping" in tensors:
        raise _Damaged("its words share vectors (a mapping), which is not read")
    for kind in (weights, table):
        if isinstance(kind, str):
            known = ", ".join(KINDS.values())
            raise _Damaged(f"model.safetensors holds {kind[:20]!r}, not one of {known}")
    if not isinstance(table, np.ndarray):
        raise _Damaged("model.safetensors holds no embeddings")
    if table.ndim != 2:
        raise _Damaged(f"its embeddings have shape {str(table.shape)[:60]}, not that of a table")
    if not isinstance(weights, np.ndarray):
        return table if table.dtype == np.float32 else ScaledRows(table)
    if weights.shape != table.shape[:1] or not np.isfinite(weights).all():
        raise _Damaged(f"its weights are not {len(table):,} finite numbers, one for each row")
    return ScaledRows(table, weights)


def _read_safetensors(path: Path) -> dict[str, Array | str]:
    """The arrays of a file, by name; the name of their kind of number where that is not one of
    KINDS.
    """
    arrays: dict[str, Array | str] = {}
    size = path.stat().st_size
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
        if length > min(MAX_HEADER_BYTES, size):
            raise _Damaged("the header of model.safetensors is longer than the file")
        header = _json("the header of model.safetensors", file.read(length))
        for name in TENSORS:
            if name not in header:
                continue
            kind, shape, begin, end = _described(header[name])
            if not begin <= end <= size - 8 - length:
                raise _Damaged("model.safetensors is shorter than its header says")
            if kind not in DTYPES:
                arrays[name] = kind
                continue
            if math.prod(shape) * DTYPES[kind].itemsize != end - begin:
                raise _Damaged("the sizes in the header of model.safetensors contradict each other")
            file.seek(8 + length + begin)
            arrays[name] = np.frombuffer(file.read(end - begin), DTYPES[kind]).reshape(shape)
    return arrays


def _described(tensor: object) -> tuple[str, list[int], int, int]:
    """The kind of number, shape, begin and end of a tensor, as a header has them."""
    fields: dict[str, Any] = tensor if isinstance(tensor, dict) else {}
    kind, shape, offsets = (fields.get(name) for name in ("dtype", "shape", "data_offsets"))
    if (
        not isinstance(kind, str)
        or not isinstance(shape, list)
        or not isinstance(offsets, list)
        or len(offsets) != 2
        or len(shape) > MAX_DIMENSIONS
        or not all(type(n) is int and 0 <= n < MAX_SIZE for n in shape + offsets)
    ):
        raise _Damaged("the header of model.safetensors is damaged")
    return kind, shape, *offsets
