"""``fastw2v counts``: a word's neighbours by counts, and by a model (Eq. 13 and 1)."""

from __future__ import annotations

import os
from glob import has_magic
from typing import TYPE_CHECKING

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import (
    CORPUS_GROUP,
    FILE,
    READING,
    GroupedCommand,
    as_json,
    config_options,
    corpus_argument,
    make_config,
    number_option,
)
from fastw2v.cli.progress import ProgressLine
from fastw2v.cli.terminal import echo_answer, echo_json
from fastw2v.errors import CorpusError, TrainingError, UnknownWordError, VectorsError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from fastw2v.config import TrainConfig
    from fastw2v.corpus.encoded import EncodedCorpus
    from fastw2v.vectors.word_vectors import WordVectors

MAX_SECONDS = 600  # seconds of estimated training, above which it is refused


GROUPS = {
    "Common options": "model number threads as_json quiet",
    "Training, without --model": "window min_count max_vocab vector_size epochs seed",
    "Corpus": CORPUS_GROUP,
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@corpus_argument
@click.argument("word")
@click.option(
    "--model",
    type=FILE,
    metavar="MODEL",
    help="Model with both tables (.npz); by default, train one by naive softmax.",
)
@number_option(10, "Number of neighbours.")
@config_options(
    "window",
    "min_count",
    "max_vocab",
    "vector_size",
    "epochs",
    *READING,
    "seed",
    defaults={"epochs": 20},
)
@as_json
@click.option("--quiet", is_flag=True, help="Print errors and the answer only.")
def counts(
    corpus: tuple[str, ...],
    word: str,
    model: str | None,
    number: int,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Compare the co-occurrence counts of WORD in CORPUS with the probabilities of a model.

    The counts give the maximum-likelihood probabilities p(o|WORD). The model gives the softmax of
    its output vectors with the vector of WORD.

    By default, a model is trained by naive softmax on all pairs of the corpus; with enough epochs
    and dimensions it comes close to the counts. A model trained by negative sampling or with
    subsampling ranks the same words first, with other probabilities.
    """
    _check_order(corpus, word)
    config = make_config(
        options | {"loss": "softmax", "sample": 0.0, "shrink_window": False, "alpha": 0.05}
    )
    begin_compiling(config.thread_count)
    import numpy as np

    from fastw2v.api import load
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.corpus.neighbours import neighbours
    from fastw2v.corpus.reader import find_files
    from fastw2v.vectors.word_vectors import WordVectors

    with ProgressLine(quiet) as show:
        encoded = open_corpus(find_files(list(corpus)), config, notify=show)
        words = encoded.vocabulary.words
        row = WordVectors(words, np.zeros((len(words), 1), np.float32)).id(word)
        found = neighbours(encoded.ids, row, config.window, len(words))
        if not found.any():
            raise TrainingError(
                f"{quoted(word)} is the only word on its lines, so it has no neighbours"
            )
        vectors = load(model) if model else _trained(encoded, config, show)
    if vectors.output_vectors is None:
        raise VectorsError(
            f"{model}: holds no output vectors; give a model (.npz) trained with --loss ns or"
            " softmax"
        )
    likely = found / found.sum()
    believed = _model_probabilities(model, vectors, word, words)
    both = (found > 0) & ~np.isnan(believed)
    p = likely[both] / likely[both].sum()
    kl = float((p * np.log(p / believed[both])).sum()) if both.any() else float("nan")
    best = np.argsort(-likely, kind="stable")[:number]
    if as_json:
        answer = [
            {
                "word": words[o],
                "count": int(found[o]),
                "p": float(likely[o]),
                "model": _number(believed[o]),
            }
            for o in best
        ]
        echo_json({"word": word, "kl": _number(kl), "neighbours": answer})
        return
    lines = [f"{'count':>10}  {'p(o|c)':>8}  {'model':>8}  o near {word}"]
    lines += [f"{found[o]:>10,}  {likely[o]:8.5f}  {believed[o]:8.5f}  {words[o]}" for o in best]
    echo_answer("\n".join([*lines, *_about_divergence(kl, believed)]))


def _check_order(corpus: Sequence[str], word: str) -> None:
    """Raise CorpusError if the word and a file of the corpus are swapped."""
    missing = next(
        (
            path
            for path in corpus
            if path != "-" and not has_magic(path) and not os.path.exists(path)
        ),
        None,
    )
    if missing is not None and os.path.isfile(word):
        raise CorpusError(
            f"{missing}: no such file; give the word last: fastw2v counts {word} {missing}"
        )


def _trained(encoded: EncodedCorpus, config: TrainConfig, show: ProgressLine) -> WordVectors:
    from fastw2v.training.loop import Training

    training = Training(encoded, config)
    if (seconds := training.estimate()) > MAX_SECONDS:
        raise TrainingError(
            f"naive softmax over {len(encoded.vocabulary):,} words would take about"
            f" {seconds / 60:,.0f} minutes; give a trained --model, a smaller --max-vocab, or fewer"
            " --epochs"
        )
    for event in training.run():
        show(event)
    return training.vectors()


def _model_probabilities(
    model: str | None, vectors: WordVectors, word: str, words: Sequence[str]
) -> NDArray[np.float64]:
    """Return p(o|word) of a model for each word, nan for words that it does not have."""
    import numpy as np

    from fastw2v.equations.softmax import softmax

    rows = np.array([vectors.ids.get(each, -1) for each in words])
    try:
        vector = vectors[word]
    except UnknownWordError as error:
        raise UnknownWordError(f"{model}: {error}") from error
    p = softmax(np.asarray(vectors.output_vectors, np.float64) @ vector)
    return np.where(rows >= 0, p[rows], np.nan)


def _about_divergence(kl: float, probabilities: NDArray[np.float64]) -> Iterator[str]:
    """Yield the lines about the divergence of a model, and about the words that it lacks."""
    yield f"Kullback-Leibler divergence of the model from the counts: {kl:.4f} nats"
    if missing := sum(p != p for p in probabilities):
        yield (
            f"The model lacks {missing:,} of the {len(probabilities):,} words; the divergence is"
            " over the other words."
        )


def _number(x: float) -> float | None:
    return float(x) if x == x else None
