"""Pickles read as records of what they say: nothing that they hold is called, imported or given
attributes.

Unpickling as Python does it calls whatever a file names. Here a file's names are looked up in a
fixed list, those that gensim's word vectors hold, and every object that would be made is a
``Record`` of what was to be called and with what. Only the operations of pickles that gensim's
files have are carried out.
"""

import io
import pickle
import re
import struct
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

MODELS = (
    "word2vec",
    "fasttext",
    "keyedvectors",
    "wrappers.fasttext",
    "deprecated.word2vec",
    "deprecated.fasttext",
    "deprecated.keyedvectors",
)
CLASSES = (
    "Word2Vec",
    "Word2VecVocab",
    "Word2VecTrainables",
    "FastText",
    "FastTextVocab",
    "FastTextTrainables",
    "KeyedVectors",
    "Word2VecKeyedVectors",
    "EuclideanKeyedVectors",
    "FastTextKeyedVectors",
    "Vocab",
    "CompatVocab",
)
ARRAY, SCALAR, BUFFER, CODEC = "_reconstruct", "scalar", "_frombuffer", "encode"
CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
NAMES = {(f"gensim.models.{module}", name) for module in MODELS for name in CLASSES}
NAMES |= {(module, name) for module in CORES for name in (ARRAY, SCALAR)}
NAMES |= {("numpy.core.numeric", BUFFER), ("numpy._core.numeric", BUFFER)}  # of protocol 5
NAMES |= {
    (module, name)
    for module in ("builtins", "__builtin__")
    for name in ("hash", "int", "long", "float", "object", "set", "frozenset")
}
NAMES |= {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", CODEC),
    ("collections", "defaultdict"),
    ("UserString", "defaultdict"),
    ("gensim.utils", "call_on_class_only"),
    ("numpy.random", "__RandomState_ctor"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.random._pickle", "__bit_generator_ctor"),
    ("numpy.random._mt19937", "MT19937"),
}
OPERATIONS = (
    "PROTO FRAME GLOBAL STACK_GLOBAL MARK STOP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2"
    " LONG1 BINFLOAT BINSTRING SHORT_BINSTRING BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES"
    " SHORT_BINBYTES BINBYTES8 BYTEARRAY8 EMPTY_LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2"
    " TUPLE3 EMPTY_DICT BINGET LONG_BINGET BINPUT LONG_BINPUT MEMOIZE"
)
SIMPLE = (str, int, float, bytes, type(None))  # what keys of dictionaries are, or tuples of them
NUMBERS = re.compile(r"[biuf][1248]")


class Name(NamedTuple):
    """What a pickle calls by its name; nothing here ever does."""

    module: str
    name: str


class Record(dict[Any, Any]):
    """What a pickle would have made: the Name to be called, its arguments, and the state to be set;
    items, if it has any.
    """

    def __init__(self, name: Name, args: tuple[Any, ...]) -> None:
        super().__init__()
        self.name, self.args = name, args
        self.state: Any = None


PythonUnpickler: Any = pickle._Unpickler


class Unpickler(PythonUnpickler):  # type: ignore[misc]
    """Python's own unpickler in Python, whose operations can be replaced one by one, and whose memo
    takes what it needs.
    """

    dispatch: ClassVar[dict[int, Any]] = {
        getattr(pickle, name)[0]: PythonUnpickler.dispatch[getattr(pickle, name)[0]]
        for name in OPERATIONS.split()
    }

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="latin1")
        self.size = len(data)

    def find_class(self, module: str, name: str) -> Name:
        """The Name, if it is one of those that gensim's files have."""
        if (module, name) not in NAMES:
            global_name = repr(f"{module[:60]}.{name[:60]}")
            raise ValueError(f"it refers to {global_name}, which no file of gensim holds")
        return Name(module, name)

    def load_reduce(self) -> None:
        """Note what is to be called, and with what."""
        args, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, Name) or type(args) is not tuple:
            raise ValueError("it calls what is no name")
        self.append(_encoded(args) if name.name == CODEC else Record(name, args))

    def load_build(self) -> None:
        """Note the state of a record."""
        state, record = self.stack.pop(), self.stack[-1]
        if not isinstance(record, Record):
            raise ValueError("it changes what it has not made")
        record.state = state

    def load_items(self) -> None:
        """Put items into a dictionary, or into a record of one."""
        items = self.pop_mark()
        if not isinstance(self.stack[-1], dict):
            raise ValueError("it puts items into what is no dictionary")
        self.stack[-1].update((_key(items[i]), items[i + 1]) for i in range(0, len(items), 2))

    def load_item(self) -> None:
        """The same with one item."""
        value, key = self.stack.pop(), self.stack.pop()
        if not isinstance(self.stack[-1], dict):
            raise ValueError("it puts items into what is no dictionary")
        self.stack[-1][_key(key)] = value

    def load_set(self) -> None:
        """Leave the members of a set out: nothing here asks for any."""
        self.pop_mark()
        self.append(None)

    def load_bytearray8(self) -> None:
        """Read a bytearray; Python's own operation takes memory before it has looked for bytes."""
        (size,) = struct.unpack("<Q", self.read(8))
        if size > self.size:
            raise ValueError("it ends too early")
        self.append(bytearray(self.read(size)))

    dispatch |= {
        pickle.BYTEARRAY8[0]: load_bytearray8,
        pickle.REDUCE[0]: load_reduce,
        pickle.NEWOBJ[0]: load_reduce,
        pickle.BUILD[0]: load_build,
        pickle.SETITEMS[0]: load_items,
        pickle.SETITEM[0]: load_item,
        pickle.FROZENSET[0]: load_set,
    }


def read_records(data: bytes) -> Any:
    """What bytes hold: Records, lists, dictionaries, tuples, text, bytes and numbers.

    Raises errors of many classes.
    """
    return Unpickler(data).load()


def _key(key: Any) -> Any:
    """A key that can be hashed without going deep."""
    if not isinstance(key, SIMPLE) and not (
        type(key) is tuple and all(isinstance(part, SIMPLE) for part in key)
    ):
        raise ValueError("it has dictionaries of other keys than words and numbers")
    return key


def _encoded(args: tuple[Any, ...]) -> bytes:
    """Bytes, as protocol 2 has them: text of their numbers."""
    if len(args) != 2 or not isinstance(args[0], str) or args[1] != "latin1":
        raise ValueError("it encodes what is no text")
    return args[0].encode("latin1")


def array_of(record: object) -> NDArray[Any]:
    """The array of numbers that a record was to become."""
    if not isinstance(record, Record):
        raise ValueError("an array in it is none")
    if record.name.name == BUFFER:
        data, dtype, shape, order = record.args
        by_columns = order == "F"
    else:
        _, shape, dtype, by_columns, data = record.state
    dtype = dtype_of(dtype)
    data = data.encode("latin1") if isinstance(data, str) else data
    if (
        type(shape) is not tuple
        or len(shape) > 2
        or not all(isinstance(n, int) and n >= 0 for n in shape)
    ):
        raise ValueError("an array in it has no shape")
    size = dtype.itemsize
    for n in shape:
        size *= n
    if not isinstance(data, (bytes, bytearray)) or len(data) != size:
        raise ValueError(f"an array in it should have {size} bytes")
    values = np.frombuffer(data, dtype).reshape(shape, order="F" if by_columns else "C")
    return values.astype(dtype.newbyteorder("="))


def dtype_of(record: object) -> np.dtype[Any]:
    """The type of numbers that a record was to become."""
    if (
        not isinstance(record, Record)
        or record.name.name != "dtype"
        or type(record.state) is not tuple
    ):
        raise ValueError("an array in it has no type")
    kind, order = record.args[0], record.state[1]
    if (
        not isinstance(kind, str)
        or not NUMBERS.fullmatch(kind)
        or order not in ("<", ">", "|", "=")
    ):
        raise ValueError("an array in it holds other things than numbers")
    return np.dtype(order + kind)
