"""Lines of evaluation files, and the error of a malformed one."""

import gzip
import zlib
from typing import IO, cast

from fastw2v.errors import EvaluationError, MissingEvaluationError, quoted
from fastw2v.files import reason
from fastw2v.paths import AnyPath, checked_path, read_at_most, shown

MAX_BYTES = 1 << 23  # of a file
MAX_LINES = 1 << 20
BYTE_ORDER_MARK = "\ufeff"

Line = tuple[int, str]  # its number, from 1, and its text


def read_lines(path: AnyPath, encoding: str = "utf-8") -> list[Line]:
    """The lines of a text file with their numbers, without blank ones and comments (#).

    A file whose name ends in .gz is unpacked. Raises EvaluationError.
    """
    path = checked_path(path, EvaluationError)
    opener = gzip.open if path.endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            data = read_at_most(cast(IO[bytes], file), MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingEvaluationError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    # ValueError: a null byte in the name
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise EvaluationError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    if len(data) > MAX_BYTES or data.count(b"\n") > MAX_LINES:
        raise EvaluationError(
            f"{shown(path)}: has more than {MAX_BYTES >> 20} MiB or {MAX_LINES:,} lines; is it a"
            " file of analogies, pairs or categories?"
        )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise EvaluationError(
            f"{shown(path)}:{number}: byte 0x{data[error.start]:02x} is not {encoding.upper()};"
            " give a text file, converted to it"
        ) from error
    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def fields(line: str, count: int) -> list[str]:
    """The fields of a line: between tabs if it has any, else between commas if that gives at least
    ``count`` fields, else between white space. (A comma can be a word.)
    """
    if "\t" in line:
        return [field.strip() for field in line.split("\t")]
    by_commas = [field.strip() for field in line.split(",")]
    return by_commas if len(by_commas) >= count and all(by_commas) else line.split()


def is_number(text: str) -> bool:
    """Whether a field is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def malformed(path: AnyPath, number: int, line: str, expected: str) -> EvaluationError:
    """The error of a line that should be something else."""
    return EvaluationError(
        f"{shown(path)}:{number}: should be {expected}, not {quoted(line)}; mend it, or begin it"
        " with # to leave it out"
    )
