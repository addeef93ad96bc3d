"""Columns and tables of other libraries as corpora: read as their rows are, or refused by name."""

import importlib

import numpy as np
import pytest

from fastw2v.errors import ConfigError, CorpusError
from fastw2v.events import Notice
from tests.helpers.corpora import lines, refusal

pa = pytest.importorskip("pyarrow")

TEXTS = ["the king rules", None, "the café\n東京 land", ""]
LISTS = [["a", "b"], [], None, ["c"]]
NUMBERS = [[1, 2], [3], [], [2**40]]
SESSIONS = [1, 2, 1, 2]
SPLIT = [["the", "king", "rules"], ["the", "café", "東京", "land"]]
DATA = {
    "text": TEXTS,
    "lists": LISTS,
    "numbers": NUMBERS,
    "session": SESSIONS,
    "item": [5, 6, 7, 8],
}


def table_of(library):
    """The data as a table of a library. Skips the test where it is missing."""
    if library == "pyarrow":
        return pa.table(DATA)
    module = pytest.importorskip(library)
    if library == "datasets":
        return module.Dataset.from_dict(DATA)
    return module.DataFrame(DATA)


LIBRARIES = ["pandas", "polars", "pyarrow", "datasets"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_columns_of_a_library_are_read_as_their_rows(library):
    table, events = table_of(library), []
    assert lines(table["text"], events.append) == SPLIT
    assert "1 values" in next(event.text for event in events if isinstance(event, Notice))
    assert lines(table["lists"]) == [["a", "b"], ["c"]]
    assert lines(table["numbers"]) == [["1", "2"], ["3"], [str(2**40)]]


@pytest.mark.parametrize("library", LIBRARIES)
def test_tables_of_a_library_are_read_by_the_name_of_a_column(library):
    table = table_of(library)
    assert lines(table, column="text") == SPLIT
    assert lines(table, column="item", group_by="session") == [["5", "7"], ["6", "8"]]
    assert "text, lists" in refusal(table) and "'txt'" in refusal(table, column="txt")
    assert lines(table, column="text", tokenize="words") == SPLIT


def test_series_of_pandas_that_arrow_cannot_hold_are_read_one_by_one():
    pandas = pytest.importorskip("pandas")
    assert lines(pandas.Series([["a", 1], ["b", 2.5]])) == [["a", "1"], ["b", "2.5"]]
    assert lines(pandas.Series([[1.5], [2.0]])) == [["1.5"], ["2.0"]]
    assert lines(pandas.Series(["a b", "c"], dtype="category")) == [["a", "b"], ["c"]]
    assert lines(pandas.Series(["a b", float("nan"), "c"], index=[7, 7, 9])) == [["a", "b"], ["c"]]
    assert "row 1" in refusal(pandas.Series([["a"], ["b c"]], index=[5, 6]))
    for values in ([["a"], ["b", None, 1]], [["a"], ["b", float("nan"), 1]]):
        assert "sentence 1" in refusal(pandas.Series(values))
    for values in ([{"a": 1}], [1, 2], [["a"], "b c"], [[["a"]]], [{"a"}], [True]):
        assert refusal(pandas.Series(values))


def test_arrays_of_pyarrow_that_are_no_text_are_refused():
    for array in (pa.array([1, 2]), pa.array([{"a": "b"}]), pa.array([[["a"]]]), pa.scalar(5)):
        assert refusal(array)


def test_rows_and_splits_of_hugging_face_are_refused_with_what_to_give():
    datasets = pytest.importorskip("datasets")
    data_set = table_of("datasets")
    splits = datasets.DatasetDict({"train": data_set})
    assert "corpus['train']" in refusal(splits) and "corpus['train']" in refusal(
        splits, column="text"
    )
    assert 'corpus["tokens"]' in refusal(data_set)
    assert "text, lists" in refusal([data_set[0]])
    chosen = data_set.select([2, 0])
    assert lines(chosen["text"]) == SPLIT[::-1] == lines(chosen, column="text")
    assert lines(data_set.to_iterable_dataset(), column="text") == SPLIT


def test_lazy_frames_are_refused_with_what_to_give():
    polars = pytest.importorskip("polars")
    assert "collect" in refusal(polars.DataFrame(DATA).lazy(), column="text")


def test_a_column_of_what_is_no_table_is_refused():
    for corpus in ([["a"]], {"text": ["a"]}, np.array([["a"]]), iter([["a"]]), 5, pa.array(["a"])):
        assert "column" in refusal(corpus, column="text")


def test_two_columns_of_one_name_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([["a", "b"]], columns=["t", "t"])
    assert "several" in refusal(frame, column="t")


def test_columns_that_cannot_be_held_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"t": [["a"], "b"], "s": ["\ud800", "b"]}, dtype=object)
    for column in "ts":
        assert refusal(frame, column=column)


def test_arrays_of_numpy_are_read_a_row_each():
    ids = np.array([[1, 2], [3, 1]])
    assert lines(ids) == [["1", "2"], ["3", "1"]] == lines(ids.astype(str))
    rows = np.empty(2, object)
    rows[:] = [["a", "b"], ["c"]]
    assert lines(rows) == [["a", "b"], ["c"]]
    assert "sentence 1" in refusal(np.array([["a", "b"], ["c", None]], object))
    assert "split" in refusal(np.array(["the king", "rules"]))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_sets_in_columns_are_refused(library):
    module = pytest.importorskip(library)
    values = [{"a", "b"}, {"c"}]
    series = module.Series(values, dtype=object if library == "pandas" else module.Object)
    assert "sorted" in refusal(series)
    if library == "pandas":
        assert "sets" in refusal(module.DataFrame({"t": series}), column="t")


def test_damaged_arrays_of_arrow_are_refused():
    offsets, data = np.array([0, 8, 3, 8], np.int32), b"the king"
    array = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)]
    )
    assert "damaged" in refusal(array)


def test_importing_objects_loads_no_library():
    module = importlib.import_module("fastw2v.corpus.objects")
    assert not any(hasattr(module, name) for name in ("pa", "pandas", "polars", "datasets"))


def test_tokens_are_no_texts_to_split():
    for corpus in ([["a"]], pa.array([["a"]])):
        assert "tokenize" in refusal(corpus, ConfigError, tokenize="words")
    with pytest.raises(CorpusError):
        lines([[""]])
