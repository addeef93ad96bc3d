"""Weighted means of rows: the vectors of texts (Eq. 21 and 22), and in how many texts a word is.

Texts are int32 ids, START before each text; starts : int64 [texts + 1], the place of each START,
and where the last text ends. Each kernel runs on one thread and releases the GIL.
"""

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf
from fastw2v.kernels.simd.rows import prefetch_to_read

START = np.int32(-1)
AHEAD = 6  # words whose rows are prefetched
LANES = 16  # float32 of a cache line
PART = 64  # words summed in float32, before their sum is added to that of the text in float64


@leaf
def add_row(part: Array, table: Array, row: int, weight: float) -> None:
    """part [D] += weight * table[row]."""
    for d in range(len(part)):
        part[d] += weight * table[row, d]


@leaf
def add_part(total: Array, part: Array) -> None:
    """total [D] += part, which becomes zero."""
    for d in range(len(total)):
        total[d] += part[d]
        part[d] = np.float32(0)


@leaf
def prefetch_word(table: Array, row: int) -> None:
    """Prefetch the vector of a word; nothing for START and for rows beyond the table."""
    if 0 <= row < len(table):
        for lane in range(table.shape[1] // LANES):
            prefetch_to_read(table, row, lane)


@kernel
def put_text_vectors(
    table: Array,
    extra: Array,
    ids: Array,
    starts: Array,
    weights: Array,
    workspace: tuple[Array, Array],
    out: Array,
) -> None:
    """Write 1/n sum_w weight(w) v_w over the n words of each text to out [texts, D], zeros for an
    empty text.

    table, extra : float32 [V, D] and [E, D], vectors of ids below V, and of V and above;  weights :
    float32 [V + E];  workspace : float32 [D] and float64 [D], of zeros.
    """
    V, (part, total) = len(table), workspace
    for text in range(len(starts) - 1):
        words = 0
        for at in range(starts[text], starts[text + 1]):
            if at + AHEAD < len(ids):
                prefetch_word(table, np.int64(ids[at + AHEAD]))
            word = np.int64(ids[at])
            if word < 0:
                continue
            if word < V:
                add_row(part, table, word, weights[word])
            else:
                add_row(part, extra, word - V, weights[word])
            words += 1
            if words % PART == 0:
                add_part(total, part)
        add_part(total, part)
        share = 1.0 / max(words, 1)
        for d in range(len(total)):
            out[text, d] = total[d] * share
            total[d] = 0.0


@kernel
def count_texts(ids: Array, starts: Array, first: int, seen: Array, frequencies: Array) -> None:
    """Add to frequencies (int64 [words]) in how many texts each word is.

    first : number of the first text among all;  seen : int64 [words], the last text that held
    each word, -1 for none; changed.
    """
    for text in range(len(starts) - 1):
        for at in range(starts[text], starts[text + 1]):
            word = ids[at]
            if word >= 0 and seen[word] != first + text:
                seen[word] = first + text
                frequencies[word] += 1
