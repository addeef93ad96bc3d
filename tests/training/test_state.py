import numpy as np
import pytest

from fastw2v.errors import TrainingError
from fastw2v.kernels.memory import aligned_zeros
from fastw2v.training.state import initial_tables


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tables_are_aligned_and_padded_with_zeros(dtype):
    for table in initial_tables(10, 100, 1, dtype)[:2]:
        assert table.ctypes.data % 64 == 0 and table.strides[0] % 64 == 0
        assert not table[:, 100:].any()


def test_initial_vectors_are_uniform_and_output_vectors_zero():
    W_in, W_out = initial_tables(20_000, 16, 1)[:2]
    assert not W_out.any()
    assert np.abs(W_in).max() <= 0.5 / 16
    assert abs(W_in.mean()) < 1e-4
    assert W_in.std() == pytest.approx(1 / 16 / np.sqrt(12), rel=0.01)


def test_no_two_initial_rows_are_alike():
    """word2vec.c's generator gives only 512 distinct rows at D = 128."""
    W_in = initial_tables(20_000, 128, 1).W_in
    assert len({row.tobytes() for row in W_in}) == 20_000
    assert np.abs(np.corrcoef(W_in[:, :128].T) - np.eye(128)).max() < 6 / np.sqrt(20_000)


def test_the_seed_decides():
    one, same, other = (initial_tables(50, 20, seed).W_in for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_too_large_a_table_is_an_error_that_says_what_to_lower():
    with pytest.raises(TrainingError, match="GiB; lower vector_size"):
        aligned_zeros((1 << 40, 1 << 20), np.float32)
