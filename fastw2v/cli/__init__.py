"""The command line: one file for each command. Importing the package loads none of them."""

import errno
import importlib
import os
import sys

import click

COMMANDS = {
    "train": "train word vectors on text",
    "encode": "turn text into ids once, to train on many times",
    "phrases": "join words that belong together: new_york",
    "nearest": "show the words nearest to a word",
    "analogy": "answer: A is to B as C is to what?",
    "counts": "show who stands near a word, and what a model believes",
    "evaluate": "score vectors: analogies, judged pairs, categories",
    "paraphrase": "score vectors: which sentences say the same, with and without ReLU",
    "convert": "write vectors in another format",
    "plot": "draw words on a plane",
    "map": "draw thousands of words on a page to move about in",
    "report": "tell of a run on one page: its speed, its loss, its words",
    "doctor": "look at this machine: is it right, and how fast",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is run, so that --help is there at once."""

    def list_commands(self, context):
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, context, name):
        """The command of a name, or None."""
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"fastw2v.cli.{name}"), name)

    def resolve_command(self, context, args):
        """The command that is called. What is empty was meant to be something: a shell variable that is not set."""
        empty = next((i for i, arg in enumerate(args) if arg == "" or (arg.startswith("--") and arg.endswith("="))), None)
        if empty is not None and not args[max(empty - (args[empty] == ""), 0)].startswith("--delimiter"):
            said = " ".join(arg or "''" for arg in args)
            raise click.UsageError(f"an argument is empty: {said}; was a variable of the shell not set?")
        return super().resolve_command(context, args)

    def invoke(self, context):
        """Run a command. One whose answers nobody reads any more (``| head``) has done enough."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def format_commands(self, context, formatter):
        """The commands with what they do, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(context, parameter, wanted):
    if wanted and not context.resilient_parsing:
        from fastw2v import __version__

        click.echo(f"fastw2v {__version__}")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli():
    """Word vectors from plain text, fast.

    \b
      fastw2v train corpus.txt           leaves vectors.bin
      fastw2v nearest vectors.bin king   shows its neighbours
    """


def main():
    """Run the command line: exit code 0 done, 1 a user's error, 2 wrong usage, 128 and its number for a signal."""
    from fastw2v.errors import Fastw2vError

    try:
        status = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except Fastw2vError as error:
        line = str(error).replace("\n", "\\n")  # there may be one in the name of a file
        click.echo(f"fastw2v: {line}", err=True)
        status = 1
    except (KeyboardInterrupt, click.Abort) as error:
        from fastw2v.training.interrupts import said

        line, status = said(error.__cause__ or error)  # click makes an Abort of it
        click.echo(f"fastw2v: {line}", err=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        click.echo(f"fastw2v: the answer cannot be written: {error.strerror}", err=True)
        status = 1
    except MemoryError:
        click.echo("fastw2v: out of memory; lower --vector-size, or raise --min-count", err=True)
        status = 1
    sys.exit(status if isinstance(status, int) else 0)
