"""Write the option tables in docs/ from the commands: ``python docs/options.py``."""

import importlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGES = ["train.md"]
TABLE = re.compile(r"<!-- options of (\w+) -->\n.*?<!-- end of options -->\n", re.S)


def renewed(text):
    """The text of a page with its tables of options as the commands are now."""
    return TABLE.sub(
        lambda mark: f"<!-- options of {mark[1]} -->\n{table(mark[1])}<!-- end of options -->\n",
        text,
    )


def table(name):
    """Return the table of a command's options as Markdown."""
    import click

    command = getattr(importlib.import_module(f"fastw2v.cli.{name}"), name)
    rows = [_row(option, click) for option in command.params if isinstance(option, click.Option)]
    return "".join(["| option | by default | what it does |\n|---|---|---|\n", *rows])


def _row(option, click):
    """A row of the table: the names of an option with what they take, its default, its help."""
    names = sorted(
        (*option.opts, *option.secondary_opts), key=lambda name: not name.startswith("--")
    )
    taken = "" if option.is_flag else f" {_taken(option, click)}"
    if option.is_flag:
        default = f"`{option.opts[0]}`" if option.secondary_opts else ""
    else:
        default = (
            f"`{option.default:g}`" if isinstance(option.default, float) else f"`{option.default}`"
        )
        default = default if option.show_default else ""
    cells = [
        ", ".join([f"`{names[0]}{taken}`", *(f"`{name}`" for name in names[1:])]),
        default,
        option.help,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _taken(option, click):
    """What an option takes: as it says itself, one of its choices, or a letter for a number."""
    if option.metavar or isinstance(option.type, click.Choice):
        return option.metavar or "|".join(option.type.choices)
    return {"integer": "N", "integer range": "N", "float": "X"}.get(
        option.type.name, option.type.name.upper()
    )


def main():
    """Rewrite the pages."""
    for page in PAGES:
        path = HERE / page
        path.write_text(renewed(path.read_text(encoding="utf8")), encoding="utf8")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    main()
