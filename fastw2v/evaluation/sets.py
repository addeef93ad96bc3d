"""Evaluation sets from files, the bundled ones among them, and their scores."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.analogies import read_analogies, score_analogies
from fastw2v.evaluation.categories import read_categories, score_categories
from fastw2v.evaluation.lines import Line, fields, is_number, read_lines
from fastw2v.evaluation.pairs import read_pairs, score_pairs
from fastw2v.evaluation.scores import BUNDLED, EvaluationOptions, Score
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.paths import AnyPath
from fastw2v.vectors.word_vectors import WordVectors

READERS: dict[str, Callable[[AnyPath, Iterable[Line]], list[Any]]] = {
    "analogies": read_analogies,
    "pairs": read_pairs,
    "categories": read_categories,
}
SCORERS: dict[str, Callable[[str, list[Any], EvaluationVocabulary], list[Score]]] = {
    "analogies": score_analogies,
    "pairs": score_pairs,
    "categories": score_categories,
}
# known words of analogies after every epoch: fewer than the 300,000 of EvaluationOptions
TRAINING_WORDS = 30_000


@dataclass(frozen=True)
class EvaluationSet:
    """The content of one evaluation file.

    Attributes
    ----------
    path, name
        Path and name of the file.
    kind
        "analogies", "pairs" or "categories".
    items
        Sections, pairs or words with their categories.
    """

    path: str
    kind: str
    items: list[Any]

    @property
    def name(self) -> str:
        """The file's name without its folder and its suffix."""
        return Path(self.path).stem

    def __len__(self) -> int:
        return (
            sum(len(section.questions) for section in self.items)
            if self.kind == "analogies"
            else len(self.items)
        )

    def known(self, vocabulary: EvaluationVocabulary) -> bool:
        """Whether any item has all its words."""
        if self.kind == "analogies":
            return any(
                (vocabulary.rows(question) >= 0).all()
                for section in self.items
                for question in section.questions
            )
        count = 2 if self.kind == "pairs" else 1
        return any(
            all(vocabulary.vector(word) is not None for word in item[:count]) for item in self.items
        )

    def scores(self, vocabulary: EvaluationVocabulary, name: str | None = None) -> list[Score]:
        """A list of Scores, the last of them that of the whole set."""
        return SCORERS[self.kind](name or self.name, self.items, vocabulary)


def read_set(path: AnyPath, kind: str | None = None) -> EvaluationSet:
    """Read a file of a kind; without one, of analogies (sections begin with ":", or lines have four
    words) or pairs.

    Raises EvaluationError, with the line.
    """
    lines = read_lines(path)
    kind = kind or _kind(lines)
    return EvaluationSet(str(path), kind, READERS[kind](path, lines))


def _kind(lines: list[Line]) -> str:
    first = lines[0][1] if lines else ""
    words = fields(first, 4)
    return (
        "analogies"
        if first.startswith(":") or (len(words) == 4 and not is_number(words[2]))
        else "pairs"
    )


def bundled_sets() -> list[EvaluationSet]:
    """The bundled sets: of the small world, and of general English."""
    return [
        read_set(path, kind) for kind in READERS for path in sorted(BUNDLED.glob(f"*-{kind}.*"))
    ]


def names_of(sets: Sequence[EvaluationSet]) -> list[str]:
    """The name of each set, or its path where several have that name."""
    names = [a_set.name for a_set in sets]
    return [a_set.name if names.count(a_set.name) == 1 else a_set.path for a_set in sets]


def score_sets(
    vectors: WordVectors, sets: Sequence[EvaluationSet], options: EvaluationOptions | None = None
) -> list[list[Score]]:
    """The Scores of vectors on sets, a list for each set."""
    vocabulary = EvaluationVocabulary(vectors, options)
    names = names_of(sets)
    return [a_set.scores(vocabulary, name) for a_set, name in zip(sets, names, strict=True)]


class Evaluator:
    """The evaluation after an epoch (``--eval-every``): analogies among the most frequent words."""

    def __init__(self, sets: Sequence[EvaluationSet]) -> None:
        self.sets = sets

    def check(self, vectors: WordVectors) -> None:
        """Raise EvaluationError for a set without any item whose words are all known."""
        for a_set, vocabulary in self._vocabularies(vectors):
            if not a_set.known(vocabulary):
                raise EvaluationError(
                    f"{a_set.name}: not one of its {len(a_set):,} {a_set.kind} has all its words in"
                    " the vocabulary"
                )

    def __call__(self, vectors: WordVectors) -> dict[str, float]:
        """The score of each set by name (nan where none of its words is known)."""
        names = names_of(self.sets)
        return {
            name: a_set.scores(vocabulary)[-1].score
            for name, (a_set, vocabulary) in zip(names, self._vocabularies(vectors), strict=True)
        }

    def restricted(self, words: int) -> int | None:
        """Among how many of ``words`` words analogies are scored, if not among all."""
        has_analogies = any(a_set.kind == "analogies" for a_set in self.sets)
        return TRAINING_WORDS if has_analogies and words > TRAINING_WORDS else None

    def _vocabularies(
        self, vectors: WordVectors
    ) -> list[tuple[EvaluationSet, EvaluationVocabulary]]:
        """Each set with the words that count as known."""
        frequent_words = EvaluationVocabulary(
            vectors, EvaluationOptions(restrict=TRAINING_WORDS, resamples=0)
        )
        all_words = EvaluationVocabulary(vectors, EvaluationOptions(resamples=0))
        return [
            (a_set, frequent_words if a_set.kind == "analogies" else all_words)
            for a_set in self.sets
        ]
