"""What is said of a word that is not in the vocabulary."""

import numpy as np
import pytest

from fastw2v.errors import UnknownWordError
from fastw2v.vectors.word_vectors import WordVectors

WORDS = [
    "king",
    "ing",
    "ying",
    "Berlin",
    "berlin",
    "\u00fcber",
    "caf\u00e9",
    "xing",
    "kings",
    "ab",
    "U.S.",
]


def said(word, words=WORDS):
    with pytest.raises(UnknownWordError) as caught:
        WordVectors(words, np.ones((len(words), 2), np.float32)).id(word)
    return str(caught.value)


@pytest.mark.parametrize(
    "word, meant",
    [
        ("King", "king"),
        ("KING", "king"),
        ("BERLIN", "Berlin"),
        ("\u00dcBER", "\u00fcber"),
        ("cafe\u0301", "caf\u00e9"),
        ("Cafe\u0301", "caf\u00e9"),
        ("AB", "ab"),
        ("u.s.", "U.S."),
    ],
)
def test_a_word_in_another_case_or_form_gets_that_word_alone_suggested(word, meant):
    assert said(word).endswith(f" {meant}?")


def test_a_mistyped_word_gets_like_ones_suggested_whatever_their_case():
    assert " king" in said("Kinng") and "Berlin" in said("BERLLIN")
    assert not said("xqzzy").endswith("?") and not said("").endswith("?")


def test_a_long_word_is_cut_and_nothing_is_suggested():
    assert len(said("x" * 100_000)) < 200
    assert not said("y" * 1000, ["y" * 999]).endswith("?")
