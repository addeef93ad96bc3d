"""``fastw2v train``: the main job."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.joining import joined
from fastw2v.cli.options import config_options, given, make_config
from fastw2v.cli.progress import ProgressLine
from fastw2v.errors import CheckpointError
from fastw2v.events import Notice, Progress
from fastw2v.files import check_distinct, check_writable
from fastw2v.training.interrupts import Interrupts, uninterrupted
from fastw2v.vectors.formats import beside, format_of


@click.command()
@click.argument("corpus", nargs=-1)
@click.option(
    "-o", "--output", help="Where the vectors go: .bin, .txt or .vec, or .npz for the whole model. By default vectors.bin, or"
    " vectors.npz with --subwords.",
)  # fmt: skip
@click.option("--save-output-vectors", metavar="PATH", help="Save the other table of the model too.")
@config_options(
    "model", "cbow_gradient", "loss", "subwords", "buckets",
    "vector_size", "window", "shrink_window", "negative", "negatives_per",
    "epochs", "time_budget", "min_count", "max_vocab", "sample", "alpha", "min_alpha",
    "ns_exponent", "lowercase", "encoding_errors", "threads", "deterministic", "seed",
    "distributed", "sync_every",
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
@click.option("--run-dir", metavar="DIR", help="Keep checkpoints and a log there, to go on from whatever happens.")
@click.option(
    "--checkpoint-every", metavar="PACE", default="5m", show_default=True, help="A time (90s, 5m, 1h) or a number of tokens."
)
@click.option("--resume", metavar="DIR", help="Go on with the run of a folder, from its last good checkpoint.")
@click.option("--report", metavar="PATH", help="Write a page that tells of the run, when it has ended.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def train(context, corpus, run_dir, checkpoint_every, resume, report, quiet, **options):
    """Train skip-gram (or CBOW) vectors on CORPUS: text files, directories or globs, - for standard input, or an encoded corpus.

    Words are what stands between white space; a line is a context. Files may be compressed (gz, bz2, xz, zst).
    """
    from fastw2v.training.pace import Pace

    Pace(checkpoint_every)
    if resume and run_dir:
        raise click.UsageError("--resume says which run folder it is; leave out --run-dir")
    if not corpus and not resume:
        raise click.UsageError("Missing argument 'CORPUS...'.")
    with ExitStack() as stack:
        ranks = stack.enter_context(joined(options["distributed"]))
        if ranks.rank:
            _take_part(make_config(options), ranks)
            return
        if resume:
            folder, config, inputs = _found(context, stack, resume, corpus, options)
            if "checkpoint_every" not in given(context):
                checkpoint_every = inputs.get("checkpoint_every", checkpoint_every)
        else:
            config, inputs = make_config(options), _inputs(corpus, options) | {"checkpoint_every": checkpoint_every}
            folder = None
        _check(config, inputs, report)
        if run_dir or (report and not folder):
            folder = _begun(stack, run_dir, config, inputs)
        with ProgressLine(quiet) as show:
            for text in _without_effect(context, config, inputs, run_dir or resume):
                show(Notice(text))
            _train(config, inputs, folder, Pace(checkpoint_every) if run_dir or resume else None, report, show, ranks)


def _inputs(corpus, options):
    """What a run reads and writes, its paths absolute."""
    names = ("init", "update", "vocab", "stop_words", "evaluate", "output", "save_output_vectors")
    inputs = {"corpus": corpus, **{name: options.pop(name) for name in names}}
    inputs["output"] = "/dev/stdout" if inputs["output"] == "-" else inputs["output"]
    for name, value in inputs.items():
        if isinstance(value, (tuple, list)):
            inputs[name] = [path if path == "-" else os.path.abspath(path) for path in value]
        elif value is not None and name not in ("output", "save_output_vectors"):
            inputs[name] = os.path.abspath(value)
    return inputs


def _found(context, stack, resume, corpus, options):
    """The folder of a run, with its configuration and inputs; options given beside --resume must be those of the run."""
    from fastw2v.training.run_folder import RunFolder

    folder = stack.enter_context(RunFolder.find(resume))
    inputs = _inputs(corpus, options)
    config = replace(folder.config, **{name: options[name] for name in given(context) & set(options)})
    folder.check_config(config)
    before = folder.told["inputs"]
    if before.get("objects"):
        raise CheckpointError(
            f"{resume}: was begun from Python with {' and '.join(before['objects'])} that no file holds; go on by fastw2v.resume"
        )
    before = before | {"evaluate": before.get("evaluate") or ()}
    outputs = {name: inputs[name] or before.get(name) for name in ("output", "save_output_vectors")}
    for name in ("corpus", "init", "update", "vocab", "stop_words", "evaluate"):
        if inputs[name] and inputs[name] != before.get(name):
            raise click.UsageError(f"the run of {resume} has another {name.replace('_', ' ')}; leave it out")
    return folder, config, before | outputs


def _begun(stack, run_dir, config, inputs):
    """A folder for a new run; without a name, one that is gone when the run has ended."""
    from fastw2v import __version__
    from fastw2v.training.run_folder import RunFolder

    outputs = {name: inputs[name] and os.path.abspath(inputs[name]) for name in ("output", "save_output_vectors")}
    run_dir = run_dir or stack.enter_context(TemporaryDirectory(prefix="fastw2v-"))
    return stack.enter_context(RunFolder.begin(run_dir, config, inputs | outputs, __version__))


def _check(config, inputs, report):
    """Say what cannot be, before anything is read."""
    if inputs["save_output_vectors"] and config.loss == "hs":
        raise click.UsageError("with --loss hs output vectors are of inner nodes, not of words; leave out --save-output-vectors")
    if config.patience and not inputs["evaluate"]:
        raise click.UsageError("--patience waits for better scores; give --eval FILE")
    if inputs["output"] is None:
        inputs["output"] = "vectors.npz" if config.subwords else "vectors.bin"
    for path in filter(None, (inputs["output"], inputs["save_output_vectors"])):
        format_of(path)
        check_writable(path)
    if report:
        check_writable(report)


def _without_effect(context, config, inputs, kept):
    """What was asked for and is not done, beside the other options."""
    needs = {
        "negative": ("--loss ns", config.loss == "ns"), "ns_exponent": ("--loss ns", config.loss == "ns"),
        "cbow_gradient": ("--model cbow", config.model == "cbow"), "buckets": ("--subwords", config.subwords),
        "eval_every": ("--eval", inputs["evaluate"]), "checkpoint_every": ("--run-dir", kept),
        "sync_every": ("--distributed", config.distributed),
    }  # fmt: skip
    asked = given(context)
    for name, (other, there) in needs.items():
        if name in asked and not there:
            yield f"--{name.replace('_', '-')} has no effect without {other}"
    if config.time_budget and "epochs" in asked:
        yield "--epochs has no effect with --time-budget"
    if config.subwords and not str(inputs["output"]).endswith(".npz"):
        yield f"{inputs['output']} will hold words only, and answer for no others: .npz keeps the n-grams too"


def _train(config, inputs, folder, pace, report, show, ranks):
    outputs = [Path(path) for path in (inputs["output"], inputs["save_output_vectors"]) if path]
    training, event = _prepare(config, inputs, outputs, report, pace, show, ranks), None
    for text in folder.join(training) if folder else ():
        show(Notice(text))
    with Interrupts(ready=lambda: training.begun) as interrupts:
        try:
            for step in folder.record(training, pace) if folder else training.run():
                event = step if isinstance(step, Progress) else event
                show(step)
                interrupts.check()
            interrupts.check()
        except KeyboardInterrupt:
            if pace:
                _stop(training, folder, show)
            else:
                _save_interrupted(training, event, outputs, show)
            raise
    vectors = training.vectors()
    _save(vectors, outputs, show)
    if report:
        from fastw2v.plots.report import write_report

        with uninterrupted():
            write_report(folder.path, report, vectors=vectors)
        show.say(f"report   {report}")


def _take_part(config, ranks):
    """Train a share of a run that rank 0 begins, speaks of and ends. Interrupts are for rank 0, which stands where all do."""
    from fastw2v.api import prepare

    begin_compiling(config.thread_count)
    training = prepare(None, config, notify=lambda event: None, communicator=ranks)
    with Interrupts(ready=lambda: training.begun):
        for _ in training.run():
            pass


def _prepare(config, inputs, outputs, report, kept, show, ranks):
    from fastw2v.api import prepare
    from fastw2v.corpus.reader import find_files

    begin_compiling(config.thread_count)
    files = find_files(inputs["corpus"])
    read = [inputs["vocab"], inputs["stop_words"], *inputs["evaluate"]]
    if kept:  # what a run was begun with must be there when it is gone on with
        read += [inputs["init"], inputs["update"]]
    check_distinct([*outputs, *filter(None, [report])], [*files, *filter(None, read)])
    folder = next((path.resolve().parent for path in outputs if not path.exists() or path.is_file()), None)
    return prepare(
        files, config, init=inputs["init"], update=inputs["update"], vocab=inputs["vocab"],
        stop_words=inputs["stop_words"] or (), evaluate=inputs["evaluate"], folder=folder, notify=show,
        communicator=ranks,
    )  # fmt: skip


def _save(vectors, outputs, show):
    """Write the vectors, and the output vectors where there is a second path. Ctrl-C waits until they are written."""
    with uninterrupted():
        for path, of in zip(outputs, (lambda: vectors, vectors.of_outputs), strict=False):
            table = of()
            table.save(path)
            show.say(f"saved    {_short(path)}: {len(table):,} words, {table.vectors.shape[1]} dimensions")


def _stop(training, folder, show):
    """Keep what an interrupted run has learnt in its folder."""
    with uninterrupted():
        path = folder.stop(training)
    where = f"at {path}" if path else "at once, without a checkpoint of this moment" if training.begun else "before any training"
    ranks = " --distributed mpi" if training.communicator.size > 1 else ""
    show.say(f"stopped  {where}; go on with fastw2v train --resume {folder.path}{ranks}")


def _save_interrupted(training, event, outputs, show):
    """Keep what an interrupted run has learnt, or the best of it with --patience, beside the files it was to write."""
    training.take_best()
    if not training.begun:
        show.say("stopped  before any training; nothing was saved")
        return
    where = f"{event.tokens / event.total:.0%} through, in epoch {event.epoch}" if event else "in its first moments"
    show.say(f"stopped  {where}; {outputs[0]} is as it was")
    files = [path for path in outputs if not path.exists() or path.is_file()]
    _save(training.vectors(), [beside(path, "partial") for path in files], show)


def _short(path):
    """A path as it is said: from here, if it is below here."""
    return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path
