"""A small corpus, trained by the reference and by the production trainers."""

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.documents import documents_of
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.equations.subwords import bucket, ngrams
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.train.state import GROUPS_PLANNED
from fastw2v.reference import trainer as reference
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import run_tables
from fastw2v.training.trainers import make_trainer

V = 300


TOKENS = 6000 if JIT else 150
COMPARED = 1000 if JIT else 80  # the reference trains some 1000 tokens in a second


CASES = {
    "negatives per window": {},
    "negatives per pair": {"negatives_per": "pair"},
    "many negatives": {"negative": 11, "vector_size": 33},  # two tiles, compiled for 5 already
    "many negatives per pair": {"negative": 11, "negatives_per": "pair"},
    "all words kept, wide window": {"sample": 0.0, "window": 20},
    "CBOW": {"model": "cbow"},
    "CBOW, its gradient undivided": {
        "model": "cbow",
        "cbow_gradient": "word2vec",
        "window": 12,
        "negative": 11,
        "alpha": 0.02,
    },
    "another exponent": {"ns_exponent": -0.5},
    "windows taken whole": {"shrink_window": False, "window": 3},
    "hierarchical softmax": {"loss": "hs"},
    "hierarchical softmax per pair": {"loss": "hs", "negatives_per": "pair"},
    "CBOW by hierarchical softmax": {"loss": "hs", "model": "cbow"},
    "naive softmax": {"loss": "softmax"},
    "CBOW by naive softmax": {"loss": "softmax", "model": "cbow", "cbow_gradient": "word2vec"},
    "subwords": {"minn": 3, "maxn": 6, "buckets": 50},
    "subwords per pair": {"minn": 1, "maxn": 2, "negatives_per": "pair"},
    "CBOW of subwords by hierarchical softmax": {
        "minn": 2,
        "maxn": 3,
        "buckets": 900,
        "model": "cbow",
        "loss": "hs",
    },
}


DOCUMENTS = {
    "DBOW": {"model": "dbow"},
    "DBOW and words": {"model": "dbow", "train_words": True},
    "DBOW and words per pair": {"model": "dbow", "train_words": True, "negatives_per": "pair"},
    "DBOW by hierarchical softmax": {"model": "dbow", "loss": "hs"},
    "DBOW by naive softmax": {"model": "dbow", "loss": "softmax"},
    "DBOW and words, wide window": {"model": "dbow", "train_words": True, "window": 20},
    "DBOW and words of subwords": {
        "model": "dbow",
        "train_words": True,
        "minn": 3,
        "maxn": 6,
        "buckets": 50,
    },
    "DM": {"model": "dm"},
    "DM, its gradient undivided": {"model": "dm", "cbow_gradient": "word2vec", "alpha": 0.02},
    "DM by hierarchical softmax": {"model": "dm", "loss": "hs"},
    "DM of subwords": {"model": "dm", "minn": 1, "maxn": 3, "buckets": 900},
}


CASES |= DOCUMENTS


def make_corpus(rng, tokens=TOKENS, line=40):
    """Sentences of words by Zipf's law, some of them repeated at once, and the same as an encoded
    corpus.
    """
    words = np.minimum(rng.zipf(1.2, tokens), V) - 1
    words[1::9] = words[::9][: len(words[1::9])]
    # by descending count
    words = np.argsort(np.argsort(-np.bincount(words, minlength=V), kind="stable"))[words]
    cuts = np.sort(rng.choice(np.arange(1, tokens), tokens // line, replace=False))
    sentences = [part.tolist() for part in np.split(words, cuts)]
    counts = np.maximum(np.bincount(words, minlength=V), 1)
    ids = np.array([i for sentence in sentences for i in [*sentence, -1]], np.int32)
    ids.flags.writeable = False  # as those that are read: kernels are compiled for either
    return sentences, EncodedCorpus(ids, Vocabulary([f"w{i}" for i in range(V)], counts), tokens, V)


def train_both(rng, dtype, stretch, tokens=COMPARED, **options):
    """Tables after the reference and after the production trainer, called for ``stretch`` positions
    at a time.
    """
    config = TrainConfig(
        **{"threads": 1, "epochs": 2, "vector_size": 20, "alpha": 0.1, "sample": 1e-2, **options}
    )
    sentences, encoded = make_corpus(rng, tokens)
    documents, inputs = None, None
    if config.has_documents:  # some have several lines, and one has none
        numbers = np.arange(len(sentences)) * 2 % (len(sentences) - 1)
        documents = documents_of(encoded.ids, numbers, len(sentences))
    tables, buckets = run_tables(encoded.vocabulary, config, dtype, documents)
    slow = [table[:, : config.vector_size].copy() for table in (tables.W_in, tables.W_out)]
    bags = python_bags(encoded.vocabulary.words, config, buckets.tolist())
    if documents:
        inputs = (V + len(buckets) + numbers).tolist()
    trainer, N = make_trainer(encoded, config, tables), len(encoded.ids)
    group = trainer.step // GROUPS_PLANNED if config.deterministic else None
    counts = encoded.vocabulary.counts
    reference.train(sentences, counts, *slow, config, bags, group, inputs, span=trainer.step)
    stretch = -(-stretch // trainer.step) * trainer.step
    for epoch in range(config.epochs):
        for start in range(0, N, stretch):
            stop = min(start + stretch, N)
            trainer.train(epoch, start, stop, EpochSchedule(config, N).rate(epoch, start, stop))
    return slow, [table[:, : config.vector_size] for table in (tables.W_in, tables.W_out)]


def python_bags(words, config, buckets):
    """The rows that each word is made of, by the equations, or None."""
    if not config.ngrams:
        return None
    row = {bucket: V + i for i, bucket in enumerate(buckets)}
    return [
        [w, *(row[bucket(g, config.buckets)] for g in ngrams(word, *config.ngrams))]
        for w, word in enumerate(words)
    ]
