"""Words found, counted and numbered in one pass over the bytes of a text; equal to counting
``bytes.split()``.

A table is an open-addressed hash table of 32-byte slots:

    slot = (key 0, key 1, length in bytes, count << 28 | id + 1), all 0 if free

A word of up to 16 bytes is its key, padded with zeros; a longer one has a hash for a key, and its
spelling is compared. Words are found some dozens at a time, from masks of white space, and then
looked up together.
"""

from typing import NamedTuple

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.simd.bits import GROUP, fold, load8, lowest_bit, ones, space_masks
from fastw2v.kernels.simd.rows import prefetch

LINE_END = np.int32(-1)
DROPPED = np.int32(-2)
ID_BITS = np.uint64(28)
ID_MASK = np.uint64(2**28 - 1)
ONE_MORE = np.uint64(2**28)
U0, U1, ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)
C0, C1, C2 = (
    np.uint64(0xA0761D6478BD642F),
    np.uint64(0xE7037ED1A0B428DB),
    np.uint64(0x8EBC6AF09C88C6E3),
)
# masks: no jump on a word's length
FIRST_BYTES = np.array([2 ** (8 * n) - 1 for n in range(9)], np.uint64)

# Places in the state of count_words: its position in the data; where a word began that is cut
# there, or -1; whether a line end is pending; what it has counted; and what did not fit.
POSITION, OPEN, PENDING, WORDS, LETTERS, IDS, TOKENS, MORE_WORDS, MORE_LETTERS = range(9)
STATE = 9  # numbers in it

# words that are found before they are looked up, so that their entries can be prefetched
BATCH = 64
AT_ONCE = 16  # bits of a mask that are turned into places without counting them first


class Table(NamedTuple):
    """Arrays of a word table: slots uint64 [2**bits, 4]; letters uint8, the words with a newline
    after each; starts int64 [words + 1], where each begins in letters; first int64 [words], the
    byte offset of its first appearance.
    """

    slots: np.ndarray
    letters: np.ndarray
    starts: np.ndarray
    first: np.ndarray


class Found(NamedTuple):
    """Room for the words that are found before they are looked up: where they begin and end (int64
    [words]), whether a line ended before them (bool), their keys (uint64 [words, 2]), and their
    slots if these are theirs (int64).
    """

    begins: np.ndarray
    ends: np.ndarray
    after_line: np.ndarray
    keys: np.ndarray
    slots: np.ndarray


def found_words() -> Found:
    """Room for a batch, and for all words that may begin in the last group of bytes."""
    n = BATCH + GROUP + AT_ONCE
    return Found(
        begins=np.empty(n, np.int64),
        ends=np.empty(n, np.int64),
        after_line=np.zeros(n, np.bool_),
        keys=np.empty((n, 2), np.uint64),
        slots=np.empty(n, np.int64),
    )


@leaf
def put_places(mask: np.uint64, base: int, places: Array, n: int) -> int:
    """Write base plus the place of every 1 of a mask to places, from n on; returns the new n.

    A few more are overwritten.
    """
    end = n + ones(mask)
    while n < end:
        for k in range(AT_ONCE):
            places[n + k] = base + lowest_bit(mask)
            mask &= mask - U1
        n += AT_ONCE
    return end


@leaf
def word_key(data: Array, at: int, n: int) -> tuple[np.uint64, np.uint64]:
    """The 128-bit key of the word data[at : at + n]: itself if it fits, else a hash of all its
    bytes.
    """
    a, b = (
        load8(data, at) & FIRST_BYTES[min(n, 8)],
        load8(data, at + 8) & FIRST_BYTES[min(max(n - 8, 0), 8)],
    )
    if n > 16:
        for i in range(16, n - 7, 8):
            a, b = fold(a ^ C0, load8(data, at + i) ^ C1), b ^ a
        a = fold(a ^ C0, load8(data, at + n - 8) ^ C2)
    return a, b


@leaf
def same_letters(data: Array, at: int, letters: Array, start: int, n: int) -> bool:
    """Whether data[at : at + n] are letters[start : start + n]."""
    for i in range(n):
        if data[at + i] != letters[start + i]:
            return False
    return True


@leaf
def home_slot(slots: Array, a: np.uint64, b: np.uint64, n: np.uint64) -> int:
    """The slot where the search for a word of n bytes (uint64) begins."""
    return np.int64(fold(a ^ C0, b ^ C1 ^ n) & np.uint64(len(slots) - 1))


@leaf
def find_homes(data: Array, table: Table, found: Found, n: int) -> None:
    """Write the keys of n words, and the slots where their searches begin, to found; prefetch the
    slots.
    """
    for i in range(n):
        at, length = found.begins[i], found.ends[i] - found.begins[i]
        a, b = word_key(data, at, length)
        found.keys[i, 0], found.keys[i, 1] = a, b
        found.slots[i] = home_slot(table.slots, a, b, np.uint64(length))
        prefetch(table.slots, found.slots[i], 0)


@leaf
def find_found(data: Array, table: Table, found: Found, i: int) -> int:
    """The slot of the i-th word that was found, or the free one where it belongs."""
    at, n, slot, last = (
        found.begins[i],
        found.ends[i] - found.begins[i],
        found.slots[i],
        len(table.slots) - 1,
    )
    while True:
        entry = table.slots[slot, 3]
        if entry == U0:
            return slot
        same = table.slots[slot, 0] == found.keys[i, 0] and table.slots[slot, 1] == found.keys[i, 1]
        if same and table.slots[slot, 2] == np.uint64(n):
            word = np.int64(entry & ID_MASK) - 1
            if n <= 16 or same_letters(data, at, table.letters, table.starts[word], n):
                return slot
        slot = (slot + 1) & last


@leaf
def has_room(table: Table, words: int, letters: int, more_words: int, more_letters: int) -> bool:
    """Whether ``more_words`` words of ``more_letters`` letters, newlines included, fit into the
    table and leave a quarter of the slots free.
    """
    words += more_words
    return (
        4 * words <= 3 * len(table.slots)
        and words <= len(table.first)
        and letters + more_letters + GROUP <= len(table.letters)
    )


@leaf
def insert_word(
    table: Table, slot: int, data: Array, found: Found, i: int, first: int, words: int, letters: int
) -> int:
    """Give the i-th word that was found the id ``words`` and a count of 0; returns where its
    letters end.
    """
    at, n = found.begins[i], found.ends[i] - found.begins[i]
    table.slots[slot, 0], table.slots[slot, 1], table.slots[slot, 2] = (
        found.keys[i, 0],
        found.keys[i, 1],
        np.uint64(n),
    )
    table.slots[slot, 3] = np.uint64(words + 1)
    for k in range(n):
        table.letters[letters + k] = data[at + k]
    table.letters[letters + n] = 10
    table.first[words] = first
    table.starts[words + 1] = letters + n + 1
    return letters + n + 1


@leaf
def find_words(
    data: Array, group: int, stop: int, opened: int, pending: bool, found: Found
) -> tuple[int, int, int]:
    """Find the words of data[group:stop], up to a batch of them and to the end of a group of bytes.

    opened : where a word began that is not at its end, or -1;  pending : whether a line ended
    before the next word. Returns the next group, and how many words began and ended.
    """
    begun = ended = 0
    found.after_line[:] = False
    found.after_line[0] = pending
    if opened >= 0:
        found.begins[0], begun = opened, 1
    while ended < BATCH and (group < stop or begun > ended):
        space, newline = space_masks(data, group)
        if stop - group < GROUP:
            beyond = ALL << np.uint64(stop - group)
            space, newline = space | beyond, newline & ~beyond
        after = (space << U1) | (U0 if begun > ended else U1)  # the byte before is a space
        while newline != U0:
            place = lowest_bit(newline)
            found.after_line[begun + ones(~space & after & ((U1 << np.uint64(place)) - U1))] = True
            newline &= newline - U1
        begun = put_places(~space & after, group, found.begins, begun)
        ended = put_places(space & ~after, group, found.ends, ended)
        group += GROUP
    return group, begun, ended


@leaf
def look_up(
    data: Array,
    offset: int,
    table: Table,
    found: Found,
    n: int,
    words: int,
    letters: int,
    ids: Array,
    n_ids: int,
) -> tuple[int, int, int]:
    """Count n words that were found and write their ids, -1 where a line ends; returns the new
    words, letters and n_ids.
    """
    find_homes(data, table, found, n)
    for i in range(n):
        slot = find_found(data, table, found, i)
        if table.slots[slot, 3] == U0:
            letters = insert_word(
                table, slot, data, found, i, offset + found.begins[i], words, letters
            )
            words += 1
        entry = table.slots[slot, 3] + ONE_MORE
        table.slots[slot, 3] = entry
        if found.after_line[i]:
            ids[n_ids] = LINE_END
            n_ids += 1
        ids[n_ids] = np.int32(entry & ID_MASK) - np.int32(1)
        n_ids += 1
    return words, letters, n_ids


@kernel
def count_words(
    data: Array, stop: int, offset: int, table: Table, found: Found, ids: Array, state: Array
) -> bool:
    """Count the words of data[state[POSITION]:stop] into the table, and write their ids, -1 where a
    line ends, to ids.

    data : uint8, no word reaching beyond ``stop``;  offset : of data[0] in all text;  found :
        room to work in;
    ids : int32, room for two more than bytes;  state : int64 [STATE]. Returns whether all was done:
    if not, the table has no room for state[MORE_WORDS] and state[MORE_LETTERS], and the call is to
    be repeated with a larger one.
    """
    group, opened, pending = state[POSITION], state[OPEN], state[PENDING] != 0
    words, letters, n_ids, room = state[WORDS], state[LETTERS], state[IDS], True
    while room and (group < stop or opened >= 0):
        following, begun, ended = find_words(data, group, stop, opened, pending, found)
        span = found.ends[ended - 1] - found.begins[0] + 1 if ended > 0 else 0
        room = has_room(table, words, letters, ended, span)
        if room:
            words, letters, n_ids = look_up(
                data, offset, table, found, ended, words, letters, ids, n_ids
            )
            state[TOKENS] += ended
            group, pending = following, found.after_line[ended]
            opened = found.begins[ended] if begun > ended else -1
        else:
            state[MORE_WORDS], state[MORE_LETTERS] = ended, span
    if room and pending:
        ids[n_ids] = LINE_END
        n_ids += 1
    state[POSITION], state[OPEN], state[PENDING] = group, opened, pending and not room
    state[WORDS], state[LETTERS], state[IDS] = words, letters, n_ids
    return room


@kernel
def move_slots(old: Array, new: Array) -> None:
    """Put the entries of slots [n, 4] into an empty, larger table of slots."""
    last = len(new) - 1
    for i in range(len(old)):
        if old[i, 3] != U0:
            slot = home_slot(new, old[i, 0], old[i, 1], old[i, 2])
            while new[slot, 3] != U0:
                slot = (slot + 1) & last
            for k in range(4):
                new[slot, k] = old[i, k]


@kernel
def word_counts(table: Table, counts: Array) -> None:
    """Write how often each word of the table occurred to counts (int64 [words])."""
    for slot in range(len(table.slots)):
        entry = table.slots[slot, 3]
        if entry != U0:
            counts[np.int64(entry & ID_MASK) - 1] = np.int64(entry >> ID_BITS)


@kernel
def merge_words(
    other: Table,
    begin: int,
    end: int,
    table: Table,
    found: Found,
    counts: Array,
    alias: Array,
    state: Array,
) -> int:
    """Add words begin ... end - 1 of another table, with their counts, and write the ids they have
    in this one to alias.

    Returns the next word: less than ``end`` if the table is full, and the call is to be
        repeated with a larger one.
    """
    words, letters = state[WORDS], state[LETTERS]
    while begin < end:
        n = min(BATCH, end - begin)
        if not has_room(table, words, letters, n, other.starts[begin + n] - other.starts[begin]):
            break
        for i in range(n):
            found.begins[i], found.ends[i] = (
                other.starts[begin + i],
                other.starts[begin + i + 1] - 1,
            )
        find_homes(other.letters, table, found, n)
        for i in range(n):
            word, first = begin + i, other.first[begin + i]
            slot = find_found(other.letters, table, found, i)
            if table.slots[slot, 3] == U0:
                letters = insert_word(table, slot, other.letters, found, i, first, words, letters)
                words += 1
            own = np.int64(table.slots[slot, 3] & ID_MASK) - 1
            table.first[own] = min(table.first[own], first)
            table.slots[slot, 3] += np.uint64(counts[word]) << ID_BITS
            alias[word] = own
        begin += n
    state[WORDS], state[LETTERS] = words, letters
    return begin


@kernel
def copy_words(table: Table, order: Array, out: Array) -> None:
    """Copy the words with the given ids, a newline after each, to out (uint8)."""
    at = 0
    for word in order:
        for i in range(table.starts[word], table.starts[word + 1]):
            out[at] = table.letters[i]
            at += 1


@kernel
def renumber(ids: Array, n: int, ranks: Array, line_open: bool, out: Array) -> tuple[int, bool]:
    """Give ids[:n] their final numbers, ranks[id], DROPPED ones left out, and line ends only where
    a line has words.

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
