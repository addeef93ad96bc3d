"""``fastw2v evaluate --next-item``: guesses of the last item of sessions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.evaluate import Answers, in_columns, number
from fastw2v.cli.progress import show_notice
from fastw2v.errors import REPLACE_BYTES, CorpusError, EvaluationError
from fastw2v.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastw2v.evaluation.next_item import NextItemScore
    from fastw2v.vectors.word_vectors import WordVectors

# in place of REPLACE_BYTES, whose option this command lacks
CONVERT = "convert it first: iconv -f ENCODING -t UTF-8 FILE > NEW"


def guess_next_items(
    paths: Sequence[str],
    all_vectors: Sequence[WordVectors],
    path: str,
    columns: Mapping[str, str | None],
    k: int,
) -> Answers:
    """Return Answers about vectors of items, by the sessions in the file ``path``.

    Raises CorpusError, EvaluationError.
    """
    begin_compiling()
    from fastw2v.corpus.reader import find_files
    from fastw2v.embedding import TextFiles
    from fastw2v.evaluation.next_item import read_sessions, score_next_items

    files = TextFiles(find_files(path), **columns)
    rows, lines = [], []
    for name, vectors in zip(paths, all_vectors, strict=True):
        try:
            score = score_next_items(vectors, read_sessions(files, vectors, show_notice), k)
        except EvaluationError as error:
            raise EvaluationError(f"{shown(name)}: {error}") from error
        except CorpusError as error:
            said = str(error).replace(REPLACE_BYTES, CONVERT)
            raise CorpusError(said, options=error.options) from error
        rows.append({"vectors": name, **asdict(score)})
        lines.append((name, *_cells(score)))
    head = ("next item", f"recall@{k}", "MRR", f"NDCG@{k}", "sessions", "short", "unknown")
    return Answers(rows, in_columns([head, *lines]), [])


def _cells(score: NextItemScore) -> list[str]:
    shares = [number(x) for x in (score.recall, score.mrr, score.ndcg)]
    return [*shares, *(f"{count:,}" for count in (score.sessions, score.short, score.unknown))]
