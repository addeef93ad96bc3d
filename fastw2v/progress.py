"""What a run from Python reports: to ``logging``, and on a progress line if one is asked for."""

import logging
import math
import sys
from types import TracebackType
from typing import Any

from fastw2v.events import Encoded, Evaluated, Notice, Notify, Progress

logger = logging.getLogger("fastw2v")
logger.addHandler(logging.NullHandler())  # silent unless the program that uses it wants messages


class Follower:
    """Gets the events of a run, logs them at level INFO, shows them, and passes them on.

    Use as a context that ends with the run.

    Parameters
    ----------
    on_event : callable
        The user's function, which gets each event.
    progress : bool
        Show a progress line: tqdm in notebooks where it is installed, else a line on standard
        error.
    epochs : int, optional
        How many there are, if that is known.
    """

    def __init__(self, on_event: Notify, progress: bool, epochs: int | None) -> None:
        self.on_event, self.show = on_event, _display(epochs) if progress else None
        self.last: Progress | None = None
        self.loss = math.nan

    def __call__(self, event: Any) -> None:
        """Take an event."""
        self._log(event)
        if self.show is not None:
            self.show(event)
        self.on_event(event)

    def __enter__(self) -> "Follower":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.show is not None:
            self.show.__exit__(kind, error, traceback)
        if kind is None and self.last is not None:
            self._log_epoch(self.last)
            last = self.last
            logger.info(
                "training ended: %d words in %.1f s, %.0f words/s, loss %.4f",
                last.tokens,
                last.seconds,
                last.words_per_s,
                self.loss,
            )

    def _log(self, event: Any) -> None:
        if isinstance(event, Encoded):
            logger.info(
                "vocabulary: %d of %d words; corpus: %d tokens, %d of the vocabulary, in %d lines",
                event.words,
                event.words_seen,
                event.tokens_read,
                event.tokens,
                event.lines,
            )
        elif isinstance(event, Progress):
            if self.last is not None and event.epoch > self.last.epoch:
                self._log_epoch(self.last)
            self.last = event
            self.loss = event.loss if math.isfinite(event.loss) else self.loss
        elif isinstance(event, Evaluated):
            scores = ", ".join(f"{name} {score:.4f}" for name, score in event.scores.items())
            logger.info("epoch %d: %s", event.epoch, scores)
        elif isinstance(event, Notice):
            logger.info("%s", event.text)

    def _log_epoch(self, event: Progress) -> None:
        """Log the last event of an epoch."""
        logger.info(
            "epoch %d ended: %.0f words/s, loss %.4f, learning rate %.5f",
            event.epoch,
            event.words_per_s,
            self.loss,
            event.rate,
        )


def _display(epochs: int | None) -> Any:
    """What shows events: tqdm's bar in a notebook if it is installed, else the line that ``fastw2v
    train`` shows.
    """
    if "ipykernel" in sys.modules:
        try:
            return NotebookBar()
        except ImportError:
            pass
    from fastw2v.cli.progress import ProgressLine

    return ProgressLine(epochs=epochs)


class NotebookBar:
    """A bar of tqdm for the tokens of a training."""

    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self.tqdm = tqdm
        self.bar: Any = None

    def __call__(self, event: Any) -> None:
        """Show a Progress event."""
        if isinstance(event, Progress):
            if self.bar is None:
                self.bar = self.tqdm(total=event.total, unit=" words", unit_scale=True)
            self.bar.total = event.total
            self.bar.update(event.tokens - self.bar.n)
            self.bar.set_postfix({"epoch": event.epoch, "loss": f"{event.loss:.3f}"})

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.close()
