"""Whether a file holds vectors that this program writes, so that a run may replace it."""

import math
import os
import zipfile
import zlib

from fastw2v.errors import VectorsError
from fastw2v.file_types import ZIP
from fastw2v.formats.content import content_of, split_row
from fastw2v.formats.registry import format_of
from fastw2v.packing import GZIP, packing
from fastw2v.paths import AnyPath, open_regular

HEAD_BYTES = 1 << 20  # that are looked at: a row of the longest vectors, in decimal
ARRAYS = {"fastw2v.npy", "words.npy", "vectors.npy"}  # that every model has


def holds_vectors(path: AnyPath) -> bool:
    """Whether a file is a model or a word2vec file by its first bytes; or GloVe's, if its name says
    so too; or empty.
    """
    try:
        with open_regular(os.path.realpath(path)) as file:
            head = file.read(HEAD_BYTES)
            if head.startswith(ZIP):
                with zipfile.ZipFile(file) as archive:
                    return set(archive.namelist()) >= ARRAYS
        if not head:
            return True
        if packing(head) is GZIP:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        return _has_row(head, path)
    except (
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        VectorsError,
        zipfile.BadZipFile,
        zlib.error,
    ):
        return False


def _has_row(head: bytes, path: AnyPath) -> bool:
    """Whether bytes begin as vectors do, with a first row of finite numbers."""
    is_glove = format_of(path) == "glove"
    content = content_of(head, path, "glove" if is_glove else None)
    rest = head[content.begin :]
    if content.format == "binary":
        word, _, numbers = rest.partition(b" ")
        end = 4 * content.D
        return bool(word) and b"\n" not in word and numbers[end : end + 1] == b"\n"
    row = split_row(rest.partition(b"\n")[0], content.D)
    is_written = content.format == "text" or is_glove
    return is_written and row is not None and all(math.isfinite(float(n)) for n in row[1])
