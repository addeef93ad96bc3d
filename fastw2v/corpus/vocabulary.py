"""The words of a corpus, how often each occurs, and which of them are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np

from fastw2v.config import MAX_COUNT
from fastw2v.errors import ConfigError, CorpusError, quoted
from fastw2v.files import reason
from fastw2v.kernels.text.words import DROPPED
from fastw2v.paths import AnyPath, shown

SMALL = 1 << 16  # counts below are sorted in linear time
MAX_LINE = 1 << 24  # letters in a line of a file of words


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """words : list of V distinct strings;  counts : int64 [V], descending, ties in order of first
    appearance.
    """

    words: list[str]
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @property
    def tokens(self) -> int:
        """How many tokens the counts make."""
        return int(self.counts.sum())


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which words are kept: those that occur min_count times, of these the max_vocab most frequent
    ones, and no stop words.

    Attributes
    ----------
    keep
        A function of a word and its count; True keeps a word, False leaves it out, None lets
        min_count decide.
    fixed
        The whole vocabulary, words with their counts (0 where they are not known), and no other
        word is kept.
    added
        Words that are kept in any case, with counts to add to those of the corpus. Words
        of ``fixed`` and ``added`` that the corpus lacks are kept, with a count of at least 1.
    """

    min_count: int = 1
    max_vocab: int | None = None
    stop_words: frozenset[str] = frozenset()
    keep: Callable[[str, int], bool | None] | None = None
    fixed: Mapping[str, int] | None = None
    added: Mapping[str, int] | None = None

    @property
    def by_count_alone(self) -> bool:
        """Whether no word need be looked at."""
        return (
            not self.stop_words and self.keep is None and self.fixed is None and self.added is None
        )


def choose(
    counts: np.ndarray,
    first: Callable[[], np.ndarray],
    spell: Callable[[np.ndarray], list[str]],
    selection: Selection,
) -> tuple[np.ndarray, Vocabulary, int]:
    """Decide which words are kept. Nothing else decides it.

    Returns the rank of each word seen, its id in the vocabulary (int32, DROPPED if it is not kept),
    the vocabulary, and the number of tokens that the vocabulary covers.

    Parameters
    ----------
    counts
        Count of each distinct word, int64 [seen].
    first
        Function that returns where each word first appeared; called once, before ``spell``.
    spell
        Function from ids to a list of strings.

    Raises
    ------
    CorpusError
        No word is left.
    """
    seen = len(counts)
    if selection.by_count_alone:
        order = by_count(counts, first(), selection.min_count)[: selection.max_vocab]
        if not len(order):
            raise _no_words_error(seen, selection.min_count)
        counts = counts[order]  # frees the memory of all counts before words become strings
        vocabulary, tokens = Vocabulary(spell(order), counts), int(counts.sum())
    else:
        vocabulary, order = _choose_by_word(
            counts, first().copy(), spell(np.arange(seen)), selection
        )
        tokens = int(counts[order[order >= 0]].sum())
    ranks = np.full(seen, DROPPED, np.int32)
    in_corpus = order >= 0
    ranks[order[in_corpus]] = np.flatnonzero(in_corpus)
    return ranks, vocabulary, tokens


def _choose_by_word(
    counts: np.ndarray, first: np.ndarray, words: Sequence[str], selection: Selection
) -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary, and for each of its words the id among those seen, -1 if it was not seen."""
    given = _checked(selection.fixed if selection.fixed is not None else selection.added or {})
    required = given.keys() - selection.stop_words
    kept = np.array([word in required for word in words], bool)
    if selection.fixed is None:
        others = ~kept & _passes_filters(counts, words, selection)
        others_limit = (
            None if selection.max_vocab is None else max(selection.max_vocab - len(given), 0)
        )
        kept[by_count(np.where(others, counts, 0), first, 1)[:others_limit]] = True
    missing = required.difference(words)
    absent = [word for word in given if word in missing]
    order = np.flatnonzero(kept)
    order = np.concatenate(
        [order[np.argsort(first[order], kind="stable")], np.full(len(absent), -1)]
    ).astype(np.int64)
    names = [words[i] for i in order.tolist() if i >= 0] + absent
    known = np.array([given.get(name, 0) for name in names], np.int64)
    found = np.concatenate([counts[order[order >= 0]], np.zeros(len(absent), np.int64)])
    total = np.where(known > 0, known, found) if selection.fixed is not None else known + found
    total = np.clip(total, 1, MAX_COUNT)
    if not len(names) or not found.any():
        raise _no_words_error(len(words), selection.min_count, chosen=True)
    best = np.argsort(-total, kind="stable")
    return Vocabulary([names[i] for i in best], total[best]), order[best]


def _passes_filters(counts: np.ndarray, words: Sequence[str], selection: Selection) -> np.ndarray:
    """Which words pass min_count, stop words and ``keep`` (bool). Raises ConfigError."""
    passing = counts >= selection.min_count
    for i, word in enumerate(words):
        if word in selection.stop_words:
            passing[i] = False
        elif selection.keep is not None:
            answer = selection.keep(word, int(counts[i]))
            if answer is not None and not isinstance(answer, (bool, np.bool_)):
                raise ConfigError(
                    f"keep must return True, False or None, not {quoted(answer)} as for"
                    f" {quoted(word)}"
                )
            passing[i] = passing[i] if answer is None else answer
    return passing


def _checked(given: Mapping[Any, Any]) -> dict[str, int]:
    """Words with their counts, as strings and integers. Raises ConfigError for invalid ones."""
    found = {}
    for word, count in given.items():
        name = str(word) if isinstance(word, Real) else word
        if not isinstance(name, str) or split(name) != [name]:
            raise ConfigError(
                f"a word of the vocabulary must be letters without white space, got {quoted(word)}"
            )
        if not isinstance(count, Integral) or not 0 <= int(count) <= MAX_COUNT:
            raise ConfigError(
                f"the count of {quoted(name)} must be a whole number from 0 to {MAX_COUNT}, got"
                f" {quoted(count)}"
            )
        found[name] = int(count)
    return found


def by_count(counts: np.ndarray, first: np.ndarray, min_count: int) -> np.ndarray:
    """The words that occur at least min_count times, by descending count, ties by where they first
    appear.
    """
    order = np.flatnonzero(counts >= min_count)
    order = order[np.argsort(first[order], kind="stable")]
    small = counts[order] < SMALL
    large, rest = order[~small], order[small]
    keys = (SMALL - 1 - counts[rest]).astype(np.uint16)  # of 16 bits: sorted in linear time
    return np.concatenate(
        [large[np.argsort(-counts[large], kind="stable")], rest[np.argsort(keys, kind="stable")]]
    )


def _no_words_error(words: int, min_count: int, chosen: bool = False) -> CorpusError:
    if not words:
        return CorpusError("the corpus holds no words; give a text with words between white space")
    if chosen:
        return CorpusError(
            f"none of the {words:,} distinct words is kept; look at the vocabulary, the stop words,"
            " and min_count",
            options=("min_count",),
        )
    return CorpusError(
        f"none of the {words:,} distinct words occurs {min_count} times; lower min_count",
        options=("min_count",),
    )


def read_vocabulary(path: AnyPath) -> dict[str, int]:
    """Words with their counts from a file with a word a line, its count after it or not (then 0).

    Raises CorpusError.
    """
    found = {}
    for number, line in enumerate(_lines(path), 1):
        fields = split(line)
        if not fields:
            continue
        word, count = fields[0], fields[1] if len(fields) == 2 else "0"
        if (
            len(fields) > 2
            or len(count) > 15
            or not (count.isascii() and count.isdigit())
            or int(count) > MAX_COUNT
        ):
            raise CorpusError(
                f"{shown(path)}:{number}: should be a word, or a word and its count, not"
                f" {quoted(line.strip())}"
            )
        if word in found:
            raise CorpusError(f"{shown(path)}:{number}: the word {quoted(word)} occurs twice")
        found[word] = int(count)
    if not found:
        raise CorpusError(f"{shown(path)}: holds no words; give a word a line")
    return found


def read_words(path: AnyPath) -> frozenset[str]:
    """The words of a file, between white space. Raises CorpusError."""
    return frozenset(word for line in _lines(path) for word in split(line))


def split(line: str) -> list[str]:
    """The words of a line, at ASCII white space, as those of a corpus."""
    return [word.decode() for word in line.encode().split()]


def _lines(path: AnyPath) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8-sig", newline="\n") as file:
            while line := file.readline(MAX_LINE):
                if len(line) == MAX_LINE:
                    raise CorpusError(
                        f"{shown(path)}: has a line of more than {MAX_LINE:,} letters; give a word"
                        " a line"
                    )
                yield line
    except OSError as error:
        raise CorpusError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{shown(path)}: is not UTF-8: {error.reason} at byte {error.start}"
        ) from error
    except ValueError as error:  # a name that no file can have
        raise CorpusError(f"{quoted(str(path))}: cannot be read: {error}") from error
