"""Names that fastw2v.compat.gensim lacks come from an installed gensim.

``fastw2v.compat.gensim.corpora`` is then gensim's own module, not a copy of it.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from fastw2v.errors import NotInstalledError

PACKAGE = "fastw2v.compat.gensim"


def gensim_module(name: str) -> ModuleType:
    """gensim's module of a name. Raises NotInstalledError, an ImportError, without gensim."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "gensim":
            raise
        raise NotInstalledError(
            f"{name} comes from gensim, which is not installed: pip install gensim", name=name
        ) from None


def attributes_of(name: str) -> Callable[[str], Any]:
    """Return a module's ``__getattr__`` that takes missing names from gensim's module."""

    def __getattr__(attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(f"module 'fastw2v.compat.{name}' has no attribute {attribute!r}")
        return getattr(gensim_module(name), attribute)

    return __getattr__


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds gensim's modules that fastw2v.compat.gensim lacks."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The specification of a module that fastw2v.compat.gensim lacks, or None."""
        if not fullname.startswith(PACKAGE + "."):
            return None
        parent = sys.modules[fullname.rpartition(".")[0]].__name__
        if (
            parent.startswith(PACKAGE)
            and importlib.machinery.PathFinder.find_spec(fullname, path) is not None
        ):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        """Put gensim's module in the place of the new one."""
        sys.modules[module.__name__] = gensim_module(
            module.__name__.removeprefix("fastw2v.compat.")
        )


def install_finder() -> None:
    """Let imports of modules that fastw2v.compat.gensim lacks find gensim's."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
