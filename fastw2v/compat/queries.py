"""What gensim's KeyedVectors can be asked, computed in gensim's steps: equal vectors give equal
answers, in equal order.
"""

import logging
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v.compat.explained import explained
from fastw2v.errors import (
    EmptyQueryError,
    NotInstalledError,
    UnknownWordError,
    VectorsTypeError,
    VectorsValueError,
    quoted,
)
from fastw2v.vectors import tables
from fastw2v.vectors.tables import Scaling, lengths, unit_vector

Key = str | int | np.integer[Any]
KEYS = (str, int, np.integer)
MEANT = "positive and negative take keys, vectors, or pairs of one and its weight"
SHIFT = 1e-6  # of 3CosMul: word2vec.c's and gensim's
logger = logging.getLogger(__name__)


def best_first(scores: ArrayLike, n: int) -> Sequence[int] | NDArray[np.intp]:
    """Places of the n greatest scores, the greatest first; ties stand as in gensim's
    ``matutils.argsort``.
    """
    if n <= 0:
        return []
    falling = -np.asarray(scores)
    if n >= falling.size:
        return np.argsort(falling)[:n]
    largest = np.argpartition(falling, n)[:n]
    return largest.take(np.argsort(falling.take(largest)))


def as_list(keys: Any) -> list[Any]:
    """A list of keys, vectors, or either with weights, from whatever ``most_similar`` takes."""
    if keys is None:
        return []
    if isinstance(keys, KEYS) or (isinstance(keys, np.ndarray) and keys.ndim == 1):
        return [keys]
    try:
        return list(keys)
    except TypeError:
        raise VectorsTypeError(f"{MEANT}, not {quoted(keys)}") from None


def weighted(item: Any) -> tuple[Any, float]:
    """A key or vector, and its weight. Raises VectorsTypeError."""
    try:
        key, weight = item
        weight = float(weight)
    except (TypeError, ValueError):
        raise VectorsTypeError(f"{MEANT}, not {quoted(item)}") from None
    if isinstance(item, bytes) or not math.isfinite(weight):
        raise VectorsTypeError(f"{MEANT}, not {quoted(item)}")
    return key, weight


def cosines(vectors: NDArray[Any], norms: NDArray[Any], query: NDArray[Any]) -> NDArray[np.float32]:
    """The cosines [V] of vectors [V, D] of lengths [V] with a query [D] of length 1; 0 for
    zeros.
    """
    return tables.cosines(vectors, Scaling.of(norms), query)


def _transport() -> Callable[..., float]:
    """A function of two distributions [n], [m] and costs [n, m]: the least cost of moving one to
    the other. Raises NotInstalledError.
    """
    try:
        from ot import emd2

        return emd2
    except ImportError:
        pass
    try:
        import scipy.optimize  # noqa: F401
    except ImportError as error:
        raise NotInstalledError(
            "wmdistance needs POT or SciPy, which are not installed: pip install POT"
        ) from error
    return _least_cost


def _least_cost(
    first: NDArray[np.float64], second: NDArray[np.float64], costs: NDArray[np.float64]
) -> float:
    """The least cost of moving a distribution [n] to another [m], as a linear program."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, kron, vstack

    n, m = costs.shape
    leaving, arriving = kron(eye_array(n), np.ones((1, m))), kron(np.ones((1, n)), eye_array(m))
    found = linprog(
        costs.reshape(-1),
        A_eq=vstack((leaving, arriving)).tocsr(),
        b_eq=np.concatenate((first, second)),
        method="highs",
    )
    return float(found.fun)


@explained(VectorsTypeError, VectorsValueError)
class Queries:
    """The questions; ``vectors`` [V, D], ``norms`` [V], ``index_to_key`` and ``key_to_index`` are
    who mixes this in's.
    """

    vectors: NDArray[np.float32]
    norms: Any  # float32, or None until fill_norms
    vector_size: int
    index_to_key: list[Any]
    key_to_index: dict[Any, int]

    if TYPE_CHECKING:  # of KeyedVectors

        def __contains__(self, key: object) -> bool: ...
        def __getitem__(self, key_or_keys: Any) -> NDArray[np.float32]: ...
        def get_index(self, key: Any, default: int | None = None) -> int: ...
        def has_index_for(self, key: Any) -> bool: ...
        def get_vector(self, key: Any, norm: bool = False) -> NDArray[np.float32]: ...
        def fill_norms(self, force: bool = False) -> None: ...

    def get_mean_vector(
        self,
        keys: Any,
        weights: Any = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> NDArray[Any]:
        """The weighted mean [D] of keys and vectors, divided by the sum of the weights' sizes."""
        if len(keys) == 0:
            raise VectorsValueError("cannot compute mean with no input")
        weights = np.ones(len(keys), self.vectors.dtype) if weights is None else weights
        weights = np.array(weights, self.vectors.dtype) if isinstance(weights, list) else weights
        if len(keys) != len(weights):
            raise VectorsValueError("keys and weights array must have same number of elements")
        mean: NDArray[Any] = np.zeros(self.vector_size, self.vectors.dtype)
        total = 0
        for key, weight in zip(keys, weights, strict=True):
            if isinstance(key, np.ndarray):
                vector = key
            elif key in self:
                vector = self.get_vector(key, norm=pre_normalize)
            elif ignore_missing:
                continue
            else:
                raise UnknownWordError(f"Key {quoted(str(key))} not present in vocabulary")
            mean += weight * vector
            total += abs(weight)
        mean = mean / total if total > 0 else mean
        return unit_vector(mean).astype(np.float32) if post_normalize else mean

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """The topn keys nearest to the mean of positive keys less negative ones: list of (key,
        cosine), the keys asked for left out; all cosines [V] where topn is None.

        positive, negative : a key, a vector, or a list of them, each of which may be a pair
            with its weight.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        positive, negative = as_list(positive), as_list(negative)
        self.fill_norms()
        start, stop = (
            (0, restrict_vocab) if restrict_vocab else (clip_start, clip_end or len(self.vectors))
        )
        weights = np.concatenate((np.ones(len(positive)), -1.0 * np.ones(len(negative))))
        keys = []
        for index, item in enumerate(positive + negative):
            if not isinstance(item, (*KEYS, np.ndarray)):
                item, weights[index] = weighted(item)
            keys.append(item)
        mean = self.get_mean_vector(
            keys, weights, pre_normalize=True, post_normalize=True, ignore_missing=False
        )
        if indexer is not None and isinstance(topn, int):
            return indexer.most_similar(mean, topn)
        asked = [
            self.get_index(key) for key in keys if isinstance(key, KEYS) and self.has_index_for(key)
        ]
        return self._best(
            cosines(self.vectors[start:stop], self.norms[start:stop], mean), topn, asked, start
        )

    def _best(
        self,
        scores: NDArray[np.float32],
        topn: int | None,
        without: Collection[int],
        start: int = 0,
    ) -> Any:
        if topn is not None and not isinstance(topn, Integral):
            raise VectorsTypeError(f"topn must be a whole number or None, got {quoted(topn)}")
        if not topn:
            return scores
        best = best_first(scores, topn + len(without))
        return [
            (self.index_to_key[i + start], float(scores[i]))
            for i in best
            if i + start not in without
        ][:topn]

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """``most_similar`` of one key."""
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    similar_by_word = similar_by_key

    def similar_by_vector(
        self, vector: NDArray[np.float32], topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """``most_similar`` of one vector [D]."""
        return self.most_similar(positive=[vector], topn=topn, restrict_vocab=restrict_vocab)

    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """The topn keys by 3CosMul (Levy and Goldberg 2014): list of (key, score). gensim does not
        look at ``restrict_vocab`` here, nor is it looked at.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        positive, negative = as_list(positive), as_list(negative)
        self.fill_norms()
        asked = {
            self.get_index(key)
            for key in positive + negative
            if not isinstance(key, np.ndarray) and key in self.key_to_index
        }
        if not positive:
            raise VectorsValueError("cannot compute similarity with no input")
        rising, falling = (
            [(1 + cosines(self.vectors, self.norms, self._term(key))) / 2 for key in keys]
            for keys in (positive, negative)
        )
        return self._best(np.prod(rising, axis=0) / (np.prod(falling, axis=0) + SHIFT), topn, asked)

    def _term(self, key: Any) -> NDArray[np.float32]:
        return key if isinstance(key, np.ndarray) else self.get_vector(key, norm=True)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The key of a list that is most similar to another."""
        if len(keys_list) == 0:
            raise VectorsValueError("most_similar_to_given: the list of keys is empty")
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

    def similarity(self, w1: Key, w2: Key) -> np.float32:
        """The cosine of two keys' vectors."""
        return np.dot(unit_vector(self[w1]), unit_vector(self[w2]))

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> np.float32:
        """The cosine of the mean vectors of two lists of keys."""
        if not (len(ws1) and len(ws2)):
            raise EmptyQueryError(
                "n_similarity compares the means of two lists of words, and one list is empty;"
                " give at least one word in each"
            )
        first, second = (
            unit_vector(self.get_mean_vector(keys, pre_normalize=False)) for keys in (ws1, ws2)
        )
        return np.dot(first, second)

    def distance(self, w1: Key, w2: Key) -> np.float32:
        """1 less the cosine of two keys' vectors."""
        return 1 - self.similarity(w1, w2)

    @staticmethod
    def cosine_similarities(vector_1: ArrayLike, vectors_all: ArrayLike) -> NDArray[np.float32]:
        """The cosines [n] of a vector [D] with vectors [n, D]; 0 for zeros."""
        vectors_all = np.asarray(vectors_all)
        return cosines(vectors_all, lengths(vectors_all)[0], unit_vector(np.asarray(vector_1)))

    def distances(
        self, word_or_vector: Any, other_words: Sequence[Key] = ()
    ) -> NDArray[np.float32]:
        """1 less the cosines of a key or vector with other keys, or with all of them [V]."""
        one = (
            self.get_vector(word_or_vector) if isinstance(word_or_vector, KEYS) else word_or_vector
        )
        others = (
            self.vectors[[self.get_index(word) for word in other_words]]
            if len(other_words or ())
            else self.vectors
        )
        return 1 - self.cosine_similarities(one, others)

    def closer_than(self, key1: Key, key2: Key) -> list[Key]:
        """The keys that are closer to key1 than key2 is."""
        distances, first = self.distances(key1), self.get_index(key1)
        closer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[i] for i in closer if i != first]

    words_closer_than = closer_than

    def rank(self, key1: Key, key2: Key) -> int:
        """The place of key2 among all keys by their distance from key1, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def rank_by_centrality(
        self, words: Sequence[Key], use_norm: bool = True
    ) -> list[tuple[np.float32, Key]]:
        """List of (cosine with the mean of the words, word), the most central first; unknown words
        are left out.
        """
        known = [word for word in words if word in self]
        if len(known) != len(words):
            logger.warning(
                "vectors for words %s are not present in the model, ignoring these words",
                set(words) - set(known),
            )
        if not known:
            raise VectorsValueError("cannot select a word from an empty list")
        vectors = np.vstack([self.get_vector(word, norm=use_norm) for word in known]).astype(
            np.float32
        )
        return sorted(
            zip(
                np.dot(vectors, self.get_mean_vector(vectors, post_normalize=True)),
                known,
                strict=True,
            ),
            reverse=True,
        )

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """The word that is farthest from the mean of all."""
        return self.rank_by_centrality(words)[-1][1]

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """The cosine of two keys, divided by the sum of the first one's topn greatest cosines."""
        nearest = self.similar_by_word(wa, topn)
        if not nearest:
            raise VectorsValueError(
                "Cannot calculate relative cosine similarity without any similar words."
            )
        return float(self.similarity(wa, wb)) / sum(cosine for _, cosine in nearest)

    def wmdistance(
        self, document1: Iterable[Key], document2: Iterable[Key], norm: bool = True
    ) -> float:
        """The word mover's distance of two lists of keys (Kusner et al. 2015).

        Unknown keys are left out. Infinite if a list has no known key, or all vectors are equal.
        Needs POT, or SciPy, which is slower. Raises NotInstalledError, an ImportError.
        """
        cheapest = _transport()
        first, second = (
            Counter(key for key in document if key in self) for document in (document1, document2)
        )
        if not first or not second:
            logger.warning("at least one of the documents has no word of the vocabulary")
            return float("inf")
        if len(first | second) == 1:
            return 0.0
        rows, columns = (
            np.array([self.get_vector(key, norm=norm) for key in keys], np.float64)
            for keys in (first, second)
        )
        distances = np.linalg.norm(rows[:, None] - columns, axis=2)
        if distances.sum() < 1e-8:
            return float("inf")
        shares = (np.array(list(counts.values())) / counts.total() for counts in (first, second))
        return cheapest(*shares, distances)

    @staticmethod
    def log_accuracy(section: Mapping[str, Any]) -> None:
        """Log the share of a section's analogies answered right."""
        right, wrong = len(section["correct"]), len(section["incorrect"])
        if right + wrong:
            logger.info(
                "%s: %.1f%% (%d/%d)",
                section["section"],
                100 * right / (right + wrong),
                right,
                right + wrong,
            )

    @staticmethod
    def log_evaluate_word_pairs(
        pearson: Sequence[float], spearman: Sequence[float], oov: float, pairs: object
    ) -> None:
        """Log what ``evaluate_word_pairs`` found for a file."""
        logger.info(
            "%s: Pearson %.4f, Spearman %.4f, %.1f%% with unknown words",
            pairs,
            pearson[0],
            spearman[0],
            oov,
        )
