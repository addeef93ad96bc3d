"""Lines of evaluation files, and what is said of those that are not as they should be."""

from fastw2v.errors import EvaluationError
from fastw2v.files import reason
from fastw2v.paths import read_at_most

LARGEST = 1 << 28  # bytes of a file


def read_lines(path):
    """The lines of a UTF-8 file with their numbers, from 1, without blank ones and comments (#).

    Raises EvaluationError.
    """
    try:
        with open(path, "rb") as file:
            data = read_at_most(file, LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise EvaluationError(f"{path}: cannot be read: {reason(error)}") from error
    if len(data) > LARGEST:
        raise EvaluationError(
            f"{path}: has more than {LARGEST >> 20} MiB; is it a file of analogies, pairs or"
            " categories?"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise EvaluationError(
            f"{path}:{number}: byte 0x{data[error.start]:02x} is not UTF-8; give a text file,"
            " converted to UTF-8"
        ) from error
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def fields(line, count):
    """The fields of a line that should have ``count``: between tabs if it has any, else commas if
    they make so many (a comma is a word too), else white space.
    """
    if "\t" in line:
        return [field.strip() for field in line.split("\t")]
    by_commas = [field.strip() for field in line.split(",")]
    return by_commas if len(by_commas) >= count and all(by_commas) else line.split()


def is_number(text):
    """Whether a field is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def malformed(path, number, line, wanted):
    """The error of a line that should be something else."""
    return EvaluationError(
        f"{path}:{number}: should be {wanted}, not {line[:60]!r}; mend it, or begin it with # to"
        " leave it out"
    )
