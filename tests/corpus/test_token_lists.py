import array
from collections import Counter, OrderedDict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus import token_lists
from fastw2v.corpus.encoded import open_corpus
from fastw2v.corpus.token_lists import check_tokens, sentence_blocks
from fastw2v.errors import CorpusError

NAN = float("nan")
LONG = 300  # letters of an error, at most


class Column:
    """A column that gives values one by one, as pandas, polars and Hugging Face data sets do."""

    def __init__(self, values):
        self.values = values

    def __iter__(self):
        return iter(self.values)


class Scalar:
    """A value of pyarrow, which knows itself as Python's value."""

    def __init__(self, value):
        self.value = value

    def __iter__(self):
        return (Scalar(value) for value in self.value)

    def __str__(self):
        return "not the value"

    def as_py(self):
        return self.value


class Table(Column):
    """A table: iterating it gives names or columns, not rows."""

    columns = ("id", "text", "words")


class ArrowTable(Column):
    """A table of pyarrow or Hugging Face."""

    column_names = ("id", "text", "words")


class NAType:
    """pandas.NA: it cannot say whether it differs from itself."""

    def __ne__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")


class OneNumber:
    """A tensor of one number, as iterating a tensor gives it."""

    shape = ()

    def __init__(self, number):
        self.number = number

    def item(self):
        return self.number


def lines(corpus):
    """What the blocks of a corpus hold, line by line, their tokens checked."""
    found = []
    for block in sentence_blocks(corpus):
        text = block.data[: block.size].tobytes()
        check_tokens(block, len(text.split()))
        found += text.decode().split("\n")
    return found


def refusal(corpus):
    with pytest.raises(CorpusError) as caught:
        lines(corpus)
    assert len(str(caught.value)) <= LONG and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "corpus",
    [
        [["a", "b"], [], [1, 22]],
        (("a", "b"), (), (1, 22)),
        (row for row in (["a", "b"], [], ["1", "22"])),
        [iter(["a", "b"]), array.array("i"), array.array("i", [1, 22])],
        Column([Column(["a", "b"]), Column([]), np.array([1, 22], np.uint8)]),
        {"first": ["a", "b"], "second": [], "third": [1, "22"]}.values(),
        [np.array(["a", "b"]), np.array([], str), np.array([1, "22"], object)],
        Column([Scalar(["a", "b"]), Scalar([]), [Scalar(1), OneNumber(22)]]),
    ],
)
def test_sentence_blocks_of_any_iterable_of_token_lists_are_lines(corpus):
    assert lines(corpus) == ["a b", "", "1 22"]


def test_sentence_blocks_of_numbers_are_as_str_writes_them():
    rows = [[1.5, np.float32(0.1), np.int8(-3)], np.array([0.1, 2], np.float32), np.arange(3)]
    assert lines(rows) == ["1.5 0.1 -3", "0.1 2.0", "0 1 2"]


def test_sentence_blocks_of_no_rows_hold_nothing():
    assert lines([]) == [""] and lines([[], []]) == ["", ""]


def test_sentence_blocks_of_many_blocks_keep_the_order(monkeypatch):
    monkeypatch.setattr(token_lists, "BLOCK", 64)
    rows = [[f"w{i}"] * (i % 5) for i in range(200)]
    assert len(list(sentence_blocks(rows))) > 5
    assert lines(rows)[:-1] == [" ".join(row) for row in rows] or lines(rows) == [
        " ".join(row) for row in rows
    ]


def test_sentence_blocks_of_one_list_that_is_filled_again_and_again_are_all_its_states():
    def rows():
        row = []
        for word in "abc":
            row[:] = [word, word]
            yield row
        row.clear()

    assert lines(rows()) == ["a a", "b b", "c c"]


@pytest.mark.parametrize(
    "row",
    [{"id": 7, "words": ["king"]}, OrderedDict(words=["king"]), Counter("king"), Scalar({"a": 1})],
)
def test_rows_that_are_mappings_are_refused_with_a_key(row):
    said = refusal([["fine"], row])
    assert (
        "sentence 1" in said
        and f"[row[{'words' if 'words' in (getattr(row, 'value', row)) else 'tokens'!r}]" in said
    )


@pytest.mark.parametrize(
    "row", [{"a", "b"}, frozenset("ab"), dict(a=1).keys(), dict(a=1).items(), dict(a=1).values()]
)
def test_rows_without_an_order_are_refused(row):
    said = refusal([["fine"], row])
    assert "sentence 1" in said and type(row).__name__ in said and "sorted(row)" in said


@pytest.mark.parametrize("corpus", [{("a", "b")}, frozenset([("a", "b")])])
def test_a_corpus_without_an_order_is_refused(corpus):
    assert "sorted(corpus)" in refusal(corpus)


@pytest.mark.parametrize(
    "value", [None, NAN, np.float32("nan"), np.datetime64("NaT"), Decimal("nan"), NAType()]
)
def test_missing_values_are_refused_with_their_place(value):
    assert "sentence 1" in refusal([["fine"], ["a", value]])
    assert "sentence 2" in refusal([["fine"], ["a"], value])
    assert "sentence 0" in refusal([np.array(["a", value], object)])


def test_missing_values_of_pyarrow_are_refused():
    assert "sentence 1" in refusal([["fine"], Scalar(None)])
    assert "sentence 0" in refusal([[Scalar("a"), Scalar(None)]])


def test_the_word_nan_is_a_word():
    assert lines([["nan", "None", "NaN"]]) == ["nan None NaN"]


@pytest.mark.parametrize("token", [b"king", bytearray(b"king"), np.bytes_(b"king")])
def test_tokens_of_bytes_are_refused(token):
    assert "sentence 1" in (said := refusal([["fine"], [token]])) and "decode" in said
    assert "decode" in refusal([["fine"], token])


@pytest.mark.parametrize(
    "token", [["a"], ("a", "b"), {"a"}, {"a": 1}, np.array(["a", "b"]), Column(["a"])]
)
def test_lists_a_level_too_deep_are_refused(token):
    said = refusal([["fine"], ["a", token]])
    assert "sentence 1" in said and type(token).__name__ in said


@pytest.mark.parametrize(
    "corpus",
    [
        np.array(["the king", "rules"]),
        Column(["the king", "rules"]),
        iter(["the king"]),
        [["a"], "b"],
    ],
)
def test_lists_a_level_too_shallow_are_refused(corpus):
    assert "text.split()" in refusal(corpus)


def test_a_text_as_a_list_of_its_letters_is_refused():
    assert "text.split()" in refusal([list("the king rules")])


@pytest.mark.parametrize(
    "table", [Table(["id", "text"]), ArrowTable([]), np.zeros(2, [("id", int), ("text", "U5")])]
)
def test_a_table_is_refused_naming_its_columns(table):
    assert "id, text" in (said := refusal(table)) and 'corpus["' in said


NO_CORPUS = [
    "text",
    b"bytes",
    bytearray(b"x"),
    7,
    None,
    NAN,
    {"a": ["b"]},
    np.array(5),
    object(),
    [5],
    [object()],
]


@pytest.mark.parametrize("corpus", NO_CORPUS)
def test_what_is_no_iterable_of_token_lists_is_refused(corpus):
    assert refusal(corpus)


def test_paths_that_a_generator_gives_are_refused():
    assert "list(corpus)" in refusal(Path(name) for name in ("a.txt", "b.txt"))


@pytest.mark.parametrize("token", ["new york", "a\n", "\x0b", "", " "])
@pytest.mark.parametrize("others", [["well"], [1], [""], ["a\tb"], ["", "x y"], ["\x01", "\x00"]])
def test_tokens_that_no_file_could_hold_are_refused_wherever_they_hide(token, others):
    said = refusal([["fine"], [*others, token], [token, *others]])
    assert "sentence 1" in said


def test_tokens_with_control_characters_are_tokens():
    assert lines([["a\x00", "\x1f", "é\x85"], ["\u3000"]]) == ["a\x00 \x1f é\x85", "\u3000"]


def test_a_long_token_is_not_quoted_whole():
    assert "sentence 0" in refusal([["x" * 5000 + " y"]]) and refusal([["x" * 5000 + "\ud800"]])


def test_lone_surrogates_are_refused_with_their_place():
    assert "sentence 2" in (said := refusal([["a"], ["b"], ["c", "\ud800"]])) and "UTF-8" in said


def test_errors_of_a_generator_are_its_own():
    def rows():
        yield ["a"]
        raise TypeError("mine")

    def tokens():
        yield "a"
        raise TypeError("mine")

    for corpus in (rows(), [tokens()]):
        with pytest.raises(TypeError, match="mine"):
            lines(corpus)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("lowercase", [False, True])
def test_token_lists_have_the_ids_of_their_text(tmp_path, monkeypatch, rng, threads, lowercase):
    monkeypatch.setattr(token_lists, "BLOCK", 1000)
    rows = [[f"W{n}é" for n in rng.zipf(1.5, size=rng.integers(0, 9)) % 50] for _ in range(500)]
    (tmp_path / "text").write_text("\n".join(map(" ".join, rows)), encoding="utf8")
    config = TrainConfig(min_count=2, threads=threads, lowercase=lowercase)
    one, other = open_corpus(rows, config), open_corpus(tmp_path / "text", config)
    assert one.vocabulary.words == other.vocabulary.words
    np.testing.assert_array_equal(one.ids, other.ids)
