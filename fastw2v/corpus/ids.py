"""An encoded corpus from ids that a program has made: walks over a graph, sessions of items."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastw2v.corpus.encoded import EncodedCorpus, save_encoded
from fastw2v.corpus.vocabulary import Selection, choose, split
from fastw2v.errors import CorpusError, quoted
from fastw2v.kernels.text.words import LINE_END, renumber
from fastw2v.paths import AnyPath

SHOWN = 40  # letters of a word in an error


def encode_ids(ids: Any, words: Sequence[str]) -> EncodedCorpus:
    """Return the encoded corpus of lines of ids, without a text between.

    Parameters
    ----------
    ids : array of int, of any shape
        Places in ``words``, and -1 at the end of each line, or several. Rows of an array of two
        dimensions are read one after the other, so end each with -1.
    words : sequence of str, length V
        Distinct, without white space. Words that do not occur are left out.

    Returns
    -------
    EncodedCorpus
        Its words are numbered by descending count, ties by first appearance.

    Raises
    ------
    CorpusError
        There are no ids, or one of them is no place in ``words``; or a word is none.
    """
    flat = np.ascontiguousarray(ids).reshape(-1)
    if flat.dtype.kind not in "iu":
        raise CorpusError(f"ids must be whole numbers, not {flat.dtype}")
    if len(flat) and not -1 <= int(flat.min()) <= int(flat.max()) < len(words):
        raise CorpusError(
            f"ids must be from -1 to {len(words) - 1}, one less than the words, not from"
            f" {flat.min()} to {flat.max()}"
        )
    _check_words(words)
    flat = flat.astype(np.int32)
    counts = np.bincount(flat + 1, minlength=len(words) + 1)[1:]
    if not counts.any():
        raise CorpusError("the ids hold no words; give some that are 0 or above")
    first = np.zeros(len(words) + 1, np.int64)
    first[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)  # -1 is the last place, of no word
    ranks, vocabulary, tokens = choose(
        counts, lambda: first[:-1], lambda order: [words[i] for i in order], Selection(min_count=1)
    )
    n, is_open = renumber(flat, len(flat), ranks, False, flat)
    final = np.append(flat[:n], LINE_END) if is_open else flat[:n]
    final.flags.writeable = False
    return EncodedCorpus(final, vocabulary, tokens, len(vocabulary))


def write_ids(ids: Any, words: Sequence[str], path: AnyPath) -> None:
    """Write the encoded corpus of ids to a file, from which `fastw2v.train` trains.

    Parameters
    ----------
    ids, words : as for `encode_ids`
    path : path
        For example "walks.fw2v".

    Raises
    ------
    CorpusError
        As `encode_ids`.
    OutputError
        The file cannot be written.
    """
    save_encoded(encode_ids(ids, words), path)


def _check_words(words: Sequence[str]) -> None:
    if len(set(words)) < len(words):
        raise CorpusError("words must be distinct; one of them is there twice")
    for word in words:
        if not isinstance(word, str) or split(word) != [word]:
            raise CorpusError(f"words must be strings without white space, not {quoted(word)}")
