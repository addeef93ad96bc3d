"""What this machine is to the trainer: its code, threads and cache; whether it computes what it
should, and how fast.
"""

import platform
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastw2v import __version__
from fastw2v.config import TrainConfig
from fastw2v.cores import available_cores
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.corpus.vocabulary import Vocabulary
from fastw2v.kernels import jit, numba_compat
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.kernels.processor import BOTH, PRODUCTS, TALL, WIDE, multiply_and_add, processor
from fastw2v.kernels.simd.tiles import lanes, padded
from fastw2v.kernels.train.state import GROUPS_PLANNED
from fastw2v.reference import trainer as reference
from fastw2v.training.schedule import EpochSchedule
from fastw2v.training.state import run_tables
from fastw2v.training.trainers import make_trainer, warm_up

FEW, MANY = 1_500, 2_000_000  # tokens that are compared with the reference, and that are timed
CLOSE = 1e-4  # of the largest number: what float32 may differ from the reference
SECONDS = 1.0  # that a speed is measured for, at least
TRIALS = 5


@dataclass(frozen=True)
class Speed:
    """threads;  words_per_s : tokens of the text in a second;  arithmetic : multiply-adds
    of these threads when nothing else runs, as a multiple of those of one thread: about 1.2 for two
    hyperthreads of one core;  share : of these multiply-adds that training does, 0 to 1.
    """

    threads: int
    words_per_s: float
    arithmetic: float
    share: float


def machine() -> dict[str, Any]:
    """What the machine and the program are, by name: values that JSON can hold."""
    return processor() | {
        "register_bits": register_bits(),
        "cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {
            "fastw2v": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba_compat.VERSION,
        },
        "cache": jit.cache_folder(multiply_and_add),
    }


def register_bits() -> int:
    """The widest registers that compiled code uses, by its text; 0 where nothing is compiled."""
    text = jit.code_of(multiply_and_add, *_arguments())
    return next(
        (
            bits
            for name, bits in (("zmm", 512), ("ymm", 256), ("xmm", 128), (".4s", 128))
            if name in text
        ),
        0,
    )


def synthetic_corpus(tokens: int, V: int, line: int = 20) -> tuple[EncodedCorpus, np.ndarray]:
    """An encoded corpus of random words by Zipf's law, in lines of equal length, and its lines."""
    rng = np.random.default_rng(1)
    p = 1 / np.arange(1, V + 1)
    words = rng.choice(V, tokens, p=p / p.sum()).astype(np.int32)
    ids = np.concatenate(
        [words.reshape(-1, line), np.full((tokens // line, 1), -1, np.int32)], axis=1
    ).reshape(-1)
    ids.flags.writeable = False  # as those of a corpus: kernels are compiled for either
    words = words.reshape(-1, line)
    counts = np.sort(np.maximum(np.bincount(words.reshape(-1), minlength=V), 1))[::-1]
    return EncodedCorpus(ids, Vocabulary([f"w{i}" for i in range(V)], counts), tokens, V), words


def differences() -> dict[str, float]:
    """How far the tables that are trained in each way are from the reference's, as a share of their
    largest number, by name.
    """
    encoded, lines = synthetic_corpus(FEW, 100)
    ways: dict[str, dict[str, Any]] = {
        "Hogwild, 1 thread": {"threads": 1},
        "deterministic": {"deterministic": True},
    }
    ways |= {
        f"{name}, per pair": options | {"negatives_per": "pair"} for name, options in ways.items()
    }
    return {
        name: _difference(encoded, lines, TrainConfig(vector_size=20, epochs=1, sample=0, **way))
        for name, way in ways.items()
    }


def _difference(encoded: EncodedCorpus, lines: np.ndarray, config: TrainConfig) -> float:
    tables, _ = run_tables(encoded.vocabulary, config)
    slow = tables.W_in[:, : config.vector_size].copy(), tables.W_out[:, : config.vector_size].copy()
    trainer = make_trainer(encoded, config, tables)
    trainer.train(0, 0, len(encoded.ids), EpochSchedule(config, len(encoded.ids)).rate(0, 0, 0))
    group = trainer.step // GROUPS_PLANNED if config.deterministic else None
    reference.train(lines.tolist(), encoded.vocabulary.counts, *slow, config, None, group)
    pairs = zip(slow, tables[:2], strict=True)
    return max(
        float(np.abs(table[:, : config.vector_size] - one).max() / np.abs(one).max())
        for one, table in pairs
    )


def speeds(threads: int) -> list[Speed]:
    """A Speed for one thread and for all: skip-gram with the defaults on made-up text of 50,000
    words.
    """
    encoded, _ = synthetic_corpus(MANY, 50_000)
    numbers = sorted({1, threads})
    bounds = {n: multiply_adds_per_s(n) for n in numbers}
    return [_speed(encoded, TrainConfig(threads=n), bounds) for n in numbers]


def _speed(encoded: EncodedCorpus, config: TrainConfig, bounds: Mapping[int, float]) -> Speed:
    tables, _ = run_tables(encoded.vocabulary, config)
    trainer, N = make_trainer(encoded, config, tables), len(encoded.ids)
    warm_up(trainer)
    rate, best, began = EpochSchedule(config, N).rate(0, 0, N), (0.0, 0.0), time.perf_counter()
    while not best[0] or time.perf_counter() - began < SECONDS:
        start = time.perf_counter()
        statistics = trainer.train(0, 0, N, rate)
        seconds = time.perf_counter() - start
        groups = padded(config.vector_size, np.float32) // lanes(np.float32)
        adds = 3 * statistics.pairs * (config.negative + 1) * groups  # scores, and both gradients
        best = max(best, (encoded.tokens / seconds, adds / seconds))
    bound = bounds[config.thread_count]
    return Speed(config.thread_count, best[0], bound / bounds[1], best[1] / bound)


def multiply_adds_per_s(threads: int = 1) -> float:
    """Fused multiply-adds of vectors that threads do together in a second, when nothing else is to
    do.
    """
    n, best = 1_000_000, 0.0
    calls = [_arguments(n) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TRIALS):
            began = time.perf_counter()
            list(pool.map(lambda arguments: multiply_and_add(*arguments), calls))
            best = max(best, threads * PRODUCTS * n / (time.perf_counter() - began))
    return best


def _arguments(n: int = 1) -> tuple[Any, ...]:
    """Arguments of multiply_and_add for n repetitions."""
    return (
        aligned_zeros((PRODUCTS, lanes(np.float32)), np.float32),
        np.arange(PRODUCTS, dtype=np.int32),
        n,
        TALL,
        WIDE,
        BOTH,
    )
