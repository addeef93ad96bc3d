"""What a run reports while it trains.

The library yields these; only the command line prints them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fastw2v.errors import ConfigTypeError, quoted


@dataclass(frozen=True)
class Reading:
    """``done`` of ``total`` bytes of text have been read and encoded (total is 0 if unknown)."""

    done: int
    total: int


@dataclass(frozen=True)
class Encoded:
    """The corpus is ready: tokens read and kept, lines with words, distinct words read and kept."""

    tokens_read: int
    tokens: int
    lines: int
    words_seen: int
    words: int
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Training has advanced.

    Attributes
    ----------
    tokens
        Tokens trained so far, of ``total``, over all epochs.
    epoch
        Number of the epoch, from 1.
    rate
        Learning rate.
    loss
        Mean loss per pair since the last event (Eq. 8; measured on a sample of the centre
        words; nan if the sample is empty).
    pairs
        Pairs trained so far.
    seconds
        Seconds since the start of training.
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
        """Tokens of the encoded corpus trained per second of wall-clock time."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Estimate of the remaining time, at the mean speed so far."""
        return (self.total - self.tokens) / self.words_per_s if self.words_per_s else float("nan")


@dataclass(frozen=True)
class Notice:
    """A note about the run, in one sentence."""

    text: str


@dataclass(frozen=True)
class Embedding:
    """``done`` of ``total`` texts have been embedded."""

    done: int
    total: int


@dataclass(frozen=True)
class Synchronised:
    """The cost of communication between ranks in an epoch (from 1).

    Attributes
    ----------
    rounds
        Number of merges, each after ``share`` positions per rank.
    bytes_sent
        Bytes that this rank sent.
    seconds
        Seconds that this rank spent in communication, waiting included, of ``of_seconds``.
    drift
        Distance of the ranks' rows from the merged rows, relative to the row norm.
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

    restricted : number of most frequent words that analogies were scored among; None if all.
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
