"""What a run reports while it trains.

The library yields these; only the command line prints them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fastw2v.errors import ConfigTypeError, quoted


@dataclass(frozen=True)
class Reading:
    """So many bytes of text have been read and encoded, of ``total`` (0 if that is not known)."""

    done: int
    total: int


@dataclass(frozen=True)
class Encoded:
    """The corpus is ready: tokens read and kept, lines that hold words, distinct words seen and
    kept.
    """

    tokens_read: int
    tokens: int
    lines: int
    words_seen: int
    words: int
    seconds: float


@dataclass(frozen=True)
class Progress:
    """A part of the training is done.

    tokens : trained so far, over all epochs, of ``total``;  epoch : from 1;  rate : learning rate;
    loss : mean loss per pair since the last event (Eq. 8; measured on a sample of the centres;
        nan if none fell in it);
    pairs : trained so far;  seconds : since training began.
    """

    tokens: int
    total: int
    epoch: int
    rate: float
    loss: float
    pairs: int
    seconds: float

    @property
    def words_per_s(self) -> float:
        """Tokens of the encoded corpus trained in a second of wall clock."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Estimate of the time to the end, at the mean speed so far."""
        return (self.total - self.tokens) / self.words_per_s if self.words_per_s else float("nan")


@dataclass(frozen=True)
class Notice:
    """Something to know about the run, in a sentence."""

    text: str


@dataclass(frozen=True)
class Embedding:
    """``done`` of ``total`` texts have been embedded."""

    done: int
    total: int


@dataclass(frozen=True)
class Synchronised:
    """What it has cost in an epoch (from 1) that ranks work together.

    rounds : times that rows were merged, after ``share`` positions of each rank;
        bytes_sent : by this rank;
    seconds : it spent communicating, with waiting for the others, of ``of_seconds``;  drift :
    distance of all ranks' rows from what these became, beside the length of those.
    """

    epoch: int
    ranks: int
    rounds: int
    share: int
    bytes_sent: int
    seconds: float
    of_seconds: float
    drift: float


@dataclass(frozen=True)
class Evaluated:
    """After an epoch (from 1): scores by name, their mean, and whether it is the best so far.

    restricted : among how many of the most frequent words analogies were scored, if not among all.
    """

    epoch: int
    scores: dict[str, float]
    mean: float
    best: bool
    restricted: int | None = None


Event: TypeAlias = Reading | Encoded | Progress | Notice | Embedding | Synchronised | Evaluated
Notify: TypeAlias = Callable[[Event], object]


def ignore(event: Event) -> None:
    """Do nothing with an event."""


def checked_notify(on_event: Notify | None) -> Notify:
    """The function that gets events. Raises ConfigTypeError."""
    if on_event is None:
        return ignore
    if not callable(on_event):
        raise ConfigTypeError(f"on_event must be a function of an event, got {quoted(on_event)}")
    return on_event
