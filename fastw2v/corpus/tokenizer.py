"""Words found, counted and numbered in one pass over the bytes of a text; equal to counting ``bytes.split()``.

Each thread counts its own part of a block into its own table, with ids in order of first appearance there; the
tables are merged at the end. A table is an open-addressed hash table of 32-byte slots:

    slot = (key 0, key 1, length in bytes, count << 28 | id + 1), all 0 if free

A word of up to 16 bytes is its key, padded with zeros; a longer one has a hash for a key, and its spelling is compared.
"""

from typing import NamedTuple

import numpy as np

from fastw2v.errors import CorpusError
from fastw2v.kernels.bytes import GROUP, fold, load8, lowest_bit, space_masks
from fastw2v.kernels.jit import kernel, leaf

LINE_END = np.int32(-1)
DROPPED = np.int32(-2)
ID_BITS = np.uint64(28)
ID_MASK = np.uint64(2**28 - 1)
ONE_MORE = np.uint64(2**28)
U0, U1, ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)
C0, C1, C2 = np.uint64(0xA0761D6478BD642F), np.uint64(0xE7037ED1A0B428DB), np.uint64(0x8EBC6AF09C88C6E3)

# Places in the state of count_words: where it stands, the word and the line end that are open there, and what it has counted.
POSITION, OPEN, PENDING, WORDS, LETTERS, IDS, TOKENS = range(7)


class Table(NamedTuple):
    """Arrays of a word table: slots uint64 [2**bits, 4]; letters uint8, the words with a newline after each; starts
    int64 [words + 1], where each begins in letters; first int64 [words], the byte offset of its first appearance."""

    slots: np.ndarray
    letters: np.ndarray
    starts: np.ndarray
    first: np.ndarray


@leaf
def word_key(data, at, n):
    """The 128-bit key of the word data[at : at + n]: itself if it fits, else a hash of all its bytes."""
    if n >= 16:
        a, b = load8(data, at), load8(data, at + 8)
        for i in range(16, n - 7, 8):
            a, b = fold(a ^ C0, load8(data, at + i) ^ C1), b ^ a
        if n > 16:
            a = fold(a ^ C0, load8(data, at + n - 8) ^ C2)
        return a, b
    a, b = load8(data, at), U0
    if n > 8:
        b = load8(data, at + 8) & (ALL >> np.uint64(8 * (16 - n)))
    elif n < 8:
        a &= ALL >> np.uint64(8 * (8 - n))
    return a, b


@leaf
def same_letters(data, at, letters, start, n):
    """Whether data[at : at + n] are letters[start : start + n]."""
    for i in range(n):
        if data[at + i] != letters[start + i]:
            return False
    return True


@leaf
def find_slot(table, data, at, n, a, b):
    """The slot of a word, or the free one where it belongs."""
    last = len(table.slots) - 1
    slot = np.int64(fold(a ^ C0, b ^ C1 ^ np.uint64(n)) & np.uint64(last))
    while True:
        entry = table.slots[slot, 3]
        if entry == U0:
            return slot
        if table.slots[slot, 0] == a and table.slots[slot, 1] == b and table.slots[slot, 2] == np.uint64(n):
            word = np.int64(entry & ID_MASK) - 1
            if n <= 16 or same_letters(data, at, table.letters, table.starts[word], n):
                return slot
        slot = (slot + 1) & last


@leaf
def has_room(table, words, letters, n):
    """Whether all words fit that may end within a group of bytes, n letters in all, leaving a quarter of the slots free."""
    more = words + GROUP // 2 + 1
    return 4 * more <= 3 * len(table.slots) and more <= len(table.first) and letters + n + GROUP <= len(table.letters)


@leaf
def insert_word(table, slot, data, at, n, a, b, offset, words, letters):
    """Give a new word the id ``words`` and a count of 0; returns where its letters end."""
    table.slots[slot, 0], table.slots[slot, 1], table.slots[slot, 2] = a, b, np.uint64(n)
    table.slots[slot, 3] = np.uint64(words + 1)
    for i in range(n):
        table.letters[letters + i] = data[at + i]
    table.letters[letters + n] = 10
    table.first[words] = offset
    table.starts[words + 1] = letters + n + 1
    return letters + n + 1


@kernel
def count_words(data, stop, offset, table, ids, state):
    """Count the words of data[state[POSITION]:stop] into the table, and write their ids, -1 where a line ends, to ids.

    data : uint8, no word reaching beyond ``stop``;  offset : of data[0] in all text;  ids : int32, room for two more
    than bytes;  state : int64 [7]. Returns whether all was done: if not, the table is full, and the call is to be
    repeated with a larger one.
    """
    start, pending, words, letters, n_ids = state[OPEN], state[PENDING] != 0, state[WORDS], state[LETTERS], state[IDS]
    group = state[POSITION]
    while (group < stop or start >= 0) and has_room(table, words, letters, group + GROUP - (start if start >= 0 else group)):
        space, newline = space_masks(data, group)
        if stop - group < GROUP:
            beyond = ALL << np.uint64(stop - group)
            space, newline = space | beyond, newline & ~beyond
        edges = space ^ ((space << U1) | (U0 if start >= 0 else U1))  # where words begin and end, in turn
        while edges != U0:
            place = group + lowest_bit(edges)
            edges &= edges - U1
            if start < 0:
                start = place
                gap = (U1 << np.uint64(place - group)) - U1
                if pending or (newline & gap) != U0:
                    ids[n_ids] = LINE_END
                    n_ids += 1
                pending, newline = False, newline & ~gap
            else:
                n = place - start
                a, b = word_key(data, start, n)
                slot = find_slot(table, data, start, n, a, b)
                if table.slots[slot, 3] == U0:
                    letters = insert_word(table, slot, data, start, n, a, b, offset + start, words, letters)
                    words += 1
                entry = table.slots[slot, 3] + ONE_MORE
                table.slots[slot, 3] = entry
                ids[n_ids] = np.int32(entry & ID_MASK) - np.int32(1)
                n_ids += 1
                state[TOKENS] += 1
                start = -1
        pending = pending or newline != U0
        group += GROUP
    done = group >= stop and start < 0
    if done and pending:
        ids[n_ids] = LINE_END
        n_ids += 1
    state[POSITION], state[OPEN], state[PENDING] = group, start, pending and not done
    state[WORDS], state[LETTERS], state[IDS] = words, letters, n_ids
    return done


@kernel
def move_slots(old, new):
    """Put the entries of slots [n, 4] into an empty, larger table of slots."""
    last = len(new) - 1
    for i in range(len(old)):
        if old[i, 3] != U0:
            slot = np.int64(fold(old[i, 0] ^ C0, old[i, 1] ^ C1 ^ old[i, 2]) & np.uint64(last))
            while new[slot, 3] != U0:
                slot = (slot + 1) & last
            for k in range(4):
                new[slot, k] = old[i, k]


@kernel
def word_counts(table, counts):
    """Write how often each word of the table occurred to counts (int64 [words])."""
    for slot in range(len(table.slots)):
        entry = table.slots[slot, 3]
        if entry != U0:
            counts[np.int64(entry & ID_MASK) - 1] = np.int64(entry >> ID_BITS)


@kernel
def merge_words(other, begin, end, table, counts, alias, state):
    """Add words begin ... end - 1 of another table, with their counts, and write the ids they have in this one to alias.

    Returns the next word: less than ``end`` if the table is full, and the call is to be repeated with a larger one.
    """
    words, letters = state[WORDS], state[LETTERS]
    word = begin
    while word < end:
        start, n = other.starts[word], other.starts[word + 1] - other.starts[word] - 1
        if not has_room(table, words, letters, n):
            break
        a, b = word_key(other.letters, start, n)
        slot = find_slot(table, other.letters, start, n, a, b)
        if table.slots[slot, 3] == U0:
            letters = insert_word(table, slot, other.letters, start, n, a, b, other.first[word], words, letters)
            words += 1
        own = np.int64(table.slots[slot, 3] & ID_MASK) - 1
        table.first[own] = min(table.first[own], other.first[word])
        table.slots[slot, 3] += np.uint64(counts[word]) << ID_BITS
        alias[word] = own
        word += 1
    state[WORDS], state[LETTERS] = words, letters
    return word


@kernel
def renumber(ids, n, ranks, line_open, out):
    """Give ids[:n] their final numbers, ranks[id], DROPPED ones left out, and line ends only where a line has words.

    out may be ids. Returns how many were written and whether a line is open after them.
    """
    m = 0
    for i in range(n):
        word = ids[i]
        if word >= 0:
            rank = ranks[word]
            if rank >= 0:
                out[m] = rank
                m += 1
                line_open = True
        elif line_open:
            out[m] = LINE_END
            m += 1
            line_open = False
    return m, line_open


class WordTable:
    """A growing table of words, as one thread counts them."""

    def __init__(self, bits=12):
        size = 1 << bits
        self.table = Table(
            np.zeros((size, 4), np.uint64),
            np.zeros(16 * size, np.uint8),
            np.zeros(size, np.int64),
            np.zeros(size, np.int64),
        )
        self.state = np.zeros(7, np.int64)

    def count(self, data, begin, stop, offset):
        """Count the words of data[begin:stop] (see count_words); returns their ids (int32), good until the next call."""
        ids = np.empty(stop - begin + 2, np.int32)
        self.state[[POSITION, OPEN, PENDING, IDS]] = begin, -1, 0, 0
        while not count_words(data, stop, offset, self.table, ids, self.state):
            opened = self.state[OPEN]
            self.grow(0 if opened < 0 else int(self.state[POSITION] - opened))
        return ids[: self.state[IDS]]

    def grow(self, letters=0):
        """Make room for more words, and for one of so many letters."""
        slots, old, first = self.table.slots, self.table.letters, self.table.first
        words, used = int(self.state[WORDS]), int(self.state[LETTERS])
        if not 4 * (words + GROUP) <= 3 * len(slots):
            if words > 2**27:
                raise CorpusError("more than 200 million distinct words; is this text?")
            slots = np.zeros((2 * len(slots), 4), np.uint64)
            move_slots(self.table.slots, slots)
        if used + letters + 4 * GROUP > len(old):
            larger = np.zeros(2 * (used + letters + 4 * GROUP), np.uint8)
            larger[:used] = old[:used]
            old = larger
        starts = self.table.starts
        if words + GROUP > len(first):
            more = np.zeros(len(first), np.int64)
            starts, first = np.concatenate([starts, more]), np.concatenate([first, more])
        self.table = Table(slots, old, starts, first)

    def merge(self, other):
        """Take over the words of another table; returns the ids they have here (int32 [words])."""
        n = other.words
        alias, begin = np.empty(n, np.int32), 0
        counts = other.counts()
        while (begin := merge_words(other.table, begin, n, self.table, counts, alias, self.state)) < n:
            starts = other.table.starts
            self.grow(int(starts[begin + 1] - starts[begin]))
        return alias

    @property
    def words(self):
        """How many distinct words were found."""
        return int(self.state[WORDS])

    @property
    def tokens(self):
        """How many words were counted."""
        return int(self.state[TOKENS])

    def counts(self):
        """How often each word occurred (int64 [words])."""
        counts = np.zeros(self.words, np.int64)
        word_counts(self.table, counts)
        return counts

    def first(self):
        """Byte offset of the first appearance of each word (int64 [words])."""
        return self.table.first[: self.words]

    def spelling(self, begin=0):
        """The words from id ``begin`` on as bytes, a newline after each."""
        return self.table.letters[self.table.starts[begin] : self.state[LETTERS]].tobytes()

    def word_at(self, begin, place):
        """The id of the word at a place of ``spelling(begin)``, and the place within it."""
        place += int(self.table.starts[begin])
        word = int(np.searchsorted(self.table.starts[: self.words + 1], place, side="right")) - 1
        return word, place - int(self.table.starts[word])
