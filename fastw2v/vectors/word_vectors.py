"""Words and their vectors, and what can be asked of them."""

import difflib
import unicodedata
from dataclasses import replace
from functools import cached_property
from numbers import Real

import numpy as np

from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.vectors.tables import LONG, SHORT, blocks, lengths, products, read_only, unit

SEARCHES = 8  # words looked for in the list, before all rows are put into a dictionary
EXTREME = 1 << 10  # rows of extreme length looked at together
SPELT = 60  # letters of an unknown word that are quoted; no others are spelt like longer ones
EPSILON = 1e-3  # of 3CosMul, as in Levy and Goldberg


class WordVectors:
    """V words with their vectors, most frequent first.

    words : list of V strings; of one that stands there twice the first row counts;  vectors :
        float32 [V, D], or a table of
    ``vectors.tables``;  counts : int64 [V] or None;
    output_vectors : the other table of the model, float32 [V, D], or None;  subwords : Subwords, or
    None. With them every word has a vector, in the vocabulary or not, that shares a character
    n-gram with some word of it.
    lengths : of the vectors, float64 [V], if they are known.

    Arrays are not copied, but those that are handed out (``v["king"]``, ``v.vectors``) cannot be
    written to: copy them, as in ``v["king"].copy()``. ``v.vectors = array`` puts others in their
    place. ``table`` and ``output_table`` are the tables as they are, in memory or in their file.
    """

    def __init__(
        self, words, vectors, counts=None, output_vectors=None, subwords=None, lengths=None
    ):
        if len(words) != len(vectors):
            raise VectorsError(f"{len(words)} words but {len(vectors)} vectors")
        self.words, self.subwords, self._searches = words, subwords, 0
        self.table, self.output_table, self.counts = map(
            read_only, (checked_table(vectors), output_vectors, counts)
        )
        if lengths is not None:
            self.lengths = read_only(lengths)

    def __len__(self):
        return len(self.words)

    def __iter__(self):
        return iter(self.words)

    def __contains__(self, word):
        return self._found(as_word(word)) is not None

    def __getitem__(self, words):
        """The vector [D] of a word, or the vectors [n, D] of a list of words.

        Raises UnknownWordError.
        """
        if isinstance(words, (str, Real)):
            return self._vector(words)
        if isinstance(words, bytes):
            raise VectorsError(
                f"words are strings, not bytes; word.decode() makes one of {words[:40]!r}"
            )
        return np.stack([self._vector(word) for word in words]) if len(words) else self.table[:0]

    def __repr__(self):
        return f"<WordVectors: {len(self):,} words, {self.table.shape[1]} dimensions>"

    @property
    def vectors(self):
        """All vectors as one array [V, D], read-only: made, and kept, when first asked for if they
        are still in their file.
        """
        self.table = as_array(self.table)
        return self.table

    @vectors.setter
    def vectors(self, vectors):
        """Put other vectors in their place; what was made of the old ones is forgotten."""
        self.table = read_only(checked_table(vectors))
        for made in ("lengths", "unit_vectors", "_extreme"):
            self.__dict__.pop(made, None)

    @property
    def output_vectors(self):
        """The other table of the model as an array [V, D], read-only, or None."""
        self.output_table = as_array(self.output_table)
        return self.output_table

    @cached_property
    def ids(self):
        """The row of each word."""
        return dict(zip(reversed(self.words), range(len(self.words) - 1, -1, -1), strict=True))

    @cached_property
    def unit_vectors(self):
        """The vectors, each of length 1 (zero vectors stay zero): float32 [V, D], read-only."""
        scaled = np.empty(self.table.shape, np.float32)
        for rows in blocks(self.table):
            scaled[rows] = unit(np.asarray(self.table[rows], np.float32))
        return read_only(scaled)

    @cached_property
    def lengths(self):
        """The length of each vector, float64 [V]."""
        return read_only(lengths(self.table)[0])

    @cached_property
    def _extreme(self):
        """The rows whose scalar products might overflow or underflow in float32; and the lengths, 1
        in place of 0.
        """
        rows = np.flatnonzero(((self.lengths < SHORT) & (self.lengths > 0)) | (self.lengths > LONG))
        return rows, np.where(self.lengths > 0, self.lengths, 1)

    def id(self, word):
        """The row of a word. Raises UnknownWordError, with the nearest spellings."""
        word = as_word(word)
        row = self._found(word)
        if row is None:
            raise UnknownWordError(self._unknown(word))
        return row

    def _found(self, word):
        """The row of a word, or None.

        The first ones are looked for in the list: ``ids`` of a million words take a while.
        """
        if "ids" not in self.__dict__ and self._searches < SEARCHES:
            self._searches += 1
            return self.words.index(word) if word in self.words else None
        return self.ids.get(word)

    def find(self, word):
        """The vector of a word as it stands or in lower case, or of its n-grams; None if there is
        none.
        """
        for spelt in (word, word.lower()):
            if (row := self.ids.get(spelt)) is not None:
                return self._row(row)
        return self.subwords.vector(word.lower()) if self.subwords is not None else None

    def _vector(self, word):
        """The vector of a word: its row, or what its n-grams make of it.

        Raises UnknownWordError.
        """
        if self.subwords is not None and word not in self:
            made = self.subwords.vector(as_word(word))
            if made is not None:
                return made
        return self._row(self.id(word))

    def _row(self, row):
        return (
            self.table[row] if isinstance(self.table, np.ndarray) else self.table[row : row + 1][0]
        )

    def _unknown(self, word):
        """The message of an unknown word, with words spelt like it, whatever their case."""
        shown = repr(word if len(word) <= SPELT else word[:SPELT] + "...")
        hint = ", nor is any of its n-grams" if self.subwords is not None else ""
        near = self._spelt_like(word) if len(word) <= SPELT else []
        hint += f"; did you mean {', '.join(near)}?" if near else ""
        return f"{shown} is not in the vocabulary of {len(self):,} words{hint}"

    def _spelt_like(self, word):
        """The word that differs from ``word`` by its case alone, or else up to three of about its
        spelling, most alike first.
        """
        key, near = (
            _folded(word),
            [other for other in self.words if abs(len(other) - len(word)) <= 2],
        )
        # the most frequent one of each
        spellings = dict(zip(map(_folded, reversed(near)), reversed(near), strict=True))
        if key in spellings:
            return [spellings[key]]
        pairs = {key[i : i + 2] for i in range(len(key) - 1)}
        alike = [
            spelt for spelt in spellings if len(key) < 4 or any(pair in spelt for pair in pairs)
        ]
        near = difflib.get_close_matches(key, alike, n=3, cutoff=0.6)
        return [spellings[spelt] for spelt in near]

    def similarity(self, a, b):
        """The cosine of the vectors of two words."""
        a, b = unit(np.asarray(self[[a, b]], np.float32))
        return float(a @ b)

    def nearest(self, word, n=10):
        """The n words whose vectors have the greatest cosine with a word's, or with a vector [D]:
        list of (word, cosine).

        The word itself is left out.
        """
        query, without = word, set()
        if isinstance(word, (str, Real)):
            query, without = self._vector(word), {self._found(as_word(word))} - {None}
        return self._best(self.cosines(self.checked(query)), n, without)

    def checked(self, query):
        """A query as float32 [D], scaled if it is extremely short or long.

        Raises VectorsError if it has another shape, or numbers that are not finite.
        """
        D = self.table.shape[1]
        try:
            query = np.asarray(query, np.float64)
        except (TypeError, ValueError, OverflowError):
            said = f"nearest takes one word, or a vector of {D} numbers"
            raise VectorsError(
                f"{said}; of several words: [vectors.nearest(word) for word in words]"
            ) from None
        if query.shape != (D,):
            raise VectorsError(f"the vector has shape {query.shape}, the vocabulary's have {(D,)}")
        if not np.isfinite(query).all():
            raise VectorsError("the vector holds numbers that are not finite")
        greatest = float(np.abs(query).max())
        if greatest and not SHORT < greatest < LONG:
            query = query / greatest
        with np.errstate(under="ignore"):
            return query.astype(np.float32)

    def cosines(self, queries):
        """The cosine of every word's vector with a query [D], or with queries [D, n], which are
        columns: float32 [V] or [V, n].

        One pass over the vectors, none of which is copied.
        """
        queries = unit(
            np.asarray(queries, np.float32).T.reshape(-1, self.table.shape[1])
        ).T.reshape(queries.shape)
        extreme, divisors = self._extreme
        # of extreme rows, which are computed anew
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            found = products(self.table, queries)
            found /= divisors.reshape(-1, *[1] * (found.ndim - 1))
        for rows in (
            np.array_split(extreme, range(EXTREME, len(extreme), EXTREME)) if len(extreme) else ()
        ):
            found[rows] = unit(np.asarray(self.table[rows], np.float32)) @ queries
        return found

    def analogy(self, a, b, c, n=1, method="3cosadd"):
        """The n words that are to c as b is to a: list of (word, score), without a, b and c.

        method "3cosadd" (Mikolov et al. 2013) scores cos(w, b - a + c), its three vectors of length
        1, "3cosmul" (Levy and Goldberg 2014) cos(w, b) cos(w, c) / (cos(w, a) + 0.001), cosines
        shifted to 0 ... 1.
        """
        va, vb, vc = unit(np.asarray(self[[a, b, c]], np.float32))
        rows = {self._found(as_word(word)) for word in (a, b, c)} - {None}
        if method == "3cosadd":
            scores = self.cosines(vb - va + vc)
        elif method == "3cosmul":
            ca, cb, cc = (1 + self.cosines(np.stack([va, vb, vc], axis=1)).T) / 2
            scores = cb * cc / (ca + EPSILON)
        else:
            raise VectorsError(f"method must be 3cosadd or 3cosmul, got {method!r}")
        return self._best(scores, n, rows)

    def _best(self, scores, n, without):
        n = max(0, min(n, len(self) - len(without)))
        count = min(n + len(without), len(self))
        best = (
            np.argpartition(-scores, count - 1)[:count]
            if 0 < count < len(self)
            else np.arange(len(self))
        )
        best = best[np.lexsort((best, -scores[best]))]
        return [(self.words[i], float(scores[i])) for i in best.tolist() if i not in without][:n]

    def first(self, n):
        """WordVectors of the n first words, which are the most frequent ones, with all that belongs
        to them.
        """
        counts, outputs = (
            None if table is None else table[:n] for table in (self.counts, self.output_table)
        )
        subwords = self.subwords and replace(self.subwords, own=self.subwords.own[:n])
        return WordVectors(self.words[:n], np.asarray(self.table[:n]), counts, outputs, subwords)

    def of_outputs(self):
        """The same words with their output vectors. Raises VectorsError if there are none."""
        if self.output_table is None:
            raise VectorsError("these vectors came without the model's other table")
        return WordVectors(self.words, self.output_table, self.counts)

    def index(self, effort=128):
        """An ``ApproximateIndex`` of these vectors: ``index().nearest("king")``.

        Needs usearch (fastw2v[ann]).

        effort : candidates looked at for a question; more of them find more of the nearest words.
        """
        from fastw2v.vectors.approximate import build_index

        return build_index(self, effort)

    def save(self, path, format=None, dtype="float32"):
        """Write the vectors whole or not at all, in the format that the suffix of ``path`` asks for
        or that ``format`` names:

        word2vec's .bin ("binary") and .txt or .vec ("text"), .glove ("glove"), each also with .gz,
        .bz2, .xz or .zst after it; .npz for the whole model, with counts, output vectors and
        subwords ("model"); folders "projector" and "hub".
        dtype : float32, or float16 or int8 for "model" and "hub". Raises VectorsError, OutputError.
        """
        from fastw2v.vectors.formats import write

        write(path, self, format, dtype)


def as_word(word):
    """A token as the vocabulary spells it: numbers, as in walks over a graph, by their digits."""
    return str(word) if isinstance(word, Real) else word


def as_array(table):
    """A table as an array in memory, read-only; None of None."""
    return table if table is None or isinstance(table, np.ndarray) else read_only(np.asarray(table))


def checked_table(table):
    """A table of vectors, from whatever has rows of numbers.

    Raises VectorsError unless it has two dimensions and columns.
    """
    if not hasattr(table, "shape"):
        return table
    if len(table.shape) != 2 or table.shape[1] < 1:
        raise VectorsError(
            "vectors must be an array [V, D] of at least one column, not of shape"
            f" {tuple(table.shape)}"
        )
    return table


def _folded(word):
    """A word in one case, and in one of the ways that Unicode has to write it."""
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
