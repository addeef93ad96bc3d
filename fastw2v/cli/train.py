"""``fastw2v train``: the main job."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from fastw2v.cli.compiling import begin_compiling, check_limit
from fastw2v.cli.mpi import abort_on_error
from fastw2v.cli.options import config_options, given, make_config
from fastw2v.cli.progress import ProgressLine
from fastw2v.cli.saving import save, save_interrupted, stop
from fastw2v.errors import CheckpointError, OutputError
from fastw2v.events import Notice, Progress
from fastw2v.files import check_distinct, check_writable, reason
from fastw2v.formats.registry import format_of
from fastw2v.paths import run_files, shown
from fastw2v.training.interrupts import Interrupts, uninterrupted


@click.command()
@click.argument("corpus", nargs=-1)
@click.option(
    "-o",
    "--output",
    help=(
        "Where the vectors go: .bin, .txt or .vec, or .npz for the whole model. By default"
        " vectors.bin, or vectors.npz with --subwords."
    ),
)
@click.option(
    "--save-output-vectors", metavar="PATH", help="Save the other table of the model too."
)
@config_options(
    "model",
    "cbow_gradient",
    "loss",
    "subwords",
    "buckets",
    "vector_size",
    "window",
    "shrink_window",
    "negative",
    "negatives_per",
    "epochs",
    "time_budget",
    "min_count",
    "max_vocab",
    "sample",
    "alpha",
    "min_alpha",
    "ns_exponent",
    "lowercase",
    "encoding_errors",
    "threads",
    "deterministic",
    "seed",
    "distributed",
    "sync_every",
)
@click.option(
    "--stop-words", metavar="FILE", help="Leave out the words of a file, between white space."
)
@click.option(
    "--vocab", metavar="FILE", help="The vocabulary: a word, or a word and its count, a line."
)
@click.option(
    "--init",
    metavar="VECTORS",
    help="Begin with trained vectors of any format: words in common keep their rows.",
)
@click.option(
    "--update",
    metavar="MODEL",
    help="Go on from a model (.npz, for its counts): its words stay, new ones are added.",
)
@click.option(
    "--eval",
    "evaluate",
    metavar="FILE",
    multiple=True,
    help="Evaluate on a file: lines of four words, or of two words and a score.",
)
@config_options("eval_every", "patience")
@click.option(
    "--run-dir",
    metavar="DIR",
    help="Keep checkpoints and a log there, to go on from whatever happens.",
)
@click.option(
    "--checkpoint-every",
    metavar="PACE",
    default="5m",
    show_default=True,
    help="A time (90s, 5m, 1h) or a number of tokens.",
)
@click.option(
    "--resume", metavar="DIR", help="Go on with the run of a folder, from its last good checkpoint."
)
@click.option(
    "--report", metavar="PATH", help="Write a page that tells of the run, when it has ended."
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def train(context, corpus, run_dir, checkpoint_every, resume, report, quiet, **options):
    """Train skip-gram (or CBOW) vectors on CORPUS: text files, directories or globs, - for standard
    input, or an encoded corpus.

    Words are what stands between white space; a line is a context. Files may be compressed (gz,
    bz2, xz, zst).
    """
    from fastw2v.training.interval import CheckpointInterval

    check_limit(options["threads"] or 1)
    CheckpointInterval(checkpoint_every)
    if resume and run_dir:
        raise click.UsageError("--resume says which run folder it is; leave out --run-dir")
    if not corpus and not resume:
        raise click.UsageError("Missing argument 'CORPUS...'.")
    with ExitStack() as stack:
        ranks = stack.enter_context(abort_on_error(options["distributed"]))
        # until there is something to keep
        interrupts = stack.enter_context(Interrupts(ready=lambda: False))
        if ranks.size > 1:
            _compare(context, ranks)
        if ranks.rank:
            _take_part(make_config(options), ranks, interrupts)
            return
        if resume:
            folder, config, inputs = _found(context, stack, resume, corpus, options)
            if "checkpoint_every" not in given(context):
                checkpoint_every = inputs.get("checkpoint_every", checkpoint_every)
        else:
            config, inputs = (
                make_config(options),
                _inputs(corpus, options) | {"checkpoint_every": checkpoint_every},
            )
            folder = None
        _check(config, inputs, report)
        if run_dir or (report and not folder):
            folder = _begun(stack, run_dir, config, inputs)
        with ProgressLine(quiet) as show:
            for text in _without_effect(context, config, inputs, run_dir or resume):
                show(Notice(text))
            pace = CheckpointInterval(checkpoint_every) if run_dir or resume else None
            training = _prepare(config, inputs, folder, report, pace, show, ranks)
            _train(training, _outputs(inputs), folder, pace, show, interrupts)
            _finish(training, _outputs(inputs), folder, report, show)


def _compare(context, ranks):
    """Raise TrainingError on all ranks if one was started with another command line."""
    from fastw2v.training.distributed import check_same

    free = ("quiet",)
    typed = {
        name: name.upper() if name == "corpus" else "--" + name.replace("_", "-")
        for name in context.params
    }
    check_same(
        {typed[name]: value for name, value in context.params.items() if name not in free}, ranks
    )


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
    """The folder of a run, with its configuration and inputs; options given beside --resume must be
    those of the run.
    """
    from fastw2v.training.run_folder import RunFolder
    from fastw2v.training.validation import LISTS, PATHS

    folder = stack.enter_context(RunFolder.find(resume))
    inputs = _inputs(corpus, options)
    config = replace(
        folder.config, **{name: options[name] for name in given(context) & set(options)}
    )
    folder.check_config(config)
    before = folder.told["inputs"]
    if before.get("objects"):
        raise CheckpointError(
            f"{resume}: was begun from Python with {' and '.join(before['objects'])} that no file"
            " holds; go on by fastw2v.resume"
        )
    lists = {name: before.get(name) or [] for name in ("corpus", "evaluate")}
    before = dict.fromkeys((*PATHS, *LISTS)) | before
    before |= {name: [paths] if isinstance(paths, str) else paths for name, paths in lists.items()}
    outputs = {
        name: inputs[name] or _replaceable(before.get(name), name)
        for name in ("output", "save_output_vectors")
    }
    for name in ("corpus", "init", "update", "vocab", "stop_words", "evaluate"):
        if inputs[name] and inputs[name] != before.get(name):
            raise click.UsageError(
                f"the run of {resume} has another {name.replace('_', ' ')}; leave it out"
            )
    return folder, config, before | outputs


def _replaceable(path, name):
    """An output of run.json, which may come from others.

    Raises OutputError for what is there and holds no vectors.
    """
    from fastw2v.formats.recognition import holds_vectors

    if path is None or path in ("/dev/stdout", os.devnull):
        return path
    check_writable(path)
    if Path(path).exists() and not holds_vectors(path):
        option = "-o" if name == "output" else "--save-output-vectors"
        raise OutputError(
            f"{shown(path)}: is there and holds no vectors, so --resume does not replace it; give"
            f" {option} PATH"
        )
    return path


def _begun(stack, run_dir, config, inputs):
    """A folder for a new run; without a name, one that is gone when the run has ended."""
    from fastw2v import __version__
    from fastw2v.training.run_folder import RunFolder

    outputs = {
        name: inputs[name] and os.path.abspath(inputs[name])
        for name in ("output", "save_output_vectors")
    }
    try:
        run_dir = run_dir or stack.enter_context(TemporaryDirectory(prefix="fastw2v-"))
    except OSError as error:
        raise OutputError(
            f"no folder for the log of the run: {reason(error)}; give --run-dir DIR"
        ) from error
    return stack.enter_context(RunFolder.begin(run_dir, config, inputs | outputs, __version__))


def _check(config, inputs, report):
    """Say what cannot be, before anything is read."""
    if inputs["save_output_vectors"] and config.loss == "hs":
        raise click.UsageError(
            "with --loss hs output vectors are of inner nodes, not of words; leave out"
            " --save-output-vectors"
        )
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
        "negative": ("--loss ns", config.loss == "ns"),
        "ns_exponent": ("--loss ns", config.loss == "ns"),
        "cbow_gradient": ("--model cbow", config.model == "cbow"),
        "buckets": ("--subwords", config.subwords),
        "eval_every": ("--eval", inputs["evaluate"]),
        "checkpoint_every": ("--run-dir", kept),
        "sync_every": ("--distributed", config.distributed),
    }
    asked = given(context)
    for name, (other, there) in needs.items():
        if name in asked and not there:
            yield f"--{name.replace('_', '-')} has no effect without {other}"
    if config.time_budget and "epochs" in asked:
        yield "--epochs has no effect with --time-budget"
    if config.subwords and not str(inputs["output"]).endswith(".npz"):
        yield (
            f"{inputs['output']} will hold words only, and answer for no others: .npz keeps the"
            " n-grams too"
        )


def _outputs(inputs):
    return [Path(path) for path in (inputs["output"], inputs["save_output_vectors"]) if path]


def _train(training, outputs, folder, pace, show, interrupts):
    """Train to the end.

    An interrupt leaves a checkpoint in the run's folder, or else what was learnt beside the
    outputs.
    """
    for text in folder.join(training) if folder else ():
        show(Notice(text))
    interrupts.ready, event = (lambda: training.begun), None
    try:
        for step in folder.record(training, pace) if folder else training.run():
            event = step if isinstance(step, Progress) else event
            show(step)
            interrupts.check()
        interrupts.check()
    except KeyboardInterrupt:
        if pace:
            stop(training, folder, show)
        else:
            save_interrupted(training, event, outputs, show)
        raise
    interrupts.ready = lambda: False


def _finish(training, outputs, folder, report, show):
    """Save the vectors, write the report, and only then say what could not be kept in the run's
    folder.
    """
    vectors = training.vectors()
    save(vectors, outputs, show)
    if report:
        from fastw2v.plots.report import write_report

        with uninterrupted():
            write_report(folder.path, report, vectors=vectors)
        show.say(f"report   {report}")
    if folder and folder.failed:
        raise OutputError(f"the vectors are saved, but the last checkpoint is not: {folder.failed}")


def _take_part(config, ranks, interrupts):
    """Train a share of a run that rank 0 begins, speaks of and ends.

    Interrupts are for rank 0, which stands where all do.
    """
    from fastw2v.api import prepare

    begin_compiling(config.thread_count)
    training = prepare(None, config, notify=lambda event: None, communicator=ranks)
    interrupts.ready = lambda: training.begun
    for _ in training.run():
        pass


def _prepare(config, inputs, folder, report, kept, show, ranks):
    from fastw2v.api import prepare
    from fastw2v.corpus.reader import find_files

    begin_compiling(config.thread_count)
    files, outputs = find_files(inputs["corpus"]), _outputs(inputs)
    read = [
        path for path in (inputs["vocab"], inputs["stop_words"]) if isinstance(path, str)
    ] + list(inputs["evaluate"])
    if kept:  # what a run was begun with must be there when it is gone on with
        read += [inputs["init"], inputs["update"], *run_files(folder.path)]
    check_distinct([*outputs, *filter(None, [report])], [*files, *filter(None, read)])
    for path in outputs:
        check_writable(path)  # it may be the folder of the run, which is there by now
    temporary = next(
        (path.resolve().parent for path in outputs if not path.exists() or path.is_file()), None
    )
    return prepare(
        files,
        config,
        init=inputs["init"],
        update=inputs["update"],
        vocab=inputs["vocab"],
        stop_words=inputs["stop_words"] or (),
        evaluate=inputs["evaluate"],
        folder=temporary,
        notify=show,
        communicator=ranks,
    )
