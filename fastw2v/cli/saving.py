"""How ``fastw2v train`` keeps what was learnt: at the end of a run, and when it is interrupted."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from fastw2v.errors import Fastw2vError
from fastw2v.files import is_device
from fastw2v.formats.registry import beside
from fastw2v.paths import AnyPath, unused
from fastw2v.training.interrupts import uninterrupted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastw2v.cli.progress import ProgressLine
    from fastw2v.training.session import Session
    from fastw2v.vectors.word_vectors import WordVectors


def save(vectors: WordVectors, outputs: Sequence[Path], show: ProgressLine) -> None:
    """Write the vectors, and the output vectors where there is a second path.

    Ctrl-C waits until they are written.

    If one cannot be written, the other is, before the error is raised.
    """
    errors = []
    with uninterrupted():
        for path, of in zip(outputs, (lambda: vectors, vectors.of_outputs), strict=False):
            table = of()
            try:
                table.save(path)
            except Fastw2vError as error:
                errors.append(error)
                continue
            show.say(
                f"saved    {_relative(path)}: {len(table):,} words, {table.vectors.shape[1]}"
                " dimensions"
            )
    if errors:
        raise errors[0]


def stop(session: Session, run_dir: AnyPath, show: ProgressLine) -> None:
    """Keep what an interrupted run has learnt in its folder."""
    training = session.training
    if path := session.stop():
        where = f"at {path}"
    elif training.begun:
        where = "without a checkpoint of the current state"
    else:
        where = "before any training"
    ranks = " --distributed mpi" if training.communicator.size > 1 else ""
    show.say(f"stopped  {where}; continue with fastw2v train --resume {run_dir}{ranks}")


def save_interrupted(session: Session, outputs: Sequence[Path], show: ProgressLine) -> None:
    """Keep what an interrupted run has learnt, or the best of it with --patience, beside the files
    it was to write.
    """
    training, progress = session.training, session.progress
    training.take_best()
    if not training.begun:
        show.say("stopped  before any training; nothing was saved")
        return
    where = "at the beginning of training"
    if progress:
        where = f"at {progress.tokens / progress.total:.0%}, in epoch {progress.epoch}"
    show.say(f"stopped  {where}; {outputs[0]} is unchanged")
    files = [path for path in outputs if not is_device(path)]
    save(training.vectors(), [_partial_path(path) for path in files], show)


def _partial_path(path: Path) -> Path:
    """A path for what an interrupted run has learnt, which nothing has yet: v.partial.bin for
    v.bin, v.partial-2.bin ...
    """
    return unused(
        beside(path, word) for word in chain(["partial"], (f"partial-{n}" for n in count(2)))
    )


def _relative(path: AnyPath) -> AnyPath:
    """A path as it is said: from here, if it is below here."""
    try:
        return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path
    except OSError:  # the current directory was removed
        return path
