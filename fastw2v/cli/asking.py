"""Questions of words: from the command line, from a file or a pipe, or at a prompt."""

import codecs
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import click

from fastw2v.cli.terminal import (
    CONTROL,
    echo_answer,
    echo_error,
    echo_json,
    echo_note,
    shortened,
    write_note,
)
from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.files import reason

COMPLETIONS = 200  # words shown for what is typed
LONGEST = 1 << 20  # bytes of a line
QUOTED = 60  # characters of a word in an error
LEAVE = "Ctrl-Z and Enter exit" if os.name == "nt" else "Ctrl-D exits"


@dataclass(frozen=True)
class Asking:
    """What a command is asked, and how it answers.

    prompt : names of the words of a question;  hint : what may be typed;  split : from the
        words of a line to its questions,
    None if they make none;  about : from a question to the part of its JSON that tells it;  answer
    : from a question to the
    rest of its JSON, or UnknownWordError;  show : from both parts together to text.
    """

    prompt: str
    hint: str
    split: Callable[[list[str]], list | None]
    about: Callable[[object], dict]
    answer: Callable[[object], dict]
    show: Callable[[dict], str]


def asking_options(command):
    """Decorator: --from and --json."""
    command = click.option(
        "--json", "as_json", is_flag=True, help="Print one line of JSON per query."
    )(command)
    return click.option(
        "--from",
        "source",
        metavar="FILE",
        help="File of queries, one per line; - is standard input. Blank lines are skipped.",
    )(command)


def check_source(words, source):
    """Raise click.UsageError if words are given in two ways."""
    if words and source is not None:
        raise click.UsageError("give words or --from FILE, not both")


def check_order(command, vectors, words):
    """Raise VectorsError if a file stands among the words, and none where the file of vectors
    belongs: they are swapped.
    """
    file = next((word for word in words if os.path.isfile(word)), None)
    if file is not None and not os.path.exists(vectors):
        others = [vectors, *(word for word in words if word is not file)]
        raise VectorsError(
            f"{vectors}: no such file; give the file of vectors first: fastw2v {command} {file}"
            f" {' '.join(others)}"
        )


def ask(asking, vectors, words, source, as_json):
    """Answer the questions in some words; without any, line after line until the input ends.

    vectors : WordVectors, whose words the Tab key completes;  source : a file of questions, - for
    standard input; without one, a prompt if somebody is there. An unknown word is named, and the
    next question answered. Of questions on the command line, exit code 1 says that one had no
    answer.
    """
    if not words:
        _answer_lines(asking, vectors, source, as_json)
        return
    answered = [_answer(asking, question, as_json) for question in asking.split(list(words))]
    if not all(answered):
        raise click.exceptions.Exit(1)


def _answer(asking, question, as_json, where=""):
    """Answer one question; returns whether it had an answer."""
    try:
        found = asking.about(question) | asking.answer(question)
    except UnknownWordError as error:
        _refuse(asking.about(question), error, as_json, where)
        return False
    if as_json:
        echo_json(found)
    else:
        echo_answer(asking.show(found))
    return True


def _refuse(about, error, as_json, where):
    echo_error(f"{where}{error}")
    if as_json:  # a line for every question
        echo_json(about | {"error": str(error)})


def _answer_lines(asking, vectors, source, as_json):
    if sys.stdin is None and source in (None, "-"):
        raise click.UsageError("standard input is closed; give words, or --from FILE")
    typed = source is None and sys.stdin.isatty()
    try:
        for number, line in enumerate(_typed(asking, vectors) if typed else _lines(source), 1):
            words, where = _words(line, number == 1), "" if typed else f"line {number}: "
            questions = asking.split(words)
            if questions is None:
                error = f"should hold {asking.prompt}, not {len(words)} words"
                _refuse(
                    {"words": [shortened(word, QUOTED) for word in words[:10]]},
                    error,
                    as_json,
                    where,
                )
            for question in questions or ():
                _answer(asking, question, as_json, where)
    except KeyboardInterrupt:
        write_note("\n")
        raise SystemExit(130) from None


def _words(line, first):
    """The words of a line, between ASCII white space, as those of a corpus are.

    line : bytes, of UTF-8 or else of the encoding of standard input;  first : whether a
        byte-order mark may begin it.
    """
    line = line.removeprefix(codecs.BOM_UTF8) if first else line
    try:
        return [word.decode() for word in line.split()]
    except UnicodeDecodeError:
        encoding = getattr(sys.stdin, "encoding", None) or "utf8"
        return [word.decode(encoding, errors="replace") for word in line.split()]


def _lines(source):
    """The lines of a file or of standard input, as bytes. Raises VectorsError."""
    name = "standard input" if source in (None, "-") else source
    try:
        with nullcontext(sys.stdin.buffer) if source in (None, "-") else open(source, "rb") as file:
            while line := file.readline(LONGEST):
                if len(line) == LONGEST:
                    raise VectorsError(
                        f"{name}: holds a line of more than {LONGEST:,} bytes; give words, one a"
                        " line"
                    )
                yield line
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise VectorsError(f"{name}: cannot be read: {reason(error)}") from error


def _typed(asking, vectors):
    """Lines as they are typed, as bytes, with a history and completion of words where there is a
    terminal for both.
    """
    sys.stdin.reconfigure(errors="surrogateescape")
    keys = "Tab completes words; " if sys.stdout.isatty() and _complete(vectors) else ""
    echo_note(f"{asking.hint}; {keys}{LEAVE}")
    while True:
        try:
            line = _typed_line(f"{asking.prompt}: ")
        except EOFError:
            write_note("\n")
            return
        yield line.encode(sys.stdin.encoding, "surrogateescape")


def _typed_line(prompt):
    if sys.stdout.isatty():
        return input(prompt)
    write_note(prompt)  # answers go elsewhere: the prompt is no part of them
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _complete(vectors):
    """Let the Tab key complete words of the vocabulary, if this system has completion; returns
    whether it has.
    """
    with suppress(ImportError):
        import readline

        found = {}

        def complete(text, state):
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
