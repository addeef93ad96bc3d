"""The encoded corpus: int32 ids with -1 at line ends, memory-mapped, and its vocabulary; as a file,
``corpus.fw2v``.

The file, little-endian: a header of 64 bytes (see HEADER), the ids, the counts (int64), the words
(UTF-8, a newline after each). The checksum in the header is of all of it but the ids, which are
checked by their range instead.
"""

import mmap
import os
import struct
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BufferedIOBase, FileIO
from pathlib import Path
from typing import Any

import numpy as np

from fastw2v.config import Tags, TrainConfig
from fastw2v.corpus.characters import punctuation_notice
from fastw2v.corpus.columns import Columns, table_file_blocks
from fastw2v.corpus.documents import DocumentLines, Documents
from fastw2v.corpus.encoder import CorpusCounts, encode_blocks, writing_ids
from fastw2v.corpus.objects import object_blocks
from fastw2v.corpus.reader import SPACES, Block, file_blocks, find_files, size_on_disk
from fastw2v.corpus.vocabulary import Selection, Vocabulary, choose
from fastw2v.errors import CorpusError, OutputError
from fastw2v.events import Encoded, Notify, Reading, ignore
from fastw2v.file_types import ENCODED
from fastw2v.files import atomic_write, reason, temporary_file
from fastw2v.kernels.text.words import LINE_END, renumber
from fastw2v.packing import fill
from fastw2v.paths import AnyPath, is_path, shown

# magic, version, ids, words, bytes of words, tokens read, words seen, checksum of header and
# vocabulary
HEADER = struct.Struct("<8s I 4x q q q q q I 4x")
VERSION = 1
# settings of how text is read, which an encoded corpus cannot follow any more
READING = ("lowercase", "tokenize", "column", "group_by")
CHECKED = 1 << 22  # ids checked at a time


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """A corpus as word ids.

    Attributes
    ----------
    ids
        int32 [N], read-only, LINE_END (-1) after each line.
    vocabulary
        The words of the ids.
    tokens_read, words_seen
        Numbers of tokens and of distinct words in the text, before words were left out.
    mapping
        The memory map of the ids, if any.
    kept
        Number of tokens among the ids, where the counts of the vocabulary include other texts.
    documents
        The documents of the lines, if the model needs them.
    """

    ids: np.ndarray
    vocabulary: Vocabulary
    tokens_read: int
    words_seen: int
    mapping: mmap.mmap | None = None
    kept: int | None = None
    documents: Documents | None = None

    def forget(self) -> None:
        """Release the memory of ids that were read; they stay in the file and in its cache."""
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)

    @property
    def tokens(self) -> int:
        """Tokens without line ends."""
        return self.vocabulary.tokens if self.kept is None else self.kept

    @property
    def lines(self) -> int:
        """Lines that hold words."""
        return len(self.ids) - self.tokens


def is_encoded(corpus: Any) -> bool:
    """Whether ``corpus`` is the path of an encoded corpus, judged by its first bytes."""
    try:
        if not isinstance(corpus, (str, Path)) or not Path(corpus).is_file():
            return False
        with open(corpus, "rb") as file:
            return file.read(len(ENCODED)) == ENCODED
    except (OSError, ValueError):
        return False  # reading it raises the error


def open_corpus(
    corpus: Any,
    config: TrainConfig,
    selection: Selection | None = None,
    *,
    tags: Tags | None = None,
    folder: AnyPath | None = None,
    notify: Notify = ignore,
) -> EncodedCorpus:
    """The encoded corpus of text files, token lists, or an encoded corpus, with the words of a
    Selection, by default those that occur often enough for ``config``.

    corpus : a path, directory or glob, a list of them, or an iterable of token lists. Ids of text
    go to a nameless file in ``folder``, which the system removes after the last use. ``tags`` :
    "line" or "first" if lines are documents. ``notify`` gets Reading and Encoded events. Raises
    CorpusError and OutputError.
    """
    began = time.perf_counter()
    selection = selection or Selection(min_count=config.min_count, max_vocab=config.max_vocab)
    lines = DocumentLines(tags) if tags else None
    encoded = _open(corpus, config, selection, folder, notify, lines)
    if lines is not None:
        encoded = replace(encoded, documents=lines.documents(encoded.ids))
    notify(_described(encoded, time.perf_counter() - began))
    return encoded


def _described(encoded: EncodedCorpus | CorpusCounts, seconds: float) -> Encoded:
    return Encoded(
        tokens_read=encoded.tokens_read,
        tokens=encoded.tokens,
        lines=encoded.lines,
        words_seen=encoded.words_seen,
        words=len(encoded.vocabulary),
        seconds=seconds,
    )


def _open(
    corpus: Any,
    config: TrainConfig,
    selection: Selection,
    folder: AnyPath | None,
    notify: Notify,
    lines: DocumentLines | None,
) -> EncodedCorpus:
    paths = _paths(corpus)
    if paths and len(paths) == 1 and is_encoded(paths[0]):
        for name in READING:
            if value := getattr(config, name):
                given = name if value is True else f"{name}={value!r}"
                raise CorpusError(
                    f"{shown(paths[0])}: is encoded already; {given} is for fastw2v encode",
                    options=(name,),
                )
        if lines is not None and lines.first_is_tag:
            raise CorpusError(
                f"{shown(paths[0])}: is encoded, so its first tokens are words; give the text, or"
                " leave out --tags first"
            )
        return read_encoded(paths[0], selection, folder, lines)
    if paths and any(is_encoded(path) for path in paths):
        raise CorpusError(
            "an encoded corpus cannot be joined with other files; encode them together"
        )
    with temporary_file(folder) as file:  # the memory map keeps it
        counted = _encode(corpus, paths, file, 0, config, selection, notify, lines)
        return EncodedCorpus(
            vocabulary=counted.vocabulary,
            tokens_read=counted.tokens_read,
            words_seen=counted.words_seen,
            kept=counted.tokens,
            **ids_in_file(file, counted.ids),
        )


def write_encoded(
    corpus: Any,
    path: AnyPath,
    config: TrainConfig,
    stop_words: frozenset[str] = frozenset(),
    *,
    notify: Notify = ignore,
) -> CorpusCounts:
    """Encode text files or token lists into a file; returns CorpusCounts.

    ``notify`` as in open_corpus.
    """
    selection = Selection(
        min_count=config.min_count, max_vocab=config.max_vocab, stop_words=stop_words
    )
    began, paths = time.perf_counter(), _paths(corpus)
    if Path(path).exists() and not Path(path).is_file():
        raise OutputError(f"{shown(path)}: an encoded corpus can only be written to a plain file")
    with atomic_write(path) as file:
        file.write(bytes(HEADER.size))
        counted = _encode(corpus, paths, file, HEADER.size, config, selection, notify)
        _finish(file, counted)
    notify(_described(counted, time.perf_counter() - began))
    return counted


def _header(counted: CorpusCounts, counts: bytes, words: bytes) -> bytes:
    fields = (
        ENCODED,
        VERSION,
        counted.ids,
        len(counted.vocabulary),
        len(words),
        counted.tokens_read,
        counted.words_seen,
    )
    checksum = zlib.crc32(HEADER.pack(*fields, 0) + counts + words) or 1
    return HEADER.pack(*fields, checksum)


def read_encoded(
    path: AnyPath,
    selection: Selection | None = None,
    folder: AnyPath | None = None,
    lines: DocumentLines | None = None,
) -> EncodedCorpus:
    """Open an encoded corpus with the words of a Selection, by default all.

    Raises CorpusError and OutputError.

    Its ids are checked and copied to a nameless file in ``folder``. If another program changes or
    truncates the file at ``path`` later, kernels still read valid ids. ``lines`` : the
    DocumentLines to find, if any.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            header = _read_header(path, file, before.st_size)
            vocabulary = _read_vocabulary(path, file, header)
            encoded = _read_ids(
                path, file, header, vocabulary, selection or Selection(), folder, lines
            )
            after = os.fstat(file.fileno())
    except OutputError:
        raise
    except OSError as error:
        raise CorpusError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise CorpusError(
            f"{shown(path)}: was changed by another program while it was read; run again"
        )
    return encoded


def _damaged(path: AnyPath, what: str) -> CorpusError:
    return CorpusError(f"{shown(path)}: {what}; it is damaged, encode the text again")


def _read_header(path: AnyPath, file: FileIO, size: int) -> tuple[int, ...]:
    """The fields of the header.

    The size of the file is checked against it, so that a forged header cannot exhaust memory.
    """
    header = file.read(HEADER.size)
    if len(header) < HEADER.size or header[: len(ENCODED)] != ENCODED:
        raise CorpusError(f"{shown(path)}: is not an encoded corpus; make one with fastw2v encode")
    fields = HEADER.unpack(header)
    _, version, n, V, letters, _, _, _ = fields
    if version != VERSION:
        raise CorpusError(
            f"{shown(path)}: has version {version}, this program reads {VERSION}; encode the text"
            " again"
        )
    if n < 2 or V < 1 or letters < 2 or size != HEADER.size + 4 * n + 8 * V + letters:
        raise _damaged(path, "its size is not what its header says")
    if HEADER.pack(*fields) != header:
        raise _damaged(path, "its header holds what it should not")
    return fields


def _read_vocabulary(path: AnyPath, file: FileIO, fields: tuple[int, ...]) -> Vocabulary:
    """The vocabulary. Its checksum is checked, and, since a forged file can have a right one, that
    its words and counts are valid.
    """
    *_, n, V, letters, tokens_read, words_seen, checksum = fields
    try:
        rest = bytearray(8 * V + letters)
    except MemoryError as error:
        raise CorpusError(
            f"{shown(path)}: its vocabulary of {8 * V + letters:,} bytes does not fit into memory"
        ) from error
    file.seek(HEADER.size + 4 * n)
    if fill(file, memoryview(rest)) < len(rest):
        raise _damaged(path, "it ends too early")
    if checksum != (zlib.crc32(rest, zlib.crc32(HEADER.pack(*fields[:-1], 0))) or 1):
        raise _damaged(path, "its checksum is wrong")
    counts = np.frombuffer(rest, "<i8", V).astype(np.int64)
    if (
        counts[-1] < 1
        or (counts[1:] > counts[:-1]).any()
        or words_seen < V
        or tokens_read < counts.sum()
    ):
        raise _damaged(path, "its counts are not in order")
    del rest[: 8 * V]
    spaces = sum(map(rest.count, SPACES))
    if (
        not spaces == rest.count(b"\n") == V
        or rest[:1] == b"\n"
        or rest[-1:] != b"\n"
        or b"\n\n" in rest
    ):
        raise _damaged(path, "its words are not one a line")
    try:
        words = rest.decode().split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise _damaged(path, f"its words are not UTF-8: {error.reason}") from error
    if not _distinct(words):
        raise _damaged(path, "a word occurs in it twice")
    return Vocabulary(words, counts)


def _distinct(words: Sequence[str]) -> bool:
    # 8 bytes a word, not a set of them
    hashes = np.fromiter(map(hash, words), np.int64, len(words))
    hashes.sort()
    return (hashes[1:] != hashes[:-1]).all() or len(set(words)) == len(words)


def _read_ids(
    path: AnyPath,
    file: FileIO,
    fields: tuple[int, ...],
    vocabulary: Vocabulary,
    selection: Selection,
    folder: AnyPath | None,
    lines: DocumentLines | None,
) -> EncodedCorpus:
    """The corpus of the words of the selection. Raises CorpusError for invalid ids."""
    _, _, _, V, _, tokens_read, words_seen, _ = fields
    counts, words = vocabulary.counts, vocabulary.words
    try:
        ranks, chosen, tokens = choose(
            counts, lambda: np.arange(V), lambda order: [words[i] for i in order], selection
        )
    except CorpusError as error:
        raise CorpusError(f"{shown(path)}: {error}") from error
    with temporary_file(folder) as own:  # the memory map keeps it
        n = _copy_ids(path, file, fields, counts, ranks, own, lines)
        return EncodedCorpus(
            vocabulary=chosen,
            tokens_read=tokens_read,
            words_seen=words_seen,
            kept=tokens,
            **ids_in_file(own, n),
        )


def _copy_ids(
    path: AnyPath,
    file: FileIO,
    fields: tuple[int, ...],
    counts: np.ndarray,
    ranks: np.ndarray,
    own: BufferedIOBase,
    lines: DocumentLines | None,
) -> int:
    """Check all ids, and write those that are kept to a file; returns how many."""
    n, V = fields[2], len(counts)
    all_kept = np.array_equal(ranks, np.arange(V))
    occurrences = np.zeros(V + 1, np.int64)  # of line ends, then of each word
    written, line_open, ended = 0, False, True  # whether a line ended before these ids
    file.seek(HEADER.size)
    for first in range(0, n, CHECKED):
        ids = np.empty(min(CHECKED, n - first), "<i4")
        if fill(file, ids.view(np.uint8).data) < 4 * len(ids):
            raise _damaged(path, "it ends too early")
        unfinished = first + len(ids) == n and ids[-1] != LINE_END
        if ids.min() < LINE_END or ids.max() >= V or unfinished:
            raise _damaged(path, "holds ids that are no words")
        ends = ids == LINE_END
        if (ended and ends[0]) or (ends[1:] & ends[:-1]).any():  # documents are counted by these
            raise _damaged(path, "holds lines without words")
        ended = bool(ends[-1])
        occurrences += np.bincount(ids + 1, minlength=V + 1)
        if lines is not None:
            lines.mark_kept(ids, ranks)
        m = len(ids)
        if not all_kept:
            m, line_open = renumber(ids, m, ranks, line_open, ids)
        with writing_ids():
            own.write(ids[:m].data)
        written += m
    if not np.array_equal(occurrences[1:], counts):
        raise _damaged(path, "its ids are not those it counts")
    return written


def _paths(corpus: Any) -> list[str] | None:
    """The paths of a corpus that consists of files, or None if it is a Python object."""
    names = corpus if isinstance(corpus, (list, tuple)) else [corpus]
    return [os.fsdecode(name) for name in names] if names and all(map(is_path, names)) else None


def _encode(
    corpus: Any,
    paths: Sequence[str] | None,
    file: BufferedIOBase,
    start: int,
    config: TrainConfig,
    selection: Selection,
    notify: Notify,
    lines: DocumentLines | None = None,
) -> CorpusCounts:
    files = find_files(paths) if paths else []
    total = 0 if config.column else size_on_disk(files)
    texts: set[bool] = set()  # whether blocks are texts, or token lists
    counted = encode_blocks(
        _record_text(_blocks(corpus, paths, files, config, notify), texts),
        file,
        start,
        selection=selection,
        config=config,
        notify=lambda done: notify(Reading(done, total)),
        lines=lines,
    )
    notice = punctuation_notice(counted.vocabulary.words) if True in texts else None
    if notice and not config.tokenize:
        notify(notice)
    return counted


def _record_text(blocks: Iterable[Block], texts: set[bool]) -> Iterator[Block]:
    """The blocks; whether each is text is added to a set."""
    for block in blocks:
        texts.add(block.origin is None)
        yield block


def _blocks(
    corpus: Any,
    paths: Sequence[str] | None,
    files: Sequence[str | Path],
    config: TrainConfig,
    notify: Notify,
) -> Iterator[Block]:
    """The blocks of a corpus: of files or objects, of text, tables or token lists."""
    tokenize = config.tokenize is not None
    columns = Columns(config.column, config.group_by, config.order_by) if config.column else None
    if not paths:
        return object_blocks(corpus, columns, notify, tokenize=tokenize)
    if columns is None:
        return file_blocks(files, notify, tokenize=tokenize)
    return table_file_blocks(files, columns, notify, tokenize)


def ids_in_file(file: BufferedIOBase, n: int) -> dict[str, Any]:
    """The n ids (at least one) that a file begins with, and their mapping, as fields of an
    EncodedCorpus.
    """
    with writing_ids():
        file.flush()
    mapping = mmap.mmap(file.fileno(), 4 * n, access=mmap.ACCESS_READ)
    return {"ids": np.frombuffer(mapping, "<i4", count=n), "mapping": mapping}


def save_encoded(encoded: EncodedCorpus, path: AnyPath) -> None:
    """Write an encoded corpus, whose counts are those of its ids, into a file."""
    with atomic_write(path) as file:
        file.write(bytes(HEADER.size))
        for first in range(0, len(encoded.ids), CHECKED):
            file.write(encoded.ids[first : first + CHECKED].data)
            encoded.forget()
        vocabulary = encoded.vocabulary
        _finish(
            file,
            CorpusCounts(
                vocabulary,
                len(encoded.ids),
                encoded.tokens,
                encoded.tokens_read,
                encoded.words_seen,
            ),
        )


def _finish(file: BufferedIOBase, counted: CorpusCounts) -> None:
    """Write what comes after the ids, and the header before them."""
    words = "".join(word + "\n" for word in counted.vocabulary.words).encode()
    counts = counted.vocabulary.counts.astype("<i8").tobytes()
    file.seek(HEADER.size + 4 * counted.ids)
    file.write(counts + words)
    file.seek(0)
    file.write(_header(counted, counts, words))
