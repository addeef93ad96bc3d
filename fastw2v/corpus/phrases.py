"""Collocations: pairs of words that occur together more often than by chance become one word, such
as new_york.

One pass over the encoded ids counts pairs and one joins them. Sources of the scores: word2phrase
(Mikolov et al. 2013) and Bouma 2009 (normalised pointwise mutual information). Connector words may
be inside a phrase, as in gensim.
"""

from collections.abc import Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from fastw2v.config import PhraseConfig
from fastw2v.corpus.encoded import CHECKED, EncodedCorpus, ids_in_file
from fastw2v.corpus.encoder import writing_ids
from fastw2v.corpus.vocabulary import Vocabulary, by_count
from fastw2v.errors import CorpusError
from fastw2v.files import atomic_write, temporary_file
from fastw2v.kernels.text.phrases import (
    BATCH,
    FIRST,
    RARE,
    STATE,
    USED,
    count_pairs,
    join_pairs,
    move_pairs,
    put_text,
)
from fastw2v.paths import AnyPath

PARTS = 8  # of all keys, at most: each thread counts those of one, and reads all ids
ENGLISH = frozenset("a an the of for with without at from to in on by and or".split())


@dataclass(frozen=True)
class Phrase:
    """A phrase: its words with the connectors between them, its occurrences, and its score."""

    words: tuple[str, ...]
    count: int
    score: float


def find_phrases(
    encoded: EncodedCorpus, config: PhraseConfig, connectors: Set[str] = frozenset()
) -> tuple[list[Phrase], np.ndarray]:
    """All phrases of an encoded corpus, by falling score; returns them with their keys (see
    ``kernels.text.phrases``).

    config : PhraseConfig;  connectors : words allowed inside a phrase, but not at its ends.
    """
    vocabulary, total = encoded.vocabulary, encoded.tokens
    kinds, base, bits = kinds_of(vocabulary, config.min_count, connectors)
    keys, found = counted_pairs(encoded.ids, kinds, base, bits, config.thread_count)
    often = found >= config.min_count
    keys, found = keys[often], found[often]
    second, first, _ = split_keys(keys, bits)
    counts = vocabulary.counts
    scores = SCORES[config.scoring](found, counts[first], counts[second], total, config.min_count)
    chosen = np.flatnonzero(scores > config.limit)
    chosen = chosen[np.lexsort((keys[chosen], -found[chosen], -scores[chosen]))]
    spelt = words_of_pairs(keys[chosen], vocabulary.words, kinds, base, bits)
    counted = zip(spelt, found[chosen].tolist(), scores[chosen].tolist(), strict=True)
    return [Phrase(*each) for each in counted], keys[chosen]


def words_of_pairs(
    keys: np.ndarray, words: Sequence[str], kinds: np.ndarray, base: int, bits: int
) -> Iterator[tuple[str, ...]]:
    """The words of each pair, with the connectors between them, from their keys (uint64)."""
    names = {int(kinds[w]): words[w] for w in np.flatnonzero(kinds > 0).tolist()}
    second, first, between = split_keys(keys, bits)
    for a, b, digits in zip(first.tolist(), second.tolist(), between.tolist(), strict=True):
        inside: list[str] = []
        while digits:
            digits, digit = divmod(digits, base)
            inside.insert(0, names[digit])
        yield (words[a], *inside, words[b])


def split_keys(keys: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return second word, first word and number of connectors of pairs, from their keys."""
    pairs, mask = keys - np.uint64(1), np.uint64((1 << bits) - 1)
    parts = pairs & mask, pairs >> np.uint64(bits) & mask, pairs >> np.uint64(2 * bits)
    return tuple(part.astype(np.int64) for part in parts)


def word2phrase_score(
    pair: np.ndarray, a: np.ndarray, b: np.ndarray, total: int, min_count: int
) -> np.ndarray:
    """(#(a b) - min_count) / (#a #b) * tokens, of arrays of counts."""
    return (pair - min_count) / (a.astype(np.float64) * b) * total


def npmi_score(
    pair: np.ndarray, a: np.ndarray, b: np.ndarray, total: int, min_count: int
) -> np.ndarray:
    """log(p(a b) / (p(a) p(b))) / -log p(a b), -1 to 1, of arrays of counts."""
    joint = pair / total
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            pair < total, np.log(joint / ((a / total) * (b / total))) / -np.log(joint), 1.0
        )


SCORES = {"word2phrase": word2phrase_score, "npmi": npmi_score}


def kinds_of(
    vocabulary: Vocabulary, min_count: int, connectors: Set[str]
) -> tuple[np.ndarray, int, int]:
    """The kind of each word (int32 [V]), one more than the largest, and the bits that a word's
    number takes.
    """
    kinds = np.where(vocabulary.counts >= min_count, 0, RARE).astype(np.int32)
    inside = [word for word in sorted(connectors) if word in vocabulary]
    for digit, word in enumerate(inside, 1):
        kinds[vocabulary.ids[word]] = digit
    bits = max(int(len(vocabulary) - 1).bit_length(), 1)
    if bits > 28:
        raise CorpusError(
            "phrases are found among at most 268 million distinct words; give --max-vocab to"
            " fastw2v encode"
        )
    return kinds, len(inside) + 1, bits


def counted_pairs(
    ids: np.ndarray, kinds: np.ndarray, base: int, bits: int, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """Keys of all pairs (uint64) and how often each occurs (int64), in no order."""
    parts = min(threads, PARTS).bit_length() - 1  # as many bits of a key decide whose it is
    with ThreadPoolExecutor(1 << parts) as pool:
        tables = list(
            pool.map(
                lambda part: _count_part(ids, kinds, base, bits, part, parts), range(1 << parts)
            )
        )
    return np.concatenate([keys for keys, _ in tables]), np.concatenate(
        [found for _, found in tables]
    )


def _count_part(
    ids: np.ndarray, kinds: np.ndarray, base: int, bits: int, part: int, parts: int
) -> tuple[np.ndarray, np.ndarray]:
    slots, waiting = np.zeros((1 << 12, 2), np.uint64), np.zeros(BATCH, np.uint64)
    state = np.zeros(STATE, np.int64)
    state[FIRST] = -1
    while not count_pairs(ids, kinds, base, bits, part, parts, slots, waiting, state):
        larger = np.zeros((2 * len(slots), 2), np.uint64)
        move_pairs(slots, larger)
        slots = larger
    used = slots[slots[:, 0] != 0]
    assert len(used) == state[USED]
    return used[:, 0], used[:, 1].astype(np.int64)


def join_phrases(
    encoded: EncodedCorpus,
    config: PhraseConfig,
    connectors: Set[str] = frozenset(),
) -> tuple[EncodedCorpus, list[Phrase]]:
    """One pass: the corpus with its phrases as words, and the phrases.

    The vocabulary lacks words that occur only inside phrases.
    """
    phrases, keys = find_phrases(encoded, config, connectors)
    if not phrases:
        return encoded, phrases
    kinds, base, bits = kinds_of(encoded.vocabulary, config.min_count, connectors)
    words, ids = list(encoded.vocabulary.words), dict(encoded.vocabulary.ids)
    numbers = np.empty(len(keys), np.uint64)
    for i, phrase in enumerate(phrases):
        name = config.delimiter.join(phrase.words)  # which may be a word already
        if name not in ids:
            ids[name] = len(words)
            words.append(name)
        numbers[i] = ids[name]
    slots = _pair_table(keys, numbers)
    counts, n, first = np.zeros(len(words), np.int64), 0, np.full(len(words), -1, np.int64)
    with temporary_file(None) as file:  # the memory map keeps it
        for chunk in _join_in_chunks(encoded, kinds, base, bits, slots):
            with writing_ids():
                file.write(chunk.data)
            tokens, first_in_chunk = chunk[chunk >= 0], np.full(len(words), -1, np.int64)
            counts += np.bincount(tokens, minlength=len(words))
            # the first place of a word is written last
            first_in_chunk[tokens[::-1]] = np.arange(n + len(tokens) - 1, n - 1, -1)
            first = np.where(first < 0, first_in_chunk, first)
            n += len(chunk)
        order = by_count(counts, first, 1)
        ranks = np.full(len(words), -1, np.int32)
        ranks[order] = np.arange(len(order))
        vocabulary = Vocabulary([words[i] for i in order.tolist()], counts[order])
        total = int(counts.sum())
        corpus = EncodedCorpus(
            vocabulary=vocabulary, tokens_read=total, words_seen=len(order), **ids_in_file(file, n)
        )
    return _renumbered(corpus, ranks), phrases


def _pair_table(keys: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """A table from keys to numbers, less than half full."""
    pairs = np.stack([keys, numbers], axis=1)
    slots = np.zeros((1 << (2 * len(keys)).bit_length(), 2), np.uint64)
    move_pairs(pairs, slots)
    return slots


def _join_in_chunks(
    encoded: EncodedCorpus, kinds: np.ndarray, base: int, bits: int, slots: np.ndarray
) -> Iterator[np.ndarray]:
    """The ids with pairs joined, in parts; a word that may begin a pair waits for the next part."""
    state, rest = np.zeros(STATE, np.int64), np.empty(0, np.int32)
    state[FIRST] = -1
    for begin in range(0, len(encoded.ids), CHECKED):
        chunk = encoded.ids[begin : begin + CHECKED]
        out = np.empty(len(rest) + len(chunk), np.int32)
        out[: len(rest)] = rest
        n = join_pairs(chunk, kinds, base, bits, slots, out, len(rest), state)
        ready = n if state[FIRST] < 0 else int(state[FIRST])
        rest = out[ready:n].copy()
        state[FIRST] = -1 if state[FIRST] < 0 else 0
        encoded.forget()
        yield out[:ready]
    yield rest


def _renumbered(corpus: EncodedCorpus, ranks: np.ndarray) -> EncodedCorpus:
    """The corpus with every id replaced by its rank."""
    with temporary_file(None) as file:  # the memory map keeps it
        for begin in range(0, len(corpus.ids), CHECKED):
            chunk = corpus.ids[begin : begin + CHECKED]
            with writing_ids():
                file.write(np.where(chunk >= 0, ranks[chunk], chunk).astype(np.int32).data)
            corpus.forget()
        return replace(corpus, **ids_in_file(file, len(corpus.ids)))


def write_text(encoded: EncodedCorpus, path: AnyPath) -> None:
    """Write an encoded corpus as text, a line a line, whole or not at all."""
    letters = np.frombuffer("".join(encoded.vocabulary.words).encode(), np.uint8)
    sizes = np.array([len(word.encode()) for word in encoded.vocabulary.words], np.int64)
    starts, begins = np.concatenate([[0], np.cumsum(sizes)]), True
    with atomic_write(path) as out:
        for begin in range(0, len(encoded.ids), CHECKED):
            chunk = encoded.ids[begin : begin + CHECKED]
            text = np.empty(int(sizes[chunk[chunk >= 0]].sum()) + len(chunk), np.uint8)
            n, begins = put_text(chunk, letters, starts, begins, text)
            out.write(text[:n].data)
            encoded.forget()
