"""A run's folder: what the run was asked to do, and a lock while a process works in it."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.errors import CheckpointError
from fastw2v.files import atomic_write, make_folder, reason, remove_leftovers, set_aside
from fastw2v.paths import (
    AnyPath,
    checked_path,
    is_folder,
    open_regular,
    read_at_most,
    shown,
)
from fastw2v.training.checkpoint import (
    DamagedError,
    bytes_of,
    check_arrays,
    checkpoint_paths,
    read_arrays,
    read_checkpoint,
)
from fastw2v.training.folder_lock import FolderLock
from fastw2v.training.inputs import RunInputs
from fastw2v.training.interval import CheckpointInterval
from fastw2v.training.loop import Training
from fastw2v.training.recorder import Recorder
from fastw2v.training.validation import (
    DAMAGED,
    check_fingerprints,
    check_metadata,
    check_sources,
    check_state,
    config_of,
)

HASHED_IDS = 1 << 24  # ids that are hashed at a time
MAX_METADATA = 1 << 26  # bytes of run.json
PLURAL = ("documents", "vectors_to_begin_with")  # of the fingerprints
# fields of the configuration that may differ when a run is resumed
FREE = ("threads", "distributed", "sync_every")


class RunFolder:
    """The locked folder of a run. Use as a context, or ``close`` it.

    ``begin`` and ``find`` make one; ``join`` restores a training and records it.

    Parameters
    ----------
    metadata
        What run.json holds.
    config
        The TrainConfig of the run.
    lock
        The lock of the folder.
    """

    def __init__(
        self, path: Path, metadata: dict[str, Any], config: TrainConfig, lock: FolderLock
    ) -> None:
        self.path, self.metadata, self.config, self.lock = path, metadata, config, lock

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock."""
        self.lock.close()

    @classmethod
    def begin(cls, path: AnyPath, config: TrainConfig, inputs: RunInputs) -> "RunFolder":
        """Make and lock the folder of a new run.

        Raises CheckpointError for a folder that holds a run, ConfigError for inputs that cannot be
        read again, and OutputError.
        """
        from fastw2v import __version__

        inputs.check_apart(path)
        recorded = inputs.to_json()
        metadata = {
            "fastw2v": __version__,
            "config": asdict(config),
            "output": recorded["output"],
            "inputs": recorded,
            "corpus": {},
        }
        path = Path(checked_path(path, CheckpointError))
        make_folder(path)
        folder = cls(path, metadata, config, FolderLock(path))
        try:
            remove_leftovers(path)
            folder._check_unused()
            folder._write_metadata()
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def find(cls, path: AnyPath) -> "RunFolder":
        """Lock the folder of a run that was begun. Raises CheckpointError."""
        path = Path(checked_path(path, CheckpointError))
        if not is_folder(path, CheckpointError):
            raise CheckpointError(
                f"{shown(path)}: there is no such folder; fastw2v train --run-dir makes one"
            )
        metadata = _read_metadata(path)
        check_sources(metadata["inputs"], path / "run.json")
        config = config_of(metadata["config"], path / "run.json", metadata.get("fastw2v"))
        folder = cls(path, metadata, config, FolderLock(path))
        remove_leftovers(path)
        return folder

    @property
    def inputs(self) -> RunInputs:
        """The inputs that run.json names. Raises ConfigError."""
        return RunInputs.from_json(self.metadata["inputs"])

    @property
    def objects(self) -> list[str]:
        """Names of the inputs that were no files, and have to be given again."""
        return list(self.metadata["inputs"].get("objects", []))

    def _check_unused(self) -> None:
        """Raise CheckpointError if the folder holds a run, or files of something else that a run
        would overwrite.

        A run that failed before it had read its corpus may begin again.
        """
        path, has_metadata = shown(self.path), os.path.lexists(self.path / "run.json")
        if checkpoint_paths(self.path) or (
            has_metadata and "fingerprints" in _read_metadata(self.path)
        ):
            raise CheckpointError(
                f"{path}: holds a run already; resume it with --resume {path}, or give another"
                " folder"
            )
        for name in ("vocabulary.txt", "log.jsonl"):
            if not has_metadata and os.path.lexists(self.path / name):
                raise CheckpointError(
                    f"{shown(self.path / name)}: is of no run, and would be overwritten; give"
                    " another folder"
                )

    def _write_metadata(self) -> None:
        with atomic_write(self.path / "run.json", follow=False) as out:
            out.write(json.dumps(self.metadata, indent=1).encode())

    def check_config(self, config: TrainConfig) -> None:
        """Raise CheckpointError, naming the fields, if a configuration is not the run's."""
        before, now = asdict(self.config), asdict(config)
        different = [name for name in now if name not in FREE and now[name] != before[name]]
        if different:
            changes = "; ".join(
                f"{name} was {before[name]!r}, now it is {now[name]!r}" for name in different
            )
            raise CheckpointError(
                f"{self.path}: the run has another configuration: {changes}; leave it as it was,"
                " or begin a new run"
            )

    def join(self, training: Training, interval: CheckpointInterval | None = None) -> Recorder:
        """Restore the last good checkpoint of the run into a training; return its Recorder.

        interval : how often checkpoints are written; None for no checkpoints. Raises
        CheckpointError, naming what the training has read that is not what the run began with.
        """
        fingerprints = fingerprints_of(training)
        if before := self.metadata.get("fingerprints"):
            self._check_fingerprints("", before, fingerprints)
        else:
            self._record_corpus(training.encoded, fingerprints)
        notices: list[str] = []
        loaded = self._restore(training, fingerprints, notices)
        return Recorder(self.path, training, fingerprints, interval, loaded, notices)

    def _record_corpus(self, encoded: EncodedCorpus, fingerprints: dict[str, str]) -> None:
        """Write fingerprints and sizes of the corpus to run.json, and the vocabulary to
        vocabulary.txt.
        """
        vocabulary = encoded.vocabulary
        self.metadata["fingerprints"] = fingerprints
        self.metadata["corpus"] = {
            "tokens_read": encoded.tokens_read,
            "lines": encoded.lines,
            "words_seen": encoded.words_seen,
            "tokens": encoded.tokens,
            "words": len(vocabulary),
            "files": self.metadata["inputs"].get("corpus"),
        }
        counts = vocabulary.counts.tolist()
        lines = (f"{word} {n}\n" for word, n in zip(vocabulary.words, counts, strict=True))
        with atomic_write(self.path / "vocabulary.txt", follow=False) as out:
            out.write("".join(lines).encode())
        self._write_metadata()

    def _check_fingerprints(
        self, where: str, before: Mapping[str, str], now: Mapping[str, str]
    ) -> None:
        different = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        if different:
            names = " and ".join(name.replace("_", " ") for name in different)
            verb = "are" if len(different) > 1 or different[0] in PLURAL else "is"
            raise CheckpointError(
                f"{self.path}{where}: the {names} {verb} not what"
                " the run began with; put back what was changed, or begin a new run in another"
                " folder"
            )

    def _restore(
        self, training: Training, fingerprints: Mapping[str, str], notices: list[str]
    ) -> Path | None:
        """Read the newest undamaged checkpoint into a training; return its path, or None.

        Damaged ones are renamed, and a notice for each is added to ``notices``. Raises
        CheckpointError for one that is undamaged and not of this run, its configuration, its corpus
        and its vocabulary.
        """
        paths = checkpoint_paths(self.path)
        for path in paths:
            try:
                header, begin, end = read_checkpoint(path)
            except DamagedError as error:
                set_aside(path)
                rest = "there is no other" if path == paths[-1] else "the one before is used"
                notices.append(f"{error}; {rest}")
                continue
            self.check_config(config_of(header["config"], path))
            try:
                check_fingerprints(header["fingerprints"])
                self._check_fingerprints(f"/{path.name}", header["fingerprints"], fingerprints)
                check_state(header["state"], training.config, len(training.encoded.ids))
                check_arrays(header, begin, end, training.arrays_of(header["state"]))
            except ValueError as error:
                raise CheckpointError(
                    f"{shown(path)}: {error}; remove the file to resume from an earlier one"
                ) from error
            training.load_state(header["state"])
            read_arrays(path, begin, training.arrays())
            notices.append(f"resuming from {path}, at {training.share_done:.1%} of the run")
            return path
        if paths:
            notices.append(f"{self.path}: no checkpoint is undamaged; the run begins anew")
        return None


def _read_metadata(folder: Path) -> dict[str, Any]:
    """What run.json of a folder holds, its types checked. Raises CheckpointError."""
    path = folder / "run.json"
    try:
        with open_regular(path) as file:
            metadata: dict[str, Any] = json.loads(read_at_most(file, MAX_METADATA))
    except FileNotFoundError:
        raise CheckpointError(
            f"{shown(folder)}: holds no run.json, so it is not the folder of a run"
        ) from None
    except OSError as error:
        raise CheckpointError(f"{shown(path)}: {reason(error)}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{shown(path)}: is damaged: it is no JSON; {DAMAGED}") from error
    check_metadata(metadata, path)
    return metadata


def fingerprints_of(training: Training) -> dict[str, str]:
    """SHA-256 of what a training has read, by name: of the ids and the vocabulary, and of the
    documents, the vectors begun with and the evaluation sets where there are such.
    """
    encoded, tables = training.encoded, training.tables
    words, counts = encoded.vocabulary.words, encoded.vocabulary.counts
    digests = {
        "corpus": _sha256(_chunks_of_ids(encoded)),
        "vocabulary": _sha256(["\n".join(words).encode(), counts.astype("<i8").tobytes()]),
    }
    if (documents := training.documents) is not None:
        tags = "\n".join(documents.names or []).encode()
        numbers = bytes_of(documents.of_line)
        digests["documents"] = _sha256([numbers, str(documents.count).encode(), tags])
    if training.has_initial_vectors:
        initial = (bytes_of(table) for table in (tables.W_in, tables.W_out))
        digests["vectors_to_begin_with"] = _sha256(initial)
    if sets := getattr(training.evaluate, "sets", None):
        digests["evaluation"] = _sha256([repr([each.items for each in sets]).encode()])
    return digests


def _chunks_of_ids(encoded: EncodedCorpus) -> Iterator[memoryview]:
    for start in range(0, len(encoded.ids), HASHED_IDS):
        yield bytes_of(encoded.ids[start : start + HASHED_IDS])
        encoded.forget()


def _sha256(parts: Iterable[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
