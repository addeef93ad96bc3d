"""Tables of ``fastw2v evaluate`` for the vectors of several files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fastw2v.cli.evaluate import FEW, HEADS, Answers, in_columns, number, title
from fastw2v.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastw2v.evaluation.comparison import ComparedScore, SeedScore
    from fastw2v.evaluation.scores import EvaluationOptions
    from fastw2v.evaluation.sets import EvaluationSet
    from fastw2v.vectors.word_vectors import WordVectors

DIFFERENCE = ("difference", "95 % interval")


def compare_vectors(
    paths: Sequence[str],
    all_vectors: Sequence[WordVectors],
    sets: Sequence[EvaluationSet],
    options: EvaluationOptions,
    seeds: bool,
) -> Answers:
    """Return Answers about several vectors: compared with the first, or with ``seeds`` their mean.

    Raises EvaluationError if no item is known to all.
    """
    from fastw2v.evaluation.comparison import compare, over_seeds

    compared = compare(all_vectors, sets, options)
    compared = [scores_of_set for scores_of_set in compared if scores_of_set[0].total]
    if not compared:
        names = ", ".join(a_set.name for a_set in sets)
        raise EvaluationError(
            f"no item of {names} has all its words in each of {len(paths)} files; check that their"
            " languages and spellings agree"
        )
    restricted = options.restricts(max(map(len, all_vectors)))
    if seeds:
        means = over_seeds(compared)
        text = in_columns(
            [("", "mean", "deviation", "least", "greatest"), *map(_seed_cells, means)]
        )
        return Answers(list(map(asdict, means)), text, list(_notes(compared)))
    tables = []
    for kind in HEADS:
        of_kind = [scores_of_set for scores_of_set in compared if scores_of_set[0].kind == kind]
        if of_kind:
            head = (title(kind, options, restricted), HEADS[kind][0], *DIFFERENCE)
            tables.append(_table(head, of_kind, paths))
    rows = [asdict(row) for scores_of_set in compared for row in scores_of_set]
    return Answers(rows, "\n\n".join(tables), list(_notes(compared)))


def _table(
    head: Sequence[str], compared: Sequence[Sequence[ComparedScore]], paths: Sequence[str]
) -> str:
    lines = [head]
    for scores_of_set in compared:
        first = scores_of_set[0]
        lines.append((f"{first.set}: {first.total:,} of {first.of:,}",))
        lines += [(f"  {paths[row.vectors]}", *_cells(row)) for row in scores_of_set]
    return in_columns(lines)


def _cells(row: ComparedScore) -> tuple[str, ...]:
    if row.difference is None:
        return (number(row.score),)
    low, high = f"{row.low:+.3f}", f"{row.high:+.3f}"
    interval = f"{low} to {high}" if row.low == row.low else "-"
    difference = f"{row.difference:+.3f}" if row.difference == row.difference else "-"
    return number(row.score), difference, interval


def _seed_cells(row: SeedScore) -> tuple[str, ...]:
    return row.set, *map(number, (row.mean, row.deviation, row.least, row.greatest))


def _notes(compared: Sequence[Sequence[ComparedScore]]) -> Iterator[str]:
    """Yield a note for each set of which few items are known to all."""
    for first, *_ in compared:
        if first.total < FEW * first.of:
            yield (
                f"{first.set}: only {first.total:,} of its {first.of:,} items have all their words"
                " in every file; the score says little"
            )
