"""Models and vectors as gensim's ``save`` wrote them (0.12 to 4.4): pickles, with large arrays in
.npy files of the same folder.

Nothing that a file holds is run: ``pickles`` makes records of it, and ``read`` takes what it knows
out of these, its shape and type checked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import MAX_COUNT, MAX_NGRAM_CHARS
from fastw2v.equations.subwords import word_vector
from fastw2v.errors import MissingVectorsError, NotAModelError, VectorsError
from fastw2v.files import reason
from fastw2v.formats.content import Content, ReadOptions
from fastw2v.formats.pickles import Record, array_of, read_records
from fastw2v.formats.sources import FileBytes
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import all_finite
from fastw2v.vectors.word_vectors import WordVectors

Array = NDArray[Any]


@dataclass(frozen=True)
class GensimModel:
    """What a file of gensim's holds.

    Attributes
    ----------
    kind
        Name of gensim's class.
    keys
        List of V.
    vectors
        float32 [V, D].
    counts
        int64 [V] or None.
    settings
        Plain values by name.
    outputs
        The table of negative sampling [V, D], or None.
    subwords
        Subwords or None.
    lock_factors
        float32 [V] by which gradients of vectors are multiplied, None for 1.
    """

    kind: str
    keys: list[str | int]
    vectors: NDArray[np.float32]
    counts: NDArray[np.int64] | None
    settings: dict[str, Any]
    outputs: NDArray[np.float32] | None
    subwords: Subwords | None
    lock_factors: NDArray[np.float32] | None = None


def load(
    source: FileBytes, content: Content | None = None, options: ReadOptions | None = None
) -> WordVectors:
    """WordVectors of a file that gensim's ``save`` wrote. Raises NotAModelError."""
    model = read(source.path)
    words = list(map(str, model.keys))
    return WordVectors(words, model.vectors, model.counts, model.outputs, model.subwords)


def read(path: AnyPath) -> GensimModel:
    """Read a file that gensim's ``save`` wrote.

    Raises NotAModelError, an UnpicklingError.
    """
    try:
        return _model(path, read_records(Path(path).read_bytes()))
    except FileNotFoundError as error:
        raise MissingVectorsError(
            f"{error.filename or path}: cannot be read: {reason(error)}; {path} needs it"
        ) from error
    except VectorsError:
        raise
    except KeyError as error:
        raise _refused(
            path, f"it lacks {str(error)[:60]}, or has operations that gensim's files lack"
        ) from error
    except Exception as error:  # damaged pickles raise errors of many classes
        raise _refused(path, reason(error) or type(error).__name__) from error


def _refused(path: AnyPath, why: str) -> NotAModelError:
    return NotAModelError(
        f"{shown(path)}: is a pickle, and is not read: {why[:120]}; it is damaged, or no model of"
        " gensim's"
    )


def _model(path: AnyPath, record: object) -> GensimModel:
    model = Attributes(path, record)
    whole = "wv" in model.state or model.kind in ("Word2Vec", "FastText")
    wv = model.part("wv") if whole else model
    keys, counts = wv.keys()
    vectors, subwords = wv.vectors(keys)
    settings = (
        model.part("vocabulary").plain()
        | model.part("trainables").plain()
        | wv.plain()
        | model.plain()
    )
    outputs = model.table("syn1neg", "trainables")
    if outputs is not None and outputs.shape != vectors.shape:
        raise ValueError(f"it has {len(keys)} words, and an output table of {outputs.shape}")
    parts = wv, model.part("trainables")  # since gensim 4, and in gensim 3
    lock = next(
        (array for part in parts if (array := part.array("vectors_lockf")) is not None), None
    )
    factors = None
    if subwords is None and lock is not None and (lock != 1).any():
        if lock.shape not in ((1,), (len(keys),)) or not np.isfinite(lock).all():
            raise ValueError(f"it has {len(keys)} words, and lock factors of {lock.shape}")
        factors = lock.astype(np.float32)
    return GensimModel(model.kind, keys, vectors, counts, settings, outputs, subwords, factors)


class Attributes:
    """The attributes of an object of gensim's, also those in files of their own.

    path : of the file, with which the names of these files begin;  record : of the object, or None
    for one that is missing.
    """

    def __init__(self, path: AnyPath, record: object) -> None:
        self.path = path
        self.state: dict[str, Any] = {}
        self.kind = ""
        if record is None:
            return
        if (
            not isinstance(record, Record)
            or not isinstance(record.state, dict)
            or not record.name.module.startswith("gensim.")
        ):
            raise ValueError("it holds no object of gensim")
        self.state, self.kind = record.state, record.name.name

    def part(self, name: str) -> "Attributes":
        """The attributes of an attribute; this object's own if it is a model of before gensim 1,
        which has no parts.
        """
        record = self.state.get(name)
        old = record is None and name == "wv"
        return self if old else Attributes(f"{self.path}.{name}", record)

    def plain(self) -> dict[str, Any]:
        """The attributes that are numbers, text or nothing, by name."""
        return {
            name: value
            for name, value in self.state.items()
            if isinstance(value, (int, float, str, type(None)))
        }

    def table(self, name: str, part: str | None = None) -> NDArray[np.float32] | None:
        """An attribute that is an array [n, D], of this object or of a part of it, as float32; None
        if there is none.
        """
        value = self.array(name)
        if value is None:
            return self.part(part).table(name) if part else None
        if value.ndim != 2 or value.dtype.kind != "f" or not value.shape[1]:
            raise ValueError(f"its {name} is no table of numbers")
        with np.errstate(over="ignore"):  # checked afterwards
            table = value.astype(np.float32, copy=False)
        if not all_finite(table):
            raise ValueError(f"its {name} holds numbers that are not finite")
        return table

    def array(self, name: str) -> Array | None:
        """An attribute that is an array of numbers, in the file or in one of its own; None if there
        is none.
        """
        value, separate = self.state.get(name), self.state.get("__numpys")
        if value is not None:
            return array_of(value)
        if not isinstance(separate, list) or name not in separate:
            return None
        path = Path(f"{self.path}.{name}.npy")
        if path.exists() and not path.is_file():
            raise ValueError(f"{path} is no plain file")
        try:
            return np.asarray(np.load(path, allow_pickle=False))
        except FileNotFoundError:
            raise
        except Exception as error:  # NumPy raises errors of many classes for damaged headers
            raise ValueError(f"{path.name}: {reason(error) or type(error).__name__}") from error

    def keys(self) -> tuple[list[str | int], NDArray[np.int64] | None]:
        """The list of keys, and their counts or None."""
        names = ("index_to_key", "index2word", "index2entity")
        keys = next((self.state[name] for name in names if name in self.state), None)
        if (
            not isinstance(keys, list)
            or not all(isinstance(key, (str, int)) for key in keys)
            or not keys
        ):
            raise ValueError("it has no list of words")
        # raises UnicodeEncodeError, a ValueError, for halves of letters
        "".join(map(str, keys)).encode()
        counts = self._counts(keys)
        if counts is None:
            return keys, None
        if counts.shape != (len(keys),) or counts.dtype.kind not in "iu":
            raise ValueError("its counts are not one for each word")
        if not 0 <= counts.min() <= counts.max() <= MAX_COUNT:
            raise ValueError(f"its counts are not from 0 to {MAX_COUNT:,}")
        return keys, counts.astype(np.int64)

    def _counts(self, keys: list[str | int]) -> Array | None:
        """The counts of keys: of gensim 3's objects, or an array as since gensim 4."""
        vocab, expandos = self.state.get("vocab"), self.state.get("expandos")
        if isinstance(vocab, dict):
            return np.array([vocab[key].state["count"] for key in keys])
        counts = expandos.get("count") if isinstance(expandos, dict) else None
        return None if counts is None else array_of(counts)

    def vectors(self, keys: list[str | int]) -> tuple[NDArray[np.float32], Subwords | None]:
        """The vectors of keys [V, D], and Subwords or None."""
        ngram_rows, own = self.table("vectors_ngrams"), self.table("vectors_vocab")
        tables = (self.table(name) for name in ("vectors", "syn0"))
        vectors = next((table for table in tables if table is not None), None)
        if ngram_rows is None:
            if vectors is None or len(vectors) != len(keys) or self.kind.startswith("FastText"):
                raise ValueError("it has no vectors, or n-grams of another gensim than 3.8 to 4.4")
            return vectors, None
        minn, maxn, buckets = self._ngrams()
        if not self.state.get("compatible_hash") or own is None:
            raise ValueError("its n-grams are of another gensim than 3.8 to 4.4")
        used = self._used_buckets(buckets)
        if (
            len(ngram_rows) != len(used)
            or len(own) != len(keys)
            or own.shape[1] != ngram_rows.shape[1]
        ):
            raise ValueError(
                f"it has {len(keys)} words, {len(used)} buckets, and tables of {own.shape} and"
                f" {ngram_rows.shape}"
            )
        if vectors is not None and vectors.shape != own.shape:
            raise ValueError(f"it has tables of {own.shape} and {vectors.shape}")
        subwords = Subwords(minn, maxn, buckets, used, ngram_rows, own)
        return (_means(keys, subwords) if vectors is None else vectors), subwords

    def _ngrams(self) -> tuple[int, int, int]:
        """The characters of n-grams, from and to, and the number of buckets."""
        numbers = [self.state.get(name) for name in ("min_n", "max_n", "bucket")]
        if all(isinstance(n, int) for n in numbers):
            minn, maxn, buckets = cast(list[int], numbers)
            if 1 <= minn <= maxn <= MAX_NGRAM_CHARS and 1 <= buckets < 2**31:
                return minn, maxn, buckets
        raise ValueError("its n-grams are of another gensim than 3.8 to 4.4")

    def _used_buckets(self, buckets: int) -> NDArray[np.int32]:
        """The buckets that have a row, in row order: those that gensim 3 lists, or all."""
        rows = self.state.get("hash2index")
        if rows is None:
            return np.arange(buckets, dtype=np.int32)
        used = np.array(sorted(rows, key=rows.__getitem__))
        if (
            used.dtype.kind != "i"
            or used.min() < 0
            or used.max() >= buckets
            or sorted(rows.values()) != list(range(len(rows)))
        ):
            raise ValueError("its buckets are not numbered one by one")
        return used.astype(np.int32)


def _means(keys: list[str | int], subwords: Subwords) -> NDArray[np.float32]:
    """The vectors of keys that own rows and n-grams give (Eq. 20)."""
    own, ngram_rows = np.asarray(subwords.own), np.asarray(subwords.vectors)
    vectors = np.empty_like(own)
    for row, key in enumerate(keys):
        ids = subwords.subword_ids(str(key))
        vectors[row] = word_vector(range(len(ids) + 1), np.vstack((own[row], ngram_rows[ids])))
    return vectors
