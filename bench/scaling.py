"""What the cost of training grows with: threads, D, K, window, vocabulary, corpus; and naive
softmax beside negative sampling.

    python -m bench.scaling CORPUS

Negatives per window and the defaults of ``fastw2v train`` where a section does not vary them. Every
figure is the median of ``--repeat`` rounds in which all settings take turns on the same part of
the corpus. (All trainers are in memory together: 20 times the tables of one.) What the
threads' arithmetic gains without training is measured too: two threads may be hyperthreads of one
core. Writes bench/results/scaling.json and two figures beside it.
"""

import statistics
import tempfile
import time
from pathlib import Path

import click
import numpy as np

from bench.machine import describe
from bench.table import RESULTS, write_result
from fastw2v.config import TrainConfig, available_cores
from fastw2v.corpus.encoded import open_corpus, write_encoded
from fastw2v.doctor import multiply_adds_per_s

STRETCH = 2_000_000  # positions of the corpus trained for one figure
WARM = 200_000  # positions trained before anything is timed
SIZES = [1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000]
VOCABULARIES = [1000, 3000, 10_000, 30_000, 100_000]
SOFTMAX = [100, 316, 1000, 3162, 10_000, 31_623, 100_000]
LABELS = {
    "threads": "threads",
    "vector_size": "dimensions D",
    "negative": "negatives K",
    "window": "window",
    "max_vocab": "words in the vocabulary",
    "tokens": "words of the corpus",
}


def settings(cores):
    """The values of every section."""
    return {
        "threads": sorted({1, cores, *(2**i for i in range(1, 8) if 2**i <= cores)}),
        "vector_size": [50, 100, 200, 300, 500],
        "negative": [2, 5, 7, 10, 15],
        "window": [2, 5, 8, 15],
    }


class Trial:
    """A trainer that can be timed again and again, always on the same positions, as one epoch of
    many would train them.
    """

    def __init__(self, encoded, **options):
        from fastw2v.training.schedule import EpochSchedule
        from fastw2v.training.state import initial_tables
        from fastw2v.training.trainers import make_trainer, warm_up

        self.ids = encoded.ids
        config = TrainConfig(epochs=1000, **options)
        self.trainer = make_trainer(
            encoded,
            config,
            initial_tables(len(encoded.vocabulary), config.vector_size, config.seed),
        )
        self.rate = EpochSchedule(config, len(self.ids)).rate(0, 0, 0)
        warm_up(self.trainer)
        self.trainer.train(0, 0, min(WARM, len(self.ids)), self.rate)

    def seconds(self, start, stop):
        """Seconds to train positions start ... stop - 1."""
        began = time.perf_counter()
        self.trainer.train(0, start, stop, self.rate)
        return time.perf_counter() - began

    def words(self, start, stop):
        """Words that stand there."""
        return int((self.ids[start:stop] >= 0).sum())


def trials(encoded, path, cores):
    """All trainers, by section and value: they are alive together, so as to take turns."""
    made = {
        name: {value: Trial(encoded, **{name: value}) for value in values}
        for name, values in settings(cores).items()
    }
    sizes = [V for V in VOCABULARIES if V < len(encoded.vocabulary)] + [len(encoded.vocabulary)]
    return made | {
        "max_vocab": {V: Trial(open_corpus(path, TrainConfig(max_vocab=V))) for V in sizes}
    }


def measure_trials(made, repeat):
    """Words/s of each trial: medians of rounds in which all of them take turns."""
    found = {(name, x): [] for name, values in made.items() for x in values}
    for _ in range(repeat):
        for (name, x), speeds in found.items():
            trial = made[name][x]
            start = min(WARM, len(trial.ids) // 4)
            stop = min(start + STRETCH, len(trial.ids))
            speeds.append(trial.words(start, stop) / trial.seconds(start, stop))
    return {
        name: [
            {"x": x, "words_per_s": statistics.median(found[name, x]), "rounds": repeat}
            for x in values
        ]
        for name, values in made.items()
    }


def vary_corpus(trial, repeat):
    """Seconds for one pass over the first positions of the corpus."""
    sizes = [size for size in SIZES if size <= len(trial.ids)] or [len(trial.ids)]
    found = {size: [] for size in sizes}
    for _ in range(repeat):
        for size in sizes:
            found[size].append(trial.seconds(0, size))
    return [
        {"x": trial.words(0, size), "seconds": statistics.median(seconds), "rounds": repeat}
        for size, seconds in found.items()
    ]


def naive_softmax(repeat, D=100, K=5):
    """Nanoseconds for one pair of words on one thread: naive softmax over V words, and negative
    sampling with K of them.
    """
    from bench.pairs import prepare, random_tables, train_blocks
    from fastw2v.kernels.train.state import NEGATIVES, VOCABULARY

    rng, rows = np.random.default_rng(1), []
    for V in SOFTMAX:
        tables = random_tables(rng, V, D, 1 / D)
        few, many = max(1_000_000 // V, 10), 20_000
        words = rng.integers(0, V, (many, 1 + K + 1)).astype(np.int32)
        ways = {
            "softmax_ns": (few, *prepare(tables, 1, K, VOCABULARY)),
            "sampling_ns": (many, *prepare(tables, 1, K, NEGATIVES)),
        }
        found = {name: [] for name in ways}
        for turn in range(repeat + 1):
            for name, (n, run, workspace) in ways.items():
                began = time.perf_counter()
                train_blocks(words[:n, :1], 1, words[:n, 1:], np.float32(1e-3), 1, run, workspace)
                if turn:  # the first compiles
                    found[name].append((time.perf_counter() - began) / n * 1e9)
        rows.append({"x": V} | {name: statistics.median(times) for name, times in found.items()})
    return rows


def draw(result):
    """The figures."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
    for axis, (name, rows) in zip(axes.flat, result["sections"].items(), strict=True):
        x = [row["x"] for row in rows]
        if name == "tokens":
            axis.plot(
                [n / 1e6 for n in x], [row["seconds"] for row in rows], "o-", color="tab:blue"
            )
            axis.set(xlabel="million words of the corpus", ylabel="seconds for one pass")
        else:
            axis.plot(x, [row["words_per_s"] / 1e6 for row in rows], "o-", color="tab:blue")
            axis.set(xlabel=LABELS[name], ylabel="million words/s")
            axis.set_xscale("log" if name == "max_vocab" else "linear")
            if name == "threads":
                axis.plot(
                    x,
                    [rows[0]["words_per_s"] * n / x[0] / 1e6 for n in x],
                    ":",
                    color="gray",
                    label="in proportion",
                )
                rows_alone = result.get("arithmetic", [])  # not in older results
                axis.plot(
                    [row["x"] for row in rows_alone],
                    [row["of_one"] * rows[0]["words_per_s"] / 1e6 for row in rows_alone],
                    "--",
                    color="gray",
                    label="as arithmetic alone",
                )
                axis.set_xticks(x)
                axis.legend()
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    figure.suptitle(
        f"fastw2v train on {result['machine']['cpu']} ({result['machine']['llvm_cpu']}),"
        f" {result['threads']} threads"
    )
    figure.savefig(RESULTS / "scaling.png", dpi=100)
    plt.close(figure)

    figure, axis = plt.subplots(figsize=(6.5, 4), layout="constrained")
    rows = result["naive_softmax"]
    for name, label in (
        ("softmax_ns", "naive softmax over all V words"),
        ("sampling_ns", "negative sampling, K = 5"),
    ):
        axis.loglog(
            [row["x"] for row in rows], [row[name] / 1e3 for row in rows], "o-", label=label
        )
    axis.set(
        xlabel="words in the vocabulary V",
        ylabel="microseconds for one pair",
        title="Why negative sampling exists",
    )
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(RESULTS / "softmax.png", dpi=100)
    plt.close(figure)


@click.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False))
@click.option("--repeat", default=5, show_default=True)
def main(corpus, repeat):
    """Measure on CORPUS."""
    cores = available_cores()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corpus.fw2v")
        write_encoded(corpus, path, TrainConfig())
        encoded = open_corpus(path, TrainConfig())
        sections = measure_trials(trials(encoded, path, cores), repeat)
        sections["tokens"] = vary_corpus(Trial(encoded), repeat)
    numbers = [row["x"] for row in sections["threads"]]
    bounds = {n: multiply_adds_per_s(n) for n in numbers}
    result = {
        "corpus": {
            "name": Path(corpus).name,
            "words": encoded.tokens,
            "vocabulary": len(encoded.vocabulary),
        },
        "threads": cores,
        "machine": describe("matplotlib"),
        "sections": sections,
        "arithmetic": [{"x": n, "of_one": bounds[n] / bounds[1]} for n in numbers],
        "naive_softmax": naive_softmax(repeat),
    }
    write_result("scaling", result)
    draw(result)


if __name__ == "__main__":
    main()
