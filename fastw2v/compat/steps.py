"""How a gensim-compatible model gets its vocabulary and tables, step by step."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from fastw2v.compat.explained import explained
from fastw2v.compat.options import as_boolean, at_least, sample_option
from fastw2v.compat.sentences import check_corpus, files_of
from fastw2v.errors import ConfigError, ConfigTypeError, NotReadyError, UnknownOptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from fastw2v.compat.encoding import ReadCorpus, Source
    from fastw2v.compat.gensim.models.word2vec import Word2Vec
    from fastw2v.compat.queries import Key
    from fastw2v.config import Loss
    from fastw2v.paths import AnyPath

TrimRule = Callable[[Any, int, int], int]

RENAMED = {
    "size": "vector_size",
    "iter": "epochs",
    "sentence": "sentences",
    "threads": "workers",
    "docvecs": "wv",
}
OUTPUTS = {"hs": "syn1", "ns": "syn1neg"}  # the name of the output table, by loss
logger = logging.getLogger("fastw2v.compat.gensim")


@explained(ConfigTypeError, ConfigError)
class VocabularySteps:
    """``build_vocab`` and what it is made of; ``wv`` and the options are those of the Word2Vec that
    mixes this in.
    """

    wv: Any  # KeyedVectors, of FastText those with n-grams
    vector_size: int
    min_count: int
    sample: float | None
    seed: int | None
    hs: int
    negative: int
    ns_exponent: float
    null_word: int
    sorted_vocab: int
    bucket: int
    max_final_vocab: int | None
    effective_min_count: int
    syn1: NDArray[np.float32]
    syn1neg: NDArray[np.float32]
    raw_vocab: dict[Any, int]
    corpus_count: int
    corpus_total_words: int
    lifecycle_events: list[dict[str, Any]]
    _source: Source | None

    if TYPE_CHECKING:  # of Word2Vec

        def ngram_options(self) -> dict[str, Any]: ...

    def build_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: AnyPath | None = None,
        update: bool = False,
        progress_per: int = 10000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        **unknown: Any,
    ) -> None:
        """Count a corpus's words and make tables for them; with ``update`` add them to those there
        are.
        """
        refuse_unknown(unknown, "build_vocab")
        self._take_counts(min_count, sample)
        self._build(
            corpus_iterable,
            corpus_file,
            trim_rule,
            as_boolean("update", update),
            progress_per=progress_per,
            keep_raw=as_boolean("keep_raw_vocab", keep_raw_vocab),
        )

    def build_vocab_from_freq(
        self,
        word_freq: dict[Any, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """The same, of a dictionary from words to their counts."""
        self.raw_vocab, self.corpus_count, self._source = word_freq, corpus_count or 0, None
        self.prepare_vocab(update, keep_raw_vocab, trim_rule)

    def scan_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: AnyPath | None = None,
        progress_per: int = 10000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count a corpus's words into ``raw_vocab``; return the number of tokens and sentences."""
        corpus = self._read(corpus_iterable, corpus_file, 1, progress_per)
        self.raw_vocab = dict(zip(corpus.keys, corpus.counts.tolist(), strict=True))
        return corpus.tokens, corpus.sentences

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the vocabulary from ``raw_vocab`` and make tables for it, unless it is a
        ``dry_run``; returns what is left.
        """
        from fastw2v.compat.encoding import counted

        update, dry_run = as_boolean("update", update), as_boolean("dry_run", dry_run)
        keep_raw_vocab = as_boolean("keep_raw_vocab", keep_raw_vocab)
        if not dry_run:
            self._take_counts(min_count, sample)
        if not as_boolean("min_count", min_count):
            min_count = self.min_count
        least = at_least("min_count", min_count, 0)
        report = self._choose(*counted(self.raw_vocab), trim_rule, update, least, dry_run)
        if not dry_run and not keep_raw_vocab:
            self.raw_vocab = {}
        return report

    def _take_counts(self, min_count: int | None, sample: float | None) -> None:
        """Keep these options, unless they are not given. Raises ConfigError."""
        if as_boolean("min_count", min_count):
            self.min_count = at_least("min_count", min_count, 0)
        if as_boolean("sample", sample):
            self.sample = sample_option(sample)

    def prepare_weights(self, update: bool = False) -> None:
        """``update_weights`` or ``init_weights``."""
        self.update_weights() if as_boolean("update", update) else self.init_weights()

    def init_weights(self) -> None:
        """Begin anew: random vectors, zeros for the output table."""
        logger.info("resetting layer weights")
        self.wv.vectors, self.wv.norms = self.initial_vectors(len(self.wv), self.seed), None
        self.reset_outputs()

    def update_weights(self) -> None:
        """Give words that were added to ``wv`` rows of the output tables; that of
        hierarchical softmax begins anew.
        """
        self.wv.resize_vectors(self.seed)
        V = len(self.wv)
        if self.hs and len(self.syn1) != V:
            new = V - len(self.syn1)
            logger.warning(
                "there are %d new words, and so another tree: its vectors begin anew", new
            )
            self.reset_outputs("hs")
        if self.negative and len(self.syn1neg) != V:
            zeros = np.zeros((max(V - len(self.syn1neg), 0), self.vector_size), np.float32)
            self.syn1neg = np.vstack((self.syn1neg[:V], zeros))

    def losses(self) -> list[Loss]:
        """The losses that are trained, by the names of TrainConfig."""
        trained: list[tuple[Loss, int]] = [("hs", self.hs), ("ns", self.negative)]
        return [loss for loss, is_trained in trained if is_trained]

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Nothing is to be done: noise is drawn by the counts as they are when training begins."""

    def add_null_word(self) -> None:
        """Add the word ``\\0``, counted once."""
        self.wv.add_vectors(
            ["\0"],
            self.initial_vectors(1, self.seed, len(self.wv)),
            {"count": np.ones(1, np.int64)},
        )
        self.update_weights()

    @property
    def cum_table(self) -> NDArray[np.uint32]:
        """The shares of words in the noise (Eq. 17), summed up to 2^31 - 1 (uint32 [V])."""
        from fastw2v.equations.counts import noise_distribution

        shares = noise_distribution(np.maximum(self.wv.expandos["count"], 1), self.ns_exponent)
        return np.round(np.cumsum(shares) * (2**31 - 1)).astype(np.uint32)

    def add_lifecycle_event(
        self, event_name: str, log_level: int = logging.INFO, **event: Any
    ) -> None:
        """Note something in ``lifecycle_events``, and log it."""
        event = {**event, "datetime": datetime.datetime.now().isoformat(), "event": event_name}
        if log_level:
            logger.log(log_level, "%s lifecycle event %s", type(self).__name__, event)
        self.lifecycle_events.append(event)

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Bytes that a vocabulary takes, by part; while training, the tables
        are there twice.
        """
        V = vocab_size or len(self.wv)
        table = V * self.vector_size * 4
        report = {
            **(report or {}),
            "vocab": V * (700 if self.hs else 500),
            "vectors": table,
            **{OUTPUTS[loss]: table for loss in self.losses()},
        }
        if "minn" in self.ngram_options():
            sub = self.wv.subwords
            report["syn0_ngrams"] = (
                (self.bucket if sub is None else len(sub.used)) * self.vector_size * 4
            )
            report["syn0_vocab"] = table
        report["total"] = sum(size for part, size in report.items() if part != "total")
        logger.info(
            "estimated required memory for %d words and %d dimensions: %d bytes",
            V,
            self.vector_size,
            report["total"],
        )
        return report

    def reset_from(self, other_model: Word2Vec) -> None:
        """Take another model's vocabulary, and begin anew with the tables."""
        self.corpus_count, wv = other_model.corpus_count, other_model.wv
        self._fill(list(wv.index_to_key), np.array(wv.expandos["count"]))

    def _read(
        self,
        sentences: Iterable[Any] | None,
        corpus_file: AnyPath | None,
        least: int,
        progress_per: int,
    ) -> ReadCorpus:
        from fastw2v.compat.encoding import read_source
        from fastw2v.compat.runs import config_of

        check_corpus(sentences, corpus_file)
        return read_source(
            sentences,
            files_of(sentences, corpus_file),
            config_of(cast("Word2Vec", self)),
            least,
            progress_per,
        )

    def _build(
        self,
        sentences: Iterable[Any] | None,
        corpus_file: AnyPath | None,
        trim_rule: TrimRule | None,
        update: bool = False,
        kept: bool = False,
        progress_per: int = 10000,
        keep_raw: bool = False,
    ) -> None:
        from fastw2v.compat.encoding import Source

        least = 1 if trim_rule or update or keep_raw else max(int(self.min_count), 1)
        corpus = self._read(sentences, corpus_file, least, progress_per)
        keys, counts = corpus.keys, corpus.counts
        self.corpus_count, self.corpus_total_words = corpus.sentences, corpus.tokens
        self.raw_vocab = dict(zip(keys, counts.tolist(), strict=True)) if keep_raw else {}
        self._choose(keys, counts, trim_rule, update, self.min_count)
        rows = np.array([self.wv.key_to_index.get(key, -1) for key in keys], np.int64)
        self._source = None
        if corpus.stamp or kept:
            self._source = Source(corpus.ids, rows, corpus.tokens, corpus.sentences, corpus.stamp)
        self.add_lifecycle_event(
            "build_vocab", update=update, msg=f"{len(self.wv)} words of {corpus.tokens} tokens"
        )

    def _choose(
        self,
        keys: Sequence[Key],
        counts: NDArray[np.int64],
        trim_rule: TrimRule | None,
        update: bool,
        min_count: int,
        dry_run: bool = False,
    ) -> dict[str, int]:
        from fastw2v.compat.encoding import by_count, chosen, vocabulary_report

        rows, threshold = chosen(counts, keys, min_count, trim_rule, self.max_final_vocab)
        report = vocabulary_report(counts, rows, threshold, self.sample)
        if dry_run:
            return report
        self.effective_min_count = threshold
        if not update:
            rows = rows[by_count(counts[rows])] if self.sorted_vocab else rows
            self._fill([keys[row] for row in rows], counts[rows])
            if self.null_word:
                self.add_null_word()
        elif not len(self.wv):
            raise NotReadyError(
                "You cannot do an online vocabulary-update of a model which has no prior"
                " vocabulary. First build the vocabulary of your model with a corpus before doing"
                " an online update."
            )
        else:
            self._add(keys, counts, [row for row in rows if keys[row] not in self.wv.key_to_index])
        return report

    def _fill(self, keys: Sequence[Key], counts: NDArray[np.int64]) -> None:
        """Make these keys the vocabulary, and tables for them."""
        self.wv.__dict__.update(
            type(self.wv).of(keys, self.initial_vectors(len(keys), self.seed), counts).__dict__
        )
        self.init_weights()

    def _add(self, keys: Sequence[Key], counts: NDArray[np.int64], new: Sequence[int]) -> None:
        """Add words, and the counts of all words seen to those there are."""
        old = len(self.wv)
        self.wv.add_vectors(
            [keys[row] for row in new], self.initial_vectors(len(new), self.seed, old)
        )
        self.wv.allocate_vecattrs(["count"], [int])
        for key, count in zip(keys, counts.tolist(), strict=True):
            if key in self.wv.key_to_index:
                self.wv.expandos["count"][self.wv.key_to_index[key]] += count
        if self.hs:
            self.reset_outputs("hs")  # the counts have changed, and with them the tree
        self.update_weights()

    def initial_vectors(self, n: int, seed: int | None, skip: int = 0) -> NDArray[np.float32]:
        """The first vectors of n words [n, D], as fastw2v's own training begins with; ``skip`` :
        words that have theirs.
        """
        from fastw2v.training.state import initial_tables

        return (
            initial_tables(skip + n, self.vector_size, seed).W_in[skip:, : self.vector_size].copy()
        )

    def reset_outputs(self, *losses: Loss) -> None:
        """Make the tables of these losses anew, all zeros; by default those of all."""
        for loss in losses or self.losses():
            setattr(self, OUTPUTS[loss], np.zeros((len(self.wv), self.vector_size), np.float32))


def refuse_unknown(options: Mapping[str, Any], what: str) -> None:
    """Raise UnknownOptionError if any option is left."""
    for name in options:
        hint = f"; since gensim 4 it is {RENAMED[name]}" if name in RENAMED else ""
        raise UnknownOptionError(f"{what} got an unexpected keyword argument {name!r}{hint}")
