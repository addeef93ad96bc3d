"""gensim's FastText, trained by fastw2v: words that are the mean of their own vector and those of their n-grams (Eq. 20)."""

import numpy as np

from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.word2vec import SAVED, Word2Vec
from fastw2v.errors import NotOfferedError
from fastw2v.vectors.subwords import Subwords

__all__ = ["FastText", "FastTextKeyedVectors"]


class FastTextKeyedVectors(KeyedVectors):
    """KeyedVectors that make vectors of words they never saw, of the n-grams that some word of the vocabulary has.

    vectors : what words are, the means;  vectors_vocab : their own rows [V, D];  subwords : the n-grams' vectors.
    """

    subwords = vectors_vocab = None

    def __contains__(self, key):
        return self.has_index_for(key) or self._made(key) is not None

    def get_vector(self, key, norm=False):
        """The vector [D] of a key, or what its n-grams make of it."""
        made = None if key in self.key_to_index else self._made(key)
        if made is None:
            return super().get_vector(key, norm)
        return made / np.linalg.norm(made) if norm else made

    def _made(self, key):
        return self.subwords.vector(key) if self.subwords is not None and isinstance(key, str) else None

    @property
    def vectors_ngrams(self):
        """The vectors of the buckets that some word's n-gram falls into [R, D]; gensim has a row for each bucket."""
        return self.subwords.vectors


class FastText(Word2Vec):
    """A Word2Vec with n-grams of min_n to max_n characters, hashed to ``bucket`` numbers as fastText does."""

    def __init__(
        self, sentences=None, corpus_file=None, sg=0, hs=0, vector_size=100, alpha=0.025, window=5, min_count=5,
        max_vocab_size=None, word_ngrams=1, sample=1e-3, seed=1, workers=3, min_alpha=0.0001, negative=5, ns_exponent=0.75,
        cbow_mean=1, hashfxn=hash, epochs=5, null_word=0, min_n=3, max_n=6, sorted_vocab=1, bucket=2000000, trim_rule=None,
        batch_words=10000, callbacks=(), max_final_vocab=None, shrink_windows=True, **unknown,
    ):  # fmt: skip
        if word_ngrams != 1:
            raise NotOfferedError("word_ngrams=0 is not offered: FastText without n-grams is Word2Vec")
        self.min_n, self.max_n, self.bucket = int(min_n), int(max_n), int(bucket)
        super().__init__(
            sentences, corpus_file, vector_size, alpha, window, min_count, max_vocab_size, sample, seed, workers, min_alpha, sg,
            hs, negative, ns_exponent, cbow_mean, hashfxn, epochs, null_word, trim_rule, sorted_vocab, batch_words, False,
            callbacks, None, max_final_vocab, shrink_windows, **unknown,
        )  # fmt: skip

    def new_vectors(self):
        """FastTextKeyedVectors without any word."""
        return FastTextKeyedVectors(self.vector_size)

    def ngram_options(self):
        """Options of TrainConfig that say which n-grams words are made of; none if max_n < min_n, or there is no bucket."""
        if not self.bucket or self.max_n < self.min_n:
            return {}
        return {"subwords": (self.min_n, self.max_n), "buckets": self.bucket}

    def input_rows(self):
        """The words' own rows of the input table [V, D]; of words that are new, the vectors they begin with."""
        own, vectors = self.wv.vectors_vocab, self.wv.vectors
        if own is None or len(own) > len(vectors):
            return vectors
        return np.vstack((own, vectors[len(own) :]))

    def give_ngrams(self, training):
        """Put the vectors of n-grams that there are into a training's tables."""
        known, V = self.wv.subwords, len(self.wv)
        if known is not None:
            rows = np.array([known.rows.get(bucket, -1) for bucket in training.buckets.tolist()], np.int64)
            training.tables.W_in[V + np.flatnonzero(rows >= 0), : self.vector_size] = known.vectors[rows[rows >= 0]]

    def take_inputs(self, training, order):
        """Take the input table over, and the words' vectors that it makes."""
        made = training.vectors()
        if made.subwords is None:
            super().take_inputs(training, order)
            return
        sub, own = made.subwords, np.empty_like(self.wv.vectors)
        own[order] = sub.own
        self.wv.vectors_vocab, self.wv.vectors = own, np.empty_like(self.wv.vectors)
        self.wv.vectors[order] = made.vectors
        self.wv.subwords = Subwords(sub.least, sub.most, sub.buckets, sub.used.copy(), sub.vectors.copy(), own)

    def _choose(self, keys, counts, trim_rule, update):
        if not update:
            self.wv.subwords = self.wv.vectors_vocab = None
        super()._choose(keys, counts, trim_rule, update)

    @staticmethod
    def saved():
        """The names of the settings that are saved."""
        return (*SAVED, "min_n", "max_n", "bucket")

    def tables(self):
        """The tables that are saved beside the vectors."""
        sub = self.wv.subwords
        if sub is None:
            return super().tables()
        ngrams = {"ngrams": np.array([sub.least, sub.most, sub.buckets]), "ngram_buckets": sub.used}
        return super().tables() | ngrams | {"ngram_vectors": sub.vectors, "own_vectors": sub.own}

    def loaded(self, arrays):
        """Take the n-grams of a file's arrays."""
        self.wv.__class__ = FastTextKeyedVectors
        if "ngrams" in arrays:
            parts = (arrays[name] for name in ("ngram_buckets", "ngram_vectors", "own_vectors"))
            self.wv.subwords = Subwords(*arrays["ngrams"].tolist(), *parts)
            self.wv.vectors_vocab = self.wv.subwords.own
