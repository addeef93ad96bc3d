"""The live line of a run on a terminal; off a terminal, a plain line now and then. All on standard error."""

import math
import sys
import time

import click

from fastw2v.events import Encoded, Progress, Reading

PLAIN_EVERY = 10.0  # seconds


class ProgressLine:
    """Shows events as they come."""

    def __init__(self, quiet=False):
        self.quiet, self.live = quiet, sys.stderr.isatty()
        self.width, self.shown = 0, time.monotonic()
        self.loss = math.nan

    def __call__(self, event):
        if self.quiet:
            return
        if isinstance(event, Encoded):
            self.say(encoded_line(event))
        elif isinstance(event, Reading):
            self._show(f"reading  {_share(event.done, event.total)}  {event.done / 1e6:,.0f} MB", last=False)
        elif isinstance(event, Progress):
            self.loss = event.loss if math.isfinite(event.loss) else self.loss
            self._show(progress_line(event, self.loss), last=event.tokens >= event.total)

    def say(self, line):
        """A line that stays."""
        if not self.quiet:
            self._clear()
            click.echo(line, err=True)

    def _show(self, line, last):
        if last:
            self.say(line)
        elif self.live:
            padded = line.ljust(self.width)
            self.width = len(line)
            click.echo("\r" + padded, err=True, nl=False)
        elif time.monotonic() - self.shown >= PLAIN_EVERY:
            self.shown = time.monotonic()
            click.echo(line, err=True)

    def _clear(self):
        if self.live and self.width:
            click.echo("\r" + " " * self.width + "\r", err=True, nl=False)
            self.width = 0


def encoded_line(event):
    """What was read, and what was kept of it."""
    return (
        f"corpus   {event.tokens_read:,} words in {event.lines:,} lines, {event.words_seen:,} distinct;"
        f" vocabulary {event.words:,}, covering {event.tokens / event.tokens_read:.1%} ({event.seconds:.1f} s)"
    )


def progress_line(event, loss):
    """Per cent, speed, rate, loss and time of a run."""
    if event.tokens >= event.total:
        when = f"in {clock(event.seconds)}"
    else:
        when = f"{clock(event.seconds_left)} left"
    return (
        f"training {event.tokens / event.total:4.0%}  epoch {event.epoch}  {event.words_per_s / 1e6:.2f} M words/s"
        f"  rate {event.rate:.5f}  loss {loss:.4f}  {when}"
    )


def clock(seconds):
    """1:02:03, 2:03, or 3.1 s."""
    if not math.isfinite(seconds):
        return "?"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _share(done, total):
    return f"{min(done / total, 1):4.0%}" if total else "    "
