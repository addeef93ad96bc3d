"""What the same bytes cost: ``--deterministic`` beside Hogwild, on one thread and on more, in turn.

    python -m bench.deterministic CORPUS --eval FOLDER

Of each, ``--repeat`` runs with the settings of ``bench.peers``: seconds, words/s, peak memory and
quality (medians), and how many different files they made. FOLDER is that of ``bench.peers``. Writes
bench/results/deterministic.json, and the table in docs/RELIABILITY.md.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from bench.machine import describe
from bench.peers import measure, median_row, quality
from bench.table import RESULTS, update_tables

MODES = {"Hogwild": [], "deterministic": ["--deterministic"]}


@click.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False, resolve_path=True))
@click.option("--eval", "folder", required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--threads", multiple=True, default=(1, 2), show_default=True)
@click.option("--epochs", default=5, show_default=True)
@click.option("--repeat", default=3, show_default=True)
def main(corpus, folder, threads, epochs, repeat):
    """Measure both ways on CORPUS."""
    words = int(
        subprocess.run(
            ["wc", "-w", corpus], capture_output=True, text=True, check=True
        ).stdout.split()[0]
    )
    ways = [(mode, n) for n in threads for mode in MODES]
    rounds, sums = {way: [] for way in ways}, {way: set() for way in ways}
    with tempfile.TemporaryDirectory() as temporary:
        out = str(Path(temporary, "vectors.bin"))
        command = [sys.executable, "-m", "fastw2v", "train", corpus, "-o", out]
        for mode in MODES:
            measure([*command, *MODES[mode], "--epochs", "1"], out, words)  # compiles
        for mode, n in ways * repeat:
            ours = [*command, *MODES[mode], "--threads", str(n), "--epochs", str(epochs)]
            row = measure(ours, out, words * epochs) | quality(out, folder)
            click.echo(f"{mode}, {n}: {row}", err=True)
            rounds[mode, n].append(row)
            sums[mode, n].add(hashlib.sha256(Path(out).read_bytes()).hexdigest())
    rows = [
        median_row(mode, rounds[mode, n])
        | {
            "threads": n,
            "files": len(sums[mode, n]),
            "sha256": sorted(sums[mode, n]),
        }
        for mode, n in ways
    ]
    result = {
        "corpus": {"name": Path(corpus).name, "words": words},
        "epochs": epochs,
        "machine": describe("gensim"),
        "deterministic_files": len(
            set.union(*(sums[way] for way in ways if way[0] == "deterministic"))
        ),
        "rows": rows,
    }
    Path(RESULTS, "deterministic.json").write_text(
        json.dumps(result, indent=1) + "\n", encoding="utf8"
    )
    update_tables()


if __name__ == "__main__":
    main()
