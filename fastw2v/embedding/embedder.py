"""Vectors of texts: means of the vectors of their words, weighted, without what all texts have in
common (Eq. 21 and 22).
"""

import threading
from collections.abc import Iterable, Iterator
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import EncodingErrors, TrainConfig
from fastw2v.embedding.encoder import EncodedTexts, TextEncoder, empty_texts, joined
from fastw2v.embedding.means import TextCounts, text_groups, weighted_means
from fastw2v.embedding.sources import TextOptions, text_blocks
from fastw2v.equations.texts import idf_weight, sif_weight
from fastw2v.errors import ConfigError, ConfigTypeError, VectorsError, VectorsTypeError, quoted
from fastw2v.events import Notice, Notify, checked_notify
from fastw2v.vectors.word_vectors import WordVectors

Weighting = Literal["sif", "idf", "mean"]
WEIGHTINGS: tuple[str, ...] = get_args(Weighting)

Floats = NDArray[np.float32]


class TextEmbedder:
    """Vectors of texts, by one set of weights and components.

    `fit` takes from texts what depends on them: in how many of them each word is (IDF), and the
    components to remove. `embed` then gives any text the same vector, whatever texts are beside it.

    Parameters
    ----------
    vectors : WordVectors
    weighting : {"sif", "idf", "mean"}, default "sif"
        Weights of words: smooth inverse frequency by the counts of the vectors (Eq. 21), inverse
        document frequency (Eq. 22), or all 1. SIF without removing components classifies film
        reviews best (docs/texts.md).
    remove_components : int, default 0
        Remove this number of principal components (Eq. 21), at most D.
    sif_a : float, default 1e-2
        Parameter a of Eq. 21: a word of this share of all tokens has weight 1/2.
    lowercase : bool, default False
        Put the texts in lower case first. Do so if the corpus of the vectors was.
    tokenize : {"words"}, optional
        Split strings at punctuation too, as `fastw2v.train` does.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        What to do with bytes of files that are not UTF-8.
    threads : int, optional
        Threads; by default one for each core that this process may use. Results do not depend on
        it.

    Raises
    ------
    ConfigError
        A setting is out of its range.
    VectorsError
        ``weighting="sif"``, and the vectors have no counts.
    """

    def __init__(
        self,
        vectors: WordVectors,
        *,
        weighting: Weighting = "sif",
        remove_components: int = 0,
        sif_a: float = 1e-2,
        lowercase: bool = False,
        tokenize: Literal["words"] | None = None,
        encoding_errors: EncodingErrors = "strict",
        threads: int | None = None,
    ) -> None:
        self.vectors, self.weighting, self.remove_components = vectors, weighting, remove_components
        self.sif_a, self.text_options = sif_a, TextOptions(lowercase, tokenize, encoding_errors)
        # which checks these settings as those of training are
        self.threads = TrainConfig(
            lowercase=lowercase,
            tokenize=tokenize,
            encoding_errors=encoding_errors,
            threads=threads,
        ).thread_count
        check_settings(vectors, weighting, remove_components, sif_a)
        self.encoder = TextEncoder(vectors)
        self.counts: TextCounts | None = None
        self.components: NDArray[np.float64] | None = None
        self._lock = threading.Lock()  # texts are encoded by one thread at a time

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    @property
    def needs_fit(self) -> bool:
        """Whether weights or components are learnt from texts."""
        return self.weighting == "idf" or self.remove_components > 0

    def fit(self, texts: Any, on_event: Notify | None = None) -> "TextEmbedder":
        """Learn document frequencies and components from texts, and return this object.

        Parameters
        ----------
        texts : as for `embed`
        on_event : callable, optional

        Raises
        ------
        CorpusError
            The texts are none, or cannot be read.
        """
        return self.fit_encoded(self.encode(texts, on_event))

    def embed(self, texts: Any, on_event: Notify | None = None) -> Floats:
        """Return the vectors of texts.

        Parameters
        ----------
        texts : iterable of str or of token lists, path object, or list of path objects
            A string is split at white space, as in training. Each line of a file is a text. A plain
            string is no path: give pathlib.Path.
        on_event : callable, optional
            Called with a Notice that counts the texts without a known word.

        Returns
        -------
        array of float32, shape (n, D)
            A text without a known word has a row of zeros.

        Raises
        ------
        CorpusError
            The texts are none, or cannot be read; the message names the text.
        VectorsError
            Weights or components depend on texts, and `fit` was not called.
        """
        return self.embed_encoded(self.encode(texts, on_event), on_event)

    def encode(self, texts: Any, on_event: Notify | None = None) -> EncodedTexts:
        """The words of texts by number, for `fit_encoded` and `embed_encoded`."""
        notify = checked_notify(on_event)
        with self._lock:
            return joined(part for part, _ in self.encoded_blocks(texts, notify))

    def encoded_blocks(self, texts: Any, notify: Notify) -> Iterator[tuple[EncodedTexts, int]]:
        """Blocks of encoded texts, and their bytes, while they are read."""
        return self.encoder.encode(text_blocks(texts, self.text_options, notify))

    def fit_encoded(self, encoded: EncodedTexts) -> "TextEmbedder":
        """The same as `fit`, of encoded texts."""
        self.counts = self.components = None
        if self.weighting == "idf":
            counts = TextCounts(len(self.vectors) + len(self.encoder.extra))
            for ids, starts in text_groups(encoded.ids):
                counts.add(ids, starts)
            self.counts = counts
        if self.remove_components:
            self.components = self._components(encoded)
        return self

    def _components(self, encoded: EncodedTexts) -> NDArray[np.float64]:
        """The first right singular vectors of all texts' vectors [D, remove_components].

        They are eigenvectors of X^T X [D, D], which is a sum over texts: all texts count, however
        many, and none is held in memory.
        """
        D = self.vectors.table.shape[1]
        products = np.zeros((D, D))
        for vectors in self.means(encoded):
            wide = vectors.astype(np.float64)
            products += wide.T @ wide
        return np.linalg.eigh(products)[1][:, ::-1][:, : self.remove_components]

    def embed_encoded(self, encoded: EncodedTexts, on_event: Notify | None = None) -> Floats:
        """The same as `embed`, of encoded texts."""
        out = np.empty((encoded.texts, self.vectors.table.shape[1]), np.float32)
        stop = 0
        for vectors in self.groups(encoded):
            stop, first = stop + len(vectors), stop
            out[first:stop] = vectors
        if on_event is not None:
            for notice in notices(encoded.texts, empty_texts(encoded.ids)):
                on_event(notice)
        return out

    def groups(self, encoded: EncodedTexts) -> Iterator[Floats]:
        """The vectors of encoded texts, some texts at a time."""
        if self.remove_components and self.components is None:
            raise VectorsError(
                "components are removed that are learnt from texts; call fit(texts) first"
            )
        for vectors in self.means(encoded):
            if self.components is not None:
                wide = vectors.astype(np.float64)
                vectors = (wide - wide @ self.components @ self.components.T).astype(np.float32)
            yield vectors

    def means(self, encoded: EncodedTexts) -> Iterator[Floats]:
        """The weighted means of encoded texts, some texts at a time."""
        table, extra, weights = self.vectors.vectors, self.encoder.extra, self.weights()
        for ids, starts in text_groups(encoded.ids):
            yield weighted_means(table, extra, ids, starts, weights, self.threads)

    def weights(self) -> Floats:
        """The weight of each word of the vocabulary, then of each unknown word that n-grams give a
        vector: float32 [V + E].
        """
        V, E = len(self.vectors), len(self.encoder.extra)
        weights = np.ones(V + E, np.float64)
        if self.weighting == "sif" and self.vectors.counts is not None:
            counts = self.vectors.counts
            weights[:V] = sif_weight(counts / max(int(counts.sum()), 1), self.sif_a)
        elif self.weighting == "idf":
            if self.counts is None:
                raise VectorsError(
                    "IDF weights are learnt from texts; call fit(texts) first, or take"
                    " weighting='sif'"
                )
            frequencies = np.zeros(V + E, np.int64)
            frequencies[: len(self.counts.frequencies)] = self.counts.frequencies
            weights = idf_weight(frequencies, self.counts.texts)
        return weights.astype(np.float32)


def check_settings(
    vectors: WordVectors, weighting: str, remove_components: int, sif_a: float
) -> None:
    """Raise ConfigError for a setting out of its range, VectorsError for SIF without counts."""
    if not isinstance(vectors, WordVectors):
        raise VectorsTypeError(f"texts are embedded by WordVectors, not by {quoted(vectors)}")
    check_ranges(vectors.table.shape[1], weighting, remove_components, sif_a)
    if weighting == "sif" and vectors.counts is None:
        raise VectorsError(
            "SIF weights need the counts of words, which these vectors came without; load the .npz"
            " of fastw2v train, or take weighting='idf' or 'mean'"
        )


def check_ranges(D: int, weighting: str, remove_components: int, sif_a: float) -> None:
    """Raise ConfigError for a setting out of its range, for vectors of D dimensions."""
    if not isinstance(weighting, str) or weighting not in WEIGHTINGS:
        kind = ConfigError if isinstance(weighting, str) else ConfigTypeError
        raise kind(f"weighting must be one of {', '.join(WEIGHTINGS)}, not {quoted(weighting)}")
    whole = isinstance(remove_components, Integral) and not isinstance(remove_components, bool)
    if not whole or not 0 <= remove_components <= D:
        raise ConfigError(
            f"remove_components must be a whole number from 0 to the {D} dimensions of the vectors,"
            f" not {quoted(remove_components)}"
        )
    if not (isinstance(sif_a, Real) and 0 < sif_a < float("inf")):
        raise ConfigError(f"sif_a must be a number above 0, not {quoted(sif_a)}")


def embed_texts(
    vectors: WordVectors, texts: Any, on_event: Notify | None = None, **settings: Any
) -> Floats:
    """The vectors of texts [n, D], from which weights and components are learnt too.

    settings : those of TextEmbedder.
    """
    embedder = TextEmbedder(vectors, **settings)
    encoded = embedder.encode(texts, on_event)
    return embedder.fit_encoded(encoded).embed_encoded(encoded, on_event)


def notices(texts: int, empty: int) -> Iterable[Notice]:
    """What to know about texts that were embedded, ``empty`` of them without a known word."""
    if empty:
        yield Notice(
            f"{empty:,} of {texts:,} texts have no word with a vector; their rows are zeros"
        )
