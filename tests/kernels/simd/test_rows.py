import numpy as np
import pytest

from fastw2v.kernels.jit import kernel
from fastw2v.kernels.simd.registers import LINE, VECTORS
from fastw2v.kernels.simd.rows import (
    add_to_rows,
    lanes_of,
    put_lanes,
    put_tile,
    rows_at,
    tile_of,
    update_line,
)
from fastw2v.kernels.simd.tiles import (
    ONE,
    add_scaled,
    filled,
    lane_sums,
    lanes,
    padded,
    put_sums,
    spread,
)
from fastw2v.kernels.train.block import all_lanes, gather, products

DTYPES = [np.float32, np.float64]
FOUR, SIX = (0,) * 4, (0,) * 6


def table(rng, n, groups, dtype):
    """A table of small all_lanes numbers, whose products and sums are exact in any order."""
    return rng.integers(-9, 10, size=(n, groups * VECTORS * lanes(dtype))).astype(dtype)


@kernel
def score(X, xs, Y, ys, scores, tall, wide):
    put_sums(products(X, rows_at(xs, 0, tall), Y, rows_at(ys, 0, wide), all_lanes(X)), scores, 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("tall", [1, 2, 3, 5])
@pytest.mark.parametrize("wide", [1, 3, 6])
def test_scores_of_a_tile_are_dot_products(rng, dtype, tall, wide):
    X, Y = table(rng, 9, 3, dtype), table(rng, 9, 3, dtype)
    xs, ys = rng.permutation(9)[:tall].astype(np.int32), rng.permutation(9)[:wide].astype(np.int32)
    scores = np.full(tall * wide + 16, np.nan, dtype)
    score(X, xs, Y, ys, scores, (0,) * tall, (0,) * wide)
    np.testing.assert_array_equal(scores[: tall * wide].reshape(tall, wide), X[xs] @ Y[ys].T)


@pytest.mark.parametrize("dtype", DTYPES)
def test_scores_are_added_as_in_vectors_of_64_bytes(rng, dtype):
    groups, numbers = 5, LINE // np.dtype(dtype).itemsize
    Y = rng.normal(size=(6, groups * numbers)).astype(dtype)
    X = 2.0 ** rng.integers(-9, 10, size=(2, groups * numbers)).astype(dtype)  # exact products
    scores = np.zeros(12 + 16, dtype)
    score(X, np.arange(2, dtype=np.int32), Y, np.arange(6, dtype=np.int32), scores, (0, 0), SIX)
    totals = np.zeros((12, numbers), dtype)
    for begin in range(0, groups * numbers, numbers):
        group = slice(begin, begin + numbers)
        totals += (X[:, None, group] * Y[None, :, group]).reshape(12, numbers)
    np.testing.assert_array_equal(scores[:12], lane_sums(totals))


@kernel
def add(W, places, lane, tile_rows, source, tag):
    add_to_rows(W, rows_at(places, 0, tag), lane, tile_of(source, rows_at(tile_rows, 0, tag), lane))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_named_twice_gets_both_changes(rng, dtype):
    W, source = table(rng, 5, 2, dtype), table(rng, 5, 2, dtype)
    places, tile_rows = np.array([3, 1, 3, 3], np.int32), np.array([0, 1, 2, 4], np.int32)
    expected, width = W.copy(), lanes(dtype)
    lane = slice(width, 2 * width)
    np.add.at(expected[:, lane], places, source[tile_rows, lane])
    add(W, places, 1, tile_rows, source, FOUR)
    np.testing.assert_array_equal(W, expected)


@kernel
def update(W_in, row, X, x_row, W_out, places, line, weights, tag):
    g = spread(weights, 0, ONE, tag)
    update_line(W_in, row, X, x_row, W_out, rows_at(places, 0, tag), line, g)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("targets", [1, 6, 8])
@pytest.mark.parametrize("in_place", [False, True], ids=["copied", "in place"])
def test_a_line_of_an_input_and_its_targets_move_by_old_numbers(rng, dtype, targets, in_place):
    W_in, W_out = table(rng, 4, 3, dtype), table(rng, 9, 3, dtype)
    X, x_row = (W_in, 2) if in_place else (table(rng, 2, 3, dtype), 1)
    places = rng.permutation(9)[:targets].astype(np.int32)
    weights = rng.integers(-9, 10, targets).astype(dtype)
    numbers = LINE // np.dtype(dtype).itemsize
    part = slice(numbers, 2 * numbers)
    expected_in, expected_out = W_in.copy(), W_out.copy()
    expected_in[2, part] += weights @ W_out[places, part]
    expected_out[places, part] += np.outer(weights, X[x_row, part])
    padded_places = np.concatenate([places, places[:1].repeat(2)])
    padded_weights = np.concatenate([weights, np.zeros(2, dtype)])
    tag = (0,) * (targets + 2)
    update(W_in, 2, X, x_row, W_out, padded_places, 1, padded_weights, tag)
    np.testing.assert_array_equal(W_in, expected_in)
    np.testing.assert_array_equal(W_out, expected_out)


@kernel
def scale_lanes(source, row, lane, factor, out, tag):
    total = lanes_of(out, row, lane, tag)
    total = add_scaled(total, filled(source, factor), lanes_of(source, row, lane, tag))
    put_lanes(out, row, lane, total)


@pytest.mark.parametrize("dtype", DTYPES)
def test_lanes_in_succession_are_loaded_scaled_and_stored(rng, dtype):
    source, out, width = table(rng, 3, 6, dtype), table(rng, 3, 6, dtype), lanes(dtype)
    expected, part = out.copy(), slice(2 * width, 6 * width)
    expected[1, part] += 0.5 * source[1, part]
    scale_lanes(source, 1, 2, 0.5, out, FOUR)
    np.testing.assert_array_equal(out, expected)


@kernel
def put_spread(numbers, at, out, places, tag):
    put_tile(out, rows_at(places, 0, tag), 0, spread(numbers, at, tag, ONE))


def test_spread_puts_one_number_in_every_lane(rng):
    numbers, out = rng.normal(size=9), np.zeros((6, lanes(np.float64)))
    put_spread(numbers, 2, out, np.arange(6, dtype=np.int32), SIX)
    np.testing.assert_array_equal(out, np.repeat(numbers[2:8, None], out.shape[1], axis=1))


@kernel
def copy_rows(W, places, n, block):
    gather(W, places, n, all_lanes(W), block)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gather_copies_rows(rng, dtype):
    W, block = table(rng, 7, 3, dtype), table(rng, 4, 3, dtype)
    kept = block[3].copy()
    copy_rows(W, np.array([5, 0, 5], np.int32), 3, block)
    np.testing.assert_array_equal(block, [W[5], W[0], W[5], kept])


@pytest.mark.parametrize(
    "size, dtype, expected",
    [(1, np.float32, 16), (100, np.float32, 112), (16, np.float32, 16), (9, np.float64, 16)],
)
def test_rows_are_padded_to_all_lanes_vectors(size, dtype, expected):
    assert padded(size, dtype) == expected
