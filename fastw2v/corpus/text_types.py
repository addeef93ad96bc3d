"""Text that is not plain text: JSON, markup, vectors, tables, and words that are not separated by
ASCII white space.

Certain cases are refused and likely ones noted, both with what to do. The first bytes of a source
decide.
"""

import csv
import json
import re
from collections.abc import Sequence
from typing import Any

from fastw2v.corpus.file_types import check_binary, is_utf8, needs_column
from fastw2v.errors import CorpusError
from fastw2v.events import Notice
from fastw2v.file_types import QUERY

SAMPLE = 1 << 16  # bytes in which lines are looked at
ENOUGH = 1 << 16  # bytes that decide about a text that is longer
LINES = 50  # lines of a table that are compared
ROWS = 5  # lines that a table has at least
NUMBERS = 5  # numbers in a line of vectors without a header, at least
DIGITS = 5  # characters of most of these numbers, at least
OFTEN = 1000  # at most one character in OFTEN may be white space that is not ASCII
FEW = 5  # of it are no reason for a note
LONG = 8  # characters of a word, on average, in scripts that write no spaces between words

MARKUP = re.compile(
    rb"\s*(<\?xml\b[^>]{0,500}>\s*)?(<!--((?!-->).){0,5000}-->\s*){0,3}"
    rb"<(!doctype\s+)?(?P<root>html|mediawiki)\b",
    re.DOTALL | re.IGNORECASE,
)
SIZES = re.compile(rb"(\d{1,12}) (\d{1,6})[ \t]*\r?\n")
NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
HEADER = re.compile(r"[^\W\d][\w -]{0,30}")  # a name of a column
TWO_WORDS = re.compile(rb"[^\s][ \t\x0b\x0c]+[^\s]")
SEPARATORS = {",": "commas", ";": "semicolons", "|": "bars"}
# U+200B separates words of Thai and Khmer
SPACES = re.compile("[\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000]")
SPACE_NAMES = {
    "\xa0": " (no-break space)",
    "\u3000": " (ideographic space)",
    "\u200b": " (zero-width space)",
}
# Han, kana, Thai, Lao, Tibetan, Burmese, Khmer
UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


def check_text_type(
    text: bytes, source: str, whole: bool, *, tokenize: bool = False
) -> list[tuple[str, Notice]]:
    """What to note about a source that begins with these bytes: pairs of its kind and a Notice.

    whole : whether there are no more bytes;  tokenize : whether words are split from one another
    by more than white space. Raises CorpusError for what is certainly no plain text.
    """
    lines = _complete_lines(text[:SAMPLE], whole and len(text) <= SAMPLE)
    _check_vectors(text, lines, source)
    check_binary(text, source)
    _check_markup(text[:SAMPLE], source)
    _check_json(text, whole, source)
    one_word = (whole or len(text) >= ENOUGH) and len(lines) > 1 and not TWO_WORDS.search(text)
    table = _table(lines, source)
    if one_word and not tokenize:
        _check_separated(lines, source)
    notices = [table, _other_spaces(text[:SAMPLE], one_word, source, tokenize)]
    return [notice for notice in notices if notice]


def _complete_lines(text: bytes, whole: bool) -> list[bytes]:
    """Lines that hold more than white space, without one that is cut at the end."""
    lines = text.split(b"\n")
    return [line for line in (lines if whole else lines[:-1]) if line.strip()]


def _check_vectors(text: bytes, lines: Sequence[bytes], source: str) -> None:
    """Refuse word2vec's files, text and binary, and GloVe's."""
    sizes = SIZES.match(text)
    if sizes:
        dimension = int(sizes[2])
        start = text[sizes.end() : sizes.end() + 4 * dimension + 256]
        binary = CONTROL.search(start) or not is_utf8(start)
        rows = [line.split() for line in lines[1:4]]
        textual = rows and all(len(row) == dimension + 1 and _are_numbers(row[1:]) for row in rows)
    else:
        binary, rows = None, [line.split() for line in lines[:10]]
        same = len(rows) > 1 and len(set(map(len, rows))) == 1 and len(rows[0]) > NUMBERS
        textual = same and all(_are_numbers(row[1:]) for row in rows) and _are_long(rows)
    if binary or textual:
        raise CorpusError(
            f"{source}: holds word vectors ({'binary' if binary else 'text'}), no text to train on;"
            f" {QUERY}"
        )


def _are_numbers(fields: Sequence[bytes]) -> bool:
    """Whether all fields are numbers, at least one of them with a decimal point."""
    return any(b"." in field for field in fields) and all(
        NUMBER.fullmatch(field) for field in fields
    )


def _are_long(rows: Sequence[Sequence[bytes]]) -> bool:
    """Whether most numbers of vectors have the digits that trained ones have."""
    return 2 * sum(len(field) >= DIGITS for row in rows for field in row[1:]) > sum(map(len, rows))


def _check_markup(text: bytes, source: str) -> None:
    """Refuse HTML and XML."""
    markup = MARKUP.match(text)
    if markup and markup["root"].lower() == b"mediawiki":
        raise CorpusError(
            f"{source}: is a dump of a wiki in XML; take its text out first, for instance with"
            " wikiextractor"
        )
    if markup:
        raise CorpusError(
            f"{source}: is an HTML page, its tags would be words; take its text out first, for"
            " instance with pandoc -t plain FILE -o NEW"
        )
    if re.match(rb"\s*<\?xml\s", text):
        raise CorpusError(f"{source}: is XML, its tags would be words; take its text out first")


def _check_json(text: bytes, whole: bool, source: str) -> None:
    """Refuse JSON lines, and documents of JSON."""
    if text.lstrip()[:1] not in (b"{", b"["):
        return
    rows = [_json(line)[0] for line in _complete_lines(text, whole)[:10]]
    if rows and all(isinstance(row, dict) and row for row in rows):
        best = max(rows[0], key=lambda key: len(str(rows[0][key])))
        raise needs_column(source, "JSON lines,", list(rows[0]), best)
    if rows and all(isinstance(row, list) and len(row) > 1 for row in rows):
        raise CorpusError(
            f"{source}: is JSON lines, a list on each; take the words out first: jq -r"
            " 'join(\" \")' FILE > NEW"
        )
    document, good = _json(text)
    strings = whole and document and b'"' in text
    if strings or (not whole and len(text) >= ENOUGH and 2 * good > len(text)):
        raise CorpusError(
            f"{source}: is a JSON document; write its text, a line each, to a file, or give token"
            " lists from Python"
        )


def _json(text: bytes) -> tuple[Any, int]:
    """The value of a text in JSON, None if it is none, and how many of its characters could be such
    a text's.
    """
    try:
        return json.loads(text), len(text)
    except json.JSONDecodeError as error:
        return None, error.pos
    except (ValueError, RecursionError):
        return None, 0


def _check_separated(lines: Sequence[bytes], source: str) -> None:
    """Refuse a text without white space within its lines, if they hold what separates columns or
    items instead.
    """
    for separator, name in SEPARATORS.items():
        if 2 * sum(separator.encode() in line for line in lines) > len(lines):
            raise CorpusError(
                f"{source}: has no white space within its lines, but {name}, as CSV has; replace"
                f" them by spaces: tr '{separator}' ' ' < FILE > NEW; for one column:"
                f" cut -d'{separator}' -f1"
            )


def _table(lines: Sequence[bytes], source: str) -> tuple[str, Notice] | None:
    """A Notice if the first lines are rows of a table, between commas, semicolons or tabs.

    Raises CorpusError if the first of them names its columns.
    """
    text = [line.decode(errors="ignore") for line in lines[:LINES]]
    for separator, name in {",": "commas", ";": "semicolons", "\t": "tabs"}.items():
        rows = _rows(text, separator)
        if len(rows) < ROWS or (
            separator == "\t" and not _has_text(rows) and not _has_numbers(rows)
        ):
            continue
        longest = max(range(len(rows[0])), key=lambda column: sum(len(row[column]) for row in rows))
        if _are_names(rows[0]):
            raise needs_column(source, f"a table, between {name},", rows[0], rows[0][longest])
        return "table", Notice(
            f"{source}: looks like a table with {len(rows[0])} columns, between {name}; all of it"
            " is trained on. To train on one: put names of columns in its first line, and name"
            f" one, --column; column {longest + 1} holds most"
        )
    return None


def _are_names(cells: Sequence[str]) -> bool:
    """Whether cells may be the names of columns: one or two words each, no two alike."""
    return len(set(cells)) == len(cells) and all(
        HEADER.fullmatch(cell) and len(cell.split()) <= 2 for cell in cells
    )


def _rows(text: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of lines of text; none if their number differs, or one begins with a space as in
    prose, or code ends them.
    """
    if not text or separator not in text[0]:
        return []
    rows: list[list[str]] = []
    reader = csv.reader(text, delimiter=separator)
    try:
        for row in reader:
            if reader.line_num == LINES:  # its last cell may be cut
                break
            if (
                len(row) < 2
                or len(row) != len(rows[0] if rows else row)
                or any(cell.startswith(" ") for cell in row)
            ):
                return []
            rows.append(row)
    except csv.Error:
        return []
    return rows if any(row[-1] for row in rows) else []


def _has_text(rows: Sequence[Sequence[str]]) -> bool:
    """Whether many cells hold more than two words: others may be words or items between tabs."""
    return 2 * sum(len(cell.split()) > 2 for row in rows for cell in row) >= len(rows)


def _has_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has a name of a column, and all rows after it a number there."""
    return any(
        HEADER.fullmatch(name) and all(NUMBER.fullmatch(cell.encode()) for cell in cells)
        for name, *cells in zip(*rows, strict=True)
    )


def _other_spaces(
    text: bytes, one_word: bool, source: str, tokenize: bool
) -> tuple[str, Notice] | None:
    """A Notice if words seem to be separated by white space that is not ASCII's, or by nothing.

    Where no line has two words, nothing could be trained on: raises CorpusError then.
    """
    if text.isascii():
        return None
    sample = text.decode(errors="ignore")
    spaces = SPACES.findall(sample)
    if not tokenize and len(spaces) >= FEW and OFTEN * len(spaces) > len(sample):
        space = max(set(spaces), key=spaces.count)
        escaped = "".join(f"\\x{byte:02x}" for byte in space.encode())  # for sed, in any locale
        kind = "spaces"
        message = (
            f"has U+{ord(space):04X}{SPACE_NAMES.get(space, '')} {len(spaces)} times in its first"
            f" {len(text) >> 10 or 1} KB; it counts as a letter: --tokenize words splits at it, or"
            f" sed 's/{escaped}/ /g' FILE > NEW"
        )
    elif 2 * len(UNSPACED.findall(sample)) > len(sample) > LONG * len(sample.split()):
        kind = "unspaced"
        message = (
            "seems to have no spaces between its words; split it into words first (Chinese: jieba,"
            " Japanese: fugashi or MeCab, Thai: pythainlp)"
        )
    else:
        return None
    if one_word:
        raise CorpusError(f"{source}: {message}")
    return kind, Notice(f"{source}: {message}")
