"""Ctrl-C, SIGTERM and a closed terminal, deferred to a point where a run can be resumed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Terminated(KeyboardInterrupt):
    """Another signal than Ctrl-C's came: ``number``."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number = number


class Interrupts:
    """Within this context signals are noted, and raised by ``check``; a second Ctrl-C is not put
    off, nor is any while ``ready()`` is false. Signals that are ignored, or that the program has
    handlers of its own for, are left alone; and elsewhere than in the main thread it does
    nothing.
    """

    def __init__(self, ready: Callable[[], bool] = lambda: True) -> None:
        self.ready = ready
        self.signal: int | None = None
        self.before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        try:
            for number in SIGNALS:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self.before[number] = signal.signal(number, self._note)
        except ValueError:  # not the main thread, where no signal comes
            pass
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self.before.items():
            signal.signal(number, before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        again, self.signal = self.signal is not None, number
        if not self.ready() or (again and number == signal.SIGINT):
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt, or Terminated, if a signal has come."""
        if self.signal is not None:
            raise KeyboardInterrupt if self.signal == signal.SIGINT else Terminated(self.signal)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and the like do nothing within: files are being written."""
    before: dict[int, Any] = {}
    try:
        with suppress(ValueError):  # not the main thread
            before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_message(error: BaseException) -> tuple[str, int]:
    """What is said of an interrupt, and the exit code that shells give it: 128 and the signal's
    number.
    """
    if isinstance(error, Terminated):
        return "terminated", 128 + error.number
    return "interrupted", 128 + signal.SIGINT
