"""On one thread the fast trainer is the reference, draw for draw, for a whole run."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.kernels.jit import JIT
from fastw2v.reference import trainer as reference
from fastw2v.training.hogwild import Hogwild, loss_every
from fastw2v.training.state import initial_tables

V = 300
TOKENS = 6000 if JIT else 150
CASES = {
    "negatives per window": {},
    "negatives per pair": {"negatives_per": "pair"},
    "many negatives": {"negative": 12, "vector_size": 33},
    "many negatives per pair": {"negative": 12, "negatives_per": "pair"},
    "one of everything": {"negative": 1, "window": 1, "vector_size": 1},
    "all words kept, wide window": {"sample": 0.0, "window": 20},
    "CBOW": {"model": "cbow"},
    "CBOW, its gradient undivided": {"model": "cbow", "cbow_gradient": "word2vec", "window": 12, "negative": 12, "alpha": 0.02},
    "another exponent": {"ns_exponent": -0.5, "negative": 2},
}


def make_corpus(rng, tokens=TOKENS, line=40):
    """Sentences of words by Zipf's law, some of them repeated at once, and the same as an encoded corpus."""
    words = np.minimum(rng.zipf(1.2, tokens), V) - 1
    words[1::9] = words[::9][: len(words[1::9])]
    cuts = np.sort(rng.choice(np.arange(1, tokens), tokens // line, replace=False))
    sentences = [part.tolist() for part in np.split(words, cuts)]
    counts = np.maximum(np.bincount(words, minlength=V), 1)
    ids = np.array([i for sentence in sentences for i in [*sentence, -1]], np.int32)
    return sentences, EncodedCorpus(ids, Vocabulary([f"w{i}" for i in range(V)], counts), tokens, V)


def train_both(rng, dtype, stretch, **options):
    """Tables after the reference and after the production trainer, called for ``stretch`` positions at a time."""
    config = TrainConfig(**{"threads": 1, "epochs": 2, "vector_size": 20, "alpha": 0.1, "sample": 1e-2, **options})
    sentences, encoded = make_corpus(rng)
    tables = initial_tables(V, config.vector_size, 5, dtype)
    slow = [table[:, : config.vector_size].copy() for table in tables]
    reference.train(sentences, encoded.vocabulary.counts, *slow, config)
    trainer, N = Hogwild(encoded, config, tables), len(encoded.ids)
    for epoch in range(config.epochs):
        for start in range(0, N, stretch):
            trainer.train(epoch, start, min(start + stretch, N))
    return slow, [table[:, : config.vector_size] for table in tables]


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_float64_equals_the_reference(rng, options):
    for slow, fast in zip(*train_both(rng, np.float64, 10**9, **options), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["negatives per window", "negatives per pair", "CBOW"])
def test_float32_equals_the_reference(rng, name):
    for slow, fast in zip(*train_both(rng, np.float32, 10**9, **CASES[name]), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-4 * np.abs(slow).max())


def test_where_a_stretch_ends_has_no_influence(rng):
    """Not in the middle of a line, of a window, or of a piece."""
    (_, whole), (_, parts) = (train_both(np.random.default_rng(3), np.float64, stretch) for stretch in (10**9, 17))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
def test_the_loss_is_the_references(rng, model):
    config = TrainConfig(threads=1, epochs=1, vector_size=8, sample=0.0, model=model)
    sentences, encoded = make_corpus(rng)
    tables = initial_tables(V, 8, 5, np.float64)
    slow = [table[:, :8].copy() for table in tables]
    (expected,) = reference.train(sentences, encoded.vocabulary.counts, *slow, config)
    trainer = Hogwild(encoded, config, tables)
    trainer.train(0, 0, len(encoded.ids))
    assert trainer.loss_pairs == trainer.pairs  # a small corpus: every loss is summed
    assert trainer.loss / trainer.pairs == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("tokens, every", [(0, 1), (20_000, 1), (50_000, 2), (200_000, 8), (10**12, 256)])
def test_the_loss_of_a_large_corpus_is_sampled(tokens, every):
    assert loss_every(tokens) == every


def test_every_token_is_trained_exactly_once_on_any_number_of_threads(rng):
    """Without subsampling and with window 1 each line of n words has 2 (n - 1) pairs."""
    sentences, encoded = make_corpus(rng)
    config = TrainConfig(threads=3, epochs=1, vector_size=4, window=1, sample=0.0)
    trainer = Hogwild(encoded, config, initial_tables(V, 4, 1))
    pairs = 0
    for start in range(0, len(encoded.ids), 1000):
        trainer.train(0, start, min(start + 1000, len(encoded.ids)))
        pairs += trainer.pairs
    assert pairs == sum(2 * (len(sentence) - 1) for sentence in sentences)


def test_one_endless_line_is_trained_whole():
    words = np.arange(TOKENS, dtype=np.int32) % V
    encoded = EncodedCorpus(np.append(words, np.int32(-1)), Vocabulary([str(i) for i in range(V)], np.bincount(words)), TOKENS, V)
    trainer = Hogwild(encoded, TrainConfig(threads=2, vector_size=4, window=1, sample=0.0), initial_tables(V, 4, 1))
    trainer.train(0, 0, TOKENS + 1)
    assert trainer.pairs == 2 * (TOKENS - 1)


def test_different_seeds_give_different_vectors_and_the_same_seed_the_same(rng):
    def vectors(seed):
        return train_both(np.random.default_rng(3), np.float32, 10**9, seed=seed)[1][0]

    first = vectors(1)
    np.testing.assert_array_equal(first, vectors(1))
    assert np.abs(first - vectors(2)).max() > 1e-3
