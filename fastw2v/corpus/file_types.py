"""Files that are no text in UTF-8, known by their first bytes, and the zero bytes in them."""

import re

from fastw2v.corpus.streams import packing
from fastw2v.errors import CorpusError
from fastw2v.events import Notice

ENCODED = b"fw2v\x00ids"  # the first bytes of an encoded corpus
UTF8 = b"\xef\xbb\xbf"  # byte-order mark
# The first bytes of other encodings, the longer ones first
ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
ZIP = rb"PK(\x03\x04|\x05\x06)"
TAR, TAR_AT = b"ustar", 257

UNPACK = "unpack it, and give the text files in it"
DECOMPRESS = "decompress it first"
SAVE = "save it as plain text in UTF-8, and give that"
COLUMN = "write its text, a row a line, to a file, or give token lists from Python"
ARRAY = "give token lists from Python: array.tolist()"
QUERY = "ask it with fastw2v nearest, or begin training with --init"
EXPORT = (
    "for vectors, export word2vec's format and give it to nearest or --init; for token lists, load"
    " it in Python"
)
SPEECH = "give a transcript"
OCR = "give the text in it, for instance from tesseract"

# How a file begins, with bytes that no text begins with, what it is, and what to do
FILES = [
    (rb"%PDF-", "a PDF document", "take its text out first: pdftotext -enc UTF-8 FILE NEW"),
    (rb"\{\\rtf", "an RTF document", SAVE),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls, .ppt)", SAVE),
    (
        rb"%!PS|AT&TFORM",
        "a PostScript or DjVu document",
        "take its text out first: ps2ascii or djvutxt",
    ),
    (rb"ITOLITLS|.{60}BOOKMOBI", "an e-book", SAVE),
    (
        rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF....WEBP|BM....\0{4}",
        "an image",
        OCR,
    ),
    (
        rb"RIFF....(WAVE|AVI )|OggS\0|fLaC\0|ID3[\2-\4]\0|\0\0\0.ftyp|\x1aE\xdf\xa3",
        "sound or video",
        SPEECH,
    ),
    (
        rb"SQLite format 3\0",
        "an SQLite database",
        "write its text to a file: sqlite3 FILE 'select TEXT from TABLE' > NEW",
    ),
    (rb"PAR1[\0-\x1f]", "a Parquet table", COLUMN),
    (rb"ARROW1\0|FEA1\0|\xff{4}..\0\0.{8}", "an Arrow or Feather table", COLUMN),
    (rb"\x89HDF\r\n", "an HDF5 file", COLUMN),
    (rb"Obj\x01", "an Avro file", COLUMN),
    (rb"\x93NUMPY", "a NumPy array", ARRAY),
    (
        rb"[(]lp0\n|[(]dp0\n|ccopy_reg\n|\x80[\2-\5]",
        "a Python pickle, perhaps a model of gensim or PyTorch",
        EXPORT,
    ),
    (rb"\xba\x16\x4f\x2f", "a model of fastText", QUERY),
    (rb'.{5}\0{3}\{"', "a safetensors file", QUERY),
    (rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|!<arch>\n|MSCF\0|xar!\0", "an archive", UNPACK),
    (
        rb"\x1f\x9d|\x04\x22\x4d\x18|LZIP|\xff\x06\0\0sNaPpY|\x89LZO",
        "compressed in a way that is not read here",
        DECOMPRESS,
    ),
    (rb"\x7fELF|MZ.\0|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe", "a program", "give text"),
]
FILES = [(re.compile(pattern, re.DOTALL), name, advice) for pattern, name, advice in FILES]

# What a zip archive holds, by the names of its members (or its "mimetype", which stands first), and
# what to do
MEMBERS = [
    (
        rb"mimetypeapplication/epub",
        "an e-book (EPUB)",
        "take its text out first: pandoc -t plain FILE -o NEW",
    ),
    (rb"mimetypeapplication/vnd\.oasis\.opendocument", "an OpenDocument file (LibreOffice)", SAVE),
    (rb"\nword/", "a Word document", SAVE),
    (rb"\nxl/", "an Excel workbook", SAVE),
    (rb"\nppt/", "a PowerPoint presentation", SAVE),
    (rb"\.npy\n", "an .npz file: arrays of NumPy, perhaps a model", QUERY),
    (rb"/data\.pkl\n", "a model of PyTorch", EXPORT),
]

SHARE = 8  # one byte in so many may be zero
# Which of four bytes are zero, most often
ZEROS = {
    (False, True, True, True): "UTF-32LE",
    (True, True, True, False): "UTF-32BE",
    (False, True, False, True): "UTF-16LE",
    (True, False, True, False): "UTF-16BE",
}
# control characters that no text has, but zero bytes
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
SAMPLE = 4096  # bytes in which they are counted
CONTROLS = 20  # one byte in so many may be one, in what is not UTF-8


def check_file_type(head, source):
    """Raise CorpusError if a source that begins with these bytes is no text, saying what it is and
    what to do with it.
    """
    if head.startswith(ENCODED):
        raise CorpusError(f"{source}: is an encoded corpus; train on it alone, by its own name")
    for mark, name in ENCODINGS.items():
        if head.startswith(mark):
            raise CorpusError(f"{source}: is {name}, by its byte-order mark; {_convert(name)}")
    name, advice = _file_type(head)
    if name:
        raise CorpusError(f"{source}: is {name}; {advice}")
    if kind := packing(head):
        raise CorpusError(
            f"{source}: is compressed twice, inside with {kind.name}; decompress it once"
        )


def _file_type(head):
    """What a file is that begins with these bytes and is no text, and what to do; None and None if
    it may be text.
    """
    if re.match(ZIP, head):
        text = bytes(head[30:100]) + b"\n" + b"\n".join(member_names(head)) + b"\n"
        return next(
            ((name, advice) for sign, name, advice in MEMBERS if re.search(sign, text)),
            ("a zip archive", UNPACK),
        )
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR and 0 in head[:TAR_AT]:
        return "a tar archive", UNPACK
    return next(((name, advice) for sign, name, advice in FILES if sign.match(head)), (None, None))


def member_names(head):
    """Names of the members of a zip archive, as far as its first bytes have them."""
    for member in re.finditer(rb"PK\x03\x04.{22}(..)..", head, re.DOTALL):
        yield bytes(head[member.end() : member.end() + int.from_bytes(member[1], "little")])


def check_binary(head, source):
    """Raise CorpusError if a source begins with control characters and with bytes that are not
    UTF-8.
    """
    sample = bytes(head[:SAMPLE])
    if CONTROLS * len(CONTROL.findall(sample)) > len(sample) and not is_utf8(sample):
        raise CorpusError(f"{source}: is binary data, not text; give text in UTF-8")


def is_utf8(sample):
    """Return whether bytes are UTF-8, except for a character that may be cut at their end."""
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def check_zeros(text, size, where):
    """A Notice if text[:size] holds zero bytes, or None; raises CorpusError if they are so many
    that it is no text.

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
