"""``fastw2v train``: the main job."""

from pathlib import Path

import click

from fastw2v.cli.options import config_options, corpus_argument, make_config
from fastw2v.cli.progress import ProgressLine, uninterrupted
from fastw2v.config import available_cores
from fastw2v.files import check_distinct, check_writable


@click.command()
@corpus_argument
@click.option("-o", "--output", default="vectors.bin", show_default=True, help="Where the vectors go; .txt or .vec for text.")
@click.option("--save-output-vectors", metavar="PATH", help="Save the other table of the model too.")
@config_options(
    "model", "cbow_gradient", "loss", "subwords", "buckets",
    "vector_size", "window", "shrink_window", "negative", "negatives_per",
    "epochs", "min_count", "max_vocab", "sample", "alpha", "min_alpha",
    "ns_exponent", "lowercase", "encoding_errors", "threads", "seed",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def train(corpus, output, save_output_vectors, quiet, **options):
    """Train skip-gram (or CBOW) vectors on CORPUS: text files, directories or globs, - for standard input, or an encoded corpus.

    Words are what stands between white space; a line is a context. Files may be compressed (gz, bz2, xz, zst).
    """
    config = make_config(options)
    for path in filter(None, (output, save_output_vectors)):
        check_writable(path)
    outputs = [Path(path) for path in (output, save_output_vectors) if path]
    with ProgressLine(quiet) as show:
        training, event = _prepare(list(corpus), config, outputs, show), None
        try:
            for event in training.run():
                show(event)
        except KeyboardInterrupt:
            _save_interrupted(training, event, outputs, show)
            raise
        _save(training, outputs, show)


def _prepare(corpus, config, outputs, show):
    from fastw2v.kernels import reserve_threads

    reserve_threads(config.thread_count, available_cores())
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.corpus.reader import find_files
    from fastw2v.kernels.jit import leave_loops_rolled
    from fastw2v.training.loop import Training

    leave_loops_rolled()
    files = find_files(corpus)
    check_distinct(outputs, files)
    folder = next((path.resolve().parent for path in outputs if not path.exists() or path.is_file()), None)
    return Training(open_corpus(files, config, folder=folder, notify=show), config)


def _save(training, outputs, show):
    """Write the vectors, and the output vectors where there is a second path. Ctrl-C waits until they are written."""
    vectors = training.vectors()
    with uninterrupted():
        for path, of in zip(outputs, (lambda: vectors, vectors.of_outputs), strict=False):
            table = of()
            table.save(path)
            show.say(f"saved    {path}: {len(table):,} words, {table.vectors.shape[1]} dimensions")


def _save_interrupted(training, event, outputs, show):
    """Keep what an interrupted run has learnt, beside the files it was to write."""
    if not training.begun:
        show.say("stopped  before any training; nothing was saved")
        return
    where = f"{event.tokens / event.total:.0%} through, in epoch {event.epoch}" if event else "in its first moments"
    show.say(f"stopped  {where}; {outputs[0]} is as it was")
    files = [path for path in outputs if not path.exists() or path.is_file()]
    _save(training, [path.with_name(f"{path.stem}.partial{path.suffix}") for path in files], show)
