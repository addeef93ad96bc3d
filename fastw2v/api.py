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
from fastw2v.errors import CheckpointError, UnknownOptionError, quoted
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
    key, meant = plain(name), counterparts(name, options)
    if not meant and key in ADVICE_PYTHON:
        return ADVICE_PYTHON[key]
    if not meant and key in ADVICE:
        return ADVICE[key][0]
    meant = meant or difflib.get_close_matches(name, options, n=1)
    return f"did you mean {' or '.join(meant)}?" if meant else ""


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
        Text files, directories or globs, an encoded corpus, or sentences. A generator is read once.
        With ``column``, files of tables (Parquet, Arrow, JSON lines, CSV), or a table of pandas,
        polars, pyarrow or Hugging Face; without it, a column of one of these.
    vector_size : int, default 100
        Dimensions of the vectors.
    window : int, default 5
        Farthest distance, in words, of two words that are a pair.
    negative : int, default 5
        Negative samples for each pair or window (``loss="ns"``).
    negatives_per : {"window", "pair"}, default "window"
        Draw negatives once for the words of a window, up to 16 at a time, or for each pair.
    model : {"skipgram", "cbow", "dbow", "dm"}, default "skipgram"
        Each word of a window predicts its centre, or their mean does. With document vectors, the
        document (a line) predicts each of its words (DBOW), or the mean of document and window
        predicts the centre (DM).
    cbow_gradient : {"mean", "word2vec"}, optional
        The gradient of each input of a mean (CBOW, DM) is divided by their number, or not. By
        default it is for CBOW, and not for DM.
    tags : {"line", "first"}, default "line"
        Documents are named by the numbers of their lines, from 0, or by the first token of each
        line, which is no word then. Lines with the same tag are one document.
    train_words : bool, default False
        With ``model="dbow"``, train the words as well, as skip-gram does.
    loss : {"ns", "hs", "softmax"}, default "ns"
        Negative sampling, hierarchical softmax, or the naive softmax over all words.
    minn : int, default 0
        Fewest characters of an n-gram. With ``maxn`` alone it is 3, as in fastText, or ``maxn`` if
        that is less.
    maxn : int, default 0
        Most characters of an n-gram. 0 turns n-grams off.
    buckets : int, default 2,000,000
        Buckets that n-grams are hashed to.
    shrink_window : bool, default True
        Draw each window's size from 1 to ``window``, or use ``window`` always.
    epochs : int, default 5
        Passes over the corpus.
    time_budget : str or float, optional
        Train for this time instead of ``epochs``: "90s", "10m", "1h30m", or a number of seconds.
    eval_every : int, default 1
        Epochs between evaluations.
    patience : int, optional
        Stop after this number of evaluations without improvement, and keep the best vectors.
    min_count : int, default 5
        Leave out words that occur less often.
    max_vocab : int, optional
        Keep this number of the most frequent words.
    sample : float, default 1e-3
        Subsampling threshold for frequent words; 0 keeps all.
    alpha : float, optional
        Learning rate at the start; by default 0.025, 0.05 with document vectors, or 0.075 where the
        gradient of a mean is divided.
    min_alpha : float, default 1e-4
        Learning rate at the end.
    ns_exponent : float, default 0.75
        Negative samples are drawn by count to this power.
    lowercase : bool, default False
        Put the text in lower case first.
    tokenize : {"words"}, optional
        Split running text into words, without punctuation. By default words are what stands between
        white space.
    column : str, optional
        The column of tables that holds texts, or lists of tokens.
    group_by : str, optional
        A column whose equal values make a line of their rows, each of which has one token.
    order_by : str, optional
        The column by which the rows of a line are sorted.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        What to do with bytes that are not UTF-8.
    threads : int, optional
        Threads; by default one for each core that this process may use.
    deterministic : bool, default False
        Give the same vectors on any number of threads, more slowly.
    distributed : {"mpi"}, optional
        Train on all ranks that mpiexec or srun has started.
    sync_every : int, default 10,000
        Words that each rank trains before rows are synchronised.
    freeze : bool, default False
        Words that begin with the vectors of ``init`` or ``update`` keep them; so do their n-grams.
        Other words, documents and all output vectors are trained.
    seed : int, default 1
        Seed of every random draw.
    init : WordVectors or path, optional
        Vectors that words in common with the corpus begin with.
    update : WordVectors or path, optional
        A model to continue: all its words are kept, those of the corpus are added, and counts are
        summed. Give it without ``init`` and ``vocab``.
    vocab : dict of counts, iterable of words, or path, optional
        The vocabulary; a file has a word, or a word and its count, per line.
    stop_words : iterable of str, or path
        Words to leave out.
    keep : callable, optional
        Called with a word and its count: True keeps the word, False leaves it out, None lets
        ``min_count`` decide.
    evaluate : callable, path or list of paths, optional
        A function from WordVectors to a score or a dictionary of scores, or files of analogies or
        word similarities. Called after every ``eval_every`` epochs with vectors that training goes
        on to change: copy what you keep.
    run_dir : path, optional
        Folder for checkpoints and a log, from which `resume` continues the run. If a checkpoint
        cannot be written, a Notice says so and training continues.
    checkpoint_every : str or int, default "5m"
        Time ("90s", "5m") or number of tokens between checkpoints.
    folder : path, optional
        Where token ids are kept while training, 4 bytes each; by default the system's temporary
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
        The corpus, a file or a setting is wrong.
    UnknownOptionError
        There is no such option; the message names the one that is meant. It is a TypeError too.
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
        As the run was begun with, where they were no files.
    checkpoint_every : str or int, optional
        Time or number of tokens between checkpoints; by default as the run was begun with.
    distributed, folder, on_event, progress
        As for `train`.

    Returns
    -------
    WordVectors

    Raises
    ------
    CheckpointError
        There is no run, or an input is not what the run began with; the message names it.
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
    """Read word vectors from a file or folder, in whichever known format it has.

    Parameters
    ----------
    path : path
        A file of word2vec, GloVe, fastText, gensim or fastw2v, or a folder of the Hugging Face hub.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        What to do with words that are not UTF-8.
    limit : int, optional
        Read this number of words, the first ones, even if the file's header names more than it has.

    Returns
    -------
    WordVectors

    Raises
    ------
    VectorsError
        The file cannot be read, is damaged, or holds no vectors.
    """
    from fastw2v import formats

    return formats.load(path, encoding_errors, limit)
