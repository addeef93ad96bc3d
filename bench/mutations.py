"""Changes of files that keep their checksums, lengths and headers right, so that they reach what
stands behind these.

Each ``change_...(data, rng)`` takes the bytes of a good file and a random.Random, and returns the
bytes of a bad one (or, now and then, of another good one).
"""

import hashlib
import io
import itertools
import json
import pickletools
import re
import struct
import warnings
import zipfile
import zlib

from bench.odd_values import (
    DTYPES,
    FLOATS,
    JSON,
    KINDS,
    LITERALS,
    LONG,
    MEMBERS,
    NUMBERS,
    SHAPES,
    SIZES,
    WORDS,
)
from fastw2v.corpus.encoded import HEADER as CORPUS
from fastw2v.training.checkpoint import DIGEST, MAGIC


def change_json(text, rng):
    """JSON with one to three values of other types or ranges, keys missing, more or twice."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        try:
            text = _change_value(json.loads(text), rng)
        # it is bad enough to be no JSON, or nested too deeply for Python
        except (
            ValueError,
            RecursionError,
        ):
            break
    return text


def _change_value(tree, rng):
    """The text of a tree with one value changed."""
    places = list(_places(tree))
    if not places:
        return json.dumps(tree)
    holder, key = rng.choice(places)
    way = rng.random()
    if way < 0.1:
        del holder[key]
    elif way < 0.2 and isinstance(holder, dict):
        holder[rng.choice((key + "x", "", "\n", LONG, "__class__"))] = holder.pop(key)
    elif way < 0.35:
        holder[key] = _another(places, rng)
    elif way < 0.5 and type(holder[key]) in (int, float):
        holder[key] = rng.choice(
            (
                holder[key] + 1,
                holder[key] - 1,
                -holder[key],
                holder[key] * 2,
                float(max(-(2**1000), min(holder[key], 2**1000))),
            )
        )
    else:
        holder[key] = "@@@"
    return json.dumps(tree).replace('"@@@"', rng.choice(JSON))


def _places(tree):
    """Every container in a tree with every key of it."""
    for key, value in list(
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    ):
        yield tree, key
        yield from _places(value)


def _another(places, rng):
    """A value from elsewhere in the tree."""
    holder, key = rng.choice(places)
    return json.loads(json.dumps(holder[key]))


def change_bytes(data, rng):
    """A few bytes changed, missing or more."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        place = rng.randrange(len(data) + 1)
        way = rng.randrange(5)
        if way == 0:
            del data[place:]
        elif way == 1:
            del data[place : place + rng.choice((1, 4, 8, 64))]
        elif way == 2:
            data[place:place] = rng.choice(
                (b"\0", bytes(8), b"\xff" * 4, b"\x00\x00\xc0\x7f", bytes(1000))
            )
        elif way == 3:
            size = rng.choice((4, 8))
            data[place & ~3 : (place & ~3) + size] = (rng.choice(NUMBERS) % 256**size).to_bytes(
                size, "little"
            )
        elif data:
            data[min(place, len(data) - 1)] ^= 1 << rng.randrange(8)
    return bytes(data)


def change_checkpoint(data, rng):
    """Another header or other arrays; length and SHA-256 are right."""
    begin = len(MAGIC) + 8
    stop = begin + int.from_bytes(data[len(MAGIC) : begin], "little")
    text, arrays = data[begin:stop], data[stop:-DIGEST]
    if rng.random() < 0.8:
        text = change_json(text.decode(), rng).encode("utf8", "surrogatepass")
    if rng.random() < 0.4:
        arrays = change_bytes(arrays, rng)
    length = len(text) if rng.random() < 0.95 else rng.choice(NUMBERS) % 2**64
    data = MAGIC + length.to_bytes(8, "little") + text + arrays
    return data + hashlib.sha256(data).digest()


def change_text_json(data, rng):
    """A file that is JSON."""
    return change_json(data.decode(), rng).encode("utf8", "surrogatepass")


def change_model(data, rng):
    """A zip of arrays with other headers, numbers and members; its CRCs are right, and most often
    the number of members is.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members, comment = (
            [(name, archive.read(name)) for name in archive.namelist()],
            archive.comment,
        )
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(members))
        name, array = members[place]
        way = rng.random()
        if way < 0.5:
            members[place] = name, change_npy(array, rng)
        elif way < 0.6 and len(members) > 1:
            del members[place]
        elif way < 0.75:
            other = rng.choice((*MEMBERS, name))
            members.insert(place, (other, rng.choice(members)[1]))
        elif way < 0.85:
            members[place] = rng.choice(members)[0], array
        elif comment and way < 0.92:
            comment = change_text_json(comment, rng)[:65535]
        else:
            members[place] = name, array[: rng.randrange(len(array))]
    if rng.random() < 0.8:
        members = [(name, _counted(name, array, len(members))) for name, array in members]
    made = io.BytesIO()
    with zipfile.ZipFile(
        made, "w", zipfile.ZIP_STORED if rng.random() < 0.95 else zipfile.ZIP_DEFLATED
    ) as archive:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names that are there twice
            for name, array in members:
                archive.writestr(name, array)
        archive.comment = comment
    return made.getvalue()


def _counted(name, array, n):
    """The array that says how many there are, with the right number."""
    return array[:-8] + struct.pack("<q", n) if name == "fastw2v.npy" and len(array) > 8 else array


def change_npy(data, rng):
    """An array in NumPy's format with another header, or other numbers; the length of the header is
    right.
    """
    head, _, numbers = data[10:].partition(b"\n")
    head, way = head.decode("latin1").rstrip(), rng.random()
    if way < 0.25:
        head = re.sub(r"'shape': \([^)]*\)", lambda _: f"'shape': {rng.choice(SHAPES)}", head)
    elif way < 0.45:
        head = re.sub(r"'descr': '[^']*'", lambda _: f"'descr': '{rng.choice(DTYPES)}'", head)
    elif way < 0.55:
        head = head.replace("False", rng.choice(("True", "0", "None", "false")))
    elif way < 0.7:
        head = rng.choice(LITERALS)
    else:
        numbers = change_bytes(numbers, rng)
    version = rng.choice((b"\1\0", b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\x09\0"))
    text = head.encode("latin1") + b" " * (-(len(head) + 11) % 64) + b"\n"
    return (
        b"\x93NUMPY"
        + version
        + struct.pack("<H" if version == b"\1\0" else "<I", len(text))
        + text
        + numbers
    )


def change_safetensors(data, rng):
    """Another header or other numbers; the length of the header is right, and most often the places
    of the numbers are.
    """
    stop = 8 + int.from_bytes(data[:8], "little")
    text, numbers = data[8:stop].decode(), data[stop:]
    if rng.random() < 0.7:
        text = change_json(text, rng)
    if rng.random() < 0.4:
        text = re.sub(r'"(F32|F16|I8)"', lambda _: f'"{rng.choice(KINDS)}"', text)
    if rng.random() < 0.4:
        numbers = change_bytes(numbers, rng)
    raw = text.encode("utf8", "surrogatepass")
    return struct.pack("<Q", len(raw)) + raw + numbers


def change_corpus(data, rng):
    """Other fields, ids, counts or words of an encoded corpus; size and CRC are right."""
    magic, version, n, V, letters, read, seen, _ = CORPUS.unpack(data[: CORPUS.size])
    ids, counts, words = (data[a:b] for a, b in _parts(CORPUS.size, 4 * n, 8 * V, letters))
    part = rng.randrange(5)
    if part == 0:
        ids = change_bytes(ids, rng)
    elif part == 1:
        counts = change_bytes(counts, rng)
    elif part == 2:
        lines = words.split(b"\n")
        lines[rng.randrange(len(lines))] = rng.choice((*WORDS, rng.choice(lines)))
        words = b"\n".join(lines)
    elif part == 3:
        read, seen = rng.choice([*NUMBERS, read, seen]), rng.choice([*NUMBERS, read, seen])
    else:
        n, V, letters = (
            rng.choice(NUMBERS) if rng.random() < 0.3 else size for size in (n, V, letters)
        )
    if part < 3:
        n, V, letters = len(ids) // 4, len(counts) // 8, len(words)
        ids, counts = ids[: 4 * n], counts[: 8 * V]
    fields = magic, version, n, V, letters, read, seen
    return (
        CORPUS.pack(*fields, zlib.crc32(CORPUS.pack(*fields, 0) + counts + words) or 1)
        + ids
        + counts
        + words
    )


def _parts(begin, *sizes):
    for size in sizes:
        yield begin, begin + size
        begin += size


def change_index(data, rng):
    """Another header, or another graph behind a header that fits it; only the user's own signature
    cannot be made.
    """
    head, _, graph = data.partition(b"\n")
    if rng.random() < 0.5:
        head = change_text_json(head, rng)
    return head + b"\n" + (change_bytes(graph, rng) if rng.random() < 0.7 else graph)


def change_rows(data, rng):
    """Other sizes, words, numbers, separators and line ends in text of vectors (with or without a
    header).
    """
    lines = data.rstrip(b"\n").split(b"\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.choice((0, rng.randrange(len(lines))))
        fields, way = lines[place].split(b" "), rng.randrange(8)
        column = rng.randrange(len(fields))
        if way == 0:
            fields[0] = rng.choice(SIZES if place == 0 else WORDS)
        elif way == 1:
            fields[column] = rng.choice(SIZES if place == 0 else FLOATS)
        elif way == 2:
            del fields[column]
        elif way == 3:
            fields.insert(column, rng.choice(fields + FLOATS))
        joined = (
            b" ".join(fields)
            if way != 4
            else rng.choice((b"\t", b"  ", b"\xc2\xa0", b",", b";", b"\x0b")).join(fields)
        )
        lines[place : place + 1] = (
            [joined]
            if way != 5
            else rng.choice(([], [joined] * 2, [b"", joined], [b" " + joined + b" "]))
        )
    end = rng.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r"))
    return (
        rng.choice((b"", b"", b"", b"\xef\xbb\xbf", b"\n"))
        + end.join(lines)
        + rng.choice((end, end, b"", end * 3, b"\0"))
    )


def change_binary(data, rng):
    """Another header or other rows of word2vec's binary format."""
    head, _, rest = data.partition(b"\n")
    fields = head.split(b" ")
    if rng.random() < 0.6:
        fields[rng.randrange(2)] = rng.choice(SIZES)
        head = rng.choice((b" ", b" ", b" ", b"\t", b"  ")).join(fields) + rng.choice(
            (b"", b"", b" ", b"\r", b" 1")
        )
    if rng.random() < 0.6:
        rest = (
            rest.replace(b"king", rng.choice(WORDS))
            if rng.random() < 0.4
            else change_bytes(rest, rng)
        )
    return head + b"\n" + rest


def change_fasttext(data, rng):
    """Change numbers in a fastText model: arguments, sizes, dictionary or tables."""
    data = bytearray(data)
    words = 8 + 12 * 4 + 8 + 3 * 4 + 2 * 8
    for _ in range(rng.choice((1, 1, 2, 3))):
        way = rng.random()
        if way < 0.6:
            place = 4 * rng.randrange(words // 4 + (20 if rng.random() < 0.3 else 0))
            data[place : place + 4] = struct.pack("<I", rng.choice(NUMBERS) % 2**32)
        elif way < 0.8 and len(data) > words + 8:
            place = rng.randrange(words, len(data) - 8)
            data[place : place + 8] = struct.pack("<Q", rng.choice(NUMBERS) % 2**64)
        else:
            data = bytearray(change_bytes(data, rng))
    return bytes(data)


def change_pickle(data, rng):
    """Opcodes left out, twice, exchanged, or with other arguments; the frames are left out, so no
    length is wrong.
    """
    places = [at for _, _, at in pickletools.genops(data)] + [len(data)]
    codes = [data[a:b] for a, b in itertools.pairwise(places)]
    codes = [code for code in codes if code[:1] not in (b"\x95", b"\x80")]  # FRAME, PROTO
    for _ in range(rng.choice((1, 1, 2, 3))):
        place, way = rng.randrange(len(codes)), rng.randrange(7)
        if way == 0:
            del codes[place]
        elif way == 1:
            codes.insert(place, rng.choice(codes))
        elif way == 2:
            codes[place] = rng.choice(codes)
        elif way == 3:
            codes[place] = rng.choice(
                (
                    b"N",
                    b"\x88",
                    b"K\x05",
                    b"]",
                    b"}",
                    b")",
                    b"\x8f",
                    b"0",
                    b"2",
                    b"(",
                    b"G\x7f\xf8" + bytes(6),
                )
            )
        elif way == 4:
            codes[place] = b"\x8a\x08" + struct.pack("<Q", rng.choice(NUMBERS) % 2**64)  # LONG1
        elif way == 5:
            # BINUNICODE8, BINBYTES8 and BYTEARRAY8 of a length that is not there
            opcode = rng.choice((b"\x8d", b"\x8e", b"\x96"))
            codes[place] = opcode + struct.pack("<Q", rng.choice(NUMBERS) % 2**64)
        elif len(codes[place]) > 1:
            codes[place] = codes[place][:1] + change_bytes(codes[place][1:], rng)
    return b"\x80\x05" + b"".join(codes)
