"""gensim 4's word vectors with fastw2v's speed: change the import line of a script, and nothing
else.

    from fastw2v.compat.gensim import Word2Vec, KeyedVectors, LineSentence
    from fastw2v.compat.gensim.models import Word2Vec, callbacks
    import fastw2v.compat.gensim as gensim

docs/from-gensim.md says what differs, and what is not supported. Modules about other things
(``corpora``, ``downloader``) are those of an installed gensim.
"""

from fastw2v.compat.gensim import models, utils
from fastw2v.compat.gensim.models.callbacks import CallbackAny2Vec
from fastw2v.compat.gensim.models.doc2vec import Doc2Vec, TaggedDocument
from fastw2v.compat.gensim.models.fasttext import FastText
from fastw2v.compat.gensim.models.keyedvectors import KeyedVectors
from fastw2v.compat.gensim.models.word2vec import (
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    Word2Vec,
)
from fastw2v.compat.installed import attributes_of, install_finder

__version__ = "4.4.0"  # of the gensim whose names these are
__all__ = [
    "CallbackAny2Vec",
    "Doc2Vec",
    "FastText",
    "KeyedVectors",
    "LineSentence",
    "PathLineSentences",
    "TaggedDocument",
    "Text8Corpus",
    "Word2Vec",
    "models",
    "utils",
]
__getattr__ = attributes_of("gensim")
install_finder()
