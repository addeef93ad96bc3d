"""``fastw2v train``: the main job."""

from pathlib import Path

import click

from fastw2v.cli.options import config_options, corpus_argument, make_config
from fastw2v.cli.progress import ProgressLine
from fastw2v.files import check_writable


@click.command()
@corpus_argument
@click.option("-o", "--output", default="vectors.bin", show_default=True, help="Where the vectors go; .txt or .vec for text.")
@click.option("--save-output-vectors", metavar="PATH", help="Save the other table of the model too.")
@config_options(
    "vector_size", "window", "negative", "negatives_per", "epochs", "min_count", "max_vocab", "sample", "alpha", "min_alpha",
    "ns_exponent", "lowercase", "encoding_errors", "threads", "seed",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def train(corpus, output, save_output_vectors, quiet, **options):
    """Train skip-gram vectors on CORPUS: text files, directories or globs, - for standard input, or an encoded corpus.

    Words are what stands between white space; a line is a context. Files may be compressed (gz, bz2, xz, zst).
    """
    config = make_config(options)
    for path in filter(None, (output, save_output_vectors)):
        check_writable(path)
    show = ProgressLine(quiet)
    training, event = _prepare(list(corpus), config, output, show), None
    try:
        for event in training.run():
            show(event)
    except KeyboardInterrupt:
        _save_interrupted(training, event, output, show)
        raise
    vectors = training.vectors()
    _save(vectors, output, show)
    if save_output_vectors:
        _save(vectors.of_outputs(), save_output_vectors, show)


def _prepare(corpus, config, output, show):
    from fastw2v.kernels import reserve_threads

    reserve_threads(config.thread_count)
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.kernels.jit import leave_loops_rolled
    from fastw2v.training.loop import Training

    leave_loops_rolled()
    folder = Path(output).resolve().parent
    if not Path(output).exists() or Path(output).is_file():
        encoded = open_corpus(corpus, config, folder=folder, notify=show)
    else:  # a device or a pipe
        encoded = open_corpus(corpus, config, notify=show)
    return Training(encoded, config)


def _save(vectors, path, show):
    vectors.save(path)
    show.say(f"saved    {path}: {len(vectors):,} words, {vectors.vectors.shape[1]} dimensions")


def _save_interrupted(training, event, output, show):
    """Keep what an interrupted run has learnt, beside the file it was to write."""
    if event is None:
        show.say("stopped  before any training; nothing was saved")
        return
    partial = Path(output).with_suffix(".partial" + Path(output).suffix)
    show.say(f"stopped  {event.tokens / event.total:.0%} through, in epoch {event.epoch}; {output} is as it was")
    _save(training.vectors(), partial, show)
