"""Signs that bytes are no text in UTF-8: how they begin, and the zero bytes in them."""

from fastw2v.corpus.streams import packing
from fastw2v.errors import CorpusError
from fastw2v.events import Notice

ENCODED = b"fw2v\x00ids"  # the first bytes of an encoded corpus
UTF8 = b"\xef\xbb\xbf"  # byte-order mark
# The first bytes of other encodings (the longer ones first), and of archives
ENCODINGS = {b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
ZIPS = b"PK\x03\x04", b"PK\x05\x06"
TAR, TAR_AT = b"ustar", 257
SHARE = 8  # one byte in so many may be zero
# Which of four bytes are zero, most often
ZEROS = {
    (False, True, True, True): "UTF-32LE",
    (True, True, True, False): "UTF-32BE",
    (False, True, False, True): "UTF-16LE",
    (True, False, True, False): "UTF-16BE",
}


def check_beginning(head, source):
    """Raise CorpusError if a source that begins so is no text, saying what to do with it."""
    if head.startswith(ENCODED):
        raise CorpusError(f"{source}: is an encoded corpus; train on it alone, by its own name")
    for mark, name in ENCODINGS.items():
        if head.startswith(mark):
            raise CorpusError(f"{source}: is {name}, by its byte-order mark; {_convert(name)}")
    if head.startswith(ZIPS):
        raise CorpusError(f"{source}: is a zip archive; unpack it, and give the text files in it")
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR and 0 in head[:TAR_AT]:
        raise CorpusError(f"{source}: is a tar archive; unpack it, and give the text files in it")
    if kind := packing(head):
        raise CorpusError(f"{source}: is compressed twice, inside with {kind.name}; decompress it once")


def check_zeros(text, size, where):
    """A Notice if text[:size] holds zero bytes, or None; raises CorpusError if they are so many that it is no text.

    where : a function from a place in it to what to call that place.
    """
    first = text.find(0, 0, size)
    if first < 0:
        return None
    zeros = text.count(0, 0, size)
    if SHARE * zeros <= size:
        return Notice(f"{where(first)} is the first zero byte; zero bytes count as letters")
    name = ZEROS.get(tuple(2 * text[k:size:4].count(0) > size // 4 for k in range(4)))
    said = f"if it is {name}, {_convert(name)}" if name else "is this text?"
    raise CorpusError(f"{where(first)} begins what is full of zero bytes; {said}")


def _convert(name):
    return f"convert it first: iconv -f {name} -t UTF-8 FILE > NEW"
