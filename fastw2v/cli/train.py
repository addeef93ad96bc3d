"""``fastw2v train``: the main job."""

from pathlib import Path

import click

from fastw2v.cli.options import config_options, corpus_argument, make_config
from fastw2v.cli.progress import ProgressLine, uninterrupted
from fastw2v.config import available_cores
from fastw2v.events import Progress
from fastw2v.files import check_distinct, check_writable
from fastw2v.vectors.formats import beside, format_of


@click.command()
@corpus_argument
@click.option(
    "-o", "--output", help="Where the vectors go: .bin, .txt or .vec, or .npz for the whole model. By default vectors.bin, or"
    " vectors.npz with --subwords.",
)  # fmt: skip
@click.option("--save-output-vectors", metavar="PATH", help="Save the other table of the model too.")
@config_options(
    "model", "cbow_gradient", "loss", "subwords", "buckets",
    "vector_size", "window", "shrink_window", "negative", "negatives_per",
    "epochs", "time_budget", "min_count", "max_vocab", "sample", "alpha", "min_alpha",
    "ns_exponent", "lowercase", "encoding_errors", "threads", "seed",
)  # fmt: skip
@click.option("--stop-words", metavar="FILE", help="Leave out the words of a file, between white space.")
@click.option("--vocab", metavar="FILE", help="The vocabulary: a word, or a word and its count, a line.")
@click.option("--init", metavar="VECTORS", help="Begin with trained vectors of any format: words in common keep their rows.")
@click.option("--update", metavar="MODEL", help="Go on from a model (.npz, for its counts): its words stay, new ones are added.")
@click.option(
    "--eval",
    "evaluate",
    metavar="FILE",
    multiple=True,
    help="Evaluate on a file: lines of four words, or of two words and a score.",
)
@config_options("eval_every", "patience")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def train(corpus, output, save_output_vectors, init, update, vocab, stop_words, evaluate, quiet, **options):
    """Train skip-gram (or CBOW) vectors on CORPUS: text files, directories or globs, - for standard input, or an encoded corpus.

    Words are what stands between white space; a line is a context. Files may be compressed (gz, bz2, xz, zst).
    """
    config = make_config(options)
    if save_output_vectors and config.loss == "hs":
        raise click.UsageError("with --loss hs output vectors are of inner nodes, not of words; leave out --save-output-vectors")
    if config.patience and not evaluate:
        raise click.UsageError("--patience waits for better scores; give --eval FILE")
    output = ("vectors.npz" if config.subwords else "vectors.bin") if output is None else output
    for path in filter(None, (output, save_output_vectors)):
        check_writable(path)
        format_of(path)
    outputs = [Path(path) for path in (output, save_output_vectors) if path]
    going_on = {"init": init, "update": update, "vocab": vocab, "stop_words": stop_words or (), "evaluate": evaluate}
    with ProgressLine(quiet) as show:
        training, event = _prepare(list(corpus), config, outputs, going_on, show), None
        try:
            for step in training.run():
                event = step if isinstance(step, Progress) else event
                show(step)
        except KeyboardInterrupt:
            _save_interrupted(training, event, outputs, show)
            raise
        _save(training, outputs, show)


def _prepare(corpus, config, outputs, going_on, show):
    from fastw2v.api import prepare
    from fastw2v.corpus.reader import find_files
    from fastw2v.kernels import reserve_threads

    reserve_threads(config.thread_count, available_cores())
    from fastw2v.kernels.jit import leave_loops_rolled

    leave_loops_rolled()
    files = find_files(corpus)
    check_distinct(outputs, [*files, *filter(None, (going_on["vocab"], going_on["stop_words"], *going_on["evaluate"]))])
    folder = next((path.resolve().parent for path in outputs if not path.exists() or path.is_file()), None)
    return prepare(files, config, **going_on, folder=folder, notify=show)


def _save(training, outputs, show):
    """Write the vectors, and the output vectors where there is a second path. Ctrl-C waits until they are written."""
    vectors = training.vectors()
    with uninterrupted():
        for path, of in zip(outputs, (lambda: vectors, vectors.of_outputs), strict=False):
            table = of()
            table.save(path)
            show.say(f"saved    {path}: {len(table):,} words, {table.vectors.shape[1]} dimensions")


def _save_interrupted(training, event, outputs, show):
    """Keep what an interrupted run has learnt, or the best of it with --patience, beside the files it was to write."""
    training.take_best()
    if not training.begun:
        show.say("stopped  before any training; nothing was saved")
        return
    where = f"{event.tokens / event.total:.0%} through, in epoch {event.epoch}" if event else "in its first moments"
    show.say(f"stopped  {where}; {outputs[0]} is as it was")
    files = [path for path in outputs if not path.exists() or path.is_file()]
    _save(training, [beside(path, "partial") for path in files], show)
