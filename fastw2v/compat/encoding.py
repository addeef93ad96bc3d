"""Corpora for the gensim-compatible classes, as ids.

Sentences of any keys are read in one pass, files by the encoder of fastw2v.

Keys may be whatever a dictionary takes: strings with spaces, numbers, tuples. A key is looked
    up once for each token.
"""

from __future__ import annotations

import itertools
import logging
import math
import os
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fastw2v.compat.options import as_integer, sample_option
from fastw2v.compat.sentences import LineSentence
from fastw2v.corpus.encoded import EncodedCorpus, ids_in_file, open_corpus
from fastw2v.corpus.encoder import writing_ids
from fastw2v.corpus.vocabulary import Selection, Vocabulary
from fastw2v.equations.counts import keep_probability
from fastw2v.errors import ConfigTypeError, CorpusError, quoted
from fastw2v.events import Reading
from fastw2v.files import temporary_file
from fastw2v.kernels.text.words import DROPPED, LINE_END, renumber

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from fastw2v.compat.gensim.models.word2vec import Word2Vec
    from fastw2v.compat.queries import Key
    from fastw2v.compat.steps import TrimRule
    from fastw2v.config import TrainConfig
    from fastw2v.events import Event
    from fastw2v.paths import AnyPath

logger = logging.getLogger("fastw2v.compat.gensim")
SENTENCES = 1000  # numbered at a time
IDS = 1 << 22  # renumbered at a time


class Numbering(dict[Any, int]):
    """The number of each key: that of ``known`` ones, and ``unknown`` for all others."""

    def __init__(self, known: Mapping[Key, int]) -> None:
        super().__init__(known)
        self.unknown = len(known)

    def __missing__(self, key: Key) -> int:
        return self.unknown


def new_numbers() -> defaultdict[Any, int]:
    """A dictionary that numbers keys in the order of their first appearance."""
    return defaultdict(itertools.count().__next__)


class Numbered:
    """Sentences as numbers of their keys, in a nameless file: ``ids``, LINE_END after each
    sentence.

    Attributes
    ----------
    sentences, tokens
        Numbers of sentences and tokens so far.
    numbers
        new_numbers() or a Numbering.
    progress_per
        Number of sentences between two log lines.
    """

    def __init__(
        self, corpus: Iterable[Any], numbers: dict[Key, int], progress_per: int = 10_000
    ) -> None:
        n, self.sentences, self.tokens = 0, 0, 0
        progress_per = max(as_integer("progress_per", progress_per), 1)
        number, left = numbers.__getitem__, iter(corpus)
        with temporary_file(None) as file:  # the memory map keeps it
            while batch := [
                s if hasattr(s, "__len__") else list(s) for s in itertools.islice(left, SENTENCES)
            ]:
                sizes = np.array(list(map(len, batch)))
                ids = np.fromiter(
                    map(number, itertools.chain.from_iterable(batch)), np.int32, sizes.sum()
                )
                ends = np.full(len(ids) + len(batch), LINE_END)
                keep = np.ones(len(ends), bool)
                keep[np.cumsum(sizes + 1) - 1] = False
                ends[keep] = ids
                with writing_ids():
                    file.write(ends.data)
                if self.sentences // progress_per < (self.sentences + len(batch)) // progress_per:
                    message = "PROGRESS: at sentence #%d, processed %d words, keeping %d word types"
                    logger.info(
                        message, self.sentences + len(batch), self.tokens + len(ids), len(numbers)
                    )
                n, self.sentences, self.tokens = (
                    n + len(ends),
                    self.sentences + len(batch),
                    self.tokens + len(ids),
                )
            self.ids = ids_in_file(file, n)["ids"] if n else np.empty(0, np.int32)

    def counts(self, V: int) -> NDArray[np.int64]:
        """How often each of V numbers occurs, int64 [V]."""
        counts = np.zeros(V + 1, np.int64)
        for piece in pieces(self.ids):
            counts += np.bincount(piece + 1, minlength=V + 1)
        return counts[1:]


def pieces(ids: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Some of the ids at a time."""
    for first in range(0, len(ids), IDS):
        yield ids[first : first + IDS]


def renumbered(
    ids: NDArray[np.int32],
    ranks: NDArray[np.int32],
    words: list[Any],
    counts: NDArray[np.int64],
    tokens_read: int,
) -> EncodedCorpus | None:
    """The encoded corpus with number ranks[i] for number i, DROPPED ones left out; None if nothing
    is left.

    words, counts : the vocabulary in the order of the new numbers.
    """
    n, line_open, kept = 0, False, 0
    with temporary_file(None) as file:  # the memory map keeps it
        for piece in pieces(ids):
            ids_kept = np.empty(len(piece), np.int32)
            m, line_open = renumber(piece.copy(), len(piece), ranks, line_open, ids_kept)
            kept += int(np.count_nonzero(ids_kept[:m] >= 0))
            with writing_ids():
                file.write(ids_kept[:m].data)
            n += m
        if not kept:
            return None
        if line_open:
            file.write(np.array([LINE_END], np.int32).data)
            n += 1
        fields = ids_in_file(file, n)
    return EncodedCorpus(
        vocabulary=Vocabulary(words, counts),
        tokens_read=tokens_read,
        words_seen=len(ranks),
        kept=kept,
        **fields,
    )


def ranked(numbers: int, order: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return each number's index in ``order``, DROPPED if it has none (int32 [numbers])."""
    ranks = np.full(numbers, DROPPED, np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks


def chosen(
    counts: NDArray[np.int64],
    keys: Sequence[Key],
    min_count: int,
    keep: TrimRule | None,
    largest: int | None,
) -> tuple[NDArray[np.int64], int]:
    """Which of some keys are kept (rows in the order of the keys), and the least count asked for,
    as gensim decides.

    keep : trim_rule, or None;  largest : max_final_vocab, or None: the least count is what
        leaves at most max_final_vocab words.
    """
    if largest is not None and largest < len(counts):
        min_count = max(min_count, int(np.sort(counts)[::-1][largest]) + 1)
    mask = counts >= min_count
    if keep is not None:
        for row, key in enumerate(keys):
            rule = keep(key, int(counts[row]), min_count)
            if rule not in (0, 1, 2):
                raise CorpusError(
                    "trim_rule must return utils.RULE_DEFAULT, RULE_DISCARD or RULE_KEEP, not"
                    f" {quoted(rule)} as for {quoted(key)}"
                )
            mask[row] = rule == 2 or (rule == 0 and mask[row])
    return np.flatnonzero(mask), min_count


@dataclass(frozen=True)
class Source:
    """A corpus that was read: ids, the row of each number (-1 where it has none), how many tokens
    and sentences; files : their stamp, if it came from files.
    """

    ids: np.ndarray
    rows: np.ndarray
    tokens: int
    sentences: int
    files: list[tuple[str, int, int]] | None = None


def by_count(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows by descending count, of equal ones the later first, as in gensim's vocabularies."""
    return np.lexsort((-np.arange(len(counts)), -counts))


def stamp(files: Sequence[AnyPath]) -> list[tuple[str, int, int]]:
    """What tells whether files are those they were: names, sizes and times of change."""
    statuses = [(os.path.realpath(path), os.stat(path)) for path in files]
    return [(path, stat.st_size, stat.st_mtime_ns) for path, stat in statuses]


class ReadCorpus(NamedTuple):
    """A corpus that was read: its keys, their counts [V], the ids, how many tokens and sentences it
    has, and the stamp of its files, None if it comes from none.
    """

    keys: list[Any]
    counts: np.ndarray
    ids: np.ndarray
    tokens: int
    sentences: int
    stamp: list[tuple[str, int, int]] | None


def read_source(
    sentences: Iterable[Any] | None,
    files: Sequence[AnyPath] | None,
    config: TrainConfig,
    min_count: int,
    progress_per: int,
) -> ReadCorpus:
    """Read a corpus once, with the keys that occur min_count times at least: a ReadCorpus of files
    if there are any, else of sentences.
    """
    logger.info("collecting all words and their counts")
    if files:
        read = open_corpus(
            [str(path) for path in files],
            config,
            Selection(min_count=min_count),
            notify=ReadingLog(),
        )
        corpus = ReadCorpus(
            read.vocabulary.words,
            read.vocabulary.counts,
            read.ids,
            read.tokens_read,
            read.lines,
            stamp(files),
        )
    else:
        numbers = new_numbers()
        assert sentences is not None  # check_corpus has seen to it
        ids = Numbered(checked(sentences), numbers, progress_per)
        counts = ids.counts(len(numbers))
        corpus = ReadCorpus(list(numbers), counts, ids.ids, ids.tokens, ids.sentences, None)
    logger.info(
        "collected %d word types from a corpus of %d raw words and %d sentences",
        len(corpus.keys),
        corpus.tokens,
        corpus.sentences,
    )
    return corpus


class ReadingLog:
    """Logs how much of the files has been read, once a second."""

    def __init__(self) -> None:
        self.next = time.monotonic() + 1

    def __call__(self, event: Event) -> None:
        if isinstance(event, Reading) and time.monotonic() >= self.next:
            logger.info("PROGRESS: read %d of %d bytes", event.done, event.total)
            self.next = time.monotonic() + 1


def vocabulary_report(
    counts: NDArray[np.int64], rows: NDArray[np.int64], min_count: int, sample: float | None
) -> dict[str, int]:
    """What choosing some rows of the counts leaves, and what subsampling will leave of that, by
    gensim's names; logged.

    sample : the share of the tokens above which a word is frequent, or a count if it is 1 or more.
    """
    kept, all_tokens = counts[rows], int(counts.sum())
    message = "effective_min_count=%d retains %d unique words (%.2f%% of original %d, drops %d)"
    logger.info(
        message,
        min_count,
        len(rows),
        100 * len(rows) / max(len(counts), 1),
        len(counts),
        len(counts) - len(rows),
    )
    message = "effective_min_count=%d leaves %d word corpus (%.2f%% of original %d, drops %d)"
    tokens = int(kept.sum())
    logger.info(
        message,
        min_count,
        tokens,
        100 * tokens / max(all_tokens, 1),
        all_tokens,
        all_tokens - tokens,
    )
    shares = keep_probability(kept, sample_share(sample, max(tokens, 1)))
    frequent, effective = int((shares < 1).sum()), int((shares * kept).sum())
    logger.info("sample=%g downsamples %d most-common words", sample or 0, frequent)
    message = "downsampling leaves estimated %d word corpus (%.1f%% of prior %d)"
    logger.info(message, effective, 100 * effective / max(tokens, 1), tokens)
    return {
        "drop_unique": len(counts) - len(rows),
        "retain_total": tokens,
        "downsample_unique": frequent,
        "downsample_total": effective,
        "num_retained_words": len(rows),
    }


def sample_share(sample: float | None, tokens: int) -> float:
    """gensim's ``sample`` as a share of the tokens: it may be a count, of words that occur
    oftener.
    """
    sample = 0.0 if sample is None else sample_option(sample)
    return int(sample * (3 + math.sqrt(5)) / 2) / tokens if sample >= 1 else sample


def checked(sentences: Iterable[Any]) -> Iterator[Any]:
    """The sentences, with gensim's warning if the first one is a string.

    Raises ConfigTypeError for what is no list of words.
    """
    name = getattr(sentences, "item_name", "'sentences' item")
    for number, sentence in enumerate(sentences):
        if not hasattr(sentence, "__iter__") and not hasattr(sentence, "__getitem__"):
            raise ConfigTypeError(
                f"sentence {number} is a {type(sentence).__name__}, {quoted(sentence)}; give lists"
                " of words"
            )
        if not number and isinstance(sentence, str):
            logger.warning(
                "Each %s should be a list of words (usually unicode strings). The first one is a"
                " string, whose letters are taken for words",
                name,
            )
        yield sentence


def encode_for(
    model: Word2Vec, sentences: Iterable[Any] | None, files: Sequence[AnyPath] | None
) -> tuple[EncodedCorpus | None, NDArray[np.int64], int]:
    """A corpus in the words of a model: EncodedCorpus (None if none of its tokens is one), the row
    of each number, tokens read.

    Words stand by descending count, so that a tree made of the counts is the same for every corpus.
    """
    counts, source = model.wv.expandos["count"], model._source
    order = np.argsort(-counts, kind="stable")
    if source is None or (
        source.files is not None and source.files != (stamp(files) if files else None)
    ):
        if sentences is None:
            assert files is not None  # check_corpus has seen to it
            sentences = LineSentence(files[0])
        read = Numbered(checked(sentences), Numbering(model.wv.key_to_index))
        source = Source(
            read.ids, np.append(np.arange(len(counts)), -1), read.tokens, read.sentences
        )
    ranks = ranked(len(counts) + 1, order)[source.rows]
    words = [model.wv.index_to_key[row] for row in order.tolist()]
    encoded = renumbered(source.ids, ranks, words, np.maximum(counts[order], 1), source.tokens)
    return encoded, order, source.tokens


def counted(frequencies: Mapping[Key, int]) -> tuple[list[Key], NDArray[np.int64]]:
    """Keys and counts (int64) of a dictionary of them. Raises CorpusError."""
    if not hasattr(frequencies, "values"):
        raise ConfigTypeError(
            f"word_freq must be a dictionary from words to whole numbers, got {quoted(frequencies)}"
        )
    counts = np.array(list(frequencies.values()))
    if counts.ndim != 1 or (len(counts) and counts.dtype.kind not in "iu"):
        raise CorpusError("word_freq must be a dictionary from words to whole numbers")
    return list(frequencies), counts.astype(np.int64)
