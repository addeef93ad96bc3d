import numpy as np
import pytest

from fastw2v.kernels.jit import JIT
from fastw2v.kernels.text.decimals import WIDEST, read_rows, write_rows

N = 20_000 if JIT else 300


def written(numbers):
    """What the kernel writes for each number: None where it is not sure."""
    table, row, found = numbers.reshape(-1, 1), 0, []
    out = np.empty(len(numbers) * (WIDEST + 1), np.uint8)
    letters, starts = np.frombuffer(b" ", np.uint8), np.zeros(len(numbers) + 1, np.int64)
    while row < len(numbers):
        row, n = write_rows(letters, starts, table, row, out)
        found += [line[1:] for line in out[:n].tobytes().decode().split("\n")[:-1]]
        if row < len(numbers):
            row, found = row + 1, [*found, None]
    return found


NUMBERS = {
    "vectors": lambda rng: rng.normal(size=N),
    "small": lambda rng: rng.normal(size=N) * 10.0 ** rng.integers(-36, -3, N),
    "round": lambda rng: np.round(rng.normal(size=N), 3),
    "halves": lambda rng: rng.normal(size=N).astype(np.float16),
    "integers": lambda rng: rng.integers(-999_999, 999_999, N),
    "powers of two": lambda rng: 2.0 ** rng.integers(-90, 19, N),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_what_is_written_is_numpys_shortest_form(rng, kind):
    numbers = NUMBERS[kind](rng).astype(np.float32)
    found = written(numbers)
    expected = [str(x).removesuffix(".0") for x in numbers]
    assert [x for x in found if x is not None] == [
        e for e, x in zip(expected, found, strict=True) if x is not None
    ]
    assert found.count(None) < len(found) * (0.25 if kind == "powers of two" else 0.1)


def test_any_bits_are_written_right_or_left_alone(rng):
    numbers = rng.integers(0, 2**32, N, np.uint64).astype(np.uint32).view(np.float32)
    edges = np.array(
        [0, -0.0, 1e-4, 9.999e-5, 999999.94, 1e6, 1e-37, 1e-45, np.inf, np.nan, 16777216],
        np.float32,
    )
    numbers = np.concatenate([numbers, edges])
    for x, found in zip(numbers, written(numbers), strict=True):
        assert found is None or found == str(x).removesuffix(".0")


def read(texts):
    """The float32 of each text, nan where the kernel is not sure."""
    data = np.frombuffer("".join(f"w {text}\n" for text in texts).encode(), np.uint8)
    table, letters, raw = (
        np.full((len(texts), 1), np.nan, np.float32),
        np.empty(len(data), np.uint8),
        data.tobytes(),
    )
    row = at = 0
    while row < len(texts):
        row, at, n = read_rows(data, at, len(data), table, row, len(texts), letters, 0)
        assert letters[:n].tobytes() == b"w\n" * (n // 2)
        if row < len(texts):
            table[row], row, at = np.nan, row + 1, raw.find(b"\n", at) + 1
    return table[:, 0]


@pytest.mark.parametrize("form", ["{!r}", "{:.6f}", "{:.25f}", "{:e}", "{:+.3E}"])
def test_what_is_read_is_what_python_reads(rng, form):
    texts = [
        form.format(x) for x in (rng.normal(size=N) * 10.0 ** rng.integers(-12, 12, N)).tolist()
    ]
    found, expected = read(texts), np.array([float(text) for text in texts]).astype(np.float32)
    sure = ~np.isnan(found)
    np.testing.assert_array_equal(found[sure], expected[sure])
    assert sure.mean() > 0.95


def test_half_way_between_two_numbers_it_is_not_sure(rng):
    low = np.abs(rng.normal(size=100)).astype(np.float32)
    middle = (low.astype(np.float64) + np.nextafter(low, np.float32(9))) / 2
    assert np.isnan(read([f"{x:.60f}" for x in middle])).all()


def test_what_is_no_number_is_left_to_others():
    wrong = [
        "",
        "-",
        ".",
        "x",
        "1x",
        "nan",
        "inf",
        "1e",
        "1e+",
        "--1",
        "1_0",
        "1 2",
        "0x1",
        "1\x002",
        "1e9999",
        "1e400",
    ]
    assert np.isnan(read(wrong)).all()
    right = [
        "1",
        "-1",
        "+1",
        "1.",
        ".5",
        "-.5e1",
        "1E2",
        "00012",
        "1 ",
        "1\r",
        "0",
        "1e-46",
        "9" * 30,
    ]
    np.testing.assert_array_equal(
        read(right), [1, -1, 1, 1, 0.5, -5, 100, 12, 1, 1, 0, 0, np.float32(1e30)]
    )


def test_rows_end_with_lines_or_the_data():
    data = np.frombuffer(b"a 1 2\nb b 3 4\nc 5 6", np.uint8)
    table, letters = np.zeros((3, 2), np.float32), np.zeros(len(data), np.uint8)
    assert read_rows(data, 0, len(data), table, 0, 3, letters, 0) == (1, 6, 2)
    assert read_rows(data, 14, len(data), table, 2, 3, letters, 2) == (3, len(data), 4)
    assert letters[:4].tobytes() == b"a\nc\n" and table[[0, 2]].tolist() == [[1, 2], [5, 6]]
