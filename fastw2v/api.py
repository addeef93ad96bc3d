"""The Python face: ``train`` and ``load``. They put parts together and compute nothing."""

import time

from fastw2v.config import TrainConfig, available_cores
from fastw2v.errors import ConfigError
from fastw2v.kernels import reserve_threads


def train(
    corpus, *, on_event=None, folder=None, init=None, update=None, vocab=None, stop_words=(), keep=None, evaluate=None, **options
):
    """Train word vectors on a corpus; returns WordVectors, with ``output_vectors``.

    corpus : a path, directory or glob of text, a list of them, an encoded corpus, or any iterable of token lists (a
    generator too: it is read once).  on_event : called with what happens (``fastw2v.events``).
    folder : where ids are kept while training, 4 bytes a token; by default the system's temporary folder.
    init : WordVectors, or a file of them, that words in common begin with.
    update : the same, and all its words are kept, those of the corpus added; counts are added up where it has some.
    vocab : the vocabulary: a dictionary of counts, a list of words, or a file with a word (and its count) a line.
    stop_words : words to leave out, or a file of them.  keep : a function of a word and its count: True keeps the word,
    False leaves it out, None lets min_count decide.
    evaluate : a function from WordVectors to a score or a dictionary of scores, or files of analogies or pairs; asked after
    every ``eval_every`` epochs, of vectors that training goes on to change (keep copies).
    options : those of TrainConfig, by name. Raises Fastw2vError.
    """
    config = TrainConfig(**options)
    on_event = on_event or (lambda event: None)
    training = prepare(
        corpus, config, init=init, update=update, vocab=vocab, stop_words=stop_words, keep=keep, evaluate=evaluate,
        folder=folder, notify=on_event,
    )  # fmt: skip
    for event in training.run():
        on_event(event)
    return training.vectors()


def prepare(corpus, config, *, init=None, update=None, vocab=None, stop_words=(), keep=None, evaluate=None, folder=None, notify):
    """A Training that is ready to run, its corpus encoded; arguments as for ``train``."""
    began = time.perf_counter()
    if update is not None and (init is not None or vocab is not None):
        raise ConfigError("update says which words there are and what they begin with; give it without init and vocab")
    if keep is not None and not callable(keep):
        raise ConfigError(f"keep must be a function of a word and its count, got {keep!r}")
    reserve_threads(config.thread_count, available_cores())
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.corpus.vocabulary import Selection, read_vocabulary, read_words
    from fastw2v.training.loop import Training

    start = _loaded(init if init is not None else update)
    if update is not None and start.subwords and not config.ngrams:
        sub = start.subwords
        raise ConfigError(f"the model to update has n-grams; give --subwords {sub.least}-{sub.most} --buckets {sub.buckets}")
    selection = Selection(
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        stop_words=read_words(stop_words) if _is_path(stop_words) else frozenset(map(str, stop_words)),
        keep=keep,
        fixed=read_vocabulary(vocab) if _is_path(vocab) else _counted(vocab),
        added=_words_of(start) if update is not None else None,
    )
    evaluate = _evaluator(evaluate)
    encoded = open_corpus(corpus, config, selection, folder=folder, notify=notify)
    training = Training(encoded, config, start, evaluate, began)
    if hasattr(evaluate, "check"):
        evaluate.check(training.vectors())
    return training


def load(path, encoding_errors="strict"):
    """Read word vectors of any format that ``vectors.formats`` knows, by what is in the file or folder; returns WordVectors.

    encoding_errors : what becomes of words that are not UTF-8: "strict", "replace" or "ignore". Raises VectorsError.
    """
    from fastw2v.vectors.formats import read

    return read(path, encoding_errors)


def _is_path(value):
    return isinstance(value, str) or hasattr(value, "__fspath__")


def _loaded(vectors):
    if vectors is not None and not _is_path(vectors) and not hasattr(vectors, "subwords"):
        raise ConfigError(f"vectors to begin with are WordVectors or a file of them, not {type(vectors).__name__}")
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
        raise ConfigError(f"evaluate must be a function of WordVectors, or files of analogies or pairs, got {evaluate!r}")
    from fastw2v.evaluation.sets import Evaluator, read_set

    return Evaluator([read_set(path) for path in ([evaluate] if _is_path(evaluate) else evaluate)])
