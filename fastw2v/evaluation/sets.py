"""Evaluation sets from files, the project's own among them, and what vectors score on them."""

from dataclasses import dataclass
from pathlib import Path

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.analogies import read_analogies, score_analogies
from fastw2v.evaluation.categories import read_categories, score_categories
from fastw2v.evaluation.lines import fields, is_number, read_lines
from fastw2v.evaluation.lookup import Lookup
from fastw2v.evaluation.pairs import read_pairs, score_pairs
from fastw2v.evaluation.scores import OWN, Rules

READERS = {"analogies": read_analogies, "pairs": read_pairs, "categories": read_categories}
SCORERS = {"analogies": score_analogies, "pairs": score_pairs, "categories": score_categories}
# words that count as known in analogies after every epoch: less to ask than the 300,000 of Rules
TRAINING = 30_000


@dataclass(frozen=True)
class EvaluationSet:
    """path, name : of its file;  kind : "analogies", "pairs" or "categories";  items : sections,
    judged or categorised words.
    """

    path: str
    kind: str
    items: list

    @property
    def name(self):
        """The file's name without its folder and its suffix."""
        return Path(self.path).stem

    def __len__(self):
        return (
            sum(len(section.questions) for section in self.items)
            if self.kind == "analogies"
            else len(self.items)
        )

    def known(self, lookup):
        """Whether any item has all its words."""
        if self.kind == "analogies":
            return any(
                (lookup.rows(question) >= 0).all()
                for section in self.items
                for question in section.questions
            )
        count = 2 if self.kind == "pairs" else 1
        return any(
            all(lookup.vector(word) is not None for word in item[:count]) for item in self.items
        )

    def scores(self, lookup, name=None):
        """A list of Scores, the last of them that of the whole set."""
        return SCORERS[self.kind](name or self.name, self.items, lookup)


def read_set(path, kind=None):
    """Read a file of a kind; without one, of analogies (sections begin with ":", or lines have four
    words) or judged pairs.

    Raises EvaluationError, with the line.
    """
    lines = read_lines(path)
    kind = kind or _kind(lines)
    return EvaluationSet(str(path), kind, READERS[kind](path, lines))


def _kind(lines):
    first = lines[0][1] if lines else ""
    words = fields(first, 4)
    return (
        "analogies"
        if first.startswith(":") or (len(words) == 4 and not is_number(words[2]))
        else "pairs"
    )


def own_sets():
    """The project's own sets: of the small world, and of general English."""
    return [read_set(path, kind) for kind in READERS for path in sorted(OWN.glob(f"*-{kind}.*"))]


def names_of(sets):
    """What each set is called: its name, or its path where several have that name."""
    names = [each.name for each in sets]
    return [each.name if names.count(each.name) == 1 else each.path for each in sets]


def score_sets(vectors, sets, rules=None):
    """The Scores of vectors on sets, a list for each set."""
    lookup = Lookup(vectors, rules)
    return [each.scores(lookup, name) for each, name in zip(sets, names_of(sets), strict=True)]


class Evaluator:
    """Scores of all sets, by name: what ``--eval-every`` asks after an epoch, analogies among the
    most frequent words.
    """

    def __init__(self, sets):
        self.sets = sets

    def check(self, vectors):
        """Raise EvaluationError for a set of which not one item has its words among the vectors:
        said before training.
        """
        for each, lookup in self._lookups(vectors):
            if not each.known(lookup):
                raise EvaluationError(
                    f"{each.name}: not one of its {len(each):,} {each.kind} has all its words in"
                    " the vocabulary"
                )

    def __call__(self, vectors):
        """The score of each set (nan where none of its words is known)."""
        names = names_of(self.sets)
        return {
            name: each.scores(lookup)[-1].score
            for name, (each, lookup) in zip(names, self._lookups(vectors), strict=True)
        }

    def _lookups(self, vectors):
        """Each set with the words that it may ask for."""
        few, all_words = (
            Lookup(vectors, Rules(restrict=TRAINING, resamples=0)),
            Lookup(vectors, Rules(resamples=0)),
        )
        return [(each, few if each.kind == "analogies" else all_words) for each in self.sets]
