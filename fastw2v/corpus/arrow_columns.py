"""Columns of Arrow in a few types: texts as bytes, scalars of fixed size, and lists of these.

``plain`` is called once for each column of a batch. Dictionaries and views, which can name one long
text many times and so need far more memory than the file, are expanded a few rows at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fastw2v.corpus.file_types import printable
from fastw2v.errors import CorpusError, Fastw2vError
from fastw2v.files import reason

SAID = 120  # characters of an error of pyarrow that an error quotes
DECODED = 1 << 24  # bytes of texts that are expanded at a time
LONGEST_ROW = 1 << 28  # bytes of the texts of one row, expanded
TYPE_SHOWN = 60  # characters of a type in an error


def first_line(error: Exception) -> str:
    """What an error says, on one short line."""
    text = reason(error) if isinstance(error, OSError) else str(error)
    return _beginning(text.strip().split("\n")[0], SAID)


@contextmanager
def arrow_errors(what: str, failed: str = "cannot be read") -> Iterator[None]:
    """Context in which errors of pyarrow become a CorpusError that begins with ``what``.

    failed : what it says then.
    """
    try:
        yield
    except Fastw2vError:
        raise
    except MemoryError as error:
        raise CorpusError(
            f"{what} cannot be read: a part of it needs more memory than there is"
        ) from error
    except (pa.ArrowException, ValueError, OverflowError, TypeError, LookupError) as error:
        raise CorpusError(f"{what} {failed}: {first_line(error)}") from error


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is one of texts: strings or bytes."""
    names = "string large_string string_view binary large_binary binary_view".split()
    return any(getattr(pa.types, f"is_{name}")(kind) for name in names)


def is_list(kind: pa.DataType) -> bool:
    """Whether a type is one of lists."""
    names = "list large_list fixed_size_list".split()
    return any(getattr(pa.types, f"is_{name}")(kind) for name in names)


def plain_type(kind: pa.DataType) -> pa.DataType | None:
    """The type as which a column is read, or None if it is not read.

    Texts are read as bytes, which the tokeniser checks for UTF-8; extension types as their storage.
    """
    kind = _storage(kind)
    if not is_list(kind):
        return _plain_values(kind)
    item = _plain_values(_storage(kind.value_type))
    if item is None:
        return None
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(item, kind.list_size)
    return pa.large_list(item) if pa.types.is_large_list(kind) else pa.list_(item)


def values_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values of a plain type, in a dictionary or not."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _storage(kind: pa.DataType) -> pa.DataType:
    while isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return kind


def _plain_values(kind: pa.DataType) -> pa.DataType | None:
    """The plain type of values that are no lists, or of a dictionary of them; None for others."""
    types = pa.types
    if types.is_dictionary(kind):
        values = _storage(kind.value_type)
        values = None if types.is_dictionary(values) else _plain_values(values)
        return values and pa.dictionary(kind.index_type, values)
    if types.is_string(kind):
        return pa.binary()
    if types.is_large_string(kind):
        return pa.large_binary()
    if types.is_string_view(kind):
        return pa.binary_view()
    scalar = types.is_primitive(kind) or types.is_decimal(kind) or types.is_fixed_size_binary(kind)
    return kind if is_text(kind) or scalar or types.is_null(kind) else None


def plain(array: pa.Array, what: str) -> pa.Array:
    """An array with the type ``plain_type``; nothing is copied. Raises CorpusError for a type that
    is not read.
    """
    kind = plain_type(array.type)
    if kind is None:
        raise CorpusError(
            f"{what} holds {shown_type(array.type)}, which is not read; convert it to strings, or"
            " to lists of them"
        )
    with arrow_errors(what):
        while isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        return array if array.type == kind else array.view(kind)


def shown_type(kind: Any) -> str:
    """The beginning of the name of a type, as an error can show it."""
    return _beginning(str(kind), TYPE_SHOWN)


def _beginning(text: str, longest: int) -> str:
    return printable(text, longest) + "..." * (len(text) > longest)


def slices(array: pa.Array, what: str) -> Iterator[pa.Array]:
    """A plain array in slices, whose texts take about DECODED bytes when they are expanded.

    Raises CorpusError for a row of more than LONGEST_ROW.
    """
    with arrow_errors(what):
        sizes = _sizes(array)
    if sizes is None:
        yield array
        return
    if len(sizes) and int(sizes.max()) > LONGEST_ROW:
        raise CorpusError(
            f"{what} has a row of {int(sizes.max()) >> 20:,} MB; a row may have"
            f" {LONGEST_ROW >> 20} MB"
        )
    for start, stop in runs(sizes):
        yield array.slice(start, stop - start)


def runs(sizes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where runs of values begin and end that have at most DECODED bytes, or are one value.

    sizes : int64, bytes of each value.
    """
    ends, start = np.cumsum(sizes), 0
    while start < len(ends):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + DECODED, side="right")), start + 1)
        yield start, stop
        start = stop


def _sizes(array: pa.Array) -> np.ndarray | None:
    """Bytes of the expanded texts of each row (int64), or None if it does not expand."""
    if is_list(array.type):
        if not _expands(array.type.value_type):
            return None
        lengths = list_lengths(array)
        values = _sizes(array.flatten())
        assert values is not None  # they expand
        ends = np.concatenate([[0], np.cumsum(values)])
        stops = np.cumsum(lengths)
        return ends[stops] - ends[stops - lengths]
    if not _expands(array.type):
        return None
    if pa.types.is_dictionary(array.type):
        if not len(array.dictionary):
            return np.zeros(len(array), np.int64)
        lengths, places = _lengths(array.dictionary), array.indices.fill_null(0)
        sizes = lengths[places.to_numpy(zero_copy_only=False)]
    else:
        sizes = _lengths(array)
    if array.null_count:
        sizes = np.where(array.is_valid().to_numpy(zero_copy_only=False), sizes, 0)
    return sizes


def _expands(kind: pa.DataType) -> bool:
    """Whether texts of a type may be far larger than the arrays that name them."""
    return pa.types.is_binary_view(kind) or (
        pa.types.is_dictionary(kind) and is_text(kind.value_type)
    )


def _lengths(texts: pa.Array) -> np.ndarray:
    """Bytes of each of an array of bytes (int64); of missing ones, any number."""
    if pa.types.is_binary_view(texts.type):
        views = np.frombuffer(texts.buffers()[1] or b"", np.int32).reshape(-1, 4)
        return views[texts.offset : texts.offset + len(texts), 0].astype(np.int64)
    lengths = pc.binary_length(texts).fill_null(0)
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64)


def longest_in_dictionary(array: pa.Array) -> int:
    """Bytes of the longest text in the dictionary of an array, or of the items of its lists; 0 if
    there is none.
    """
    while is_list(array.type):
        array = array.flatten()
    if not (pa.types.is_dictionary(array.type) and is_text(array.type.value_type)):
        return 0
    return int(_lengths(array.dictionary).max(initial=0))


def list_lengths(array: pa.Array) -> np.ndarray:
    """How many values each of an array of lists has (int64); missing ones have none."""
    lengths = pc.list_value_length(array).fill_null(0)
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64)


def decoded(array: pa.Array, what: str) -> pa.Array:
    """A plain array that holds no lists, without dictionaries and views: bytes or scalars.

    Call it for ``slices``. Raises CorpusError.
    """
    with arrow_errors(what):
        if pa.types.is_dictionary(array.type):
            return decoded(_bounded(array.dictionary, what), what).take(array.indices)
        if pa.types.is_null(array.type) or pa.types.is_binary_view(array.type):
            return array.cast(pa.large_binary())
        if pa.types.is_decimal(array.type) and array.type.bit_width < 128:
            return array.cast(pa.decimal128(array.type.precision, array.type.scale))
        return array.cast(pa.float32()) if pa.types.is_float16(array.type) else array


def _bounded(texts: pa.Array, what: str) -> pa.Array:
    """The values of a dictionary. Raises CorpusError if they are too large to be expanded."""
    if _expands(texts.type) and (size := int(_lengths(texts).sum())) > LONGEST_ROW:
        raise CorpusError(
            f"{what} has a dictionary of {size >> 20:,} MB; it may have {LONGEST_ROW >> 20} MB"
        )
    return texts


def presence(array: pa.Array, what: str) -> pa.Array:
    """Which values of a plain array are present (bool), also in its dictionary."""
    with arrow_errors(what):
        if pa.types.is_null(array.type):
            return pa.array(np.zeros(len(array), bool))
        if not pa.types.is_dictionary(array.type):
            return array.is_valid()
        values = decoded(_bounded(array.dictionary, what), what)
        if not values.null_count:
            return array.indices.is_valid()
        return values.is_valid().take(array.indices).fill_null(False)


def encoded(array: pa.Array, what: str) -> pa.DictionaryArray:
    """A plain array as numbers of its distinct values, in the order of their first appearance.

    A dictionary is not written out. Texts become large_binary. Raises CorpusError.
    """
    with arrow_errors(what):
        if pa.types.is_dictionary(array.type):
            used = array.indices.dictionary_encode()
            values = decoded(_bounded(array.dictionary, what), what).take(used.dictionary)
            distinct = values.dictionary_encode()  # a dictionary may hold a value twice
            numbers, values = distinct.indices.take(used.indices), distinct.dictionary
        else:
            parts = [decoded(part, what).dictionary_encode() for part in slices(array, what)]
            whole = unified(parts) if len(parts) != 1 else parts[0]
            numbers, values = whole.indices, whole.dictionary
        if is_text(values.type):
            values = values.cast(pa.large_binary())
        return pa.DictionaryArray.from_arrays(numbers, values)


def unified(arrays: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    """Arrays as one, whose distinct values have one number each.

    Raises pyarrow's errors if their types differ.
    """
    if not arrays:
        return pa.array([], pa.large_binary()).dictionary_encode()
    whole = pa.chunked_array(arrays).unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
