"""Words and their vectors, and what can be asked of them."""

import difflib
from functools import cached_property
from numbers import Integral

import numpy as np

from fastw2v.errors import UnknownWordError, VectorsError

TINY = np.float32(1e-12)
EPSILON = 1e-3  # of 3CosMul, as in Levy and Goldberg


class WordVectors:
    """V words with their vectors, most frequent first.

    words : list of V strings;  vectors : float32 [V, D];  counts : int64 [V] or None;
    output_vectors : the other table of the model, float32 [V, D], or None;  subwords : Subwords, or None. With them
    every word has a vector, in the vocabulary or not, that shares a character n-gram with some word of it.
    """

    def __init__(self, words, vectors, counts=None, output_vectors=None, subwords=None):
        if len(words) != len(vectors):
            raise VectorsError(f"{len(words)} words but {len(vectors)} vectors")
        self.words, self.vectors, self.counts, self.output_vectors = words, vectors, counts, output_vectors
        self.subwords = subwords

    def __len__(self):
        return len(self.words)

    def __iter__(self):
        return iter(self.words)

    def __contains__(self, word):
        return as_word(word) in self.ids

    def __getitem__(self, words):
        """The vector [D] of a word, or the vectors [n, D] of a list of words. Raises UnknownWordError."""
        if isinstance(words, (str, Integral)):
            return self._vector(words)
        return np.stack([self._vector(word) for word in words]) if len(words) else self.vectors[:0]

    def __repr__(self):
        return f"<WordVectors: {len(self):,} words, {self.vectors.shape[1]} dimensions>"

    @cached_property
    def ids(self):
        """The row of each word."""
        return {word: i for i, word in reversed(list(enumerate(self.words)))}

    @cached_property
    def unit_vectors(self):
        """The vectors, each of length 1 (zero vectors stay zero)."""
        return unit(np.asarray(self.vectors, np.float32))

    def id(self, word):
        """The row of a word. Raises UnknownWordError, with the nearest spellings."""
        word = as_word(word)
        try:
            return self.ids[word]
        except KeyError:
            raise UnknownWordError(self._unknown(word)) from None

    def find(self, word):
        """The vector of a word as it stands or in lower case, or of its n-grams; None if there is none."""
        for spelt in (word, word.lower()):
            if spelt in self.ids:
                return self.vectors[self.ids[spelt]]
        return self.subwords.vector(word.lower()) if self.subwords is not None else None

    def _vector(self, word):
        """The vector of a word: its row, or what its n-grams make of it. Raises UnknownWordError."""
        if self.subwords is not None and as_word(word) not in self.ids:
            made = self.subwords.vector(as_word(word))
            if made is not None:
                return made
        return self.vectors[self.id(word)]

    def _unknown(self, word):
        near = difflib.get_close_matches(word, self._spelt_like(word), n=3, cutoff=0.6)
        hint = ", nor is any of its n-grams" if self.subwords is not None else ""
        hint += f"; did you mean {', '.join(near)}?" if near else ""
        return f"{word!r} is not in the vocabulary of {len(self):,} words{hint}"

    def _spelt_like(self, word):
        """Words of about the same length that share a letter pair with ``word``, or all short ones."""
        pairs = {word[i : i + 2] for i in range(len(word) - 1)}
        return [w for w in self.words if abs(len(w) - len(word)) <= 2 and (len(word) < 4 or any(p in w for p in pairs))]

    def similarity(self, a, b):
        """The cosine of the vectors of two words."""
        a, b = unit(np.asarray(self[[a, b]], np.float32))
        return float(a @ b)

    def nearest(self, word, n=10):
        """The n words whose vectors have the greatest cosine with a word's, or with a vector [D]: list of (word, cosine).

        The word itself is left out.
        """
        query, without = word, set()
        if isinstance(word, (str, Integral)):
            query, without = self._vector(word), {self.ids[as_word(word)]} if word in self else set()
        query = np.asarray(query, np.float32)
        if query.shape != self.vectors.shape[1:]:
            raise VectorsError(f"the vector has shape {query.shape}, the vocabulary's have {self.vectors.shape[1:]}")
        if not np.isfinite(query).all():
            raise VectorsError("the vector holds numbers that are not finite")
        return self._best(self.unit_vectors @ unit(query[None])[0], n, without)

    def analogy(self, a, b, c, n=1, method="3cosadd"):
        """The n words that are to c as b is to a: list of (word, score), without a, b and c.

        method "3cosadd" (Mikolov et al. 2013) scores cos(w, b - a + c), its three vectors of length 1, "3cosmul"
        (Levy and Goldberg 2014) cos(w, b) cos(w, c) / (cos(w, a) + 0.001), cosines shifted to 0 ... 1.
        """
        va, vb, vc = unit(np.asarray(self[[a, b, c]], np.float32))
        rows = [self.ids[as_word(word)] for word in (a, b, c) if word in self]
        if method == "3cosadd":
            scores = self.unit_vectors @ unit((vb - va + vc)[None])[0]
        elif method == "3cosmul":
            ca, cb, cc = ((1 + self.unit_vectors @ v) / 2 for v in (va, vb, vc))
            scores = cb * cc / (ca + EPSILON)
        else:
            raise VectorsError(f"method must be 3cosadd or 3cosmul, got {method!r}")
        return self._best(scores, n, set(rows))

    def _best(self, scores, n, without):
        n = max(0, min(n, len(self) - len(without)))
        count = min(n + len(without), len(self))
        best = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(self) else np.arange(len(self))
        best = best[np.lexsort((best, -scores[best]))]
        return [(self.words[i], float(scores[i])) for i in best.tolist() if i not in without][:n]

    def of_outputs(self):
        """The same words with their output vectors. Raises VectorsError if there are none."""
        if self.output_vectors is None:
            raise VectorsError("these vectors came without the model's other table")
        return WordVectors(self.words, self.output_vectors, self.counts)

    def save(self, path, format=None):
        """Write the vectors in word2vec's binary (.bin) or text (.txt, .vec) format, chosen by suffix or ``format``, or the
        whole model, with counts, output vectors and subwords (.npz, format "model")."""
        from fastw2v.vectors import model_files, word2vec_files

        if format == "model" or (format is None and model_files.suits(path)):
            model_files.write_model(path, self)
        else:
            word2vec_files.write(path, self.words, self.vectors, format)


def as_word(word):
    """A token as the vocabulary spells it: numbers, as in walks over a graph, by their digits."""
    return str(word) if isinstance(word, Integral) else word


def unit(vectors):
    """Vectors [n, D] scaled to length 1; zero vectors stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), TINY)
