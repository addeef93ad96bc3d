"""What the pages of docs/ say works: commands and Python are run in their order, output and links
are as shown.
"""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from docs import options, release_links
from fastw2v.cli import COMMANDS, cli
from tests.helpers import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
PROSE = [*sorted(ROOT.glob("*.md")), *PAGES]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```\n", re.M | re.S)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w])")
CLOCK = re.compile(r"\d[\d.]* (?=s\b|M words/s)|\d+:\d\d\b")  # what depends on the machine
EXTRAS = {
    "--method tsne": "sklearn",
    "--method umap": "umap",
    "--index": "usearch",
    ".index(": "usearch",
    "mpiexec": "mpi4py",
    "pyarrow": "pyarrow",
    "import gensim.models": "gensim",
    "sklearn": "sklearn",
    "parquet": "pyarrow",
}
ANYWHERE = {  # Open MPI in a container, as root, on few cores that others use too
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


@dataclass
class Block:
    """Commands or Python of a page from a line on, with the output that follows directly."""

    kind: str
    text: str
    line: int
    shown: str = ""


def blocks(text):
    """The sh and python blocks of a page; a text block with nothing between belongs to the one
    before it.
    """
    found, end = [], -1
    for fence in FENCE.finditer(text):
        if fence[1] == "text" and found and not text[end : fence.start()].strip():
            found[-1].shown += fence[2]
        elif fence[1] in ("sh", "python"):
            found.append(Block(fence[1], fence[2], text.count("\n", 0, fence.start()) + 2))
            end = fence.end()
    return found


def lacking(text):
    """The library of an extra that a line needs and this machine has not, or None."""
    needed = (library for sign, library in EXTRAS.items() if sign in text)
    return next((library for library in needed if importlib.util.find_spec(library) is None), None)


def run(command, folder):
    """Run a line of sh, a plain ``fastw2v`` in this process; returns its output and errors as they
    came.
    """
    plain = re.fullmatch(r"fastw2v ([^|<>;&$`]*?)(?: > (\S+))?", command)
    if plain is None:
        path = os.pathsep.join(
            [str(folder / ".bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        )
        environment = {**os.environ, **ANYWHERE, "PYTHONPATH": str(ROOT), "PATH": path}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            env=environment,
            cwd=folder,
            text=True,
            stdout=-1,
            stderr=-2,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout
    done = CliRunner().invoke(cli, shlex.split(plain[1]), prog_name="fastw2v")
    assert done.exit_code == 0, f"{command}\n{done.output}{done.exception!r}"
    if plain[2] is None:
        return done.output
    (folder / plain[2]).write_text(done.stdout, encoding="utf8")
    return done.stderr


def parts(line):
    """A line as its words and signs, and its numbers."""
    line = CLOCK.sub("", line)
    return NUMBER.sub("#", line).split(), [
        float(number.replace(",", "")) for number in NUMBER.findall(line)
    ]


def alike(shown, found):
    """Whether two lines say the same, with numbers a twentieth apart at most; seconds and speeds
    may be any.
    """
    (words, numbers), (found_words, found_numbers) = parts(shown), parts(found)
    return words == found_words and numbers == pytest.approx(found_numbers, rel=0.05, abs=0.02)


def check_shown(shown, output):
    """Each line that a page shows stands in the output, in this order.

    The output may hold more, whether or not ... says so.
    """
    lines = iter(output.splitlines())
    for line in shown.splitlines():
        assert line in ("", "...") or any(alike(line, found) for found in lines), (
            f"{line!r} is not in its place in\n{output}"
        )


@pytest.fixture(scope="module")
def trained(tmp_path_factory, world_path):
    """A folder with what the pages begin with: the corpus, vectors of it, a run."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(world_path, folder / "corpus.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run("fastw2v train corpus.txt --threads 1 --run-dir run -o vectors.npz", folder)
        run("fastw2v convert vectors.npz vectors.bin", folder)
    shim = folder / ".bin" / "fastw2v"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m fastw2v "$@"\n')
    shim.chmod(0o755)
    return folder


@pytest.fixture
def gensims_classes(page, monkeypatch):
    """The classes that the page about gensim replaces in its modules are put back after it."""
    if page.stem == "from-gensim" and importlib.util.find_spec("gensim"):
        from gensim import models

        for module in (models, models.word2vec, models.fasttext):
            for name in {"Word2Vec", "FastText"} & set(vars(module)):
                monkeypatch.setattr(module, name, getattr(module, name))


def test_what_is_shown_is_compared():
    check_shown(
        "king\n  0.834  queen\n...\ndone in 3.1 s\n",
        "king\n 0.83  queen\n 0.5 land\ndone in 0.2 s\n",
    )
    for shown in (
        "king\n  0.634  queen\n",
        "king\n  0.834  quean\n",
        "  0.834  queen\nking\n",
        "king\n  0.834  queen  1\n",
    ):
        with pytest.raises(AssertionError, match="is not in its place"):
            check_shown(shown, "king\n 0.83  queen\n")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page.read_text("utf8"))], ids=lambda page: page.stem
)
def test_a_page_does_what_it_says(page, trained, tmp_path, monkeypatch, gensims_classes):
    folder = shutil.copytree(trained, tmp_path / "here")
    monkeypatch.chdir(folder)
    names, left_out = {"__name__": "__main__"}, []
    for block in blocks(page.read_text(encoding="utf8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if library := lacking(block.text):
            left_out.append(f"{where} needs {library}")
        elif block.kind == "python":
            with redirect_stdout(StringIO()) as said:
                exec(compile("\n" * (block.line - 1) + block.text, page, "exec"), names)
            check_shown(block.shown, said.getvalue())
        else:
            lines = [
                line.split("  #")[0].strip()
                for line in block.text.replace("\\\n", " ").splitlines()
            ]
            check_shown(
                block.shown,
                "".join(run(line, folder) for line in lines if line and not line.startswith("#")),
            )
    if left_out:
        pytest.skip(f"all but what this machine lacks: {', '.join(left_out)}")


def test_every_command_has_its_place():
    shown = {
        line.split()[1]
        for page in PAGES
        for block in blocks(page.read_text(encoding="utf8"))
        if block.kind == "sh"
        for line in re.findall(r"fastw2v \w+", block.text)
    }
    assert set(COMMANDS) - shown == set()


@pytest.mark.parametrize("page", options.PAGES)
def test_tables_of_options_are_whole_and_every_option_is_told_of(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf8")
    assert options.renewed(text) == text, "python docs/options.py writes the tables anew"
    named = set(re.findall(r"--[a-z][a-z-]*", options.TABLE.sub("", text)))
    rows = [
        row
        for table in options.TABLE.finditer(text)
        for row in re.findall(r"^\| `(--[a-z-]+)", table.group(), re.M)
    ]
    assert len(rows) > 50 and set(rows) <= named


def test_every_equation_is_stated_once_and_in_its_order():
    text = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf8")
    assert [int(number) for number in re.findall(r"\\tag\{(\d+)\}", text)] == list(range(1, 25))


def anchors(path):
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)", FENCE.sub("", path.read_text(encoding="utf8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https:", "http:")):
            name, _, anchor = target.partition("#")
            path = page.parent / name if name else page
            assert path.exists(), target
            assert not anchor or anchor in anchors(path), target


def test_every_page_is_linked_from_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    assert [page.name for page in PAGES if f"](docs/{page.name})" not in readme] == []


def test_links_of_a_release_are_absolute_and_its_addresses_are_read():
    text = release_links.absolute(
        "![a](docs/a.png) [b](docs/b.md#c) [d](https://e) [f](#g)", "https://h/r", "v1"
    )
    assert text == (
        "![a](https://h/r/raw/v1/docs/a.png) [b](https://h/r/blob/v1/docs/b.md#c)"
        " [d](https://e) [f](#g)"
    )
    assert "](docs/" not in release_links.absolute(
        (ROOT / "README.md").read_text(encoding="utf8"), "https://h/r", "v1"
    )
    assert 'Issues = "https://h/r/issues"' in release_links.project_urls("https://h/r")


def test_pictures_of_the_pages_are_made_by_the_script():
    script = (ROOT / "docs" / "pictures.py").read_text(encoding="utf8")
    assert [path.name for path in (ROOT / "docs").glob("*.png") if path.name not in script] == []
