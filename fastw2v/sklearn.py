"""A transformer of scikit-learn that trains word vectors on texts and gives each text a vector.

Needs scikit-learn: ``pip install 'fastw2v[sklearn]'``.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.api import train
from fastw2v.config import TrainConfig
from fastw2v.corpus.vocabulary import split
from fastw2v.embedding import TextEmbedder
from fastw2v.embedding.embedder import check_ranges
from fastw2v.errors import ConfigError, CorpusError, NotInstalledError, quoted

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise NotInstalledError(
        "fastw2v.sklearn needs scikit-learn: pip install 'fastw2v[sklearn]'"
    ) from error

__all__ = ["Word2VecTransformer"]


class Word2VecTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Train word vectors on texts (`fit`), and give texts weighted means of them (`transform`).

    Texts are strings, split at white space, or token lists. The parameters of training are those of
    `fastw2v.train`, those of embedding are those of `fastw2v.embedding.TextEmbedder`.

    Parameters
    ----------
    vector_size : int, default 100
    window : int, default 5
    model : {"skipgram", "cbow"}, default "skipgram"
    negative : int, default 5
    epochs : int, default 5
    min_count : int, default 5
    sample : float, default 1e-3
    alpha : float, optional
    maxn : int, default 0
        Most characters of an n-gram; with n-grams, unknown words have vectors.
    lowercase : bool, default False
    weighting : {"sif", "idf", "mean"}, default "sif"
    remove_components : int, default 0
    sif_a : float, default 1e-2
    threads : int, optional
        Training on one thread is repeatable; on several, vectors differ a little from run to run.
    random_state : int, RandomState or None, default None
        Seed of training.

    Attributes
    ----------
    vectors_ : WordVectors
        The vectors of the words.
    embedder_ : TextEmbedder
        With them, weights and components.
    """

    def __init__(
        self,
        vector_size: int = 100,
        *,
        window: int = 5,
        model: str = "skipgram",
        negative: int = 5,
        epochs: int = 5,
        min_count: int = 5,
        sample: float = 1e-3,
        alpha: float | None = None,
        maxn: int = 0,
        lowercase: bool = False,
        weighting: str = "sif",
        remove_components: int = 0,
        sif_a: float = 1e-2,
        threads: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.vector_size = vector_size
        self.window = window
        self.model = model
        self.negative = negative
        self.epochs = epochs
        self.min_count = min_count
        self.sample = sample
        self.alpha = alpha
        self.maxn = maxn
        self.lowercase = lowercase
        self.weighting = weighting
        self.remove_components = remove_components
        self.sif_a = sif_a
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "Word2VecTransformer":
        """Train word vectors on texts, and learn weights and components from them.

        Parameters
        ----------
        X : iterable of str or of token lists
        y : ignored

        Raises
        ------
        CorpusError
            The texts are none, or no word occurs ``min_count`` times.
        ConfigError
            A parameter is out of its range.
        """
        texts = _as_list(X)
        names = (
            "vector_size window model negative epochs min_count sample alpha maxn lowercase threads"
        )
        options = {name: getattr(self, name) for name in names.split()}
        config = TrainConfig(**options)  # before training, as the next line
        check_ranges(config.vector_size, self.weighting, self.remove_components, self.sif_a)
        seed = _seed(self.random_state)
        self.vectors_ = train(_tokens(texts), seed=seed, **options)
        self.embedder_ = TextEmbedder(
            self.vectors_,
            weighting=self.weighting,  # type: ignore[arg-type]
            remove_components=self.remove_components,
            sif_a=self.sif_a,
            lowercase=self.lowercase,
            threads=self.threads,
        )
        if self.embedder_.needs_fit:
            self.embedder_.fit(texts)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Return the vectors of texts, float32 [n, vector_size], zeros for a text without a known
        word.

        Parameters
        ----------
        X : iterable of str or of token lists

        Raises
        ------
        NotFittedError
            `fit` was not called.
        CorpusError
            The texts are none.
        """
        check_is_fitted(self)
        return self.embedder_.embed(_as_list(X))

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.float32]:
        """Do `fit` and `transform` on the same texts, which may come from a generator."""
        texts = _as_list(X)
        return self.fit(texts, y).transform(texts)

    @property
    def _n_features_out(self) -> int:
        return int(self.vectors_.table.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _seed(random_state: Any) -> int:
    """A seed of training. Raises ConfigError, a ValueError as scikit-learn's."""
    try:
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError:
        raise ConfigError(
            "random_state must be None, a whole number from 0 to 2**32 - 1, or a RandomState, got"
            f" {quoted(random_state)}"
        ) from None


def _tokens(texts: list[Any]) -> Iterator[Any]:
    """The tokens of each text. Raises CorpusError for a string that is no UTF-8."""
    for number, text in enumerate(texts):
        try:
            yield split(text) if isinstance(text, str) else text
        except UnicodeEncodeError as error:
            raise CorpusError(
                f"text {number}: cannot be written as UTF-8: {error.reason} at character"
                f" {error.start}"
            ) from error


def _as_list(texts: Any) -> list[Any]:
    """Texts as a list, which can be read twice. Raises CorpusError for one string, or no texts."""
    single = isinstance(texts, (str, bytes)) or getattr(texts, "ndim", 1) == 0
    if single or not hasattr(texts, "__iter__"):
        raise CorpusError(
            f"the texts are a {type(texts).__name__}; give a list of strings or of token lists"
        )
    if hasattr(texts, "columns"):
        raise CorpusError("the texts are a table; give one of its columns, as in table['text']")
    return list(texts.to_pylist() if hasattr(texts, "to_pylist") else texts)
