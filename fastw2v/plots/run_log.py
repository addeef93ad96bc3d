"""Reading a run folder: its configuration, its corpus and its log."""

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from fastw2v.errors import PlotError
from fastw2v.files import reason
from fastw2v.paths import is_folder, open_regular, read_at_most, shown

MAX_TOLD = 1 << 26  # bytes of run.json
MAX_LINE = 1 << 20  # bytes of a line of the log
LONGEST = 300  # characters of a text on a page
MOST = 100  # settings, and scores of an epoch
LARGEST = 2**63  # limit of numbers in a log
LAST = 3e10  # latest time, in seconds since 1970, that all systems can format
UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NUMBERS = ("tokens", "total", "epoch", "rate", "words_per_s", "seconds")  # of a line of progress


@dataclass
class Run:
    """A run folder, as far as it could be read.

    config, corpus : as in run.json;
    output : path of the vectors;  inputs : other paths that the run reads or writes;
    corpora : paths of its corpus, also folders and globs;
    progress : lines of the log, without work that was lost and repeated;
    scores : {epoch: {name: score}};  best : epochs whose scores were the best so far;
    sessions : times [begin, last entry] of each start of the program;
    resumed : tokens at each resume;  ended : whether the log is complete;
    machine, threads : of the last start;
    together : cost of synchronising ranks in the last epoch, as in the log;
    unread : number of lines that could not be read.
    """

    folder: Path
    version: str
    config: dict
    corpus: dict
    output: Path | None
    inputs: list = field(default_factory=list)
    corpora: list = field(default_factory=list)
    progress: list = field(default_factory=list)
    scores: dict = field(default_factory=dict)
    best: set = field(default_factory=set)
    sessions: list = field(default_factory=list)
    resumed: list = field(default_factory=list)
    ended: bool = False
    machine: str = ""
    threads: int | None = None
    together: dict = field(default_factory=dict)
    unread: int = 0

    @property
    def seconds(self):
        """Seconds of training over all sessions, without compiling and without lost work."""
        return self.progress[-1]["seconds"] if self.progress else 0.0

    @property
    def words_per_s(self):
        """Mean speed between the lines of progress of each session, or that of the last line; nan
        without any.
        """
        steps = list(self.steps())
        if not steps:
            return self.progress[-1]["words_per_s"] if self.progress else math.nan
        return sum(tokens for _, tokens, _ in steps) / sum(seconds for _, _, seconds in steps)

    def steps(self):
        """Yield (line, tokens, seconds) since the line of progress before, in the same session."""
        for before, line in zip(self.progress, self.progress[1:], strict=False):
            tokens, seconds = line["tokens"] - before["tokens"], line["seconds"] - before["seconds"]
            if line["session"] == before["session"] and tokens > 0 and seconds > 0:
                yield line, tokens, seconds


def read_run(folder):
    """Read a run folder, which may be untrusted.

    Raises PlotError if it is not a run folder, or if its run.json is damaged.
    """
    if not is_folder(folder, PlotError):
        raise PlotError(f"{shown(folder)}: is not a folder; fastw2v train --run-dir creates one")
    folder = Path(folder)
    path = folder / "run.json"
    try:
        with open_regular(path) as file:
            told = json.loads(read_at_most(file, MAX_TOLD))
        config, corpus = told["config"], told["corpus"]
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
    output, inputs = told.get("output"), told.get("inputs")
    run = Run(
        folder,
        _text(told.get("fastw2v", "?")),
        _plain(config),
        _plain(corpus),
        _path(folder, output),
    )
    if isinstance(inputs, dict):
        run.inputs = [
            _path(folder, each)
            for name, value in inputs.items()
            if name != "corpus"
            for each in _listed(value)
        ]
        run.corpora = _listed(inputs.get("corpus"))
    run.inputs = [path for path in (*run.inputs, run.output) if path]
    _read_log(run, folder / "log.jsonl")
    return run


def _listed(value):
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]


def _path(folder, text):
    """Return a path of run.json, or None if the text is not a path."""
    return folder / text if isinstance(text, str) and text and not UNSHOWN.search(text) else None


def _plain(values):
    """Return values by name that a page can show: numbers, booleans, null, and texts and lists of
    texts of limited length.
    """
    return {_text(name): _shown(value) for name, value in list(values.items())[:MOST]}


def _shown(value):
    if isinstance(value, (str, list)):
        return [_text(each) for each in value] if isinstance(value, list) else _text(value)
    if isinstance(value, (bool, float)) or value is None:
        return value
    return value if isinstance(value, int) and abs(value) < LARGEST * 2 else "?"


def _text(value):
    return UNSHOWN.sub("\ufffd", value[:LONGEST]) if isinstance(value, str) else "?"


def _read_log(run, path):
    try:
        with open_regular(path) as file:
            while line := file.readline(MAX_LINE):
                _read_line(run, line)
    except FileNotFoundError:
        return  # the run has only just begun
    except OSError as error:
        raise PlotError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def _read_line(run, line):
    """Add the content of a line to a run; a last line without a line end may be incomplete."""
    try:
        told = json.loads(line)
        _take(run, told["kind"], told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        run.unread += bool(line.strip()) and (line.endswith(b"\n") or len(line) == MAX_LINE)


def _take(run, kind, told):
    """Add a parsed line to a run; raises KeyError, TypeError or ValueError if it is damaged."""
    time = _number(told, "time")
    if not 0 <= time < LAST:
        raise ValueError
    if kind == "begin":
        run.sessions.append([time, time])
        run.machine, run.threads = _text(told.get("machine", "")), _shown(told.get("threads"))
        run.ended = False
    elif kind == "progress":
        line = {name: _number(told, name) for name in NUMBERS} | {
            "loss": _loss(told.get("loss")),
            "time": time,
        }
        if line["total"] <= 0 or line["tokens"] < 0:
            raise ValueError
        _forget_after(run, line["tokens"] - 1)
        run.progress.append(line | {"session": len(run.sessions)})
    elif kind == "resume":
        _forget_after(run, _number(told, "tokens"))
        run.resumed.append(told["tokens"])
    elif kind == "evaluated":
        epoch = int(_number(told, "epoch"))
        run.scores[epoch] = {
            _text(name): _loss(score) for name, score in list(told["scores"].items())[:MOST]
        }
        (run.best.add if told.get("best") else run.best.discard)(epoch)
    elif kind == "synchronised":
        names = ("ranks", "bytes_sent", "seconds", "of_seconds", "drift")
        run.together = {name: _number(told, name) for name in names}
    elif kind == "end":
        run.ended = True
    if run.sessions:
        run.sessions[-1][1] = time


def _forget_after(run, tokens):
    """Remove the progress after a number of tokens, which was lost when the run was resumed."""
    while run.progress and run.progress[-1]["tokens"] > tokens:
        run.progress.pop()


def _number(told, name):
    value = told[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < LARGEST:
        raise ValueError(name)
    return value


def _loss(value):
    """Return a loss or a score; nan for null, other types and numbers that are too large."""
    return float(value) if isinstance(value, (int, float)) and abs(value) < LARGEST else math.nan
