"""Checks of run.json and of a checkpoint's header.

Both may be forged: nothing in them is used before it is checked.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from fastw2v.config import TrainConfig
from fastw2v.errors import CheckpointError, ConfigError
from fastw2v.files import reason
from fastw2v.paths import AnyPath, is_special, shown
from fastw2v.training.inputs import OBJECTS, OUTPUTS

LARGEST = 2**63  # of a whole number
ENDLESS = 1e12  # seconds
DAMAGED = "begin the run anew in another folder"
FINGERPRINTS = ("corpus", "vocabulary", "documents", "vectors_to_begin_with", "evaluation")
PATHS = ("init", "update", "vocab", *OUTPUTS)  # of the inputs: a path each
LISTS = ("corpus", "stop_words", "evaluate")  # a path, or a list of paths or words
# The values of a state and their types.
STATE = {
    "epoch": int,
    "position": int,
    "pairs": int,
    "seconds": float,
    "over": bool,
    "best": float,
    "best_epoch": int,
    "waited": int,
    "evaluated": int,
    "began": float,
}


def check_metadata(metadata: Any, path: AnyPath) -> None:
    """Raise CheckpointError unless the values of run.json have the right types."""
    if not isinstance(metadata, dict) or not all(
        isinstance(metadata.get(name), dict) for name in ("config", "inputs", "corpus")
    ):
        raise CheckpointError(
            f"{shown(path)}: is damaged: it should hold config, inputs and corpus; {DAMAGED}"
        )
    inputs, objects = metadata["inputs"], metadata["inputs"].get("objects", [])
    right = {name: _is_text(inputs.get(name)) for name in (*PATHS, "checkpoint_every")}
    right |= {name: _is_text(inputs.get(name)) or _are_texts(inputs.get(name)) for name in LISTS}
    right["objects"] = isinstance(objects, list) and all(name in OBJECTS for name in objects)
    right["fingerprints"] = _are_fingerprints(metadata.get("fingerprints", {}))
    right["fastw2v"] = _is_text(metadata.get("fastw2v"))
    if wrong := [name for name, is_right in right.items() if not is_right]:
        raise CheckpointError(
            f"{shown(path)}: is damaged: its {' and '.join(wrong)} cannot be that of a run;"
            f" {DAMAGED}"
        )


def check_sources(inputs: Mapping[str, Any], path: AnyPath) -> None:
    """Raise CheckpointError if run.json names a pipe or a device to read: it may never end."""
    sources = [inputs.get(name) for name in ("init", "update", "vocab", "stop_words")]
    for name in ("corpus", "evaluate"):
        value = inputs.get(name) or []
        sources += [value] if isinstance(value, str) else value
    for source in sources:
        if isinstance(source, str) and source != "-" and is_special(source):
            raise CheckpointError(
                f"{shown(path)}: names {shown(source)}, which is a pipe or a device; a run is"
                " resumed from files and directories, so begin it anew"
            )


def config_of(values: Any, path: AnyPath, version: str | None = None) -> TrainConfig:
    """The TrainConfig of a dictionary that was read from a file. Raises CheckpointError.

    version : of the program that wrote the file, for the error, if it is known.
    """
    if not isinstance(values, dict):
        raise CheckpointError(f"{shown(path)}: holds no configuration")
    unknown = sorted(values.keys() - {field.name for field in fields(TrainConfig)})
    if unknown:
        names = ", ".join(map(ascii, unknown))[:80]
        writer = f"fastw2v {shown(version[:20])}" if version else "another version of fastw2v"
        raise CheckpointError(
            f"{shown(path)}: was begun by {writer}, whose {names} this one does not know;"
            " begin the run anew"
        )
    for name, value in values.items():
        if isinstance(value, (list, dict)):
            raise CheckpointError(f"{shown(path)}: its {name} cannot be that of a run")
    try:
        return TrainConfig(**values)
    except ConfigError as error:
        raise CheckpointError(f"{shown(path)}: {reason(error)}") from error


def check_fingerprints(fingerprints: Any) -> None:
    """Raise ValueError unless fingerprints are those of known parts of a run."""
    if not _are_fingerprints(fingerprints):
        raise ValueError("its fingerprints are not those of a run")


def check_state(state: Any, config: TrainConfig, N: int) -> None:
    """Raise ValueError unless a state is one in which a run over N positions can be.

    A run ends within an epoch only by its time budget; with ``patience`` it may end after any epoch
    that was evaluated.
    """
    if not isinstance(state, dict) or state.keys() != STATE.keys():
        raise ValueError("its state has other parts than that of a run")
    for name, kind in STATE.items():
        if not _is_number(state[name], kind):
            raise ValueError(f"its {name} is not a number that a run can have")
    epoch, position, over = state["epoch"], state["position"], state["over"]
    last = LARGEST // N if config.seconds else config.epochs
    if not (0 <= position < N and 0 <= epoch <= last and (epoch < last or position == 0)):
        raise ValueError(f"its place, token {position} of epoch {epoch}, is not in the corpus")
    evaluated, latest = state["evaluated"], epoch + (position > 0)
    if not (0 <= state["best_epoch"] <= evaluated <= latest and 0 <= state["waited"] <= evaluated):
        raise ValueError("its epochs of evaluation are not those that it has trained")
    if (
        min(state["pairs"], state["seconds"], state["began"]) < 0
        or max(state["seconds"], state["began"]) > ENDLESS
    ):
        raise ValueError("its pairs or seconds are out of range")
    stopped = config.patience and state["waited"] >= config.patience
    if over and not (epoch == last or stopped or config.seconds):
        raise ValueError(f"it says that the run is over, after {epoch} of {config.epochs} epochs")


def _is_number(value: Any, kind: type) -> bool:
    if kind is bool:
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else int):
        return False
    if isinstance(value, float):
        return value < math.inf  # not nan; before the first evaluation the best is minus infinity
    return abs(value) < LARGEST


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _are_fingerprints(fingerprints: object) -> bool:
    return isinstance(fingerprints, dict) and all(
        name in FINGERPRINTS and isinstance(digest, str) for name, digest in fingerprints.items()
    )
