"""Files that lie, are cut, or come from elsewhere: each gets its message, none takes memory that
its size does not justify.
"""

import gzip
import struct

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import VectorsError


def rows(*words, end=b"\n", D=4):
    """Binary rows of the numbers 0.01, 0.02 ...: bytes that are no text."""
    numbers = np.arange(1, D + 1, dtype="<f4") * np.float32(0.01)
    return b"".join(word + b" " + numbers.tobytes() + end for word in words)


REFUSED = {
    "more than the file holds": (
        "v.bin",
        b"1000000000 300\n" + rows(b"a"),
        "the file is too small for them",
    ),
    "more than memory holds": (
        "v.txt",
        b"999999999999999999 9\na 1 2\n",
        "the file is too small for them",
    ),
    "rows of more numbers than there are": (
        "v.bin",
        b"4 " + b"9" * 40 + b"\n" + rows(b"a"),
        "it should begin with two numbers",
    ),
    "a number of a thousand signs": (
        "v.txt",
        b"2 2\na 1 2\nb 1 " + b"." * 1000 + b"\n",
        r"v.txt:3: could not .{,200}$",
    ),
    "a negative size": ("v.bin", b"2 -4\n" + rows(b"a"), "should begin with two numbers"),
    "a header of a size that is no number": (
        "v.bin",
        b"2 4.5\n" + rows(b"a"),
        "should begin with two numbers",
    ),
    "a header without an end": ("v.bin", b"7" * 100_000, "should begin with two numbers"),
    "a header in the middle of binary": (
        "v.bin",
        bytes(range(256)) * 8,
        "should begin with two numbers",
    ),
    "NaN in binary": (
        "v.bin",
        b"1 1\na " + struct.pack("<f", float("nan")) + b"\n",
        r"'a' \(row 1\) is not finite",
    ),
    "NaN in text": ("v.txt", b"2 2\na 1 2\nb nan 1\n", r"'b' \(row 2\) is not finite"),
    "a number too large for float32": ("v.txt", b"1 2\na 1 1e39\n", r"'a' \(row 1\) is not finite"),
    "a missing row": (
        "v.txt",
        b"3 2\na 1.5 2.5\nb 1.5 2.5\n\n",
        "says 3 words .* it holds 2 words; .*limit=2",
    ),
    "a row too many": (
        "v.txt",
        b"1 2\na 1 2\n\n\nb 1 2\n",
        "v.txt:5: has more data after its 1 words",
    ),
    "a number with an underscore": (
        "v.txt",
        b"1 2\na 1_0 2\n",
        "v.txt:2: should hold a word and 2 numbers",
    ),
    "a NUL in a number": ("v.txt", b"2 2\na 1 2\nb 1\x00 2\n", "v.txt:3: "),
    "a gzip file cut short": (
        "v.txt.gz",
        gzip.compress(b"2 2\na 1 2\nb 1 2\n" * 99)[:-12],
        "unpacked by gzip, .* cut short",
    ),
    "a gzip file that is damaged": (
        "v.gz",
        gzip.compress(b"2 2\na 1 2\n")[:12] + b"\xff" * 30,
        "unpacked by gzip",
    ),
    "a gzip file of something else": (
        "v.gz",
        gzip.compress(b"\x00" * 5_000_000),
        "should begin with two numbers",
    ),
    "an empty gzip file": ("v.gz", gzip.compress(b""), "should begin with two numbers"),
    "a word with a space, by word2vec": (
        "v.bin",
        b"3 4\n" + rows(b"a", b"new york", b"b"),
        r"row 2 \('new'\) does not end",
    ),
    "the last word with a space": (
        "v.bin",
        b"2 4\n" + rows(b"a", b"new york"),
        r"row 2 \('new'\) does not end",
    ),
    "a word with a space, by gensim": (
        "v.bin",
        b"3 4\n" + rows(b"a", b"new york", b"b", end=b""),
        r"row 2 \('new'\) does not end",
    ),
    "words that are not UTF-8": (
        "v.bin",
        b"2 4\n" + rows(b"a", b"caf\xe9"),
        r"word 2 is not UTF-8: b'caf\\xe9'.*--encoding-errors",
    ),
    "words of text that are not UTF-8": (
        "v.txt",
        b"2 2\na 1 2\nbl\xf6d 1 2\n",
        r"word 2 is not UTF-8: b'bl\\xf6d'",
    ),
    "GloVe's with a row too short": (
        "v.txt",
        b"a 0.1 0.2 0.3\n" * 18 + b"c 1 2\n",
        "v.txt:19: should hold a word and 3 numbers",
    ),
    "GloVe's with many short rows": (
        "v.txt",
        b"a 0.1 0.2 0.3\n" * 10 + b"\n" * 9999 + b"b 1 2 3",
        "v.txt:11: should hold",
    ),
    "no vectors but text": ("v.txt", b"some words\nof a text\n", "is not a word2vec file"),
    "pickled Python": ("v.bin", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "is a pickle"),
}


@pytest.mark.parametrize("name, data, said", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_right_is_refused(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(VectorsError, match=said):
        fastw2v.load(tmp_path / name)


READ = {
    "CRLF": ("v.txt", b"2 2\r\na 1 2\r\nb 3 4\r\n", ["a", "b"]),
    "word2vec.c's spaces and decimals": (
        "v.txt",
        b"2 2\na 1.000000 2.000000 \nb 3.000000 4.000000 \n",
        ["a", "b"],
    ),
    "no last newline": ("v.txt", b"2 2\na 1 2\nb 3 4", ["a", "b"]),
    "blank lines at the end": ("v.txt", b"2 2\na 1 2\nb 3 4\n\n \n", ["a", "b"]),
    "GloVe": ("v.txt", b"a 1 2\nb 3 4\n", ["a", "b"]),
    "GloVe without a last newline": ("v", b"a 1 2\nb 3 4", ["a", "b"]),
    "GloVe, blank lines at the end": ("v", b"a 1 2\nb 3 4\n\n\n", ["a", "b"]),
    "GloVe's words with spaces": ("v.txt", b". . . 1 2\nat x@y.z 3 4\n", [". . .", "at x@y.z"]),
    "GloVe's words that are numbers": ("v.txt", b"a 1 2\n1 3 4\n", ["a", "1"]),
    "GloVe, many blank lines at the end": ("v", b"a 1 2\nb 3 4\n" + b"\n \r\n" * 9999, ["a", "b"]),
    "a NUL in a word": ("v.txt", b"2 2\na\x00b 1 2\nb 3 4\n", ["a\x00b", "b"]),
    "gzip": ("v.any", gzip.compress(b"2 2\na 1 2\nb 3 4\n"), ["a", "b"]),
    "GloVe in gzip": ("v.gz", gzip.compress(b"a 1 2\nb 3 4\n"), ["a", "b"]),
    "binary in gzip": (
        "v.bin.gz",
        gzip.compress(b"2 2\na " + struct.pack("<2f", 1, 2) + b"b " + struct.pack("<2f", 3, 4)),
        ["a", "b"],
    ),
    "control characters in word2vec's binary": (
        "v.bin",
        b"2 2\na\x00\x7f " + struct.pack("<2f", 1, 2) + b"\nb " + struct.pack("<2f", 3, 4),
        ["a\x00\x7f", "b"],
    ),
}


@pytest.mark.parametrize("name, data, words", READ.values(), ids=READ.keys())
def test_what_can_be_read_is_read(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    loaded = fastw2v.load(tmp_path / name)
    assert loaded.words == words
    np.testing.assert_array_equal(loaded.vectors, [[1, 2], [3, 4]])


def test_of_a_word_that_stands_twice_the_first_row_counts(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"3 2\na 1 0\nb 0 1\na 0 5\n")
    loaded = fastw2v.load(tmp_path / "v.txt")
    assert (
        loaded.words == ["a", "b", "a"]
        and loaded["a"].tolist() == [1, 0]
        and loaded.ids == {"a": 0, "b": 1}
    )


@pytest.mark.parametrize("errors, word", [("replace", "caf\ufffd"), ("ignore", "caf")])
def test_words_that_are_not_utf8_can_be_read_all_the_same(tmp_path, errors, word):
    (tmp_path / "v.bin").write_bytes(b"2 4\n" + rows(b"a", b"caf\xe9"))
    assert fastw2v.load(tmp_path / "v.bin", encoding_errors=errors).words == ["a", word]


def test_text_read_by_compiled_code_is_text_read_line_by_line(tmp_path, rng, monkeypatch):
    from fastw2v.formats import text_lines

    table = rng.normal(size=(300, 7)) * 10.0 ** rng.integers(-12, 3, (300, 1))
    lines = [
        " ".join([f"w{i} x" if i % 50 == 7 else f"w{i}", *map(str, row)])
        for i, row in enumerate(table.tolist())
    ]
    (tmp_path / "v.txt").write_text(f"300 7\n{chr(10).join(lines)}\n")
    slow = fastw2v.load(tmp_path / "v.txt")
    monkeypatch.setattr(text_lines, "SMALL", 0)
    monkeypatch.setattr(text_lines, "PIECE_BYTES", 1000)
    fast = fastw2v.load(tmp_path / "v.txt")
    assert fast.words == slow.words and "w7 x" in fast.words
    np.testing.assert_array_equal(fast.vectors, table.astype(np.float32))
    np.testing.assert_array_equal(fast.vectors, slow.vectors)
    plain = fastw2v.WordVectors([word.replace(" ", "_") for word in fast.words], fast.vectors)
    plain.save(tmp_path / "fast.txt")
    monkeypatch.setattr(text_lines, "SMALL", 1 << 20)
    plain.save(tmp_path / "slow.txt")
    assert (tmp_path / "fast.txt").read_bytes() == (tmp_path / "slow.txt").read_bytes()
    (tmp_path / "v.txt").write_text(f"299 7\n{chr(10).join(lines)}\n")
    monkeypatch.setattr(text_lines, "SMALL", 0)
    with pytest.raises(VectorsError, match=r"v\.txt:301: .*299"):
        fastw2v.load(tmp_path / "v.txt")
