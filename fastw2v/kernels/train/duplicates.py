"""Duplicates among the inputs of a block: found once per token, not once per window."""

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf
from fastw2v.kernels.simd.ids import last_of
from fastw2v.kernels.simd.tiles import STEP


@leaf
def margin(window: int) -> int:
    """Places before a line's first word that ``find_duplicates`` reads: whole vectors, at least 2 *
    window.
    """
    return -(-2 * window // STEP) * STEP


@leaf
def find_duplicates(tokens: Array, begin: int, end: int, duplicates: Array) -> None:
    """For each word of tokens[begin:end]: the latest place of a word that is repeated at or before
    it, or -1.

    A window from place a to b holds some word twice only if duplicates[b] >= a. tokens[:begin] is
    negative; only duplicates less than ``begin`` places apart are found.
    """
    latest, distance = -1, begin  # a multiple of STEP, at least 2 * window
    for i in range(begin, end):
        for step in range(i - distance, i, STEP):
            latest = max(latest, last_of(tokens, step, tokens[i]))
        duplicates[i] = latest
