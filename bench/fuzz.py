"""Bad files for every reader: ``python -m bench.fuzz --runs 100000``.

Each run changes a good file in a few places, at random but by its seed and number alone, and has it
read by another process: bytes of any file, or what stands in files of a known structure, whose
checksums are made right (bench.mutations). What comes out must be right or a Fastw2vError of one
line, within a time and a memory that the size of the file justifies. A run that goes wrong is shown
with the command that repeats it; its file is kept in /dev/shm.
"""

import faulthandler
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import click

from bench.machine import describe
from bench.readers import READERS
from bench.structured import STRUCTURED
from bench.table import update_tables, write_json
from fastw2v.errors import Fastw2vError

ALL = [*READERS, *STRUCTURED]
SECONDS = 10  # that a file of some kilobytes may take
START = 900  # seconds in which a process has read the good files, and has compiled what it needs
LARGE = 1 << 30  # bytes of memory that no file of some kilobytes may take
ADDRESSES = 8 << 30  # bytes of address space: what takes more is stopped before the machine is
NUMBERS = [
    0,
    1,
    -1,
    2,
    127,
    128,
    255,
    256,
    2**15,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
    2**62,
    2**63 - 1,
    -(2**31),
    -(2**63),
]


@dataclass
class Tally:
    """What has come of the files of one reader: how many were read and refused, errors by kind, and
    what went wrong.
    """

    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    most_memory: int = 0
    wrong: list = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)

    def add(self, outcome):
        """Count what came of a file."""
        if outcome.wrong:
            self.wrong.append((outcome.number, outcome.wrong))
        elif outcome.error:
            self.refused += 1
            self.kinds[outcome.error] += 1
        else:
            self.read += 1
        self.seconds += outcome.seconds
        self.slowest, self.most_memory = (
            max(self.slowest, outcome.seconds),
            max(self.most_memory, outcome.memory),
        )


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
            rng.choice((flip, overwrite, cut, cut_out, splice, repeat, edit_number, edit_digits))(
                data, others, rng
            )
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
        data[place : place + size] = (number % 256**size).to_bytes(
            size, rng.choice(("little", "little", "big"))
        )


def edit_digits(data, others, rng):
    """Replace a digit by a number."""
    places = [i for i in range(min(len(data), 4000)) if 48 <= data[i] < 58]
    if places:
        place = rng.choice(places)
        data[place : place + 1] = rng.choice(
            (str(rng.choice(NUMBERS)), "1e400", "nan", "9" * 40, "1_0", "")
        ).encode()


class Outcome(NamedTuple):
    """What has come of a file: the name of the error that refused it, or None if it was read; what
    is wrong, or None.
    """

    number: int
    error: str | None
    wrong: str | None
    seconds: float = 0.0
    memory: int = 0


def run(reader, path, number, seed):
    """One file: make it, have it read, and look at what came of it."""
    rng = random.Random(f"{seed} {reader.name} {number}")
    data = rng.choice(reader.files)
    data = reader.change(data, rng) if reader.change else mutate(data, reader.files, rng)
    data = reader.mend(data, rng) if reader.mend else data
    path.write_bytes(data)
    began, refused, wrong = time.perf_counter(), None, None
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    signal.alarm(SECONDS)
    try:
        reader.read(path, data, rng)
    except Fastw2vError as error:
        refused, wrong = type(error).__name__, reader.wrongly_refused(data, error)
    except (Exception, SystemExit) as error:  # any of them is a finding
        place = traceback.extract_tb(error.__traceback__)[-1]
        wrong = (
            f"{type(error).__name__}: {str(error)[:150]}"
            f" ({Path(place.filename).name}:{place.lineno})"
        )
    finally:
        signal.alarm(0)
    memory, seconds = tracemalloc.get_traced_memory()[1] - before, time.perf_counter() - began
    if wrong is None and memory > reader.memory + 200 * len(data):
        wrong = f"{memory / 1e6:.0f} MB of memory for a file of {len(data):,} bytes"
    if wrong is None and (resident := _resident()) > reader.resident:
        wrong, reader.resident = (
            f"{resident / 1e6:,.0f} MB of memory in the whole process",
            resident,
        )
    if wrong:
        keep(path, reader, number)
    return Outcome(number, refused, wrong, seconds, memory)


def _resident():
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def keep(path, reader, number):
    """Leave the file where it can be looked at."""
    if path.exists():
        path.rename(path.parent.with_name(f"{reader.name}-{number}".replace(" ", "-")))


def outcomes(reader, first, stop, seed, path):
    """The Outcome of each file of a reader, in this process; the good files come first, and must be
    read.
    """
    faulthandler.enable()
    signal.signal(signal.SIGALRM, _too_long)
    try:
        with warnings.catch_warnings():
            # what NumPy warns of is a number gone wrong
            warnings.simplefilter("error", RuntimeWarning)
            for data in reader.files:  # what compiles does so now
                path.write_bytes(data)
                reader.read(path, data, Least())
            reader.resident = _resident() + LARGE
            tracemalloc.start()
            for number in range(first, stop) if reader.files else ():
                yield run(reader, path, number, seed)
    finally:
        tracemalloc.stop()


def outcomes_apart(reader, first, stop, seed, path):
    """The same by processes of their own: that one dies, or does not answer, is an Outcome too."""
    # of one that has trained nothing: it is ready at once
    context = multiprocessing.get_context("fork")
    while first < stop:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(theirs, reader.name, first, stop, seed, path))
        process.start()
        theirs.close()
        patience = START
        try:
            while first < stop:
                if not ours.poll(patience):
                    raise EOFError
                yield ours.recv()
                first, patience = first + 1, 2 * SECONDS
        except EOFError:
            if process.exitcode is None:
                process.join(1)
            how = (
                f"the process ended, {process.exitcode}"
                if process.exitcode is not None
                else "does not end"
            )
            process.kill()
            if patience == START and process.exitcode != 0 and not path.exists():
                raise RuntimeError(f"{reader.name}: its good files cannot be read") from None
            keep(path, reader, first)
            yield Outcome(first, None, how)
            first += 1
        process.kill()
        process.join()
        ours.close()


def _send(connection, name, first, stop, seed, path):
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    sys.stdin = open(os.devnull)
    reader = next(reader for reader in ALL if reader.name == name)
    for outcome in outcomes(reader, first, stop, seed, path):
        connection.send(outcome)


def fuzz(readers, runs, first=0, seed=1, folder="/dev/shm", apart=False):
    """Have ``runs`` files of each reader read, from number ``first`` on; returns a Tally for each,
    by name.

    apart : in processes of their own, which may crash.
    """
    tallies, folder = (
        {},
        Path(tempfile.mkdtemp(dir=folder if Path(folder).is_dir() else None, prefix="fuzz-")),
    )
    for reader in readers:
        tally = tallies[reader.name] = Tally()
        work = folder / "work"
        work.mkdir()
        for outcome in (outcomes_apart if apart else outcomes)(
            reader, first, first + runs, seed, work / "file"
        ):
            tally.add(outcome)
        shutil.rmtree(work)
    if not any(folder.iterdir()):
        folder.rmdir()
    return tallies


def _too_long(number, frame):
    raise TimeoutError(f"more than {SECONDS} s")


def merged(path, rows):
    """Rows, and those in a file of readers that were not run now, in the order of the readers."""
    before = json.loads(path.read_text("utf8"))["rows"] if path.exists() else []
    by_name = {row["reader"]: row for row in [*before, *rows]}
    return [by_name[reader.name] for reader in ALL if reader.name in by_name]


@click.command()
@click.option(
    "--runs", default=100_000, show_default=True, help="How many files, of all readers together."
)
@click.option(
    "--reader",
    "names",
    multiple=True,
    type=click.Choice([reader.name for reader in ALL]),
    help="Only this one.",
)
@click.option("--first", default=0, help="The number of the first file of each reader.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--out",
    help=(
        "Write a summary there, as JSON, or put it in place of the same readers' rows:"
        " bench/results/fuzz.json."
    ),
)
def main(runs, names, first, seed, out):
    """Have many bad files read, and say what came of it."""
    readers = [reader for reader in ALL if reader.name in names or not names]
    rows = []
    for reader in readers:
        tally = fuzz([reader], -(-runs // len(readers)), first, seed, apart=True)[reader.name]
        rows.append(
            {
                "reader": reader.name,
                "read": tally.read,
                "refused": tally.refused,
                "wrong": len(tally.wrong),
                "slowest_s": tally.slowest,
                "most_mb": tally.most_memory / 1e6,
            }
        )
        click.echo(
            f"{reader.name:12} {tally.read:7,} read {tally.refused:7,} refused"
            f" {len(tally.wrong):5,} wrong  {tally.seconds:6.1f} s, slowest {tally.slowest:.2f} s,"
            f" at most {tally.most_memory / 1e6:.1f} MB"
        )
        for number, what in tally.wrong[:10]:
            click.echo(
                f"  {what}\n    python -m bench.fuzz --seed {seed} --reader {reader.name!r} --first"
                f" {number} --runs 1"
            )
    if out:
        rows = merged(Path(out), rows)
        write_json(out, {"machine": describe("numpy"), "seed": seed, "rows": rows})
        update_tables()
    raise SystemExit(any(row["wrong"] for row in rows))


if __name__ == "__main__":
    main()
