"""Files of approximate indexes.

A line of JSON, which says of what vectors the index is and holds a signature, then what usearch
writes. usearch does not check what it reads, and ends the process over changed bytes. So only a
file with the signature of this user's key (``signatures``) is given to it; of any other the index
is made again.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from typing import Any

import numpy as np

from fastw2v.errors import OutputError, VectorsError
from fastw2v.events import Notice
from fastw2v.files import atomic_write, check_writable, reason
from fastw2v.formats.signatures import is_signed, key_path, signature, user_key
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.approximate import ApproximateIndex, build_index, usearch_index
from fastw2v.vectors.word_vectors import WordVectors

FORMAT = "fastw2v-index-2"
FORMATS = ("fastw2v-index-1", FORMAT)  # the first had no signature
MAX_HEADER_BYTES = 1000
MAX_ROW_BYTES = 4096  # of a graph for each vector, beside its numbers: some 300 are written
SAMPLE_ROWS = 1000  # whose bytes tell vectors from others, with the lengths of all


def save(path: AnyPath, index: ApproximateIndex) -> None:
    """Write an index whole or not at all, signed with the user's key if there is one."""
    graph, key = index.graph.save(None), user_key()
    header: dict[str, Any] = {"format": FORMAT, "vectors": _fingerprint(index.vectors)}
    if key is not None:
        header["signature"] = signature(key, json.dumps(header).encode(), graph)
    with atomic_write(path) as out:
        out.write(json.dumps(header).encode() + b"\n")
        out.write(graph)


def open_index(
    path: AnyPath, vectors: WordVectors, notify: Callable[[Notice], object] | None = None
) -> ApproximateIndex:
    """The index of WordVectors that a file holds, or, if there is no such file, a new one that is
    saved there.

    A file that was changed, or made by another user, is not opened: the index is made again, and
    replaces it.
    notify : a function that gets a Notice of that. Raises VectorsError for an index of other
    vectors, and for a file that is none.
    """
    if not os.path.lexists(path):
        check_writable(path)
        index = build_index(vectors)
        save(path, index)
        return index
    header, graph = _read(path, (len(vectors) + 1) * (4 * vectors.table.shape[1] + MAX_ROW_BYTES))
    if header.get("vectors") != _fingerprint(vectors) and header["format"] == FORMAT:
        raise VectorsError(
            f"{shown(path)}: is an index of other vectors; remove it to build a new one"
        )
    signed, key = header.pop("signature", None), user_key()
    if key is not None and is_signed(key, signed, json.dumps(header).encode(), graph):
        return ApproximateIndex(vectors, usearch_index().restore(graph, enable_key_lookups=False))
    index = build_index(vectors)
    why = "was not made by this user, or has been changed"
    if key is None:
        why = f"cannot be checked: this user has no key, as {key_path()} cannot be used"
    try:
        save(path, index)
    except OutputError as error:
        why += f"; it cannot be replaced ({reason(error)[:80]})"
    if notify is not None:
        notify(Notice(f"{shown(path)}: {why}; the index was rebuilt"))
    return index


def _read(path: AnyPath, max_bytes: int) -> tuple[dict[str, Any], bytes]:
    """The header and the graph of a file of ``save``. Of a graph of more bytes than ``max_bytes``,
    which no signature fits, only these bytes. Raises VectorsError.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise VectorsError(
                f"{shown(path)}: is not a plain file; give the name of an index, or of a file to be"
                " made"
            )
        with open(path, "rb") as file:
            header = json.loads(file.readline(MAX_HEADER_BYTES))
            if header.get("format") not in FORMATS:
                raise ValueError
            return header, file.read(min(max_bytes, os.fstat(file.fileno()).st_size))
    except (OSError, MemoryError) as error:
        raise VectorsError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise VectorsError(
            f"{shown(path)}: is no index of fastw2v; give the name of one, or of a file to be made"
        ) from error


def _fingerprint(vectors: WordVectors) -> list[int | str]:
    """What tells vectors from others: how many, and the SHA-256 of their words, their lengths and
    some of their rows.
    """
    digest = hashlib.sha256("\n".join(vectors.words).encode("utf8", "surrogatepass"))
    with np.errstate(over="ignore"):
        digest.update(vectors.lengths.astype("<f4").tobytes())
    rows = np.linspace(0, len(vectors) - 1, min(SAMPLE_ROWS, len(vectors))).astype(np.int64)
    digest.update(np.asarray(vectors.table[rows], "<f4").tobytes())
    return [*vectors.table.shape, digest.hexdigest()]
