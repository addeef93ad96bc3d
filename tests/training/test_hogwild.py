"""On one thread the fast trainer is the reference, draw for draw, for a whole run."""

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.reference import trainer as reference
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.setup import loss_interval
from fastw2v.training.state import initial_tables, run_tables
from fastw2v.training.trainers import make_trainer
from tests.helpers.trained import CASES, COMPARED, TOKENS, V, make_corpus, train_both


def train_epoch(encoded, config, tables):
    """Train the first epoch; returns its Statistics."""
    N = len(encoded.ids)
    return make_trainer(encoded, config, tables).train(
        0, 0, N, EpochSchedule(config, N).rate(0, 0, N)
    )


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_float64_equals_the_reference(rng, options):
    for slow, fast in zip(*train_both(rng, np.float64, 10**9, **options), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["negatives per window", "subwords"])
def test_batches_of_positions_follow_one_another_as_in_the_reference(rng, name):
    """A worker takes thousands of positions at a time."""
    both = train_both(rng, np.float64, 10**9, TOKENS, **CASES[name])
    for slow, fast in zip(*both, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"negatives_per": "pair"},
        {"model": "cbow"},
        {"loss": "hs"},
        {"minn": 3, "maxn": 6, "buckets": 50},
        {"negative": 1, "window": 1, "vector_size": 1},
        {"negative": 12},
    ],
    ids=str,
)
def test_float32_equals_the_reference(rng, options):
    for slow, fast in zip(*train_both(rng, np.float32, 10**9, **options), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-4 * np.abs(slow).max())


def test_where_a_stretch_ends_has_no_influence(rng):
    """Not in the middle of a line, of a window, or of a piece."""
    (_, whole), (_, parts) = (
        train_both(np.random.default_rng(3), np.float64, stretch) for stretch in (10**9, 17)
    )
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs", "softmax"])
def test_the_loss_is_the_references(rng, model, loss):
    config = TrainConfig(threads=1, epochs=1, vector_size=8, sample=0.0, model=model, loss=loss)
    sentences, encoded = make_corpus(rng, COMPARED)
    tables, _ = run_tables(encoded.vocabulary, config, np.float64)
    slow = [table[:, :8].copy() for table in (tables.W_in, tables.W_out)]
    (expected,) = reference.train(sentences, encoded.vocabulary.counts, *slow, config)
    statistics = train_epoch(encoded, config, tables)
    assert statistics.loss_pairs == statistics.pairs  # a small corpus: every loss is summed
    assert statistics.loss / statistics.pairs == pytest.approx(expected, rel=1e-12)


def test_with_two_words_hierarchical_softmax_is_logistic_regression(rng):
    """There is one inner node, and sigma(u . v) or sigma(-u . v) is the probability of a word."""
    words = rng.integers(0, 2, 400)
    words[rng.random(400) < 0.3] = 0
    counts = np.sort(np.bincount(words))[::-1]
    ids = np.append(words, -1).astype(np.int32)
    ids.flags.writeable = False
    encoded = EncodedCorpus(ids, Vocabulary(["a", "b"], counts), 400, 2)
    config = TrainConfig(
        loss="hs",
        window=1,
        threads=1,
        epochs=1,
        vector_size=1,
        sample=0.0,
        alpha=0.5,
        min_alpha=0.5,
    )
    tables, _ = run_tables(encoded.vocabulary, config, np.float64)
    v, u = tables.W_in[:, 0].copy(), tables.W_out[0, 0]
    train_epoch(encoded, config, tables)
    for i, centre in enumerate(words):
        near = [words[j] for j in (i - 1, i + 1) if 0 <= j < 400]
        # the lighter word: code 0
        errors = [0.5 * ((1.0 if centre else 0.0) - 1 / (1 + np.exp(-u * v[o]))) for o in near]
        move = sum(e * v[o] for e, o in zip(errors, near, strict=True))
        for e, o in zip(errors, near, strict=True):
            v[o] += e * u
        u += move
    np.testing.assert_allclose(tables.W_in[:, 0], v, rtol=1e-10)
    assert tables.W_out[0, 0] == pytest.approx(u, rel=1e-10)


@pytest.mark.parametrize(
    "tokens, every", [(0, 1), (20_000, 1), (50_000, 2), (200_000, 8), (10**12, 256)]
)
def test_the_loss_of_a_large_corpus_is_sampled(tokens, every):
    assert loss_interval(tokens) == every


def test_every_token_is_trained_exactly_once_on_any_number_of_threads(rng):
    """Without subsampling and with window 1 each line of n words has 2 (n - 1) pairs."""
    sentences, encoded = make_corpus(rng)
    config = TrainConfig(threads=3, epochs=1, vector_size=4, window=1, sample=0.0)
    trainer, N = make_trainer(encoded, config, initial_tables(V, 4, 1)), len(encoded.ids)
    rate = EpochSchedule(config, N).rate(0, 0, N)
    pairs = sum(
        trainer.train(0, start, min(start + 1000, N), rate).pairs for start in range(0, N, 1000)
    )
    assert pairs == sum(2 * (len(sentence) - 1) for sentence in sentences)


def test_one_endless_line_is_trained_whole():
    words = np.arange(TOKENS, dtype=np.int32) % V
    ids = np.append(words, np.int32(-1))
    ids.flags.writeable = False
    encoded = EncodedCorpus(
        ids,
        Vocabulary([str(i) for i in range(V)], np.maximum(np.bincount(words, minlength=V), 1)),
        TOKENS,
        V,
    )
    config = TrainConfig(threads=2, vector_size=4, window=1, sample=0.0)
    assert train_epoch(encoded, config, initial_tables(V, 4, 1)).pairs == 2 * (TOKENS - 1)


def test_different_seeds_give_different_vectors_and_the_same_seed_the_same(rng):
    def vectors(seed):
        return train_both(np.random.default_rng(3), np.float32, 10**9, seed=seed)[1][0]

    first = vectors(1)
    np.testing.assert_array_equal(first, vectors(1))
    assert np.abs(first - vectors(2)).max() > 1e-3
