"""Evaluation sets from files of either kind, told apart by what is in them."""

from dataclasses import dataclass
from pathlib import Path

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.analogies import analogy_accuracy, read_analogies
from fastw2v.evaluation.pairs import pair_scores, read_pairs
from fastw2v.files import reason


@dataclass(frozen=True)
class EvaluationSet:
    """name : of its file;  kind : "analogies" or "pairs";  items : questions or judged pairs."""

    name: str
    kind: str
    items: list

    def score(self, vectors):
        """Accuracy or Spearman's rho, and how many items could be asked."""
        return analogy_accuracy(vectors, self.items) if self.kind == "analogies" else pair_scores(vectors, self.items)


def read_set(path):
    """Read a file of analogies (sections begin with ":", or lines have four words) or of judged pairs. Raises EvaluationError."""
    try:
        lines = Path(path).read_text(encoding="utf8").splitlines()
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if first.startswith(":") or (len(first.split()) == 4 and "\t" not in first):
        return EvaluationSet(Path(path).stem, "analogies", read_analogies(path, lines))
    return EvaluationSet(Path(path).stem, "pairs", read_pairs(path, lines))


class Evaluator:
    """Scores of all sets, by name: what ``--eval-every`` asks after an epoch."""

    def __init__(self, sets):
        self.sets = sets

    def __call__(self, vectors):
        """The score of each set (nan where none of its words is known)."""
        return {each.name: each.score(vectors)[0] for each in self.sets}
