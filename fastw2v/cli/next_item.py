"""``fastw2v evaluate --next-item``: guesses of the last item of sessions."""

from dataclasses import asdict, dataclass

from fastw2v.cli.evaluate import Answers, in_columns, number
from fastw2v.cli.terminal import echo_note


@dataclass(frozen=True)
class NextItemRow:
    """The NextItemScore of the vectors in a file, for programs."""

    vectors: str
    k: int
    recall: float
    mrr: float
    ndcg: float
    sessions: int
    short: int
    unknown: int


def guess_next_items(paths, all_vectors, path, columns, k):
    """Return Answers about vectors of items, by the sessions in the file ``path``.

    Raises CorpusError, EvaluationError.
    """
    from fastw2v.corpus.reader import find_files
    from fastw2v.embedding import TextFiles
    from fastw2v.evaluation.next_item import read_sessions, score_next_items

    files = TextFiles(find_files(path), **columns)
    rows = []
    for name, vectors in zip(paths, all_vectors, strict=True):
        ids = read_sessions(files, vectors, lambda event: echo_note(f"note     {event.text}"))
        rows.append(NextItemRow(name, **asdict(score_next_items(vectors, ids, k))))
    head = ("next item", f"recall@{k}", "MRR", f"NDCG@{k}", "sessions", "short", "unknown")
    lines = [(row.vectors, *_cells(row)) for row in rows]
    return Answers(rows, in_columns([head, *lines]), [])


def _cells(row):
    scores = [number(x) for x in (row.recall, row.mrr, row.ndcg)]
    return [*scores, *(f"{count:,}" for count in (row.sessions, row.short, row.unknown))]
