"""``fastw2v counts``: a word's neighbours by counts, and by a model (Eq. 13 and 1)."""

import os
from glob import has_magic

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import as_json, config_options, corpus_argument, make_config
from fastw2v.cli.progress import ProgressLine
from fastw2v.cli.terminal import echo_answer, echo_json
from fastw2v.errors import CorpusError, TrainingError, UnknownWordError, VectorsError

LONGEST = 600  # seconds that a model is trained for without being asked


@click.command()
@corpus_argument
@click.argument("word")
@click.option(
    "--model",
    metavar="MODEL",
    help="A model with both tables (.npz); by default one is trained by naive softmax.",
)
@click.option(
    "-n",
    "--number",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="How many neighbours.",
)
@config_options(
    "window",
    "min_count",
    "max_vocab",
    "vector_size",
    "epochs",
    "lowercase",
    "encoding_errors",
    "threads",
    "seed",
    defaults={"epochs": 20},
)
@as_json
@click.option("--quiet", is_flag=True, help="Say nothing but errors and the answer.")
def counts(corpus, word, model, number, as_json, quiet, **options):
    """How often words stand near WORD in CORPUS, as the probability p(o|WORD) that makes the corpus
    most likely, beside what a model believes: the softmax of its output vectors with the vector
    of WORD.

    The model is trained by naive softmax on all pairs of the corpus, so with enough epochs and
    dimensions it comes near. One that was trained in another way, by negative sampling or
    subsampled, prefers the same words, not with the same numbers.
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
        found = neighbours(
            encoded.ids, WordVectors(words, words).id(word), config.window, len(words)
        )
        if not found.any():
            raise TrainingError(f"{word!r} stands alone on its lines: it has no neighbours")
        vectors = load(model) if model else _trained(encoded, config, show)
    if vectors.output_vectors is None:
        raise VectorsError(
            f"{model}: holds no output vectors; give a model (.npz) trained with --loss ns or"
            " softmax"
        )
    likely = found / found.sum()
    believed = _believed(model, vectors, word, words)
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
    lines.append(f"Kullback-Leibler divergence of the model from the counts: {kl:.4f} nats")
    if lacking := int(np.isnan(believed).sum()):
        lines.append(
            f"The model lacks {lacking:,} of the {len(words):,} words; the divergence is over the"
            " others."
        )
    echo_answer("\n".join(lines))


def _check_order(corpus, word):
    """Raise CorpusError if the word is a file, and what should be one is none: they are swapped."""
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
            f"{missing}: no such file; the word comes last: fastw2v counts {word} {missing}"
        )


def _trained(encoded, config, show):
    from fastw2v.training.loop import Training

    training = Training(encoded, config)
    if (seconds := training.estimate()) > LONGEST:
        raise TrainingError(
            f"naive softmax over {len(encoded.vocabulary):,} words would take about"
            f" {seconds / 60:,.0f} minutes; give a trained --model, a smaller --max-vocab, or fewer"
            " --epochs"
        )
    for event in training.run():
        show(event)
    return training.vectors()


def _believed(model, vectors, word, words):
    """p(o|word) of a model for each of the words, nan for those that it does not have."""
    import numpy as np

    from fastw2v.equations.softmax import softmax

    rows = np.array([vectors.ids.get(each, -1) for each in words])
    try:
        vector = vectors[word]
    except UnknownWordError as error:
        raise UnknownWordError(f"{model}: {error}") from error
    p = softmax(np.asarray(vectors.output_vectors, np.float64) @ vector)
    return np.where(rows >= 0, p[rows], np.nan)


def _number(x):
    return float(x) if x == x else None
