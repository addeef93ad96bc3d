"""``fastw2v evaluate``: scores of vectors."""

from __future__ import annotations

import csv
import io
import itertools
import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import click

from fastw2v.cli.options import FILE, GroupedCommand, as_json, column_options, take_columns
from fastw2v.cli.terminal import echo_answer, echo_json, echo_note
from fastw2v.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from fastw2v.evaluation.scores import EvaluationOptions, Score
    from fastw2v.evaluation.sets import EvaluationSet
    from fastw2v.vectors.word_vectors import WordVectors

FEW = 0.1  # share of known items below which a note warns
HEADS = {
    "analogies": ("accuracy", "right", "asked", "unknown"),
    "pairs": ("Spearman", "95 % interval", "Pearson", "pairs", "unknown"),
    "categories": ("purity", "right", "words", "unknown"),
}


@dataclass(frozen=True)
class Answers:
    """The answers of the command.

    Attributes
    ----------
    rows
        Scores as dictionaries, for programs.
    text
        The scores as a table, for people.
    notes
        Notes about the scores, for standard error.
    """

    rows: list[dict[str, Any]]
    text: str
    notes: list[str]


GROUPS = {
    "Evaluation sets": "analogies pairs categories",
    "Scoring": "method restrict_vocab case_sensitive dummy4unknown seed seeds",
    "Vectors of items": "next_item k column group_by order_by",
    "Output": "as_json as_csv",
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@click.argument("vectors", type=FILE, nargs=-1, required=True)
@click.option(
    "--analogies",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help='Analogies, four words per line; ": name" starts a section (questions-words.txt).',
)
@click.option(
    "--pairs",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="Word similarity set, two words and a human score per line.",
)
@click.option(
    "--categories",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="Categories, one word and its category per line.",
)
@click.option(
    "--method",
    default="3cosadd",
    show_default=True,
    type=click.Choice(("3cosadd", "3cosmul")),
    help="Scoring method of analogies.",
)
@click.option(
    "--restrict-vocab",
    default=300_000,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Use only the N most frequent words.",
)
@click.option("--case-sensitive", is_flag=True, help="Treat King and king as different words.")
@click.option(
    "--dummy4unknown",
    is_flag=True,
    help="Count items with unknown words as wrong (pairs: as cosine 0) instead of skipping them.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Seed of the bootstrap and the clustering.",
)
@click.option(
    "--seeds",
    is_flag=True,
    help="Print mean and standard deviation over VECTORS that differ by the seed of training.",
)
@click.option(
    "--next-item",
    type=FILE,
    metavar="FILE",
    help="Held-out sessions: predict the last item of each (recall@k, MRR, NDCG@k).",
)
@click.option(
    "-k",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    metavar="K",
    help="Number of predictions for each session of --next-item.",
)
@column_options
@as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print the scores as CSV.")
def evaluate(
    vectors: tuple[str, ...],
    analogies: tuple[str, ...],
    pairs: tuple[str, ...],
    categories: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    **settings: Any,
) -> None:
    """Score the vectors in the file VECTORS on analogies, word similarity and categories.

    Scores equal those of gensim 4. Without files, the bundled evaluation sets are used: english-*
    for general English, world-* for the corpus of fastw2v demo.

    Items with out-of-vocabulary words are skipped and counted.

    Several VECTORS are compared with the first, on the items whose words are in all of them. Each
    difference has a 95 % interval by a paired bootstrap.

    --next-item scores vectors of items instead, on a file with one session per line, or on a table.
    """
    columns, seeds, k = take_columns(settings), settings.pop("seeds"), settings.pop("k")
    next_item = settings.pop("next_item")
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    if seeds and len(vectors) == 1:
        raise click.UsageError("--seeds takes several VECTORS, one for each seed")
    files = {"analogies": analogies, "pairs": pairs, "categories": categories}
    if next_item is None and any(columns.values()):
        raise click.UsageError("--column, --group-by and --order-by are for --next-item")
    if next_item is not None and (seeds or any(files.values())):
        raise click.UsageError("--next-item is scored alone, without other sets or --seeds")
    from fastw2v.api import load

    loaded = [load(path) for path in vectors]
    if next_item is not None:
        from fastw2v.cli.next_item import guess_next_items

        head = {"vectors": vectors, "next_item": next_item, **columns}
        found = guess_next_items(vectors, loaded, next_item, columns, k)
    else:
        head, found = _score(vectors, loaded, files, seeds, settings)
    if as_json:
        echo_json(head | {"scores": list(map(plain, found.rows))})
    elif as_csv:
        echo_answer(_csv(found.rows).removesuffix("\n"))
    else:
        echo_answer(found.text)
    for note in found.notes:
        echo_note(f"note     {note}")


def _score(
    paths: Sequence[str],
    loaded: Sequence[WordVectors],
    files: Mapping[str, Sequence[str]],
    seeds: bool,
    settings: dict[str, Any],
) -> tuple[dict[str, Any], Answers]:
    """Return what was asked, for JSON, and Answers: of analogies, pairs and categories."""
    from fastw2v.evaluation.scores import EvaluationOptions
    from fastw2v.evaluation.sets import bundled_sets, read_set

    sets = [
        read_set(path, kind) for kind, paths_of_kind in files.items() for path in paths_of_kind
    ] or bundled_sets()
    options = EvaluationOptions(
        restrict=settings["restrict_vocab"],
        case_insensitive=not settings["case_sensitive"],
        dummy4unknown=settings["dummy4unknown"],
        method=settings["method"],
        seed=settings["seed"],
    )
    if len(paths) > 1:
        from fastw2v.cli.comparing import compare_vectors

        found = compare_vectors(paths, loaded, sets, options, seeds)
        return {"vectors": paths, **settings}, found
    D = loaded[0].table.shape[1]
    head = {"vectors": paths[0], "words": len(loaded[0]), "dimensions": D, **settings}
    return head, _score_one(paths[0], loaded[0], sets, options)


def _score_one(
    path: str, vectors: WordVectors, sets: Sequence[EvaluationSet], options: EvaluationOptions
) -> Answers:
    """Return Answers about the vectors of one file. Raises EvaluationError if nothing is known."""
    from fastw2v.evaluation.sets import score_sets

    scores = score_sets(vectors, sets, options)
    if all(set_scores[-1].oov == len(each) for each, set_scores in zip(sets, scores, strict=True)):
        raise EvaluationError(_no_known_items(path, vectors, sets, options))
    words = f"the {options.restrict:,} most frequent words of {path} (--restrict-vocab)"
    restricted = options.restricts(len(vectors))
    rows = [score for set_scores in scores for score in set_scores]
    kinds = [kind for kind in HEADS if any(row.kind == kind for row in rows)]
    text = "\n\n".join(_table(kind, rows, options, restricted) for kind in kinds)
    notes = list(_notes(words if restricted else path, sets, scores))
    return Answers(list(map(asdict, rows)), text, notes)


def _no_known_items(
    path: str, vectors: WordVectors, sets: Sequence[EvaluationSet], options: EvaluationOptions
) -> str:
    """Return why no item of any set can be scored: the option that excludes them, or none."""
    from fastw2v.evaluation.vocabulary import EvaluationVocabulary

    names = ", ".join(each.name for each in sets)
    looser: dict[str, dict[str, Any]] = {
        f"among the {options.restrict:,} most frequent words; raise --restrict-vocab": {
            "restrict": len(vectors)
        },
        "in this upper or lower case; leave out --case-sensitive": {"case_insensitive": True},
    }
    for why, change in looser.items():
        vocabulary = EvaluationVocabulary(vectors, replace(options, **change))
        if any(each.known(vocabulary) for each in sets):
            return f"{path}: has no item of {names} with all its words {why}"
    return (
        f"{path}: has no item of {names} with all its words; check that language and spelling agree"
    )


def _notes(
    words: str, sets: Sequence[EvaluationSet], scores: Sequence[Sequence[Score]]
) -> Iterator[str]:
    """Yield a note for each set with few known items. words : where words are looked up."""
    for each, set_scores in zip(sets, scores, strict=True):
        total, count = set_scores[-1], len(each) - set_scores[-1].oov
        if count < FEW * len(each):
            reason = (
                f"only {count:,} of its {len(each):,} {each.kind} have all their words in {words}"
            )
            yield f"{total.set}: {reason}; the score says little"


def plain(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return a score, a dictionary, for JSON: with null instead of nan."""
    return {key: None if isinstance(x, float) and math.isnan(x) else x for key, x in score.items()}


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(plain, rows))
    return out.getvalue()


def title(kind: str, options: EvaluationOptions, restricted: bool) -> str:
    """Return what a table of scores of one kind is called.

    restricted : whether vectors have more words than the options allow.
    """
    if kind != "analogies":
        return kind
    return f"analogies, {options.method}" + (f", {options.restrict:,} words" if restricted else "")


def _table(kind: str, rows: Iterable[Score], options: EvaluationOptions, restricted: bool) -> str:
    """Return the scores of one kind as a table, one line per section."""
    rows = [row for row in rows if row.kind == kind]
    lines = [(title(kind, options, restricted), *HEADS[kind])]
    for name, set_scores in itertools.groupby(rows, lambda row: row.set):
        if kind == "analogies":
            lines.append((name,))
            lines += [(f"  {row.section or '(no section)'}", *_cells(row)) for row in set_scores]
        else:
            lines += [(name, *_cells(row)) for row in set_scores]
    return in_columns(lines)


def in_columns(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells as text, in columns; a line may have fewer cells than the first."""
    widths = [max(len(line[i]) for line in lines if len(line) > i) for i in range(len(lines[0]))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=False))
    )
    return "  ".join([first, *others]).rstrip()


def _cells(row: Score) -> list[str]:
    score, counts = number(row.score), [f"{row.total:,}", f"{row.oov:,}"]
    if row.kind == "pairs":
        return [score, f"{number(row.low)} to {number(row.high)}", number(row.pearson), *counts]
    return [score, f"{row.correct:,}", *counts]


def number(x: float | None) -> str:
    return "-" if x is None or math.isnan(x) else f"{x:.3f}"
