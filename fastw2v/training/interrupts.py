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
    """SIGTERM or SIGHUP, whose number is ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Interrupts:
    """Context that defers signals until ``check`` raises them.

    A second Ctrl-C is raised at once, and so is any signal while ``ready()`` is false. Signals that
    the program ignores or handles are left to it. Outside the main thread nothing is deferred.
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
    """Context that ignores the signals, while files are being written."""
    before: dict[int, Any] = {}
    try:
        with suppress(ValueError):  # not the main thread
            before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_message(error: BaseException) -> tuple[str, int]:
    """The message for an interrupt, and its exit code: 128 plus the number of the signal."""
    if isinstance(error, Terminated):
        return "terminated", 128 + error.number
    return "interrupted", 128 + signal.SIGINT
