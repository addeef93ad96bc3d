import numpy as np
import pytest

from fastw2v.corpus import neighbours as module
from fastw2v.corpus.neighbours import neighbours
from fastw2v.equations.counts import pair_counts


@pytest.mark.parametrize("window", [1, 3, 50])
def test_neighbours_are_a_column_of_the_pair_counts(rng, monkeypatch, window):
    monkeypatch.setattr(module, "CENTRES", 7)
    lines = [rng.integers(0, 6, rng.integers(1, 20)).tolist() for _ in range(40)]
    ids = np.array([i for line in lines for i in [*line, -1]], np.int32)
    expected = pair_counts(lines, 6, window)
    for word in range(6):
        assert neighbours(ids, word, window, 6).tolist() == expected[:, word].tolist()
