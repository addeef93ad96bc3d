"""The Python face: ``train`` and ``load``. They put parts together and compute nothing."""

import difflib
import functools
import inspect
import os
import time
from dataclasses import asdict, fields

from fastw2v.config import TrainConfig, available_cores
from fastw2v.errors import CheckpointError, ConfigError, OutputError, UnknownOptionError
from fastw2v.events import Notice
from fastw2v.kernels import reserve_threads
from fastw2v.option_names import ADVICE, ADVICE_PYTHON, counterparts, plain
from fastw2v.paths import checked_path
from fastw2v.training.communicator import connect, threads_per_rank
from fastw2v.training.validation import OBJECTS


def _checked_call(function):
    """Decorator: what is no argument of ``function`` is refused with the one that is meant.

    Raises UnknownOptionError.
    """
    parameters = list(inspect.signature(function).parameters)
    first, *named = [name for name in parameters if name != "options"]
    own = [*named, *(field.name for field in fields(TrainConfig))]

    @functools.wraps(function)
    def call(*args, **given):
        name = function.__name__
        if unknown := [each for each in given if each not in (first, *own)]:
            raise UnknownOptionError(
                f"{name} has no option {unknown[0][:60]!r}; {_advice(unknown[0], own)}"
            )
        if len(args) > 1:
            raise UnknownOptionError(
                f"{name} takes all but {first} by name: {name}({first}, vector_size=100, window=5)"
            )
        if not args and first not in given:
            raise UnknownOptionError(f"{name} is given no {first}: {name}({first}, ...)")
        return function(*args, **given)

    return call


def _advice(name, own):
    """What is said of an option that there is not: the one that is meant, or what to do."""
    key, meant = plain(name), counterparts(name, own)
    if not meant and key in ADVICE_PYTHON:
        return ADVICE_PYTHON[key]
    if not meant and key in ADVICE:
        return ADVICE[key][0]
    meant = meant or difflib.get_close_matches(name, own, n=1)
    return f"did you mean {' or '.join(meant)}?" if meant else "help(fastw2v.TrainConfig) names all"


@_checked_call
def train(
    corpus,
    *,
    on_event=None,
    folder=None,
    init=None,
    update=None,
    vocab=None,
    stop_words=(),
    keep=None,
    evaluate=None,
    run_dir=None,
    checkpoint_every="5m",
    **options,
):
    """Train word vectors on a corpus; returns WordVectors, with ``output_vectors``.

    corpus : a path, directory or glob of text, a list of them, an encoded corpus, or any
        iterable of token lists (a
    generator too: it is read once).  on_event : called with what happens (``fastw2v.events``).
    folder : where ids are kept while training, 4 bytes a token; by default the system's
        temporary folder.
    init : WordVectors, or a file of them, that words in common begin with.
    update : the same, and all its words are kept, those of the corpus added; counts are added
        up where it has some.
    vocab : the vocabulary: a dictionary of counts, a list of words, or a file with a word (and
        its count) a line.
    stop_words : words to leave out, or a file of them.  keep : a function of a word and its count:
    True keeps the word, False leaves it out, None lets min_count decide.
    evaluate : a function from WordVectors to a score or a dictionary of scores, or files of
    analogies or pairs; asked after every ``eval_every`` epochs, of vectors that training goes on to
    change (keep copies).
    run_dir : a folder for checkpoints and a log, from which ``resume`` goes on (one that cannot
        be written is told of in a
    Notice, and costs nothing else);  checkpoint_every : a time ("90s", "5m") or a number of tokens.
    options : those of TrainConfig, by name. Raises Fastw2vError; UnknownOptionError, a TypeError,
    names the option that is meant.
    """
    config = TrainConfig(**options)
    inputs = {
        "init": init,
        "update": update,
        "vocab": vocab,
        "stop_words": stop_words,
        "evaluate": evaluate,
        "keep": keep,
    }
    ranks = connect(config.distributed)
    _compare({"corpus": corpus} | inputs, ranks, asdict(config))
    if run_dir is None or ranks.rank:
        training = prepare(
            corpus, config, **inputs, folder=folder, notify=on_event or _silent, communicator=ranks
        )
        return _followed(training, training.run(), on_event)
    from fastw2v import __version__
    from fastw2v.training.interval import CheckpointInterval
    from fastw2v.training.run_folder import RunFolder

    pace = CheckpointInterval(checkpoint_every)
    given = {"corpus": corpus} | inputs
    told = {name: _as_json(name, value) for name, value in given.items()}
    objects = [name for name in OBJECTS if given[name] is not None and told[name] is None]
    told |= {"objects": objects, "checkpoint_every": str(checkpoint_every)}
    with RunFolder.begin(_absolute(run_dir), config, told, __version__) as run:
        return _recorded(run, corpus, config, inputs, folder, on_event, pace, ranks)


def resume(
    run_dir,
    *,
    corpus=None,
    on_event=None,
    folder=None,
    keep=None,
    evaluate=None,
    checkpoint_every=None,
    distributed=None,
):
    """Go on with the run of a folder, from its last good checkpoint; returns WordVectors.

    corpus, keep, evaluate : as the run was begun with, where they were no paths.  on_event,
        folder, distributed : as for
    ``train``.  checkpoint_every : by default as the run was begun with. Raises CheckpointError,
    naming what is not as it was.
    """
    ranks, given = connect(distributed), {"corpus": corpus, "keep": keep, "evaluate": evaluate}
    _compare(given, ranks)
    if ranks.rank:
        training = prepare(
            None, TrainConfig(), folder=folder, notify=on_event or _silent, communicator=ranks
        )
        return _followed(training, training.run(), on_event)
    from fastw2v.training.interval import CheckpointInterval
    from fastw2v.training.run_folder import RunFolder

    with RunFolder.find(_absolute(run_dir)) as run:
        told = run.told["inputs"]
        for name in told.get("objects", ()):
            if given[name] is None:
                raise CheckpointError(
                    f"{run_dir}: the run's {name} was no file; give resume the same one, {name}=..."
                )
        inputs = {
            name: told.get(name)
            for name in ("corpus", "init", "update", "vocab", "stop_words", "evaluate")
        }
        inputs |= {name: value for name, value in given.items() if value is not None}
        inputs["stop_words"] = inputs["stop_words"] or ()
        pace = CheckpointInterval(checkpoint_every or told.get("checkpoint_every") or "5m")
        return _recorded(
            run, inputs.pop("corpus"), run.config, inputs, folder, on_event, pace, ranks
        )


def _recorded(run, corpus, config, inputs, folder, on_event, pace, ranks):
    """Train, keeping a run folder. An interrupt leaves a checkpoint."""
    from fastw2v.training.interrupts import Interrupts

    say = on_event or _silent
    training = prepare(corpus, config, **inputs, folder=folder, notify=say, communicator=ranks)
    for text in run.join(training):
        say(Notice(text))
    with Interrupts(ready=lambda: training.begun) as interrupts:
        try:
            return _followed(training, run.record(training, pace), on_event, interrupts.check)
        except KeyboardInterrupt:
            try:
                run.stop(training)
            except OutputError as error:
                say(Notice(f"{error}; the run goes on from an earlier checkpoint"))
            raise


def _followed(training, events, on_event, check=lambda: None):
    for event in events:
        if on_event:
            on_event(event)
        check()
    check()
    return training.vectors()


def _silent(event):
    pass


def _absolute(run_dir):
    return os.path.abspath(checked_path(run_dir, CheckpointError))


def _compare(inputs, ranks, options=None):
    """Raise TrainingError on all ranks unless they were given the same options, and the same inputs
    where these can be compared: paths, and lengths of what is in memory.
    """
    if ranks.size > 1:
        from fastw2v.training.distributed import check_same

        told = {name: _comparable(value) for name, value in inputs.items()}
        check_same(
            {name: value for name, value in told.items() if value is not None} | (options or {}),
            ranks,
        )


def _comparable(value):
    if _is_path(value):
        return os.fspath(value)
    if isinstance(value, (list, tuple)) and all(map(_is_path, value)):
        return [os.fspath(each) for each in value]
    return len(value) if hasattr(value, "__len__") else None


def _as_json(name, value):
    """What a run folder can say of an input: paths, absolute; None for what is no path and has to
    be given again.
    """
    if _is_path(value):
        return os.path.abspath(value) if value != "-" else "-"
    if isinstance(value, (list, tuple)) and value and all(map(_is_path, value)):
        return sorted(value) if name == "stop_words" else [_as_json(name, each) for each in value]
    return None if name in OBJECTS or not value else _refuse(name)


def _refuse(name):
    raise ConfigError(f"with run_dir, {name} must be a file, so that the run can be gone on with")


def prepare(
    corpus,
    config,
    *,
    init=None,
    update=None,
    vocab=None,
    stop_words=(),
    keep=None,
    evaluate=None,
    folder=None,
    notify,
    communicator=None,
):
    """A Training that is ready to run, its corpus encoded; arguments as for ``train``.

    communicator : of all ranks, if they are known already (by default those of config.distributed):
    what rank 0 is given and reads is everyone's.
    """
    began = time.perf_counter()
    if update is not None and (init is not None or vocab is not None):
        raise ConfigError(
            "update says which words there are and what they begin with; give it without init and"
            " vocab",
            options=("update", "init", "vocab"),
        )
    if keep is not None and not callable(keep):
        raise ConfigError(f"keep must be a function of a word and its count, got {keep!r}")
    communicator = connect(config.distributed) if communicator is None else communicator
    config = threads_per_rank(communicator.broadcast(config), communicator)
    reserve_threads(config.thread_count, available_cores())
    from fastw2v.training.distributed import evaluate_on_rank0, share_corpus
    from fastw2v.training.loop import Training

    encoded = start = None
    if communicator.rank == 0:
        start, evaluate = _loaded(init if init is not None else update), _evaluator(evaluate)
        words = {
            "vocab": vocab,
            "stop_words": stop_words,
            "keep": keep,
            "update": start if update is not None else None,
        }
        encoded = _encoded(corpus, config, folder, notify, **words)
    encoded = share_corpus(encoded, communicator, folder)
    training = Training(
        encoded, config, start, evaluate_on_rank0(evaluate, communicator), began, communicator
    )
    if hasattr(evaluate, "check"):
        evaluate.check(training.vectors())
    return training


def _encoded(corpus, config, folder, notify, *, vocab, stop_words, keep, update):
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.corpus.vocabulary import Selection, read_vocabulary, read_words

    if update is not None and update.subwords and not config.ngrams:
        sub = update.subwords
        raise ConfigError(
            f"the model to update has n-grams; give subwords='{sub.minn}-{sub.maxn}' and"
            f" buckets={sub.buckets}",
            options=("subwords", "buckets"),
        )
    selection = Selection(
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        stop_words=(
            read_words(stop_words) if _is_path(stop_words) else frozenset(map(str, stop_words))
        ),
        keep=keep,
        fixed=read_vocabulary(vocab) if _is_path(vocab) else _counted(vocab),
        added=_words_of(update) if update is not None else None,
    )
    return open_corpus(corpus, config, selection, folder=folder, notify=notify)


def load(path, encoding_errors="strict", limit=None):
    """Read word vectors of any format that ``formats`` knows, by what is in the file or
    folder; returns WordVectors.

    encoding_errors : what becomes of words that are not UTF-8: "strict", "replace" or "ignore".
    limit : read only so many words, the first ones, even if the file's header tells of more than
    there are. Raises VectorsError.
    """
    from fastw2v import formats

    return formats.load(path, encoding_errors, limit)


def _is_path(value):
    return isinstance(value, str) or hasattr(value, "__fspath__")


def _loaded(vectors):
    if vectors is not None and not _is_path(vectors) and not hasattr(vectors, "subwords"):
        raise ConfigError(
            f"vectors to begin with are WordVectors or a file of them, not {type(vectors).__name__}"
        )
    return load(vectors) if _is_path(vectors) else vectors


def _counted(vocab):
    return vocab if vocab is None or isinstance(vocab, dict) else dict.fromkeys(vocab, 0)


def _words_of(vectors):
    counts = vectors.counts.tolist() if vectors.counts is not None else [0] * len(vectors)
    return dict(zip(vectors.words, counts, strict=True))


def _evaluator(evaluate):
    if not evaluate or callable(evaluate):
        return evaluate or None
    if not hasattr(evaluate, "__iter__"):
        raise ConfigError(
            "evaluate must be a function of WordVectors, or files of analogies or pairs, got"
            f" {evaluate!r}"
        )
    from fastw2v.evaluation.sets import Evaluator, read_set

    return Evaluator([read_set(path) for path in ([evaluate] if _is_path(evaluate) else evaluate)])
