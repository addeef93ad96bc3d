"""Corpora as the words of their lines."""

import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.errors import CorpusError

LONG = 300  # letters of an error, at most


def lines(corpus, notify=lambda event: None, **options):
    """The lines of an encoded corpus, as words."""
    config = TrainConfig(**({"min_count": 1, "threads": 1} | options))
    encoded = open_corpus(corpus, config, notify=notify)
    words, found = encoded.vocabulary.words, [[]]
    for word in encoded.ids.tolist():
        if word < 0:
            found.append([])
        else:
            found[-1].append(words[word])
    return found[:-1]


def refusal(corpus, error=CorpusError, **options):
    with pytest.raises(error) as caught:
        lines(corpus, **options)
    said = str(caught.value)
    assert len(said) <= LONG and "\n" not in said
    return said
