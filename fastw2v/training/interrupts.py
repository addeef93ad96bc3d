"""Ctrl-C and SIGTERM, put off until a run stands where it can be gone on from."""

import signal


class Terminated(KeyboardInterrupt):
    """SIGTERM came."""


class Interrupts:
    """Within this context signals are noted, and raised by ``check``; a second Ctrl-C is not put off, nor is any while
    ``ready()`` is false. Elsewhere than in the main thread it does nothing."""

    def __init__(self, ready=lambda: True):
        self.ready, self.signal, self.before = ready, None, {}

    def __enter__(self):
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
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
            raise Terminated if self.signal == signal.SIGTERM else KeyboardInterrupt
