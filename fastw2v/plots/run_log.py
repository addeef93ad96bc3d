"""Reading a run folder: its configuration, its corpus and its log."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastw2v.errors import PlotError
from fastw2v.files import reason
from fastw2v.paths import AnyPath, is_folder, open_regular, read_at_most, shown

MAX_METADATA_BYTES = 1 << 26  # bytes of run.json
MAX_LINE_BYTES = 1 << 20  # bytes of a line of the log
TEXT_CHARACTERS = 300  # characters of a text on a page
MAX_SHOWN = 100  # settings, scores of an epoch, and resumes that are shown
MAX_EPOCHS = 1000  # that have scores
MAX_LOG_BYTES = 1 << 26  # bytes of a log
NUMBER_LIMIT = 2**63  # limit of numbers in a log
MIN_STEP_SECONDS = 1e-9  # seconds between lines of progress that a speed is measured over
MAX_TIME_SECONDS = 3e10  # latest time, in seconds since 1970, that all systems can format
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NUMBERS = ("tokens", "total", "epoch", "rate", "words_per_s", "seconds")  # of a line of progress


Line = dict[str, float]  # of progress


@dataclass
class Run:
    """A run folder, as far as it could be read.

    Attributes
    ----------
    config, corpus
        Configuration and corpus, as in run.json.
    output
        Path of the vectors.
    inputs
        Other paths that the run reads or writes.
    corpora
        Paths of its corpus, also folders and globs.
    progress
        Lines of the log, without work that was lost and repeated.
    scores
        Scores by epoch and name.
    best
        Epochs whose scores were the best so far.
    sessions
        Times [begin, last entry] of each start of the program.
    resumed
        Tokens at each resume.
    ended
        Whether the log is complete.
    machine, threads
        Machine and threads of the last start.
    synchronisation
        Cost of synchronising ranks in the last epoch, as in the log.
    unread
        Number of lines that could not be read.
    cut
        Whether the log is too long to be read whole.
    """

    folder: Path
    version: str
    config: dict[str, Any]
    corpus: dict[str, Any]
    output: Path | None
    inputs: list[Path] = field(default_factory=list)
    corpora: list[str] = field(default_factory=list)
    progress: list[Line] = field(default_factory=list)
    scores: dict[int, dict[str, float]] = field(default_factory=dict)
    best: set[int] = field(default_factory=set)
    sessions: list[list[float]] = field(default_factory=list)
    resumed: list[float] = field(default_factory=list)
    ended: bool = False
    machine: str = ""
    threads: int | None = None
    synchronisation: dict[str, float] = field(default_factory=dict)
    unread: int = 0
    cut: bool = False

    @property
    def seconds(self) -> float:
        """Seconds of training over all sessions, without compiling and without lost work."""
        return self.progress[-1]["seconds"] if self.progress else 0.0

    @property
    def words_per_s(self) -> float:
        """Mean speed between the lines of progress of each session, or that of the last line; nan
        without any.
        """
        steps = list(self.steps())
        if not steps:
            return self.progress[-1]["words_per_s"] if self.progress else math.nan
        return sum(tokens for _, tokens, _ in steps) / sum(seconds for _, _, seconds in steps)

    def steps(self) -> Iterator[tuple[Line, float, float]]:
        """Yield (line, tokens, seconds) since the line of progress before, in the same session."""
        for before, line in zip(self.progress, self.progress[1:], strict=False):
            tokens, seconds = line["tokens"] - before["tokens"], line["seconds"] - before["seconds"]
            if line["session"] == before["session"] and tokens > 0 and seconds > MIN_STEP_SECONDS:
                yield line, tokens, seconds


def read_run(folder: AnyPath) -> Run:
    """Read a run folder, which may be untrusted.

    Raises PlotError if it is not a run folder, or if its run.json is damaged.
    """
    if not is_folder(folder, PlotError):
        raise PlotError(f"{shown(folder)}: is not a folder; fastw2v train --run-dir creates one")
    folder = Path(folder)
    path = folder / "run.json"
    try:
        with open_regular(path) as file:
            metadata = json.loads(read_at_most(file, MAX_METADATA_BYTES))
        config, corpus = metadata["config"], metadata["corpus"]
        if not isinstance(config, dict) or not isinstance(corpus, dict):
            raise TypeError
    except FileNotFoundError:
        raise PlotError(
            f"{shown(folder)}: holds no run.json, so it is not a run folder; fastw2v train"
            " --run-dir creates one"
        ) from None
    except OSError as error:
        raise PlotError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PlotError(
            f"{shown(path)}: is damaged: it must hold config and corpus of a run, as JSON"
        ) from error
    output, inputs = metadata.get("output"), metadata.get("inputs")
    run = Run(
        folder,
        _text(metadata.get("fastw2v", "?")),
        _plain(config),
        _plain(corpus),
        _path(folder, output),
    )
    if isinstance(inputs, dict):
        run.inputs = [
            found
            for name, value in inputs.items()
            if name != "corpus"
            for each in _strings(value)
            if (found := _path(folder, each))
        ]
        run.corpora = _strings(inputs.get("corpus"))
    run.inputs += [run.output] if run.output else []
    _read_log(run, folder / "log.jsonl")
    return run


def _strings(value: object) -> list[str]:
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]


def _path(folder: Path, text: object) -> Path | None:
    """Return a path of run.json, or None if the text is not a path."""
    return (
        folder / text if isinstance(text, str) and text and not UNPRINTABLE.search(text) else None
    )


def _plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values by name that a page can show: numbers, booleans, null, and texts and lists of
    texts of limited length.
    """
    return {_text(name): _plain_value(value) for name, value in list(values.items())[:MAX_SHOWN]}


def _plain_value(value: object) -> Any:
    if isinstance(value, (str, list)):
        return [_text(each) for each in value] if isinstance(value, list) else _text(value)
    if isinstance(value, (bool, float)) or value is None:
        return value
    return value if isinstance(value, int) and abs(value) < NUMBER_LIMIT * 2 else "?"


def _text(value: object) -> str:
    return UNPRINTABLE.sub("\ufffd", value[:TEXT_CHARACTERS]) if isinstance(value, str) else "?"


def _read_log(run: Run, path: Path) -> None:
    try:
        with open_regular(path) as file:
            while file.tell() < MAX_LOG_BYTES and (line := file.readline(MAX_LINE_BYTES)):
                _read_line(run, line)
            run.cut = bool(file.read(1))
    except FileNotFoundError:
        return  # the run has only just begun
    except OSError as error:
        raise PlotError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def _read_line(run: Run, line: bytes) -> None:
    """Add the content of a line to a run; a last line without a line end may be incomplete."""
    try:
        entry = json.loads(line)
        _add_entry(run, entry["kind"], entry)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        run.unread += bool(line.strip()) and (line.endswith(b"\n") or len(line) == MAX_LINE_BYTES)


def _add_entry(run: Run, kind: object, entry: Mapping[str, Any]) -> None:
    """Add a parsed line to a run; raises KeyError, TypeError or ValueError if it is damaged."""
    time = _number(entry, "time")
    if not 0 <= time < MAX_TIME_SECONDS:
        raise ValueError
    if kind == "begin":
        run.sessions.append([time, time])
        run.machine, run.threads = (
            _text(entry.get("machine", "")),
            _plain_value(entry.get("threads")),
        )
        run.ended = False
    elif kind == "progress":
        line = {name: _number(entry, name) for name in NUMBERS} | {
            "loss": _loss(entry.get("loss")),
            "time": time,
        }
        if line["total"] <= 0 or line["tokens"] < 0:
            raise ValueError
        _forget_after(run, line["tokens"] - 1)
        run.progress.append(line | {"session": len(run.sessions)})
    elif kind == "resume":
        _forget_after(run, _number(entry, "tokens"))
        if len(run.resumed) < MAX_SHOWN:
            run.resumed.append(entry["tokens"])
    elif kind == "evaluated":
        epoch = int(_number(entry, "epoch"))
        if epoch not in run.scores and len(run.scores) == MAX_EPOCHS:
            raise ValueError
        run.scores[epoch] = {
            _text(name): _loss(score) for name, score in list(entry["scores"].items())[:MAX_SHOWN]
        }
        (run.best.add if entry.get("best") else run.best.discard)(epoch)
    elif kind == "synchronised":
        names = ("ranks", "bytes_sent", "seconds", "of_seconds", "drift")
        run.synchronisation = {name: _number(entry, name) for name in names}
    elif kind == "end":
        run.ended = True
    if run.sessions:
        run.sessions[-1][1] = time


def _forget_after(run: Run, tokens: float) -> None:
    """Remove the progress after a number of tokens, which was lost when the run was resumed."""
    while run.progress and run.progress[-1]["tokens"] > tokens:
        run.progress.pop()


def _number(entry: Mapping[str, Any], name: str) -> float:
    value = entry[name]
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not abs(value) < NUMBER_LIMIT
    ):
        raise ValueError(name)
    return value


def _loss(value: object) -> float:
    """Return a loss or a score; nan for null, other types and numbers that are too large."""
    return (
        float(value) if isinstance(value, (int, float)) and abs(value) < NUMBER_LIMIT else math.nan
    )
