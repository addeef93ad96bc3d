"""The progress of a run on standard error: a live line on a terminal, else plain lines."""

import math
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastw2v.cli.terminal import echo_note, escaped, write_note
from fastw2v.events import (
    Embedding,
    Encoded,
    Evaluated,
    Event,
    Notice,
    Progress,
    Reading,
    Synchronised,
)

PLAIN_EVERY = 10.0  # seconds
LONG_WORK = 2.0  # seconds after which work that goes on is shown
COMPILING = "compiling for this machine, once; takes 10 to 60 s"


class ProgressLine:
    """Show events as they arrive.

    epochs : how many there are, if that is known.
    """

    def __init__(self, quiet: bool = False, epochs: int | None = None) -> None:
        self.epochs = epochs
        self.quiet = quiet or sys.stderr is None
        self.live = not self.quiet and sys.stderr.isatty()
        self.width = 0
        self.shown: float | None = None  # when a line was, or training began
        self.loss = math.nan

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *error: object) -> None:
        self._clear()

    def __call__(self, event: Event) -> None:
        if self.quiet:
            return
        if isinstance(event, Encoded):
            self.say(encoded_line(event))
            self.shown = None
        elif isinstance(event, Reading):
            self._show(
                f"reading  {_share(event.done, event.total)}  {event.done / 1e6:,.0f} MB",
                last=False,
            )
        elif isinstance(event, Embedding):
            self._show(
                f"embedding {_share(event.done, event.total)}  {event.done:,} texts", last=False
            )
        elif isinstance(event, Notice):
            self.say(f"note     {event.text}")
        elif isinstance(event, Evaluated):
            self.say(evaluated_line(event))
        elif isinstance(event, Synchronised):
            self.say(synchronised_line(event))
        elif isinstance(event, Progress):
            self.loss = event.loss if math.isfinite(event.loss) else self.loss
            line = progress_line(event, self.loss, self.epochs)
            self._show(line, last=event.tokens >= event.total)

    def working(self, line: str) -> None:
        """Show a line about work that goes on."""
        self._show(line, last=False)

    def compiling(self) -> None:
        """Show, on a terminal, that machine code is being compiled."""
        if self.live and not self.width:
            self._write(COMPILING)
            self.width = len(COMPILING)

    def say(self, line: str) -> None:
        """Print a permanent line."""
        self._clear()
        self._write(escaped(line) + "\n")

    def _show(self, line: str, last: bool) -> None:
        # do not count compilation before the first line
        shown = self.shown = self.shown or time.monotonic()
        if last:
            self.say(line)
        elif self.live:
            line = fit_to_width(escaped(line), shutil.get_terminal_size().columns - 1)
            self._write("\r" + line.ljust(self.width))
            self.width = len(line)
        elif time.monotonic() - shown >= PLAIN_EVERY:
            self.shown = time.monotonic()
            self._write(escaped(line) + "\n")

    def _clear(self) -> None:
        if self.width:
            self._write("\r" + " " * self.width + "\r")
            self.width = 0

    def _write(self, text: str) -> None:
        if not self.quiet:
            # a closed standard error must not stop training
            self.quiet = not write_note(text)


def fit_to_width(line: str, width: int) -> str:
    """Leave out the last parts of a line, between two spaces, until it fits a width."""
    while len(line) > width and "  " in line.rstrip():
        line = line.rstrip().rpartition("  ")[0].rstrip()
    return line[:width]


@contextmanager
def working(what: Callable[[], str]) -> Iterator[None]:
    """Show what a block of code does, and for how long it has run, if that is over two seconds.

    what : returns what is done, as far as it has come; called from another thread.
    """
    begin, done = time.monotonic(), threading.Event()

    def show(line: ProgressLine) -> None:
        while not done.wait(max(LONG_WORK - (time.monotonic() - begin), 0.5)):
            line.working(f"{what()}  {clock(time.monotonic() - begin)}")

    with ProgressLine() as line:
        thread = threading.Thread(target=show, args=(line,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def show_notice(event: Event) -> None:
    """Print the text of a Notice, and nothing of other events."""
    if isinstance(event, Notice):
        echo_note(f"note     {event.text}")


def encoded_line(event: Encoded) -> str:
    """Return the line about the encoded corpus."""
    return (
        f"corpus   {event.tokens_read:,} words in {event.lines:,} lines, {event.words_seen:,}"
        f" distinct; vocabulary {event.words:,}, covering {event.tokens / event.tokens_read:.1%}"
        f" ({event.seconds:.1f} s)"
    )


def evaluated_line(event: Evaluated) -> str:
    """Return the line with the scores after an epoch."""
    scores = "  ".join(f"{name} {score:.3f}" for name, score in event.scores.items())
    words = f"  (analogies of {event.restricted:,} words)" if event.restricted else ""
    return f"epoch {event.epoch:<3}{scores}{words}{'  (best so far)' if event.best else ''}"


def synchronised_line(event: Synchronised) -> str:
    """Return the line about the communication of an epoch."""
    return (
        f"epoch {event.epoch:<3}{event.ranks} ranks: {event.bytes_sent / 1e6:,.0f} MB sent by each"
        f" in {event.rounds:,} rounds, {event.seconds / event.of_seconds:.0%} of the time; drift"
        f" {event.drift:.1%}"
    )


def progress_line(event: Progress, loss: float, epochs: int | None = None) -> str:
    """Return the progress line: what matters most comes first, for narrow terminals."""
    if event.tokens >= event.total:
        when = f"in {clock(event.seconds)}"
    else:
        when = f"{clock(event.seconds_left)} left"
    shown = f"{loss:.3f}" if math.isfinite(loss) else "?"
    epoch = f"{event.epoch}/{epochs}" if epochs else event.epoch
    return (
        f"training {event.tokens / event.total:4.0%}  epoch {epoch}"
        f"  {event.words_per_s / 1e6:.2f} M words/s  {when}  loss {shown}  rate {event.rate:.5f}"
    )


def clock(seconds: float) -> str:
    """Return a time as 1:02:03, 2:03, or 3.1 s."""
    if not math.isfinite(seconds):
        return "?"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _share(done: float, total: float) -> str:
    return f"{min(done / total, 1):4.0%}" if total else "    "
