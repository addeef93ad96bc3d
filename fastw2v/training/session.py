"""One run, from its inputs to vectors: with or without a run folder, on one rank or on many.

``fastw2v.train``, ``fastw2v.resume`` and ``fastw2v train`` all run a Session. Importing this module
loads no Numba: ``Session.prepare`` first reserves the threads that Numba is to have.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

from fastw2v.config import TrainConfig
from fastw2v.cores import available_cores
from fastw2v.errors import ConfigError, ConfigTypeError, OutputError, quoted
from fastw2v.events import Notice, Notify, Progress, ignore
from fastw2v.kernels import reserve_threads
from fastw2v.paths import AnyPath, is_path
from fastw2v.training.communicator import Communicator, connect, threads_per_rank
from fastw2v.training.inputs import RunInputs, Vectors
from fastw2v.training.interrupts import Interrupts, uninterrupted
from fastw2v.training.interval import CheckpointInterval

if TYPE_CHECKING:
    from pathlib import Path

    from fastw2v.corpus.encoded import EncodedCorpus
    from fastw2v.corpus.vocabulary import Selection
    from fastw2v.training.loop import Training
    from fastw2v.training.recorder import Recorder
    from fastw2v.training.run_folder import RunFolder
    from fastw2v.vectors.word_vectors import WordVectors


class Session:
    """A run that is ready to train. Use as a context, or ``close`` it.

    Attributes
    ----------
    training
        The training of the encoded corpus.
    recorder
        The recorder of the run folder; None without one.
    notify
        Function that is called with every event.
    progress
        The last Progress; None before the first.
    """

    progress: Progress | None = None

    def __init__(self, training: "Training", recorder: "Recorder | None", notify: Notify) -> None:
        self.training, self.recorder, self.notify = training, recorder, notify

    @classmethod
    def prepare(
        cls,
        inputs: RunInputs,
        config: TrainConfig,
        *,
        run_folder: "RunFolder | None" = None,
        interval: CheckpointInterval | None = None,
        temp_folder: AnyPath | None = None,
        notify: Notify = ignore,
        ranks: Communicator | None = None,
    ) -> "Session":
        """Read the inputs, and resume from the last checkpoint of a run folder if it has one.

        What rank 0 is given and reads is used on all ranks.

        Parameters
        ----------
        inputs : RunInputs
            Used on rank 0 only.
        config : TrainConfig
            Used on rank 0 only.
        run_folder : RunFolder, optional
            Where the run is recorded, on rank 0.
        interval : CheckpointInterval, optional
            How often checkpoints are written to ``run_folder``; None for never.
        temp_folder : path, optional
            Where token ids are kept while training, 4 bytes each; by default the system's
            temporary folder.
        notify : callable
            Called with each event.
        ranks : Communicator, optional
            Of the ranks that train together; by default those of ``config.distributed``.

        Raises
        ------
        Fastw2vError
            An input cannot be read, or is not what the run began with.
        """
        began = time.perf_counter()
        ranks = connect(config.distributed) if ranks is None else ranks
        config = threads_per_rank(ranks.broadcast(config), ranks)
        reserve_threads(config.thread_count, available_cores())
        from fastw2v.training.distributed import broadcast_corpus, evaluate_on_rank0
        from fastw2v.training.loop import Training

        encoded = start = None
        evaluate: Any = None
        if ranks.rank == 0:
            start, evaluate = _initial_vectors(inputs), _evaluator(inputs.evaluate)
            if config.freeze and start is None:
                raise ConfigError(
                    "freeze keeps words at the vectors that they begin with: give these as init or"
                    " update",
                    options=("freeze", "init", "update"),
                )
            encoded = _encoded(inputs, config, start, temp_folder, notify)
        encoded = broadcast_corpus(encoded, ranks, temp_folder)
        evaluate_here = evaluate_on_rank0(evaluate, ranks)
        training = Training(encoded, config, start, evaluate_here, began, ranks)
        if hasattr(evaluate, "check"):
            evaluate.check(training.vectors())
        recorder = run_folder.join(training, interval) if run_folder else None
        return cls(training, recorder, notify)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for a checkpoint that is being written, and close the log."""
        if self.recorder:
            self.recorder.close()

    def run(self, interrupts: Interrupts | None = None) -> "WordVectors":
        """Train to the end.

        interrupts : checked after every event. Raises KeyboardInterrupt, and TrainingError if the
        numbers leave their range.
        """
        interrupts = interrupts or Interrupts()  # which no signal reaches
        events = self.recorder.events() if self.recorder else self.training.run()
        for event in events:
            self.progress = event if isinstance(event, Progress) else self.progress
            self.notify(event)
            interrupts.check()
        interrupts.check()
        return self.training.vectors()

    def stop(self) -> "Path | None":
        """Write a checkpoint of an interrupted run that keeps checkpoints; return its path.

        Returns None if there is none: the run was interrupted where it cannot be resumed, or the
        checkpoint could not be written, which a Notice says.
        """
        if self.recorder is None or self.recorder.interval is None:
            return None
        with uninterrupted():
            try:
                return self.recorder.stop()
            except OutputError as error:
                self.notify(Notice(f"{error}; resume continues from an earlier checkpoint"))
                return None


def _initial_vectors(inputs: RunInputs) -> "WordVectors | None":
    """The vectors that words in common begin with. Raises ConfigError and VectorsError."""
    vectors: Vectors | None = inputs.init if inputs.init is not None else inputs.update
    if vectors is None:
        return None
    if is_path(vectors):
        from fastw2v import formats

        return formats.load(vectors)
    if not hasattr(vectors, "subwords"):
        raise ConfigTypeError(
            f"vectors to begin with are WordVectors or a file of them, not {quoted(vectors)}",
            options=("init", "update"),
        )
    return vectors


def _evaluator(evaluate: Any) -> Callable[["WordVectors"], Any] | None:
    """The function that scores vectors: as given, or an Evaluator of files. Raises ConfigError."""
    if not evaluate or callable(evaluate):
        return evaluate or None
    if not hasattr(evaluate, "__iter__"):
        raise ConfigError(
            "evaluate must be a function of WordVectors, or files of analogies or pairs, got"
            f" {quoted(evaluate)}"
        )
    from fastw2v.evaluation.sets import Evaluator, read_set

    paths = [evaluate] if is_path(evaluate) else evaluate
    return Evaluator([read_set(path) for path in paths])


def _encoded(
    inputs: RunInputs,
    config: TrainConfig,
    start: "WordVectors | None",
    temp_folder: AnyPath | None,
    notify: Notify,
) -> "EncodedCorpus":
    from fastw2v.corpus.encoded import open_corpus

    update = start if inputs.update is not None else None
    if update is not None and update.subwords and not config.ngrams:
        sub = update.subwords
        raise ConfigError(
            f"the model to update has n-grams; give minn={sub.minn}, maxn={sub.maxn} and"
            f" buckets={sub.buckets}",
            options=("minn", "maxn", "buckets"),
        )
    selection = _selection(inputs, config, update)
    tags = config.tags if config.has_documents else None
    return open_corpus(
        inputs.corpus, config, selection, tags=tags, folder=temp_folder, notify=notify
    )


def _words(values: Iterable[Any], name: str) -> list[Any]:
    """Words, or numbers for words, as a list. Raises ConfigTypeError."""
    words = list(values)
    for word in words:
        if not isinstance(word, (str, Real)):
            raise ConfigTypeError(
                f"{name} are words, so strings, not {quoted(word)}", options=(name,)
            )
    return words


def _selection(inputs: RunInputs, config: TrainConfig, update: "WordVectors | None") -> "Selection":
    """Which words are kept: those of the inputs, and all of a model to update."""
    from fastw2v.corpus.vocabulary import Selection, read_vocabulary, read_words

    stop_words, vocab, added = inputs.stop_words, inputs.vocab, None
    if stop_words is None:
        stop_words = ()
    if update is not None:
        counts = update.counts.tolist() if update.counts is not None else [0] * len(update)
        added = dict(zip(update.words, counts, strict=True))
    if is_path(vocab):
        vocab = read_vocabulary(vocab)
    elif isinstance(vocab, Mapping):
        vocab = dict(vocab)
    elif vocab is not None:
        vocab = dict.fromkeys(_words(vocab, "vocab"), 0)
    return Selection(
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        stop_words=read_words(stop_words)
        if is_path(stop_words)
        else frozenset(map(str, _words(stop_words, "stop_words"))),
        keep=inputs.keep,
        fixed=vocab,
        added=added,
    )
