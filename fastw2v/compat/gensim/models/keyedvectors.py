"""gensim's KeyedVectors: keys with their vectors, which can be changed, asked, saved and loaded."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.compat import quality, vector_files
from fastw2v.compat.explained import explained
from fastw2v.compat.installed import attributes_of
from fastw2v.compat.locks import factors_of
from fastw2v.compat.queries import KEYS, Queries
from fastw2v.errors import (
    NotAModelError,
    UnknownWordError,
    UnsupportedAttributeError,
    VectorsError,
    VectorsTypeError,
    VectorsValueError,
    quoted,
)
from fastw2v.formats.content import ReadOptions
from fastw2v.vectors.tables import lengths, unit, unit_vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, DTypeLike, NDArray
    from typing_extensions import Self

    from fastw2v.compat.queries import Key
    from fastw2v.paths import AnyPath
    from fastw2v.vectors.subwords import Subwords

RETIRED = {
    "vocab": "key_to_index, and get_vecattr(key, 'count')",
    "index2word": "index_to_key",
    "index2entity": "index_to_key",
    "syn0": "vectors",
    "syn0norm": "get_normed_vectors()",
    "vectors_norm": "get_normed_vectors()",
}
UNSUPPORTED = {
    "create_binary_tree": (
        "the tree is made of the counts when it is needed; get_vecattr(key, 'code') tells of it"
    ),
    "seeded_vector": "init_weights draws the vectors of all words",
    "load_binary_data": "load_facebook_model reads such files",
    "adjust_vectors": "training makes the words' vectors of their n-grams",
    "init_post_load": "load does it",
    "recalc_char_ngram_buckets": "buckets_word computes them",
    "similarity_unseen_docs": "Doc2Vec has it",
}


def no_attribute(instance: object, name: str, hint: str = "") -> AttributeError:
    """The AttributeError for a name that an object lacks, which says what to use if
    gensim has the name.
    """
    what = type(instance).__name__
    if name in UNSUPPORTED:
        return UnsupportedAttributeError(f"{what}.{name} is not supported: {UNSUPPORTED[name]}")
    return AttributeError(f"{what} has no attribute {name!r}{hint}")


@explained(VectorsTypeError, VectorsValueError)
class KeyedVectors(Queries):
    """Vectors by key, as in gensim. After changing ``vectors``, call ``fill_norms(force=True)``.

    Attributes
    ----------
    index_to_key
        List of V keys, in the order of the rows.
    key_to_index
        Row of each key.
    vectors
        float32 [V, D].
    norms
        Lengths of the vectors, or None.
    expandos
        Further attributes of keys by name, arrays [V] (``get_vecattr``).
    vectors_lockf
        Factors of the gradients in training, one number or [V]; 0 keeps a vector unchanged.
    """

    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: DTypeLike = np.float32,
        mapfile_path: str | None = None,
    ) -> None:
        self.vector_size, self.mapfile_path = vector_size, mapfile_path
        self.index_to_key, self.key_to_index, self.next_index = [None] * count, {}, 0
        self.vectors, self.norms = np.zeros((count, vector_size), dtype), None
        self.expandos: dict[str, np.ndarray] = {}
        self.vectors_lockf = np.ones(1, np.float32)

    @classmethod
    def of(cls, keys: Sequence[Key], vectors: np.ndarray, counts: ArrayLike | None = None) -> Self:
        """Keys (the first of equal ones counts) with their vectors [V, D] and counts [V]."""
        kv = cls.__new__(cls)
        KeyedVectors.__init__(kv, vectors.shape[1], dtype=vectors.dtype)
        kv.key_to_index = {key: row for row, key in reversed(list(enumerate(keys)))}
        if len(kv.key_to_index) < len(keys):  # equal ones
            rows = sorted(kv.key_to_index.values())
            keys, vectors = [keys[row] for row in rows], vectors[rows]
            counts = None if counts is None else np.asarray(counts)[rows]
        kv.key_to_index = {key: row for row, key in enumerate(keys)}
        kv.index_to_key, kv.vectors, kv.next_index = list(keys), vectors, len(keys)
        if counts is not None:
            kv.expandos["count"] = np.array(counts, np.int64)
        return kv

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.index_to_key)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    __repr__ = __str__

    def __getattr__(self, name: str) -> Any:
        hint = f"; use {RETIRED[name]}, as since gensim 4" if name in RETIRED else ""
        raise no_attribute(self, name, hint)

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def __getitem__(self, key_or_keys: Key | Iterable[Key]) -> NDArray[np.float32]:
        if isinstance(key_or_keys, KEYS):
            return self.get_vector(key_or_keys)
        return np.vstack([self.get_vector(key) for key in key_or_keys])

    def __setitem__(self, keys: Any, weights: ArrayLike) -> None:
        if not isinstance(keys, list):
            keys, weights = [keys], np.asarray(weights).reshape(1, -1)
        self.add_vectors(keys, weights, replace=True)

    def has_index_for(self, key: Any) -> bool:
        """Whether a key has a row."""
        return self.get_index(key, -1) >= 0

    def get_index(self, key: Any, default: int | None = None) -> int:
        """The row of a key, or of a number that is no key: itself.

        Raises UnknownWordError, a KeyError.
        """
        try:
            row = self.key_to_index.get(key, -1)
        except TypeError:  # it has no hash
            raise VectorsTypeError(
                f"a key is a string or a number, not a {type(key).__name__}: {quoted(key)}"
            ) from None
        if row >= 0:
            return row
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self.index_to_key):
            return int(key)
        if default is None:
            raise UnknownWordError(f"Key {quoted(str(key))} not present")
        return default

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """The vector [D] of a key, which cannot be written to; with ``norm`` of length 1."""
        vector = self.vectors[self.get_index(key)]
        vector = unit_vector(vector) if norm else vector
        vector.setflags(write=False)
        return vector

    def word_vec(self, word: Key, use_norm: bool = False) -> NDArray[np.float32]:
        """``get_vector``, by its name of before gensim 4."""
        return self.get_vector(word, norm=use_norm)

    def fill_norms(self, force: bool = False) -> None:
        """Compute ``norms``, unless they are there."""
        if self.norms is None or force:
            self.norms = lengths(self.vectors)[0].astype(self.vectors.dtype)

    def get_normed_vectors(self) -> NDArray[np.float32]:
        """The vectors [V, D], each of length 1; zeros stay zeros."""
        return unit(self.vectors)

    def unit_normalize_all(self) -> None:
        """Scale the vectors to length 1, in place; zeros stay zeros."""
        self.vectors = self.get_normed_vectors()
        self.fill_norms(force=True)

    def init_sims(self, replace: bool = False) -> None:
        """``fill_norms``, or with ``replace`` ``unit_normalize_all``: by its name of before gensim
        4.
        """
        self.unit_normalize_all() if replace else self.fill_norms()

    def allocate_vecattrs(
        self, attrs: Iterable[str] | None = None, types: Iterable[Any] | None = None
    ) -> None:
        """Room for a value of each key in the attributes named, or in all there are."""
        if attrs is None:
            attrs, types = list(self.expandos), [values.dtype for values in self.expandos.values()]
        for name, kind in zip(attrs, types or (), strict=True):
            kind = {int: np.int64, str: object}.get(kind, kind)
            old = self.expandos.get(name, np.zeros(0, kind))
            if not np.issubdtype(kind, old.dtype):
                raise VectorsTypeError(
                    f"Can't allocate type {kind} for attribute {name}, conflicts with its existing"
                    f" type {old.dtype}"
                )
            if name not in self.expandos or len(old) != len(self):
                values = np.zeros(len(self), old.dtype)
                values[: len(old)] = old[: len(values)]
                self.expandos[name] = values

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key."""
        self.allocate_vecattrs([attr], [type(val)])
        self.expandos[attr][self.get_index(key)] = val

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a key; ``code`` and ``point`` are its path in the Huffman tree of the
        counts.
        """
        row = self.get_index(key)
        if attr in ("code", "point") and attr not in self.expandos:
            from fastw2v.compat.codes import huffman_codes

            nodes, codes = huffman_codes(self.expandos["count"])(row)
            return codes if attr == "code" else nodes
        if attr not in self.expandos:
            known = ", ".join(self.expandos) or "none"
            raise UnknownWordError(f"keys have no attribute {quoted(attr)}; they have {known}")
        return self.expandos[attr][row]

    def resize_vectors(self, seed: int | None = 0) -> None:
        """Give keys that have no row yet one of random numbers."""
        if len(self) == len(self.vectors):
            return
        rng, new = np.random.default_rng(seed), len(self) - len(self.vectors)
        rows = (rng.random((max(new, 0), self.vector_size)) - 0.5) / self.vector_size
        self.vectors = np.vstack((self.vectors[: len(self)], rows.astype(self.vectors.dtype)))
        self.allocate_vecattrs()
        self.norms = None

    def add_vector(self, key: Key, vector: ArrayLike) -> int:
        """Add one key, in room there is (``count``) or at the end; returns its row."""
        row = self.next_index
        if row < len(self) and self.index_to_key[row] is None:
            self.index_to_key[row], self.key_to_index[key], self.vectors[row] = key, row, vector
        else:
            row = len(self)
            warnings.warn(
                "adding vectors one by one is costly; add_vectors adds many",
                UserWarning,
                stacklevel=2,
            )
            self.add_vectors([key], [vector])
        self.next_index = row + 1
        return row

    def add_vectors(
        self,
        keys: Any,
        weights: Any,
        extras: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        """Add keys with vectors [n, D] and attributes {name: array [n]}; those of keys that are
        there change with ``replace``.
        """
        if isinstance(keys, KEYS):
            keys, weights = [keys], np.asarray(weights).reshape(1, -1)
        weights, extras = (
            np.asarray(weights),
            {name: np.asarray(values) for name, values in (extras or {}).items()},
        )
        if weights.shape != (len(keys), self.vector_size):
            raise VectorsError(
                f"{len(keys)} keys need vectors of shape ({len(keys)}, {self.vector_size}), not"
                f" {weights.shape}"
            )
        self.allocate_vecattrs(extras.keys(), [values.dtype for values in extras.values()])
        there = np.array([key in self.key_to_index for key in keys], bool)
        for place in np.flatnonzero(~there):
            self.key_to_index[keys[place]] = len(self.index_to_key)
            self.index_to_key.append(keys[place])
        self.vectors = np.vstack((self.vectors, weights[~there].astype(self.vectors.dtype)))
        self.allocate_vecattrs()
        changed = [place for place in range(len(keys)) if replace or not there[place]]
        rows = [self.key_to_index[keys[place]] for place in changed]
        self.vectors[rows] = weights[changed]
        for name, values in extras.items():
            self.expandos[name][rows] = values[changed]
        self.norms = None

    def sort_by_descending_frequency(self) -> None:
        """Order keys by their count, of equal ones the later first."""
        if not len(self):
            return
        counts = np.asarray(self.expandos["count"], np.int64)
        order = np.lexsort((-np.arange(len(counts)), -counts))
        self.allocate_vecattrs()
        self.index_to_key = [self.index_to_key[row] for row in order]
        self.expandos = {name: values[order] for name, values in self.expandos.items()}
        if len(self.vectors_lockf) == len(order):
            self.vectors_lockf = self.vectors_lockf[order]
        self.vectors, self.norms = (
            (self.vectors[order] if len(self.vectors) else self.vectors),
            None,
        )
        self.key_to_index = {key: row for row, key in enumerate(self.index_to_key)}

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """KeyedVectors of those of some keys that have a vector, in their order."""
        known = [
            key
            for key in dict.fromkeys(keys)
            if key in (self if allow_inference else self.key_to_index)
        ]
        # without the counts of the model, the order of the keys is that of their counts
        counts = np.arange(len(known), 0, -1)
        kv = KeyedVectors.of(known, self[known] if known else self.vectors[:0], counts)
        for name, values in self.expandos.items() if copy_vecattrs else ():
            kv.expandos[name] = np.zeros(len(known), values.dtype)
            for row, key in enumerate(known):
                kv.expandos[name][row] = (
                    values[self.get_index(key)]
                    if self.has_index_for(key)
                    else kv.expandos[name][row]
                )
        return kv

    def evaluate_word_analogies(
        self,
        analogies: AnyPath,
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """The share of a file's analogies answered right, and of each section its name and
        quadruples: (score, sections).
        """
        return quality.evaluate_word_analogies(
            self, analogies, restrict_vocab, case_insensitive, dummy4unknown, similarity_function
        )

    def evaluate_word_pairs(
        self,
        pairs: AnyPath,
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[quality.Correlation, quality.Correlation, float]:
        """Pearson's and Spearman's correlation with a file's judged pairs, each with its p-value,
        and the percentage of pairs with unknown words.
        """
        return quality.evaluate_word_pairs(
            self, pairs, delimiter, encoding, restrict_vocab, case_insensitive, dummy4unknown
        )

    def tables(self) -> dict[str, np.ndarray]:
        """Further arrays that are saved, by name."""
        return {}

    def with_subwords(self, subwords: Subwords | None, kind: str | None, path: Any) -> Self:
        """These vectors with n-grams (Subwords or None) of a file whose vectors were of the class
        named ``kind``.
        """
        from fastw2v.compat.gensim.models.fasttext import FastTextKeyedVectors

        if subwords is None and kind != FastTextKeyedVectors.__name__:
            if isinstance(self, FastTextKeyedVectors):
                raise NotAModelError(
                    f"{path}: holds no n-grams; KeyedVectors.load reads its vectors"
                )
            return self
        if not isinstance(self, FastTextKeyedVectors):
            self.__class__ = FastTextKeyedVectors  # type: ignore[assignment]  # as the file says
        self.set_subwords(subwords)
        return self

    def save(self, path: Any, **options: Any) -> None:
        """Write keys, vectors and attributes, as .npz whatever the path's name. gensim's options
        (``separately``) do nothing.

        path : or an open binary file.
        """
        vector_files.save(path, self)

    @classmethod
    def load(cls, path: Any, mmap: str | None = None) -> Self:
        """Read what ``save`` wrote here, or other vectors of fastw2v and word2vec.

        Never a pickle, which runs what it holds.
        """
        return vector_files.load_vectors(cls, path, mmap)

    def save_word2vec_format(
        self,
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
    ) -> None:
        """Write word2vec's text or binary format, by descending count; compressed if the name ends
        in .gz, .bz2 or .xz.

        total_vec : how many vectors the header is to count, by default those there are;
            append : write after what there is.
        """
        vector_files.WordWriter(binary, total_vec, write_header, prefix, append, sort_attr)(
            self, fname, fvocab
        )

    @classmethod
    def load_word2vec_format(
        cls,
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: DTypeLike = np.float32,
        no_header: bool = False,
    ) -> Self:
        """Read word2vec's text or binary format; its counts from ``fvocab``, or made up in
        descending order.
        """
        options = ReadOptions(encoding, unicode_errors, limit, np.dtype(datatype).name)
        return cls.of(*vector_files.read_word2vec(fname, binary, no_header, options, fvocab))

    def intersect_word2vec_format(
        self,
        fname: Any,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Give the keys that a file has its vectors, and these lock factors: with 0 they stay."""
        other = self.load_word2vec_format(
            fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors
        )
        if other.vector_size != self.vector_size:
            raise VectorsValueError(f"incompatible vector size {other.vector_size} in file {fname}")
        shared, factor = (
            [key for key in other.index_to_key if key in self.key_to_index],
            float(lockf),
        )
        rows = [self.key_to_index[key] for key in shared]
        self.vectors[rows] = other[shared] if shared else 0
        self.vectors_lockf = np.array(factors_of(self.vectors_lockf, len(self), "vectors_lockf"))
        self.vectors_lockf[rows] = factor
        self.norms = None


Word2VecKeyedVectors = EuclideanKeyedVectors = KeyedVectors
load_word2vec_format = KeyedVectors.load_word2vec_format
__getattr__ = attributes_of("gensim.models.keyedvectors")
