"""The Python face: ``train`` and ``load``. They put parts together and compute nothing."""

from fastw2v.config import TrainConfig, available_cores
from fastw2v.kernels import reserve_threads


def train(corpus, *, on_event=None, folder=None, **options):
    """Train word vectors on a corpus; returns WordVectors, with ``output_vectors``.

    corpus : a path, directory or glob of text, a list of them, an encoded corpus, or any iterable of token lists (a
    generator too: it is read once).  on_event : called with what happens (``fastw2v.events``).
    folder : where ids are kept while training, 4 bytes a token; by default the system's temporary folder.
    options : those of TrainConfig, by name. Raises Fastw2vError.
    """
    config = TrainConfig(**options)
    reserve_threads(config.thread_count, available_cores())
    from fastw2v.corpus.encoded import open_corpus
    from fastw2v.training.loop import Training

    on_event = on_event or (lambda event: None)
    training = Training(open_corpus(corpus, config, folder=folder, notify=on_event), config)
    for event in training.run():
        on_event(event)
    return training.vectors()


def load(path):
    """Read word vectors in word2vec's binary or text format; returns WordVectors. Raises VectorsError."""
    from fastw2v.vectors.word2vec_files import read

    return read(path)
