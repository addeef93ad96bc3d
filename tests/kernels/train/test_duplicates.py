import numpy as np
import pytest

from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.ids import any_equal, last_of
from fastw2v.kernels.simd.rows import rows_at
from fastw2v.kernels.simd.tiles import STEP
from fastw2v.kernels.train.duplicates import find_duplicates, margin

SIX = (0,) * 6


@kernel
def is_any_equal(places, tag):
    return any_equal(rows_at(places, 0, tag))


@pytest.mark.parametrize(
    "places, twice",
    [([1, 2, 3, 4, 5, 6], False), ([1, 2, 3, 4, 5, 1], True), ([7, 7, 0, 1, 2, 3], True)],
)
def test_any_equal(places, twice):
    assert is_any_equal(np.array(places, np.int32), SIX) == twice


@kernel
def last(numbers, at, number):
    return last_of(numbers, at, np.int32(number))


def test_last_of_looks_at_sixteen_numbers():
    numbers = np.arange(40, dtype=np.int32)
    assert [last(numbers, 8, n) for n in (7, 8, 23, 24)] == [-1, 8, 23, -1]
    assert last(np.array([5, 1, 5, 5, 1] * 4, np.int32), 0, 1) == 14


@kernel
def duplicates_of(words, line, n, duplicates):
    find_duplicates(words, line, n, duplicates)


@pytest.mark.parametrize("window", [1, 5, 8, 20])
def test_duplicates_tell_which_windows_hold_a_word_twice(rng, window):
    line = margin(window)
    words = np.full(line + 200, -1, np.int32)
    words[line:] = rng.integers(0, 60, 200)
    duplicates = np.zeros_like(words)
    duplicates_of(words, line, len(words), duplicates)
    for a in range(line, len(words)):
        for b in range(a, min(a + 2 * window + 1, len(words))):
            repeated = len(set(words[a : b + 1].tolist())) <= b - a
            assert (duplicates[b] >= a) == repeated


@pytest.mark.parametrize("window, room", [(1, 16), (8, 16), (9, 32)])
def test_there_is_room_before_a_line_for_whole_steps(window, room):
    assert margin(window) == room and room % STEP == 0
