"""Words, their vectors, and questions about them."""

import difflib
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from html import escape
from numbers import Real
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.config import MAX_COUNT
from fastw2v.errors import UnknownWordError, VectorsError, VectorsTypeError, quoted
from fastw2v.vectors.arguments import (
    MAX_SEARCH_COUNT,
    as_word,
    checked_call,
    checked_choice,
    checked_count,
    checked_words,
    is_scalar,
    real_array,
)
from fastw2v.vectors.batch import best_rows
from fastw2v.vectors.subwords import MAX_WORD_BYTES, Subwords
from fastw2v.vectors.tables import (
    LONG,
    SHORT,
    Scaling,
    Table,
    blocks,
    cosines,
    lengths,
    read_only,
    unit,
)

if TYPE_CHECKING:
    from fastw2v.vectors.approximate import ApproximateIndex
    from fastw2v.vectors.documents import DocumentVectors

BATCH_NEIGHBOURS = 300  # of each query that is answered together with others, at most
SEARCHES = 8  # words looked for in the list, before all rows are put into a dictionary
MAX_SPELLING = 60  # letters of an unknown word that are quoted and compared
METHODS = ("3cosadd", "3cosmul")  # of analogies
MAX_WEIGHT = 1e30  # of a word in a query, whose sum is float32
EPSILON = 1e-3  # of 3CosMul, as in Levy and Goldberg
HTML_WORDS, HTML_NUMBERS = 10, 5  # words, and numbers of each, in a notebook's table


class WordVectors:
    """V words with their vectors, most frequent first.

    Arrays are not copied. Returned arrays (``v["king"]``, ``v.vectors``) are read-only. To change
    one, copy it: ``v["king"].copy()``. ``v.vectors = array`` replaces the vectors.

    Parameters
    ----------
    words : list of str, length V
        If a word occurs twice, its first row is its vector.
    vectors : array or table of shape (V, D), float32
        A table of ``vectors.tables`` may keep its rows in a file, or in fewer bits.
    counts : array of int64, shape (V,), optional
    output_vectors : array or table of shape (V, D), optional
        The output vectors of the model.
    subwords : Subwords, optional
        The n-grams of the model. With them, an unknown word that shares an n-gram with a known word
        has a vector.
    lengths : array of float64, shape (V,), optional
        The lengths of the vectors; by default computed when needed.

    Attributes
    ----------
    table, output_table : array or table of shape (V, D)
        Both tables, in memory or in their file.
    documents : DocumentVectors or None
        Document vectors, if the model was trained with documents.

    Raises
    ------
    VectorsError
        The numbers of words and vectors differ, or ``vectors`` has not two dimensions.
    """

    def __init__(
        self,
        words: list[str],
        vectors: Any,
        counts: NDArray[np.int64] | None = None,
        output_vectors: Any = None,
        subwords: Subwords | None = None,
        lengths: NDArray[np.float64] | None = None,
    ) -> None:
        words = checked_words(words, "WordVectors") if not isinstance(words, list) else words
        if not set(map(type, words)) <= {str}:
            words = [as_word(word) for word in words]
        vectors, counts = _checked_table(vectors), checked_counts(counts)
        output_vectors = None if output_vectors is None else _checked_table(output_vectors)
        for what, values in (("vectors", vectors), ("counts", counts)):
            if values is not None and len(values) != len(words):
                raise VectorsError(f"{len(words)} words but {len(values)} {what}")
        self.words, self.subwords, self._searches = words, subwords, 0
        self.table: Table = read_only(vectors)
        self.output_table: Table | None = read_only(output_vectors)
        self.counts: NDArray[np.int64] | None = read_only(counts)
        self.documents: DocumentVectors | None = None
        if lengths is not None:
            self.lengths = read_only(lengths)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word is not None and self._row_of(as_word(word)) is not None

    def __getitem__(self, words: Any) -> NDArray[np.float32]:
        """Return the vector of a word [D], or the vectors of a list of words [n, D].

        Raises
        ------
        UnknownWordError
            A word is not in the vocabulary, and no n-grams give it a vector.
        """
        if isinstance(words, (str, Real)):
            return self._vector(words)
        if isinstance(words, bytes) or not hasattr(words, "__len__") or is_scalar(words):
            as_word(words)  # raises the error for what is neither a word nor several
        vectors = [self._vector(word) for word in words]
        return np.stack(vectors) if vectors else self.table[:0]

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self):,} words, {self.table.shape[1]} dimensions>"

    def _repr_html_(self) -> str:
        """A table of the first words for notebooks."""
        D = self.table.shape[1]
        columns = min(D, HTML_NUMBERS)
        heads = ["word", *(["count"] if self.counts is not None else []), *map(str, range(columns))]
        rows = []
        for row, word in enumerate(self.words[:HTML_WORDS]):
            cells = [escape(word)]
            if self.counts is not None:
                cells.append(f"{int(self.counts[row]):,}")
            cells += [f"{number:.3f}" for number in self._row(row)[:columns].tolist()]
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        head = "".join(f"<th>{name}</th>" for name in heads)
        return (
            f"<p>{len(self):,} words, {D} dimensions</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    @property
    def vectors(self) -> NDArray[np.float32]:
        """All vectors as one read-only, C-contiguous array [V, D].

        Rows that are still in their file are read into memory, and kept.
        """
        array = _as_array(self.table)
        self.table = array
        return array

    @vectors.setter
    def vectors(self, vectors: Any) -> None:
        """Replace the vectors, and forget what was computed from the old ones."""
        self.table = read_only(_checked_table(vectors))
        for name in ("lengths", "unit_vectors", "_scaling"):
            self.__dict__.pop(name, None)

    @property
    def output_vectors(self) -> NDArray[np.float32] | None:
        """The output vectors as a read-only, C-contiguous array [V, D], or None."""
        if self.output_table is None:
            return None
        array = _as_array(self.output_table)
        self.output_table = array
        return array

    @cached_property
    def ids(self) -> dict[str, int]:
        """The row of each word."""
        return dict(zip(reversed(self.words), range(len(self.words) - 1, -1, -1), strict=True))

    @cached_property
    def unit_vectors(self) -> NDArray[np.float32]:
        """The vectors scaled to length 1 (zero vectors stay zero): float32 [V, D], read-only."""
        scaled = np.empty(self.table.shape, np.float32)
        for rows in blocks(self.table):
            scaled[rows] = unit(np.asarray(self.table[rows], np.float32))
        return read_only(scaled)

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """The length of each vector [V]."""
        return read_only(lengths(self.table)[0])

    @cached_property
    def _scaling(self) -> Scaling:
        return Scaling.of(self.lengths)

    @checked_call
    def id(self, word: str) -> int:
        """Return the row of a word.

        Parameters
        ----------
        word : str
            A word of the vocabulary.

        Returns
        -------
        int
            From 0 to V - 1.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary; the message suggests similar spellings.
        """
        word = as_word(word)
        row = self._row_of(word)
        if row is None:
            raise UnknownWordError(self._unknown(word))
        return row

    def _row_of(self, word: str) -> int | None:
        """The row of a word, or None.

        The first ones are looked for in the list: ``ids`` of a million words take a while.
        """
        if "ids" not in self.__dict__ and self._searches < SEARCHES:
            self._searches += 1
            return self.words.index(word) if word in self.words else None
        return self.ids.get(word)

    def _vector(self, word: Any) -> NDArray[np.float32]:
        """The vector of a word: its row, or the mean of its n-grams. Raises UnknownWordError."""
        if self.subwords is not None and word not in self:
            vector = self.subwords.vector(as_word(word))
            if vector is not None:
                return vector
        return self._row(self.id(word))

    def _row(self, row: int) -> NDArray[np.float32]:
        if isinstance(self.table, np.ndarray):
            return self.table[row]
        return self.table[row : row + 1][0]

    def _unknown(self, word: str) -> str:
        """The message of an unknown word, with words of like spelling, whatever their case."""
        short = len(word) <= MAX_SPELLING
        shown = repr(word if short else word[:MAX_SPELLING] + "...")
        hint = ", nor is any of its n-grams" if self.subwords is not None else ""
        if hint and len(word.encode("utf8", "surrogatepass")) > MAX_WORD_BYTES:
            hint = f", and too long for n-grams (over {MAX_WORD_BYTES:,} bytes)"
        near = self._similar_spellings(word) if short else []
        hint += f"; did you mean {', '.join(near)}?" if near else ""
        return f"{shown} is not in the vocabulary of {len(self):,} words{hint}"

    def _similar_spellings(self, word: str) -> list[str]:
        """The word that differs from ``word`` by its case alone, or else up to three of like
        spelling, the most alike first.
        """
        key = _fold_case(word)
        near = [other for other in self.words if abs(len(other) - len(word)) <= 2]
        # the most frequent word of each spelling
        spellings = dict(zip(map(_fold_case, reversed(near)), reversed(near), strict=True))
        if key in spellings:
            return [spellings[key]]
        pairs = {key[i : i + 2] for i in range(len(key) - 1)}
        alike = [
            spelling
            for spelling in spellings
            if len(key) < 4 or any(pair in spelling for pair in pairs)
        ]
        closest = difflib.get_close_matches(key, alike, n=3, cutoff=0.6)
        return [spellings[spelling] for spelling in closest]

    @checked_call
    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of the vectors of two words.

        Parameters
        ----------
        a, b : str
            Words of the vocabulary, or unseen words of a model with n-grams.

        Returns
        -------
        float
            From -1 to 1.

        Raises
        ------
        UnknownWordError
            A word is not in the vocabulary.
        """
        x, y = unit(np.asarray(self[[a, b]], np.float32))
        return float(x @ y)

    @checked_call
    def nearest(self, word: str | ArrayLike, n: int = 10) -> list[tuple[str, float]]:
        """Return the n words whose vectors have the highest cosine with a word's, or with a vector.

        Parameters
        ----------
        word : str or array_like of shape (D,)
            A word, or a vector. A word itself is not among its neighbours.
        n : int
            Number of neighbours.

        Returns
        -------
        list of (word, cosine), best first.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary; the message suggests similar spellings.
        VectorsError
            The vector has another shape, or numbers that are not finite.
        """
        n = checked_count(n, "n")
        if isinstance(word, bytes):
            word = as_word(word)  # raises
        if isinstance(word, (str, Real)):
            query, rows = self._vector(word), {self._row_of(as_word(word))}
        else:
            query, rows = word, set()  # type: ignore[assignment]
        return self._best(self.cosines(self.query(query)), n, rows - {None})

    @checked_call
    def nearest_many(
        self, queries: Iterable[str | ArrayLike], n: int = 10
    ) -> list[list[tuple[str, float]]]:
        """Return the n nearest words of each query; faster than `nearest` for each.

        Parameters
        ----------
        queries : iterable of str or array_like of shape (D,)
            Words and vectors. A word itself is not among its neighbours.
        n : int
            Number of neighbours.

        Returns
        -------
        list, for each query, of (word, cosine), best first.

        Raises
        ------
        UnknownWordError
            A word is not in the vocabulary.
        VectorsError
            A vector has another shape, or numbers that are not finite.
        """
        own: list[int | None] = []
        vectors = []
        n = checked_count(n, "n")
        for each in checked_words(queries, "nearest_many"):
            is_word = isinstance(each, (str, Real))
            own.append(self._row_of(as_word(each)) if is_word else None)
            vectors.append(self.query(self._vector(each) if is_word else each))
        if not vectors or n < 1 or not len(self):
            return [[] for _ in vectors]
        if n > BATCH_NEIGHBOURS:  # sorting takes longer than reading the vectors for each query
            return [
                self._best(self.cosines(vector), n, {word} - {None})
                for word, vector in zip(own, vectors, strict=True)
            ]
        count = min(n + 1, len(self))
        found = best_rows(self.table, self._scaling, unit(np.stack(vectors)), count)
        return [
            [
                (self.words[row], score)
                for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
                if row != word
            ][:n]
            for word, (rows, scores) in zip(own, found, strict=True)
        ]

    @checked_call
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
    ) -> list[tuple[str, float]]:
        """Return the words nearest to a weighted sum of words and vectors, as gensim does.

        Parameters
        ----------
        positive, negative : word, array of shape (D,), or list of either, optional
            Words and vectors to add and to subtract. Vectors of words are scaled to length 1; other
            vectors are not. An item of a list may be a pair (word or vector, weight).
        topn : int
            Number of words.
        restrict_vocab : int, optional
            Search only the first words, which are the most frequent ones.

        Returns
        -------
        list of (word, cosine), best first, without the words of the question.

        Raises
        ------
        UnknownWordError
            A word is not in the vocabulary.
        VectorsError
            There is nothing to add or subtract, or a vector has another number of dimensions.
        """
        topn = checked_count(topn, "topn")
        if restrict_vocab is not None:
            restrict_vocab = checked_count(restrict_vocab, "restrict_vocab", 0)
        total, rows = np.zeros(self.table.shape[1], np.float32), set()
        terms = [*_terms(positive, 1.0), *_terms(negative, -1.0)]
        if not terms:
            raise VectorsError("most_similar takes at least one word or vector")
        for term, weight in terms:
            if isinstance(term, (str, Real)):
                rows.add(self._row_of(as_word(term)))
                vector = unit(self._vector(term)[None])[0]
            else:
                vector = self.query(term)
            total += weight * vector
        return self._best(self.cosines(total)[:restrict_vocab], topn, rows - {None})

    @checked_call
    def doesnt_match(self, words: Iterable[str]) -> str:
        """Return the word that is farthest from the mean of all, as gensim does.

        Parameters
        ----------
        words : iterable of str
            Unknown words are left out.

        Returns
        -------
        str

        Raises
        ------
        VectorsError
            No word is known.
        """
        words = checked_words(words, "doesnt_match")
        known = [word for word in words if self._has_vector(word)]
        if not known:
            raise VectorsError("doesnt_match takes at least one known word")
        vectors = unit(np.asarray(self[known], np.float32))
        return known[int(np.argmin(vectors @ vectors.mean(axis=0)))]

    def _has_vector(self, word: str) -> bool:
        return word in self or (
            self.subwords is not None and self.subwords.vector(as_word(word)) is not None
        )

    @checked_call
    def query(self, vector: ArrayLike) -> NDArray[np.float32]:
        """Return a vector as float32 [D], scaled if it is extremely short or long.

        Parameters
        ----------
        vector : array_like of shape (D,)
            Finite numbers.

        Returns
        -------
        array of float32, shape (D,)

        Raises
        ------
        VectorsError
            The vector has another shape, or numbers that are not finite.
        """
        D = self.table.shape[1]
        try:
            wide = real_array(vector, np.float64)
        except (TypeError, ValueError, OverflowError):
            raise VectorsError(
                f"nearest takes one word, or a vector of {D} numbers; nearest_many takes several"
                " words"
            ) from None
        if wide.shape != (D,):
            raise VectorsError(f"the vector has shape {wide.shape}, the vocabulary's have {(D,)}")
        if not np.isfinite(wide).all():
            raise VectorsError("the vector holds numbers that are not finite")
        greatest = float(np.abs(wide).max())
        if greatest and not SHORT < greatest < LONG:
            wide = wide / greatest
        with np.errstate(under="ignore"):
            return wide.astype(np.float32)

    @checked_call
    def cosines(self, queries: ArrayLike) -> NDArray[np.float32]:
        """Return the cosine of every word's vector with one or several vectors.

        One pass over the vectors, none of which is copied.

        Parameters
        ----------
        queries : array_like of shape (D,) or (D, n)
            A vector, or vectors as columns.

        Returns
        -------
        array of float32, shape (V,) or (V, n)

        Raises
        ------
        VectorsError
            The vectors have another shape, or numbers that are not finite.
        """
        try:
            columns = real_array(queries, np.float32)
        except (TypeError, ValueError, OverflowError):
            raise VectorsTypeError("cosines takes vectors; nearest takes words") from None
        if columns.ndim not in (1, 2) or len(columns) != self.table.shape[1]:
            raise VectorsError(
                f"cosines takes vectors of {self.table.shape[1]} numbers as columns, not shape"
                f" {columns.shape}"
            )
        if not np.isfinite(columns).all():
            raise VectorsError("cosines takes vectors of finite numbers; some of these are not")
        scaled = unit(columns.T.reshape(-1, self.table.shape[1])).T.reshape(columns.shape)
        return cosines(self.table, self._scaling, scaled)

    @checked_call
    def analogy(
        self, a: str, b: str, c: str, n: int = 1, method: str = "3cosadd"
    ) -> list[tuple[str, float]]:
        """Return the n words that are to c as b is to a.

        Parameters
        ----------
        a, b, c : str
            ``analogy("man", "king", "woman")`` gives "queen".
        n : int
            Number of answers.
        method : {"3cosadd", "3cosmul"}
            3CosAdd (Mikolov et al. 2013) scores cos(w, b - a + c), its vectors of length 1.
            3CosMul (Levy and Goldberg 2014) scores cos(w, b) cos(w, c) / (cos(w, a) + 0.001), its
            cosines shifted to 0 ... 1.

        Returns
        -------
        list of (word, score), best first, without a, b and c.

        Raises
        ------
        UnknownWordError
            A word is not in the vocabulary.
        VectorsError
            There is no such method.
        """
        n, method = checked_count(n, "n"), checked_choice(method, "method", METHODS)
        va, vb, vc = unit(np.asarray(self[[a, b, c]], np.float32))
        rows = {self._row_of(as_word(word)) for word in (a, b, c)}
        if method == "3cosadd":
            scores = self.cosines(vb - va + vc)
        else:
            ca, cb, cc = (1 + self.cosines(np.stack([va, vb, vc], axis=1)).T) / 2
            scores = cb * cc / (ca + EPSILON)
        return self._best(scores, n, rows - {None})

    def _best(
        self, scores: NDArray[np.float32], n: int, without: set[Any]
    ) -> list[tuple[str, float]]:
        """The n words of the highest scores, those of some rows left out; ties by row."""
        V = len(scores)
        count = min(max(0, n) + len(without), V)
        best = np.arange(V)
        if 0 < count < V:
            threshold = scores[np.argpartition(-scores, count - 1)[:count]].min()
            above = np.flatnonzero(scores > threshold)
            best = np.concatenate(
                [above, np.flatnonzero(scores == threshold)[: count - len(above)]]
            )
        best = best[np.lexsort((best, -scores[best]))]
        rows = [row for row in best.tolist() if row not in without][: max(0, n)]
        return [(self.words[row], float(scores[row])) for row in rows]

    @checked_call
    def head(self, n: int) -> "WordVectors":
        """Return the first n words, which are the most frequent ones.

        Parameters
        ----------
        n : int
            Number of words.

        Returns
        -------
        WordVectors
            With the counts, output vectors and n-grams of these words.
        """
        n = max(0, checked_count(n, "n"))
        counts = None if self.counts is None else self.counts[:n]
        outputs = None if self.output_table is None else self.output_table[:n]
        subwords = None if self.subwords is None else self.subwords.head(n)
        return WordVectors(self.words[:n], np.asarray(self.table[:n]), counts, outputs, subwords)

    @checked_call
    def of_rows(self, rows: ArrayLike) -> "WordVectors":
        """Return WordVectors of some rows, in their order, with their counts and output vectors.

        Parameters
        ----------
        rows : array_like of int, shape (n,)
            From 0 to V - 1.

        Returns
        -------
        WordVectors

        Raises
        ------
        VectorsError
            ``rows`` holds other values than rows.
        """
        rows = _checked_rows(rows, len(self))
        counts = None if self.counts is None else self.counts[rows]
        outputs = None if self.output_table is None else self.output_table[rows]
        words = [self.words[row] for row in rows.tolist()]
        return WordVectors(words, self.table[rows], counts, outputs)

    def of_outputs(self) -> "WordVectors":
        """Return the same words with their output vectors in place of the input vectors.

        Returns
        -------
        WordVectors

        Raises
        ------
        VectorsError
            There are no output vectors.
        """
        if self.output_table is None:
            raise VectorsError("these vectors came without the model's other table")
        return WordVectors(self.words, self.output_table, self.counts)

    @checked_call
    def infer(
        self,
        tokens: str | Sequence[str] | Iterable[Iterable[str]],
        *,
        epochs: int | None = None,
        alpha: float | None = None,
        seed: int = 1,
        threads: int | None = None,
    ) -> NDArray[np.float32]:
        """Return the vector of a new document, or of several, by a model with documents.

        The tables of the model stay as they are. A vector depends on the document, the model and
        the options alone, not on other documents or on the number of threads.

        Parameters
        ----------
        tokens : str, list of str, or iterable of lists of str
            One document: a text, which is split at white space, or a list of tokens. Or several
            documents: lists of tokens.
        epochs : int, optional
            Number of passes over each document; by default that of the model's training.
        alpha : float, optional
            Initial learning rate; by default that of the model's training.
        seed : int, default 1
            Seed of every random draw.
        threads : int, optional
            Number of threads; by default one per available core.

        Returns
        -------
        array of float32, shape (D,) or (n, D)
            Zeros for a document without known words.

        Raises
        ------
        VectorsError
            The model has no documents, or ``tokens`` is neither text nor lists of strings.
        """
        from fastw2v.training.inference import infer

        return infer(self, tokens, epochs, alpha, seed, threads)

    @checked_call
    def index(self, effort: int = 128) -> "ApproximateIndex":
        """Return an approximate index: ``index().nearest("king")``. Needs usearch (fastw2v[ann]).

        Parameters
        ----------
        effort : int
            Candidates per search; more candidates find more of the nearest words, more slowly.

        Returns
        -------
        ApproximateIndex

        Raises
        ------
        Fastw2vError
            usearch is not installed.
        """
        from fastw2v.vectors.approximate import build_index

        return build_index(self, checked_count(effort, "effort", 1, MAX_SEARCH_COUNT))

    @checked_call
    def embed(
        self,
        texts: Any,
        *,
        weighting: Literal["sif", "idf", "mean"] = "sif",
        remove_components: int = 0,
        lowercase: bool = False,
        tokenize: Literal["words"] | None = None,
        on_event: Any = None,
    ) -> NDArray[np.float32]:
        """Return the vectors of texts: weighted means of the vectors of their words.

        IDF weights and components are learnt from these texts. To embed others in the same way,
        fit a `fastw2v.embedding.TextEmbedder`, which has more settings.

        Parameters
        ----------
        texts : iterable of str or of token lists, path object, or list of path objects
            A string is a text, which is split at white space, as in training. For a file, whose
            lines are texts, pass a pathlib.Path.
        weighting : {"sif", "idf", "mean"}, default "sif"
            Smooth inverse frequency by the counts of the words (Eq. 21), inverse document frequency
            (Eq. 22), or equal weights. The default classifies film reviews best (docs/texts.md).
        remove_components : int, default 0
            Remove the first N principal components of the texts (Eq. 21).
        lowercase : bool, default False
            Convert the texts to lower case. Use it if training did.
        tokenize : {"words"}, optional
            Split running text into words, as `fastw2v.train` does. Use it if training did.
        on_event : callable, optional
            Called with a Notice that counts the texts without a known word.

        Returns
        -------
        array of float32, shape (n, D)
            A text without a known word has a row of zeros. A model with n-grams also uses unknown
            words.

        Raises
        ------
        CorpusError
            An item is not a text, or a file cannot be read; the message names it.
        VectorsError
            ``weighting="sif"``, and the vectors have no counts.
        ConfigError
            An option is out of range.
        """
        # embedding stands above this package
        from fastw2v.embedding.embedder import embed_texts

        return embed_texts(
            self,
            texts,
            on_event,
            weighting=weighting,
            remove_components=remove_components,
            lowercase=lowercase,
            tokenize=tokenize,
        )

    @checked_call
    def save(
        self, path: str | PathLike[str], format: str | None = None, dtype: str = "float32"
    ) -> None:
        """Write the vectors, whole or not at all.

        Parameters
        ----------
        path : path
            Its suffix selects the format: word2vec's .bin ("binary") and .txt or .vec ("text"),
            .glove ("glove"), each also with .gz, .bz2, .xz, .zst or .zip after it; .npz for the
            whole model, with counts, output vectors and subwords ("model"). docs/formats.md has
            more.
        format : str, optional
            Format, whatever the suffix: one of the names above, "projector" or "hub" (folders).
        dtype : {"float32", "float16", "int8"}
            Type of the numbers in the file; float16 and int8 only for "model" and "hub".

        Raises
        ------
        VectorsError
            The format cannot hold these words or numbers.
        OutputError
            The file cannot be written, or its suffix is unknown.
        """
        # The one place where vectors know of files: formats stands above this package.
        from fastw2v.formats import save

        save(path, self, format, dtype)


def _terms(items: Any, sign: float) -> Iterator[tuple[Any, float]]:
    """Words and vectors with their weights, from whatever ``most_similar`` takes."""
    if items is None:
        return
    if isinstance(items, bytes):
        as_word(items)  # raises
    if isinstance(items, (str, Real)) or (isinstance(items, np.ndarray) and items.ndim == 1):
        items = [items]
    if not isinstance(items, Iterable) or isinstance(items, (set, frozenset)) or is_scalar(items):
        raise VectorsTypeError(
            "most_similar takes words and vectors, or lists of them, not a"
            f" {type(items).__name__}: {quoted(items)}"
        )
    for item in items:
        term, weight = item if isinstance(item, tuple) and len(item) == 2 else (item, 1.0)
        yield term, sign * _checked_weight(weight)


def _checked_weight(weight: Any) -> float:
    """The weight of a word. Raises VectorsTypeError for no number, and one that float32 cannot
    hold.
    """
    number = math.nan
    if isinstance(weight, Real):
        with suppress(OverflowError):  # a whole number of hundreds of digits
            number = float(weight)
    if not abs(number) <= MAX_WEIGHT:
        raise VectorsTypeError(
            f"the weight of a word must be a number up to {MAX_WEIGHT:g}, got {quoted(weight)}"
        )
    return number


def _checked_rows(rows: Any, V: int) -> NDArray[np.int64]:
    """Numbers of rows as int64 [n]. Raises VectorsError for what are none."""
    try:
        array = np.asarray(rows)
    except (TypeError, ValueError, OverflowError):
        array = np.asarray(None)
    whole = array.ndim == 1 and (array.dtype.kind in "iu" or not len(array))
    if not whole or (len(array) and not 0 <= array.min() <= array.max() < V):
        kind = VectorsError if whole else VectorsTypeError
        raise kind(f"rows are whole numbers [n] from 0 to {V - 1:,}, not {quoted(rows)}")
    return array.astype(np.int64)


def _as_array(table: Table) -> NDArray[np.float32]:
    """A table as a read-only, C-contiguous array in memory; rows padded by training are copied."""
    if isinstance(table, np.ndarray) and table.flags.c_contiguous:
        return table
    return read_only(np.ascontiguousarray(table))


def _checked_table(table: Any) -> Any:
    """A table of vectors, from whatever has rows of numbers.

    Raises VectorsError unless it has two dimensions and columns of real numbers.
    """
    if not hasattr(table, "shape") or not hasattr(table, "dtype"):
        try:
            table = np.asarray(table, np.float32)
        except (TypeError, ValueError):
            raise VectorsTypeError("vectors must be an array [V, D] of numbers") from None
    if len(table.shape) != 2 or table.shape[1] < 1 or table.dtype.kind not in "fiu":
        raise VectorsError(
            "vectors must be an array [V, D] of real numbers and at least one column, not of shape"
            f" {tuple(table.shape)} and type {table.dtype}"
        )
    return table


def checked_counts(counts: Any) -> NDArray[np.int64] | None:
    """Counts of words as int64 [V]. Raises VectorsError for what are none."""
    if counts is None:
        return None
    try:
        values = np.asarray(counts)
    except (TypeError, ValueError):
        values = np.asarray(None)
    right = values.ndim == 1 and (values.dtype.kind in "iu" or not len(values))
    if not right or (len(values) and not 0 <= values.min() <= values.max() <= MAX_COUNT):
        raise VectorsError(f"counts must be whole numbers [V] from 0 to {MAX_COUNT:,}")
    return values.astype(np.int64, copy=False)


def _fold_case(word: str) -> str:
    """A word in one case, and in one of the ways that Unicode has to write it."""
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
