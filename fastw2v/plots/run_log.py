"""What a run folder tells: its configuration, its corpus, and what its log says of every moment."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from fastw2v.errors import PlotError
from fastw2v.files import reason

NUMBERS = ("tokens", "total", "epoch", "rate", "words_per_s", "seconds")  # of a line of progress


@dataclass
class Run:
    """A run folder as far as it could be read.

    config, corpus : as in run.json;  output : where the vectors are or will be;  progress : lines of the log, what was lost
    and made again left out;  scores : {epoch: {name: score}};  best : the epochs that were the best so far;
    sessions : times [begin, last heard of], one for each start of the program;  resumed : tokens at each resume;
    ended : whether the log has its end;  machine, threads : of the last start;  together : what it cost in the last epoch that
    ranks work together: as in the log;  unread : lines that could not be read.
    """

    folder: Path
    version: str
    config: dict
    corpus: dict
    output: Path | None
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
        """Seconds that the program ran, over all its sessions."""
        return sum(max(last - begin, 0) for begin, last in self.sessions)

    @property
    def words_per_s(self):
        """Mean speed between the lines of progress of each session, or as the last line says; nan without any."""
        steps = list(self.steps())
        if not steps:
            return self.progress[-1]["words_per_s"] if self.progress else math.nan
        return sum(tokens for _, tokens, _ in steps) / sum(seconds for _, _, seconds in steps)

    def steps(self):
        """What lies between a line of progress and the one before it in the same session: (line, tokens, seconds)."""
        for before, line in zip(self.progress, self.progress[1:], strict=False):
            tokens, seconds = line["tokens"] - before["tokens"], line["seconds"] - before["seconds"]
            if line["session"] == before["session"] and tokens > 0 and seconds > 0:
                yield line, tokens, seconds


def read_run(folder):
    """Read a run folder. Raises PlotError if it is none, or if its run.json is damaged."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PlotError(f"{folder}: is no folder; fastw2v train --run-dir leaves one")
    path = folder / "run.json"
    try:
        told = json.loads(path.read_text(encoding="utf8"))
        config, corpus = told["config"], told["corpus"]
        if not isinstance(config, dict) or not isinstance(corpus, dict):
            raise TypeError
    except FileNotFoundError:
        raise PlotError(f"{folder}: holds no run.json, so it is no run folder; fastw2v train --run-dir leaves one") from None
    except OSError as error:
        raise PlotError(f"{path}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PlotError(f"{path}: is damaged: it should hold config and corpus of a run, as JSON") from error
    output = told.get("output")
    run = Run(folder, str(told.get("fastw2v", "?")), config, corpus, folder / output if isinstance(output, str) else None)
    _read_log(run, folder / "log.jsonl")
    return run


def _read_log(run, path):
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return  # the run has only just begun
    except OSError as error:
        raise PlotError(f"{path}: cannot be read: {reason(error)}") from error
    *lines, cut = raw.split(b"\n")  # what comes after the last line end was cut short, or is still being written
    for line in [*lines, cut]:
        try:
            told = json.loads(line)
            _take(run, told["kind"], told)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            run.unread += bool(line.strip()) and line is not cut


def _take(run, kind, told):
    """Add a line of the log to what is known of the run; raises KeyError, TypeError or ValueError if it is damaged."""
    time = _number(told, "time")
    if kind == "begin":
        run.sessions.append([time, time])
        run.machine, run.threads = str(told.get("machine", "")), told.get("threads")
        run.ended = False
    elif kind == "progress":
        line = {name: _number(told, name) for name in NUMBERS} | {"loss": _loss(told.get("loss")), "time": time}
        if line["total"] <= 0 or line["tokens"] < 0:
            raise ValueError
        _forget_after(run, line["tokens"] - 1)
        run.progress.append(line | {"session": len(run.sessions)})
    elif kind == "resume":
        _forget_after(run, _number(told, "tokens"))
        run.resumed.append(told["tokens"])
    elif kind == "evaluated":
        epoch = int(_number(told, "epoch"))
        run.scores[epoch] = {str(name): _loss(score) for name, score in told["scores"].items()}
        (run.best.add if told.get("best") else run.best.discard)(epoch)
    elif kind == "synchronised":
        names = ("ranks", "bytes_sent", "seconds", "of_seconds", "drift")
        run.together = {name: _number(told, name) for name in names}
    elif kind == "end":
        run.ended = True
    if run.sessions:
        run.sessions[-1][1] = time


def _forget_after(run, tokens):
    """Leave out what was lost when the run went on from so many tokens."""
    while run.progress and run.progress[-1]["tokens"] > tokens:
        run.progress.pop()


def _number(told, name):
    value = told[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(name)
    return value


def _loss(value):
    """A loss or a score; nan for null and for what is no number."""
    return float(value) if isinstance(value, (int, float)) else math.nan
