"""gensim's Word2Vec, trained by fastw2v."""

from __future__ import annotations

import itertools
import logging
import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from fastw2v.compat import vector_files
from fastw2v.compat.explained import explained
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors, no_attribute
from fastw2v.compat.installed import attributes_of
from fastw2v.compat.locks import factors_of
from fastw2v.compat.options import as_boolean, as_float, as_integer, at_least, sample_option
from fastw2v.compat.queries import best_first
from fastw2v.compat.sentences import (
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    check_corpus,
    files_of,
)
from fastw2v.compat.steps import OUTPUTS, VocabularySteps, refuse_unknown
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    NotAModelError,
    NoTrainedModelError,
    NotReadyError,
    UnsupportedAttributeError,
    UnsupportedError,
    VectorsError,
    VectorsTypeError,
    VectorsValueError,
    quoted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from fastw2v.compat.steps import TrimRule
    from fastw2v.corpus.encoded import EncodedCorpus
    from fastw2v.paths import AnyPath
    from fastw2v.training.loop import Training

__all__ = ["LineSentence", "PathLineSentences", "Text8Corpus", "Word2Vec"]
FAST_VERSION = 1  # as in gensim: compiled code trains
MAX_WORDS_IN_BATCH = 10_000  # of gensim's; nothing is cut here
__getattr__ = attributes_of("gensim.models.word2vec")
SAVED_OUTPUTS = {"hs": "nodes", "ns": "output_vectors"}  # arrays of a file, by loss
SAVED = (
    "vector_size",
    "alpha",
    "min_alpha",
    "window",
    "min_count",
    "max_vocab_size",
    "sample",
    "seed",
    "workers",
    "sg",
    "hs",
    "negative",
    "ns_exponent",
    "cbow_mean",
    "epochs",
    "null_word",
    "sorted_vocab",
    "batch_words",
    "compute_loss",
    "comment",
    "max_final_vocab",
    "shrink_windows",
    "corpus_count",
    "corpus_total_words",
    "train_count",
    "total_train_time",
    "running_training_loss",
    "min_alpha_yet_reached",
    "effective_min_count",
)
logger = logging.getLogger("fastw2v.compat.gensim")


@explained(ConfigTypeError, ConfigError)
@explained(VectorsTypeError, VectorsValueError, only=("predict_output_word",))
class Word2Vec(VocabularySteps):
    """A model with gensim 4's options, defaults, methods and attributes; docs/from-gensim.md says
    what differs.

    wv : KeyedVectors;  syn1neg : the output table float32 [V, D], of hierarchical softmax
    ``syn1``, rows of its nodes. Raises UnsupportedError for options of gensim's that are not
    offered, UnknownOptionError (a TypeError) for others.
    """

    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        corpus_file: AnyPath | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10000,
        compute_loss: bool = False,
        callbacks: Sequence[Any] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        **unknown: Any,
    ) -> None:
        refuse_unknown(unknown, type(self).__name__)
        self.vector_size = self.layer1_size = as_integer("vector_size", vector_size)
        self.window = as_integer("window", window)
        self.workers = as_integer("workers", workers)
        self.epochs = as_integer("epochs", epochs)
        self.alpha = self.min_alpha_yet_reached = as_float("alpha", alpha)
        self.min_alpha = as_float("min_alpha", min_alpha)
        self.sg = as_integer("sg", sg)
        self.hs = as_integer("hs", hs)
        self.negative = 0 if negative is None else as_integer("negative", negative)
        self.cbow_mean = as_integer("cbow_mean", cbow_mean)
        self.min_count = self.effective_min_count = at_least("min_count", min_count, 0)
        self.max_final_vocab = (
            None if max_final_vocab is None else at_least("max_final_vocab", max_final_vocab, 0)
        )
        self.max_vocab_size = max_vocab_size
        self.sample = sample if sample is None else sample_option(sample)
        self.ns_exponent = ns_exponent
        self.shrink_windows = as_boolean("shrink_windows", shrink_windows)
        self.seed = seed
        self.sorted_vocab = int(as_boolean("sorted_vocab", sorted_vocab))
        self.null_word = int(as_boolean("null_word", null_word))
        self.batch_words = batch_words
        self.comment = comment
        self.hashfxn = hashfxn
        self.compute_loss = as_boolean("compute_loss", compute_loss)
        self.corpus_count = self.corpus_total_words = self.train_count = 0
        self.total_train_time: float = 0
        self.running_training_loss = 0.0
        self.raw_vocab, self.lifecycle_events = {}, []
        self._source = None
        check_callbacks(callbacks)
        self.load = on_class_only  # type: ignore[method-assign]  # as in gensim
        self._check_options()
        self.wv = self.new_vectors()
        if sentences is None and corpus_file is None:
            for name, value in (("trim_rule", trim_rule), ("callbacks", callbacks)):
                if value:
                    logger.warning("%s is not kept: give it to build_vocab or train", name)
            return
        self._build(sentences, corpus_file, trim_rule, kept=True)
        try:
            self.train(
                sentences,
                corpus_file,
                total_examples=self.corpus_count,
                total_words=self.corpus_total_words,
                epochs=epochs,
                compute_loss=self.compute_loss,
                callbacks=callbacks,
            )
        finally:
            self._source = self._source if self._source and self._source.files else None

    def _check_options(self) -> None:
        if not self.cbow_mean and not self.sg:
            raise UnsupportedError(
                "cbow_mean=0 is not supported: the sum of the context; leave it out for the mean"
            )
        if not self.hs and not self.negative:
            raise ConfigError(
                "You must set either 'hs' or 'negative' to be positive for proper training."
            )
        from fastw2v.compat.runs import config_of

        config_of(self)  # says which of the values are out of range

    def train(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: AnyPath | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Sequence[Any] = (),
        **unknown: Any,
    ) -> tuple[int, int]:
        """Train on a corpus, which is read once, from where the tables are; returns tokens of the
        vocabulary and tokens of all
        epochs. The learning rate falls with the position in the corpus as it is, whatever
        total_examples and total_words say.
        """
        from fastw2v.compat.runs import Run

        refuse_unknown(unknown, "train")
        report_delay = as_float("report_delay", report_delay)
        if as_boolean("start_alpha", start_alpha):
            self.alpha = as_float("start_alpha", start_alpha)
        if as_boolean("end_alpha", end_alpha):
            self.min_alpha = as_float("end_alpha", end_alpha)
        check_callbacks(callbacks)
        self._warn_of_settings()
        epochs = self._checked_epochs(epochs, total_examples, total_words)
        check_corpus(corpus_iterable, corpus_file)
        self.epochs, self.compute_loss, self.running_training_loss, began = (
            epochs,
            compute_loss,
            0.0,
            time.perf_counter(),
        )
        self.update_weights()
        encoded, order, tokens = self.encode(corpus_iterable, corpus_file)
        if encoded is None:
            logger.warning(
                "none of the corpus's %d words is in the vocabulary, or it is exhausted: nothing"
                " was trained",
                tokens,
            )
            return 0, tokens * epochs
        message = (
            "training model with %d workers on %d vocabulary and %d features, using sg=%d hs=%d"
            " sample=%g negative=%d window=%d"
        )
        logger.info(
            message,
            self.workers,
            len(self.wv),
            self.vector_size,
            self.sg,
            self.hs,
            self.sample or 0,
            self.negative,
            self.window,
        )
        run = Run(self, encoded, order, epochs, callbacks, report_delay)
        run.run()
        seconds = time.perf_counter() - began
        self.train_count += 1
        self.total_train_time += seconds
        message = (
            f"training on {tokens * epochs} raw words ({encoded.tokens * epochs} effective words)"
            f" took {seconds:.1f}s"
        )
        self.add_lifecycle_event("train", msg=message)
        run.call("on_train_end")
        return encoded.tokens * epochs, tokens * epochs

    def _warn_of_settings(self) -> None:
        """Log what gensim warns of before it trains."""
        if self.hs and self.negative:
            logger.warning(
                "Both hierarchical softmax and negative sampling are activated. They are trained in"
                " turn, an epoch each; for one of them, set hs=0 or negative=0"
            )
        if self.alpha > self.min_alpha_yet_reached:
            logger.warning("Effective 'alpha' higher than previous training cycles")

    def _checked_epochs(
        self, epochs: int | None, total_examples: int | None, total_words: int | None
    ) -> int:
        if not len(self.wv) or "count" not in self.wv.expandos:
            raise NotReadyError(
                "you must first build vocabulary before training the model; min_count is"
                f" {self.min_count}"
            )
        if total_words is None and total_examples is None:
            raise ConfigError(
                "You must specify either total_examples or total_words, as"
                " total_examples=model.corpus_count"
            )
        if epochs is None or as_integer("epochs", epochs) <= 0:
            raise ConfigError(
                "You must specify an explicit epochs count. The usual value is epochs=model.epochs."
            )
        return as_integer("epochs", epochs)

    # What FastText and Doc2Vec have otherwise:

    def encode(
        self, sentences: Iterable[Any] | None, corpus_file: AnyPath | None
    ) -> tuple[EncodedCorpus | None, NDArray[np.int64], int]:
        """A corpus in the words of the model: see ``encoding.encode_for``."""
        from fastw2v.compat.encoding import encode_for

        return encode_for(self, sentences, files_of(sentences, corpus_file))

    def new_vectors(self) -> KeyedVectors:
        """KeyedVectors without any word."""
        return KeyedVectors(self.vector_size)

    def ngram_options(self) -> dict[str, Any]:
        """Options of TrainConfig that say which n-grams words are made of, or what else is
        trained.
        """
        return {}

    def input_rows(self) -> NDArray[np.float32]:
        """The words' own rows of the input table [V, D]."""
        return self.wv.vectors

    def input_factors(self, training: Training, order: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the gradient of each row of a training's input table is multiplied by [rows]."""
        factors, V = np.ones(len(training.tables.W_in), np.float32), len(self.wv)
        factors[:V] = factors_of(self.wv.vectors_lockf, V, "vectors_lockf")[order]
        return factors

    def load_rows(self, training: Training) -> None:
        """Put the vectors of n-grams into a training's tables."""

    def store_inputs(self, training: Training, order: NDArray[np.int64]) -> None:
        """Take the input table over."""
        if not self.wv.vectors.flags.writeable:
            self.wv.vectors = self.wv.vectors.copy()
        self.wv.vectors[order] = training.tables.W_in[: len(order), : self.vector_size]

    def get_latest_training_loss(self) -> float:
        """Return the summed loss of all pairs (Eq. 8) of the last ``train``, from a sample."""
        return self.running_training_loss

    def predict_output_word(
        self, context_words_list: Iterable[Any], topn: int = 10
    ) -> list[tuple[str, float]] | None:
        """The words most probable between some context words: list of (word, probability); None if
        none of them is known.
        """
        if not self.negative or "syn1neg" not in self.__dict__:
            raise NotReadyError("predict_output_word is for models trained by negative sampling")
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            logger.warning("none of the context words is in the vocabulary")
            return None
        mean = np.sum(self.wv.vectors[rows], axis=0) / (len(rows) if self.cbow_mean else 1)
        shares = np.exp(np.dot(mean, self.syn1neg.T))
        shares /= np.sum(shares)
        return [(self.wv.index_to_key[row], shares[row]) for row in best_first(shares, topn)]

    def score(
        self,
        sentences: Iterable[Any],
        total_sentences: int = 1_000_000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: int = 1,
    ) -> NDArray[np.float32]:
        """The log-probability of each sentence, of total_sentences at most, by hierarchical softmax
        (float32).
        """
        from fastw2v.compat.codes import huffman_codes, sentence_score
        from fastw2v.compat.encoding import checked

        if not len(self.wv):
            raise NotReadyError("you must first build vocabulary before scoring new data")
        if not self.hs:
            raise NotReadyError(
                "score is for models trained by hierarchical softmax: hs=1 and negative=0"
            )
        check_corpus(sentences, None)
        most = at_least("total_sentences", total_sentences, 0)
        codes, known = huffman_codes(self.wv.expandos["count"]), self.wv.key_to_index
        rows = (
            [known[key] for key in sentence if key in known]
            for sentence in itertools.islice(checked(sentences), most)
        )
        scores = (
            sentence_score(sentence, self.wv.vectors, self.syn1, codes, self.window, bool(self.sg))
            for sentence in rows
        )
        return np.fromiter(scores, np.float32)

    def init_sims(self, replace: bool = False) -> None:
        """``wv.init_sims``."""
        self.wv.init_sims(replace)

    @property
    def random(self) -> np.random.RandomState:
        """A generator seeded with ``seed``; training draws by other means."""
        return np.random.RandomState(self.seed)

    def __getattr__(self, name: str) -> Any:
        hint = (
            f"; use model.wv.{name}"
            if not name.startswith("_") and hasattr(KeyedVectors, name)
            else ""
        )
        raise no_attribute(self, name, hint)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_source": None, "hashfxn": None}

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size},"
            f" alpha={self.alpha}>"
        )

    def save(self, path: Any, **options: Any) -> None:
        """Write the whole model, as .npz whatever the path's name. gensim's ``separately`` and the
        like do nothing.

        path : or an open binary file. Words that were added to ``wv`` are saved with zeros in
            the output table.
        """
        if not len(self.wv):
            raise VectorsError(f"{path}: the model has no vocabulary to save; build_vocab first")
        self.update_weights()
        settings = {name: plain(getattr(self, name)) for name in self.saved()}
        vector_files.save(path, self.wv, settings, **self.tables())

    @staticmethod
    def saved() -> tuple[str, ...]:
        """The names of the settings that are saved."""
        return SAVED

    def tables(self) -> dict[str, np.ndarray]:
        """The tables that are saved beside the vectors."""
        return {SAVED_OUTPUTS[loss]: getattr(self, OUTPUTS[loss]) for loss in self.losses()}

    @classmethod
    def load(cls, path: Any, mmap: str | None = None) -> Word2Vec:
        """Read what ``save`` wrote, here or with gensim (0.12 to 4.4).

        Raises NotAModelError, an UnpicklingError.
        """
        from fastw2v.compat.gensim.models.fasttext import FastText, FastTextKeyedVectors

        kv, settings, arrays = vector_files.load_model(KeyedVectors, path, mmap)
        kind = FastText if isinstance(kv, FastTextKeyedVectors) else Word2Vec
        cls = kind if cls is Word2Vec else cls
        if not settings or issubclass(cls, FastText) != (kind is FastText):
            held = (
                f"a model, but no {cls.__name__}"
                if settings
                else "vectors, not a model to train on"
            )
            raise NoTrainedModelError(f"{path}: holds {held}; KeyedVectors.load reads its vectors")
        model = cls.__new__(cls)
        kind.__init__(cast(Any, model), vector_size=kv.vector_size)
        model.__dict__.update(
            {name: settings[name] for name in cls.saved() if name in settings},
            corpus_total_words=settings.get("corpus_total_words"),  # None: of an early gensim
            wv=kv,
        )
        tables = [arrays.get(SAVED_OUTPUTS[loss]) for loss in model.losses()]
        if (
            not tables
            or any(table is None or table.shape != kv.vectors.shape for table in tables)
            or "count" not in kv.expandos
            or not model._is_whole()
        ):
            raise NotAModelError(
                f"{path}: its settings and arrays do not fit together; the file is damaged"
            )
        for loss, table in zip(model.losses(), tables, strict=True):
            setattr(model, OUTPUTS[loss], table)
        return model

    def _is_whole(self) -> bool:
        """Whether the settings that were read are such that they can be trained with."""
        from fastw2v.compat.runs import config_of

        try:
            config_of(self)
        except (ConfigError, TypeError, ValueError):
            return False
        return self.vector_size == self.wv.vector_size


def on_class_only(*_: Any, **__: Any) -> Any:
    """Raise an AttributeError: what ``load`` is on a model, which it would not change."""
    raise UnsupportedAttributeError("load is called on the class: model = Word2Vec.load(path)")


def check_callbacks(callbacks: Any) -> None:
    """Raise ConfigTypeError unless these are several callbacks."""
    if isinstance(callbacks, (str, bytes)) or not hasattr(callbacks, "__iter__"):
        raise ConfigTypeError(f"callbacks must be a list of callbacks, got {quoted(callbacks)}")


def plain(value: Any) -> Any:
    """A setting as JSON has it."""
    return value.item() if isinstance(value, np.generic) else value
