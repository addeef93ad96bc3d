"""Options that several commands share, and those that are made from a configuration's fields."""

from dataclasses import fields

import click

from fastw2v.config import TrainConfig


def config_options(*names, defaults=None, config=TrainConfig):
    """Decorator: a click option for each named field of a configuration, with its help, kind and default."""
    specs = {spec.name: spec for spec in fields(config)}

    def decorate(command):
        for name in reversed(names):
            command = _option(specs[name], (defaults or {}).get(name, specs[name].default))(command)
        return command

    return decorate


def _option(spec, default):
    meta, flag = spec.metadata, "--" + spec.name.replace("_", "-")
    if meta["kind"] is bool:
        flag = f"{flag}/--no-{flag[2:]}" if spec.default else flag
        return click.option(flag, is_flag=True, default=default, help=_sentence(meta["help"]))
    kind = click.Choice(meta["choices"]) if meta["choices"] else meta["kind"]
    return click.option(
        flag, *meta["names"], spec.name, type=kind, default=default, metavar=meta["metavar"],
        show_default=default is not None, help=_sentence(meta["help"]),
    )  # fmt: skip


def _sentence(text):
    return text[0].upper() + text[1:] + "."


def given(context):
    """Names of the options that were given, not left at their defaults."""
    return {name for name in context.params if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}


def make_config(options, config=TrainConfig):
    """Take the fields of a configuration out of a command's options."""
    names = {spec.name for spec in fields(config)} & set(options)
    return config(**{name: options.pop(name) for name in names})


as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
corpus_argument = click.argument("corpus", nargs=-1, required=True)
vectors_argument = click.argument("vectors")
