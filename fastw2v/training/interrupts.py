"""Ctrl-C, SIGTERM and a closed terminal, deferred to a point where a run can be resumed."""

import signal
from contextlib import contextmanager, suppress

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Terminated(KeyboardInterrupt):
    """Another signal than Ctrl-C's came: ``number``."""

    def __init__(self, number=signal.SIGTERM):
        super().__init__()
        self.number = number


class Interrupts:
    """Within this context signals are noted, and raised by ``check``; a second Ctrl-C is not put
    off, nor is any while ``ready()`` is false. Signals that are ignored, or that the program has
    handlers of its own for, are left alone; and elsewhere than in the main thread it does
    nothing.
    """

    def __init__(self, ready=lambda: True):
        self.ready, self.signal, self.before = ready, None, {}

    def __enter__(self):
        try:
            for number in SIGNALS:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self.before[number] = signal.signal(number, self._note)
        except ValueError:  # not the main thread, where no signal comes
            pass
        return self

    def __exit__(self, *error):
        for number, before in self.before.items():
            signal.signal(number, before)

    def _note(self, number, frame):
        again, self.signal = self.signal is not None, number
        if not self.ready() or (again and number == signal.SIGINT):
            self.check()

    def check(self):
        """Raise KeyboardInterrupt, or Terminated, if a signal has come."""
        if self.signal is not None:
            raise KeyboardInterrupt if self.signal == signal.SIGINT else Terminated(self.signal)


@contextmanager
def uninterrupted():
    """Ctrl-C and the like do nothing within: files are being written."""
    before = {}
    try:
        with suppress(ValueError):  # not the main thread
            before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def said(error):
    """What is said of an interrupt, and the exit code that shells give it: 128 and the signal's
    number.
    """
    if isinstance(error, Terminated):
        return "terminated", 128 + error.number
    return "interrupted", 128 + signal.SIGINT
