"""What the face lacks comes from an installed gensim."""

import importlib
import subprocess
import sys

import gensim
import pytest
from gensim import corpora, similarities
from gensim import models as their_models

import fastw2v.compat.gensim as face
from fastw2v.errors import NotInstalledError
from tests.helpers import ROOT

MODULES = [
    "downloader",
    "corpora.dictionary",
    "similarities",
    "matutils",
    "parsing.preprocessing",
    "scripts.glove2word2vec",
    "test.utils",
    "models.ldamodel",
    "models.word2vec_inner",
    "models.coherencemodel",
]


@pytest.mark.parametrize("name", MODULES)
def test_modules_that_the_face_lacks_are_gensims_own(name):
    assert importlib.import_module(f"fastw2v.compat.gensim.{name}") is importlib.import_module(
        f"gensim.{name}"
    )


@pytest.mark.parametrize(
    "name",
    [
        "models.word2vec",
        "models.keyedvectors",
        "models.fasttext",
        "models.doc2vec",
        "models.phrases",
        "utils",
    ],
)
def test_modules_that_the_face_has_are_its_own(name):
    assert (
        importlib.import_module(f"fastw2v.compat.gensim.{name}").__name__
        == f"fastw2v.compat.gensim.{name}"
    )


def test_names_that_the_face_lacks_are_gensims():
    assert (
        face.corpora is corpora
        and face.similarities is similarities
        and face.models.TfidfModel is their_models.TfidfModel
    )
    assert face.utils.tokenize is gensim.utils.tokenize and face.__version__
    assert face.models.keyedvectors.Vocab is their_models.keyedvectors.Vocab
    assert (
        face.models.Word2Vec is not their_models.Word2Vec and face.models.word2vec.FAST_VERSION > -1
    )
    for module in (face, face.models, face.utils):
        assert not hasattr(module, "nothing_of_this_name") and not hasattr(module, "_private")
    with pytest.raises(ImportError, match="nothing"):
        importlib.import_module("fastw2v.compat.gensim.nothing")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: importlib.import_module("fastw2v.compat.gensim.corpora"),
        lambda: face.models.LdaModel,
        lambda: face.utils.tokenize,
    ],
)
def test_without_gensim_the_error_says_what_to_install(monkeypatch, ask):
    for name in [
        name
        for name in sys.modules
        if name.split(".")[0] == "gensim" or name == "fastw2v.compat.gensim.corpora"
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    with pytest.raises(NotInstalledError, match="pip install gensim"):
        ask()


def test_importing_the_face_imports_no_gensim():
    code = (
        "import sys, fastw2v.compat.gensim.models.phrases; sys.exit('gensim' in sys.modules or"
        " 'numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
