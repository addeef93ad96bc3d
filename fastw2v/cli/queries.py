"""Queries of words: from the command line, a file, a pipe or a prompt."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from fastw2v.cli.options import FILE
from fastw2v.cli.progress import working
from fastw2v.cli.terminal import (
    CONTROL,
    echo_answer,
    echo_error,
    echo_json,
    echo_note,
    write_note,
)
from fastw2v.errors import UnknownWordError, VectorsError, shortened
from fastw2v.files import reason

if TYPE_CHECKING:
    from fastw2v.cli.options import Decorated
    from fastw2v.vectors.word_vectors import WordVectors

Query = TypeVar("Query")
Answer = dict[str, Any]  # JSON
Line = TypeVar("Line")

COMPLETIONS = 200  # words offered for a prefix
MAX_LINE_BYTES = 1 << 20  # bytes per line
BATCH = 2048  # lines of a file that are answered together
QUOTED = 60  # characters of a word in an error
LEAVE = "Ctrl-Z and Enter exit" if os.name == "nt" else "Ctrl-D exits"


@dataclass(frozen=True)
class QueryCommand(Generic[Query]):
    """The queries that a command takes, and how it answers.

    Attributes
    ----------
    prompt
        What the prompt asks for, such as "A B C".
    hint
        What may be typed.
    split
        Function from the words of a line to its queries; None if the words form none.
    about
        Function from a query to the JSON that describes it.
    answer
        Function from a query to the JSON of its answer. Raises UnknownWordError.
    show
        Function from both JSON parts together to text.
    answer_many
        Function from many queries to the answer or UnknownWordError of each; None if it would
        not be faster than ``answer``.
    """

    prompt: str
    hint: str
    split: Callable[[list[str]], list[Query] | None]
    about: Callable[[Query], Answer]
    answer: Callable[[Query], Answer]
    show: Callable[[Answer], str]
    answer_many: Callable[[list[Query]], list[Answer | UnknownWordError]] | None = None


def query_options(command: Decorated) -> Decorated:
    """Decorator: --from and --json."""
    command = click.option(
        "--json", "as_json", is_flag=True, help="Print one line of JSON per query."
    )(command)
    return click.option(
        "--from",
        "source",
        type=FILE,
        metavar="FILE",
        help="File of queries, one per line; - is standard input. Blank lines are skipped.",
    )(command)


def check_source(words: Sequence[str], source: str | None) -> None:
    """Raise click.UsageError if words are given on the command line and by --from."""
    if words and source is not None:
        raise click.UsageError("give words or --from FILE, not both")


def check_order(command: str, vectors: str, words: Sequence[str]) -> None:
    """Raise VectorsError if the file of vectors is among the words instead of before them."""
    file = next((word for word in words if os.path.isfile(word)), None)
    if file is not None and not os.path.exists(vectors):
        others = [vectors, *(word for word in words if word is not file)]
        raise VectorsError(
            f"{vectors}: no such file; give the file of vectors first: fastw2v {command} {file}"
            f" {' '.join(others)}"
        )


def ask(
    command: QueryCommand[Query],
    vectors: WordVectors,
    words: Sequence[str],
    source: str | None,
    as_json: bool,
) -> None:
    """Answer the queries in ``words``; without words, answer each line of the input.

    vectors : WordVectors, whose words the Tab key completes;  source : a file of queries, - for
    standard input, None for a prompt on a terminal. An unknown word is reported, and the next query
    answered. For queries on the command line, the exit code is 1 if one had no answer.
    """
    if not words:
        _answer_lines(command, vectors, source, as_json)
        return
    questions = command.split(list(words)) or []
    answers = _answers(command, questions)
    shown = [_show(command, *pair, as_json) for pair in zip(questions, answers, strict=True)]
    if not all(shown):
        raise click.exceptions.Exit(1)


def _answers(
    command: QueryCommand[Query], questions: Iterable[Query]
) -> Iterator[Answer | UnknownWordError]:
    """Yield the answer of each query, or its UnknownWordError."""
    for question in questions:
        try:
            yield command.answer(question)
        except UnknownWordError as error:
            yield error


def _show(
    command: QueryCommand[Query],
    question: Query,
    answer: Answer | UnknownWordError,
    as_json: bool,
    where: str = "",
) -> bool:
    """Print the answer of a query, or its UnknownWordError; return whether it had an answer."""
    about = command.about(question)
    if isinstance(answer, UnknownWordError):
        _refuse(about, answer, as_json, where)
        return False
    if as_json:
        echo_json(about | answer)
    else:
        echo_answer(command.show(about | answer))
    return True


def _refuse(about: Answer, error: object, as_json: bool, where: str) -> None:
    echo_error(f"{where}{error}")
    if as_json:  # one line per query
        echo_json(about | {"error": str(error)})


def _answer_lines(
    command: QueryCommand[Query], vectors: WordVectors, source: str | None, as_json: bool
) -> None:
    if sys.stdin is None and source in (None, "-"):
        raise click.UsageError("standard input is closed; give words, or --from FILE")
    typed = source is None and sys.stdin.isatty()
    # who writes to a pipe may wait for an answer to each line
    is_file = source not in (None, "-") and os.path.isfile(source)
    batch_size = BATCH if command.answer_many and is_file else 1
    lines = enumerate(_typed(command, vectors) if typed else _lines(source), 1)
    answered = 0
    progress = working(lambda: f"answered {answered:,} lines")
    try:
        with progress if is_file and not sys.stdout.isatty() else nullcontext():
            for batch in _batches(lines, batch_size):
                queries = [
                    ("" if typed else f"line {number}: ", _words(line, number == 1))
                    for number, line in batch
                ]
                _answer_batch(command, queries, as_json, batch_size > 1)
                answered += len(batch)
    except KeyboardInterrupt:
        write_note("\n")
        raise SystemExit(130) from None


def _batches(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Yield lists of lines; what came before an error is yielded before it is raised."""
    batch: list[Line] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == size:
                yield batch
                batch = []
    except VectorsError:
        yield batch
        raise
    if batch:
        yield batch


def _answer_batch(
    command: QueryCommand[Query],
    lines: Sequence[tuple[str, list[str]]],
    as_json: bool,
    at_once: bool,
) -> None:
    """Answer the queries of lines, pairs (place for errors, words), in their order."""
    split = [(where, words, command.split(words)) for where, words in lines]
    questions = [question for _, _, questions in split for question in questions or ()]
    answer_many = command.answer_many if at_once else None
    answers = iter(answer_many(questions) if answer_many else _answers(command, questions))
    for where, words, line_questions in split:
        if line_questions is None:
            error = f"should hold {command.prompt}, not {len(words)} words"
            about = {"words": [shortened(word, QUOTED) for word in words[:10]]}
            _refuse(about, error, as_json, where)
        for question in line_questions or ():
            _show(command, question, next(answers), as_json, where)


def _words(line: bytes, first: bool) -> list[str]:
    """Return the words of a line, separated by ASCII white space as in a corpus.

    line : bytes in UTF-8 or in the encoding of standard input;  first : whether a byte-order mark
    may begin it.
    """
    line = line.removeprefix(codecs.BOM_UTF8) if first else line
    try:
        return [word.decode() for word in line.split()]
    except UnicodeDecodeError:
        encoding = getattr(sys.stdin, "encoding", None) or "utf8"
        return [word.decode(encoding, errors="replace") for word in line.split()]


def _lines(source: str | None) -> Iterator[bytes]:
    """Yield the lines of a file or of standard input, as bytes. Raises VectorsError."""
    name = "standard input" if source in (None, "-") else source
    try:
        with nullcontext(sys.stdin.buffer) if source in (None, "-") else open(source, "rb") as file:
            while line := file.readline(MAX_LINE_BYTES):
                if len(line) == MAX_LINE_BYTES:
                    raise VectorsError(
                        f"{name}: holds a line of more than {MAX_LINE_BYTES:,} bytes; give words,"
                        " one a line"
                    )
                yield line
    except (OSError, ValueError) as error:  # ValueError: NUL byte in the name
        raise VectorsError(f"{name}: cannot be read: {reason(error)}") from error


def _typed(command: QueryCommand[Query], vectors: WordVectors) -> Iterator[bytes]:
    """Yield typed lines as bytes, with history and completion of words on a terminal."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    keys = "Tab completes words; " if sys.stdout.isatty() and _complete(vectors) else ""
    echo_note(f"{command.hint}; {keys}{LEAVE}")
    while True:
        try:
            line = _typed_line(f"{command.prompt}: ")
        except EOFError:
            write_note("\n")
            return
        yield line.encode(sys.stdin.encoding, "surrogateescape")


def _typed_line(prompt: str) -> str:
    if sys.stdout.isatty():
        return input(prompt)
    write_note(prompt)  # standard output is not a terminal: keep the prompt out of it
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _complete(vectors: WordVectors) -> bool:
    """Let the Tab key complete words of the vocabulary; return whether readline is available."""
    with suppress(ImportError):
        import readline

        found: dict[str, list[str]] = {}

        def complete(text: str, state: int) -> str | None:
            if text not in found:
                found.clear()
                words = (
                    word
                    for word in vectors.words
                    if word.startswith(text) and not CONTROL.search(word)
                )
                found[text] = [word for word, _ in zip(words, range(COMPLETIONS), strict=False)]
            return found[text][state] if state < len(found[text]) else None

        readline.set_completer(complete)
        readline.set_completer_delims(" \t\n")
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        return True
    return False
