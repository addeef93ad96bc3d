import numpy as np
import pytest

from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.tiles import STEP
from fastw2v.kernels.train.window import window_words


@kernel
def words_of(words, line, n, centre, reach, inputs):
    return window_words(words, line, n, centre, reach, inputs)


@pytest.mark.parametrize("length", [1, 2, 7, 40, 100])
@pytest.mark.parametrize("reach", [1, 5, 16, 17, 40])
def test_a_window_holds_the_words_of_its_line_but_the_centre(rng, length, reach):
    line = 20
    words = rng.permutation(line + length + STEP).astype(np.int32)
    for centre in range(line, line + length):
        inputs = np.full(2 * reach + 2 * STEP, -7, np.int32)
        m = words_of(words, line, line + length, centre, reach, inputs)
        first, last = max(line, centre - reach), min(line + length, centre + reach + 1)
        assert inputs[:m].tolist() == [*words[first:centre], *words[centre + 1 : last]]
        assert (
            inputs[2 * reach + STEP :] == -7
        ).all()  # no more than a step beyond the largest window is overwritten
