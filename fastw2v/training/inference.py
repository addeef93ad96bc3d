"""Vectors of new documents from a trained model: ``WordVectors.infer``."""

from collections.abc import Iterable, Mapping, MappingView, Sequence, Set
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import TrainConfig
from fastw2v.cores import available_cores
from fastw2v.errors import ConfigError, VectorsError, VectorsTypeError, quoted
from fastw2v.kernels import reserve_threads
from fastw2v.vectors.documents import SETTINGS, DocumentVectors
from fastw2v.vectors.word_vectors import WordVectors


def settings_of(config: TrainConfig) -> dict[str, Any]:
    """Return what inference needs to know of a configuration."""
    return {name: value for name, value in asdict(config).items() if name in SETTINGS}


def infer(
    vectors: WordVectors,
    documents: str | Sequence[str] | Iterable[Iterable[str]],
    epochs: int | None = None,
    alpha: float | None = None,
    seed: int = 1,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """``WordVectors.infer``, which says what the arguments are."""
    known = vectors.documents
    if known is None:
        raise VectorsError(
            "these vectors came without documents; infer needs a whole model (.npz) that was"
            " trained with model dbow or dm"
        )
    texts, single = _texts(documents)
    config = _config(known, epochs, alpha, seed, threads)
    reserve_threads(config.thread_count, available_cores())
    if known.engine is None:
        known.engine = _engine(vectors, known, config)
    ids = [_ids(vectors, text, bool(known.settings.get("lowercase"))) for text in texts]
    rows: NDArray[np.float32] = known.engine.infer(ids, config)
    return rows[0] if single else rows


def _texts(documents: Any) -> tuple[list[list[str]], bool]:
    """Documents as lists of tokens, and whether there is only one, not in a list."""
    if isinstance(documents, str):
        return [documents.split()], True
    items = _ordered(documents, "infer takes a text, a list of tokens, or a list of such lists")
    if all(isinstance(item, str) for item in items):
        return [items], True
    texts = []
    for number, item in enumerate(items):
        tokens = _ordered(item, f"document {number} should be a list of tokens, as all are")
        for token in tokens:
            if not isinstance(token, str):
                raise VectorsTypeError(
                    f"document {number}: the token {quoted(token)} is no string but"
                    f" {type(token).__name__}"
                )
        texts.append(tokens)
    return texts, False


def _ordered(items: Any, wanted: str) -> list[Any]:
    """Tokens or documents as a list.

    Raises VectorsTypeError for anything else, sets and dictionaries included.
    """
    name = type(items).__name__
    if isinstance(items, Set) and not isinstance(items, MappingView):
        raise VectorsTypeError(
            f"{wanted}, not a {name}, whose order differs from run to run; give sorted(...)"
        )
    if isinstance(items, (str, bytes, bytearray, Mapping)):
        raise VectorsTypeError(f"{wanted}, not a {name}: {quoted(items)}")
    try:
        return list(items)
    except TypeError:
        if hasattr(items, "__iter__") and getattr(items, "shape", None) != ():
            raise  # of a generator's own
        raise VectorsTypeError(f"{wanted}, not {name}") from None


def _ids(vectors: WordVectors, tokens: list[str], lowercase: bool) -> list[int]:
    """The ids of the known words of a document."""
    ids = []
    for token in tokens:
        row = vectors.ids.get(token.lower() if lowercase else token)
        if row is not None:
            ids.append(row)
        elif token.split() != [token]:
            raise VectorsError(
                f"the token {quoted(token)} is empty or holds white space; several texts are"
                " given as lists of tokens: [text.split() for text in texts]"
            )
    return ids


def _config(
    known: DocumentVectors,
    epochs: int | None,
    alpha: float | None,
    seed: int,
    threads: int | None,
) -> TrainConfig:
    settings: dict[str, Any] = {name: known.settings.get(name) for name in SETTINGS}
    settings["epochs"] = settings["epochs"] if epochs is None else epochs
    if alpha is not None:
        settings["alpha"] = alpha
        if isinstance(alpha, (int, float)) and isinstance(settings["min_alpha"], (int, float)):
            settings["min_alpha"] = min(settings["min_alpha"], alpha)
    try:
        return TrainConfig(**settings, seed=seed, threads=threads, vector_size=known.table.shape[1])
    except ConfigError as error:
        raise VectorsError(f"documents cannot be inferred: {error}") from error


def _engine(vectors: WordVectors, known: DocumentVectors, config: TrainConfig) -> "Engine":
    from fastw2v.training.objectives import targets_of

    outputs = vectors.output_table if targets_of(config).outputs_are_words else known.nodes
    if outputs is None or vectors.counts is None:
        raise VectorsError(
            "the model has no output vectors or no counts, so documents cannot be inferred;"
            " save whole models as .npz"
        )
    return Engine(vectors.table, outputs, vectors.counts, config)


class Engine:
    """The tables of a model, aligned for the kernels, and its distributions.

    words, outputs : tables of V words, and of their outputs or of the V - 1 nodes;  counts : of
    the words int64 [V], descending for hierarchical softmax.
    """

    def __init__(self, words: Any, outputs: Any, counts: Any, config: TrainConfig) -> None:
        from fastw2v.corpus.vocabulary import Vocabulary
        from fastw2v.equations.counts import keep_probability, noise_distribution
        from fastw2v.kernels.splitmix import keep_limits
        from fastw2v.kernels.train.alias import alias_table
        from fastw2v.kernels.train.state import WITH_WINDOW, Tables
        from fastw2v.training.objectives import inputs_of, targets_of

        vocabulary = Vocabulary([""] * len(counts), np.maximum(counts, 1))
        extra = targets_of(config).extra_tables(vocabulary)
        # without line ends, every position is in the first line
        lines = {"line_documents": np.zeros(1, np.int32)}
        with_window = inputs_of(config).document_kind == WITH_WINDOW
        inputs = _padded(words if with_window else words[:0])
        self.tables = Tables(inputs, _padded(outputs), **extra, **lines)
        self.limits = keep_limits(keep_probability(vocabulary.counts, config.sample))
        self.noise = tuple(alias_table(noise_distribution(vocabulary.counts, config.ns_exponent)))

    def infer(self, ids: list[list[int]], config: TrainConfig) -> NDArray[np.float32]:
        """Vectors [n, D] of documents, given by the ids of their words.

        Raises VectorsError for numbers that are not finite.
        """
        from fastw2v.kernels.jit import running_on
        from fastw2v.kernels.memory import aligned_zeros
        from fastw2v.kernels.numba_compat import available_threads
        from fastw2v.kernels.splitmix import NOISE, TOKENS, epoch_key
        from fastw2v.kernels.train.inference import infer_all
        from fastw2v.kernels.train.state import allocate_workspace
        from fastw2v.training.hogwild import ONE_AT_A_TIME
        from fastw2v.training.setup import kernel_config_of

        kernel_config, tall, wide = kernel_config_of(config, self.tables)
        threads = available_threads(min(config.thread_count, max(len(ids), 1)))
        documents = aligned_zeros((len(ids), self.tables.W_out.shape[1]), np.float32)
        starts = np.concatenate([[0], np.cumsum([len(each) for each in ids])]).astype(np.int64)
        tokens = np.fromiter((i for each in ids for i in each), np.int32, int(starts[-1]))
        keys = [
            [epoch_key(config.seed, stream, epoch) for stream in (TOKENS, NOISE)]
            for epoch in range(config.epochs)
        ]
        workspace = allocate_workspace(threads, kernel_config, self.tables, aligned_zeros)
        with ONE_AT_A_TIME, running_on(threads):
            infer_all(
                tokens,
                starts,
                documents,
                self.tables,
                self.limits,
                self.noise,
                np.array(keys, np.uint64),
                kernel_config,
                config.rates,
                tall,
                wide,
                workspace,
            )
        bad = np.flatnonzero(~np.isfinite(documents).all(axis=1))
        if len(bad):
            raise VectorsError(
                f"the vector of document {bad[0]} holds numbers that are not finite, at learning"
                f" rate {config.rates[0]:.4g}; lower alpha"
            )
        return documents[:, : config.vector_size].copy()


def _padded(table: Any) -> NDArray[np.float32]:
    """A table [rows, D] as float32, aligned, its rows padded with zeros."""
    from fastw2v.kernels.memory import aligned_zeros
    from fastw2v.kernels.simd.tiles import padded

    rows = aligned_zeros((len(table), padded(table.shape[1], np.float32)), np.float32)
    for first in range(0, len(table), 8192):
        rows[first : first + 8192, : table.shape[1]] = np.asarray(table[first : first + 8192])
    return rows
