"""What a run reads and writes, besides its configuration."""

import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, Union

from fastw2v.errors import ConfigError, ConfigTypeError, OutputError, quoted
from fastw2v.paths import AnyPath, is_path, shown
from fastw2v.training.interval import DEFAULT_INTERVAL, CheckpointInterval

if TYPE_CHECKING:
    from fastw2v.training.communicator import Communicator
    from fastw2v.vectors.word_vectors import WordVectors

Corpus: TypeAlias = AnyPath | Iterable[AnyPath] | Iterable[Iterable[object]]
Vectors: TypeAlias = Union["WordVectors", AnyPath]
Vocab: TypeAlias = Mapping[str, int] | Iterable[str] | AnyPath
StopWords: TypeAlias = Iterable[str] | AnyPath
Keep: TypeAlias = Callable[[str, int], bool | None]
Evaluate: TypeAlias = Callable[["WordVectors"], float | Mapping[str, float]]
EvaluateOrFiles: TypeAlias = Evaluate | AnyPath | Sequence[AnyPath]

# Inputs that need not be files, even in a run with a folder: to resume it they are given again.
OBJECTS = ("corpus", "evaluate", "keep")
PATH_LISTS = ("corpus", "evaluate")  # inputs that may be a list of paths
READ = ("corpus", "init", "update", "vocab", "stop_words", "evaluate")
OUTPUTS = ("output", "save_output_vectors")


@dataclass(frozen=True, kw_only=True)
class RunInputs:
    """What a run reads and writes; None for none. Raises ConfigError.

    The fields are arguments of ``fastw2v.train``, and the paths of ``fastw2v train``'s outputs.
    """

    corpus: Corpus | None = None
    init: Vectors | None = None
    update: Vectors | None = None
    vocab: Vocab | None = None
    stop_words: StopWords | None = None
    keep: Keep | None = None
    evaluate: EvaluateOrFiles | None = None
    output: AnyPath | None = None
    save_output_vectors: AnyPath | None = None
    checkpoint_every: str | int | None = None

    def __post_init__(self) -> None:
        if self.update is not None and (self.init is not None or self.vocab is not None):
            raise ConfigError(
                "update says which words there are and what they begin with; give it without init"
                " and vocab",
                options=("update", "init", "vocab"),
            )
        self._check_types()
        _ = self.interval  # raises ConfigError

    def _check_types(self) -> None:
        """Raise ConfigTypeError for an input that is not of its kind."""
        keep, vocab, stop_words, evaluate = self.keep, self.vocab, self.stop_words, self.evaluate
        wrong: tuple[str, str, object] | None = None
        if keep is not None and not callable(keep):
            wrong = "keep", "a function of a word and its count", keep
        elif vocab is not None and not _are_words(vocab):
            wrong = "vocab", "a dictionary of counts, words, or a file", vocab
        elif stop_words is not None and not _are_words(stop_words):
            wrong = "stop_words", "words or a file", stop_words
        elif (
            not _is_none(evaluate)
            and not callable(evaluate)
            and not is_path(evaluate)
            and not _are_paths(evaluate)
        ):
            wrong = "evaluate", "a function of WordVectors, or files", evaluate
        if wrong is not None:
            name, kind, value = wrong
            raise ConfigTypeError(f"{name} must be {kind}, got {quoted(value)}", options=(name,))

    @property
    def interval(self) -> CheckpointInterval:
        """How often checkpoints are written. Raises ConfigError."""
        every = self.checkpoint_every
        return CheckpointInterval(DEFAULT_INTERVAL if every is None else every)

    def updated(self, given: "RunInputs") -> "RunInputs":
        """Return these inputs, replaced by those of ``given`` that are not None."""
        return replace(self, **{k: value for k, value in vars(given).items() if value is not None})

    def absolute(self) -> "RunInputs":
        """Return the same inputs, the paths of what the run reads made absolute."""
        paths = {name: _absolute(getattr(self, name), name in PATH_LISTS) for name in READ}
        return replace(self, **paths)

    def to_json(self) -> dict[str, Any]:
        """Return the inputs for run.json: absolute paths, and names of inputs that are no files.

        Raises ConfigError for an input that must be a file for the run to be resumed.
        """
        values: dict[str, Any] = {"objects": []}
        for name, value in vars(self.absolute()).items():
            values[name] = value
            if name in OUTPUTS:
                values[name] = _absolute(value)
            elif name == "checkpoint_every":
                values[name] = DEFAULT_INTERVAL if value is None else str(value)
            elif name == "stop_words" and hasattr(value, "__len__") and not is_path(value):
                values[name] = sorted(map(str, value)) or None
            elif not is_path(value) and not (name in PATH_LISTS and _are_paths(value)):
                values[name] = None
                if name in OBJECTS:
                    values["objects"] += [] if _is_none(value) else [name]
                elif value is not None:
                    raise ConfigError(
                        f"with run_dir, {name} must be a file, so that the run can be resumed"
                    )
        return values

    def check_apart(self, run_dir: AnyPath) -> None:
        """Raise OutputError if the run's folder or an output is in a directory of the corpus: a
        resumed run would read it as text.
        """
        corpus = [self.corpus] if is_path(self.corpus) else self.corpus
        folders = [path for path in corpus if os.path.isdir(path)] if _are_paths(corpus) else []
        written = [run_dir, *(getattr(self, name) for name in OUTPUTS)]
        for folder, path in itertools.product(folders, filter(None, written)):
            real, root = Path(os.path.realpath(path)), os.path.realpath(folder)
            if real.is_relative_to(root) and not any(
                part.startswith(".") for part in real.relative_to(root).parts
            ):
                raise OutputError(
                    f"{shown(path)}: is in {shown(folder)}, whose files are all read as the corpus;"
                    " give a path outside it"
                )

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RunInputs":
        """Return the inputs that a checked run.json holds."""
        known = {spec.name: values.get(spec.name) for spec in fields(cls) if spec.name != "keep"}
        known |= {name: [known[name]] for name in PATH_LISTS if isinstance(known[name], str)}
        return cls(**known)

    def check_same(self, ranks: "Communicator", options: Mapping[str, Any] | None = None) -> None:
        """Raise TrainingError on all ranks unless all were given the same inputs and options.

        Of inputs, paths are compared, and the lengths of Python objects.
        """
        if ranks.size > 1:
            from fastw2v.training.distributed import check_same

            comparable = {name: _comparable(value) for name, value in vars(self).items()}
            known = {name: value for name, value in comparable.items() if value is not None}
            check_same(known | dict(options or {}), ranks)


def _are_words(value: object) -> bool:
    several = isinstance(value, Iterable) and not isinstance(value, bytes)
    return is_path(value) or (several and getattr(value, "ndim", 1) > 0)


def _is_none(value: object) -> bool:
    return value is None or (isinstance(value, (list, tuple)) and not value)


def _are_paths(value: object) -> TypeGuard[Sequence[AnyPath]]:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(is_path, value))


def _absolute(value: Any, may_be_list: bool = False) -> Any:
    """A path, or those of a list if it may be one, made absolute; other values, and -, as given."""
    if is_path(value):
        return value if value == "-" else os.path.abspath(value)
    return [_absolute(path) for path in value] if may_be_list and _are_paths(value) else value


def _comparable(value: object) -> str | list[str] | int | None:
    if is_path(value):
        return os.fspath(value)
    if _are_paths(value):
        return [os.fspath(path) for path in value]
    return len(value) if hasattr(value, "__len__") else None
