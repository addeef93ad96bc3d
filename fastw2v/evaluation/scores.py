"""What an evaluation is asked with, and what it answers."""

from dataclasses import dataclass
from pathlib import Path

MOST_FREQUENT = 300_000  # words that count as known, as gensim has it
OWN = Path(__file__).parent / "own"  # the project's own sets; data/make_sets.py makes them


@dataclass(frozen=True)
class Rules:
    """How words are found and answers judged; the defaults are those of gensim 4's
    ``evaluate_word_analogies``.

    restrict : only so many of the most frequent words are known;  case_insensitive : words are
        the same that are the same in
    capitals, and the most frequent spelling's vector is theirs;  dummy4unknown : what has an
    unknown word is wrong (an analogy, a
    word of a category) or has cosine 0 (a pair), and is not left out;  method : of analogies;  seed
    : of what is drawn;
    resamples : of pairs, for the interval of their score, 0 for none.
    """

    restrict: int = MOST_FREQUENT
    case_insensitive: bool = True
    dummy4unknown: bool = False
    method: str = "3cosadd"
    seed: int = 1
    resamples: int = 1000


@dataclass(frozen=True)
class Score:
    """The score of a set, or of a section of it; nan where nothing could be asked.

    kind : "analogies" (score: the share of right answers), "pairs" (Spearman's rho) or
        "categories" (purity);
    correct : right answers, or None for pairs;  total : how many items the score is of;  oov :
        how many have an unknown
    word. They are left out of ``total``, or with ``dummy4unknown`` are part of it.
    pearson, low, high : of pairs only, Pearson's r and the 95 % interval of Spearman's rho.
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


def share(correct, total):
    """correct / total, or nan of nothing."""
    return correct / total if total else float("nan")
