"""Folders that other programs read: the TensorBoard projector's, and those of the Hugging Face hub.

projector  tensors.tsv, a row of numbers a line; metadata.tsv, a word a line, or two columns below a
header where there are
           counts; projector_config.pbtxt, which names both.
hub        model.safetensors with ``embeddings`` [V + 1, D], the last row zero for words that are
unknown (and ``weights``
           [V + 1] that int8 rows are multiplied by); tokenizer.json, words between ASCII white
           space; config.json and modules.json: model2vec and sentence-transformers read it, and it
           is read back.
"""

import json
import math
import struct
from pathlib import Path

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_folder, reason
from fastw2v.vectors.model_files import checked
from fastw2v.vectors.tables import ScaledRows, lengths
from fastw2v.vectors.text_files import written_lines
from fastw2v.vectors.word_vectors import WordVectors

UNKNOWN = "[UNK]"
MAX_HEADER = 100 << 20  # bytes, as in safetensors
# the last is read only
KINDS = {
    "float32": "F32",
    "float16": "F16",
    "int8": "I8",
    "float64": "F64",
}
# by their name in safetensors
NUMBERS = {kind: np.dtype(name).newbyteorder("<") for name, kind in KINDS.items()}
CONFIG = """embeddings {
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def write_projector(path, vectors):
    """Write a folder for the TensorBoard projector, whole or not at all.

    Raises VectorsError for words it cannot hold.
    """
    _check(path, vectors)
    for word in vectors.words:
        if not word.strip() or any(mark in word for mark in "\t\n\r"):
            raise VectorsError(
                f"{path}: the word {word[:60]!r} is blank or holds a tab or line break, which would"
                " shift rows"
            )
    with atomic_folder(path) as folder:
        with open(folder / "tensors.tsv", "wb") as out:
            for piece in written_lines([""] * len(vectors), vectors.table):
                out.write(piece[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))
        with open(folder / "metadata.tsv", "w", encoding="utf8", newline="\n") as out:
            if vectors.counts is None:
                out.writelines(f"{word}\n" for word in vectors.words)
            else:
                out.write("word\tcount\n")
                out.writelines(
                    f"{word}\t{count}\n"
                    for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True)
                )
        (folder / "projector_config.pbtxt").write_text(CONFIG)


def write_hub(path, vectors, dtype="float32"):
    """Write a folder for model2vec and sentence-transformers, whole or not at all;  dtype :
    float32, float16 or int8.
    """
    _check(path, vectors)
    if len(set(vectors.words)) < len(vectors):
        seen = set()
        twice = next(word for word in vectors.words if word in seen or seen.add(word))
        raise VectorsError(
            f"{path}: the word {twice[:60]!r} is there twice; a tokenizer can hold it only once"
        )
    unknown = UNKNOWN
    while unknown in vectors:
        unknown = f"[{unknown}]"
    numbers, scales = checked(path, vectors.table, dtype)
    tensors = {
        "embeddings": (KINDS[dtype], [*numbers.shape], [numbers, np.zeros_like(numbers[:1])])
    }
    tensors["embeddings"][1][0] += 1
    if scales is not None:
        tensors["weights"] = ("F32", [len(scales) + 1], [scales, np.zeros(1, np.float32)])
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


def _tokenizer(words, unknown):
    """The tokenizer that takes a text apart as a corpus is taken apart, and knows these words."""
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
            "vocab": {w: i for i, w in enumerate([*words, unknown])},
            "unk_token": unknown,
        },
    }


def _write_safetensors(path, tensors):
    """tensors : by name, the kind of number, the shape, and arrays that follow one another."""
    header, end = {"__metadata__": {"format": "np"}}, 0
    for name, (kind, shape, parts) in tensors.items():
        begin, end = end, end + sum(part.nbytes for part in parts)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, _, parts in tensors.values():
            for part in parts:
                out.write(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)


def read_hub(path):
    """Read a folder with model.safetensors and the tokenizer.json of whole words; returns
    WordVectors. Raises VectorsError.
    """
    folder = Path(path)
    try:
        _check_folder(folder)
        words, unknown = _read_words(folder / "tokenizer.json")
        tensors = _read_safetensors(folder / "model.safetensors")
        table = _weighted(tensors)
        if len(table) != len(words):
            raise VectorsError(
                f"{path}: its words and its vectors do not fit together: {len(words):,} and"
                f" {len(table):,}"
            )
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except MemoryError as error:
        raise VectorsError(f"{path}: needs more memory than there is") from error
    except _Damaged as error:
        raise VectorsError(f"{path}: {error}") from error
    keep = [row for row, word in enumerate(words) if word != unknown]
    if not keep or table.shape[1] < 1:
        raise VectorsError(
            f"{path}: holds no vectors: {len(keep):,} words of {table.shape[1]:,} dimensions"
        )
    table = np.ascontiguousarray(
        np.asarray(table)[keep] if len(keep) < len(words) else np.asarray(table)
    )
    if lengths(table)[1] is not None:
        raise VectorsError(f"{path}: some vectors are not finite numbers; the file is damaged")
    return WordVectors([words[row] for row in keep], table)


class _Damaged(Exception):
    """What is wrong with a folder, without its name."""


def _check_folder(folder):
    """Raise VectorsError unless a folder is one of the hub's, saying what else it is."""
    if (folder / "run.json").is_file():
        raise VectorsError(
            f"{folder}: is a run folder, of train --run-dir; give the vectors that the run has"
            " written (train -o), or finish it first: fastw2v train --resume FOLDER"
        )
    if (folder / "projector_config.pbtxt").is_file():
        raise VectorsError(
            f"{folder}: is a folder for the TensorBoard projector, which is written, not read"
        )
    if not (folder / "model.safetensors").is_file():
        raise VectorsError(
            f"{folder}: is a directory without model.safetensors; give the name of a file in it"
        )
    if (folder / "tokenizer.json").exists() and not (folder / "tokenizer.json").is_file():
        raise VectorsError(f"{folder}: tokenizer.json in it is not a plain file")


def _read_words(path):
    """The words of a tokenizer by their ids, 0, 1, 2 ..., and the one that is for unknown words."""
    tokenizer = _json(path.name, path.read_bytes())
    model = tokenizer.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), (dict, list)):
        raise _Damaged(f"{path.name} holds no words; it is damaged")
    if model.get("type") != "WordLevel" or not isinstance(model["vocab"], dict):
        shown = repr(model.get("type"))[:30]
        raise _Damaged(f"its tokenizer is of pieces of words, {shown}, not of words")
    words = [None] * len(model["vocab"])
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


def _json(name, data):
    """A dictionary in JSON, in which no key is there twice."""

    def unique(pairs):
        if len(made := dict(pairs)) < len(pairs):
            raise _Damaged(f"a key is twice in {name}; it is damaged")
        return made

    try:
        found = json.loads(data.decode("utf8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):  # the error of a whole file would be quoted with it
        raise _Damaged(f"{name} is not JSON, or is damaged") from None
    if not isinstance(found, dict):
        raise _Damaged(f"{name} is not what it should be; it is damaged")
    return found


def _weighted(tensors):
    """The table of embeddings, its rows multiplied by weights if there are any."""
    table, weights = (
        tensors.get("embeddings", tensors.get("embedding.weight")),
        tensors.get("weights"),
    )
    if "mapping" in tensors:
        raise _Damaged("its words share vectors (a mapping), which is not read")
    if not isinstance(table, np.ndarray) or (
        weights is not None and not isinstance(weights, np.ndarray)
    ):
        kind = weights if isinstance(weights, str) else table
        said = f"{kind[:20]!r}, not one of {', '.join(KINDS.values())}" if kind else "no embeddings"
        raise _Damaged(f"model.safetensors holds {said}")
    if table.ndim != 2:
        raise _Damaged(f"its embeddings have shape {str(table.shape)[:60]}, not that of a table")
    if weights is None:
        return table if table.dtype == np.float32 else ScaledRows(table)
    if weights.shape != table.shape[:1] or not np.isfinite(weights).all():
        raise _Damaged(f"its weights are not {len(table):,} finite numbers, one for each row")
    return ScaledRows(table, weights)


def _read_safetensors(path):
    """The arrays of a file, by name; the name of their kind of number where that is not one of
    KINDS.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
        if length > min(MAX_HEADER, size):
            raise _Damaged("the header of model.safetensors is longer than the file")
        header, begin, arrays = (
            _json("the header of model.safetensors", file.read(length)),
            8 + length,
            {},
        )
        for name, tensor in header.items():
            if name not in ("embeddings", "embedding.weight", "weights", "mapping"):
                continue
            kind, shape, first, last = _described(tensor)
            if not 0 <= first <= last <= size - begin:
                raise _Damaged("model.safetensors is shorter than its header says")
            arrays[name] = kind
            if kind in NUMBERS:
                if math.prod(shape) * NUMBERS[kind].itemsize != last - first:
                    raise _Damaged(
                        "the sizes in the header of model.safetensors contradict each other"
                    )
                file.seek(begin + first)
                arrays[name] = np.frombuffer(file.read(last - first), NUMBERS[kind]).reshape(shape)
    return arrays


def _described(tensor):
    """The kind of number, shape, begin and end of a tensor, as a header has them."""
    kind, shape, places = (
        map(tensor.get, ("dtype", "shape", "data_offsets"))
        if isinstance(tensor, dict)
        else (None,) * 3
    )
    lists = (
        isinstance(kind, str)
        and isinstance(shape, list)
        and isinstance(places, list)
        and len(places) == 2
    )
    if (
        not lists
        or not all(type(n) is int and 0 <= n < 2**48 for n in shape + places)
        or len(shape) > 8
    ):
        raise _Damaged("the header of model.safetensors is damaged")
    return kind, shape, *places


def _check(path, vectors):
    if 0 in vectors.table.shape or lengths(vectors.table)[1] is not None:
        raise VectorsError(f"{path}: there are no vectors to write, or some are not finite numbers")
