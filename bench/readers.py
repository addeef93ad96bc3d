"""The readers that ``bench.fuzz`` tries: good files for each, what reading one means, and what must
be true of it then.
"""

import bz2
import gzip
import io
import lzma
import math
import re
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.naive import encode
from fastw2v.api import load
from fastw2v.config import TrainConfig
from fastw2v.corpus import reader
from fastw2v.corpus.encoded import HEADER, open_corpus, read_encoded, write_encoded
from fastw2v.corpus.reader import file_blocks
from fastw2v.corpus.vocabulary import read_vocabulary, read_words
from fastw2v.evaluation.sets import read_set
from fastw2v.file_types import ENCODED, ENCODINGS, UTF8
from fastw2v.training.loop import Training

TEXT = (
    "The king rules the land.\r\nla reine é字😀 règne\t sur\x0b la terre\n\nüber\x00zero \x1c a a a"
    " b\u00a0b long" + "long" * 40 + "\n"
)
PART = b"the king rules the land and the queen rules the sea\n" * 9
KEEP = TrainConfig(min_count=1, threads=1)
LONGEST_ERROR = 300


@dataclass
class Reader:
    """good : files that it reads, or a function that makes them;  read(path, data, rng) : reads one
    and checks what came out;
    mend(data, rng) : makes a file look right that was changed at random;  refuses(data) : whether
    it may refuse a file;
    memory : bytes that it may take for any file;  change(data, rng) : changes a file instead,
        and knows its structure.
    """

    name: str
    good: list | Callable
    read: Callable
    mend: Callable | None = None
    refuses: Callable = lambda data: True
    memory: int = 8 << 20
    change: Callable | None = None
    resident: float = math.inf  # bytes that the process may have, once it has read the good files

    @cached_property
    def files(self):
        """The good files."""
        return self.good() if callable(self.good) else self.good

    def wrongly_refused(self, data, error):
        """What is wrong with a refusal, or None."""
        # the folder of the files is no part of the message
        message = re.sub(r"/\S*/fuzz-\w+/", "", str(error))
        if "\n" in message or len(message) > LONGEST_ERROR:
            return f"more than a line, or {LONGEST_ERROR} characters: {error}"
        return None if self.refuses(data) else f"refused a good file: {error}"


def read_text(path, data, rng):
    """Words, counts and ids must be those of bytes.split()."""
    before, reader.BLOCK = reader.BLOCK, rng.choice((16, 64, 256, 1024, 1 << 16))
    try:
        found = open_corpus(path, TrainConfig(min_count=1, threads=rng.choice((1, 1, 1, 2))))
    finally:
        reader.BLOCK = before
    text = data.removeprefix(UTF8)
    assert (
        found.vocabulary.words,
        found.vocabulary.counts.tolist(),
        found.ids.tolist(),
    ) == decoded(encode(text)), "not its words"


def decoded(encoding):
    """What the slow twin found, its words as strings."""
    words, counts, ids = encoding
    return [word.decode() for word in words], counts, ids


def may_refuse_text(data):
    """Whether a text is empty, not UTF-8, or holds what a text does not."""
    signs = data.startswith((*ENCODINGS, ENCODED, b"PK")) or 0 in data
    try:
        return signs or not data.removeprefix(UTF8).decode().encode().split()
    except UnicodeDecodeError:
        return True


def read_packed(path, data, rng):
    """What comes out must be what was packed, as often as it was."""
    text = b"".join(block.data[: block.size].tobytes() for block in file_blocks([path]))
    if text != data:  # it may be text, now that its first bytes are others
        assert not text.replace(PART, b""), "unpacked to something else"


def read_corpus(path, data, rng):
    """Ids must be words, as often as they are counted; and now and then they are trained on."""
    found = read_encoded(path)
    words, ids = found.vocabulary.words, found.ids
    assert len(set(words)) == len(words) and all(
        word.encode().split() == [word.encode()] for word in words
    ), "words"
    assert ids.min() >= -1 and np.array_equal(
        np.bincount(ids[ids >= 0], minlength=len(words)), found.vocabulary.counts
    ), "ids"
    if rng.random() < 0.05:
        for _ in Training(
            found, TrainConfig(vector_size=4, epochs=1, threads=1, min_count=1, sample=0)
        ).run():
            pass


def mend_corpus(data, rng):
    """Change a file; most often with its size and checksum corrected, to reach what they guard."""
    if len(data) < HEADER.size or rng.random() < 0.2:
        return data
    magic, version, n, V, letters, read, seen, _ = HEADER.unpack(data[: HEADER.size])
    if rng.random() < 0.5:
        letters = len(data) - HEADER.size - 4 * n - 8 * V
    try:
        fields = magic, version, n, V, letters, read, seen
        rest = data[HEADER.size + 4 * n :] if n >= 0 else b""
        return (
            HEADER.pack(*fields, zlib.crc32(HEADER.pack(*fields, 0) + rest) or 1)
            + data[HEADER.size :]
        )
    except Exception:
        return data


def load_vectors(path, data, rng):
    """All numbers must be finite, a row a word."""
    vectors = load(path)
    assert vectors.vectors.shape[0] == len(vectors.words) and np.isfinite(vectors.vectors).all(), (
        "rows"
    )


def good_corpora():
    """Encoded corpora as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "good")
        made = []
        for lines in (
            [["a", "b", "a", "é字"], ["b", "a"], ["c"] * 9],
            [[f"w{i % 50}" for i in range(n)] for n in range(40)],
        ):
            write_encoded(lines, path, KEEP)
            made.append(path.read_bytes())
        return made


def good_vectors(suffix):
    """Vectors as bytes, of a format chosen by the suffix."""
    from fastw2v.vectors.word_vectors import WordVectors

    rng, words = np.random.default_rng(1), ["the", "king", "é字", "x" * 40]
    vectors = WordVectors(words, rng.normal(size=(4, 6)).astype(np.float32), np.array([9, 5, 3, 1]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "good" + suffix)
        vectors.save(path)
        return [path.read_bytes()]


def packed():
    """Compressed files, one of two frames each; zstd too where it is installed."""
    ways = [gzip.compress, bz2.compress, lzma.compress]
    try:
        import zstandard

        ways.append(zstandard.ZstdCompressor(write_checksum=True).compress)
    except ImportError:
        pass
    return [way(PART) * 2 for way in ways]


def gensims_text():
    """A text file with a space at the ends of lines, as word2vec.c writes it."""
    out = io.StringIO()
    out.write("2 3\n")
    out.write("a 0.100000 -0.200000 1e-5 \nb 1 2 3 \n")
    return out.getvalue().encode()


READERS = [
    Reader("text", [TEXT.encode() * 3, PART, UTF8 + PART], read_text, refuses=may_refuse_text),
    Reader("encoded", good_corpora(), read_corpus, mend_corpus),
    Reader("compressed", packed(), read_packed, memory=160 << 20),
    Reader(
        "vocabulary",
        [b"the 10\nking 5\r\n\xc3\xa9 3\n", b"a\nb\nc\n"],
        lambda path, data, rng: read_vocabulary(path),
    ),
    Reader(
        "stop words", [b"the a an\nof  in\n\xc3\xa9\n"], lambda path, data, rng: read_words(path)
    ),
    Reader(
        "evaluation",
        [
            b": capitals\na b c d\ne f g h\n",
            b"a\tb\t1.5\nc\td\t2\n",
            b"Word 1,Word 2,Human\na,b,7.1\nc,d,2\n",
        ],
        lambda path, data, rng: read_set(path),
    ),
    Reader(
        "word2vec", good_vectors(".bin") + good_vectors(".txt") + [gensims_text()], load_vectors
    ),
    Reader("models", good_vectors(".npz"), load_vectors),
]
