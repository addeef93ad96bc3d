"""The parts, each validated before it is timed: `pytest bench` prints every figure with its share
of what the machine can do.

Bounds (see ``bounds``): multiply-adds of vectors for arithmetic, copying and reading for memory,
all measured on one thread.
"""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

import fastw2v
from bench.bounds import copied_bytes_per_s, multiplications_per_s, vector_fmas_per_s
from bench.pairs import prepare, random_tables, train_blocks
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.corpus.tokenizer import WordTable
from fastw2v.equations.counts import noise_distribution
from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.tiles import lanes, padded
from fastw2v.kernels.splitmix import draw
from fastw2v.kernels.train.alias import alias_table, draw_word
from fastw2v.reference import draws as slow
from fastw2v.reference.trainer import negative_targets, train_together
from fastw2v.vectors.word_vectors import WordVectors

ROWS = 24  # in each table: they stay in the cache, so that arithmetic is what is measured
BLOCKS, REPEATED = 64, 200
TEXT = 16 << 20  # bytes of text


@pytest.mark.parametrize("m", [6, 1], ids=["window", "pair"])
@pytest.mark.parametrize("K", [5, 15])
@pytest.mark.parametrize("D", [50, 100, 128, 200, 300, 512])
def test_block_update(measure, rng, D, K, m):
    tables = random_tables(rng, ROWS, D, 1 / D**0.25)  # scores of about 1
    run, workspace = prepare(tables, m, K)
    before = [table[:, :D].copy() for table in tables[:2]]
    expected = [table.copy() for table in before]
    inputs, targets = (
        np.zeros((BLOCKS, 16), np.int32),
        np.zeros((BLOCKS, run.config.target_count), np.int32),
    )
    for i in range(BLOCKS):
        inputs[i, :m], targets[i, : K + 1] = (
            rng.permutation(ROWS)[:m],
            rng.permutation(ROWS)[: K + 1],
        )
        targets[i, K + 1 :] = targets[i, 0]
    train_blocks(inputs, m, targets, np.float32(0.025), 1, run, workspace)
    for i in range(BLOCKS):
        block = (
            inputs[i, :m].tolist(),
            negative_targets(int(targets[i, 0]), targets[i, 1 : K + 1].tolist()),
            0.025,
        )
        train_together([block], *expected, TrainConfig())
    for table, old, new in zip(tables[:2], before, expected, strict=True):
        np.testing.assert_allclose(
            table[:, :D] - old, new - old, atol=1e-4 * np.abs(new - old).max()
        )

    def call():
        train_blocks(inputs, m, targets, np.float32(1e-6), REPEATED, run, workspace)

    pairs = BLOCKS * REPEATED * m * (K + 1)
    bound = vector_fmas_per_s() / (3 * padded(D, np.float32) / lanes(np.float32))
    name = f"block update, D {D}, K {K}, {m} input{'s' * (m > 1)}"
    measure(name, "ns per pair and target", call, pairs, bound, per_second=False, scale=1e9)


@kernel
def draw_words(table, key, n, last):
    for i in range(n):
        last[i & 1023] = draw_word(table, draw(key, i))


@pytest.mark.parametrize("V", [1000, 100_000, 3_000_000])
def test_alias_draws(measure, V):
    noise = noise_distribution(1e9 / np.arange(1, V + 1))
    table, last, n = alias_table(noise), np.zeros(1024, np.int32), 1_000_000
    draw_words(table, np.uint64(7), 1024, last)
    if V <= 100_000:
        words = slow.Alias(noise)
        assert last.tolist() == [words.word(slow.draw(7, i)) for i in range(1024)]
    bound = multiplications_per_s() / 3  # two to mix the bits, one for the bucket
    measure(
        f"alias draws, V {V:,}",
        "M/s",
        lambda: draw_words(table, np.uint64(7), n, last),
        n,
        bound,
        scale=1e-6,
    )


@pytest.fixture(scope="module")
def text():
    """Words by Zipf's law, spelt with letters by chance, in lines."""
    rng = np.random.default_rng(1)
    lengths = np.clip(rng.poisson(5, 200_000), 1, 20)
    letters = rng.integers(97, 123, lengths.sum(), np.uint8).tobytes()
    cuts = np.concatenate([[0], np.cumsum(lengths)])
    words = [letters[a:b] for a, b in pairwise(cuts.tolist())]
    drawn = np.minimum(rng.zipf(1.2, TEXT // 5), len(words)) - 1
    lines = np.split(drawn, np.arange(40, len(drawn), 40))
    return b"\n".join(b" ".join(words[i] for i in line) for line in lines)[:TEXT]


def test_tokeniser_on_one_thread(measure, text):
    data = np.frombuffer(text + b" " * 128, np.uint8)
    ids = np.empty(len(text) + 2, np.int32)

    def call():
        table = WordTable()
        table.count(data, len(text), 0, ids)
        return table

    table, expected = call(), Counter(text.split())
    assert (
        dict(zip(table.spelling().split(b"\n")[:-1], table.close().tolist(), strict=True))
        == expected
    )
    measure(
        "tokeniser, words counted and numbered",
        "MB/s",
        call,
        len(text),
        2 * copied_bytes_per_s(),
        scale=1e-6,
    )


def test_whole_first_pass_on_two_threads(measure, text, tmp_path):
    (tmp_path / "text").write_bytes(text)
    config = TrainConfig(threads=2)

    def call():
        return open_corpus(tmp_path / "text", config)

    expected = [
        (word.decode(), count) for word, count in Counter(text.split()).most_common() if count >= 5
    ]
    found = call().vocabulary
    assert dict(zip(found.words, found.counts.tolist(), strict=True)) == dict(expected)
    # the text from the system; ids to it, back, and to it again
    copies = len(text) + 3 * 4 * len(text.split())
    bound = copied_bytes_per_s(2) * len(text) / copies
    measure(
        "whole first pass: words, counts, ids on disk", "MB/s", call, len(text), bound, scale=1e-6
    )


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(1)
    return WordVectors(
        [f"w{i}" for i in range(70_000)], rng.normal(size=(70_000, 100)).astype(np.float32)
    )


@pytest.mark.parametrize("verb", ["write", "read"])
@pytest.mark.parametrize("suffix", ["bin", "txt"])
def test_vector_files(measure, vectors, tmp_path, suffix, verb):
    some = vectors if suffix == "bin" else WordVectors(vectors.words[:7000], vectors.vectors[:7000])
    path = tmp_path / f"vectors.{suffix}"
    some.save(path)
    read = fastw2v.load(path)
    assert read.words == some.words
    np.testing.assert_array_equal(read.vectors, some.vectors)
    call = (lambda: some.save(path)) if verb == "write" else (lambda: fastw2v.load(path))
    measure(
        f"{verb} vectors.{suffix}",
        "MB/s of vectors",
        call,
        some.vectors.nbytes,
        copied_bytes_per_s(),
        scale=1e-6,
    )


def test_nearest(measure, rng):
    V, D = 400_000, 100  # more than a cache holds
    vectors = WordVectors(
        [f"w{i}" for i in range(V)], rng.random((V, D), np.float32) - np.float32(0.5)
    )
    unit = vectors.vectors / np.linalg.norm(vectors.vectors, axis=1, keepdims=True)
    for word in ("w0", f"w{V - 1}"):
        best = np.argsort(-(unit @ unit[int(word[1:])].astype(np.float64)))[1:11]
        assert [found for found, _ in vectors.nearest(word)] == [f"w{i}" for i in best]
    # one pass over the matrix, on two threads as BLAS takes them
    bound = 2 * copied_bytes_per_s(2) / vectors.vectors.nbytes
    measure(
        "nearest, 400,000 x 100",
        "queries/s",
        lambda: [vectors.nearest(f"w{i}") for i in range(10)],
        10,
        bound,
    )
