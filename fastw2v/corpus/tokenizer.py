"""Growing tables of words: each thread counts its blocks of text into its own, with ids in order of
first appearance.

The tables are merged at the end (``kernels.text.words`` has their layout).
"""

import numpy as np

from fastw2v.errors import CorpusError
from fastw2v.kernels.simd.bits import GROUP
from fastw2v.kernels.text.words import (
    BATCH,
    IDS,
    LETTERS,
    MORE_LETTERS,
    MORE_WORDS,
    OPEN,
    PENDING,
    POSITION,
    STATE,
    TOKENS,
    WORDS,
    Table,
    copy_words,
    count_words,
    found_words,
    merge_words,
    move_slots,
    word_counts,
)

SPELLED = 1 << 16  # words made into strings at a time


def larger(array: np.ndarray, n: int) -> np.ndarray:
    """A copy of an array, enlarged to n numbers."""
    made = np.zeros(n, array.dtype)
    made[: len(array)] = array
    return made


class WordTable:
    """A growing table of words, as one thread counts them."""

    def __init__(self, bits: int = 12) -> None:
        size = 1 << bits
        self.table = Table(
            np.zeros((size, 4), np.uint64),
            np.zeros(16 * size, np.uint8),
            np.zeros(size + 1, np.int64),
            np.zeros(size, np.int64),
        )
        self.state, self.found = np.zeros(STATE, np.int64), found_words()

    def count(self, data: np.ndarray, stop: int, offset: int, ids: np.ndarray) -> int:
        """Count the words of data[:stop] (see count_words); returns how many ids were written to
        ids (int32).
        """
        self.state[[POSITION, OPEN, PENDING, IDS]] = 0, -1, 0, 0
        while not count_words(data, stop, offset, self.table, self.found, ids, self.state):
            self.grow(int(self.state[MORE_WORDS]), int(self.state[MORE_LETTERS]))
        return int(self.state[IDS])

    def grow(self, words: int, letters: int) -> None:
        """Reserve memory for more words, and for more letters with the newlines after them."""
        slots, old, starts, first = self.table
        words, letters = words + self.words, letters + int(self.state[LETTERS]) + GROUP
        size = len(slots)
        if words > 2**27:
            raise CorpusError("more than 130 million distinct words; is this text?")
        while 4 * words > 3 * size:
            size *= 2
        if size > len(slots):
            slots = np.zeros((size, 4), np.uint64)
            move_slots(self.table.slots, slots)
        if letters > len(old):
            old = larger(old, max(letters, len(old) + len(old) // 2))
        if words > len(first):
            more = max(words, len(first) + len(first) // 2)
            starts, first = larger(starts, more + 1), larger(first, more)
        self.table = Table(slots, old, starts, first)

    def merge(self, other: "WordTable") -> np.ndarray:
        """Add the words of another table, which is closed; return their ids in this one, int32
        [words].
        """
        n, counts = other.words, other.close()
        alias, begin = np.empty(n, np.int32), 0
        while (
            begin := merge_words(
                other.table, begin, n, self.table, self.found, counts, alias, self.state
            )
        ) < n:
            more, starts = min(BATCH, n - begin), other.table.starts
            self.grow(more, int(starts[begin + more] - starts[begin]))
        return alias

    def close(self) -> np.ndarray:
        """How often each word occurred (int64 [words]).

        It releases the memory of the slots, so nothing can be counted afterwards.
        """
        counts = np.zeros(self.words, np.int64)
        word_counts(self.table, counts)
        self.table = self.table._replace(slots=np.zeros((0, 4), np.uint64))
        return counts

    @property
    def words(self) -> int:
        """How many distinct words were found."""
        return int(self.state[WORDS])

    @property
    def tokens(self) -> int:
        """How many words were counted."""
        return int(self.state[TOKENS])

    def first(self) -> np.ndarray:
        """Byte offset of the first appearance of each word (int64 [words])."""
        return self.table.first[: self.words]

    def spelling(self, begin: int = 0) -> bytes:
        """The words from id ``begin`` on as bytes, a newline after each."""
        return self.table.letters[self.table.starts[begin] : self.state[LETTERS]].tobytes()

    def spell(self, order: np.ndarray) -> list[str]:
        """The words with the given ids (int64 [n]) as strings; releases the memory of ``first``."""
        self.table = self.table._replace(first=np.zeros(0, np.int64))
        starts, words = self.table.starts, [""] * len(order)
        for first in range(0, len(order), SPELLED):
            ids = order[first : first + SPELLED]
            out = np.empty(int((starts[ids + 1] - starts[ids]).sum()), np.uint8)
            copy_words(self.table, ids, out)
            words[first : first + SPELLED] = str(out.data, "utf8").split("\n")[:-1]
        return words

    def word_at(self, begin: int, place: int) -> tuple[int, int]:
        """The id of the word at a place of ``spelling(begin)``, and the place within it."""
        place += int(self.table.starts[begin])
        word = int(np.searchsorted(self.table.starts[: self.words + 1], place, side="right")) - 1
        return word, place - int(self.table.starts[word])
