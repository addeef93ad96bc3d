"""The first and only pass over text: provisional ids to a file while words are counted, then final ids in their place."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from fastw2v.corpus.reader import check_tokens, clean_block, next_space, not_utf8
from fastw2v.corpus.tokenizer import DROPPED, LINE_END, WordTable, renumber
from fastw2v.corpus.vocabulary import Vocabulary, kept
from fastw2v.errors import CorpusError, OutputError
from fastw2v.files import reason

SHARE = 1 << 16  # bytes below which a block is not worth sharing out
GATHERED = 1 << 20  # ids renumbered at a time


@dataclass(frozen=True)
class Counted:
    """What one pass found: the vocabulary, ids written (line ends with them), and tokens and words seen before pruning."""

    vocabulary: Vocabulary
    ids: int
    tokens_read: int
    words_seen: int


def encode_blocks(blocks, out, start, *, min_count, max_vocab, encoding_errors, lowercase, threads, notify):
    """Write the ids of all blocks (int32, LINE_END where a line ends) to the file ``out`` from byte ``start`` on.

    Ids number the words by descending count, ties in order of first appearance; words that occur less than
    min_count times, or beyond max_vocab, are left out, and so are lines with no word left. Memory is taken for the
    words, not for the text. ``notify(bytes)`` is called after each block. Returns Counted.
    """
    tables = [WordTable() for _ in range(threads)]
    segments, done, offset = [], 0, 0
    out.seek(start)
    with ThreadPoolExecutor(threads) as pool:
        for block in blocks:
            done += block.size
            block = clean_block(block, encoding_errors, lowercase)
            for table, ids in _count_block(block, tables, pool, offset):
                with writing_ids():
                    out.write(ids.data)
                segments.append((table, len(ids)))
            offset += block.size + 1
            notify(done)
    ranks, vocabulary, words_seen = _rank(tables, min_count, max_vocab)
    with writing_ids():
        n = _renumber_file(out, start, segments, ranks)
    return Counted(vocabulary, n, sum(table.tokens for table in tables), words_seen)


@contextmanager
def writing_ids():
    """What is done within writes ids to a file; what the system refuses is said as an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"the encoded corpus cannot be written: {reason(error)}; it needs 4 bytes a word") from error


def _count_block(block, tables, pool, offset):
    """Count a block, each thread its part; yields (number of the table, ids) in the order of the text."""
    cuts = _cuts(block, len(tables) if block.size >= SHARE else 1)
    before = [table.words for table in tables]
    tokens = sum(table.tokens for table in tables)

    def count(part):
        return tables[part].count(block.data, cuts[part], cuts[part + 1], offset)

    counted = list(pool.map(count, range(len(cuts) - 1)))
    for table, begin in zip(tables, before, strict=True):
        _check_utf8(table, begin, block, offset)
    check_tokens(block, sum(table.tokens for table in tables) - tokens)
    yield from enumerate(counted)
    if block.ends:
        yield 0, np.array([LINE_END])


def _cuts(block, parts):
    """Where to cut a block between words into so many parts."""
    cuts = [0]
    for part in range(1, parts):
        cuts.append(next_space(block.data, max(block.size * part // parts, cuts[-1]), block.size))
    return [*cuts, block.size]


def _check_utf8(table, begin, block, offset):
    """Raise CorpusError if a word that is new in this block is not UTF-8, saying where."""
    try:
        table.spelling(begin).decode()
    except UnicodeDecodeError as error:
        word, place = table.word_at(begin, error.start)
        raise not_utf8(block, int(table.first()[word]) - offset + place) from error


def _rank(tables, min_count, max_vocab):
    """Merge the tables; returns for each the final number of each id (int32, DROPPED if left out), the vocabulary, and
    how many words there were before pruning."""
    whole = tables[0]
    aliases = [np.arange(whole.words, dtype=np.int32)] + [whole.merge(table) for table in tables[1:]]
    counts = whole.counts()
    order = np.lexsort((whole.first(), -counts))
    order = order[: kept(counts[order], min_count, max_vocab)]
    if not len(order):
        raise CorpusError(_nothing_left(len(counts), min_count))
    ranks = np.full(len(counts), DROPPED, np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    words = _spell(whole, order)
    return [ranks[alias] for alias in aliases], Vocabulary(words, counts[order]), len(counts)


def _nothing_left(words, min_count):
    if not words:
        return "the corpus holds no words; give a text with words between white space"
    return f"none of the {words:,} distinct words occurs {min_count} times; lower --min-count (min_count)"


def _spell(table, order):
    """The words with the given ids as strings."""
    letters, starts = table.spelling(), table.table.starts
    return [letters[starts[i] : starts[i + 1] - 1].decode() for i in order.tolist()]


def _renumber_file(out, start, segments, ranks):
    """Replace provisional ids by final ones in place; returns how many are left, and ends the file after them."""
    source, target, line_open = start, start, False
    for table, count in segments:
        for first in range(0, count, GATHERED):
            n = min(GATHERED, count - first)
            out.seek(source)
            ids = np.frombuffer(bytearray(out.read(4 * n)), np.int32)
            m, line_open = renumber(ids, n, ranks[table], line_open, ids)
            out.seek(target)
            out.write(ids[:m].data)
            source, target = source + 4 * n, target + 4 * m
    if line_open:
        out.seek(target)
        out.write(np.array([LINE_END]).data)
        target += 4
    out.flush()
    os.ftruncate(out.fileno(), target)
    return (target - start) // 4
