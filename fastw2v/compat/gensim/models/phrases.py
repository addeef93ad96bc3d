"""gensim's phrases: words that are found together more often than chance would have it, counted by
fastw2v.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, ClassVar

from fastw2v.compat.explained import explained
from fastw2v.compat.vector_files import as_path, unreadable
from fastw2v.cores import available_cores
from fastw2v.errors import (
    ConfigError,
    ConfigTypeError,
    NotAModelError,
    UnsupportedError,
    VectorsError,
    quoted,
)
from fastw2v.files import atomic_write
from fastw2v.paths import checked_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from typing_extensions import Self

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]
ENGLISH_CONNECTOR_WORDS = frozenset(
    "a an the for of with without at from to in on by and or".split()
)
Candidate = tuple[str, float] | tuple[None, None]  # a pair as one word, and its score
NEGATIVE_INFINITY = -math.inf
LARGEST = 1e300  # of the whole numbers of a file
FORMAT = "fastw2v phrases 1"
logger = logging.getLogger("fastw2v.compat.gensim")


def original_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> float:
    """(count of the pair - min_count) / (counts of both words) * len_vocab (Mikolov et al.

    2013).
    """
    both = worda_count * wordb_count
    return (bigram_count - min_count) / both * len_vocab if both else NEGATIVE_INFINITY


def npmi_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> float:
    """Normalised pointwise mutual information, -1 to 1 (Bouma 2009)."""
    if (
        bigram_count < min_count
        or not worda_count
        or not wordb_count
        or bigram_count >= corpus_word_count
    ):
        return NEGATIVE_INFINITY
    a, b, pair = (count / corpus_word_count for count in (worda_count, wordb_count, bigram_count))
    return math.log(pair / (a * b)) / -math.log(pair)


SCORERS = {"default": original_scorer, "npmi": npmi_scorer}


def _number(value: Any, name: str) -> float:
    """A number as Python has it, which can be saved. Raises ConfigTypeError for what is none."""
    if not isinstance(value, Real):
        raise ConfigTypeError(f"{name} must be a number, got {quoted(value)}")
    return int(value) if isinstance(value, Integral) else float(value)


def _is_number(value: object) -> bool:
    """Whether a value that was read is a number with which scores can be computed."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= LARGEST)


class Joined:
    """Sentences of a corpus with their phrases joined, each time that they are iterated over."""

    def __init__(self, phrases: Joining, corpus: Any) -> None:
        self.phrases, self.corpus = phrases, corpus

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in self.corpus:
            yield self.phrases.joined(sentence)

    def __len__(self) -> int:
        return len(self.corpus)


@explained(ConfigTypeError, ConfigError)
class Joining:
    """What Phrases and FrozenPhrases do with sentences: ``score_candidate`` tells of a pair of
    words whether it is a phrase.
    """

    SAVED: ClassVar[tuple[str, ...]]
    min_count: float
    threshold: float
    delimiter: str
    scoring: Any
    connector_words: frozenset[str]

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]) -> Candidate:
        """A pair as one word, and its score; None twice if it is no phrase."""
        raise NotImplementedError

    def __getitem__(self, sentence: Iterable[Any]) -> list[str] | Joined:
        """A sentence with its phrases joined; of an iterable of sentences an iterable of these."""
        words = iter(sentence)
        first = next(words, None)
        if first is None:
            return []
        rest = itertools.chain([first], words)
        if isinstance(first, str):
            return self.joined(rest)
        return Joined(self, rest if iter(sentence) is sentence else sentence)

    def joined(self, sentence: Iterable[str]) -> list[str]:
        """A list of words with their phrases joined."""
        return [token for token, _ in self.analyze_sentence(sentence)]

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, float | None]]:
        """The words and phrases of a sentence, from left to right, each with its score (None for a
        word).
        """
        first: str | None = None
        between: list[str] = []
        for word in sentence:
            if word in self.connector_words:
                if first is None:
                    yield word, None
                else:
                    between.append(word)
                continue
            found = (None, None) if first is None else self.score_candidate(first, word, between)
            if found[0] is not None:
                yield found
                first, between = None, []
                continue
            if first is not None:
                yield from ((token, None) for token in (first, *between))
            first, between = word, []
        if first is not None:
            yield from ((token, None) for token in (first, *between))

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """The phrases of some sentences, with their scores."""
        scored = itertools.chain.from_iterable(map(self.analyze_sentence, sentences))
        return {phrase: score for phrase, score in scored if score is not None}

    def save(self, path: Any, **options: Any) -> None:
        """Write the model as JSON, whole or not at all, to a path or an open binary file."""
        if self.scoring not in SCORERS.values():
            raise UnsupportedError(
                f"{path}: phrases with a scoring function of one's own are not saved"
            )
        scoring = next(name for name, scorer in SCORERS.items() if scorer is self.scoring)
        content = {"format": FORMAT, "kind": type(self).__name__, **vars(self)}
        content |= {"scoring": scoring, "connector_words": sorted(self.connector_words)}
        with as_path(path) as target, atomic_write(target) as out:
            out.write(json.dumps(content).encode())

    @classmethod
    def load(cls, path: Any, mmap: str | None = None) -> Self:
        """Read what ``save`` wrote. Never a pickle. Raises NotAModelError, an UnpicklingError."""
        path = checked_path(path, VectorsError)
        try:
            with open(path, "rb") as file:
                content = json.loads(file.read())
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, RecursionError) as error:
            raise NotAModelError(
                f"{path}: holds no phrases as save writes them; pickles are not read"
            ) from error
        if (
            not isinstance(content, dict)
            or content.get("format") != FORMAT
            or content.get("kind") != cls.__name__
        ):
            raise NotAModelError(f"{path}: holds no {cls.__name__} as save writes them")
        phrases = cls.__new__(cls)
        phrases.__dict__.update({name: content.get(name) for name in cls.SAVED})
        if not phrases._is_whole():
            raise NotAModelError(f"{path}: does not hold what {cls.__name__} needs; it is damaged")
        phrases.scoring, phrases.connector_words = (
            SCORERS[phrases.scoring],
            frozenset(map(str, phrases.connector_words)),
        )
        return phrases

    def _is_whole(self) -> bool:
        """Whether what was read is of the kinds that it should be."""
        counts = self.__dict__.get("vocab", self.__dict__.get("phrasegrams"))
        if (
            not isinstance(counts, dict)
            or not isinstance(self.connector_words, list)
            or not isinstance(self.delimiter, str)
        ):
            return False
        numbers = [self.min_count, self.threshold, *counts.values()]
        numbers.append(self.__dict__.get("corpus_word_count", 0))
        return str(self.scoring) in SCORERS and all(map(_is_number, numbers))


@explained(ConfigTypeError, ConfigError)
class Phrases(Joining):
    """Counts words and pairs of words in sentences, and joins the pairs that score above
    ``threshold``.

    vocab : the count of each word and of each pair, joined by ``delimiter``;  corpus_word_count :
    tokens read. Nothing is pruned, whatever max_vocab_size says.
    """

    SAVED = (
        "min_count",
        "threshold",
        "max_vocab_size",
        "delimiter",
        "scoring",
        "connector_words",
        "vocab",
        "corpus_word_count",
    )

    def __init__(
        self,
        sentences: Iterable[Sequence[str]] | None = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40000000,
        delimiter: str = "_",
        progress_per: int = 10000,
        scoring: str | Callable[..., float] = "default",
        connector_words: Iterable[str] = frozenset(),
    ) -> None:
        min_count, threshold = _number(min_count, "min_count"), _number(threshold, "threshold")
        if min_count <= 0:
            raise ConfigError(f"min_count should be at least 1, got {quoted(min_count)}")
        if threshold <= 0 and scoring == "default":
            raise ConfigError(
                f"threshold should be positive for default scoring, got {quoted(threshold)}"
            )
        if not -1 <= threshold <= 1 and scoring == "npmi":
            raise ConfigError(
                f"threshold should be between -1 and 1 for npmi scoring, got {quoted(threshold)}"
            )
        if not callable(scoring) and scoring not in SCORERS:
            raise ConfigError(
                f"scoring must be {' or '.join(SCORERS)} or a function, got {quoted(scoring)}"
            )
        if not isinstance(delimiter, str):
            raise ConfigTypeError(
                f"delimiter must be a string, as since gensim 4, got {quoted(delimiter)}"
            )
        self.min_count, self.threshold, self.max_vocab_size, self.delimiter = (
            min_count,
            threshold,
            _number(max_vocab_size, "max_vocab_size"),
            delimiter,
        )
        self.scoring = scoring if callable(scoring) else SCORERS[scoring]
        self.connector_words = frozenset(connector_words)
        self.vocab: dict[str, int] = {}
        self.corpus_word_count = 0
        if sentences is not None:
            self.add_vocab(sentences, progress_per)

    def __str__(self) -> str:
        return (
            f"Phrases<{len(self.vocab)} vocab, min_count={self.min_count},"
            f" threshold={self.threshold}>"
        )

    def __len__(self) -> int:
        return len(self.vocab)

    def add_vocab(self, sentences: Iterable[Sequence[str]], progress_per: int = 10000) -> None:
        """Count the words and pairs of more sentences."""
        from fastw2v.compat.encoding import Numbered, new_numbers
        from fastw2v.corpus.phrases import counted_pairs, kinds_of, words_of_pairs
        from fastw2v.corpus.vocabulary import Vocabulary

        numbers = new_numbers()
        read = Numbered(sentences, numbers, progress_per)
        if not read.tokens:
            return
        words = list(numbers)
        vocabulary = Vocabulary(words, read.counts(len(words)))
        kinds, base, bits = kinds_of(vocabulary, 1, self.connector_words)
        keys, pair_counts = counted_pairs(read.ids, kinds, base, bits, available_cores())
        counts = {
            word: n
            for word, n in zip(words, vocabulary.counts.tolist(), strict=True)
            if word not in self.connector_words
        }
        pairs = map(self.delimiter.join, words_of_pairs(keys, words, kinds, base, bits))
        self.corpus_word_count += read.tokens
        for token, count in itertools.chain(
            counts.items(), zip(pairs, pair_counts.tolist(), strict=True)
        ):
            self.vocab[token] = self.vocab.get(token, 0) + count
        logger.info(
            "collected %d words and pairs from %d words and %d sentences",
            len(self.vocab),
            read.tokens,
            read.sentences,
        )

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]) -> Candidate:
        """A pair as one word, and its score; None twice if it is no phrase."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        counts = [self.vocab.get(token, 0) for token in (word_a, word_b, phrase)]
        if min(counts) <= 0:
            return None, None
        score = self.scoring(
            worda_count=counts[0],
            wordb_count=counts[1],
            bigram_count=counts[2],
            len_vocab=len(self.vocab),
            min_count=self.min_count,
            corpus_word_count=self.corpus_word_count,
        )
        return (phrase, score) if score > self.threshold else (None, None)

    def export_phrases(self) -> dict[str, float]:
        """All phrases, with their scores."""
        parts = (token.split(self.delimiter) for token in self.vocab)
        scored = (
            self.score_candidate(words[0], words[-1], words[1:-1])
            for words in parts
            if len(words) > 1
        )
        return {found[0]: found[1] for found in scored if found[0] is not None}

    def freeze(self) -> FrozenPhrases:
        """FrozenPhrases of these."""
        return FrozenPhrases(self)


@explained(ConfigTypeError, ConfigError)
class FrozenPhrases(Joining):
    """The phrases of Phrases with their scores (``phrasegrams``), without the counts that they came
    from.
    """

    SAVED = ("min_count", "threshold", "delimiter", "scoring", "connector_words", "phrasegrams")

    def __init__(self, phrases_model: Phrases) -> None:
        for name in self.SAVED[:-1]:
            setattr(self, name, getattr(phrases_model, name))
        self.phrasegrams = phrases_model.export_phrases()

    def __str__(self) -> str:
        return (
            f"FrozenPhrases<{len(self.phrasegrams)} phrases, min_count={self.min_count},"
            f" threshold={self.threshold}>"
        )

    def __len__(self) -> int:
        return len(self.phrasegrams)

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]) -> Candidate:
        """A pair as one word, and its score; None twice if it is no phrase."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self.phrasegrams.get(phrase, NEGATIVE_INFINITY)
        return (phrase, score) if score > self.threshold else (None, None)


Phraser = FrozenPhrases
