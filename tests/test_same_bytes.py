"""The bytes of the vectors of many configurations: a change that is not meant to change results
keeps every hash.

If results change on purpose, `python -m tests.test_same_bytes` prints the new table; the commit
says why they changed.
"""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from llvmlite.binding import get_host_cpu_features

import fastw2v
import fastw2v.events
from fastw2v.kernels.jit import JIT

BASE = {"min_count": 1, "epochs": 2, "vector_size": 37, "sample": 1e-2, "threads": 1, "seed": 3}
CASES = {
    "skipgram-ns": {},
    "skipgram-ns-k1-d1": {"negative": 1, "vector_size": 1},
    "skipgram-ns-k12-d100": {"negative": 12, "vector_size": 100},
    "skipgram-ns-wide-window": {"window": 20},
    "skipgram-ns-pair": {"negatives_per": "pair"},
    "skipgram-ns-pair-k12": {"negatives_per": "pair", "negative": 12},
    "skipgram-hs": {"loss": "hs"},
    "skipgram-hs-pair": {"loss": "hs", "negatives_per": "pair"},
    "skipgram-softmax": {"loss": "softmax", "epochs": 1},
    "cbow-ns": {"model": "cbow"},
    "cbow-ns-undivided": {"model": "cbow", "cbow_gradient": "word2vec", "shrink_window": False},
    "cbow-hs": {"model": "cbow", "loss": "hs", "vector_size": 100},
    "cbow-softmax": {"model": "cbow", "loss": "softmax", "epochs": 1},
    "subwords-skipgram-ns": {"minn": 3, "maxn": 6, "buckets": 500},
    "subwords-pair": {"minn": 2, "maxn": 3, "buckets": 50, "negatives_per": "pair"},
    "subwords-cbow-hs": {"minn": 1, "maxn": 4, "buckets": 900, "model": "cbow", "loss": "hs"},
    "deterministic-skipgram-ns": {"deterministic": True, "vector_size": 100},
    "deterministic-skipgram-pair": {"deterministic": True, "negatives_per": "pair"},
    "deterministic-cbow-ns-k12": {"deterministic": True, "model": "cbow", "negative": 12},
    "deterministic-skipgram-hs": {"deterministic": True, "loss": "hs", "vector_size": 100},
    "deterministic-cbow-softmax": {
        "deterministic": True,
        "model": "cbow",
        "loss": "softmax",
        "epochs": 1,
    },
    "deterministic-subwords": {"deterministic": True, "minn": 3, "maxn": 6, "buckets": 500},
    "dbow-ns": {"model": "dbow"},
    "dbow-hs": {"model": "dbow", "loss": "hs"},
    "dbow-words-subwords": {
        "model": "dbow",
        "train_words": True,
        "minn": 3,
        "maxn": 6,
        "buckets": 500,
    },
    "dm-ns-tags": {"model": "dm", "tags": "first"},
    "deterministic-dbow-ns": {"deterministic": True, "model": "dbow"},
    "deterministic-dm-ns": {"deterministic": True, "model": "dm"},
}
HASHES = {
    "skipgram-ns": "dab1af9497efb411",
    "skipgram-ns-k1-d1": "486f1e414f05a9d2",
    "skipgram-ns-k12-d100": "988ab5a11d97aa67",
    "skipgram-ns-wide-window": "8da15d22707dba68",
    "skipgram-ns-pair": "08c2b87d6107fe33",
    "skipgram-ns-pair-k12": "a5e39035996b8444",
    "skipgram-hs": "a2f982549da8c8f8",
    "skipgram-hs-pair": "da929ba35ca8accb",
    "skipgram-softmax": "0b31c84d5d24831b",
    "cbow-ns": "5bb18e6f56aad53b",
    "cbow-ns-undivided": "3418b40a99010707",
    "cbow-hs": "6d0db7181bda3f4c",
    "cbow-softmax": "b086310fe34639bb",
    "subwords-skipgram-ns": "4a25c9c3688911e1",
    "subwords-pair": "dfc04e3ab5200c90",
    "subwords-cbow-hs": "0f62fcbfdf29d94e",
    "deterministic-skipgram-ns": "605080df39dccfcd",
    "deterministic-skipgram-pair": "1639e09f45b555df",
    "deterministic-cbow-ns-k12": "3ad6b86f0e7aef31",
    "deterministic-skipgram-hs": "55b5ba7453e46fe3",
    "deterministic-cbow-softmax": "9398599630e320d3",
    "deterministic-subwords": "9ee483edff7a6a8c",
    "dbow-ns": "6c34864e9e2ccf8e",
    "dbow-hs": "f5e2263675ed408e",
    "dbow-words-subwords": "eb2dbed37724c080",
    "dm-ns-tags": "18aff346536cc680",
    "deterministic-dbow-ns": "dc72507b21f3774d",
    "deterministic-dm-ns": "d52de863062fecdf",
    "init": "30d840f26048529b",
    "update": "8be5e9d39f29e075",
    "resumed": "9a97d917093cfae7",
}

needs_fma = pytest.mark.skipif(
    not JIT or not (get_host_cpu_features().get("fma") or get_host_cpu_features().get("neon")),
    reason="without fused multiply-add sums are rounded otherwise",
)


def sentences(count: int = 200, seed: int = 5) -> list[list[str]]:
    """Write lines of 1 to 30 words, the k-th word with frequency 1/k; equal on every platform."""
    draw = random.Random(seed)
    words = [f"{''.join(draw.choices('abcdefgh', k=1 + i % 7))}{i}" for i in range(150)]
    weights = [1 / (i + 1) for i in range(150)]
    return [draw.choices(words, weights, k=draw.randint(1, 30)) for _ in range(count)]


def digest(vectors: fastw2v.WordVectors) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of both tables, and of documents."""
    found = hashlib.sha256(vectors.vectors.tobytes())
    if vectors.output_vectors is not None:
        found.update(vectors.output_vectors.tobytes())
    if vectors.documents is not None:
        found.update(vectors.documents.vectors.tobytes())
    return found.hexdigest()[:16]


def started_from_vectors(how: str) -> fastw2v.WordVectors:
    first = fastw2v.train(sentences(seed=8), **BASE)
    return fastw2v.train(sentences(), **{how: first}, **BASE)


def resumed(folder: Path) -> fastw2v.WordVectors:
    """Stop a run at its third event, and resume it from the checkpoint."""

    class Stopped(KeyboardInterrupt):
        pass

    events = iter(range(10**6))

    def stop(event):
        if isinstance(event, fastw2v.events.Progress) and next(events) == 2:
            raise Stopped

    corpus = sentences(400)
    try:
        fastw2v.train(
            corpus, run_dir=folder, on_event=stop, deterministic=True, **BASE | {"epochs": 5}
        )
    except Stopped:
        return fastw2v.resume(folder, corpus=corpus)
    raise AssertionError("the run was over before it could be stopped")


def results(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the hash of every case."""
    for name, options in CASES.items():
        yield name, digest(fastw2v.train(sentences(), **BASE | options))
    yield "init", digest(started_from_vectors("init"))
    yield "update", digest(started_from_vectors("update"))
    yield "resumed", digest(resumed(folder / "run"))


@needs_fma
@pytest.mark.parametrize("name", CASES)
def test_train_configuration_keeps_bytes(name):
    assert digest(fastw2v.train(sentences(), **BASE | CASES[name])) == HASHES[name]


@needs_fma
@pytest.mark.parametrize("how", ["init", "update"])
def test_train_from_vectors_keeps_bytes(how):
    assert digest(started_from_vectors(how)) == HASHES[how]


@needs_fma
def test_resume_from_checkpoint_keeps_bytes(tmp_path):
    assert digest(resumed(tmp_path / "run")) == HASHES["resumed"]
    uninterrupted = fastw2v.train(sentences(400), deterministic=True, **BASE | {"epochs": 5})
    assert digest(uninterrupted) == HASHES["resumed"]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for case, value in results(Path(name)):
            print(f'    "{case}": "{value}",')
