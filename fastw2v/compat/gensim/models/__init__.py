"""gensim's ``models``: those that are word vectors."""

from fastw2v.compat.gensim.models import callbacks, fasttext, keyedvectors, word2vec
from fastw2v.compat.gensim.models.fasttext import FastText
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.word2vec import Word2Vec
from fastw2v.errors import NotOfferedError

__all__ = ["FastText", "KeyedVectors", "Word2Vec", "callbacks", "fasttext", "keyedvectors", "word2vec"]


def __getattr__(name):
    if name in ("Phrases", "phrases"):
        raise NotOfferedError(f"{name} is not offered here; `fastw2v phrases` joins the words of phrases, or use gensim's")
    if name[0].isupper():
        raise NotOfferedError(
            f"{name} is not offered: word vectors only (Word2Vec, FastText, KeyedVectors); import it from gensim"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
