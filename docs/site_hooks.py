"""Hooks of the documentation site (mkdocs.yml): pages from the rest of the repository, a command
line reference and an API reference made from the code, and links that work on GitHub too.
"""

import importlib
import inspect
import posixpath
import re
from pathlib import Path

import options  # docs/options.py: MkDocs imports hooks with their folder on the path
from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent

# files outside docs/, and their names on the site
PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "bench/NOTES.md": "benchmarks.md",
}
IMAGES = {
    path: f"results/{Path(path).name}"
    for path in (
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bench" / "results").glob("*.png"))
    )
}
# modules whose public classes and functions are documented, beside the names of the package
API = {
    "Events": "fastw2v.events",
    "Errors": "fastw2v.errors",
    "Equations": "fastw2v.equations",
}
LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")


def on_files(files, config):
    """Add the pages and images that are not in docs/."""
    for source, name in (PAGES | IMAGES).items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, "cli.md", content=cli_reference()))
    files.append(File.generated(config, "api.md", content=api_reference()))
    return files


def on_page_markdown(markdown, page, config, files):
    """Point links at the names that the linked files have on the site."""
    site = PAGES | IMAGES
    source = next((path for path, name in site.items() if name == page.file.src_uri), None)
    folder = posixpath.dirname(source or f"docs/{page.file.src_uri}")

    def moved(link):
        path = posixpath.normpath(posixpath.join(folder, link[2]))
        name = site.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        return f"{link[1]}{name}{link[3]}" if name else link[0]

    return LINK.sub(lambda link: link[0] if "://" in link[2] else moved(link), markdown)


def cli_reference():
    """Return the page of all commands: usage, help and options, as the commands have them."""
    import click

    from fastw2v.cli import COMMANDS, cli

    context = click.Context(cli, info_name="fastw2v")
    parts = [
        "# Command line reference\n",
        "Every command prints answers on standard output and messages on standard error. Its exit"
        " code is 0 after success, 1 after an error of the input, 2 after wrong usage, and 130 or"
        " 143 after an interrupt.\n",
    ]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        usage = command.get_usage(click.Context(command, context, info_name=name))
        parts += [
            f"## {name}\n",
            f"```text\n{usage.removeprefix('Usage: ')}\n```\n",
            _help(command),
            options.table(name),
        ]
    return "\n".join(parts)


def _help(command):
    """The help of a command as Markdown; paragraphs that click leaves alone are shown as text."""
    paragraphs = inspect.cleandoc(command.help).split("\n\n")
    return (
        "\n\n".join(
            "```text\n" + paragraph.removeprefix("\b\n") + "\n```"
            if paragraph.startswith("\b")
            else paragraph
            for paragraph in paragraphs
        )
        + "\n"
    )


def api_reference():
    """Return the page of the public Python names, as directives of mkdocstrings."""
    import fastw2v

    parts = ["# Python API\n"]
    for name in ("train", "resume", "load", "WordVectors", "TrainConfig"):
        value = getattr(fastw2v, name)
        parts.append(f"::: {value.__module__}.{value.__qualname__}\n")
    for title, module in API.items():
        importlib.import_module(module)
        parts.append(
            f"## {title}\n\n::: {module}\n    options:\n      show_root_heading: false\n"
            "      show_submodules: true\n      heading_level: 3\n"
        )
    return "\n".join(parts)
