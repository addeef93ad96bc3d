"""Bad input is refused, or survived, and never silently wrong: the table of docs/RELIABILITY.md,
for corpora.
"""

import bz2
import gzip
import io
import lzma
import os
import re
import shlex
import subprocess
import sys
import tarfile
import threading
import zipfile
import zlib

import numpy as np
import pytest
from click.testing import CliRunner

from bench.fuzz import fuzz
from bench.readers import READERS
from fastw2v.cli import cli, main
from fastw2v.config import TrainConfig
from fastw2v.corpus import reader, streams
from fastw2v.corpus.encoded import HEADER, open_corpus, read_encoded, write_encoded
from fastw2v.corpus.vocabulary import read_vocabulary, read_words
from fastw2v.errors import ConfigError, CorpusError, Fastw2vError
from fastw2v.events import Notice
from fastw2v.kernels.jit import JIT
from tests.helpers import ROOT

GOOD = "the king rules the land\nla reine é 字\n"
TEXT = GOOD.encode()
KEEP = TrainConfig(min_count=1, threads=1)


def lines(corpus, notify=lambda event: None, config=KEEP):
    """The corpus as lists of words."""
    found = open_corpus(corpus, config, notify=notify)
    text = "".join("\n" if i < 0 else found.vocabulary.words[i] + " " for i in found.ids)
    return [line.split(" ")[:-1] for line in text.split("\n")[:-1]]


GOOD_LINES = [line.split() for line in GOOD.splitlines()]


def tar(text):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    return out.getvalue()


def zipped(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", text)
    return out.getvalue()


def zstd(text):
    return pytest.importorskip("zstandard").ZstdCompressor(write_checksum=True).compress(text)


PACK = [gzip.compress, bz2.compress, lzma.compress, zstd]
LONG = b"x" * (3 << 20) if JIT else b"x" * 10_000

REFUSED = [
    ("empty", b"", "the corpus holds no words; give a text"),
    ("only spaces", b" \t  ", "holds no words"),
    ("only newlines", b"\n\r\n\n", "holds no words"),
    ("only a byte-order mark", b"\xef\xbb\xbf", "holds no words"),
    (
        "UTF-16",
        GOOD.encode("utf-16"),
        "corpus: is UTF-16, by its byte-order mark; convert it first: iconv -f UTF-16 -t UTF-8",
    ),
    (
        "UTF-32",
        GOOD.encode("utf-32"),
        "corpus: is UTF-32, by its byte-order mark; convert it first: iconv -f UTF-32 -t UTF-8",
    ),
    (
        "UTF-16LE",
        "the king".encode("utf-16-le"),
        "corpus:1: column 2 is the first of many zero.* iconv -f UTF-16LE -t UTF-8",
    ),
    (
        "UTF-16BE",
        "the king".encode("utf-16-be"),
        "corpus:1: column 1 is the first of many zero.* iconv -f UTF-16BE -t UTF-8",
    ),
    ("UTF-32LE", "the king".encode("utf-32-le"), "iconv -f UTF-32LE -t UTF-8"),
    ("UTF-32BE", "the king".encode("utf-32-be"), "iconv -f UTF-32BE -t UTF-8"),
    (
        "a tail of zeros, as a crash leaves it",
        TEXT + bytes(500),
        "corpus:3: column 1 is the first of many zero bytes",
    ),
    (
        "Latin-1",
        "la reine\ncafé\n".encode("latin-1"),
        r"corpus:2: byte 0xe9 at column 4 is not UTF-8; pass --encoding-errors",
    ),
    ("zip", zipped(TEXT), "is a zip archive; unpack it"),
    ("tar", tar(TEXT), "is a tar archive; unpack it"),
    ("tar.gz", gzip.compress(tar(TEXT)), "is a tar archive; unpack it"),
    (
        "compressed twice",
        bz2.compress(gzip.compress(TEXT)),
        "is compressed twice, inside with gzip; decompress it once",
    ),
]
SURVIVED = [
    ("a byte-order mark", b"\xef\xbb\xbf" + TEXT, GOOD_LINES),
    ("CRLF", TEXT.replace(b"\n", b"\r\n"), GOOD_LINES),
    ("no newline at the end", TEXT.rstrip(), GOOD_LINES),
    ("a lone CR is white space and ends no line", b"a b\rc\rd", [["a", "b", "c", "d"]]),
    ("one word", b"one", [["one"]]),
    ("a zero byte", b"a\x00b is a word \n" + TEXT, [["a\0b", "is", "a", "word"], *GOOD_LINES]),
    (
        "white space that is not ASCII is letters",
        "a\u00a0b c\u2003d\u2028e\n".encode(),
        [["a\u00a0b", "c\u2003d\u2028e"]],
    ),
    (
        "text that begins like bzip2",
        b"BZh1 is how bzip2 begins\n",
        [b"BZh1 is how bzip2 begins".decode().split()],
    ),
    ("a very long word", b"a " + LONG + b" b\n", [["a", LONG.decode(), "b"]]),
    ("an endless line", b"a b c " * 50_000, [["a", "b", "c"] * 50_000]),
    ("a file that is .gz by its name only", TEXT, GOOD_LINES),
]


@pytest.mark.parametrize(
    "data, said", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_bad_file_is_refused_with_what_to_do(tmp_path, data, said):
    (tmp_path / "corpus").write_bytes(data)
    out = tmp_path / "out.fw2v"
    result = CliRunner().invoke(
        cli, ["encode", str(tmp_path / "corpus"), "-o", str(out), "--threads", "1"]
    )
    assert isinstance(result.exception, CorpusError) and re.search(said, str(result.exception)), (
        result.exception
    )
    assert "\n" not in str(result.exception) and not out.exists()


@pytest.mark.parametrize(
    "data, expected", [row[1:] for row in SURVIVED], ids=[row[0] for row in SURVIVED]
)
def test_a_strange_file_is_read_right(tmp_path, data, expected):
    path = tmp_path / "corpus.gz"
    path.write_bytes(data)
    assert lines(path) == expected


@pytest.mark.parametrize("pack", PACK)
def test_compressed_files_of_many_frames_are_read_whole_or_refused(tmp_path, pack):
    path, whole = tmp_path / "corpus.txt", pack(TEXT)
    path.write_bytes(whole * 3)
    assert lines(path) == GOOD_LINES * 3
    path.write_bytes(whole + bytes(512))  # tapes are filled up so
    assert lines(path) == GOOD_LINES
    for bad in (
        whole + b"something else",
        whole + whole[:-1],
        whole[:-1],
        whole + b"XX" + whole[2:],
    ):
        path.write_bytes(bad)
        with pytest.raises(CorpusError, match=r"corpus.txt: "):
            lines(path)


@pytest.mark.parametrize(
    "pack, size, most", list(zip(PACK, (64, 16, 16, 128), (40, 4, 4, 64), strict=True))
)
def test_what_unpacks_to_far_more_is_unpacked_a_little_at_a_time(
    tmp_path, pack, size, most, monkeypatch
):
    (tmp_path / "corpus").write_bytes(pack(b"\n" * (size << 20)))
    sizes, plain = [], streams.Unpacked._unpack

    def unpack(self):
        plain(self)
        sizes.append(len(self.ready))

    monkeypatch.setattr(streams.Unpacked, "_unpack", unpack)
    assert sum(block.size for block in reader.file_blocks([tmp_path / "corpus"])) == size << 20
    assert max(sizes) <= most << 20


def test_a_word_without_an_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK", 64)
    monkeypatch.setattr(reader, "MAX_WORD_BYTES", 1000)
    path = tmp_path / "corpus.txt"
    for before in (b"", b"a\nb ", b"a " * 31, b"a " * 400):
        path.write_bytes(before + b"x" * 1000 + b" y")
        assert lines(path)[-1][-2:] == ["x" * 1000, "y"]
        path.write_bytes(before + b"x" * 1001 + b" y")
        column = len(before) - before.rfind(b"\n")
        with pytest.raises(
            CorpusError,
            match=rf"corpus.txt:{before.count(10) + 1}: column {column} ",
        ):
            lines(path)


def test_many_distinct_words_are_kept_apart(tmp_path):
    n = 200_000 if JIT else 500
    (tmp_path / "corpus").write_text("".join(f"{i:x}\n" for i in range(n)))
    assert open_corpus(tmp_path / "corpus", KEEP).vocabulary.words == [f"{i:x}" for i in range(n)]


def test_zero_bytes_are_told_of_once(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK", 64)
    (tmp_path / "corpus").write_bytes((TEXT + b"a\0b\n") * 20)
    events = []
    lines(tmp_path / "corpus", events.append)
    said = [event.text for event in events if isinstance(event, Notice)]
    assert said == [
        f"{tmp_path / 'corpus'}:3: column 2 is the first zero byte; zero bytes count as letters"
    ]


class Meddling:
    """Does something to a file while its second block is read."""

    def __init__(self, monkeypatch, what):
        self.what, self.plain, self.reads = what, streams.SnapshotFile.readinto, 0
        monkeypatch.setattr(reader, "BLOCK", 64)
        monkeypatch.setattr(
            streams.SnapshotFile, "readinto", lambda steady, view: self.readinto(steady, view)
        )

    def readinto(self, steady, view):
        self.reads += 1
        if self.reads == 4:
            self.what()
        return self.plain(steady, view)


def test_of_a_file_that_grows_the_state_is_read_that_it_had(tmp_path, monkeypatch):
    path, events = tmp_path / "corpus.txt", []
    path.write_bytes(TEXT * 20)
    os.utime(path, ns=(0, 0))

    def grow():
        with path.open("ab") as file:
            file.write(b"more\n" * 1000)

    Meddling(monkeypatch, grow)
    assert lines(path, events.append) == GOOD_LINES * 20
    (said,) = [event.text for event in events if isinstance(event, Notice)]
    assert said.endswith(
        f"was changed by another program while it was read; its first {len(TEXT) * 20:,} bytes were"
        " read, all that it had when it was opened"
    )


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "corpus.txt"
    path.write_bytes(TEXT * 20)
    Meddling(monkeypatch, lambda: os.truncate(path, 100))
    with pytest.raises(CorpusError, match=r"corpus.txt: "):
        lines(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_slow_pipe_that_does_not_wait_is_read_to_its_end(tmp_path, pack, monkeypatch):
    output, into = os.pipe()
    os.set_blocking(output, False)
    data = pack(TEXT)

    def write():
        for part in (data[:1], data[1:5], data[5:]):
            threading.Event().wait(0.02)
            os.write(into, part)
        os.close(into)

    with open(output, "rb") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        writer = threading.Thread(target=write)
        writer.start()
        assert lines("-") == GOOD_LINES
        writer.join()


def test_somebody_who_waits_for_a_pipe_is_told_so(tmp_path):
    pipe, events = tmp_path / "pipe", []
    os.mkfifo(pipe)

    def notify(event):
        events.append(event)
        if isinstance(event, Notice):
            threading.Thread(target=lambda: pipe.write_bytes(TEXT)).start()

    assert lines(pipe, notify) == GOOD_LINES
    assert events[0] == Notice(f"{pipe}: is a pipe; waiting until a program writes to it")


def test_somebody_at_a_keyboard_is_told_how_to_end(monkeypatch):
    controller, keyboard = os.openpty()
    with open(keyboard, "rb") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        os.write(controller, b"a b\n\x04")
        events = []
        assert lines("-", events.append) == [["a", "b"]]
    os.close(controller)
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "reading from the keyboard; Enter and Ctrl-D end the input"
    ]


def test_a_file_that_asks_for_much_memory_to_be_unpacked_is_refused(tmp_path):
    data = bytearray(lzma.compress(TEXT))
    place = data.index(b"\x21\x01") + 2  # LZMA2, and a byte for the size of its dictionary
    data[place] = 38  # 2 GiB
    end = 12 + 4 * (data[12] + 1)
    data[end - 4 : end] = zlib.crc32(data[12 : end - 4]).to_bytes(4, "little")
    (tmp_path / "a.xz").write_bytes(data)
    with pytest.raises(CorpusError, match=r"a.xz: .*[Mm]emory"):
        lines(tmp_path / "a.xz")


def test_a_pipe_whose_writer_dies_is_read_to_there(tmp_path):
    command = (
        f"(printf 'a b\\nc d'; kill -9 $BASHPID) | {shlex.quote(sys.executable)} -m fastw2v encode"
        " - -o a.fw2v"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0 and lines(tmp_path / "a.fw2v") == [["a", "b"], ["c", "d"]]


def test_directories_with_links_are_read_once_and_whole(tmp_path):
    (tmp_path / "corpus" / "part").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for name in ("corpus/a.txt", "corpus/part/b.txt", "elsewhere/c.txt"):
        (tmp_path / name).write_bytes(TEXT)
    (tmp_path / "corpus/again.txt").symlink_to("a.txt")
    (tmp_path / "corpus/part/loop").symlink_to(tmp_path / "corpus")
    (tmp_path / "corpus/linked").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "corpus/pipe")
    for name in ("corpus", "corpus/**"):
        assert [
            path[len(str(tmp_path)) :] for path in map(str, reader.find_files(tmp_path / name))
        ] == ["/corpus/a.txt", "/corpus/linked/c.txt", "/corpus/part/b.txt"]
    (tmp_path / "corpus/part/gone.txt").symlink_to("nothing")
    for name in ("corpus", "corpus/**", "corpus/part/*", "corpus/part/gone.txt"):
        with pytest.raises(CorpusError, match=r"gone.txt: "):
            reader.find_files(tmp_path / name)


def test_what_may_not_be_read_is_said_before_anything_is(tmp_path, monkeypatch):
    """Whoever runs the tests may be allowed everything: the system's answers are made up."""
    for name in ("a/a.txt", "a/closed/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TEXT)
    scan, access = os.scandir, os.access

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(CorpusError, match=r"closed: .*Permission denied"):
        reader.find_files(tmp_path / "a")
    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).endswith("b.txt") and access(path, mode)
    )
    for name in (tmp_path / "a", tmp_path / "a/closed/b.txt", str(tmp_path / "a/closed/*")):
        with pytest.raises(CorpusError, match=r"b.txt: .*permission denied"):
            reader.find_files(name)


@pytest.mark.parametrize("name", ["new\nline", os.fsdecode(b"caf\xe9")])
def test_strange_names_of_files_are_read_and_told_on_one_line(tmp_path, name, monkeypatch, capfd):
    path = tmp_path / name
    path.write_bytes(TEXT)
    assert lines(tmp_path) == GOOD_LINES
    path.write_bytes(b"\xff")
    monkeypatch.setattr(
        "sys.argv", ["fastw2v", "encode", str(path), "-o", str(tmp_path / "out.fw2v")]
    )
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capfd.readouterr().err.count("\n") == 1


@pytest.fixture
def encoded_path(tmp_path):
    write_encoded([["a", "b", "a", "c"], ["b", "a"]], tmp_path / "corpus.fw2v", KEEP)
    return tmp_path / "corpus.fw2v"


def rewrite(path, *, ids=None, counts=None, words=None, **header):
    """An encoded corpus with other parts, its checksum right all the same."""
    data = path.read_bytes()
    _, version, n, V, _, read, seen, _ = HEADER.unpack(data[: HEADER.size])
    ids = data[HEADER.size : HEADER.size + 4 * n] if ids is None else np.array(ids, "<i4").tobytes()
    counts = (
        data[HEADER.size + 4 * n :][: 8 * V]
        if counts is None
        else np.array(counts, "<i8").tobytes()
    )
    words = data[HEADER.size + 4 * n + 8 * V :] if words is None else words
    made = {
        "magic": data[:8],
        "version": version,
        "n": len(ids) // 4,
        "V": len(counts) // 8,
        "letters": len(words),
    }
    made |= {"read": read, "seen": seen} | header
    checksum = zlib.crc32(HEADER.pack(*made.values(), 0) + counts + words) or 1
    path.write_bytes(HEADER.pack(*made.values(), checksum) + ids + counts + words)


@pytest.mark.parametrize(
    "parts, named",
    [
        ({"magic": b"fw2v\0IDS"}, ""),
        ({"version": 2}, "version 2,"),
        ({"version": 1 << 24}, "version 16777216"),  # 1, by another order of bytes
        ({"n": 1 << 40}, "size"),
        ({"n": -1}, "size"),
        ({"V": 1 << 61}, "size"),
        ({"letters": 1 << 33}, "size"),
        ({"ids": [0, 1, 0, 3, -1, 1, 0, -1]}, "ids"),
        ({"ids": [0, 1, 0, -2, -1, 1, 0, -1]}, "ids"),
        ({"ids": [0, 1, 0, 2, -1, 1, 0]}, "ids"),
        ({"ids": [0, 1, 0, 2, -1, 1, 1, -1]}, "ids"),
        ({"ids": [0, 1, 0, 2, -1, -1, 1, 0, -1]}, "without words"),
        ({"ids": [-1, 0, 1, 0, 2, -1, 1, 0, -1]}, "without words"),
        ({"counts": [2, 3, 1]}, "counts"),
        ({"counts": [3, 2, 0]}, "counts"),
        ({"counts": [1 << 62, 2, 1]}, "counts"),
        ({"counts": [3, 2, 1, 1]}, ""),
        ({"read": 5}, "counts"),
        ({"seen": 2}, "counts"),
        ({"words": b"a\na\nc\n"}, "word"),
        ({"words": b"a\nb b\nc\n"}, "words"),
        ({"words": b"a\n\nc\n"}, "words"),
        ({"words": b"a\nb\nc"}, "words"),
        ({"words": b"a\nb\n\xff\n"}, "words .*UTF-8"),
    ],
    ids=str,
)
def test_a_lying_encoded_corpus_is_refused(encoded_path, parts, named):
    rewrite(encoded_path)
    assert lines(encoded_path) == [["a", "b", "a", "c"], ["b", "a"]]
    rewrite(encoded_path, **parts)
    with pytest.raises(CorpusError, match=rf"\.fw2v: .*{named}"):
        read_encoded(encoded_path)


@pytest.mark.parametrize("min_count", [1, 2])
def test_whatever_becomes_of_an_encoded_file_the_ids_stay_what_they_were(encoded_path, min_count):
    encoded = open_corpus(encoded_path, TrainConfig(min_count=min_count))
    before = encoded.ids.tolist()
    with open(encoded_path, "r+b") as file:
        file.write(b"\x7f" * encoded_path.stat().st_size)
    assert encoded.ids.tolist() == before
    os.truncate(encoded_path, 0)
    assert encoded.ids.tolist() == before


def test_an_encoded_file_that_changes_while_it_is_read_is_refused(encoded_path, monkeypatch):
    plain = reader.fill

    def fill(stream, view):
        os.utime(encoded_path, ns=(1, 1))
        return plain(stream, view)

    monkeypatch.setattr("fastw2v.corpus.encoded.fill", fill)
    with pytest.raises(CorpusError, match=encoded_path.name):
        read_encoded(encoded_path)


def test_an_encoded_corpus_in_a_pipe_or_compressed_is_never_taken_for_text(encoded_path, tmp_path):
    packed = tmp_path / "corpus.fw2v.gz"
    packed.write_bytes(gzip.compress(encoded_path.read_bytes()))
    with pytest.raises(CorpusError, match=r"corpus.fw2v.gz: "):
        lines(packed)


@pytest.mark.parametrize(
    "count", ["1_0", "+1", "-1", "\u0661", "1.0", "9" * 5000, str(1 << 48), "nan"]
)
def test_counts_of_a_vocabulary_are_digits(tmp_path, count):
    (tmp_path / "vocab.txt").write_text(f"a {count}\n", encoding="utf8")
    with pytest.raises(CorpusError, match=r"vocab.txt:1: "):
        read_vocabulary(tmp_path / "vocab.txt")


@pytest.mark.parametrize("read", [read_vocabulary, read_words, reader.find_files])
def test_names_that_no_file_can_have_are_refused(read):
    with pytest.raises(CorpusError):
        read("a\0b")


@pytest.mark.parametrize(
    "option, value",
    [
        ("threads", 0),
        ("threads", -1),
        ("min_count", 0),
        ("max_vocab", 0),
        ("encoding_errors", "xml"),
        ("lowercase", "yes"),
    ],
)
def test_options_out_of_their_range_are_refused(option, value):
    with pytest.raises(ConfigError, match=option):
        TrainConfig(**{option: value})
    if option != "lowercase":
        result = CliRunner().invoke(
            cli, ["encode", "x", "-o", "y", f"--{option.replace('_', '-')}", str(value)]
        )
        assert result.exit_code == 2 or isinstance(result.exception, Fastw2vError)


@pytest.mark.parametrize("each", READERS, ids=lambda each: each.name)
def test_files_changed_at_random_are_read_right_or_refused(each, tmp_path):
    tally = fuzz([each], 200 if JIT else 20, folder=tmp_path)[each.name]
    assert tally.wrong == [] and tally.refused > 0
