"""gensim's Word2Vec, trained by fastw2v."""

import logging
import os
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from fastw2v.compat import vector_files
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.queries import best_first
from fastw2v.compat.sentences import LineSentence, PathLineSentences, Text8Corpus
from fastw2v.errors import NotOfferedError, UnknownOptionError, VectorsError

__all__ = ["LineSentence", "PathLineSentences", "Text8Corpus", "Word2Vec"]
RENAMED = {"size": "vector_size", "iter": "epochs", "sentence": "sentences", "threads": "workers", "docvecs": "wv"}
SAVED = (
    "vector_size", "alpha", "min_alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "sg", "hs",
    "negative", "ns_exponent", "cbow_mean", "epochs", "null_word", "sorted_vocab", "batch_words", "compute_loss", "comment",
    "max_final_vocab", "shrink_windows", "corpus_count", "corpus_total_words", "train_count", "total_train_time",
    "running_training_loss", "min_alpha_yet_reached", "effective_min_count",
)  # fmt: skip
logger = logging.getLogger("fastw2v.compat.gensim")


class Word2Vec:
    """A model with gensim 4's options, defaults, methods and attributes; docs/from-gensim.md says what differs.

    wv : KeyedVectors;  syn1neg : the other table float32 [V, D], of hierarchical softmax ``syn1``, rows of its nodes.
    Raises NotOfferedError for options of gensim's that are not offered, UnknownOptionError (a TypeError) for others.
    """

    def __init__(
        self, sentences=None, corpus_file=None, vector_size=100, alpha=0.025, window=5, min_count=5, max_vocab_size=None,
        sample=1e-3, seed=1, workers=3, min_alpha=0.0001, sg=0, hs=0, negative=5, ns_exponent=0.75, cbow_mean=1, hashfxn=hash,
        epochs=5, null_word=0, trim_rule=None, sorted_vocab=1, batch_words=10000, compute_loss=False, callbacks=(), comment=None,
        max_final_vocab=None, shrink_windows=True, **unknown,
    ):  # fmt: skip
        refuse_unknown(unknown, type(self).__name__)
        self.vector_size, self.window, self.workers, self.epochs = int(vector_size), int(window), int(workers), epochs
        self.alpha, self.min_alpha, self.min_alpha_yet_reached = float(alpha), float(min_alpha), float(alpha)
        self.sg, self.hs, self.negative, self.cbow_mean = int(sg), int(hs), int(negative or 0), int(cbow_mean)
        self.min_count, self.max_final_vocab, self.max_vocab_size = min_count, max_final_vocab, max_vocab_size
        self.sample, self.ns_exponent, self.shrink_windows, self.seed = sample, ns_exponent, bool(shrink_windows), seed
        self.sorted_vocab, self.null_word, self.batch_words, self.comment = sorted_vocab, null_word, batch_words, comment
        self.hashfxn, self.compute_loss, self.layer1_size = hashfxn, bool(compute_loss), self.vector_size
        self.corpus_count = self.corpus_total_words = self.train_count = self.total_train_time = 0
        self.running_training_loss, self.effective_min_count, self._source = 0.0, min_count, None
        self._check_options()
        self.wv = self.new_vectors()
        if sentences is None and corpus_file is None:
            return
        self._build(sentences, corpus_file, trim_rule, kept=True)
        try:
            self.train(
                sentences, corpus_file, total_examples=self.corpus_count, total_words=self.corpus_total_words, epochs=epochs,
                compute_loss=self.compute_loss, callbacks=callbacks,
            )  # fmt: skip
        finally:
            self._source = self._source if self._source.files else None

    def _check_options(self):
        refused = {
            "cbow_mean=0": (not self.cbow_mean and not self.sg, "the sum of the context; leave it out for the mean"),
            "null_word": (bool(self.null_word), "a word for padding; leave it out"),
            "sorted_vocab=0": (not self.sorted_vocab, "a vocabulary not ordered by count; leave it out"),
        }
        for name, (given, what) in refused.items():
            if given:
                raise NotOfferedError(f"{name} is not offered: {what}")
        if not self.hs and not self.negative:
            raise ValueError("You must set either 'hs' or 'negative' to be positive for proper training.")
        if self.hs and self.negative:
            warnings.warn(
                f"hs=1 and negative={self.negative}: both at once are not offered; training is by hierarchical softmax alone"
                " (negative=0 says so)",
                UserWarning,
                stacklevel=3,
            )
            self.negative = 0
        from fastw2v.compat.runs import config_of

        config_of(self)  # says which of the values are out of range

    def build_vocab(
        self, corpus_iterable=None, corpus_file=None, update=False, progress_per=10000, keep_raw_vocab=False, trim_rule=None,
        min_count=None, sample=None, **unknown,
    ):  # fmt: skip
        """Count a corpus's words and make tables for them; with ``update`` add them to those there are."""
        refuse_unknown(unknown, "build_vocab")
        self.min_count, self.sample = min_count or self.min_count, sample or self.sample
        self._build(corpus_iterable, corpus_file, trim_rule, update)

    def build_vocab_from_freq(self, word_freq, keep_raw_vocab=False, corpus_count=None, trim_rule=None, update=False):
        """The same, of a dictionary from words to their counts."""
        from fastw2v.compat.encoding import counted

        keys, counts = counted(word_freq)
        self.corpus_count, self._source = corpus_count or 0, None
        self._choose(keys, counts, trim_rule, update)

    def _build(self, sentences, corpus_file, trim_rule, update=False, kept=False):
        from fastw2v.compat.encoding import Source, read_source
        from fastw2v.compat.runs import config_of

        check_corpus(sentences, corpus_file)
        files, least = files_of(sentences, corpus_file), 1 if trim_rule or update else max(int(self.min_count), 1)
        keys, counts, ids, tokens, lines, stamp = read_source(sentences, files, config_of(self), least)
        self.corpus_count, self.corpus_total_words = lines, tokens
        self._choose(keys, counts, trim_rule, update)
        rows = np.array([self.wv.key_to_index.get(key, -1) for key in keys], np.int64)
        self._source = Source(ids, rows, tokens, lines, stamp) if stamp or kept else None

    def _choose(self, keys, counts, trim_rule, update):
        from fastw2v.compat.encoding import by_count, chosen

        rows, self.effective_min_count = chosen(counts, keys, self.min_count, trim_rule, self.max_final_vocab)
        if not update:
            rows = rows[by_count(counts[rows])]
            vectors = self.initial_vectors(len(rows), self.seed)
            self.wv.__dict__.update(type(self.wv).of([keys[row] for row in rows], vectors, counts[rows]).__dict__)
            self.reset_outputs()
        elif not len(self.wv):
            raise RuntimeError(
                "You cannot do an online vocabulary-update of a model which has no prior vocabulary. First build the vocabulary"
                " of your model with a corpus before doing an online update."
            )
        else:
            self._add(keys, counts, [row for row in rows if keys[row] not in self.wv.key_to_index])

    def _add(self, keys, counts, new):
        """Add words, and the counts of all words seen to those there are."""
        old = len(self.wv)
        self.wv.add_vectors([keys[row] for row in new], self.initial_vectors(len(new), self.seed, old))
        self.wv.allocate_vecattrs(["count"], [int])
        for key, count in zip(keys, counts.tolist(), strict=True):
            if key in self.wv.key_to_index:
                self.wv.expandos["count"][self.wv.key_to_index[key]] += count
        if self.hs:
            self.reset_outputs()  # another tree, whose nodes are others
        else:
            self.syn1neg = np.vstack((self.syn1neg, np.zeros((len(new), self.vector_size), np.float32)))

    def initial_vectors(self, n, seed, skip=0):
        """The first vectors of n words [n, D], as fastw2v's own training begins with; ``skip`` : words that have theirs."""
        from fastw2v.training.state import initial_tables

        return initial_tables(skip + n, self.vector_size, seed).W_in[skip:, : self.vector_size].copy()

    def reset_outputs(self):
        """Make the other table anew, all zeros."""
        zeros = np.zeros((len(self.wv), self.vector_size), np.float32)
        if self.hs:
            self.syn1 = zeros
        else:
            self.syn1neg = zeros

    def train(
        self, corpus_iterable=None, corpus_file=None, total_examples=None, total_words=None, epochs=None, start_alpha=None,
        end_alpha=None, word_count=0, queue_factor=2, report_delay=1.0, compute_loss=False, callbacks=(), **unknown,
    ):  # fmt: skip
        """Train on a corpus, which is read once, from where the tables are; returns tokens of the vocabulary and tokens of all
        epochs. The learning rate falls with the position in the corpus as it is, whatever total_examples and total_words say."""
        from fastw2v.compat.encoding import encode_for
        from fastw2v.compat.runs import Run

        refuse_unknown(unknown, "train")
        self.alpha, self.min_alpha = start_alpha or self.alpha, end_alpha or self.min_alpha
        self._check_training(epochs, total_examples, total_words)
        check_corpus(corpus_iterable, corpus_file)
        if np.any(self.wv.vectors_lockf != 1):
            raise NotOfferedError("vectors_lockf is not offered: all words are trained; set it to ones")
        self.epochs, self.compute_loss, self.running_training_loss, began = epochs, compute_loss, 0.0, time.perf_counter()
        encoded, order, tokens = encode_for(self, corpus_iterable, files_of(corpus_iterable, corpus_file))
        if encoded is None:
            logger.warning("none of the corpus's %d words is in the vocabulary, or it is exhausted: nothing was trained", tokens)
            return 0, tokens * epochs
        run = Run(self, encoded, order, epochs, callbacks)
        run.run()
        self.train_count += 1
        self.total_train_time += time.perf_counter() - began
        logger.info("trained %d epochs of %d words in %.1f s", epochs, encoded.tokens, time.perf_counter() - began)
        run.call("on_train_end")
        return encoded.tokens * epochs, tokens * epochs

    def _check_training(self, epochs, total_examples, total_words):
        if not len(self.wv):
            raise RuntimeError(f"you must first build vocabulary before training the model; min_count is {self.min_count}")
        if total_words is None and total_examples is None:
            raise ValueError("You must specify either total_examples or total_words, as total_examples=model.corpus_count")
        if epochs is None or epochs <= 0:
            raise ValueError("You must specify an explicit epochs count. The usual value is epochs=model.epochs.")

    # What FastText has otherwise:

    def new_vectors(self):
        """KeyedVectors without any word."""
        return KeyedVectors(self.vector_size)

    def ngram_options(self):
        """Options of TrainConfig that say which n-grams words are made of."""
        return {}

    def input_rows(self):
        """The words' own rows of the input table [V, D]."""
        return self.wv.vectors

    def give_ngrams(self, training):
        """Put the vectors of n-grams into a training's tables."""

    def take_inputs(self, training, order):
        """Take the input table over."""
        if not self.wv.vectors.flags.writeable:
            self.wv.vectors = self.wv.vectors.copy()
        self.wv.vectors[order] = training.tables.W_in[: len(order), : self.vector_size]

    def get_latest_training_loss(self):
        """The summed loss of all pairs (Eq. 8) of the last ``train``, measured on a sample of them."""
        return self.running_training_loss

    def predict_output_word(self, context_words_list, topn=10):
        """The words most probable between some context words: list of (word, probability); None if none of them is known."""
        if self.hs:
            raise RuntimeError("predict_output_word is for models trained by negative sampling")
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            return None
        mean = np.sum(self.wv.vectors[rows], axis=0) / (len(rows) if self.cbow_mean else 1)
        shares = np.exp(np.dot(mean, self.syn1neg.T))
        shares /= np.sum(shares)
        return [(self.wv.index_to_key[row], shares[row]) for row in best_first(shares, topn)]

    def score(self, sentences, *options, **more):
        """Not offered."""
        raise NotOfferedError("score is not offered; the mean loss of a pair is get_latest_training_loss() by the pairs trained")

    def init_sims(self, replace=False):
        """``wv.init_sims``."""
        self.wv.init_sims(replace)

    def __getattr__(self, name):
        hint = f"; use model.wv.{name}" if not name.startswith("_") and hasattr(KeyedVectors, name) else ""
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{hint}")

    def __getstate__(self):
        return {**self.__dict__, "_source": None, "hashfxn": None}

    def __str__(self):
        return f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    def save(self, path, **options):
        """Write the whole model, as .npz whatever the path's name. gensim's ``separately`` and the like do nothing."""
        settings = {name: plain(getattr(self, name)) for name in self.saved()}
        vector_files.save(path, self.wv, settings, **self.tables())

    @staticmethod
    def saved():
        """The names of the settings that are saved."""
        return SAVED

    def tables(self):
        """The tables that are saved beside the vectors."""
        return {"nodes": self.syn1} if self.hs else {"output_vectors": self.syn1neg}

    @classmethod
    def load(cls, path, mmap=None):
        """Read what ``save`` wrote. Never a pickle, which runs what it holds. Raises VectorsError."""
        kv, settings, arrays = vector_files.load_model(KeyedVectors, path)
        name = "nodes" if settings and settings["hs"] else "output_vectors"
        if not settings or set(cls.saved()) - set(settings) or arrays.get(name, kv.vectors[:0]).shape != kv.vectors.shape:
            held = f"a model, but no {cls.__name__}" if settings else "vectors, not a model to train on"
            raise VectorsError(f"{path}: holds {held}; KeyedVectors.load reads its vectors")
        model = cls.__new__(cls)
        model.__dict__.update({**settings, "hashfxn": hash, "layer1_size": kv.vector_size, "_source": None, "wv": kv})
        setattr(model, "syn1" if settings["hs"] else "syn1neg", arrays[name])
        model.loaded(arrays)
        return model

    def loaded(self, arrays):
        """Take what else a file's arrays hold."""


def plain(value):
    """A setting as JSON has it."""
    return value.item() if isinstance(value, np.generic) else value


def refuse_unknown(options, what):
    """Raise UnknownOptionError if any option is left."""
    for name in options:
        hint = f"; since gensim 4 it is {RENAMED[name]}" if name in RENAMED else ""
        raise UnknownOptionError(f"{what} got an unexpected keyword argument {name!r}{hint}")


def check_corpus(sentences, corpus_file):
    """Raise TypeError, as gensim does, unless there is one corpus."""
    if sentences is None and corpus_file is None:
        raise TypeError("Either one of corpus_file or corpus_iterable value must be provided")
    if sentences is not None and corpus_file is not None:
        raise TypeError("Both corpus_file and corpus_iterable must not be provided at the same time")
    if sentences is None and not os.path.isfile(corpus_file):
        raise TypeError(f"Parameter corpus_file must be a valid path to a file, got {corpus_file!r} instead")
    if sentences is not None and (not isinstance(sentences, Iterable) or isinstance(sentences, (str, bytes, Path))):
        raise TypeError(f"The corpus_iterable must be an iterable of lists of strings, got {sentences!r} instead")


def files_of(sentences, corpus_file):
    """The files that a corpus comes from, or None if only iterating tells its words."""
    if sentences is None:
        return [corpus_file]
    return sentences.files if type(sentences) in (LineSentence, PathLineSentences) else None
