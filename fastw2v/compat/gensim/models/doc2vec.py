"""gensim's Doc2Vec, trained by fastw2v: DBOW (Eq. 23) and DM with a mean (Eq. 24)."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.compat import vector_files
from fastw2v.compat.explained import explained
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.word2vec import SAVED, SAVED_OUTPUTS, Word2Vec
from fastw2v.compat.installed import attributes_of
from fastw2v.compat.locks import factors_of
from fastw2v.compat.options import as_boolean, as_float, as_integer
from fastw2v.compat.sentences import check_corpus, open_text, words_of
from fastw2v.compat.steps import OUTPUTS
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    CorpusError,
    NotAModelError,
    NotReadyError,
    UnsupportedError,
    VectorsTypeError,
    VectorsValueError,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from fastw2v.compat.queries import Key
    from fastw2v.compat.steps import TrimRule
    from fastw2v.corpus.encoded import EncodedCorpus
    from fastw2v.paths import AnyPath
    from fastw2v.training.inference import Engine
    from fastw2v.training.loop import Training

__all__ = ["Doc2Vec", "TaggedDocument", "TaggedLineDocument"]
__getattr__ = attributes_of("gensim.models.doc2vec")
SAVED_WITH_DOCUMENTS = (*SAVED, "dm", "dbow_words")
PREFIX = "*dt_"  # of tags in a word2vec file, as in gensim

TaggedDocument = namedtuple("TaggedDocument", ["words", "tags"])
TaggedDocument.__doc__ = (
    """A document: ``words``, a list of str, and ``tags``, a list of one tag."""
)


class TaggedLineDocument:
    """A TaggedDocument for each line of a file, its tag the number of the line, from 0."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def __iter__(self) -> Iterator[TaggedDocument]:
        if hasattr(self.source, "seek"):
            self.source.seek(0)
            yield from self._documents(self.source)
            return
        with open_text(self.source) as file:
            yield from self._documents(file)

    @staticmethod
    def _documents(file: Iterable[str | bytes]) -> Iterator[TaggedDocument]:
        for number, words in enumerate(words_of(file)):
            yield TaggedDocument(words, [number])


class TaggedSentences:
    """The words of documents, sentence by sentence; their ``tags`` are there afterwards.

    known : words;  has_words : for each document, whether it has any of these.
    """

    item_name = "'words'"  # of a document, in warnings

    def __init__(self, documents: Iterable[TaggedDocument], known: Container[Key] = ()) -> None:
        self.documents, self.known = documents, known
        self.tags: list[Any] = []
        self.has_words: list[bool] = []

    def __iter__(self) -> Iterator[Sequence[str]]:
        self.tags, self.has_words = [], []
        for number, document in enumerate(self.documents):
            try:
                words, tags = document.words, document.tags
            except AttributeError:
                raise CorpusError(
                    f"document {number} is a {type(document).__name__}, not a TaggedDocument(words,"
                    " tags)"
                ) from None
            if isinstance(tags, str) or not hasattr(tags, "__len__") or len(tags) != 1:
                raise UnsupportedError(
                    f"document {number} has the tags {str(tags)[:60]}; one tag each, in a list, is"
                    " what is offered"
                )
            self.tags.append(tags[0])
            self.has_words.append(any(word in self.known for word in words))
            yield words


@explained(ConfigTypeError, ConfigError)
@explained(VectorsTypeError, VectorsValueError, only=("infer_vector", "similarity_unseen_docs"))
class Doc2Vec(Word2Vec):
    """A model of documents with gensim 4's options, defaults, methods and attributes;
    docs/from-gensim.md says what differs.

    wv : KeyedVectors of words;  dv : KeyedVectors of documents, by their tags. Raises
    UnsupportedError for dm_concat, for the sum of the window (dm_mean=0), and for several tags.
    """

    _engine: tuple[Engine, NDArray[np.int64]] | None

    def __init__(
        self,
        documents: Iterable[TaggedDocument] | None = None,
        corpus_file: AnyPath | None = None,
        vector_size: int = 100,
        dm_mean: int | None = None,
        dm: int = 1,
        dbow_words: int = 0,
        dm_concat: int = 0,
        dm_tag_count: int = 1,
        dv: KeyedVectors | None = None,
        dv_mapfile: str | None = None,
        comment: str | None = None,
        trim_rule: TrimRule | None = None,
        callbacks: Sequence[Any] = (),
        window: int = 5,
        epochs: int = 10,
        shrink_windows: bool = True,
        **options: Any,
    ) -> None:
        if as_boolean("dm_concat", dm_concat):
            raise UnsupportedError("dm_concat=1 is not supported; leave it out for the mean")
        dm = as_boolean("dm", dm)
        if dm and dm_mean is not None and not as_boolean("dm_mean", dm_mean):
            raise UnsupportedError("dm_mean=0 is not supported: the sum; leave it out for the mean")
        if isinstance(documents, Iterator):
            raise ConfigTypeError(
                "documents are read more than once: give a list, or an object with __iter__, not an"
                " iterator"
            )
        self.dm, self.dbow_words, self._engine = int(dm), as_integer("dbow_words", dbow_words), None
        super().__init__(
            vector_size=vector_size,
            window=window,
            epochs=epochs,
            shrink_windows=shrink_windows,
            comment=comment,
            sg=1 - self.dm,
            **options,
        )
        self.dv = dv if dv is not None else KeyedVectors(self.vector_size)
        if documents is None and corpus_file is None:
            return
        self._build(documents, corpus_file, trim_rule)
        self.train(
            documents,
            corpus_file,
            total_examples=self.corpus_count,
            total_words=self.corpus_total_words,
            epochs=epochs,
            callbacks=callbacks,
        )

    @property
    def dbow(self) -> bool:
        """Whether the model is DBOW."""
        return not self.dm

    @property
    def docvecs(self) -> KeyedVectors:
        """``dv``, by its name of before gensim 4."""
        return self.dv

    def ngram_options(self) -> dict[str, Any]:
        """Options of TrainConfig that make documents inputs."""
        if self.dm:
            return {"model": "dm"}
        if self.dbow_words:
            return {"model": "dbow", "train_words": True}
        return {"model": "dbow", "window": max(self.window, 1)}  # documents have no window

    def _build(  # type: ignore[override]  # documents in place of sentences
        self,
        documents: Iterable[TaggedDocument] | None,
        corpus_file: AnyPath | None,
        trim_rule: TrimRule | None,
        update: bool = False,
        **options: Any,
    ) -> None:
        check_corpus(documents, corpus_file)
        if update:
            raise UnsupportedError(
                "build_vocab(update=True) is not supported for documents; build a new model"
            )
        read = TaggedSentences(TaggedLineDocument(corpus_file) if documents is None else documents)
        super()._build(read, None, trim_rule, **options | {"kept": False})
        keys = tag_keys(read.tags)
        # other draws than those of the words
        vectors = self.initial_vectors(len(keys), (self.seed or 0) + 1)
        self.dv.__dict__.update(KeyedVectors.of(keys, vectors).__dict__)

    def train(  # type: ignore[override]  # other options pass through
        self,
        corpus_iterable: Iterable[TaggedDocument] | None = None,
        corpus_file: AnyPath | None = None,
        **options: Any,
    ) -> tuple[int, int]:
        """Train on documents, whose tags the model must have: see ``Word2Vec.train``."""
        check_corpus(corpus_iterable, corpus_file)
        return super().train(corpus_iterable, corpus_file, **options)

    def encode(
        self, documents: Iterable[TaggedDocument] | None, corpus_file: AnyPath | None
    ) -> tuple[EncodedCorpus | None, NDArray[np.int64], int]:
        """See ``Word2Vec.encode``; with the documents of the lines."""
        from fastw2v.compat.encoding import encode_for
        from fastw2v.corpus.documents import documents_of

        documents = TaggedLineDocument(corpus_file) if documents is None else documents
        read, self._source = TaggedSentences(documents, self.wv.key_to_index), None
        encoded, order, tokens = encode_for(self, read, None)
        if encoded is None:
            return encoded, order, tokens
        rows = [self.dv.get_index(tag, -1) for tag in read.tags]
        if -1 in rows:
            tag = read.tags[rows.index(-1)]
            raise CorpusError(f"the tag {str(tag)[:60]!r} is new; build_vocab with all documents")
        numbers = np.array(rows)[read.has_words]
        known = documents_of(encoded.ids, numbers, len(self.dv))
        return replace(encoded, documents=known), order, tokens

    def load_rows(self, training: Training) -> None:
        """Put the vectors of documents into a training's tables."""
        rows = training.tables.W_in[len(training.tables.W_in) - len(self.dv) :]
        rows[:, : self.vector_size] = self.dv.vectors

    def input_factors(self, training: Training, order: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the gradient of each row of a training's input table is multiplied by [rows]."""
        factors, documents = super().input_factors(training, order), len(self.dv)
        lock = factors_of(self.dv.vectors_lockf, documents, "dv.vectors_lockf")
        factors[len(factors) - documents :] = lock
        return factors

    def store_inputs(self, training: Training, order: NDArray[np.int64]) -> None:
        """Take the input table over, of words and of documents."""
        super().store_inputs(training, order)
        rows = training.tables.W_in[len(training.tables.W_in) - len(self.dv) :]
        self.dv.vectors = rows[:, : self.vector_size].copy()
        self.dv.norms, self._engine = None, None

    def infer_vector(
        self,
        doc_words: Sequence[str],
        alpha: float | None = None,
        min_alpha: float | None = None,
        epochs: int | None = None,
    ) -> NDArray[np.float32]:
        """The vector [D] of a new document, a list of words; the same at every call."""
        from fastw2v.compat.runs import config_of
        from fastw2v.training.inference import Engine

        if isinstance(doc_words, str):
            raise ConfigTypeError(
                "Parameter doc_words of infer_vector() must be a list of strings (not a single"
                " string)."
            )
        if "count" not in self.wv.expandos:
            raise NotReadyError("you must first build vocabulary before inferring vectors")
        if epochs is None or not as_boolean("epochs", epochs):
            epochs = self.epochs
        begin = as_float("alpha", alpha if as_boolean("alpha", alpha) else self.alpha)
        end = as_float(
            "min_alpha", min_alpha if as_boolean("min_alpha", min_alpha) else self.min_alpha
        )
        config = replace(
            config_of(self, int(self.wv.expandos["count"].sum()), epochs),
            alpha=begin,
            min_alpha=min(end, begin),
            train_words=False,
        )
        if self._engine is None:
            order = np.argsort(-self.wv.expandos["count"], kind="stable")
            outputs = self.syn1[: max(len(order) - 1, 1)] if self.hs else self.syn1neg[order]
            counts = self.wv.expandos["count"][order]
            engine = Engine(self.wv.vectors[order], outputs, counts, config)
            self._engine = engine, np.argsort(order)
        engine, ranks = self._engine
        known = self.wv.key_to_index
        ids = [int(ranks[known[word]]) for word in doc_words if word in known]
        return engine.infer([ids], config)[0]

    def similarity_unseen_docs(
        self,
        doc_words1: Sequence[str],
        doc_words2: Sequence[str],
        alpha: float | None = None,
        min_alpha: float | None = None,
        epochs: int | None = None,
    ) -> float:
        """The cosine of the vectors inferred for two documents."""
        a, b = (
            self.infer_vector(words, alpha, min_alpha, epochs) for words in (doc_words1, doc_words2)
        )
        lengths = np.linalg.norm(a) * np.linalg.norm(b)
        return float(a @ b / lengths) if lengths else 0.0

    def __getitem__(self, tag: Any) -> NDArray[np.float32]:
        return self.dv[tag]

    def save_word2vec_format(
        self,
        fname: Any,
        doctag_vec: bool = False,
        word_vec: bool = True,
        prefix: str = PREFIX,
        fvocab: Any = None,
        binary: bool = False,
    ) -> None:
        """Write words, documents (each tag after ``prefix``), or both in word2vec's format."""
        keys, tables = [], []
        if word_vec:
            keys += self.wv.index_to_key
            tables.append(self.wv.vectors)
        if doctag_vec:
            keys += [f"{prefix}{tag}" for tag in self.dv.index_to_key]
            tables.append(self.dv.vectors)
        KeyedVectors.of(keys, np.vstack(tables)).save_word2vec_format(
            fname, fvocab=fvocab, binary=binary
        )

    @staticmethod
    def saved() -> tuple[str, ...]:
        """The names of the settings that are saved."""
        return SAVED_WITH_DOCUMENTS

    def tables(self) -> dict[str, np.ndarray]:
        """The tables that are saved beside the vectors of words."""
        kinds = {type(tag) for tag in self.dv.index_to_key}
        if not kinds <= {str, int}:
            raise UnsupportedError(
                "tags that are neither strings nor whole numbers cannot be saved"
            )
        tags = np.frombuffer(json.dumps(self.dv.index_to_key).encode(), np.uint8)
        tables = super().tables() | {"doctag_vectors": self.dv.vectors, "doctags": tags}
        if vector_files.locked(self.dv, "vectors_lockf"):
            tables["doctag_lockf"] = np.asarray(self.dv.vectors_lockf)
        return tables

    @classmethod
    def load(cls, path: Any, mmap: str | None = None) -> Doc2Vec:
        """Read what ``save`` wrote. Raises NotAModelError, an UnpicklingError."""
        kv, settings, arrays = vector_files.load_model(KeyedVectors, path, mmap)
        if not settings or "dm" not in settings or "doctags" not in arrays:
            raise NotAModelError(f"{path}: holds no Doc2Vec that fastw2v has saved")
        model = cls(vector_size=kv.vector_size)
        names = [name for name in cls.saved() if name in settings]
        model.__dict__.update({name: settings[name] for name in names}, wv=kv)
        tables = [arrays.get(SAVED_OUTPUTS[loss]) for loss in model.losses()]
        vectors = arrays.get("doctag_vectors")
        try:
            tags = json.loads(arrays["doctags"].tobytes())
        except (ValueError, RecursionError):
            tags = None
        if (
            not tables
            or any(table is None or table.shape != kv.vectors.shape for table in tables)
            or "count" not in kv.expandos
            or not model._is_whole()
            or not isinstance(tags, list)
            or not all(type(tag) in (int, str) for tag in tags)
            or getattr(vectors, "shape", None) != (len(tags), kv.vector_size)
            or vectors is None
            or vectors.dtype != np.float32
        ):
            raise NotAModelError(
                f"{path}: its settings and arrays do not fit together; the file is damaged"
            )
        for loss, table in zip(model.losses(), tables, strict=True):
            setattr(model, OUTPUTS[loss], table)
        model.dv = KeyedVectors.of(tags, np.array(vectors))
        model.dv.vectors_lockf = np.array(arrays.get("doctag_lockf", model.dv.vectors_lockf))
        return model

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_engine": None}

    def __str__(self) -> str:
        kind = "dm/m" if self.dm else "dbow+w" if self.dbow_words else "dbow"
        loss = "hs" if self.hs else f"n{self.negative}"
        return f"Doc2Vec<{kind},d{self.vector_size},{loss},w{self.window},mc{self.min_count}>"


def tag_keys(tags: Sequence[Key]) -> list[Key]:
    """The keys of documents: all numbers up to the largest one that is a tag, and other tags in the
    order of their first appearance.
    """
    numbers = [tag for tag in tags if isinstance(tag, (int, np.integer))]
    if numbers and not 0 <= min(numbers) <= max(numbers) < 2**31:
        raise CorpusError("numbers as tags must be from 0 to 2^31 - 1")
    if numbers and max(numbers) > 100 * len(tags) + 1_000_000:
        raise CorpusError(
            f"the tag {max(numbers)} is a number, and would make as many rows; give str(tag)"
        )
    named = dict.fromkeys(tag for tag in tags if not isinstance(tag, (int, np.integer)))
    return [*range(max(numbers, default=-1) + 1), *named]
