"""How often checkpoints are taken."""

import math
import re

from fastw2v.errors import ConfigError


class Pace:
    """How often checkpoints are taken: "5m", "90s", "1h", or a number of tokens. Raises ConfigError."""

    def __init__(self, text):
        parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(text).strip())
        if not parts or not 0 < float(parts[1]) < 1e18:
            raise ConfigError(
                f"checkpoint_every must be a time such as 90s, 5m or 1h, or a number of tokens, got {str(text)[:100]!r}",
                options=("checkpoint_every",),
            )
        number, unit = float(parts[1]), {"s": 1, "m": 60, "h": 3600}.get(parts[2])
        self.seconds, self.tokens = (number * unit, math.inf) if unit else (math.inf, number)

    def is_due(self, seconds, tokens):
        """Whether one is due so many seconds and tokens after the last."""
        return seconds >= self.seconds or tokens >= self.tokens
