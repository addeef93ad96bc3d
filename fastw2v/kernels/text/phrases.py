"""Pairs of neighbouring words counted in a hash table that grows, and joined where they make a
phrase.

A pair is a word, the connector words after it, and another word: "bank of america" is (bank, of,
america). Its key holds all three: the numbers of the words in ``bits`` bits each, above them the
connectors as the digits of a number. Key 0 is no pair.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.simd.rows import prefetch
from fastw2v.kernels.splitmix import draw

BATCH = 64  # pairs looked up together, so that their accesses to memory overlap
# the kind of a word that no phrase holds; 0 is an ordinary word, a connector its digit from 1 on
RARE = -1
# of the state: where to go on, the pair begun there, slots in use
POSITION, FIRST, BETWEEN, USED = range(4)
STATE = 4


@leaf
def pair_key(first: int, between: int, second: int, bits: int) -> np.uint64:
    """The key (uint64) of a pair."""
    shift = np.uint64(bits)
    return (
        ((np.uint64(between) << shift) | np.uint64(first)) << shift | np.uint64(second)
    ) + np.uint64(1)


@leaf
def scatter(key: np.uint64) -> np.uint64:
    """A number (uint64) that looks random, from a key."""
    return draw(key, 1)


@leaf
def add_pair(slots: Array, key: np.uint64, last: np.uint64) -> int:
    """Count a key once more in slots [size, 2]; returns 1 if it is new, else 0."""
    slot = np.int64(scatter(key) & last)
    while slots[slot, 0] != key and slots[slot, 0] != np.uint64(0):
        slot = (slot + 1) & np.int64(last)
    new = slots[slot, 0] == np.uint64(0)
    slots[slot, 0] = key
    slots[slot, 1] += np.uint64(1)
    return 1 if new else 0


@leaf
def next_between(between: int, digit: int, base: int, limit: int) -> int:
    """The number of the connectors with one more, or -1 if there are too many for a key."""
    longer = between * base + digit
    return longer if longer < limit else -1


@kernel
def count_pairs(
    ids: Array,
    kinds: Array,
    base: int,
    bits: int,
    part: int,
    parts: int,
    slots: Array,
    waiting: Array,
    state: Array,
) -> bool:
    """Count the pairs of ids (int32, negative at line ends) from the state's position on, as far as
    their keys belong to ``part`` of ``parts``.

    kinds : int32 [V], RARE, 0, or a connector's digit below base;  slots : uint64 [size, 2],
        keys and counts, size a power of two;  waiting : uint64 [BATCH];  state : int64 [STATE].
    Returns whether all pairs are counted; if not, the slots must grow first.
    """
    n, first, between = 0, state[FIRST], state[BETWEEN]
    last, limit, mine = (
        np.uint64(len(slots) - 1),
        np.int64(1) << (63 - 2 * bits),
        np.uint64(64 - parts),
    )
    for pos in range(state[POSITION], len(ids)):
        if 4 * (state[USED] + n + 1) > 3 * len(slots):
            state[USED] += add_waiting(slots, waiting, n, last)
            n = 0
            if 4 * (state[USED] + BATCH) > 3 * len(slots):
                state[POSITION], state[FIRST], state[BETWEEN] = pos, first, between
                return False
        word = ids[pos]
        kind = kinds[word] if word >= 0 else RARE
        if kind > 0:
            between = next_between(between, kind, base, limit) if first >= 0 else 0
            if between < 0:
                first, between = -1, 0
        elif kind == RARE:
            first, between = -1, 0
        else:
            if first >= 0:
                key = pair_key(first, between, word, bits)
                if parts == 0 or np.int64(scatter(key) >> mine) == part:
                    waiting[n] = key
                    prefetch(slots, np.int64(scatter(key) & last), 0)
                    n += 1
                    if n == BATCH:
                        state[USED] += add_waiting(slots, waiting, n, last)
                        n = 0
            first, between = np.int64(word), np.int64(0)
    state[USED] += add_waiting(slots, waiting, n, last)
    state[POSITION], state[FIRST], state[BETWEEN] = len(ids), first, between
    return True


@leaf
def add_waiting(slots: Array, waiting: Array, n: int, last: np.uint64) -> int:
    """Count the first n keys that wait; returns how many are new."""
    new = 0
    for i in range(n):
        new += add_pair(slots, waiting[i], last)
    return new


@kernel
def move_pairs(old: Array, new: Array) -> None:
    """Put all pairs of a table into a larger one."""
    last = np.uint64(len(new) - 1)
    for i in range(len(old)):
        if old[i, 0] != np.uint64(0):
            slot = np.int64(scatter(old[i, 0]) & last)
            while new[slot, 0] != np.uint64(0):
                slot = (slot + 1) & np.int64(last)
            new[slot, 0], new[slot, 1] = old[i, 0], old[i, 1]


@leaf
def phrase_of(slots: Array, key: np.uint64, last: np.uint64) -> int:
    """The id that slots hold for a key, or -1."""
    slot = np.int64(scatter(key) & last)
    while slots[slot, 0] != np.uint64(0):
        if slots[slot, 0] == key:
            return np.int64(slots[slot, 1])
        slot = (slot + 1) & np.int64(last)
    return np.int64(-1)


@kernel
def join_pairs(
    ids: Array,
    kinds: Array,
    base: int,
    bits: int,
    slots: Array,
    out: Array,
    begun: int,
    state: Array,
) -> int:
    """Copy ids to out[begun:] and replace each pair that slots hold by its id, from left to right:
    a word that was joined begins no other pair.

    state : FIRST is the place in out of the word that a pair may begin with, or -1, and BETWEEN the
        connectors after it. The next call needs out from FIRST on (at 0 if begun > 0) before the
        ids that follow.
    Returns how many ids out holds.
    """
    n, at, between = begun, state[FIRST], state[BETWEEN]
    last, limit = np.uint64(len(slots) - 1), np.int64(1) << (63 - 2 * bits)
    for word in range(len(ids)):
        number = ids[word]
        kind = kinds[number] if number >= 0 else RARE
        out[n] = number
        n += 1
        if kind > 0:
            between = next_between(between, kind, base, limit) if at >= 0 else 0
            if between < 0:
                at, between = -1, 0
        elif kind == RARE:
            at, between = -1, 0
        else:
            phrase = (
                phrase_of(slots, pair_key(out[at], between, number, bits), last) if at >= 0 else -1
            )
            if phrase >= 0:
                out[at] = phrase
                n, at, between = at + 1, -1, 0
            else:
                at, between = n - 1, 0
    state[FIRST], state[BETWEEN] = at, between
    return n


@kernel
def put_text(
    ids: Array, letters: Array, starts: Array, begins: bool, out: Array
) -> tuple[int, bool]:
    """Words letters[starts[w] : starts[w + 1]] of ids with spaces between and a newline for a line
    end, to out (uint8).

    begins : whether a line begins here. Returns how many bytes, and whether a line begins after
        them.
    """
    n = 0
    for i in range(len(ids)):
        word = ids[i]
        if word < 0:
            out[n] = 10
            n += 1
            begins = True
        else:
            if not begins:
                out[n] = 32
                n += 1
            begins = False
            for letter in range(starts[word], starts[word + 1]):
                out[n] = letters[letter]
                n += 1
    return n, begins
