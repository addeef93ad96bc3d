"""Texts to rows of vectors: the words of a text, by number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastw2v.corpus.reader import PADDING
from fastw2v.corpus.tokenizer import WordTable
from fastw2v.embedding.means import text_groups
from fastw2v.embedding.ngrams import NgramVectors
from fastw2v.embedding.sources import MARK, TextBlock
from fastw2v.kernels.text.means import START
from fastw2v.vectors.word_vectors import WordVectors

UNKNOWN = np.int32(-2)
MOST_UNKNOWN = 1 << 20  # words without a vector that are remembered
SPELT = 1 << 16  # words of the vocabulary that are looked up at a time

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as word ids.

    Attributes
    ----------
    ids
        int32 [N], the row of each word that has a vector, START before each text.
    texts
        Number of texts.
    words
        Number of words in the texts; ``unknown`` of them have no vector.
    """

    ids: Ids
    texts: int
    words: int
    unknown: int


class TextEncoder:
    """The rows of the words of texts.

    A word of the vocabulary has its row, which is below V. Where the model has n-grams, a word that
    shares one with it is given a row of ``extra`` when it is first met: V, V + 1, ...
    keep_unknown : whether words without a vector are among the ids, as UNKNOWN.
    """

    def __init__(self, vectors: WordVectors, keep_unknown: bool = False) -> None:
        self.vectors, self.keep_unknown = vectors, keep_unknown
        self._ngrams = None if vectors.subwords is None else NgramVectors(vectors.subwords)
        self.extra = np.zeros((0, vectors.table.shape[1]), np.float32)
        self._forget()

    def _forget(self) -> None:
        """Begin with the words of the vocabulary alone: a table of words, and the row of each."""
        self._table, self._rows = WordTable(), np.zeros(0, np.int32)
        self._buffer: Ids = np.zeros(0, np.int32)
        words = self.vectors.words
        self._count(MARK)
        self._rows = np.array([START], np.int32)
        for first in range(0, len(words), SPELT):
            batch = words[first : first + SPELT]
            spelt = [word.encode("utf8", "surrogatepass") for word in batch]
            rows = np.arange(first, first + len(batch), dtype=np.int32)
            ids = self._count(b" ".join(spelt))
            if len(ids) != len(batch) or len(batch) != sum(map(bool, spelt)):
                whole = np.array([word.split() == [word] for word in spelt])
                rows, spelt = rows[whole], [word for word in spelt if word.split() == [word]]
                ids = self._count(b" ".join(spelt))
            self._rows = np.concatenate(
                [self._rows, np.full(self._table.words - len(self._rows), UNKNOWN, np.int32)]
            )
            # the first row of a word that is there twice
            self._rows[ids[::-1]] = np.where(
                self._rows[ids[::-1]] == UNKNOWN, rows[::-1], self._rows[ids[::-1]]
            )

    def _count(self, data: bytes) -> Ids:
        """The number in the table of each word of ``data``."""
        if len(self._buffer) < len(data) + 3:
            self._buffer = np.empty(len(data) + 3, np.int32)
        padded = np.frombuffer(data + b" " * PADDING, np.uint8)
        count = self._table.count(padded, len(data), 0, self._buffer)
        ids = self._buffer[:count]
        return ids[ids >= 0]  # but for line ends

    def encode(self, blocks: Iterable[TextBlock]) -> Iterator[tuple[EncodedTexts, int]]:
        """Each block of texts in rows, and how many bytes it had; its first text may have begun in
        the block before.
        """
        for block in blocks:
            ids = self._count(block.data)
            if self._table.words > len(self._rows):
                self._add_rows()
            rows = self._rows[ids]
            texts = int(np.count_nonzero(rows == START))
            block.check(len(rows) - texts)
            known = rows[rows != UNKNOWN]
            words, unknown = len(rows) - texts, len(rows) - len(known)
            ids = rows if self.keep_unknown else known
            yield EncodedTexts(ids, texts, words, unknown), block.size
            if self._ngrams is None and len(self._rows) > MOST_UNKNOWN + len(self.vectors):
                self._forget()

    def _add_rows(self) -> None:
        """Give each new word of the table a row of ``extra``, or UNKNOWN."""
        begin = len(self._rows)
        rows = np.full(self._table.words - begin, UNKNOWN, np.int32)
        if self._ngrams is not None:
            words = self._table.spelling(begin).split(b"\n")[:-1]
            vectors, known = self._ngrams.of(words)
            first = len(self.vectors) + len(self.extra)
            rows[known] = np.arange(first, first + len(vectors))
            self.extra = np.concatenate([self.extra, vectors])
        self._rows = np.concatenate([self._rows, rows])


def empty_texts(ids: Ids) -> int:
    """How many of encoded texts have no word with a vector."""
    return sum(int((np.diff(starts) == 1).sum()) for _, starts in text_groups(ids))


def joined(parts: Iterable[EncodedTexts]) -> EncodedTexts:
    """Encoded texts one after the other."""
    all_parts = list(parts)
    return EncodedTexts(
        np.concatenate([np.zeros(0, np.int32), *(part.ids for part in all_parts)]),
        sum(part.texts for part in all_parts),
        sum(part.words for part in all_parts),
        sum(part.unknown for part in all_parts),
    )
