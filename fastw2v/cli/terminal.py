"""What commands print on standard error, which may be full or closed: that is no reason to fail."""

import os
import re
import sys
from contextlib import suppress

# C0, DEL, C1; bidirectional marks, embeddings, overrides and isolates; line and paragraph separators; lone surrogates.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")


def escaped(text: str) -> str:
    """Return ``text`` with every control character, newlines too, as a backslash escape: ``\\x1b``."""
    return CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def echo_note(line: str) -> None:
    """Print one line on standard error, with escapes. Does nothing if standard error is full or closed."""
    try:
        sys.stderr.write(escaped(line) + "\n")
        sys.stderr.flush()
    except AttributeError:  # it was closed when the process began
        pass
    except (OSError, ValueError):
        with suppress(OSError, ValueError):  # Python would try again, and exit with code 120, when the process ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stderr.fileno())
            os.close(nowhere)
