"""Approximate search: a graph of neighbours (HNSW, of the library usearch) finds candidates, exact
cosines order them.

Its file is a line of JSON, which says what vectors it was made of and holds a signature, then what
usearch writes. usearch does not check what it reads, and ends the process over changed bytes. So
only a file with the signature of this user's key (``signatures``) is given to it; of any other the
index is made again.
"""

import hashlib
import json
import os
import stat
from numbers import Real

import numpy as np

from fastw2v.errors import Fastw2vError, OutputError, VectorsError
from fastw2v.events import Notice
from fastw2v.files import atomic_write, check_writable, reason
from fastw2v.vectors.signatures import is_signed, key_path, signature, user_key
from fastw2v.vectors.tables import blocks, unit
from fastw2v.vectors.word_vectors import as_word

FORMAT = "fastw2v-index-2"
FORMATS = ("fastw2v-index-1", FORMAT)  # the first had no signature
MAX_HEADER = 1000  # bytes
# neighbours a word has in the graph, and candidates that are looked at, when it is made
CONNECTIVITY, EFFORT = (
    32,
    256,
)
SPARE = 2  # candidates for each answer, of which exact cosines choose the best
SAMPLE = 1000  # rows whose bytes tell vectors from others, with the lengths of all


class ApproximateIndex:
    """Finds the nearest words without looking at all of them.

    vectors : WordVectors;  graph : usearch's index of them;  effort : candidates looked at,
        more find more of the nearest.
    """

    def __init__(self, vectors, graph, effort=128):
        self.vectors, self.graph = vectors, graph
        graph.expansion_search = effort

    def nearest(self, word, n=10):
        """As ``WordVectors.nearest``, though some of the nearest words may be missed: list of
        (word, cosine).
        """
        vectors, without = self.vectors, None
        if isinstance(word, (str, Real)):
            without = vectors.ids.get(as_word(word))
            word = vectors[word]
        query = vectors.checked(word)
        found = self.graph.search(query, min(SPARE * n + 1, len(vectors))).keys.astype(np.int64)
        rows = np.sort(found[found != without] if without is not None else found)
        cosines = unit(np.asarray(vectors.table[rows], np.float32)) @ unit(query[None])[0]
        best = np.argsort(-cosines, kind="stable")[:n].tolist()
        return [(vectors.words[rows[i]], float(cosines[i])) for i in best]

    def save(self, path):
        """Write the index whole or not at all, signed with the user's key if there is one."""
        graph, key = self.graph.save(None), user_key()
        header = {"format": FORMAT, "vectors": _fingerprint(self.vectors)}
        if key is not None:
            header["signature"] = signature(key, json.dumps(header).encode(), graph)
        with atomic_write(path) as out:
            out.write(json.dumps(header).encode() + b"\n")
            out.write(graph)


def build_index(vectors, effort=128):
    """Make an ApproximateIndex of WordVectors, on all cores."""
    graph = _usearch()(
        ndim=vectors.table.shape[1],
        metric="cos",
        dtype="f16",
        connectivity=CONNECTIVITY,
        expansion_add=EFFORT,
        enable_key_lookups=False,
    )
    for rows in blocks(vectors.table):
        # of length 1: none is too large or too small for f16
        some = unit(np.asarray(vectors.table[rows], np.float32))
        try:
            graph.add(np.arange(rows.start, rows.stop), some)
        except RuntimeError as error:  # usearch's name for Ctrl-C
            if "terminated" in str(error):
                raise KeyboardInterrupt from error
            raise
    return ApproximateIndex(vectors, graph, effort)


def open_index(path, vectors, notify=None):
    """The index of WordVectors that a file holds, or, if there is no such file, a new one that is
    saved there.

    A file that was changed, or made by another user, is not opened: the index is made again,
        and takes its place.
    notify : a function that is told so, by a Notice. Raises VectorsError for an index of other
    vectors, and for a file that is none.
    """
    if not os.path.lexists(path):
        check_writable(path)
        index = build_index(vectors)
        index.save(path)
        return index
    header, graph = _read(path)
    if header.get("vectors") != _fingerprint(vectors) and header["format"] == FORMAT:
        raise VectorsError(
            f"{path}: is an index of other vectors; remove it, and it will be made of these"
        )
    signed, key = header.pop("signature", None), user_key()
    if key is not None and is_signed(key, signed, json.dumps(header).encode(), graph):
        return ApproximateIndex(vectors, _usearch().restore(graph, enable_key_lookups=False))
    index = build_index(vectors)
    said = "was not made by this user, or has been changed"
    if key is None:
        said = f"cannot be checked: this user has no key, as {key_path()} cannot be used"
    try:
        index.save(path)
    except OutputError as error:
        said += f"; it cannot be replaced ({reason(error)[:80]})"
    (notify or _silent)(Notice(f"{path}: {said}; the index was made again"))
    return index


def _read(path):
    """The header and the graph of a file of ``ApproximateIndex.save``. Raises VectorsError."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise VectorsError(
                f"{path}: is not a plain file; give the name of an index, or of a file to be made"
            )
        with open(path, "rb") as file:
            header = json.loads(file.readline(MAX_HEADER))
            if header.get("format") not in FORMATS:
                raise ValueError
            return header, file.read()
    except (OSError, MemoryError) as error:
        raise VectorsError(f"{path}: cannot be read: {reason(error)}") from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise VectorsError(
            f"{path}: is no index of fastw2v; give the name of one, or of a file to be made"
        ) from error


def _silent(event):
    pass


def _fingerprint(vectors):
    """What tells vectors from others: how many, and the SHA-256 of their words, their lengths and
    some of their rows.
    """
    digest = hashlib.sha256("\n".join(vectors.words).encode("utf8", "surrogatepass"))
    with np.errstate(over="ignore"):
        digest.update(vectors.lengths.astype("<f4").tobytes())
    rows = np.linspace(0, len(vectors) - 1, min(SAMPLE, len(vectors))).astype(np.int64)
    digest.update(np.asarray(vectors.table[rows], "<f4").tobytes())
    return [*vectors.table.shape, digest.hexdigest()]


def _usearch():
    try:
        from usearch.index import Index
    except ImportError as error:
        raise Fastw2vError(
            "approximate search needs the library usearch: pip install 'fastw2v[ann]'"
        ) from error
    return Index
