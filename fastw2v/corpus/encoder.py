"""The one pass over text: it counts words and writes provisional ids to a file, then replaces these
by final ids.

Threads count blocks of text and renumber parts of the file; the caller's thread reads and writes.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from queue import Empty, SimpleQueue
from typing import TypeVar

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.characters import character_kinds
from fastw2v.corpus.documents import DocumentLines
from fastw2v.corpus.reader import Block, clean_block, not_utf8
from fastw2v.corpus.token_lists import check_tokens
from fastw2v.corpus.tokenizer import WordTable
from fastw2v.corpus.vocabulary import Selection, Vocabulary, choose
from fastw2v.errors import OutputError
from fastw2v.files import reason
from fastw2v.kernels.text.characters import blank_punctuation
from fastw2v.kernels.text.words import LINE_END, renumber

Item = TypeVar("Item")
Result = TypeVar("Result")
Prepared = tuple[Block, int, int, int]  # with the number of its table, its place, its size as read

COUNTING = 32  # threads that count, at most: each holds some megabytes of text and ids
GATHERED = 1 << 19  # ids renumbered at a time


@dataclass(frozen=True)
class CorpusCounts:
    """The result of the pass: the vocabulary, the numbers of ids written (with line ends) and of
    tokens among them, and the numbers of tokens and words before some were dropped.
    """

    vocabulary: Vocabulary
    ids: int
    tokens: int
    tokens_read: int
    words_seen: int

    @property
    def lines(self) -> int:
        """Lines that hold words."""
        return self.ids - self.tokens


def encode_blocks(
    blocks: Iterable[Block],
    out: BufferedIOBase,
    start: int,
    *,
    selection: Selection,
    config: TrainConfig,
    notify: Callable[[int], object],
    lines: DocumentLines | None = None,
) -> CorpusCounts:
    """Write the ids of all blocks (int32, LINE_END where a line ends) to the file ``out`` from byte
    ``start`` on.

    Ids number the words by descending count, ties in order of first appearance; words that the
    selection does not keep are left out, and so are lines with no word left. Memory is taken for
    the words, not for the text. config : TrainConfig, of which how text is read;  ``notify(bytes)``
    is called after each block;  ``lines`` : the DocumentLines to find, if any. Returns
    CorpusCounts.
    """
    threads = min(config.thread_count, COUNTING)
    tables = [WordTable() for _ in range(threads)]
    free: SimpleQueue[int] = SimpleQueue()
    free_arrays: SimpleQueue[np.ndarray] = SimpleQueue()
    for number in range(threads):
        free.put(number)
    with ThreadPoolExecutor(threads) as pool:
        segments, done = [], 0
        out.seek(start)
        kinds = character_kinds() if config.tokenize else None
        count = _count(tables, free, free_arrays, kinds)
        items = _prepared(blocks, config.encoding_errors, config.lowercase, free, lines)
        for size, number, ids, n in in_order(pool, threads, count, items):
            with writing_ids():
                out.write(ids[:n].data)
            free_arrays.put(ids)
            segments.append((number, n))
            done += size
            notify(done)
        tokens_read = sum(table.tokens for table in tables)
        ranks, vocabulary, tokens, words_seen = _rank(tables, selection)
        if lines is not None:
            for number, ids in _read_segments(out, start, segments):
                lines.mark_kept(ids, ranks[number])
        with writing_ids():
            n = _renumber_file(pool, threads, out, start, segments, ranks)
    return CorpusCounts(vocabulary, n, tokens, tokens_read, words_seen)


def in_order(
    pool: ThreadPoolExecutor, threads: int, work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    """The results of work(item) by threads, in the order of the items; ``threads`` items are read
    ahead.
    """
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > threads:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def writing_ids() -> Iterator[None]:
    """Context in which ids are written to a file; system errors become an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the encoded corpus cannot be written: {reason(error)}; it needs 4 bytes a word"
        ) from error


def _prepared(
    blocks: Iterable[Block],
    encoding_errors: str,
    lowercase: bool,
    free: SimpleQueue[int],
    lines: DocumentLines | None,
) -> Iterator[Prepared]:
    """The blocks to count, each with the number of a free table, its place in the whole text (one
    byte apart), and its size as it was read.

    A table gets its blocks in their order, so ids do not depend on the speed of threads.
    """
    place = 0
    for block in blocks:
        size = block.size
        block = clean_block(block, encoding_errors, lowercase)
        if lines is not None:
            lines.scan(block)
        yield block, free.get(), place, size
        place += block.size + 1


def _count(
    tables: Sequence[WordTable],
    free: SimpleQueue[int],
    free_arrays: SimpleQueue[np.ndarray],
    kinds: np.ndarray | None,
) -> Callable[[Prepared], tuple[int, int, np.ndarray, int]]:
    """A function that counts a block into its table: returns its size, the table's number, and ids
    with how many.

    kinds : of characters, if text is split into words first.
    """

    def count(item: Prepared) -> tuple[int, int, np.ndarray, int]:
        block, number, place, size = item
        try:
            table = tables[number]
            words, tokens = table.words, table.tokens
            ids = _free_array(free_arrays, block.size + 3)
            if kinds is not None:
                split_words(block, kinds)
            n = table.count(block.data, block.size, place, ids)
            _check_utf8(table, words, block, place)
            check_tokens(block, table.tokens - tokens)
        finally:
            free.put(number)
        if block.ends:
            ids[n] = LINE_END
            n += 1
        return size, number, ids, n

    return count


def split_words(block: Block, kinds: np.ndarray) -> None:
    """Write spaces over all of a block that is no word (see kernels.text.characters)."""
    if not block.data.flags.writeable:
        block.data = block.data.copy()
    blank_punctuation(block.data, block.size, kinds)


def _free_array(free_arrays: SimpleQueue[np.ndarray], n: int) -> np.ndarray:
    """An array for n ids, reused if one is free: to allocate memory takes longer than to count."""
    try:
        ids = free_arrays.get_nowait()
    except Empty:
        return np.empty(n, np.int32)
    return ids if len(ids) >= n else np.empty(n, np.int32)


def _check_utf8(table: WordTable, begin: int, block: Block, offset: int) -> None:
    """Raise CorpusError if a word that is new in this block is not UTF-8, saying where."""
    try:
        table.spelling(begin).decode()
    except UnicodeDecodeError as error:
        word, place = table.word_at(begin, error.start)
        raise not_utf8(block, int(table.first()[word]) - offset + place) from error


def _rank(
    tables: list[WordTable], selection: Selection
) -> tuple[list[np.ndarray], Vocabulary, int, int]:
    """Merge the tables; returns for each the final number of each id (int32, DROPPED if it is not
    kept), the vocabulary, the number of tokens that it covers, and of words before some were
    dropped.
    """
    whole, aliases = tables[0], []
    while len(tables) > 1:
        aliases.append(whole.merge(tables.pop(1)))  # pop frees its memory
    ranks, vocabulary, tokens = choose(whole.close(), whole.first, whole.spell, selection)
    tables.clear()
    return [ranks, *(ranks[alias] for alias in aliases)], vocabulary, tokens, len(ranks)


def _renumber_file(
    pool: ThreadPoolExecutor,
    threads: int,
    out: BufferedIOBase,
    start: int,
    segments: Sequence[tuple[int, int]],
    ranks: Sequence[np.ndarray],
) -> int:
    """Replace provisional ids by final ones in place; returns how many are left, and ends the file
    after them.
    """

    def final(item: tuple[int, np.ndarray]) -> tuple[tuple[int, bool], np.ndarray]:
        number, ids = item
        return renumber(ids, len(ids), ranks[number], True, ids), ids

    target, line_open = start, False
    for (m, still_open), ids in in_order(
        pool, threads, final, _read_segments(out, start, segments)
    ):
        # it was renumbered as if a line were open
        first = 1 if m and ids[0] == LINE_END and not line_open else 0
        out.seek(target)
        out.write(ids[first:m].data)
        target, line_open = target + 4 * (m - first), still_open if m else line_open
    if line_open:
        out.seek(target)
        out.write(np.array([LINE_END]).data)
        target += 4
    out.flush()
    os.ftruncate(out.fileno(), target)
    return (target - start) // 4


def _read_segments(
    out: BufferedIOBase, start: int, segments: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, np.ndarray]]:
    """Arrays of provisional ids in the file, each with the number of its table."""
    for number, count in segments:
        for first in range(0, count, GATHERED):
            ids = np.empty(min(GATHERED, count - first), np.int32)
            out.seek(start)
            if out.readinto(ids.view(np.uint8).data) < 4 * len(ids):
                raise OSError("the file was cut short by someone else")
            start += 4 * len(ids)
            yield number, ids
