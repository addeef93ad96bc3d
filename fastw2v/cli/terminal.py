"""Output of commands: answers on standard output, notes and errors on standard error.

Control characters in words and file names are escaped, so that they cannot control a terminal.
"""

import os
import re
import sys
from contextlib import suppress
from typing import TextIO

from fastw2v.errors import OutputError, shortened

# C0, DEL, C1; bidirectional marks, embeddings, overrides and isolates; line and paragraph
# separators; lone surrogates.
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]"
)


def escaped(text: str) -> str:
    """Return ``text`` with control characters and newlines as backslash escapes: ``\\x1b``."""
    return CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def echo_answer(text: str) -> None:
    """Print lines on standard output, escaped on a terminal.

    Characters that the encoding of standard output lacks are escaped. Raises OutputError, and
    BrokenPipeError if the reader has closed the pipe.
    """
    if _output().isatty():
        text = "\n".join(map(escaped, text.split("\n")))
    encoding = sys.stdout.encoding or "utf8"
    _print(text.encode(encoding, "backslashreplace").decode(encoding))


def echo_json(value: object) -> None:
    """Print a value as one line of JSON on standard output, with the escapes of JSON.

    Raises as ``echo_answer``.
    """
    import json

    text = json.dumps(value, ensure_ascii=False)
    try:
        CONTROL.sub("", text).encode(_output().encoding or "utf8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    _print(CONTROL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text))


def echo_note(line: str) -> None:
    """Print one line on standard error, with escapes.

    Does nothing if standard error is full or closed.
    """
    write_note(escaped(line) + "\n")


def echo_error(message: str) -> None:
    """Print an error as one line on standard error, escaped and of bounded length."""
    echo_note(f"fastw2v: {shortened(message)}")


def write_note(text: str) -> bool:
    """Write escaped text on standard error; return whether it could be written."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except AttributeError:  # it was closed when the process began
        return False
    except (OSError, ValueError):
        discard(sys.stderr)
        return False
    return True


def _output() -> TextIO:
    if sys.stdout is None:
        raise OutputError("the answer cannot be written: standard output is closed")
    return sys.stdout


def _print(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(f"the answer cannot be written: {error.strerror}") from error


def discard(stream: TextIO) -> None:
    """Discard what a stream still holds.

    Otherwise Python writes it when the process ends, fails, and exits with code 120.
    """
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
