"""Folders that other programs read: the TensorBoard projector's, and those of the Hugging Face hub.

projector  tensors.tsv, a row of numbers a line; metadata.tsv, a word a line, or two columns below a header where there are
           counts; projector_config.pbtxt, which names both.
hub        model.safetensors with ``embeddings`` [V + 1, D], the last row zero for words that are unknown (and ``weights``
           [V + 1] that int8 rows are multiplied by); tokenizer.json, words between ASCII white space; config.json and
           modules.json: model2vec and sentence-transformers read it, and it is read back.
"""

import json
import struct
from pathlib import Path

import numpy as np

from fastw2v.errors import VectorsError
from fastw2v.files import atomic_folder, reason
from fastw2v.vectors.tables import ScaledRows, lengths, stored
from fastw2v.vectors.text_files import written_lines
from fastw2v.vectors.word_vectors import WordVectors

UNKNOWN = "[UNK]"
MAX_HEADER = 100 << 20  # bytes, as in safetensors
KINDS = {"float32": "F32", "float16": "F16", "int8": "I8"}
NUMBERS = {kind: np.dtype(name).newbyteorder("<") for name, kind in KINDS.items()}
CONFIG = """embeddings {
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def write_projector(path, vectors):
    """Write a folder for the TensorBoard projector, whole or not at all. Raises VectorsError for words it cannot hold."""
    _check(path, vectors)
    for word in vectors.words:
        if not word.strip() or any(mark in word for mark in "\t\n\r"):
            raise VectorsError(f"{path}: the word {word!r} is blank or holds a tab or a line break, which would shift all rows")
    with atomic_folder(path) as folder:
        with open(folder / "tensors.tsv", "wb") as out:
            for piece in written_lines([""] * len(vectors), vectors.table):
                out.write(piece[1:].replace(b"\n ", b"\n").replace(b" ", b"\t"))
        with open(folder / "metadata.tsv", "w", encoding="utf8", newline="\n") as out:
            if vectors.counts is None:
                out.writelines(f"{word}\n" for word in vectors.words)
            else:
                out.write("word\tcount\n")
                out.writelines(f"{word}\t{count}\n" for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True))
        (folder / "projector_config.pbtxt").write_text(CONFIG)


def write_hub(path, vectors, dtype="float32"):
    """Write a folder for model2vec and sentence-transformers, whole or not at all;  dtype : float32, float16 or int8."""
    _check(path, vectors)
    if len(set(vectors.words)) < len(vectors):
        seen = set()
        twice = next(word for word in vectors.words if word in seen or seen.add(word))
        raise VectorsError(f"{path}: the word {twice!r} is there twice; a tokenizer can hold it only once")
    unknown = UNKNOWN
    while unknown in vectors:
        unknown = f"[{unknown}]"
    numbers, scales = stored(vectors.table, dtype)
    if not np.isfinite(numbers).all():
        raise VectorsError(f"{path}: some numbers are beyond 65,504, the largest float16; choose float32 or int8")
    tensors = {"embeddings": (KINDS[dtype], [*numbers.shape], [numbers, np.zeros_like(numbers[:1])])}
    tensors["embeddings"][1][0] += 1
    if scales is not None:
        tensors["weights"] = ("F32", [len(scales) + 1], [scales, np.zeros(1, np.float32)])
    config = {
        "model_type": "model2vec", "architectures": ["StaticModel"], "tokenizer_name": "fastw2v", "normalize": False,
        "hidden_dim": numbers.shape[1], "embedding_dtype": dtype,
    }  # fmt: skip
    modules = [{"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}]
    texts = {"tokenizer.json": _tokenizer(vectors.words, unknown), "config.json": config, "modules.json": modules}
    with atomic_folder(path) as folder:
        _write_safetensors(folder / "model.safetensors", tensors)
        for name, text in texts.items():
            (folder / name).write_text(json.dumps(text, ensure_ascii=False), encoding="utf8")


def _tokenizer(words, unknown):
    """The tokenizer that takes a text apart as a corpus is taken apart, and knows these words."""
    spaces = {"type": "Split", "pattern": {"Regex": "[ \\t\\n\\x0B\\f\\r]+"}, "behavior": "Removed", "invert": False}
    special = {
        "id": len(words), "content": unknown, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
        "special": True,
    }  # fmt: skip
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [special], "normalizer": None,
        "pre_tokenizer": spaces, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": {w: i for i, w in enumerate([*words, unknown])}, "unk_token": unknown},
    }  # fmt: skip


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
    """Read a folder with model.safetensors and the tokenizer.json of whole words; returns WordVectors. Raises VectorsError."""
    folder = Path(path)
    try:
        if not (folder / "model.safetensors").is_file():
            raise VectorsError(f"{path}: is a directory without model.safetensors; give the name of a file in it")
        vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf8"))["model"]
        tensors = _read_safetensors(folder / "model.safetensors")
        if vocabulary.get("type") != "WordLevel" or not isinstance(vocabulary["vocab"], dict):
            raise VectorsError(f"{path}: its tokenizer is of pieces of words, {vocabulary.get('type')!r}, not of words")
    except OSError as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VectorsError(f"{path}: is no model of word vectors, or is damaged: {error!r}") from error
    table, weights = tensors.get("embeddings", tensors.get("embedding.weight")), tensors.get("weights")
    words = sorted(vocabulary["vocab"], key=vocabulary["vocab"].get)
    if table is None or table.ndim != 2 or len(table) != len(words) or list(map(vocabulary["vocab"].get, words)) != [
        *range(len(words))
    ]:  # fmt: skip
        raise VectorsError(f"{path}: its words and its vectors do not fit together")
    table = table if table.dtype == np.float32 else ScaledRows(table, weights)
    keep = np.array([word != vocabulary.get("unk_token") for word in words], bool)
    table = np.ascontiguousarray(np.asarray(table)[keep])
    if lengths(table)[1] is not None:
        raise VectorsError(f"{path}: some vectors are not finite numbers; the file is damaged")
    return WordVectors([word for word, kept in zip(words, keep, strict=True) if kept], table)


def _read_safetensors(path):
    """The arrays of a file, by name; of kinds of number that are not known here, none."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
        if length > min(MAX_HEADER, size):
            raise ValueError("the header of model.safetensors is longer than the file")
        header, begin, arrays = json.loads(file.read(length)), 8 + length, {}
        for name, tensor in header.items():
            if name == "__metadata__" or tensor["dtype"] not in NUMBERS:
                continue
            first, last = tensor["data_offsets"]
            if not 0 <= first <= last <= size - begin:
                raise ValueError("model.safetensors is shorter than its header says")
            file.seek(begin + first)
            arrays[name] = np.frombuffer(file.read(last - first), NUMBERS[tensor["dtype"]]).reshape(tensor["shape"])
    return arrays


def _check(path, vectors):
    if not len(vectors) or lengths(vectors.table)[1] is not None:
        raise VectorsError(f"{path}: there are no vectors to write, or some are not finite numbers")
