"""gensim's FastText, trained by fastw2v: words that are the mean of their own vector and those of
their n-grams (Eq. 20).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.compat import vector_files
from fastw2v.compat.explained import explained
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.word2vec import SAVED, Word2Vec
from fastw2v.compat.installed import attributes_of
from fastw2v.compat.locks import ONE, factors_of
from fastw2v.compat.options import as_integer, sample_option
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    NotAModelError,
    NotReadyError,
    UnsupportedError,
    VectorsTypeError,
    VectorsValueError,
    quoted,
)
from fastw2v.formats import fasttext
from fastw2v.formats.model import ngram_arrays
from fastw2v.vectors.tables import unit_vector
from fastw2v.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from numpy.typing import DTypeLike, NDArray

    from fastw2v.compat.queries import Key
    from fastw2v.compat.steps import TrimRule
    from fastw2v.paths import AnyPath
    from fastw2v.training.loop import Training
    from fastw2v.vectors.subwords import Subwords

__all__ = [
    "FastText",
    "FastTextKeyedVectors",
    "load_facebook_model",
    "load_facebook_vectors",
    "save_facebook_model",
]
FAST_VERSION = 1  # as in gensim: compiled code trains
__getattr__ = attributes_of("gensim.models.fasttext")
logger = logging.getLogger("fastw2v.compat.gensim")


@explained(VectorsTypeError, VectorsValueError)
class FastTextKeyedVectors(KeyedVectors):
    """KeyedVectors that make vectors of words they never saw, of the n-grams that some word of the
    vocabulary has.

    Attributes
    ----------
    vectors
        Vectors of the words [V, D]: means of their own rows and of those of their n-grams.
    vectors_vocab
        Rows of the words without their n-grams [V, D].
    subwords
        Vectors of n-grams, or None.
    vectors_vocab_lockf, vectors_ngrams_lockf
        Factors of the gradients of the words' own rows and of n-grams.
    """

    min_n = max_n = bucket = 0
    subwords: Any = None  # Subwords
    vectors_vocab: NDArray[np.float32] | None = None
    vectors_vocab_lockf: NDArray[np.float32] = ONE
    vectors_ngrams_lockf: NDArray[np.float32] = ONE

    def __init__(
        self,
        vector_size: int,
        min_n: int,
        max_n: int,
        bucket: int,
        count: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(vector_size, count, dtype)
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket

    def set_subwords(self, subwords: Subwords | None) -> None:
        """Make vectors of unknown words of these n-grams (Subwords), or none if there are none."""
        self.subwords, self.vectors_vocab = subwords, None
        if subwords is not None:
            self.vectors_vocab = np.array(subwords.own)
            self.min_n, self.max_n, self.bucket = subwords.minn, subwords.maxn, subwords.buckets

    def own_rows(self) -> NDArray[np.float32]:
        """The words' own rows [V, D]; of words that were added, their vectors."""
        own, vectors = self.vectors_vocab, self.vectors
        return (
            vectors
            if own is None or len(own) > len(vectors)
            else np.vstack((own, vectors[len(own) :]))
        )

    def tables(self) -> dict[str, np.ndarray]:
        """Further arrays that are saved, by name."""
        sub = self.subwords
        if sub is None:
            return {}
        tables = {"ngram_vectors": sub.vectors, "own_vectors": self.own_rows()}
        return ngram_arrays(sub) | tables

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key) or self._ngram_vector(key) is not None

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """The vector [D] of a key, or what its n-grams make of it."""
        vector = None if key in self.key_to_index else self._ngram_vector(key)
        if vector is None:
            return super().get_vector(key, norm)
        return unit_vector(vector) if norm else vector

    def _ngram_vector(self, key: object) -> NDArray[np.float32] | None:
        return (
            self.subwords.vector(key)
            if self.subwords is not None and isinstance(key, str)
            else None
        )

    def get_sentence_vector(self, sentence: Sequence[Key]) -> NDArray[np.float32]:
        """The mean [D] of a list of words, each of length 1."""
        return self.get_mean_vector(sentence)

    @property
    def vectors_ngrams(self) -> NDArray[np.float32]:
        """The vectors of the buckets that some word's n-gram falls into [R, D]; gensim has a row
        for each bucket.
        """
        return self.subwords.vectors

    @property
    def buckets_word(self) -> list[NDArray[np.uint32]]:
        """For each word the rows of ``vectors_ngrams`` that its n-grams have."""
        return [np.array(self.subwords.subword_ids(word), np.uint32) for word in self.index_to_key]


@explained(ConfigTypeError, ConfigError)
class FastText(Word2Vec):
    """A Word2Vec with n-grams of min_n to max_n characters, hashed to ``bucket`` numbers as
    fastText does.
    """

    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        corpus_file: AnyPath | None = None,
        sg: int = 0,
        hs: int = 0,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        word_ngrams: int = 1,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        min_n: int = 3,
        max_n: int = 6,
        sorted_vocab: int = 1,
        bucket: int = 2000000,
        trim_rule: TrimRule | None = None,
        batch_words: int = 10000,
        callbacks: Sequence[Any] = (),
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        **unknown: Any,
    ) -> None:
        if as_integer("word_ngrams", word_ngrams) != 1:
            raise UnsupportedError(
                "word_ngrams=0 is not supported: FastText without n-grams is Word2Vec"
            )
        self.min_n, self.max_n, self.bucket = (
            as_integer("min_n", min_n),
            as_integer("max_n", max_n),
            as_integer("bucket", bucket),
        )
        super().__init__(
            sentences,
            corpus_file,
            vector_size=vector_size,
            alpha=alpha,
            window=window,
            min_count=min_count,
            max_vocab_size=max_vocab_size,
            sample=sample,
            seed=seed,
            workers=workers,
            min_alpha=min_alpha,
            sg=sg,
            hs=hs,
            negative=negative,
            ns_exponent=ns_exponent,
            cbow_mean=cbow_mean,
            hashfxn=hashfxn,
            epochs=epochs,
            null_word=null_word,
            trim_rule=trim_rule,
            sorted_vocab=sorted_vocab,
            batch_words=batch_words,
            callbacks=callbacks,
            max_final_vocab=max_final_vocab,
            shrink_windows=shrink_windows,
            **unknown,
        )

    def new_vectors(self) -> FastTextKeyedVectors:
        """FastTextKeyedVectors without any word."""
        return FastTextKeyedVectors(self.vector_size, self.min_n, self.max_n, self.bucket)

    def ngram_options(self) -> dict[str, Any]:
        """Options of TrainConfig that say which n-grams words are made of; none if max_n < min_n,
        or there is no bucket. Raises ConfigError for min_n=0, which TrainConfig has another use
        for.
        """
        if not self.bucket or self.max_n < self.min_n:
            return {}
        if not self.min_n:
            raise ConfigError("min_n must be at least 1, got 0")
        return {"minn": self.min_n, "maxn": self.max_n, "buckets": self.bucket}

    def input_rows(self) -> NDArray[np.float32]:
        """The words' own rows of the input table [V, D]; of words that are new, the vectors they
        begin with.
        """
        return self.wv.own_rows()

    def input_factors(self, training: Training, order: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the gradient of each row of a training's input table is multiplied by [rows]."""
        wv, V, ngrams = self.wv, len(self.wv), len(training.buckets)
        if not ngrams:
            return super().input_factors(training, order)
        if np.any(np.asarray(wv.vectors_lockf) != 1):
            raise UnsupportedError(
                "vectors_lockf does nothing in FastText, whose words have vectors_vocab_lockf and"
                " vectors_ngrams_lockf; set it to ones"
            )
        own = factors_of(wv.vectors_vocab_lockf, V, "vectors_vocab_lockf")[order]
        locks = np.asarray(wv.vectors_ngrams_lockf)
        if wv.subwords is not None and locks.shape == wv.subwords.used.shape:  # row by row
            locks = np.ones(self.bucket, np.float32)
            locks[wv.subwords.used] = wv.vectors_ngrams_lockf
        buckets = factors_of(locks, self.bucket, "vectors_ngrams_lockf")[training.buckets]
        return np.concatenate([own, buckets])

    def load_rows(self, training: Training) -> None:
        """Put the vectors of n-grams that there are into a training's tables."""
        known, V = self.wv.subwords, len(self.wv)
        if known is not None:
            rows = np.array(
                [known.rows.get(bucket, -1) for bucket in training.buckets.tolist()], np.int64
            )
            training.tables.W_in[V + np.flatnonzero(rows >= 0), : self.vector_size] = known.vectors[
                rows[rows >= 0]
            ]

    def store_inputs(self, training: Training, order: NDArray[np.int64]) -> None:
        """Take the input table over, and the words' vectors that it makes."""
        trained = training.vectors()
        if trained.subwords is None:
            super().store_inputs(training, order)
            return
        sub, own = trained.subwords, np.empty_like(self.wv.vectors)
        own[order] = sub.own
        self.wv.vectors_vocab, self.wv.vectors = own, np.empty_like(self.wv.vectors)
        self.wv.vectors[order] = trained.vectors
        self.wv.subwords = replace(
            sub, used=sub.used.copy(), vectors=np.array(sub.vectors), own=own
        )

    def init_weights(self) -> None:
        """Begin anew with the vectors, those of n-grams too, and the other table."""
        self.wv.set_subwords(None)
        super().init_weights()

    @staticmethod
    def saved() -> tuple[str, ...]:
        """The names of the settings that are saved."""
        return (*SAVED, "min_n", "max_n", "bucket")

    @classmethod
    def load_fasttext_format(cls, model_file: object, encoding: str = "utf8") -> FastText:
        """Not supported: the name of before gensim 4."""
        raise UnsupportedError(
            f"load_fasttext_format is not supported: load_facebook_model({str(model_file)!r}) reads"
            " such files"
        )


def load_facebook_model(path: Any, encoding: str = "utf-8") -> FastText:
    """A FastText of a fastText .bin to go on training, with the options of the file.

    Raises VectorsError.
    """
    kv, _, arrays = _facebook(path, encoding)
    if "output_vectors" not in arrays or "count" not in kv.expandos:
        raise NotAModelError(
            f"{path}: holds no output table to train on; load_facebook_vectors reads its vectors"
        )
    arguments = fasttext.read_arguments(path)
    try:
        model = FastText(
            vector_size=kv.vector_size,
            window=arguments.ws,
            epochs=arguments.epoch,
            min_count=arguments.min_count,
            negative=arguments.neg,
            sg=int(arguments.model == fasttext.SKIPGRAM),
            sample=arguments.t,
            min_n=kv.min_n,
            max_n=kv.max_n,
            bucket=kv.bucket,
        )
    except ValueError as error:
        raise NotAModelError(f"{path}: its options cannot be trained with: {error}") from error
    model.wv, model.syn1neg = kv, arrays["output_vectors"]
    model.corpus_total_words = int(kv.expandos["count"].sum())
    return model


def load_facebook_vectors(path: Any, encoding: str = "utf-8") -> FastTextKeyedVectors:
    """The FastTextKeyedVectors of a fastText .bin. Raises VectorsError."""
    return _facebook(path, encoding)[0]


def save_facebook_model(
    model: FastText,
    path: Any,
    encoding: str = "utf-8",
    lr_update_rate: int = 100,
    word_ngrams: int = 1,
) -> None:
    """Write a FastText as fastText's .bin, which the fastText program, gensim and fastw2v read.

    Of a model of hierarchical softmax the inner nodes are left out, with a warning. Raises
    VectorsError, OutputError, ConfigError, NotReadyError.
    """
    _check_encoding(path, encoding)
    if not isinstance(model, FastText):
        raise VectorsTypeError(f"model must be a FastText, got {quoted(model)}")
    if not len(model.wv):
        raise NotReadyError("you must first build vocabulary before saving a model of fastText")
    if model.hs:
        logger.warning("%s: holds no vectors of hierarchical softmax's inner nodes", path)
    kv, sub = model.wv, model.wv.subwords
    vectors = WordVectors(
        [str(key) for key in kv.index_to_key],
        kv.vectors,
        kv.expandos.get("count"),
        model.syn1neg if model.negative else None,
        None if sub is None else replace(sub, own=kv.own_rows()),
    )
    arguments = fasttext.Arguments(
        _int32("window", model.window),
        _int32("epochs", model.epochs),
        max(_int32("min_count", model.min_count), 1),
        _int32("negative", model.negative),
        fasttext.SKIPGRAM if model.sg else fasttext.CBOW,
        _int32("lr_update_rate", lr_update_rate),
        sample_option(model.sample),
    )
    with vector_files.as_path(path) as target:
        fasttext.write(target, vectors, arguments)


def _int32(name: str, value: Any) -> int:
    """A value as the header of a fastText model holds it. Raises ConfigError."""
    number = as_integer(name, value)
    if not 0 <= number < 2**31:
        raise ConfigError(f"{name} must be from 0 to 2147483647, got {quoted(value)}")
    return number


def _facebook(
    path: Any, encoding: str
) -> tuple[FastTextKeyedVectors, dict[str, Any] | None, dict[str, np.ndarray]]:
    _check_encoding(path, encoding)
    return vector_files.load_model(FastTextKeyedVectors, path)


def _check_encoding(path: Any, encoding: str) -> None:
    if not isinstance(encoding, str):
        raise VectorsTypeError(f"encoding must be the name of one, got {quoted(encoding)}")
    if encoding.lower().replace("-", "") != "utf8":
        raise UnsupportedError(
            f"{path}: fastText's words are in UTF-8, not in {encoding}; leave encoding out"
        )
