"""The options of an evaluation, and its scores."""

from dataclasses import dataclass
from pathlib import Path

from fastw2v.vectors.word_vectors import EPSILON

MOST_FREQUENT = 300_000  # words that count as known, as gensim has it
# the folder of the bundled sets; data/make_sets.py and data/make_world.py make them
BUNDLED = Path(__file__).parent / "data"


@dataclass(frozen=True)
class EvaluationOptions:
    """How words are found and answers judged; the defaults are those of gensim 4's
    ``evaluate_word_analogies``.

    Attributes
    ----------
    restrict
        Number of most frequent words that are known; None for all.
    case_insensitive
        Words that are the same in capitals are one word, with the vector of its most frequent
        spelling.
    dummy4unknown
        An item with an unknown word is not left out, but wrong (an analogy, a word of a
        category) or of cosine 0 (a pair).
    method
        Method of analogies, "3cosadd" or "3cosmul".
    seed
        Seed of bootstrap and clustering.
    resamples
        Resamples of the bootstrap interval of pairs; 0 for no interval.
    epsilon
        Epsilon of 3cosmul.
    """

    restrict: int | None = MOST_FREQUENT
    case_insensitive: bool = True
    dummy4unknown: bool = False
    method: str = "3cosadd"
    seed: int = 1
    resamples: int = 1000
    epsilon: float = EPSILON

    def restricts(self, words: int) -> bool:
        """Whether questions are restricted to fewer than ``words`` words."""
        return self.restrict is not None and self.restrict < words


@dataclass(frozen=True)
class Score:
    """The score of a set, or of a section of it; nan where nothing could be asked.

    Attributes
    ----------
    kind
        "analogies" (score: the share of right answers), "pairs" (Spearman's rho) or
        "categories" (purity).
    correct
        Number of right answers; None for pairs.
    total
        Number of scored items.
    oov
        Number of items with an unknown word; ``total`` includes them only with
        ``dummy4unknown``.
    pearson, low, high
        For pairs only: Pearson's r and the 95 % interval of Spearman's rho.
    """

    set: str
    section: str
    kind: str
    score: float
    correct: int | None
    total: int
    oov: int
    pearson: float | None = None
    low: float | None = None
    high: float | None = None


def share(correct: int, total: int) -> float:
    """correct / total, or nan of nothing."""
    return correct / total if total else float("nan")
