"""The command line: one file for each command. Importing the package loads none of them."""

from __future__ import annotations

import importlib
import io
import sys
from typing import TYPE_CHECKING

import click

from fastw2v.cli.terminal import discard, echo_error, echo_note, write_note
from fastw2v.errors import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

COMMANDS = {
    "demo": "Write a small corpus, to try the program.",
    "train": "Train word vectors on text.",
    "encode": "Encode a corpus once, to train on it many times.",
    "phrases": "Detect phrases and join their words: new_york.",
    "nearest": "Show the nearest neighbours of words.",
    "analogy": "Answer analogies: A is to B as C is to what?",
    "counts": "Compare co-occurrence counts of a word with model probabilities.",
    "evaluate": "Score vectors on analogies, word similarity and categories.",
    "paraphrase": "Score vectors on paraphrase detection, with and without ReLU.",
    "embed": "Write vectors of texts.",
    "convert": "Convert vectors to another format.",
    "plot": "Plot some words in two dimensions.",
    "map": "Draw thousands of words on an interactive page.",
    "report": "Write a report page about a training run.",
    "doctor": "Check the results and the speed of this machine.",
}


class EndOfFileError(Exception):
    """An EOFError of fastw2v; click would take the original for Ctrl-D."""


class LazyGroup(click.Group):
    """A group that imports a command only when it runs, so that --help is fast."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command with this name, or None."""
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"fastw2v.cli.{name}"), name)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments before the command.

        Without arguments, print the help on standard error and exit with code 2.
        """
        if not args and not context.resilient_parsing:  # as completion parses
            write_note(context.get_help() + "\n")
            context.exit(2)
        # click removes and splits them
        option = next((arg for arg in args if arg.startswith("-")), "")
        try:
            return super().parse_args(context, args)
        except click.NoSuchOption as error:
            said = (
                f"option {option[:60]} needs a command before it, as in fastw2v train CORPUS"
                " --vector-size 100"
            )
            raise click.UsageError(said, context) from error

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command, or print the help of one.

        Raises click.UsageError for an unknown command.
        """
        if args[0] == "help":
            args = [*args[1:2], "--help"]
        if args == ["--help"]:
            click.echo(context.get_help())
            context.exit()
        _refuse_empty(args)
        if args[0] not in COMMANDS:
            from fastw2v.cli.messages import unknown_command

            raise click.UsageError(unknown_command(args[0], list(COMMANDS)), context)
        found = super().resolve_command(context, args)
        name, command, _ = found
        if command is not None and any(len(arg) > 2 and arg[0] == "-" != arg[1] for arg in args):
            from fastw2v.cli.messages import single_dash

            if advice := single_dash(args[1:], command):
                raise click.UsageError(
                    advice, click.Context(command, parent=context, info_name=name)
                )
        return found

    def invoke(self, context: click.Context) -> Any:
        """Run a command; a closed standard output (``| head``) is not an error."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            discard(sys.stdout)
            return 0
        except EOFError as error:
            from fastw2v.errors import Fastw2vError

            if not isinstance(error, Fastw2vError):
                raise
            raise EndOfFileError from error
        except click.NoSuchOption as error:
            from fastw2v.cli.messages import no_such_option

            raise no_such_option(error) from error

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _refuse_empty(args: Sequence[str]) -> None:
    """Raise click.UsageError for an empty argument, usually an unset shell variable."""
    empty = next(
        (
            i
            for i, arg in enumerate(args)
            if arg == "" or (arg.startswith("--") and arg.endswith("="))
        ),
        None,
    )
    if empty is not None and not args[max(empty - (args[empty] == ""), 0)].startswith(
        "--delimiter"
    ):
        arguments = " ".join(arg or "''" for arg in args)
        raise click.UsageError(f"empty argument: {arguments}; is a shell variable unset?")


def _version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from fastw2v import __version__

        click.echo(f"fastw2v {__version__}")
        context.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Print the version.",
)
def cli() -> None:
    """Train and use word vectors (word2vec).

    \b
      fastw2v train corpus.txt           train, and write vectors.bin
      fastw2v nearest vectors.bin king   show the neighbours of a word
    """


def main() -> None:
    """Run the command line.

    The exit code is 0 after success, 1 after a user's error, 2 after wrong usage, and 128 plus its
    number after a signal.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not closed, nor of another type
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli(standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        status = _explain(error)
    sys.exit(status if isinstance(status, int) else 0)


def _explain(error: BaseException) -> int:
    """Print an error in one line and return the exit code.

    Raises errors that are not a user's error again.
    """
    from fastw2v.errors import Fastw2vError

    if isinstance(error, EndOfFileError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, click.ClickException):
        _explain_usage(error)
        return error.exit_code
    if isinstance(error, Fastw2vError):
        from fastw2v.cli.messages import as_typed

        echo_error(as_typed(error))
    elif isinstance(error, (KeyboardInterrupt, click.Abort)):
        from fastw2v.training.interrupts import exit_message

        line, status = exit_message(error.__cause__ or error)  # click wraps it in Abort
        echo_error(line)
        return status
    elif isinstance(error, ModuleNotFoundError) and _is_foreign(error):
        echo_error(f"{error.name} is not installed; pip install {error.name} adds it")
    elif type(error) is ImportError and (needed := _too_little_to_load()):
        echo_error(f"ulimit -v is too low to load a library; ulimit -v {needed} is enough")
    elif isinstance(error, MemoryError):
        echo_error("out of memory; free some, or use fewer words or dimensions")
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        echo_error(f"{where}{error.strerror or error}")
    else:
        raise error
    return 1


def _too_little_to_load() -> int | None:
    """The limit of address space in kB that is enough, if the one set is lower; else None."""
    from fastw2v.kernels import too_little_memory

    found = too_little_memory(1)
    return found[1] << 10 if found else None


def _is_foreign(error: ModuleNotFoundError) -> bool:
    return bool(error.name) and str(error.name).partition(".")[0] != "fastw2v"


def _explain_usage(error: click.ClickException) -> None:
    """Print an error of click in its format, with control characters escaped."""
    if context := getattr(error, "ctx", None):
        for line in [
            *context.get_usage().split("\n"),
            f"Try '{context.command_path} --help' for help.",
            "",
        ]:
            echo_note(line)
    echo_note(f"Error: {shortened(error.format_message())}")
