"""Bad files for every reader: ``python -m bench.fuzz --runs 100000``.

Each run changes a good file in a few places, at random but by its seed and number alone, and has it read. What comes out must be
right or a Fastw2vError, within a time and a memory that the size of the file justifies. A run that goes wrong is named, to
be run again by ``--reader NAME --first N --runs 1``; its file is left where it was.
"""

import faulthandler
import json
import random
import signal
import tempfile
import time
import tracemalloc
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench.machine import describe
from bench.readers import READERS
from bench.table import update_tables
from fastw2v.errors import Fastw2vError

SECONDS = 20  # that a file of some kilobytes may take
NUMBERS = [0, 1, -1, 2, 127, 128, 255, 256, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, -(2**31), -(2**63)]


@dataclass
class Tally:
    """What has come of the files of one reader: how many were read and refused, errors by kind, and what went wrong."""

    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    most_memory: int = 0
    wrong: list = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)


class Least(random.Random):
    """Draws nothing but the least: every reader then does all that it does now and then."""

    def random(self):
        """0, always."""
        return 0.0


def mutate(data, others, rng):
    """The bytes with one to four changes."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        if data:
            rng.choice((flip, overwrite, cut, cut_out, splice, repeat, edit_number, edit_digits))(data, others, rng)
    return bytes(data)


def flip(data, others, rng):
    """Turn a bit."""
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def overwrite(data, others, rng):
    """Put a byte that means something somewhere."""
    data[rng.randrange(len(data))] = rng.choice(b"\x00\n\r\t \x0b\xff\xfe\xef\x80-0.:")


def cut(data, others, rng):
    """Cut off the end, or the beginning."""
    place = rng.randrange(len(data))
    if rng.random() < 0.8:
        del data[place:]
    else:
        del data[:place]


def cut_out(data, others, rng):
    """Take out a piece."""
    place = rng.randrange(len(data))
    del data[place : place + rng.randrange(1, 64)]


def splice(data, others, rng):
    """Put a piece of a good file somewhere."""
    other, place = rng.choice(others), rng.randrange(len(data) + 1)
    begin = rng.randrange(len(other))
    data[place:place] = other[begin : begin + rng.choice((1, 8, 64, len(other)))]


def repeat(data, others, rng):
    """Repeat a piece, now and then a great many times."""
    place, n = rng.randrange(len(data)), rng.choice((1, 4, 64))
    data[place:place] = data[place : place + n] * rng.choice((1, 2, 50, 1000 if n == 1 else 2))


def edit_number(data, others, rng):
    """Overwrite what may be a number in binary."""
    size, number = rng.choice((4, 8)), rng.choice(NUMBERS)
    if len(data) >= size:
        place = rng.randrange(len(data) - size + 1) & ~3
        data[place : place + size] = (number % 256**size).to_bytes(size, rng.choice(("little", "little", "big")))


def edit_digits(data, others, rng):
    """Replace a digit by a number."""
    places = [i for i in range(min(len(data), 4000)) if 48 <= data[i] < 58]
    if places:
        place = rng.choice(places)
        data[place : place + 1] = rng.choice((str(rng.choice(NUMBERS)), "1e400", "nan", "9" * 40, "1_0", "")).encode()


def run(reader, path, number, seed, tally):
    """One file: make it, have it read, and look at what came of it."""
    rng = random.Random(f"{seed} {reader.name} {number}")
    data = mutate(rng.choice(reader.good), reader.good, rng)
    data = reader.mend(data, rng) if reader.mend else data
    path.write_bytes(data)
    began, wrong = time.perf_counter(), None
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    signal.alarm(SECONDS)
    try:
        reader.read(path, data, rng)
        tally.read += 1
    except Fastw2vError as error:
        tally.refused += 1
        tally.kinds[type(error).__name__] += 1
        wrong = reader.wrongly_refused(data, error)
    except (Exception, SystemExit) as error:  # any of them is a finding
        wrong = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    memory, seconds = tracemalloc.get_traced_memory()[1] - before, time.perf_counter() - began
    if wrong is None and memory > reader.memory + 200 * len(data):
        wrong = f"{memory / 1e6:.0f} MB of memory for a file of {len(data):,} bytes"
    tally.seconds += seconds
    tally.slowest, tally.most_memory = max(tally.slowest, seconds), max(tally.most_memory, memory)
    if wrong:
        tally.wrong.append((number, wrong))
        path.rename(path.with_name(f"{reader.name}-{number}"))


def fuzz(readers, runs, first=0, seed=1, folder="/dev/shm"):
    """Have ``runs`` files of each reader read, from number ``first`` on; returns a Tally for each, by name."""
    faulthandler.enable()
    signal.signal(signal.SIGALRM, _too_long)
    tallies, folder = {}, Path(tempfile.mkdtemp(dir=folder if Path(folder).is_dir() else None, prefix="fuzz-"))
    tracemalloc.start()
    try:
        for reader in readers:
            tally = tallies[reader.name] = Tally()
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)  # what NumPy warns of is a number gone wrong
                for data in reader.good:  # must be read; what compiles does so now
                    (folder / "file").write_bytes(data)
                    reader.read(folder / "file", data, Least())
                for number in range(first, first + runs):
                    run(reader, folder / "file", number, seed, tally)
    finally:
        tracemalloc.stop()
    (folder / "file").unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    return tallies


def _too_long(number, frame):
    raise TimeoutError(f"more than {SECONDS} s")


@click.command()
@click.option("--runs", default=100_000, show_default=True, help="How many files, of all readers together.")
@click.option("--reader", "names", multiple=True, type=click.Choice([reader.name for reader in READERS]), help="Only this one.")
@click.option("--first", default=0, help="The number of the first file of each reader.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", help="Write a summary there, as JSON: bench/results/fuzz.json is shown in docs/RELIABILITY.md.")
def main(runs, names, first, seed, out):
    """Have many bad files read, and say what came of it."""
    readers = [reader for reader in READERS if reader.name in names or not names]
    rows = []
    for reader in readers:
        tally = fuzz([reader], -(-runs // len(readers)), first, seed)[reader.name]
        rows.append(
            {
                "reader": reader.name, "read": tally.read, "refused": tally.refused, "wrong": len(tally.wrong),
                "slowest_s": tally.slowest, "most_mb": tally.most_memory / 1e6,
            }
        )  # fmt: skip
        click.echo(
            f"{reader.name:12} {tally.read:7,} read {tally.refused:7,} refused {len(tally.wrong):5,} wrong"
            f"  {tally.seconds:6.1f} s, slowest {tally.slowest:.2f} s, at most {tally.most_memory / 1e6:.1f} MB"
        )
        for number, what in tally.wrong[:10]:
            click.echo(f"  {number}: {what[:200]}")
    if out:
        Path(out).write_text(json.dumps({"machine": describe("numpy"), "seed": seed, "rows": rows}, indent=1) + "\n", "utf8")
        update_tables()
    raise SystemExit(any(row["wrong"] for row in rows))


if __name__ == "__main__":
    main()
