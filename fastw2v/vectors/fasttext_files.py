"""fastText's own models (.bin): words, buckets of n-grams, both tables.

The file, little-endian: the magic number and the version (int32); the arguments of training, 12
int32 and a float64; the dictionary: sizes, then each word with a zero byte, its count (int64) and
its type (int8); whether the input table is quantised (int8), the table (int64 rows, columns,
float32 numbers); the same of the output table. The first rows of the input table are the words'
own, then come those of the buckets. The vector of a word is the mean of its own row and those of
its n-grams (Eq. 20), except for "</s>", which has none.
"""

import struct
from typing import NamedTuple

import numpy as np

from fastw2v.equations.subwords import bucket, ngrams
from fastw2v.errors import TruncatedVectorsError, VectorsError
from fastw2v.vectors.contents import FASTTEXT, MAX_D
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import lengths
from fastw2v.vectors.word_vectors import WordVectors

VERSIONS = (11, 12)
HEADER = struct.Struct("<4si12id")
SIZES = struct.Struct("<3i2q")  # of the dictionary
ENTRY = struct.Struct("<qb")  # of a word: its count, and 0, or 1 for a label
SHAPE = struct.Struct("<b2q")  # of a table: whether it is quantised, rows, columns
PIECE = 1 << 23  # bytes of the dictionary read together
MOST_NGRAMS = 1 << 17  # of a word
NGRAMS = 1 << 20  # looked for together
FEW = 1 << 17  # n-grams below which no compiled code is asked for: it takes longer to load
NUMBERS = 1 << 24  # of rows gathered together
HIERARCHICAL, SUPERVISED = 1, 3  # kinds of loss and of model
END = b"</s>"


class Model(NamedTuple):
    """What the arguments say: buckets of n-grams, and their least and most characters (most is 0 if
    there are none).
    """

    loss: int
    supervised: bool
    buckets: int
    least: int
    most: int


def read(source):
    """WordVectors of FileBytes, with the n-grams, and with the output table if it is one of words.

    Raises VectorsError.
    """
    model = _arguments(source)
    spelt, counts, at = _dictionary(source)
    V = len(spelt)
    table, at = _table(source, at)
    if len(table) < V or (model.most and len(table) != V + model.buckets):
        raise _damaged(source, "its tables do not have the sizes of its words and buckets")
    outputs, _ = _table(source, at)
    if outputs.shape[1] != table.shape[1]:
        raise _damaged(source, "its tables do not have the same sizes")
    own, subwords, vectors = table[:V], None, table[:V]
    if model.most:
        vectors = _means(source, spelt, table, model)
        subwords = Subwords(
            model.least,
            model.most,
            model.buckets,
            np.arange(model.buckets, dtype=np.int32),
            table[V:],
            own,
        )
    with_outputs = len(outputs) == V and model.loss != HIERARCHICAL and not model.supervised
    found, bad = lengths(vectors)
    if (
        bad is not None
        or lengths(table[V:])[1] is not None
        or (with_outputs and lengths(outputs)[1] is not None)
    ):
        raise _damaged(source, "some numbers are not finite")
    # fastText takes text apart at bytes: where it cut a letter, the word is still another one than
    # its neighbours.
    words = [word.decode("utf8", "replace") for word in spelt]
    return WordVectors(words, vectors, counts, outputs if with_outputs else None, subwords, found)


def _damaged(source, why, kind=VectorsError):
    return kind(
        f"{source.path}: is a model of fastText, but {why}; the file is damaged or was cut short"
    )


def _unpack(source, at, form):
    if at + form.size > len(source):
        raise _damaged(source, "ends too early", TruncatedVectorsError)
    return form.unpack(source.read(at, at + form.size))


def _arguments(source):
    magic, version, *given = _unpack(source, 0, HEADER)
    if magic != FASTTEXT or version not in VERSIONS:
        raise VectorsError(
            f"{source.path}: is a model of fastText of version {version}, not 11 or 12; take its"
            " .vec file"
        )
    _, _, _, _, _, _, loss, kind, buckets, least, most, _, _ = given
    supervised = kind == SUPERVISED
    if most <= 0 or (version == 11 and supervised) or not buckets:
        return Model(loss, supervised, 0, 0, 0)
    if not (1 <= least <= most and 0 < buckets < 2**31):
        raise _damaged(source, f"has n-grams of {least} to {most} characters in {buckets} buckets")
    return Model(loss, supervised, buckets, least, most)


def _dictionary(source):
    """The bytes of words, counts (int64 [V]) and where the dictionary ends.

    Labels, which stand after the words, are left out.
    """
    entries, V, labels, _, pruned = _unpack(source, HEADER.size, SIZES)
    at = HEADER.size + SIZES.size
    if V < 1 or labels < 0 or entries != V + labels:
        raise _damaged(source, f"it counts {V} words and {labels} labels")
    if entries * (ENTRY.size + 1) > len(source):
        raise _damaged(source, f"it is too small for {V:,} words")
    if pruned > 0:
        raise _quantised(source)
    words, counts = [], []
    while len(counts) < entries:
        piece, place = source.read(at, at + PIECE), 0
        while len(counts) < entries:
            end = piece.find(b"\0", place)
            if end < 0 or end + 1 + ENTRY.size > len(piece):
                break
            count, kind = ENTRY.unpack_from(piece, end + 1)
            if kind != (len(counts) >= V) or count < 0:
                raise _damaged(source, f"entry {len(counts) + 1:,} of its dictionary is none")
            words.append(piece[place:end])
            counts.append(count)
            place = end + 1 + ENTRY.size
        if not place:
            raise _damaged(source, "its dictionary ends too early", TruncatedVectorsError)
        at += place
    return words[:V], np.array(counts[:V], np.int64), at


def _quantised(source):
    return VectorsError(
        f"{source.path}: is a quantised model of fastText, which is not read; take the model itself"
    )


def _table(source, at):
    """The table float32 [rows, D] that stands at a place, and where it ends."""
    quantised, rows, D = _unpack(source, at, SHAPE)
    at += SHAPE.size
    if quantised == 1:
        raise _quantised(source)
    if quantised or rows < 1 or not 1 <= D <= MAX_D or rows * D * 4 > len(source) - at:
        raise _damaged(source, f"a table of {rows:,} rows of {D:,} numbers is not there")
    table = np.empty((rows, D), "<f4")
    source.fill(table, at)
    return table.astype(np.float32, copy=False), at + table.nbytes


def _means(source, words, table, model):
    """Return the words' vectors, float32 [V, D]: means of their own and their n-grams' rows."""
    V, D = len(words), table.shape[1]
    longest = max(map(len, words)) + 2
    most = (min(model.most, longest) - model.least + 1) * longest  # n-grams of a word
    if most > MOST_NGRAMS:
        raise _damaged(source, f"a word in it of {longest - 2:,} bytes is too long for its n-grams")
    vectors, begin = np.empty((V, D), np.float32), 0
    few = sum(map(len, words)) * model.most < FEW
    while begin < V:
        end = begin + max(1, NGRAMS // max(most, 1))
        rows, sizes = _bags(
            words[begin:end], begin, V, model, _buckets if few else _buckets_compiled
        )
        starts = np.cumsum(sizes) - sizes
        step = max(1, NUMBERS // (D * int(sizes.max())))
        for first in range(0, len(sizes), step):
            some = slice(first, first + step)
            bag = rows[starts[first] : starts[some][-1] + sizes[some][-1]]
            with np.errstate(over="ignore", invalid="ignore"):
                sums = np.add.reduceat(table[bag], starts[some] - starts[first])
                vectors[begin + first : begin + first + len(sums)] = sums / sizes[some, None]
        begin = end
    return vectors


def _bags(words, first, V, model, buckets):
    """The rows of the input table that words from number ``first`` on are made of, int64 [n]; and
    how many each has.
    """
    bags = []
    for number, word in enumerate(words, first):
        found = buckets(b"<" + word + b">", model) if word != END else []
        bags.append(np.concatenate([[number], np.array(found, np.int64) + V]))
    return np.concatenate(bags).astype(np.int64), np.array([len(bag) for bag in bags])


def _buckets(marked, model):
    """The buckets of the n-grams of a word between its marks."""
    try:
        word = marked[1:-1].decode()
    except UnicodeDecodeError:  # its n-grams are of bytes
        return _buckets_compiled(marked, model)
    return [bucket(ngram, model.buckets) for ngram in ngrams(word, model.least, model.most)]


def _buckets_compiled(marked, model):
    from fastw2v.kernels.text.ngrams import put_ngrams

    letters = np.frombuffer(marked, np.uint8)
    found = np.empty(
        max(len(letters) * (min(model.most, len(letters)) - model.least + 1), 1), np.int32
    )
    return found[
        : put_ngrams(letters, 0, len(letters), model.least, model.most, model.buckets, found)
    ]
