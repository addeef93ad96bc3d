"""gensim's iterables of sentences, read from files line by line.

``Word2Vec`` knows them and lets the encoder read the files.
"""

import bz2
import gzip
import itertools
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fastw2v.compat.options import at_least
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    Fastw2vError,
    MissingCorpusError,
    UndecodableCorpusError,
    UnreadableCorpusError,
    quoted,
)
from fastw2v.files import reason
from fastw2v.paths import AnyPath, checked_path, is_path, shown

MAX_SENTENCE_WORDS = 10_000  # of gensim's; nothing is cut here where a file is encoded
OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}


@contextmanager
def open_text(path: AnyPath) -> Iterator[IO[bytes]]:
    """A file's bytes, decompressed if its name says that they are compressed.

    Raises ConfigTypeError for what is no path, and UnreadableCorpusError, an OSError and EOFError,
    also while the file is read.
    """
    path = checked_path(path, ConfigTypeError)
    try:
        with OPENERS.get(os.path.splitext(path)[1].lower(), open)(path, "rb") as file:
            yield file
    except Fastw2vError:
        raise
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        missing = isinstance(error, FileNotFoundError)
        kind = MissingCorpusError if missing else UnreadableCorpusError
        raise kind(f"{shown(path)}: cannot be read: {reason(error)}") from error


def words_of(file: Iterable[str | bytes]) -> Iterator[list[str]]:
    """The words of each line. Raises UndecodableCorpusError, a UnicodeDecodeError."""
    for number, line in enumerate(file, 1):
        yield (decoded(line, f"line {number}") if isinstance(line, bytes) else line).split()


def decoded(text: bytes, where: str) -> str:
    """Bytes of a corpus as text. Raises UndecodableCorpusError, which says where they are."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise UndecodableCorpusError(
            f"{where} of the corpus: byte {text[error.start]:#04x} at column {error.start + 1} is"
            " not UTF-8; convert it first: iconv -f ENCODING -t UTF-8 FILE > NEW"
        ) from error


def split_lines(
    file: Iterable[str | bytes], longest: int, limit: int | None
) -> Iterator[list[str]]:
    """Lists of words, of a number of lines at most; longer lines are cut."""
    for words in words_of(itertools.islice(file, limit)):
        for first in range(0, len(words), longest):
            yield words[first : first + longest]


class LineSentence:
    """A sentence for each line of a file, of a path or an open file."""

    def __init__(
        self, source: Any, max_sentence_length: int = MAX_SENTENCE_WORDS, limit: int | None = None
    ) -> None:
        self.source, self.limit = source, None if limit is None else at_least("limit", limit, 0)
        self.max_sentence_length = at_least("max_sentence_length", max_sentence_length, 1)

    @property
    def files(self) -> list[AnyPath] | None:
        """The files that all words come from, or None if only iterating tells them."""
        whole = self.limit is None and self.max_sentence_length >= MAX_SENTENCE_WORDS
        return [self.source] if whole and isinstance(self.source, (str, Path)) else None

    def __iter__(self) -> Iterator[list[str]]:
        if hasattr(self.source, "seek"):
            self.source.seek(0)
            yield from split_lines(self.source, self.max_sentence_length, self.limit)
            return
        with open_text(self.source) as file:
            yield from split_lines(file, self.max_sentence_length, self.limit)


class PathLineSentences:
    """A sentence for each line of the files of a directory, in the order of their names.

    Raises ConfigError, a ValueError.
    """

    def __init__(
        self,
        source: AnyPath,
        max_sentence_length: int = MAX_SENTENCE_WORDS,
        limit: int | None = None,
    ) -> None:
        self.source, self.limit = source, None if limit is None else at_least("limit", limit, 0)
        self.max_sentence_length = at_least("max_sentence_length", max_sentence_length, 1)
        source = checked_path(source, ConfigTypeError)
        if os.path.isfile(source):
            self.input_files: list[AnyPath] = [source]
        elif os.path.isdir(source):
            self.input_files = [os.path.join(source, name) for name in sorted(os.listdir(source))]
        else:
            raise ConfigError(
                f"source must be a file or a directory, got {quoted(source)}: there is none"
            )

    @property
    def files(self) -> list[AnyPath] | None:
        """The files that all words come from, or None if only iterating tells them."""
        whole = self.limit is None and self.max_sentence_length >= MAX_SENTENCE_WORDS
        return self.input_files if whole and all(map(os.path.isfile, self.input_files)) else None

    def __iter__(self) -> Iterator[list[str]]:
        for path in self.input_files:
            with open_text(path) as file:
                yield from split_lines(file, self.max_sentence_length, self.limit)


class Text8Corpus:
    """A file of one long line, in sentences of a fixed number of words."""

    def __init__(self, fname: AnyPath, max_sentence_length: int = MAX_SENTENCE_WORDS) -> None:
        self.fname = fname
        self.max_sentence_length = at_least("max_sentence_length", max_sentence_length, 1)

    def __iter__(self) -> Iterator[list[str]]:
        words = []
        with open_text(self.fname) as file:
            rest = b""
            while block := file.read(1 << 20):
                *some, rest = (rest + block).split(b" ")
                words += decoded(b" ".join(some), "a block").split()
                while len(words) >= self.max_sentence_length:
                    yield words[: self.max_sentence_length]
                    words = words[self.max_sentence_length :]
        words += decoded(rest, "the last word").split()
        for first in range(0, len(words), self.max_sentence_length):
            yield words[first : first + self.max_sentence_length]


def check_corpus(sentences: Any, corpus_file: AnyPath | None) -> None:
    """Raise ConfigTypeError, a TypeError as gensim's, unless there is one corpus."""
    if sentences is None and corpus_file is None:
        raise ConfigTypeError("Either one of corpus_file or corpus_iterable value must be provided")
    if sentences is not None and corpus_file is not None:
        raise ConfigTypeError(
            "Both corpus_file and corpus_iterable must not be provided at the same time"
        )
    if corpus_file is not None and not (is_path(corpus_file) and os.path.isfile(corpus_file)):
        raise ConfigTypeError(
            f"Parameter corpus_file must be a valid path to a file, got"
            f" {quoted(corpus_file)} instead"
        )
    if sentences is not None and (
        not isinstance(sentences, Iterable) or isinstance(sentences, (str, bytes, Path))
    ):
        raise ConfigTypeError(
            f"The corpus_iterable must be an iterable of lists of strings, got {quoted(sentences)}"
            " instead"
        )


def files_of(sentences: Any, corpus_file: AnyPath | None) -> Sequence[AnyPath] | None:
    """The files that a corpus comes from, or None if only iterating tells its words."""
    if corpus_file is not None:
        return [corpus_file]
    return sentences.files if type(sentences) in (LineSentence, PathLineSentences) else None
