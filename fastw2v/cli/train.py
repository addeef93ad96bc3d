"""``fastw2v train``: the main job."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from fastw2v.cli.compiling import begin_compiling, check_limit
from fastw2v.cli.mpi import abort_on_error
from fastw2v.cli.options import (
    CORPUS_GROUP,
    FILE,
    READING,
    GroupedCommand,
    check_output,
    config_options,
    given,
    make_config,
)
from fastw2v.cli.progress import ProgressLine
from fastw2v.cli.saving import save, save_interrupted, stop
from fastw2v.errors import CheckpointError, OutputError
from fastw2v.events import Notice
from fastw2v.files import check_distinct, check_writable, reason, temporary_folder
from fastw2v.formats.registry import format_of
from fastw2v.paths import is_path, run_files, shown
from fastw2v.training.inputs import OUTPUTS, READ, RunInputs
from fastw2v.training.interrupts import Interrupts, uninterrupted
from fastw2v.training.interval import DEFAULT_INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from fastw2v.config import TrainConfig
    from fastw2v.paths import AnyPath
    from fastw2v.training.communicator import Communicator
    from fastw2v.training.interval import CheckpointInterval
    from fastw2v.training.run_folder import RunFolder
    from fastw2v.training.session import Session
    from fastw2v.vectors.word_vectors import WordVectors


GROUPS = {
    "Common options": "output vector_size window min_count epochs threads model report",
    "Corpus": CORPUS_GROUP,
    "Vocabulary": "max_vocab vocab stop_words sample",
    "Model": "loss negative negatives_per ns_exponent cbow_gradient minn maxn buckets"
    " shrink_window",
    "Documents": "tags train_words",
    "Optimisation": "alpha min_alpha time_budget init update freeze seed deterministic",
    "Evaluation": "evaluate eval_every patience",
    "Long runs": "run_dir checkpoint_every resume",
    "Many machines": "distributed sync_every",
    "Output": "save_output_vectors quiet",
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@click.argument("corpus", type=FILE, nargs=-1)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    help=(
        "Output path: .bin, .txt or .vec, or .npz for the whole model. By default vectors.bin, or"
        " vectors.npz with --maxn or with documents."
    ),
)
@click.option(
    "--save-output-vectors",
    type=FILE,
    metavar="PATH",
    help="Also save the output vectors to this file.",
)
@config_options(
    "model",
    "tags",
    "train_words",
    "cbow_gradient",
    "loss",
    "minn",
    "maxn",
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
    *READING,
    "deterministic",
    "seed",
    "distributed",
    "sync_every",
)
@click.option(
    "--stop-words",
    type=FILE,
    metavar="FILE",
    help="File of words to leave out, separated by white space.",
)
@click.option(
    "--vocab", type=FILE, metavar="FILE", help='Vocabulary file, one "word [count]" per line.'
)
@click.option(
    "--init",
    type=FILE,
    metavar="VECTORS",
    help="Initial vectors, in any format, for words that are in the file and in the corpus.",
)
@click.option(
    "--update",
    type=FILE,
    metavar="MODEL",
    help="Model (.npz) to continue from: keep its words, and add those of the corpus.",
)
@config_options("freeze")
@click.option(
    "--eval",
    "evaluate",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="Evaluation file: analogies (four words per line) or word similarity (two words and a"
    " score).",
)
@config_options("eval_every", "patience")
@click.option(
    "--run-dir",
    type=FILE,
    metavar="DIR",
    help="Folder for checkpoints and a log, to resume a run that was killed.",
)
@click.option(
    "--checkpoint-every",
    metavar="INTERVAL",
    default=DEFAULT_INTERVAL,
    show_default=True,
    help="Checkpoint interval: a time (90s, 5m for minutes, 1h) or a number of tokens (100000000).",
)
@click.option(
    "--resume", type=FILE, metavar="DIR", help="Run folder to resume from its last good checkpoint."
)
@click.option(
    "--report", type=FILE, metavar="PATH", help="Write a report page at the end of the run."
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def train(
    context: click.Context,
    /,
    corpus: tuple[str, ...],
    run_dir: str | None,
    checkpoint_every: str,
    resume: str | None,
    report: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Train vectors of words, or of words and documents, on CORPUS.

    CORPUS is text files, directories or globs, - for standard input, or an encoded corpus; with
    --column, tables (Parquet, Arrow, JSON lines, CSV). Words are separated by white space; each
    line is a context. Files may be compressed (gz, bz2, xz, zst).
    """
    check_limit(options["threads"] or 1)
    from fastw2v.training.session import Session

    typed = _inputs(context, corpus, checkpoint_every, options)
    if resume and run_dir:
        raise click.UsageError("--resume says which run folder it is; leave out --run-dir")
    if not corpus and not resume:
        raise click.UsageError("Missing argument 'CORPUS...'.")
    with ExitStack() as stack:
        ranks = stack.enter_context(abort_on_error(options["distributed"]))
        # until there is something to keep
        interrupts = stack.enter_context(Interrupts(ready=lambda: False))
        _compare(context, ranks)
        if ranks.rank:
            _train_share(make_config(options), ranks, interrupts)
            return
        run_folder = stack.enter_context(_find_run_folder(resume)) if resume else None
        config, inputs = _settings(context, run_folder, typed, options, report)
        if not run_folder and (run_dir or report):
            run_folder = stack.enter_context(_begin_run_folder(stack, run_dir, config, inputs))
        interval = inputs.interval if run_dir or resume else None
        with ProgressLine(quiet, None if config.seconds else config.epochs) as show:
            begin_compiling(config.thread_count, show.compiling)
            for text in _ignored_options(context, config, inputs, interval):
                show(Notice(text))
            temp_folder = _check_files(config, inputs, run_folder, report, interval)
            session = stack.enter_context(
                Session.prepare(
                    inputs,
                    config,
                    run_folder=run_folder,
                    interval=interval,
                    temp_folder=temp_folder,
                    notify=show,
                    ranks=ranks,
                )
            )
            vectors = _train(session, inputs, run_folder, show, interrupts)
            _finish(session, vectors, inputs, run_folder, report, show)


def _compare(context: click.Context, ranks: Communicator) -> None:
    """Raise TrainingError on all ranks if one was started with another command line."""
    if ranks.size == 1:
        return
    from fastw2v.training.distributed import check_same

    typed = {
        "CORPUS" if name == "corpus" else "--" + name.replace("_", "-"): value
        for name, value in context.params.items()
        if name != "quiet"
    }
    check_same(typed, ranks)


def _inputs(
    context: click.Context, corpus: tuple[str, ...], checkpoint_every: str, options: dict[str, Any]
) -> RunInputs:
    """Take the RunInputs out of a command's options; paths of what is read are absolute."""
    typed = {name: options.pop(name) or None for name in (*READ, *OUTPUTS) if name in options}
    if typed["output"] == "-":
        typed["output"] = "/dev/stdout"
    if "checkpoint_every" in given(context):
        typed["checkpoint_every"] = checkpoint_every
    return RunInputs(corpus=corpus or None, **typed).absolute()


def _settings(
    context: click.Context,
    run_folder: RunFolder | None,
    typed: RunInputs,
    options: dict[str, Any],
    report: str | None,
) -> tuple[TrainConfig, RunInputs]:
    """The configuration and the checked inputs of a new run, or of one to resume."""
    if run_folder is None:
        config = make_config(options)
        return config, _check_inputs(config, typed, report)
    config = _resumed_config(context, run_folder, options)
    inputs = _resumed_inputs(run_folder, typed)
    try:
        return config, _check_inputs(config, inputs, report)
    except click.UsageError as error:
        raise CheckpointError(f"{shown(run_folder.path)}: {error.message}") from error


def _find_run_folder(run_dir: str) -> RunFolder:
    """The folder of the run to resume."""
    from fastw2v.training.run_folder import RunFolder

    return RunFolder.find(run_dir)


def _resumed_config(
    context: click.Context, run_folder: RunFolder, options: dict[str, Any]
) -> TrainConfig:
    """The configuration of a run to resume; options given with --resume must be those of the run,
    but for how many threads and ranks train.
    """
    typed = {name: options[name] for name in given(context) & set(options)}
    config = replace(run_folder.config, **typed)
    run_folder.check_config(config)
    return config


def _resumed_inputs(run_folder: RunFolder, typed: RunInputs) -> RunInputs:
    """The inputs of a run to resume; what is read must be as it was, outputs may be others."""
    if objects := run_folder.objects:
        raise CheckpointError(
            f"{run_folder.path}: was begun from Python with {' and '.join(objects)} that no file"
            " holds; resume it with fastw2v.resume"
        )
    recorded = run_folder.inputs
    for name in READ:
        if getattr(typed, name) not in (None, getattr(recorded, name)):
            raise click.UsageError(
                f"the run of {run_folder.path} has another {name.replace('_', ' ')}; leave it out"
            )
    outputs: dict[str, Any] = {
        name: getattr(typed, name) or _replaceable(getattr(recorded, name), name)
        for name in OUTPUTS
    }
    return replace(recorded.updated(typed), **outputs)


def _replaceable(path: AnyPath | None, name: str) -> AnyPath | None:
    """An output of run.json, which may come from others.

    Raises OutputError for what exists and holds no vectors.
    """
    from fastw2v.formats.recognition import holds_vectors

    if path is None or path in ("/dev/stdout", os.devnull):
        return path
    check_writable(path)
    if Path(path).exists() and not holds_vectors(path):
        option = "-o" if name == "output" else "--save-output-vectors"
        raise OutputError(
            f"{shown(path)}: exists and holds no vectors, so --resume does not replace it; give"
            f" {option} PATH"
        )
    return path


def _begin_run_folder(
    stack: ExitStack, run_dir: str | None, config: TrainConfig, inputs: RunInputs
) -> RunFolder:
    """A folder for a new run; without a name, one that is gone when the run has ended."""
    from fastw2v.training.run_folder import RunFolder

    try:
        run_dir = run_dir or str(stack.enter_context(temporary_folder()))
    except OSError as error:
        raise OutputError(
            f"no folder for the log of the run: {reason(error)}; give --run-dir DIR"
        ) from error
    return RunFolder.begin(run_dir, config, inputs)


def _check_inputs(config: TrainConfig, inputs: RunInputs, report: str | None) -> RunInputs:
    """Raise an error for options that exclude one another and for outputs that cannot be written,
    before anything is read; return the inputs with an output.
    """
    if inputs.save_output_vectors and config.loss == "hs":
        raise click.UsageError(
            "with --loss hs output vectors are of inner nodes, not of words; leave out"
            " --save-output-vectors"
        )
    if config.patience and not inputs.evaluate:
        raise click.UsageError("--patience waits for better scores; give --eval FILE")
    output = inputs.output
    if output is None:
        output = "vectors.npz" if config.ngrams or config.has_documents else "vectors.bin"
    if config.has_documents and format_of(output) != "model":
        check_writable(output)  # says more of a directory
        raise OutputError(
            f"{shown(output)}: holds words only, and no documents; give -o"
            f" {shown(Path(output).with_suffix('.npz'))}"
        )
    inputs = replace(inputs, output=output)
    for path in _outputs(inputs):
        format_of(path)
        check_output(path)
    if report:
        check_output(report)
    return inputs


def _ignored_options(
    context: click.Context,
    config: TrainConfig,
    inputs: RunInputs,
    interval: CheckpointInterval | None,
) -> Iterator[str]:
    """Sentences about options that were given and have no effect beside the others."""
    needs = {
        "negative": ("--loss ns", config.loss == "ns"),
        "ns_exponent": ("--loss ns", config.loss == "ns"),
        "cbow_gradient": ("--model cbow or dm", config.model in ("cbow", "dm")),
        "negatives_per": (
            "--model skipgram, or dbow with --train-words",
            config.model in ("skipgram", "dbow") and config.trains_words,
        ),
        "window": ("--train-words", config.trains_words),
        "shrink_window": ("--train-words", config.trains_words),
        "tags": ("--model dbow or dm", config.has_documents),
        "buckets": ("--maxn", config.ngrams),
        "eval_every": ("--eval", inputs.evaluate),
        "checkpoint_every": ("--run-dir", interval),
        "sync_every": ("--distributed", config.distributed),
    }
    given_names = given(context)
    for name, (needed, satisfied) in needs.items():
        if name in given_names and not satisfied:
            yield f"--{name.replace('_', '-')} has no effect without {needed}"
    if config.time_budget and "epochs" in given_names:
        yield "--epochs has no effect with --time-budget"
    if config.ngrams and not str(inputs.output).endswith(".npz"):
        yield (
            f"{inputs.output} will hold words only, without the n-grams for unseen words; .npz"
            " holds both"
        )


def _outputs(inputs: RunInputs) -> list[AnyPath]:
    return [getattr(inputs, name) for name in OUTPUTS if getattr(inputs, name)]


def _check_files(
    config: TrainConfig,
    inputs: RunInputs,
    run_folder: RunFolder | None,
    report: str | None,
    interval: CheckpointInterval | None,
) -> Path | None:
    """Raise OutputError for an output that is one of the files read, or that cannot be written;
    return where token ids are kept while training.
    """
    from fastw2v.corpus.reader import find_files

    words = [path for path in (inputs.vocab, inputs.stop_words) if isinstance(path, str)]
    corpus = cast("Sequence[AnyPath]", inputs.corpus or ())  # the command line takes only paths
    evaluate = cast("Sequence[AnyPath]", inputs.evaluate or ())
    read = [*find_files(corpus), *words, *evaluate]
    if interval and run_folder:  # what a run was begun with must be there when it is resumed
        started_from = [path for path in (inputs.init, inputs.update) if is_path(path)]
        read += [*started_from, *run_files(run_folder.path)]
    outputs = [Path(path) for path in _outputs(inputs)]
    check_distinct([*outputs, *filter(None, [report])], read)
    for path in outputs:
        check_writable(path)  # it may be the folder of the run, which is there by now
    files = (path for path in outputs if not path.exists() or path.is_file())
    return next((path.resolve().parent for path in files), None)


def _train(
    session: Session,
    inputs: RunInputs,
    run_folder: RunFolder | None,
    show: ProgressLine,
    interrupts: Interrupts,
) -> WordVectors:
    """Train to the end.

    An interrupt leaves a checkpoint in the run's folder, or else what was learnt beside the
    outputs.
    """
    interrupts.ready = lambda: session.training.begun
    try:
        vectors = session.run(interrupts)
    except KeyboardInterrupt:
        if run_folder and session.recorder and session.recorder.interval:
            stop(session, run_folder.path, show)
        else:
            save_interrupted(session, [Path(path) for path in _outputs(inputs)], show)
        raise
    interrupts.ready = lambda: False
    return vectors


def _finish(
    session: Session,
    vectors: WordVectors,
    inputs: RunInputs,
    run_folder: RunFolder | None,
    report: str | None,
    show: ProgressLine,
) -> None:
    """Save the vectors, write the report, and only then say what could not be kept in the run's
    folder.
    """
    save(vectors, [Path(path) for path in _outputs(inputs)], show)
    if report and run_folder:
        from fastw2v.plots.report import write_report

        with uninterrupted():
            kept = session.recorder is not None and session.recorder.interval
            output = inputs.output or run_folder.path
            name = run_folder.path.name if kept else Path(output).name
            write_report(run_folder.path, report, vectors=vectors, title=name)
        show.say(f"report   {report}")
    if session.recorder and (failed := session.recorder.failed):
        raise OutputError(f"the vectors are saved, but the last checkpoint is not: {failed}")


def _train_share(config: TrainConfig, ranks: Communicator, interrupts: Interrupts) -> None:
    """Train a share of a run that rank 0 begins, reports and ends.

    Interrupts are for rank 0, which knows when all can be resumed.
    """
    from fastw2v.training.session import Session

    begin_compiling(config.thread_count)
    session = Session.prepare(RunInputs(), config, ranks=ranks)
    interrupts.ready = lambda: session.training.begun
    session.run()
