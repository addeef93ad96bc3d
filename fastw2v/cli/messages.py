"""Messages about unknown commands and options, and errors with options as typed."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import fields

import click

from fastw2v.config import TrainConfig
from fastw2v.errors import GIVE_TOKEN_LISTS, quoted
from fastw2v.option_names import ADVICE, ADVICE_SHELL, ARGUMENTS, counterparts, plain

TRAIN_OPTIONS = [field.name for field in fields(TrainConfig)]

# Names of commands in other programs, and what users type instead.
COMMANDS_ELSEWHERE = {
    "demo": "example examples try quickstart sample",
    "train": "word2vec fasttext fit learn skipgram cbow glove build resume",
    "encode": "tokenize tokenise preprocess prepare index binarize",
    "phrases": "word2phrase phrase bigrams phraser collocations",
    "nearest": (
        "similar most-similar similarity neighbours neighbors nn distance query search synonyms"
        " closest knn ask"
    ),
    "analogy": "word-analogy analogies compute-analogy doesnt-match",
    "counts": "count cooccurrence cooccurrences neighbourhood",
    "evaluate": "eval test accuracy compute-accuracy wordsim score benchmark",
    "paraphrase": "paraphrases sentences",
    "embed": "embedding embeddings sentence-vectors print-sentence-vectors infer transform",
    "convert": "export save print-word-vectors dump to-text word2vec2tensor",
    "plot": "draw visualize visualise tsne umap pca picture",
    "map": "browse explore projector page",
    "report": "log summary dashboard",
    "doctor": "info check diagnose bench version-info",
}


def as_typed(error: BaseException) -> str:
    """Return the message of an error with its options as they are typed: ``min_count`` as
    ``--min-count``, and without advice about Python.
    """
    return _typed(str(error).partition(f"; {GIVE_TOKEN_LISTS}")[0], getattr(error, "options", ()))


def _typed(text: str, options: Iterable[str]) -> str:
    for name in options:
        flag = "--" + name.replace("_", "-")
        pattern = rf"(?<![\w-]){re.escape(name)}(?![\w-])(?:='([^']*)'|=(\w+))?"
        if found := re.search(pattern, text):
            typed = " ".join(filter(None, (flag, found[1], found[2])))
            text = text[: found.start()] + typed + text[found.end() :]
    return text


def unknown_command(name: str, commands: list[str]) -> str:
    """Return the message about an unknown command, with the probable one."""
    spelt = name.lower().replace("_", "-")
    suggestions = [
        command for command, names in COMMANDS_ELSEWHERE.items() if spelt in names.split()
    ]
    suggestions = suggestions or difflib.get_close_matches(spelt, commands, n=2)
    hint = (
        f"did you mean fastw2v {' or '.join(suggestions)}?"
        if suggestions
        else "fastw2v --help lists all"
    )
    return f"unknown command {quoted(name)}; {hint}"


def unknown_option(name: str, command: click.Command) -> str | None:
    """Return the message about an unknown option, or None if no program has it."""
    key, options = (
        plain(name),
        [option for option in command.params if isinstance(option, click.Option)],
    )
    suggestions = [
        opt for option in options for opt in option.opts if len(opt) > 2 and plain(opt) == key
    ]
    own = {option.name: option.opts[0] for option in options}
    suggestions = suggestions or [own[option] for option in counterparts(name, list(own))]
    arguments = [argument for argument in command.params if isinstance(argument, click.Argument)]
    argument = next(
        (each for each in arguments if key in ARGUMENTS.get(each.name, "").split()), None
    )
    if suggestions:
        advice = f"did you mean {' or '.join(suggestions)}?"
    elif argument:
        usage = " ".join(map(_shown, arguments))
        advice = f"give {_shown(argument)} without an option: fastw2v {command.name} {usage}"
    elif key in ADVICE_SHELL:
        advice = ADVICE_SHELL[key]
    elif key in ADVICE:
        advice = _typed(*ADVICE[key])
    elif counterparts(name, TRAIN_OPTIONS):
        advice = (
            f"--{counterparts(name, TRAIN_OPTIONS)[0].replace('_', '-')} is an option of fastw2v"
            " train"
        )
    else:
        return None
    return f"unknown option {name[:60]}; {advice}"


def _shown(argument: click.Parameter) -> str:
    """Return an argument as the help shows it, without the brackets."""
    return (argument.metavar or argument.name.upper()).strip("[].")


def no_such_option(error: click.NoSuchOption) -> click.UsageError:
    """Return click's error about an unknown option, with the probable one."""
    advice = error.ctx and unknown_option(error.option_name, error.ctx.command)
    return click.UsageError(advice, error.ctx) if advice else error


def single_dash(args: list[str], command: click.Command) -> str | None:
    """Return the message about an option with one dash as in word2vec.c and fastText: -size.

    click would read it as -s.
    """
    for arg in args[: args.index("--") if "--" in args else None]:
        name = re.fullmatch(r"-([A-Za-z][\w-]+)(=.*)?", arg)
        if name and (advice := unknown_option("-" + name[1], command)):
            return advice
    return None
