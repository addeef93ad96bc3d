"""Runs on many machines: one rank speaks, and none waits for one that has failed."""

import traceback
from contextlib import contextmanager

import click

from fastw2v.errors import Fastw2vError


@contextmanager
def joined(distributed):
    """The Communicator of a run (see ``training.communicator``). What goes wrong on one rank is told with its number, and
    ends all of them."""
    from fastw2v.training.communicator import connect

    communicator = connect(distributed)
    try:
        yield communicator
    except BaseException as error:
        if communicator.size > 1:
            if not isinstance(error, (Fastw2vError, KeyboardInterrupt)):
                click.echo(traceback.format_exc(), err=True, nl=False)
            line = str(error).replace("\n", "\\n") or type(error).__name__
            click.echo(f"fastw2v: rank {communicator.rank}: {line}", err=True)
            communicator.abort()
        raise
