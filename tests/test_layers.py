"""The layers that ARCHITECTURE.md lists: imports run one way, and each package keeps its
dependencies to itself.
"""

import ast
import subprocess
import sys

import pytest

from tests.helpers import ROOT

SOURCES = sorted((ROOT / "fastw2v").rglob("*.py"))
# What each part may import, from the bottom up.
ALLOWED = {
    "errors": set(),
    "paths": {"errors"},
    "files": {"errors", "paths"},
    "cores": set(),
    "packing": set(),
    "file_types": {"packing"},
    "config": {"cores", "errors"},
    "events": {"errors"},
    "option_names": set(),
    "equations": set(),
    "reference": {"config", "equations"},
    "kernels": {"errors"},
    "corpus": {
        "config",
        "equations",
        "errors",
        "events",
        "file_types",
        "files",
        "kernels",
        "packing",
        "paths",
    },
    "vectors": {"config", "cores", "equations", "errors"},
    "formats": {
        "config",
        "equations",
        "errors",
        "events",
        "file_types",
        "files",
        "kernels",
        "packing",
        "paths",
        "vectors",
    },
    "embedding": {
        "config",
        "corpus",
        "equations",
        "errors",
        "events",
        "files",
        "kernels",
        "paths",
        "vectors",
    },
    "training": {
        "cores",
        "errors",
        "files",
        "formats",
        "paths",
        "config",
        "events",
        "equations",
        "kernels",
        "corpus",
        "vectors",
        "evaluation",
    },
    "evaluation": {
        "cores",
        "embedding",
        "equations",
        "errors",
        "events",
        "files",
        "kernels",
        "paths",
        "vectors",
    },
    "doctor": {"config", "cores", "corpus", "kernels", "reference", "training"},
    "plots": {"api", "config", "corpus", "errors", "files", "paths", "vectors"},
    "compat": {
        "config",
        "cores",
        "corpus",
        "equations",
        "errors",
        "evaluation",
        "events",
        "file_types",
        "files",
        "formats",
        "kernels",
        "packing",
        "paths",
        "training",
        "vectors",
    },
    "api": {
        "config",
        "errors",
        "events",
        "formats",
        "option_names",
        "paths",
        "progress",
        "training",
        "vectors",
    },
    "sklearn": {"api", "config", "corpus", "embedding", "errors"},
    "progress": {"events"},
    "cli": {
        "api",
        "config",
        "cores",
        "corpus",
        "doctor",
        "embedding",
        "equations",
        "errors",
        "evaluation",
        "events",
        "files",
        "formats",
        "kernels",
        "option_names",
        "paths",
        "plots",
        "training",
        "vectors",
    },
    "__init__": {"api", "config", "errors", "vectors"},
    "__main__": {"cli"},
}
# Methods that hand their object to a package above, which is imported when they are called.
UPWARD = {
    ("vectors/word_vectors.py", "fastw2v.formats"),  # WordVectors.save
    ("vectors/word_vectors.py", "fastw2v.embedding.embedder"),  # WordVectors.embed
    ("vectors/word_vectors.py", "fastw2v.training.inference"),  # WordVectors.infer
    ("progress.py", "fastw2v.cli.progress"),  # train(progress=True)
    ("vectors/approximate.py", "fastw2v.formats.index"),  # ApproximateIndex.save
}


def room(path):
    return path.relative_to(ROOT / "fastw2v").parts[0].removesuffix(".py")


def imported(path):
    """Modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}.{node.names[0].name}" if node.module == "fastw2v" else node.module


def names(path):
    """Names and attributes that a file uses."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    here = room(path)
    for module in imported(path):
        parts = module.split(".")
        if parts[0] == "fastw2v" and parts[1] != here and parts[1] != "__version__":
            upward = (str(path.relative_to(ROOT / "fastw2v").as_posix()), module) in UPWARD
            assert parts[1] in ALLOWED[here] or upward, f"{here} must not import {module}"


OWNED = {"numba": {"kernels"}, "llvmlite": {"kernels"}, "matplotlib": {"plots"}, "click": {"cli"}}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_its_room(path):
    for module in imported(path):
        owners = OWNED.get(module.split(".")[0])
        assert owners is None or room(path) in owners, f"{path} must not import {module}"


MAY_IMPORT = {"tests": ("bench", "docs", "tests.helpers"), "bench": ("bench",), "docs": ("docs",)}
SCRIPTS = sorted(path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_tests_import_helpers_and_nothing_imports_a_test(path):
    folder, inside = path.relative_to(ROOT).parts[:2]
    allowed = ("tests.helpers",) if inside == "helpers" else MAY_IMPORT[folder]
    for module in imported(path):
        assert module.split(".")[0] not in MAY_IMPORT or module.startswith(allowed), module


def test_one_file_compiles_one_renames_and_only_the_command_line_speaks():
    for path in SOURCES:
        used = set(names(path))
        assert "njit" not in used or path.name == "jit.py", path
        assert (
            not used & {"replace"}
            or "os.replace" not in path.read_text(encoding="utf8")
            or path.name == "files.py"
        ), path
        assert "print" not in used, path
        assert not used & {"stdout", "stderr"} or room(path) == "cli", path


def test_importing_the_package_loads_neither_numba_nor_matplotlib():
    code = (
        "import sys, fastw2v; fastw2v.TrainConfig(); sys.exit(any(m in sys.modules for m in"
        " ('numba', 'matplotlib', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
