"""The log of a run: lines of JSON, for other programs and for the report."""

import json
import math
import time
from pathlib import Path
from typing import IO, Any

from fastw2v.files import reason
from fastw2v.paths import open_regular, shown


class RunLog:
    """Lines added to a file.

    If they cannot be written, the run continues without them, and ``trouble`` says why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[bytes] | None = None
        self.why: str | None = None
        self.cut = False  # whether the last line is not whole
        try:
            self.file = open_regular(path, "a+b", buffering=0)
            self.file.seek(max(self.file.seek(0, 2) - 1, 0))
            self.cut = self.file.read(1) not in (b"", b"\n")  # by a kill
        except OSError as error:
            self.why = reason(error)

    def write(self, kind: str, **what: Any) -> None:
        """Add a line of this kind."""
        values = {"kind": kind, "time": round(time.time(), 3), **finite(what)}
        line = (b"\n" if self.cut else b"") + json.dumps(values).encode() + b"\n"
        if self.file:
            try:
                self.cut = self.file.write(line) < len(line)
            except OSError as error:
                self.why = reason(error)

    def trouble(self) -> str | None:
        """The error since this was last called, as a sentence, or None."""
        why, self.why = self.why, None
        return why and f"{shown(self.path)}: {why}; the run continues without lines in its log"

    def close(self) -> None:
        """Close the file."""
        if self.file:
            self.file.close()


def finite(value: Any) -> Any:
    """A value with None in place of NaN and infinities, which JSON does not have."""
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
