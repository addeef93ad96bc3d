"""Questions of words: from the command line, from a file or a pipe, or at a prompt."""

import json
import sys
from contextlib import nullcontext, suppress

import click

from fastw2v.errors import UnknownWordError, VectorsError
from fastw2v.files import reason

COMPLETIONS = 200  # words shown for what is typed


def asking_options(command):
    """Decorator: --from and --json."""
    command = click.option("--json", "as_json", is_flag=True, help="Print each answer as one line of JSON.")(command)
    return click.option(
        "--from",
        "source",
        metavar="FILE",
        help="Answer the lines of a file, or of standard input for -; blank lines are skipped.",
    )(command)


def ask(vectors, prompt, answer, show, *, given, source, as_json):
    """Answer the questions that are given, all or none; without any, line after line until the input ends.

    prompt : names of the words that a question has;  answer : from these words to what is found, a dictionary;  show : from
    that to text;  source : a file of questions, - for standard input; without one, a prompt if somebody is there. A word
    in a line that is unknown is said, and the next line answered.
    """
    answers = [answer(*words) for words in given]
    for found in answers:
        click.echo(json.dumps(found, ensure_ascii=False) if as_json else show(found))
    if not answers:
        _answer_lines(vectors, prompt, answer, show, source, as_json)


def _answer_lines(vectors, prompt, answer, show, source, as_json):
    count = len(prompt.split())
    try:
        with _lines(source, prompt, vectors) as lines:
            for number, line in enumerate(lines, 1):
                raw = line.encode(errors="surrogateescape")
                words = [word.decode(errors="replace") for word in raw.split()]  # at ASCII white space, as the corpus was
                if words and len(words) != count:
                    _refuse(number, words, f"should hold {'a ' * (count == 1)}{prompt}, not {len(words)} words", as_json)
                elif words:
                    try:
                        found = answer(*words)
                    except UnknownWordError as error:
                        _refuse(number, words, error, as_json)
                    else:
                        click.echo(json.dumps(found, ensure_ascii=False) if as_json else show(found))
    except KeyboardInterrupt:
        click.echo(err=True)
        raise SystemExit(130) from None


def _refuse(number, words, error, as_json):
    click.echo(f"fastw2v: line {number}: {error}", err=True)
    if as_json:  # a line for every question
        click.echo(json.dumps({"words": words, "error": str(error)}, ensure_ascii=False))


def _lines(source, prompt, vectors):
    """The lines of a file, of standard input, or of somebody who types them; closed after use."""
    if source not in (None, "-"):
        try:
            return open(source, encoding="utf8", errors="surrogateescape")
        except OSError as error:
            raise VectorsError(f"{source}: cannot be read: {reason(error)}") from error
    if sys.stdin is None:
        raise click.UsageError("standard input is closed; give words, or --from FILE")
    if source is None and sys.stdin.isatty():
        return nullcontext(_typed(prompt, vectors))
    return nullcontext(iter(sys.stdin.readline, ""))


def _typed(prompt, vectors):
    """Lines as they are typed, with a history and completion of words where there is a terminal for both."""
    if sys.stdout.isatty():
        _complete(vectors)
    while True:
        try:
            yield _typed_line(f"{prompt}: ")
        except EOFError:
            click.echo(err=True)
            return


def _typed_line(prompt):
    if sys.stdout.isatty():
        return input(prompt)
    click.echo(prompt, err=True, nl=False)  # answers go elsewhere: the prompt is no part of them
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _complete(vectors):
    """Let the Tab key complete words of the vocabulary."""
    with suppress(ImportError):  # not every system has it
        import readline

        found = {}

        def complete(text, state):
            if text not in found:
                found.clear()
                found[text] = [word for word in vectors.words if word.startswith(text)][:COMPLETIONS]
            return found[text][state] if state < len(found[text]) else None

        readline.set_completer(complete)
        readline.set_completer_delims(" \t\n")
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
