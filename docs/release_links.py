"""Prepare a checkout for a release: ``python docs/release_links.py REPOSITORY TAG``.

Links and pictures in README.md become absolute, so that they work on the package index, and
pyproject.toml gets the addresses of the project. The release workflow knows the repository's
address; the checkout does not, so that a fork needs no change.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(!?)(\[[^\]]*\]\()(?![a-z]+:|#)([^)\s]+\))")


def absolute(text: str, repository: str, tag: str) -> str:
    """Return Markdown with links that work everywhere; pictures lead to their bytes."""

    def replaced(match: re.Match[str]) -> str:
        picture, head, target = match.groups()
        return f"{picture}{head}{repository}/{'raw' if picture else 'blob'}/{tag}/{target}"

    return LINK.sub(replaced, text)


def project_urls(repository: str) -> str:
    """Return the table of addresses for pyproject.toml."""
    pages = {
        "Homepage": repository,
        "Documentation": f"{repository}/tree/main/docs",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }
    return "\n[project.urls]\n" + "".join(f'{name} = "{url}"\n' for name, url in pages.items())


if __name__ == "__main__":
    repository, tag = sys.argv[1:]
    readme, project = ROOT / "README.md", ROOT / "pyproject.toml"
    readme.write_text(absolute(readme.read_text(encoding="utf8"), repository, tag), encoding="utf8")
    with project.open("a", encoding="utf8") as file:
        file.write(project_urls(repository))
