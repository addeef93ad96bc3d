"""How often checkpoints are written."""

import math

from fastw2v.config import duration
from fastw2v.errors import ConfigError, quoted

DEFAULT_INTERVAL = "5m"


class CheckpointInterval:
    """How often checkpoints are written: a time ("90s", "5m" for minutes, "1h30m") or a number of
    tokens of the vocabulary, over all epochs.

    Raises ConfigError.
    """

    def __init__(self, text: str | int) -> None:
        text = str(text).strip()
        self.seconds: float = math.inf
        self.tokens: float = math.inf
        if text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0:
            self.tokens = int(text)
        elif text[-1:] in "smh" and (seconds := duration(text)):
            self.seconds = seconds
        else:
            raise ConfigError(
                "checkpoint_every must be a time such as 90s, 5m or 1h30m, or a number of tokens,"
                f" got {quoted(text)}",
                options=("checkpoint_every",),
            )

    def is_due(self, seconds: float, tokens: int) -> bool:
        """Whether a checkpoint is due, by seconds and tokens since the last."""
        return seconds >= self.seconds or tokens >= self.tokens
