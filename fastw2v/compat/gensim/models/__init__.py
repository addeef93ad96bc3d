"""gensim's ``models``: word vectors and phrases are fastw2v's, all others those of an installed
gensim.
"""

from fastw2v.compat.gensim.models import (
    callbacks,
    doc2vec,
    fasttext,
    keyedvectors,
    phrases,
    word2vec,
)
from fastw2v.compat.gensim.models.doc2vec import Doc2Vec
from fastw2v.compat.gensim.models.fasttext import FastText
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.phrases import Phrases
from fastw2v.compat.gensim.models.word2vec import Word2Vec
from fastw2v.compat.installed import attributes_of

__all__ = [
    "Doc2Vec",
    "FastText",
    "KeyedVectors",
    "Phrases",
    "Word2Vec",
    "callbacks",
    "doc2vec",
    "fasttext",
    "keyedvectors",
    "phrases",
    "word2vec",
]
__getattr__ = attributes_of("gensim.models")
