"""Models and vectors as gensim's ``save`` wrote them (0.12 to 4.4): pickles, with large arrays in
.npy files beside them.

Nothing that a file holds is run: ``pickles`` makes records of it, and ``read`` takes what it knows
out of these, its shape and type checked.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastw2v.equations.subwords import bucket, ngrams, word_vector
from fastw2v.errors import MissingVectorsError, NotAModelError, VectorsError
from fastw2v.files import reason
from fastw2v.vectors.pickles import PICKLES, Record, array_of, load
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import lengths
from fastw2v.vectors.word_vectors import WordVectors

MOST = 50  # characters of an n-gram


@dataclass(frozen=True)
class GensimModel:
    """What a file of gensim's holds.

    kind : the name of its class;  keys : list of V;  vectors : float32 [V, D];  counts : int64
        [V] or None;  settings : plain
    values by name;  outputs : the table of negative sampling [V, D], or None;  subwords : Subwords
    or None.
    """

    kind: str
    keys: list
    vectors: np.ndarray
    counts: np.ndarray | None
    settings: dict
    outputs: np.ndarray | None
    subwords: Subwords | None

    def word_vectors(self):
        """The same as WordVectors."""
        return WordVectors(
            list(map(str, self.keys)), self.vectors, self.counts, self.outputs, self.subwords
        )


def is_pickle(path):
    """Whether a file is a pickle, by its first bytes."""
    try:
        with open(path, "rb") as file:
            return file.read(2) in PICKLES
    except OSError:
        return False  # whoever reads it will say what is wrong with it


def read(path):
    """Read a file that gensim's ``save`` wrote; returns a GensimModel.

    Raises NotAModelError, an UnpicklingError.
    """
    try:
        return _model(path, load(Path(path).read_bytes()))
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


def _refused(path, why):
    return NotAModelError(
        f"{path}: is a pickle, and is not read: {why[:120]}; it is damaged, or no model of gensim's"
    )


def _model(path, record):
    parts = Parts(path, record)
    wv = (
        parts.part("wv") if "wv" in parts.state or parts.kind in ("Word2Vec", "FastText") else parts
    )
    keys, counts = wv.keys()
    vectors, subwords = wv.vectors(keys)
    settings = (
        parts.part("vocabulary").plain()
        | parts.part("trainables").plain()
        | wv.plain()
        | parts.plain()
    )
    outputs = parts.table("syn1neg", "trainables")
    if outputs is not None and outputs.shape != vectors.shape:
        raise ValueError(f"it has {len(keys)} words, and an output table of {outputs.shape}")
    for name, table in {"vectors": vectors, "output table": outputs}.items():
        if table is not None and lengths(table)[1] is not None:
            raise ValueError(f"its {name} holds numbers that are not finite")
    return GensimModel(parts.kind, keys, vectors, counts, settings, outputs, subwords)


class Parts:
    """The attributes of an object of gensim's, those that stand in files beside its own too.

    path : of the file, from which the names of these begin;  record : of the object, or None of
        what there is not.
    """

    def __init__(self, path, record):
        self.path, self.state, self.kind = path, {}, ""
        if record is None:
            return
        if (
            not isinstance(record, Record)
            or not isinstance(record.state, dict)
            or not record.name.module.startswith("gensim.")
        ):
            raise ValueError("it holds no object of gensim")
        self.state, self.kind = record.state, record.name.name

    def part(self, name):
        """The attributes of an attribute; this object's own if it is a model of before gensim 1,
        which has no parts.
        """
        record = self.state.get(name)
        old = record is None and name == "wv"
        return self if old else Parts(f"{self.path}.{name}", record)

    def plain(self):
        """The attributes that are numbers, text or nothing, by name."""
        return {
            name: value
            for name, value in self.state.items()
            if isinstance(value, (int, float, str, type(None)))
        }

    def table(self, name, part=None):
        """An attribute that is an array [n, D], of this object or of a part of it, as float32; None
        if there is none.
        """
        value = self.array(name)
        if value is None:
            return Parts.table(self.part(part), name) if part else None
        if value.ndim != 2 or value.dtype.kind != "f" or not value.shape[1]:
            raise ValueError(f"its {name} is no table of numbers")
        return value.astype(np.float32, copy=False)

    def array(self, name):
        """An attribute that is an array of numbers, in the file or beside it; None if there is
        none.
        """
        value, beside = self.state.get(name), self.state.get("__numpys")
        if value is not None:
            return array_of(value)
        if not isinstance(beside, list) or name not in beside:
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

    def keys(self):
        """The list of keys, and their counts (int64) or None."""
        keys = next(
            (
                self.state[name]
                for name in ("index_to_key", "index2word", "index2entity")
                if name in self.state
            ),
            None,
        )
        if (
            not isinstance(keys, list)
            or not all(isinstance(key, (str, int)) for key in keys)
            or not keys
        ):
            raise ValueError("it has no list of words")
        "".join(
            map(str, keys)
        ).encode()  # raises UnicodeEncodeError, a ValueError, for halves of letters
        vocab = self.state.get("vocab")
        if isinstance(vocab, dict):
            counts = [vocab[key].state["count"] for key in keys]
        else:
            expandos = self.state.get("expandos")
            counts = expandos.get("count") if isinstance(expandos, dict) else None
            counts = counts if counts is None else array_of(counts)
        counts = None if counts is None else np.array(counts)
        if counts is not None and (
            counts.shape != (len(keys),) or counts.dtype.kind not in "iu" or counts.min() < 0
        ):
            raise ValueError("its counts are not one for each word")
        return keys, None if counts is None else counts.astype(np.int64)

    def vectors(self, keys):
        """The vectors of keys [V, D], and Subwords or None."""
        ngram_rows, own = self.table("vectors_ngrams"), self.table("vectors_vocab")
        vectors = next(
            (table for name in ("vectors", "syn0") if (table := self.table(name)) is not None), None
        )
        if ngram_rows is None:
            if vectors is None or len(vectors) != len(keys) or self.kind.startswith("FastText"):
                raise ValueError("it has no vectors, or n-grams of another gensim than 3.8 to 4.4")
            return vectors, None
        least, most, buckets = (self.state.get(name) for name in ("min_n", "max_n", "bucket"))
        whole = (
            all(isinstance(n, int) for n in (least, most, buckets))
            and 1 <= least <= most <= MOST
            and 1 <= buckets < 2**31
        )
        if not self.state.get("compatible_hash") or not whole or own is None:
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
        subwords = Subwords(least, most, buckets, used, ngram_rows, own)
        return (_means(keys, subwords) if vectors is None else vectors), subwords

    def _used_buckets(self, buckets):
        """Return the buckets that have a row, in row order: those that gensim 3 lists, or all."""
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


def _means(keys, sub):
    """The vectors of keys that own rows and n-grams make (Eq. 20)."""
    made = np.empty_like(sub.own)
    for row, key in enumerate(keys):
        found = (
            sub.rows.get(bucket(ngram, sub.buckets))
            for ngram in ngrams(str(key), sub.least, sub.most)
        )
        bag = [place for place in found if place is not None]
        made[row] = word_vector(range(len(bag) + 1), np.vstack((sub.own[row], sub.vectors[bag])))
    return made
