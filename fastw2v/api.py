"""The Python interface: ``train``, ``resume`` and ``load``. They put parts together, and compute
nothing.
"""

import difflib
import functools
import inspect
import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar

from fastw2v.config import (
    CbowGradient,
    EncodingErrors,
    Loss,
    Model,
    NegativesPer,
    Tags,
    Tokenize,
    TrainConfig,
)
from fastw2v.errors import CheckpointError, ConfigTypeError, UnknownOptionError, quoted
from fastw2v.events import Notify, checked_notify
from fastw2v.option_names import ADVICE, ADVICE_PYTHON, counterparts, plain
from fastw2v.paths import AnyPath, checked_path
from fastw2v.progress import Follower
from fastw2v.training.communicator import Communicator, connect
from fastw2v.training.inputs import (
    Corpus,
    EvaluateOrFiles,
    Keep,
    RunInputs,
    StopWords,
    Vectors,
    Vocab,
)
from fastw2v.training.interrupts import Interrupts
from fastw2v.training.interval import DEFAULT_INTERVAL
from fastw2v.training.session import Session

if TYPE_CHECKING:
    from fastw2v.training.run_folder import RunFolder
    from fastw2v.vectors.word_vectors import WordVectors

P = ParamSpec("P")
R = TypeVar("R")


def _checked_call(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: refuse what is no argument of ``function``, with the one that is meant.

    Raises UnknownOptionError.
    """
    name = function.__name__
    first, *options = inspect.signature(function).parameters

    @functools.wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        if unknown := [option for option in given if option not in (first, *options)]:
            raise UnknownOptionError(
                f"{name} has no option {quoted(unknown[0])};"
                f" {_advice(unknown[0], options) or f'help(fastw2v.{name}) lists all'}"
            )
        if len(args) > 1:
            raise UnknownOptionError(
                f"{name} takes all but {first} by name: {name}({first}, {options[0]}=...)"
            )
        if not args and first not in given:
            raise UnknownOptionError(f"{name} is given no {first}: {name}({first}, ...)")
        return function(*args, **given)

    return call


def _advice(name: str, options: list[str]) -> str:
    """The option that is meant by one that does not exist, or what to do; empty if not known."""
    key, suggestions = plain(name), counterparts(name, options)
    if not suggestions and key in ADVICE_PYTHON:
        return ADVICE_PYTHON[key]
    if not suggestions and key in ADVICE:
        return ADVICE[key][0]
    suggestions = suggestions or difflib.get_close_matches(name, options, n=1)
    return f"did you mean {' or '.join(suggestions)}?" if suggestions else ""


@_checked_call
def train(
    corpus: Corpus,
    *,
    vector_size: int = 100,
    window: int = 5,
    negative: int = 5,
    negatives_per: NegativesPer = "window",
    model: Model = "skipgram",
    cbow_gradient: CbowGradient | None = None,
    tags: Tags = "line",
    train_words: bool = False,
    loss: Loss = "ns",
    minn: int = 0,
    maxn: int = 0,
    buckets: int = 2_000_000,
    shrink_window: bool = True,
    epochs: int = 5,
    time_budget: str | float | None = None,
    eval_every: int = 1,
    patience: int | None = None,
    min_count: int = 5,
    max_vocab: int | None = None,
    sample: float = 1e-3,
    alpha: float | None = None,
    min_alpha: float = 1e-4,
    ns_exponent: float = 0.75,
    lowercase: bool = False,
    tokenize: Tokenize | None = None,
    column: str | None = None,
    group_by: str | None = None,
    order_by: str | None = None,
    encoding_errors: EncodingErrors = "strict",
    threads: int | None = None,
    deterministic: bool = False,
    distributed: Literal["mpi"] | None = None,
    sync_every: int = 10_000,
    freeze: bool = False,
    seed: int = 1,
    init: Vectors | None = None,
    update: Vectors | None = None,
    vocab: Vocab | None = None,
    stop_words: StopWords = (),
    keep: Keep | None = None,
    evaluate: EvaluateOrFiles | None = None,
    run_dir: AnyPath | None = None,
    checkpoint_every: str | int = DEFAULT_INTERVAL,
    folder: AnyPath | None = None,
    on_event: Notify | None = None,
    progress: bool = False,
) -> "WordVectors":
    """Train word vectors on a corpus.

    Parameters
    ----------
    corpus : path, list of paths, table, column, or iterable of token lists
        Text files, directories or globs; an encoded corpus; or lists of tokens. A generator is read
        once. With ``column``: table files (Parquet, Arrow, JSON lines, CSV), or a table of pandas,
        polars, pyarrow or Hugging Face. A column of such a table needs no ``column``.
    vector_size : int, default 100
        Dimensions of the vectors.
    window : int, default 5
        Maximum distance, in words, between a context word and the centre word.
    negative : int, default 5
        Number of negative samples per window or pair (``loss="ns"``).
    negatives_per : {"window", "pair"}, default "window"
        Draw negative samples once per window (up to 16 words), or for each pair.
    model : {"skipgram", "cbow", "dbow", "dm"}, default "skipgram"
        Skip-gram (each word of the window predicts the centre word), CBOW (their mean does), or
        document vectors: DBOW (the document, a line, predicts each of its words) or DM (the mean of
        document and window predicts the centre word).
    cbow_gradient : {"mean", "word2vec"}, optional
        Divide the gradient of CBOW and DM by the number of inputs ("mean"), or not ("word2vec").
        The default is "mean" for CBOW and "word2vec" for DM.
    tags : {"line", "first"}, default "line"
        Names of documents: line numbers from 0, or the first token of each line, which is then not
        trained as a word. Lines with the same tag are one document.
    train_words : bool, default False
        Train words too, as skip-gram does; needs ``model="dbow"``.
    loss : {"ns", "hs", "softmax"}, default "ns"
        Negative sampling, hierarchical softmax, or naive softmax over all words.
    minn : int, default 0
        Minimum length of n-grams. With ``maxn`` alone it is 3, as in fastText, or ``maxn`` if that
        is smaller.
    maxn : int, default 0
        Maximum length of the character n-grams of words. 0 disables n-grams.
    buckets : int, default 2,000,000
        Number of hash buckets for n-grams.
    shrink_window : bool, default True
        Draw each window's size from 1 to ``window``, or always use the full window.
    epochs : int, default 5
        Number of passes over the corpus.
    time_budget : str or float, optional
        Train for this long instead of ``epochs``, reading included: "90s", "10m", "1h30m", or a
        number of seconds.
    eval_every : int, default 1
        Evaluate every N epochs.
    patience : int, optional
        Stop after N evaluations without improvement, and keep the best vectors.
    min_count : int, default 5
        Exclude words that occur fewer times.
    max_vocab : int, optional
        Keep only the N most frequent words.
    sample : float, default 1e-3
        Subsampling threshold for frequent words; 0 keeps all tokens.
    alpha : float, optional
        Initial learning rate; by default 0.025, 0.05 for DBOW and DM, or 0.075 for CBOW and DM with
        ``cbow_gradient="mean"``.
    min_alpha : float, default 1e-4
        Final learning rate.
    ns_exponent : float, default 0.75
        Exponent of the counts in the noise distribution of negative samples.
    lowercase : bool, default False
        Convert the text to lower case.
    tokenize : {"words"}, optional
        Split running text into words, and leave out punctuation. By default, words are separated by
        white space.
    column : str, optional
        Column of texts or of lists of tokens, if the corpus is a table.
    group_by : str, optional
        Column of sessions: rows with equal values form a line, one token per row.
    order_by : str, optional
        Column by which the rows of a line are sorted; needs ``group_by``.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        Treatment of bytes that are not UTF-8.
    threads : int, optional
        Number of threads; by default one per available core.
    deterministic : bool, default False
        Same vectors, byte for byte, with any number of threads; slower.
    distributed : {"mpi"}, optional
        Train on all ranks started by mpiexec or srun, each on a share of the corpus.
    sync_every : int, default 10,000
        Words that each rank trains between synchronisations; needs ``distributed``.
    freeze : bool, default False
        Do not train the words that have a vector in ``init`` or ``update``, nor their n-grams.
        Other words, documents and all output vectors are trained.
    seed : int, default 1
        Seed of all random draws.
    init : WordVectors or path, optional
        Initial vectors of the words that are in it and in the corpus.
    update : WordVectors or path, optional
        Model to continue from: its words are kept, those of the corpus are added, and counts are
        summed. It excludes ``init`` and ``vocab``.
    vocab : dict of counts, iterable of words, or path, optional
        The vocabulary. A file has one "word [count]" per line.
    stop_words : iterable of str, or path
        Words to leave out, or a file of them.
    keep : callable, optional
        Called with a word and its count: True keeps the word, False leaves it out, None lets
        ``min_count`` decide.
    evaluate : callable, path or list of paths, optional
        A function from WordVectors to a score or a dictionary of scores, or files of analogies or
        word similarities. The function is called after every ``eval_every`` epochs. Training then
        changes the vectors that it got, so copy those that you keep.
    run_dir : path, optional
        Folder for checkpoints and a log, from which `resume` continues the run. If a checkpoint
        cannot be written, training continues, and a Notice says so.
    checkpoint_every : str or int, default "5m"
        Time ("90s", "5m") or number of tokens between checkpoints.
    folder : path, optional
        Folder for a temporary file of token ids, 4 bytes each; by default the system's temporary
        folder.
    on_event : callable, optional
        Called with each event of `fastw2v.events`: progress, notices, scores.
    progress : bool, default False
        Show a progress line: tqdm in notebooks if it is installed, else a line on standard error.
        The logger "fastw2v" reports the vocabulary, each epoch and the end at level INFO.

    Returns
    -------
    WordVectors
        The vectors, with ``output_vectors`` unless the loss is hierarchical softmax, and with
        ``documents`` if the model has document vectors.

    Raises
    ------
    Fastw2vError
        The corpus, a file or an option is invalid.
    UnknownOptionError
        The option does not exist; the message suggests a similar one. It is also a TypeError.
    """
    arguments = dict(locals())  # first of all, so that it holds the arguments alone
    config = TrainConfig(**{spec.name: arguments[spec.name] for spec in fields(TrainConfig)})
    inputs = RunInputs(
        corpus=corpus,
        init=init,
        update=update,
        vocab=vocab,
        stop_words=stop_words,
        keep=keep,
        evaluate=evaluate,
        checkpoint_every=checkpoint_every,
    )
    ranks, notify = connect(config.distributed), checked_notify(on_event)
    inputs.check_same(ranks, asdict(config))
    if folder is not None:
        checked_path(folder)
    if ranks.rank:
        return _run(inputs, config, ranks, folder, notify)
    follower = _follower(notify, progress, config)
    if run_dir is None:
        return _run(inputs, config, ranks, folder, follower)
    from fastw2v.training.run_folder import RunFolder

    path = os.path.abspath(checked_path(run_dir, CheckpointError))
    with RunFolder.begin(path, config, inputs) as run_folder:
        return _run(inputs, config, ranks, folder, follower, run_folder)


@_checked_call
def resume(
    run_dir: AnyPath,
    *,
    corpus: Corpus | None = None,
    keep: Keep | None = None,
    evaluate: EvaluateOrFiles | None = None,
    checkpoint_every: str | int | None = None,
    distributed: Literal["mpi"] | None = None,
    folder: AnyPath | None = None,
    on_event: Notify | None = None,
    progress: bool = False,
) -> "WordVectors":
    """Continue the run of a folder from its last good checkpoint.

    The vectors are those of an uninterrupted run: the same bytes with one thread, or with
    ``deterministic=True``.

    Parameters
    ----------
    run_dir : path
        The ``run_dir`` of `train`, or of ``fastw2v train``.
    corpus, keep, evaluate
        The same objects as in `train`, if they were not files.
    checkpoint_every : str or int, optional
        Time or number of tokens between checkpoints; by default that of the run.
    distributed, folder, on_event, progress
        As for `train`.

    Returns
    -------
    WordVectors

    Raises
    ------
    CheckpointError
        The folder holds no run, or an input has changed since the run began; the message names it.
    """
    ranks, notify = connect(distributed), checked_notify(on_event)
    given = RunInputs(
        corpus=corpus, keep=keep, evaluate=evaluate, checkpoint_every=checkpoint_every
    )
    given.check_same(ranks)
    if ranks.rank:
        return _run(given, TrainConfig(), ranks, folder, notify)
    from fastw2v.training.run_folder import RunFolder

    path = os.path.abspath(checked_path(run_dir, CheckpointError))
    with RunFolder.find(path) as run_folder:
        for name in run_folder.objects:
            if getattr(given, name) is None:
                raise CheckpointError(
                    f"{run_dir}: the run's {name} was no file; give resume the same one, {name}=..."
                )
        inputs, config = run_folder.inputs.updated(given), run_folder.config
        follower = _follower(notify, progress, config)
        return _run(inputs, config, ranks, folder, follower, run_folder)


def _follower(notify: Notify, progress: bool, config: TrainConfig) -> Follower:
    try:
        progress = bool(progress)
    except ValueError:  # an array
        raise ConfigTypeError(
            f"progress must be True or False, got {quoted(progress)}", options=("progress",)
        ) from None
    return Follower(notify, progress, None if config.seconds else config.epochs)


def _run(
    inputs: RunInputs,
    config: TrainConfig,
    ranks: Communicator,
    folder: AnyPath | None,
    notify: Notify,
    run_folder: "RunFolder | None" = None,
) -> "WordVectors":
    """Train to the end; an interrupt of a run with a folder leaves a checkpoint."""
    interval = inputs.interval if run_folder else None
    with (
        notify if isinstance(notify, Follower) else nullcontext(),
        Session.prepare(
            inputs,
            config,
            run_folder=run_folder,
            interval=interval,
            temp_folder=folder,
            notify=notify,
            ranks=ranks,
        ) as session,
    ):
        if run_folder is None:
            return session.run()
        with Interrupts(ready=lambda: session.training.begun) as interrupts:
            try:
                return session.run(interrupts)
            except KeyboardInterrupt:
                session.stop()
                raise


def load(
    path: AnyPath, encoding_errors: EncodingErrors = "strict", limit: int | None = None
) -> "WordVectors":
    """Read word vectors from a file or folder in any supported format.

    Parameters
    ----------
    path : path
        A file of word2vec, GloVe, fastText, gensim or fastw2v, or a folder of the Hugging Face hub.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        Treatment of words that are not UTF-8.
    limit : int, optional
        Read only the first N words, even if the header promises more words than the file has.

    Returns
    -------
    WordVectors

    Raises
    ------
    VectorsError
        The file cannot be read, is damaged, or does not hold vectors.
    """
    from fastw2v import formats

    return formats.load(path, encoding_errors, limit)
