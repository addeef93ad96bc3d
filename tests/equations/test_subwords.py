import numpy as np
import pytest

from fastw2v.equations.subwords import bucket, ngrams, word_vector


def test_ngrams_are_those_that_fasttexts_authors_give():
    """Bojanowski et al.

    2017, section 3.2, but for the whole word, which fastText keeps where its length allows.
    """
    assert ngrams("where", 3, 3) == ["<wh", "whe", "her", "ere", "re>"]
    assert ngrams("of", 3, 6) == ["<of", "<of>", "of>"]
    assert ngrams("ab", 1, 2) == ["<a", "a", "ab", "b", "b>"]
    assert ngrams("é", 1, 1) == ["é"]


@pytest.mark.parametrize("ngram, h", [("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_the_hash_has_the_published_values_of_fnv(ngram, h):
    assert bucket(ngram, 2**32) == h


def test_a_bag_is_a_mean_and_repetitions_count(rng):
    Z = rng.normal(size=(5, 3))
    np.testing.assert_allclose(word_vector([1, 4, 4], Z), (Z[1] + 2 * Z[4]) / 3)
