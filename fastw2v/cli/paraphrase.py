"""``fastw2v paraphrase``: paraphrase detection with and without ReLU (Eq. 14)."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fastw2v.cli.options import FILE, OF_VECTORS, as_json, vectors_argument
from fastw2v.cli.terminal import echo_answer, echo_json
from fastw2v.errors import VectorsError

if TYPE_CHECKING:
    from fastw2v.evaluation.paraphrase import ParaphraseReport


@click.command()
@vectors_argument
@click.argument("pairs", type=FILE, nargs=-1, metavar="[PAIRS]...")
@click.option("--case-sensitive", is_flag=True, help="Treat King and king as different words.")
@as_json
def paraphrase(vectors: str, pairs: tuple[str, ...], case_sensitive: bool, as_json: bool) -> None:
    """Classify sentence pairs as paraphrases with the vectors in the file VECTORS.

    PAIRS are files with lines of: sentence, tab, sentence, tab, 0 or 1. Without files, the bundled
    sets are used.

    A sentence vector is the mean of its word vectors. Unknown words are left out and counted. A
    pair is skipped and counted if one of its sentences has no known word. A pair is classified as
    a paraphrase if sigma(x1 . x2) is at least 1/2. With ReLU before the product, this holds for
    every pair, so the accuracy is the share of paraphrases.
    """
    from fastw2v.api import load
    from fastw2v.evaluation.paraphrase import (
        bundled_sentence_pairs,
        read_sentence_pairs,
        score_paraphrases,
    )
    from fastw2v.evaluation.scores import EvaluationOptions
    from fastw2v.evaluation.vocabulary import EvaluationVocabulary

    if swapped := next(
        (
            path
            for path in pairs
            if Path(path).suffix.lower() in OF_VECTORS and os.path.isfile(path)
        ),
        None,
    ):
        others = " ".join([vectors, *(path for path in pairs if path != swapped)])
        raise VectorsError(
            f"{swapped}: has a suffix of vectors; give the vectors first: fastw2v paraphrase"
            f" {swapped} {others}"
        )
    read = {path: read_sentence_pairs(path) for path in pairs} or bundled_sentence_pairs()
    vocabulary = EvaluationVocabulary(
        load(vectors), EvaluationOptions(case_insensitive=not case_sensitive)
    )
    reports = {path: score_paraphrases(path, found, vocabulary) for path, found in read.items()}
    if as_json:
        answer = [{"file": path, **asdict(report)} for path, report in reports.items()]
        echo_json({"vectors": vectors, "sets": answer})
        return
    echo_answer("\n\n".join(_table(Path(path).stem, report) for path, report in reports.items()))


def _table(name: str, report: ParaphraseReport) -> str:
    """Return the report of one file as text."""
    lines = [
        (
            f"{name}: {report.pairs:,} pairs, {report.positives:.3f} of them paraphrases;"
            f" {report.left_out:,} pairs left out"
        ),
        f"{report.unknown:,} of {report.words:,} words unknown",
        f"{'':26}accuracy  called a paraphrase  lowest probability",
    ]
    for score in report.scores:
        form = ("centred, " if score.centred else "") + (
            "with ReLU" if score.relu else "as in Eq. 14"
        )
        lines.append(
            f"  {form:24}{score.accuracy:8.3f}  {score.called:19.3f}  {score.lowest:18.3f}"
        )
    return "\n".join(lines)
