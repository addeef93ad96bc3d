"""What the same bytes cost: ``--deterministic`` beside Hogwild, on one thread and on more, in turn.

    python -m bench.deterministic CORPUS --eval FOLDER

Of each, ``--repeat`` runs with the settings of ``bench.peers``: seconds, words/s, peak memory and
quality (medians), and how many different files they made. FOLDER is that of ``bench.peers``. Writes
bench/results/deterministic.json, and the table in docs/RELIABILITY.md.
"""

import hashlib
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import click

from bench.machine import describe
from bench.peers import (
    CORPUS,
    EPOCHS,
    EVAL,
    REPEAT,
    count_words,
    measure,
    measure_in_turns,
    quality,
)
from bench.table import write_result

MODES = {"Hogwild": [], "deterministic": ["--deterministic"]}


@click.command()
@CORPUS
@EVAL
@click.option("--threads", multiple=True, default=(1, 2), show_default=True)
@EPOCHS
@REPEAT
def main(corpus, folder, threads, epochs, repeat):
    """Measure both ways on CORPUS."""
    words, hashes = count_words(corpus), defaultdict(set)
    with tempfile.TemporaryDirectory() as temporary:
        out = str(Path(temporary, "vectors.bin"))
        command = [sys.executable, "-m", "fastw2v", "train", corpus, "-o", out]
        for mode in MODES:
            measure([*command, *MODES[mode], "--epochs", "1"], out, words)  # compiles
        trainers = {
            (mode, n): [*command, *MODES[mode], "--threads", str(n), "--epochs", str(epochs)]
            for n in threads
            for mode in MODES
        }

        def score(mode_and_threads):
            hashes[mode_and_threads].add(hashlib.sha256(Path(out).read_bytes()).hexdigest())
            return quality(out, folder)

        rows = measure_in_turns(trainers, out, words * epochs, repeat, score)
    for row, (mode, n) in zip(rows, trainers, strict=True):
        row |= {
            "name": mode,
            "threads": n,
            "files": len(hashes[mode, n]),
            "sha256": sorted(hashes[mode, n]),
        }
    result = {
        "corpus": {"name": Path(corpus).name, "words": words},
        "epochs": epochs,
        "machine": describe("gensim"),
        "deterministic_files": len(
            set.union(*(hashes[mode, n] for mode, n in trainers if mode == "deterministic"))
        ),
        "rows": rows,
    }
    write_result("deterministic", result)


if __name__ == "__main__":
    main()
