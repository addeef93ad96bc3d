"""Runs on many machines: an error on one rank is reported with its number and ends all ranks."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fastw2v.cli.messages import as_typed
from fastw2v.cli.terminal import echo_error, write_note
from fastw2v.errors import Fastw2vError
from fastw2v.training.interrupts import exit_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastw2v.training.communicator import Communicator


@contextmanager
def abort_on_error(distributed: str | None) -> Iterator[Communicator]:
    """Yield the Communicator of a run (``training.communicator``); an error ends all ranks."""
    from fastw2v.training.communicator import connect

    communicator = connect(distributed)
    try:
        yield communicator
    except BaseException as error:
        if communicator.size > 1:
            line, status = _line(error), _status(error)
            echo_error(f"rank {communicator.rank}: {line}")
            communicator.abort(status)
        raise


def _line(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return exit_message(error)[0]
    if not isinstance(error, (Fastw2vError, click.ClickException, MemoryError)):
        write_note(traceback.format_exc())
    return as_typed(error) or type(error).__name__


def _status(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return exit_message(error)[1]
    return error.exit_code if isinstance(error, click.ClickException) else 1
