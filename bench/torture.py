"""Kill a run at random moments, resume it, and count results that differ: ``python -m
bench.torture [--kills 100]``.

Every run trains on the same corpus, is ended once or more (while it encodes, trains, writes a
checkpoint or saves), is resumed until it ends by itself, and its vectors are compared, byte for
byte, with those of an uninterrupted run. Most are ended by SIGKILL, some by Ctrl-C, pressed
once or three times, or SIGTERM; now and then the newest checkpoint is damaged then.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.machine import describe
from bench.table import RESULTS, update_tables, write_json

ROOT = Path(__file__).parent.parent
RESULT = RESULTS / "torture.json"
KILL = (signal.SIGKILL,)
SIGNALS = [KILL] * 7 + [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGINT,) * 3]
DAMAGED = 0.1  # share of ends after which the newest checkpoint is damaged
PATIENT = ("--eval", str(ROOT / "data" / "world-pairs.tsv"), "--patience", "3")
MODES = [
    ("--threads", "1"),
    ("--deterministic",),
    ("--threads", "1", *PATIENT),
    ("--deterministic", "--model", "cbow", "--maxn", "6", "--buckets", "5000"),
]


def command(*args):
    """The program as a process: what it says is kept in a pipe."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "fastw2v", *map(str, args)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process):
    """Wait for a process that is expected to end well; returns what it said."""
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"fastw2v failed: {output}")
    return output


def moment(run, output):
    """What a run was doing, by what it has left behind."""
    if output.exists():
        return "after saving"
    if any(output.parent.glob(".fastw2v-*")):
        return "saving"
    if any(run.glob(".fastw2v-*")):
        return "checkpointing"
    log = run / "log.jsonl"
    if log.exists() and '"progress"' in log.read_text():
        return "training"
    return "before training" if (run / "run.json").exists() else "starting"


def disturbed(folder, corpus, options, whole_s, rng):
    """A run that is killed once or more; returns its vectors' sum, and what it was doing when it
    was killed.
    """
    run, output, when = folder / "run", folder / "v.bin", []
    process = command("train", corpus, "--run-dir", run, "-o", output, *options)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        time.sleep(rng.uniform(0.1, 1.05) * whole_s)
        signals = rng.choice(SIGNALS)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.01)
        process.communicate()
        if process.returncode == 0:
            return sha256(output), when
        when.append(moment(run, output) if signals == KILL else "by another signal")
        if rng.random() < DAMAGED:
            when += damage(run, rng)
        begun = (run / "run.json").exists()
        again = ("--resume", run) if begun else (corpus, "--run-dir", run, "-o", output, *options)
        process = command("train", *again, *(("--checkpoint-every", options[-1]) if begun else ()))
    ended(process)
    return sha256(output), when


def damage(run, rng):
    """Change a byte of the newest checkpoint, if there is one."""
    newest = max(run.glob("checkpoint-*.fw2c"), default=None)
    if newest is None:
        return []
    data = bytearray(newest.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    newest.write_bytes(data)
    return ["damaged"]


def sha256(path):
    """The sum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@click.command()
@click.option(
    "--kills", default=100, show_default=True, help="How often a run is killed, at least."
)
@click.option("--corpus", default=str(ROOT / "data" / "world.txt"), show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--out", default=str(RESULT), show_default=True)
def main(kills, corpus, seed, out):
    """Run the torture and write what came of it."""
    rng, moments, different, runs = random.Random(seed), Counter(), 0, 0
    with TemporaryDirectory() as folder:
        folder = Path(folder)
        for mode in MODES:
            options = (*mode, "--epochs", "20", "--checkpoint-every", "100000")
            ended(command("train", corpus, "-o", folder / "first.bin", *options[:-2]))  # compiles
            began = time.perf_counter()
            ended(command("train", corpus, "-o", folder / "whole.bin", *options[:-2]))
            whole_s, expected, killed = time.perf_counter() - began, sha256(folder / "whole.bin"), 0
            while killed < kills / len(MODES):
                place = folder / str(runs)
                place.mkdir()
                found, when = disturbed(place, corpus, options, whole_s, rng)
                runs, killed, different = (
                    runs + 1,
                    killed + len(when) - when.count("damaged"),
                    different + (found != expected),
                )
                moments.update(when)
                print(
                    f"{' '.join(mode)}: killed {killed:3}, {different} different "
                    f" ({', '.join(when)})",
                    flush=True,
                )
                for file in sorted(place.rglob("*"), reverse=True):
                    file.unlink() if file.is_file() else file.rmdir()
    damaged = moments.pop("damaged", 0)
    result = {
        "kills": sum(moments.values()),
        "damaged": damaged,
        "runs": runs,
        "different": different,
        "moments": dict(moments),
        "seed": seed,
    }
    write_json(out, {"machine": describe("numpy", "numba"), **result})
    if Path(out) == RESULT:
        update_tables()
    print(json.dumps(result))
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
