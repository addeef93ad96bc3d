"""fastText's own models (.bin): words, buckets of n-grams, both tables.

The file, little-endian: the magic number and the version (int32); the arguments of training, 12
int32 and a float64; the dictionary: sizes, then each word with a zero byte, its count (int64) and
its type (int8); whether the input table is quantised (int8), the table (int64 rows, columns,
float32 numbers); the same of the output table. The first rows of the input table are the words'
own, then come those of the buckets. The vector of a word is the mean of its own row and those of
its n-grams (Eq. 20), except for "</s>", which has none.

Before April 2017, files had no magic number, no version, and nothing about quantised tables. Such
files are read, and not written.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import MAX_COUNT, MAX_NGRAM_CHARS
from fastw2v.equations.subwords import bucket, ngrams
from fastw2v.errors import TruncatedVectorsError, VectorsError, quoted
from fastw2v.file_types import FASTTEXT, FLORET
from fastw2v.files import atomic_write
from fastw2v.formats.content import EARLY_FASTTEXT, MAX_D, Content, ReadOptions, is_early_fasttext
from fastw2v.formats.sources import FileBytes, open_source
from fastw2v.formats.word2vec import check_writable_table, compressed
from fastw2v.paths import AnyPath, shown
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.tables import all_finite, blocks, lengths
from fastw2v.vectors.word_vectors import WordVectors

VERSIONS = (11, 12)
HEADER = struct.Struct("<4si12id")
FLORET_HEADER = struct.Struct("<4si14id")  # two more arguments: the mode, and hashes of an n-gram
SIZES = struct.Struct("<3i2q")  # of the dictionary
ENTRY = struct.Struct("<qb")  # of a word: its count, and 0, or 1 for a label
SHAPE = struct.Struct("<b2q")  # of a table: whether it is quantised, rows, columns
NO_VERSION = 11  # that of files before there was one
PIECE_BYTES = 1 << 23  # of the dictionary read together
MAX_NGRAMS = 1 << 17  # of a word
NGRAMS = 1 << 20  # looked for together
FEW_NGRAMS = 1 << 17  # below which no compiled code is used: it takes longer to load
NUMBERS = 1 << 24  # of rows gathered together
CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3  # kinds of model
HIERARCHICAL, NEGATIVE_SAMPLING = 1, 2  # kinds of loss
NOT_PRUNED = -1  # in place of the number of n-grams that a quantised model keeps
END = b"</s>"

Buckets = Callable[[bytes, "Model"], Sequence[int] | NDArray[np.int32]]


class Layout(NamedTuple):
    """The parts of a file that have a fixed size."""

    header: struct.Struct = HEADER
    sizes: struct.Struct = SIZES
    shape: struct.Struct = SHAPE


EARLY = Layout(struct.Struct("<12id"), struct.Struct("<3iq"), struct.Struct("<2q"))


class Model(NamedTuple):
    """What a file's arguments say: buckets of n-grams, and the characters of one (maxn is 0 if
    there are none).
    """

    loss: int
    supervised: bool
    buckets: int
    minn: int
    maxn: int


class Arguments(NamedTuple):
    """Arguments of training as a file has them, by fastText's names and with its defaults; those
    that the vectors themselves do not tell.
    """

    ws: int = 5
    epoch: int = 5
    min_count: int = 1
    neg: int = 5
    model: int = SKIPGRAM
    lr_update_rate: int = 100
    t: float = 1e-4


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write WordVectors as a model, whole or not at all. Raises VectorsError, OutputError."""
    write(path, vectors, Arguments())


def write(path: AnyPath, vectors: WordVectors, arguments: Arguments) -> None:
    """Write WordVectors with their n-grams and output vectors as a model of fastText.

    What is not there is written so that every reader takes it: counts of at least 1, falling if
    there are none; zeros for output vectors, with which training begins; zeros for buckets that
    no word has. Raises VectorsError, OutputError.
    """
    (V, D), sub, outputs = vectors.table.shape, vectors.subwords, vectors.output_table
    for table in (vectors.table, outputs, *((sub.own, sub.vectors) if sub else ())):
        if table is not None:
            check_writable_table(path, table)
    spelt = _encoded_words(path, vectors.words)
    buckets, minn, maxn = (0, 0, 0) if sub is None else (sub.buckets, sub.minn, sub.maxn)
    falling = np.arange(V, 0, -1)
    counts = np.maximum(falling if vectors.counts is None else vectors.counts, 1)
    with atomic_write(path) as file, compressed(path, file) as out:
        out.write(
            HEADER.pack(
                FASTTEXT,
                VERSIONS[-1],
                D,
                *arguments[:4],
                1,  # words are not joined
                NEGATIVE_SAMPLING,
                arguments.model,
                buckets,
                minn,
                maxn,
                *arguments[5:],
            )
        )
        out.write(SIZES.pack(V, V, 0, int(counts.sum()), NOT_PRUNED))
        for word, count in zip(spelt, counts.tolist(), strict=True):
            out.write(word + b"\0" + ENTRY.pack(count, 0))
        out.write(SHAPE.pack(0, V + buckets, D))
        for piece in _input_rows(vectors, spelt):
            _write_rows(out, piece)
        out.write(SHAPE.pack(0, V, D))
        for rows in blocks(vectors.table):
            _write_rows(
                out, np.zeros((rows.stop - rows.start, D)) if outputs is None else outputs[rows]
            )


def _encoded_words(path: AnyPath, words: list[str]) -> list[bytes]:
    """The bytes of words. Raises VectorsError for what a dictionary of fastText cannot hold."""
    spelt = [word.encode() for word in words]
    seen: set[bytes] = set()
    for word in spelt:
        if not word or b"\0" in word or word in seen:
            why = "is there twice" if word in seen else "is empty or holds a NUL character"
            raise VectorsError(
                f"{shown(path)}: the word {quoted(word.decode())} {why}; a model of fastText cannot"
                " hold it"
            )
        seen.add(word)
    return spelt


def _write_rows(out: IO[bytes], rows: NDArray[Any]) -> None:
    out.write(np.ascontiguousarray(rows, "<f4").data)


def _input_rows(vectors: WordVectors, spelt: list[bytes]) -> Iterator[NDArray[Any]]:
    """The input table, some rows at a time: the words' own rows, then those of all buckets."""
    sub = vectors.subwords
    if sub is None:
        yield from (vectors.table[rows] for rows in blocks(vectors.table))
        return
    for rows in blocks(sub.own):
        own = np.array(sub.own[rows], np.float32)
        if END in spelt[rows]:  # it has no n-grams in fastText
            end = spelt[rows].index(END)
            own[end] = vectors.table[rows.start + end : rows.start + end + 1][0]
        yield own
    order = np.argsort(sub.used)
    used, D = sub.used[order], sub.own.shape[1]
    step = max(1, NUMBERS // D)
    for first in range(0, sub.buckets, step):
        begin, end = np.searchsorted(used, (first, first + step))
        rows_of_buckets = np.zeros((min(step, sub.buckets - first), D), np.float32)
        if end > begin:
            rows_of_buckets[used[begin:end] - first] = sub.vectors[order[begin:end]]
        yield rows_of_buckets


def load(
    source: FileBytes, content: Content | None = None, options: ReadOptions | None = None
) -> WordVectors:
    """WordVectors with the n-grams, and with the output table if it is one of words.

    Raises VectorsError.
    """
    layout = _layout(source)
    model = _arguments(source, layout)
    spelt, counts, position = _dictionary(source, layout)
    V = len(spelt)
    table, position = _table(source, position, layout)
    if len(table) < V or (model.maxn and len(table) != V + model.buckets):
        raise _damaged(source, "its tables do not have the sizes of its words and buckets")
    outputs, _ = _table(source, position, layout)
    if outputs.shape[1] != table.shape[1]:
        raise _damaged(source, "its tables do not have the same sizes")
    subwords, vectors = None, table[:V]
    if model.maxn:
        vectors = _means(source, spelt, table, model)
        used = _nonzero_rows(table[V:])
        rows = table[V:] if len(used) == model.buckets else table[V + used]
        subwords = Subwords(model.minn, model.maxn, model.buckets, used, rows, table[:V])
    with_outputs = len(outputs) == V and model.loss != HIERARCHICAL and not model.supervised
    with_outputs = with_outputs and bool(np.count_nonzero(outputs))  # zeros: it was not trained
    norms, bad = lengths(vectors)
    if bad is not None or not all_finite(table[V:]) or (with_outputs and not all_finite(outputs)):
        raise _damaged(source, "some numbers are not finite")
    # fastText splits text at bytes: where it cut a letter, the word still differs from its
    # neighbours.
    words = [word.decode("utf8", "replace") for word in spelt]
    return WordVectors(words, vectors, counts, outputs if with_outputs else None, subwords, norms)


def _damaged(source: FileBytes, why: str, kind: type[VectorsError] = VectorsError) -> VectorsError:
    return kind(
        f"{source.path}: is a model of fastText, but {why}; the file is damaged or was cut short"
    )


def read_arguments(path: AnyPath) -> Arguments:
    """The Arguments of a model; the defaults for a file of another format. Raises VectorsError."""
    source = open_source(path)
    layout = _layout(source)
    if layout is not EARLY and source.read(0, len(FASTTEXT)) != FASTTEXT:
        return Arguments()
    _arguments(source, layout)  # raises for what cannot be read
    values = _unpack(source, 0, layout.header)[-12:]
    ws, epoch, min_count, neg, _, _, model, _, _, _, lr_update_rate, t = values
    return Arguments(ws, epoch, min_count, neg, model, lr_update_rate, t)


def _unpack(source: FileBytes, position: int, form: struct.Struct) -> tuple[Any, ...]:
    if position + form.size > len(source):
        raise _damaged(source, "ends too early", TruncatedVectorsError)
    return form.unpack(source.read(position, position + form.size))


def _layout(source: FileBytes) -> Layout:
    """The Layout of a file, by its first bytes."""
    return EARLY if is_early_fasttext(source.read(0, EARLY_FASTTEXT.size)) else Layout()


def _arguments(source: FileBytes, layout: Layout) -> Model:
    read = _unpack(source, 0, layout.header)
    magic, version, *arguments = (FASTTEXT, NO_VERSION, *read) if layout is EARLY else read
    if magic != FASTTEXT or version not in VERSIONS:
        raise VectorsError(
            f"{source.path}: is a model of fastText of version {version}, not 11 or 12; take its"
            " .vec file"
        )
    loss, kind, buckets, minn, maxn = arguments[6:11]
    supervised = kind == SUPERVISED
    if maxn <= 0 or (version == 11 and supervised) or not buckets:
        return Model(loss, supervised, 0, 0, 0)
    if not (1 <= minn <= maxn <= MAX_NGRAM_CHARS and 0 < buckets < 2**31):
        raise _damaged(source, f"has n-grams of {minn} to {maxn} characters in {buckets} buckets")
    return Model(loss, supervised, buckets, minn, maxn)


def _dictionary(source: FileBytes, layout: Layout) -> tuple[list[bytes], NDArray[np.int64], int]:
    """The bytes of words, counts [V] and where the dictionary ends.

    Labels, which follow the words, are left out.
    """
    entries, V, labels, _, *pruned = _unpack(source, layout.header.size, layout.sizes)
    position = layout.header.size + layout.sizes.size
    if not _are_sizes(entries, V, labels):
        if _is_floret(source):
            raise VectorsError(f"{source.path}: is a model of floret, which is not read; {FLORET}")
        raise _damaged(source, f"it counts {V} words and {labels} labels")
    if entries * (ENTRY.size + 1) > len(source):
        raise _damaged(source, f"it is too small for {V:,} words")
    if any(n > 0 for n in pruned):
        raise _quantised(source)
    words: list[bytes] = []
    counts: list[int] = []
    while len(counts) < entries:
        piece, begin = source.read(position, position + PIECE_BYTES), 0
        while len(counts) < entries:
            end = piece.find(b"\0", begin)
            if end < 0 or end + 1 + ENTRY.size > len(piece):
                break
            count, kind = ENTRY.unpack_from(piece, end + 1)
            if kind != (len(counts) >= V) or not 0 <= count <= MAX_COUNT:
                raise _damaged(source, f"entry {len(counts) + 1:,} of its dictionary is none")
            words.append(piece[begin:end])
            counts.append(count)
            begin = end + 1 + ENTRY.size
        if not begin:
            raise _damaged(source, "its dictionary ends too early", TruncatedVectorsError)
        position += begin
    return words[:V], np.array(counts[:V], np.int64), position


def _are_sizes(entries: int, V: int, labels: int) -> bool:
    """Whether these numbers of entries, words and labels can be those of a dictionary."""
    return V >= 1 and labels >= 0 and entries == V + labels


def _is_floret(source: FileBytes) -> bool:
    """Whether a model that is none of fastText's is one of floret, which has the same magic number
    and version.
    """
    if len(source) < FLORET_HEADER.size + SIZES.size:
        return False
    return _are_sizes(*_unpack(source, FLORET_HEADER.size, SIZES)[:3])


def _quantised(source: FileBytes) -> VectorsError:
    return VectorsError(
        f"{source.path}: is a quantised model of fastText, which is not read; take the model itself"
    )


def _table(source: FileBytes, position: int, layout: Layout) -> tuple[NDArray[np.float32], int]:
    """The table [rows, D] that begins at a byte, and where it ends."""
    *marks, rows, D = _unpack(source, position, layout.shape)
    quantised = marks[0] if marks else 0
    position += layout.shape.size
    if quantised == 1:
        raise _quantised(source)
    if quantised or rows < 1 or not 1 <= D <= MAX_D or rows * D * 4 > len(source) - position:
        raise _damaged(source, f"a table of {rows:,} rows of {D:,} numbers is not there")
    table = np.empty((rows, D), "<f4")
    source.fill(table, position)
    return table.astype(np.float32, copy=False), position + table.nbytes


def _nonzero_rows(table: NDArray[np.float32]) -> NDArray[np.int32]:
    """The rows that are not all zeros."""
    with np.errstate(invalid="ignore"):  # numbers that are not finite are looked for afterwards
        found = [rows.start + np.flatnonzero(table[rows].any(axis=1)) for rows in blocks(table)]
    return np.concatenate(found).astype(np.int32)


def _means(
    source: FileBytes, words: list[bytes], table: NDArray[np.float32], model: Model
) -> NDArray[np.float32]:
    """The words' vectors [V, D]: means of their own and their n-grams' rows."""
    V, D = len(words), table.shape[1]
    longest = max(map(len, words)) + 2
    max_ngrams = (min(model.maxn, longest) - model.minn + 1) * longest  # of a word
    if max_ngrams > MAX_NGRAMS:
        raise _damaged(source, f"a word in it of {longest - 2:,} bytes is too long for its n-grams")
    vectors, begin = np.empty((V, D), np.float32), 0
    few = sum(map(len, words)) * model.maxn < FEW_NGRAMS
    while begin < V:
        end = begin + max(1, NGRAMS // max(max_ngrams, 1))
        rows, sizes = _subword_rows(
            words[begin:end], begin, V, model, _buckets if few else _buckets_compiled
        )
        starts = np.cumsum(sizes) - sizes
        step = max(1, NUMBERS // (D * int(sizes.max())))
        for first in range(0, len(sizes), step):
            batch = slice(first, first + step)
            ids = rows[starts[first] : starts[batch][-1] + sizes[batch][-1]]
            with np.errstate(over="ignore", invalid="ignore"):
                sums = np.add.reduceat(table[ids], starts[batch] - starts[first])
                vectors[begin + first : begin + first + len(sums)] = sums / sizes[batch, None]
        begin = end
    return vectors


def _subword_rows(
    words: list[bytes], first: int, V: int, model: Model, buckets: Buckets
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the input table whose mean is a word, of words from number ``first`` on, [n]; and
    how many each word has.
    """
    rows = []
    for word, spelt in enumerate(words, first):
        ids = buckets(b"<" + spelt + b">", model) if spelt != END else []
        rows.append(np.concatenate([[word], np.array(ids, np.int64) + V]))
    return np.concatenate(rows).astype(np.int64), np.array([len(ids) for ids in rows])


def _buckets(marked: bytes, model: Model) -> Sequence[int] | NDArray[np.int32]:
    """The buckets of the n-grams of a word between its marks."""
    try:
        word = marked[1:-1].decode()
    except UnicodeDecodeError:  # its n-grams are of bytes
        return _buckets_compiled(marked, model)
    return [bucket(ngram, model.buckets) for ngram in ngrams(word, model.minn, model.maxn)]


def _buckets_compiled(marked: bytes, model: Model) -> NDArray[np.int32]:
    from fastw2v.kernels.text.ngrams import put_ngrams

    letters = np.frombuffer(marked, np.uint8)
    n = len(letters)
    ids = np.empty(max(n * (min(model.maxn, n) - model.minn + 1), 1), np.int32)
    count = put_ngrams(letters, 0, n, model.minn, model.maxn, model.buckets, ids)
    return ids[:count]
