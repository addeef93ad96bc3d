"""The tables of a run, in memory made for random access by rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from fastw2v.config import TrainConfig
from fastw2v.corpus.documents import Documents
from fastw2v.corpus.subwords import SubwordRows, subword_rows
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.errors import TrainingError
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.simd.tiles import padded
from fastw2v.kernels.train.state import Tables
from fastw2v.training.objectives import inputs_of, targets_of
from fastw2v.training.private import plan_private_rows, spare_rows

if TYPE_CHECKING:
    from fastw2v.vectors.subwords import Subwords
    from fastw2v.vectors.word_vectors import WordVectors

ROWS = 8192  # drawn at a time
WORDS = 256  # whose rows are gathered at a time


def run_tables(
    vocabulary: Vocabulary,
    config: TrainConfig,
    dtype: DTypeLike = np.float32,
    documents: Documents | None = None,
) -> tuple[Tables, np.ndarray]:
    """The tables of a new run, and the buckets (int32) of its n-grams.

    W_in has the rows of V words, then of the buckets, then of the documents.
    """
    if config.has_documents and documents is None:  # kernels would look for their lines
        raise TrainingError("a model of documents is trained on a corpus whose lines are known")
    V, bags = len(vocabulary), SubwordRows(*[np.empty(0, np.int32)] * 3)
    targets = targets_of(config)
    extra = targets.extra_tables(vocabulary)
    if config.ngrams:
        try:
            min_n, max_n = config.ngrams
            bags = subword_rows(vocabulary.words, min_n, max_n, config.buckets)
        except MemoryError as error:
            raise TrainingError(
                f"no memory to number {config.buckets:,} buckets, 8 bytes each; lower buckets",
                options=("buckets",),
            ) from error
        extra |= {"subword_ids": bags.rows, "subword_starts": bags.starts}
    outputs = targets.output_rows(vocabulary) or V
    rows = V + len(bags.buckets)
    if documents is not None:
        extra |= _document_rows(documents, rows)
        rows += documents.count
    if config.freeze:
        extra["input_factors"] = np.ones(rows, np.float32)
    shapes = Tables(np.empty((rows, 0)), np.empty((outputs, 0)), **extra)
    plan = plan_private_rows(vocabulary, config, shapes)
    spare = [spare_rows(private, config.thread_count) for private in plan[:2]]
    spare[0] += composed_rows(config)
    tables = initial_tables(rows, config.vector_size, config.seed, dtype, outputs, spare)
    if documents is not None:
        tables.W_in[rows - documents.count :][documents.lengths == 0] = 0
        if not config.trains_words:
            tables.W_in[:V] = 0  # words are no inputs
    return tables._replace(**extra, due=plan.due), bags.buckets


def composed_rows(config: TrainConfig) -> int:
    """Return the number of rows that words are composed into (``kernels.train.composed``)."""
    workers = 1 if config.deterministic else config.thread_count
    return 2 * inputs_of(config).ring * workers


def _document_rows(documents: Documents, first: int) -> dict[str, np.ndarray]:
    """Arrays of Tables that say which rows, from ``first`` on, the documents of lines have."""
    if first + documents.count >= 2**31:
        raise TrainingError(
            f"{first:,} words and n-grams and {documents.count:,} documents are more than 2^31 rows"
        )
    return {
        "line_ends": documents.line_ends,
        "line_documents": documents.of_line + np.int32(first),
    }


def initial_tables(
    rows: int,
    vector_size: int,
    seed: int | None,
    dtype: DTypeLike = np.float32,
    outputs: int | None = None,
    spare: Sequence[int] = (0, 0),
) -> Tables:
    """W_in [rows, padded] uniform in -0.5/D ... 0.5/D, and W_out [outputs or rows, padded] zero: as
    in word2vec.c, but from a better generator.

    spare : rows behind those of each table, for private copies and composed words.
    """
    stride, outputs = padded(vector_size, dtype), outputs or rows
    memory_in = aligned_zeros((rows + spare[0], stride), dtype)
    memory_out = aligned_zeros((outputs + spare[1], stride), dtype)
    tables = Tables(
        memory_in[:rows], memory_out[:outputs], memory_in=memory_in, memory_out=memory_out
    )
    rng = np.random.default_rng(seed)
    for first in range(0, rows, ROWS):
        block = tables.W_in[first : first + ROWS]
        block[:, :vector_size] = (rng.random((len(block), vector_size)) - 0.5) / vector_size
    return tables


def initialise_from(
    start: "WordVectors",
    words: list[str],
    config: TrainConfig,
    tables: Tables,
    buckets: np.ndarray,
) -> str:
    """Copy the rows of the words that are in ``start``, of both tables if it has both; return a
    sentence about it. With ``freeze`` their rows of W_in get the factor 0.

    Raises TrainingError if vectors or n-grams do not fit the configuration.
    """
    D, V = start.vectors.shape[1], len(words)
    if config.vector_size != D:
        raise TrainingError(
            f"the initial vectors have {D} dimensions; give vector_size={D}",
            options=("vector_size",),
        )
    subwords = _same_subwords(start, config) if config.ngrams else None
    ids = np.array([start.ids.get(word, -1) for word in words])
    known = np.flatnonzero(ids >= 0)
    if not len(known):
        raise TrainingError("the initial vectors share no word with the corpus")
    own = start.vectors if subwords is None else subwords.own
    tables.W_in[known, :D] = own[ids[known]]
    outputs = start.output_vectors if targets_of(config).outputs_are_words else None
    if outputs is not None:
        tables.W_out[known, :D] = outputs[ids[known]]
    if subwords is not None:
        rows = np.array([subwords.rows.get(each, -1) for each in buckets.tolist()], np.int64)
        shared = np.flatnonzero(rows >= 0)
        tables.W_in[V + shared, :D] = subwords.vectors[rows[shared]]
        if config.freeze:
            tables.input_factors[V + shared] = 0
    if config.freeze:
        tables.input_factors[known] = 0
    others = "the other table begins anew" if outputs is None else "and their output vectors"
    left = "; their n-grams are left out" if start.subwords and subwords is None else ""
    left += "; documents begin anew" if config.has_documents else ""
    kept = " and keep them" if config.freeze else ""
    return f"{len(known):,} of {V:,} words begin with the vectors given{kept}, {others}{left}"


def _same_subwords(start: "WordVectors", config: TrainConfig) -> "Subwords":
    """Return the n-grams of initial vectors.

    Raises TrainingError unless they are those of the configuration.
    """
    subwords = start.subwords
    if subwords is None:
        raise TrainingError(
            "the initial vectors have no n-grams; leave out maxn", options=("maxn",)
        )
    if (subwords.minn, subwords.maxn, subwords.buckets) != (*(config.ngrams or ()), config.buckets):
        raise TrainingError(
            f"the initial vectors have n-grams of {subwords.minn} to {subwords.maxn} characters;"
            f" give minn={subwords.minn}, maxn={subwords.maxn}, buckets={subwords.buckets}",
            options=("minn", "maxn", "buckets"),
        )
    return subwords


def word_rows(tables: Tables, V: int) -> np.ndarray:
    """Return the vectors of V words [V, padded]: rows of W_in, or subword means (Eq. 20)."""
    if not len(tables.subword_ids):
        return tables.W_in[:V]
    vectors, starts = np.empty((V, tables.W_in.shape[1]), tables.W_in.dtype), tables.subword_starts
    for first in range(0, V, WORDS):
        begins, stop = starts[first : min(first + WORDS, V) + 1], min(first + WORDS, V)
        sums = np.add.reduceat(
            tables.W_in[tables.subword_ids[begins[0] : begins[-1]]], begins[:-1] - begins[0]
        )
        vectors[first:stop] = sums / np.diff(begins)[:, None]
    return vectors


def is_finite(table: np.ndarray) -> bool:
    """Whether all numbers of a table are finite; it reads a few rows at a time."""
    return all(
        np.isfinite(table[first : first + ROWS]).all() for first in range(0, len(table), ROWS)
    )
