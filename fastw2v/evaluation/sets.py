"""Evaluation sets from files of either kind, told apart by what is in them."""

from dataclasses import dataclass
from pathlib import Path

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.analogies import analogy_accuracy, known_questions, read_analogies
from fastw2v.evaluation.pairs import pair_scores, read_pairs
from fastw2v.files import reason


@dataclass(frozen=True)
class EvaluationSet:
    """path, name : of its file;  kind : "analogies" or "pairs";  items : questions or judged pairs."""

    path: str
    kind: str
    items: list

    @property
    def name(self):
        """The file's name without its folder and its suffix."""
        return Path(self.path).stem

    def score(self, vectors):
        """Accuracy or Spearman's rho, and how many items could be asked."""
        return analogy_accuracy(vectors, self.items) if self.kind == "analogies" else pair_scores(vectors, self.items)

    def known(self, vectors):
        """How many items have all their words."""
        if self.kind == "analogies":
            return len(known_questions(vectors, self.items))
        return sum(vectors.find(a) is not None and vectors.find(b) is not None for a, b, _ in self.items)


def read_set(path):
    """Read a file of analogies (sections begin with ":", or lines have four words) or of judged pairs. Raises EvaluationError."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    words = first.split()
    if first.startswith(":") or (len(words) == 4 and "\t" not in first and not _is_number(words[2])):
        return EvaluationSet(str(path), "analogies", read_analogies(path, lines))
    return EvaluationSet(str(path), "pairs", read_pairs(path, lines))


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


class Evaluator:
    """Scores of all sets, by name: what ``--eval-every`` asks after an epoch."""

    def __init__(self, sets):
        self.sets = sets

    def check(self, vectors):
        """Raise EvaluationError for a set of which not one item has its words among the vectors: said before training."""
        for each in self.sets:
            if not each.known(vectors):
                raise EvaluationError(
                    f"{each.name}: not one of its {len(each.items):,} {each.kind} has all its words in the vocabulary"
                )

    def __call__(self, vectors):
        """The score of each set (nan where none of its words is known)."""
        names = [each.name for each in self.sets]
        return {each.name if names.count(each.name) == 1 else each.path: each.score(vectors)[0] for each in self.sets}
