"""Values in messages: one line, short, and never an error of their own."""

import pickle

import numpy as np
import pytest

from fastw2v.errors import (
    QUOTED,
    Fastw2vError,
    OutputError,
    UndecodableVectorsError,
    UnknownWordError,
    printable,
    quoted,
)


class Faulty:
    def __repr__(self):
        raise ValueError


class Lines:
    def __repr__(self):
        return "a\nb\x1b[31m\ud800"


VALUES = [
    *("", "a\nb", "x" * 10**6, "\ud800\x1b", b"\xff" * 10**6, 10**5000, np.zeros((50, 50))),
    *([[1] * 1000] * 1000, {"a": np.zeros((9, 9))}, {1, 2}, object(), Faulty(), Lines(), None),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_quoted_of_any_value_is_one_short_line_of_printable_letters(value):
    text = quoted(value)
    assert 0 < len(text) <= QUOTED and text.isprintable()


@pytest.mark.parametrize("value", ["king", "a  b", 1.5, ["a", 1], ("a",), {"a": 1}, None, b"x"])
def test_quoted_of_a_short_value_is_its_repr(value):
    assert quoted(value) == repr(value)


def test_quoted_of_a_long_string_keeps_both_ends():
    assert quoted("begin" + "x" * 5000 + "end").startswith("'begin")
    assert quoted("begin" + "x" * 5000 + "end").endswith("end'")


def test_printable_escapes_line_ends_and_control_characters():
    assert printable("a\n\x1b é") == "a\\n\\x1b é"


@pytest.mark.parametrize(
    "kind", [Fastw2vError, UnknownWordError, OutputError, UndecodableVectorsError]
)
def test_errors_are_one_line_whatever_a_name_holds(kind):
    error = kind("a\nb\x1b[2J\u202ec: is no file")
    assert str(error) == r"a\nb\x1b[2J\u202ec: is no file"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
