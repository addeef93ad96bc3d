"""Whether a file holds vectors of a kind that this program writes, and may therefore be replaced by
a run that says so.
"""

import os
import zipfile
import zlib

from fastw2v.paths import open_regular
from fastw2v.vectors.formats import format_of

HEAD = 1 << 20  # bytes that are looked at: a row of the longest vectors, in decimal
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
ARRAYS = {"fastw2v.npy", "words.npy", "vectors.npy"}  # that every model has


def holds_vectors(path) -> bool:
    """Whether a file is a model or a word2vec file by what it begins with; or GloVe's, if its name
    says so too; or empty.
    """
    try:
        with open_regular(os.path.realpath(path)) as file:
            head = file.read(HEAD)
            if head.startswith(ZIP):
                with zipfile.ZipFile(file) as archive:
                    return set(archive.namelist()) >= ARRAYS
        if not head:
            return True
        if head.startswith(GZIP):
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return False
    first, _, rest = head.partition(b"\n")
    if format_of(path) == "glove":
        return _is_row(first, len(first.split(b" ")) - 1)
    sizes = first.split(b" ")
    if len(sizes) != 2 or not all(size.isdigit() and len(size) < 19 for size in sizes):
        return False
    D = int(sizes[1])
    return _is_row(rest.partition(b"\n")[0], D) or _is_binary_row(rest, D)


def _is_row(line, D):
    """Whether a line is a word and D finite numbers in decimal."""
    word, *numbers = line.split(b" ")
    try:
        return (
            D > 0
            and bool(word)
            and len(numbers) == D
            and all(float(number) < float("inf") for number in numbers)
        )
    except ValueError:
        return False


def _is_binary_row(rest, D):
    """Whether bytes begin with a word, a space, D numbers of 4 bytes and a line end."""
    word, _, numbers = rest.partition(b" ")
    return D > 0 and bool(word) and b"\n" not in word and numbers[4 * D : 4 * D + 1] == b"\n"
