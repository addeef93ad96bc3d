"""The encoded corpus: int32 ids with -1 at line ends, memory-mapped, and its vocabulary; as a file, ``corpus.fw2v``.

The file, little-endian: a header of 64 bytes (see HEADER), the ids, the counts (int64), the words (UTF-8, a newline
after each). The checksum in the header is of all of it but the ids, which are checked by their range instead.
"""

import mmap
import struct
import time
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fastw2v.corpus.encoder import Counted, encode_blocks, writing_ids
from fastw2v.corpus.reader import ENCODED, file_blocks, find_files, sentence_blocks, size_on_disk
from fastw2v.corpus.vocabulary import Selection, Vocabulary, choose
from fastw2v.errors import CorpusError, OutputError
from fastw2v.events import Encoded, Reading
from fastw2v.files import atomic_write, reason, temporary_file
from fastw2v.kernels.words import LINE_END, renumber

# magic, version, ids, words, bytes of words, tokens read, words seen, checksum of header and vocabulary
HEADER = struct.Struct("<8s I 4x q q q q q I 4x")
VERSION = 1
CHECKED = 1 << 22  # ids checked at a time


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """ids : int32 [N], read-only, LINE_END (-1) after each line;  vocabulary : their words.

    tokens_read, words_seen : of the text, before words were left out;  mapping : the memory map of the ids, if any;
    kept : tokens among the ids, if the vocabulary's counts are not theirs alone.
    """

    ids: np.ndarray
    vocabulary: Vocabulary
    tokens_read: int
    words_seen: int
    mapping: mmap.mmap | None = None
    kept: int | None = None

    def forget(self):
        """Give the memory back that holds ids which were read: they stay in the system's cache, and in the file."""
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)

    @property
    def tokens(self):
        """Tokens without line ends."""
        return self.vocabulary.tokens if self.kept is None else self.kept

    @property
    def lines(self):
        """Lines that hold words."""
        return len(self.ids) - self.tokens


def is_encoded(corpus):
    """Whether ``corpus`` is the path of an encoded corpus, judged by its first bytes."""
    try:
        if not isinstance(corpus, (str, Path)) or not Path(corpus).is_file():
            return False
        with open(corpus, "rb") as file:
            return file.read(len(ENCODED)) == ENCODED
    except (OSError, ValueError):
        return False  # whoever reads it will say what is wrong with it


def open_corpus(corpus, config, selection=None, *, folder=None, notify=lambda event: None):
    """The encoded corpus of text files, token lists, or an encoded corpus, with the words of a Selection, by default those
    that occur often enough for ``config``.

    corpus : a path, directory or glob, a list of them, or an iterable of token lists. Ids of text go to a nameless
    file in ``folder`` that is gone when they are no longer needed. ``notify`` gets Reading and Encoded events.
    Raises CorpusError and OutputError.
    """
    began = time.perf_counter()
    selection = selection or Selection(min_count=config.min_count, max_vocab=config.max_vocab)
    encoded = _open(corpus, config, selection, folder, notify)
    notify(_described(encoded, time.perf_counter() - began))
    return encoded


def _described(encoded, seconds):
    return Encoded(
        tokens_read=encoded.tokens_read,
        tokens=encoded.tokens,
        lines=encoded.lines,
        words_seen=encoded.words_seen,
        words=len(encoded.vocabulary),
        seconds=seconds,
    )


def _open(corpus, config, selection, folder, notify):
    paths = _paths(corpus)
    if paths and len(paths) == 1 and is_encoded(paths[0]):
        if config.lowercase:
            raise CorpusError(f"{paths[0]}: is encoded already; give --lowercase to fastw2v encode")
        return _prune(paths[0], read_encoded(paths[0]), selection, folder)
    if paths and any(is_encoded(path) for path in paths):
        raise CorpusError("an encoded corpus cannot be joined with other files; encode them together")
    file = temporary_file(folder)
    counted = _encode(corpus, paths, file, 0, config, selection, notify)
    corpus = _corpus(file, 0, counted.ids, counted.vocabulary, counted.tokens_read, counted.words_seen)
    return replace(corpus, kept=counted.tokens)


def write_encoded(corpus, path, config, stop_words=frozenset(), *, notify=lambda event: None):
    """Encode text files or token lists into a file; returns what ``read_encoded`` would. ``notify`` as in open_corpus."""
    selection = Selection(min_count=config.min_count, max_vocab=config.max_vocab, stop_words=stop_words)
    began, paths = time.perf_counter(), _paths(corpus)
    if Path(path).exists() and not Path(path).is_file():
        raise OutputError(f"{path}: an encoded corpus can only be written to a plain file")
    with atomic_write(path) as file:
        file.write(bytes(HEADER.size))
        counted = _encode(corpus, paths, file, HEADER.size, config, selection, notify)
        _finish(file, counted)
    encoded = read_encoded(path)
    notify(_described(encoded, time.perf_counter() - began))
    return encoded


def _header(counted, counts, words, checksum=0):
    head = HEADER.pack(
        ENCODED,
        VERSION,
        counted.ids,
        len(counted.vocabulary),
        len(words),
        counted.tokens_read,
        counted.words_seen,
        checksum,
    )
    return head if checksum else _header(counted, counts, words, zlib.crc32(head + counts + words) or 1)


def read_encoded(path):
    """Open an encoded corpus. Its size, checksum, counts and every id are checked; raises CorpusError."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            header = file.read(HEADER.size)
            if len(header) < HEADER.size or header[: len(ENCODED)] != ENCODED:
                raise CorpusError(f"{path}: is not an encoded corpus; make one with fastw2v encode")
            _, version, n, V, letters, tokens_read, words_seen, _ = HEADER.unpack(header)
            if version != VERSION:
                raise CorpusError(f"{path}: has version {version}, this program reads {VERSION}; encode the text again")
            if n < 2 or V < 1 or letters < 2 or size != HEADER.size + 4 * n + 8 * V + letters:
                raise CorpusError(f"{path}: its size is not what its header says; it is damaged, encode the text again")
            file.seek(HEADER.size + 4 * n)
            rest = file.read()
            fields = ENCODED, version, n, V, letters, tokens_read, words_seen
            right = zlib.crc32(HEADER.pack(*fields, 0) + rest) or 1
            if header != HEADER.pack(*fields, right):
                raise CorpusError(f"{path}: its checksum is wrong; it is damaged, encode the text again")
            counts = np.frombuffer(rest[: 8 * V], "<i8").astype(np.int64)
            vocabulary = Vocabulary(rest[8 * V :].decode().split("\n")[:-1], counts)
            encoded = _corpus(file, HEADER.size, n, vocabulary, tokens_read, words_seen)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {reason(error)}") from error
    _check_ids(path, encoded)
    return encoded


def _check_ids(path, encoded):
    """Raise CorpusError unless every id is a word or a line end and each word is there as often as it is counted."""
    ids, counts = encoded.ids, encoded.vocabulary.counts
    found = np.zeros(len(counts) + 1, np.int64)
    for first in range(0, len(ids), CHECKED):
        some = ids[first : first + CHECKED]
        if some.min() < LINE_END or some.max() >= len(counts):
            raise CorpusError(f"{path}: holds ids that are no words; it is damaged, encode the text again")
        found += np.bincount(some + 1, minlength=len(found))
        encoded.forget()
    if not np.array_equal(found[1:], counts):
        raise CorpusError(f"{path}: its ids are not those it counts; it is damaged, encode the text again")


def _paths(corpus):
    """The paths a corpus is given by, or None if it is token lists."""
    if isinstance(corpus, (str, Path)):
        return [corpus]
    if isinstance(corpus, (list, tuple)) and corpus and all(isinstance(name, (str, Path)) for name in corpus):
        return list(corpus)
    return None


def _encode(corpus, paths, file, start, config, selection, notify):
    files = find_files(paths) if paths else []
    total = size_on_disk(files)
    blocks = file_blocks(files) if paths else sentence_blocks(corpus)
    return encode_blocks(
        blocks,
        file,
        start,
        selection=selection,
        encoding_errors=config.encoding_errors,
        lowercase=config.lowercase,
        threads=config.thread_count,
        notify=lambda done: notify(Reading(done, total)),
    )


def _corpus(file, start, n, vocabulary, tokens_read, words_seen):
    """The corpus whose n ids (at least one) stand in a file from byte ``start`` on."""
    return EncodedCorpus(vocabulary=vocabulary, tokens_read=tokens_read, words_seen=words_seen, **ids_in_file(file, n, start))


def ids_in_file(file, n, start=0):
    """The n ids that stand in a file from byte ``start`` on, and their mapping, as fields of an EncodedCorpus."""
    with writing_ids():
        file.flush()
    mapping = mmap.mmap(file.fileno(), start + 4 * n, access=mmap.ACCESS_READ)
    return {"ids": np.frombuffer(mapping, "<i4", count=n, offset=start), "mapping": mapping}


def save_encoded(encoded, path):
    """Write an encoded corpus, whose counts are those of its ids, into a file."""
    with atomic_write(path) as file:
        file.write(bytes(HEADER.size))
        for first in range(0, len(encoded.ids), CHECKED):
            file.write(encoded.ids[first : first + CHECKED].data)
            encoded.forget()
        vocabulary = encoded.vocabulary
        _finish(file, Counted(vocabulary, len(encoded.ids), encoded.tokens, encoded.tokens_read, encoded.words_seen))


def _finish(file, counted):
    """Write what comes after the ids, and the header before them."""
    words = "".join(word + "\n" for word in counted.vocabulary.words).encode()
    counts = counted.vocabulary.counts.astype("<i8").tobytes()
    file.seek(HEADER.size + 4 * counted.ids)
    file.write(counts + words)
    file.seek(0)
    file.write(_header(counted, counts, words))


def _prune(path, encoded, selection, folder):
    """The same corpus with the words of the selection."""
    counts, words = encoded.vocabulary.counts, encoded.vocabulary.words
    try:
        places, spell = lambda: np.arange(len(words)), lambda order: [words[i] for i in order]
        ranks, vocabulary, tokens = choose(counts, places, spell, selection)
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from error
    if np.array_equal(ranks, np.arange(len(words))):
        return replace(encoded, vocabulary=vocabulary, kept=encoded.tokens)
    file, n, line_open = temporary_file(folder), 0, False
    for first in range(0, len(encoded.ids), CHECKED):
        some = encoded.ids[first : first + CHECKED].copy()
        m, line_open = renumber(some, len(some), ranks, line_open, some)
        with writing_ids():
            file.write(some[:m].data)
            file.flush()
        encoded.forget()
        n += m
    pruned = _corpus(file, 0, n, vocabulary, encoded.tokens_read, encoded.words_seen)
    return replace(pruned, kept=tokens)
