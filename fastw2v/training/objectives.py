"""Objectives: all that training needs to know about each of them.

An objective combines a loss and a kind of inputs. A loss is a subclass of ``Targets`` and an entry
of ``LOSSES``: it says what the targets of a centre are. ``Inputs`` says what its inputs are
(``config.model``: skip-gram, CBOW or documents; of words or of subwords). The rest of ``training``
asks these two; of the model it knows only whether documents and words are trained.
"""

import math
from dataclasses import dataclass

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.huffman import huffman_paths
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.kernels.train.composed import ring_rows
from fastw2v.kernels.train.negatives import pool_size
from fastw2v.kernels.train.state import (
    ALONE,
    EACH,
    GROUP_CENTRES,
    GROUPS_PLANNED,
    MEAN,
    MEAN_UNDIVIDED,
    NEGATIVES,
    NO_DOCUMENT,
    PATH,
    VOCABULARY,
    WITH_WINDOW,
    Tables,
)

TILE_TARGETS = 8  # targets in a tile where a block has many
# Lockstep scores a group of centres before any row moves. The learning rates at which an input
# moves by such scores add to this at most: at 2, vectors grew too long, or without end
# (bench/NOTES.md)
RATE_SUM = 1.0
SLOW_VOCABULARY = 30_000  # words beyond which naive softmax takes days
SOFTMAX_SECONDS = 1.2e-10  # for a pair, word and dimension on one thread (bench/NOTES.md)


@dataclass(frozen=True)
class Inputs:
    """What the inputs of a block are.

    input_kind : EACH word of the window (skip-gram), or the MEAN of all (CBOW, Eq. 15);
    document_kind : whether the document is an input ALONE (Eq. 23) or WITH_WINDOW (Eq. 24, or
    skip-gram beside Eq. 23).
    """

    input_kind: int
    document_kind: int
    config: TrainConfig

    @property
    def words_in_window(self) -> float:
        """Mean number of words among the inputs of a centre, on a long line."""
        if self.document_kind == ALONE:
            return 0
        return self.config.window + 1 if self.config.shrink_window else 2 * self.config.window

    @property
    def composed(self) -> bool:
        """Whether inputs are words that are composed of their subwords (Eq. 20)."""
        return bool(self.config.ngrams) and self.document_kind != ALONE

    @property
    def ring(self) -> int:
        """Number of rows that a worker composes words into, or 0."""
        if not self.composed:
            return 0
        centres = GROUPS_PLANNED * GROUP_CENTRES if self.config.deterministic else 1
        return ring_rows(centres + 2 * self.config.window)

    @property
    def mean_inputs(self) -> float:
        """Mean number of inputs that a centre has: words and document, or their mean."""
        documents = self.document_kind != NO_DOCUMENT
        return self.words_in_window + documents if self.input_kind == EACH else 1

    def centres_together(self, targets: int) -> float:
        """Return how many centres may move their rows by scores of the same time.

        Each of them moves an input by ``targets`` gradients, as far as its window reaches, and a
        document always. Together they must not overshoot; where each input gets its share of the
        gradient only, they do not.
        """
        limit = RATE_SUM / (self.config.rates[0] * targets)
        # a word is an input of about words_in_window centres in succession, never of more
        unlimited = self.input_kind == MEAN or (
            self.document_kind == NO_DOCUMENT and self.words_in_window <= limit
        )
        return math.inf if unlimited else limit


class Targets:
    """A loss: the rows of W_out that a centre is scored against. Base of all losses.

    Attributes
    ----------
    target_kind : int
        For the kernels (``kernels.train.state``).
    negative : int
        K, or 0 for losses without negatives.
    outputs_are_words : bool
        Whether row w of W_out is that of word w.
    few_targets : bool
        Whether a block has few targets, and so does not touch every row of W_out.
    """

    target_kind: int
    negative = 0
    outputs_are_words = True
    few_targets = True

    def __init__(self, config: TrainConfig) -> None:
        self.config = config

    def extra_tables(self, vocabulary: Vocabulary) -> dict[str, np.ndarray]:
        """Return further arrays of Tables, by name."""
        return {}

    def output_rows(self, vocabulary: Vocabulary) -> int | None:
        """Return the number of rows of W_out, or None for as many as W_in has."""
        return None

    def count(self, tables: Tables) -> int:
        """Return the number of targets of a block, at most."""
        raise NotImplementedError

    def tile(self) -> int:
        """Return how many targets of a block the shape of tiles is chosen for."""
        return TILE_TARGETS

    def pool(self, blocks: int) -> int:
        """Return the pool of the noise for the blocks of a centre
        (``kernels.train.negatives``).
        """
        return 0

    def loss_of_zeros(self, tables: Tables, vocabulary: Vocabulary) -> float:
        """Return the loss of a pair if all vectors are zero: every word, node or label is as likely
        as another.
        """
        return math.log(2) * self.count(tables)

    def busiest_row(self, tables: Tables, kept: np.ndarray) -> float:
        """Return the share of the centres, 0 to 1, that update the row which is updated most often.

        kept : how often each word is a centre, float [V].
        """
        return 1.0  # the root of the Huffman tree, or every word

    def rows_of_words(self, tables: Tables) -> tuple[np.ndarray, ...]:
        """Return the rows of W_out of each word and where they start, or () if a word's row is the
        one with its number.
        """
        return ()

    def other_updates(self, vocabulary: Vocabulary) -> np.ndarray | float:
        """Return how often a pair updates a row of W_out other than its word's, on average."""
        return 0.0

    def warning(self, vocabulary: Vocabulary, tokens: int) -> str | None:
        """Return the warning to print before a run, or None; tokens : of an epoch."""
        return None


class NegativeSampling(Targets):
    """The centre and K words from the noise distribution (Eq. 8); labels 1, 0, ..., 0."""

    target_kind = NEGATIVES

    def __init__(self, config: TrainConfig) -> None:
        super().__init__(config)
        self.negative = config.negative

    def count(self, tables: Tables) -> int:
        return self.negative + 1

    def tile(self) -> int:
        return self.negative + 1

    def pool(self, blocks: int) -> int:
        return pool_size(self.negative, blocks)

    def busiest_row(self, tables: Tables, kept: np.ndarray) -> float:
        rows = kept
        if len(tables.subword_ids):
            rows = np.bincount(tables.subword_ids, np.repeat(kept, np.diff(tables.subword_starts)))
        return float(min(rows.max() / kept.sum(), 1))

    def other_updates(self, vocabulary: Vocabulary) -> np.ndarray | float:
        return self.negative * noise_distribution(vocabulary.counts, self.config.ns_exponent)


class HierarchicalSoftmax(Targets):
    """The inner nodes on the centre's Huffman path (Eq. 16); labels 1 - code."""

    target_kind = PATH
    outputs_are_words = False

    def extra_tables(self, vocabulary: Vocabulary) -> dict[str, np.ndarray]:
        paths = huffman_paths(vocabulary.counts)
        return {"paths": paths.steps, "path_starts": paths.starts}

    def output_rows(self, vocabulary: Vocabulary) -> int | None:
        return max(len(vocabulary) - 1, 1)

    def count(self, tables: Tables) -> int:
        return max(int(np.diff(tables.path_starts).max(initial=0)), 1)

    def loss_of_zeros(self, tables: Tables, vocabulary: Vocabulary) -> float:
        kept = vocabulary.counts * keep_probability(vocabulary.counts, self.config.sample)
        return math.log(2) * float(np.average(np.diff(tables.path_starts), weights=kept))

    def rows_of_words(self, tables: Tables) -> tuple[np.ndarray, ...]:
        return tables.paths >> 1, tables.path_starts


class NaiveSoftmax(Targets):
    """All words of the vocabulary (Eq. 3); errors y - yhat."""

    target_kind = VOCABULARY
    few_targets = False

    def count(self, tables: Tables) -> int:
        return len(tables.W_out)

    def loss_of_zeros(self, tables: Tables, vocabulary: Vocabulary) -> float:
        return math.log(len(tables.W_out))

    def other_updates(self, vocabulary: Vocabulary) -> np.ndarray | float:
        return 1.0

    def warning(self, vocabulary: Vocabulary, tokens: int) -> str | None:
        V, config = len(vocabulary), self.config
        if V <= SLOW_VOCABULARY or config.seconds:
            return None
        return (
            f"naive softmax over {V:,} words: a pair costs as much as"
            f" {V // (config.negative + 1):,} with negative sampling; this run may take about"
            f" {softmax_seconds(V, tokens, config) / 3600:,.0f} hours. --loss ns or hs is for"
            " vocabularies of this size, --max-vocab makes it smaller"
        )


LOSSES: dict[str, type[Targets]] = {
    "ns": NegativeSampling,
    "hs": HierarchicalSoftmax,
    "softmax": NaiveSoftmax,
}


def inputs_of(config: TrainConfig) -> Inputs:
    """Return the Inputs of a configuration."""
    kinds = {"mean": MEAN, "word2vec": MEAN_UNDIVIDED}
    kind = EACH
    if config.model in ("cbow", "dm"):
        assert config.cbow_gradient is not None  # __post_init__ has set it
        kind = kinds[config.cbow_gradient]
    document_kind = NO_DOCUMENT
    if config.has_documents:
        document_kind = WITH_WINDOW if config.trains_words else ALONE
    return Inputs(kind, document_kind, config)


def targets_of(config: TrainConfig) -> Targets:
    """Return the Targets of a configuration."""
    return LOSSES[config.loss](config)


def softmax_seconds(vocabulary_size: int, tokens: int, config: TrainConfig) -> float:
    """Return an estimate of the seconds that naive softmax takes for a whole run."""
    per_pair = vocabulary_size * config.vector_size * SOFTMAX_SECONDS
    return tokens * inputs_of(config).mean_inputs * per_pair * config.epochs / config.thread_count
