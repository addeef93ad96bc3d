"""Options that several commands share, and those that are made from a configuration's fields."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar, overload

import click
from click.shell_completion import CompletionItem

from fastw2v.config import PhraseConfig, TrainConfig
from fastw2v.errors import OutputError
from fastw2v.files import check_distinct, check_writable
from fastw2v.formats.registry import SUFFIXES
from fastw2v.paths import AnyPath

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# suffixes that nothing but vectors has
OF_VECTORS = tuple(suffix for suffix in SUFFIXES if suffix != ".txt")
# in a folder of vectors
HUB_FILES = (
    "model.safetensors",
    "tokenizer.json",
    "config.json",
    "modules.json",
)

CORPUS_GROUP = "lowercase tokenize column group_by order_by encoding_errors"
# fields of a configuration that say how a corpus is read
READING = (
    "lowercase",
    "tokenize",
    "column",
    "group_by",
    "order_by",
    "encoding_errors",
    "threads",
)
COLUMNS = {
    "column": "Column of a table (Parquet, Arrow, JSON lines, CSV) that holds texts or items.",
    "group_by": "Column of sessions: rows with equal values form one text or session.",
    "order_by": "Column by which the rows of a session are sorted; needs --group-by.",
}


class FileName(click.ParamType):  # type: ignore[type-arg]  # generic in new versions alone
    """The name of a file or folder, which the shell completes; nothing else is checked here."""

    name = "path"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete names of files."""
        return [CompletionItem(incomplete, type="file")]


FILE = FileName()


class GroupedCommand(click.Command):
    """A command whose help lists its options in groups.

    groups : names of options by the title of their group; options in no group come last.
    """

    def __init__(self, *args: Any, groups: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, group by group."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        records = {option.name: option.get_help_record(ctx) or ("", "") for option in options}
        for title, names in self.groups.items():
            with formatter.section(title):
                formatter.write_dl([records.pop(name) for name in names.split()])
        with formatter.section("Other options"):
            formatter.write_dl([record for record in records.values() if record[0]])


def config_options(
    *names: str,
    defaults: Mapping[str, Any] | None = None,
    config: type[TrainConfig | PhraseConfig] = TrainConfig,
) -> Callable[[Decorated], Decorated]:
    """Decorator: a click option for each named field of a configuration, with its help, kind and
    default.
    """
    specs = {spec.name: spec for spec in fields(config)}

    def decorate(command: Decorated) -> Decorated:
        for name in reversed(names):
            command = _option(specs[name], (defaults or {}).get(name, specs[name].default))(command)
        return command

    return decorate


def column_options(command: Decorated) -> Decorated:
    """Decorator: the options that say which columns of a table hold texts or sessions."""
    for name, text in reversed(COLUMNS.items()):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar="NAME", help=text)(command)
    return command


def take_columns(options: dict[str, Any]) -> dict[str, str | None]:
    """Take the options of ``column_options`` out of a command's options, as a dictionary.

    Raises ConfigError as training does.
    """
    columns = {name: options.pop(name) for name in COLUMNS}
    TrainConfig(**columns)
    return columns


def _option(spec: Field[Any], default: Any) -> Callable[[Decorated], Decorated]:
    meta, flag = spec.metadata, "--" + spec.name.replace("_", "-")
    if meta["kind"] is bool:
        flag = f"{flag}/--no-{flag[2:]}" if spec.default else flag
        return click.option(flag, is_flag=True, default=default, help=_sentence(meta["help"]))
    kind = click.Choice(meta["choices"]) if meta["choices"] else meta["kind"]
    return click.option(
        flag,
        *meta["names"],
        spec.name,
        type=kind,
        default=default,
        metavar=meta["metavar"] or {int: "N", float: "X"}.get(meta["kind"]),
        show_default=default is not None,
        help=_sentence(meta["help"]),
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def given(context: click.Context) -> set[str]:
    """Names of the options that were given, not left at their defaults."""
    return {
        name
        for name in context.params
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }


@overload
def make_config(options: dict[str, Any]) -> TrainConfig: ...


@overload
def make_config(options: dict[str, Any], config: type[PhraseConfig]) -> PhraseConfig: ...


def make_config(
    options: dict[str, Any], config: type[TrainConfig | PhraseConfig] = TrainConfig
) -> TrainConfig | PhraseConfig:
    """Take the fields of a configuration out of a command's options."""
    names = {spec.name for spec in fields(config)} & set(options)
    return config(**{name: options.pop(name) for name in names})


def check_output(path: AnyPath) -> None:
    """Raise OutputError for an output that cannot be written, or for ``-``, which would be a file
    of that name.
    """
    if path == "-":
        raise OutputError(
            "-: standard output is not possible here; give the name of a file (./- for this one)"
        )
    check_writable(path)


def check_outputs(outputs: Sequence[AnyPath], inputs: Sequence[AnyPath]) -> None:
    """Raise OutputError, before any work, for an output that cannot be written or that is one of
    the inputs, or part of one.

    An input may be a folder of the Hugging Face hub: then none of its files may be an output.
    """
    for path in outputs:
        check_output(path)
    folders = [Path(path) for path in inputs if os.path.isdir(path)]
    check_distinct(outputs, [*inputs, *(folder / name for folder in folders for name in HUB_FILES)])


def check_suffix(path: str, suffixes: Sequence[str], what: str) -> None:
    """Raise OutputError unless ``path`` has one of the suffixes, with a name that has; a device
    needs none.
    """
    device = os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    if Path(path).suffix.lower() not in suffixes and not device:
        check_writable(path)  # says more of a directory
        raise OutputError(f"{path}: {what}; give {Path(path).with_suffix(suffixes[0])}")


def check_no_vectors(path: str, suffix: str) -> None:
    """Raise OutputError for a text or an encoded corpus that has the name of vectors, with one that
    ends in ``suffix``.
    """
    inner = Path(path.removesuffix(".gz"))
    if inner.suffix.lower() in OF_VECTORS:
        what = "an encoded corpus" if suffix == ".fw2v" else "text"
        raise OutputError(
            f"{path}: {inner.suffix} is for vectors, not for {what}; give"
            f" {inner.with_suffix(suffix)}"
        )


def number_option(default: int, help: str) -> Callable[[Decorated], Decorated]:
    """Decorator: ``-n``, how many answers there are."""
    return click.option(
        "-n",
        "--number",
        metavar="N",
        default=default,
        show_default=True,
        type=click.IntRange(1),
        help=help,
    )


as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
corpus_argument = click.argument("corpus", type=FILE, nargs=-1, required=True)
vectors_argument = click.argument("vectors", type=FILE)
