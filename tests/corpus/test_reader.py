import bz2
import glob
import gzip
import lzma

import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus import reader
from fastw2v.corpus.encoded import open_corpus
from fastw2v.corpus.reader import clean_block, file_blocks, find_files, not_utf8
from fastw2v.errors import CorpusError

TEXT = b"the quick brown fox\njumps  over\r\n\nthe lazy dog " * 50


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(reader, "BLOCK", 64)


def abort_on_error(blocks):
    return b"".join(block.data[: block.size].tobytes() for block in blocks)


def zstd(data):
    """Two frames, one after the other."""
    zstandard = pytest.importorskip("zstandard")
    return b"".join(
        zstandard.ZstdCompressor(write_checksum=True).compress(part)
        for part in (data[:99], data[99:])
    )


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_compressed_files_are_known_by_their_first_bytes(tmp_path, compress, small_blocks):
    path = tmp_path / "corpus"
    path.write_bytes(compress(TEXT))
    assert abort_on_error(file_blocks([path])) == TEXT


def test_blocks_cut_no_word_and_are_padded_with_spaces(tmp_path, small_blocks):
    path = tmp_path / "corpus.txt"
    path.write_bytes(TEXT + b"z" * 1000 + b" end")
    blocks, words = [], []
    for block in file_blocks([path]):
        assert bytes(block.data[block.size : block.size + reader.PADDING]) == b" " * reader.PADDING
        words += block.data[: block.size].tobytes().split()
        blocks.append((block.offset, block.size, block.ends))
    assert words == (TEXT + b"z" * 1000 + b" end").split()
    assert [offset for offset, _, _ in blocks] == np.cumsum(
        [0] + [size for _, size, _ in blocks[:-1]]
    ).tolist()
    assert [ends for _, _, ends in blocks] == [False] * (len(blocks) - 1) + [True]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-20], lambda data: data[:30] + bytes(40) + data[70:]]
)
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_damaged_compressed_files_are_named(tmp_path, compress, damage):
    path = tmp_path / "corpus.z"
    path.write_bytes(
        damage(compress(bytes(np.random.default_rng(1).integers(97, 120, 5000, np.uint8))))
    )
    with pytest.raises(CorpusError, match=r"corpus\.z: "):
        list(file_blocks([path]))


def test_zstd_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    path = tmp_path / "corpus.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + b"rest")
    with pytest.raises(CorpusError, match=r"pip install 'fastw2v\[zstd\]'"):
        list(file_blocks([path]))


def test_a_directory_gives_its_files_in_order_but_no_hidden_ones(tmp_path):
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt", ".git/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in find_files(tmp_path)] == ["a.txt", "b.txt", "c.txt"]
    assert find_files(str(tmp_path / "*.txt")) == [
        str(tmp_path / name) for name in ("a.txt", "b.txt")
    ]


def test_missing_files_and_empty_directories_are_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.txt: "):
        find_files(tmp_path / "none.txt")
    with pytest.raises(CorpusError, match=r"\*\.txt: "):
        find_files(str(tmp_path / "*.txt"))
    with pytest.raises(CorpusError, match=tmp_path.name):
        find_files([tmp_path])


@pytest.mark.parametrize("before", [b"", b"fine line\n" * 30, b"fine words " * 30])
def test_invalid_utf8_is_said_with_line_and_column(tmp_path, small_blocks, before):
    path, bad = tmp_path / "corpus.txt", before + b"ab\nsome caf\xe9 words\n"
    path.write_bytes(bad)
    offset = bad.index(b"\xe9")
    for block in file_blocks([path]):
        if block.offset <= offset < block.offset + block.size:
            message = str(not_utf8(block, offset - block.offset))
    assert message.startswith(f"{path}:{before.count(10) + 2}: byte 0xe9 at column 9 ")
    assert "--encoding-errors replace" in message


def test_invalid_bytes_are_replaced_or_ignored_as_python_does(tmp_path):
    path, bad = tmp_path / "corpus.txt", b"caf\xe9 \xff ok \xc3\xa9t\xc3"
    path.write_bytes(bad)
    for errors in ("replace", "ignore"):
        blocks = [clean_block(block, errors, False) for block in file_blocks([path])]
        assert abort_on_error(blocks) == bad.decode("utf-8", errors).encode()


def test_lowercase_is_unicodes(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("ÉTÉ Straße ΩΜΈΓΑ", encoding="utf8")
    assert (
        abort_on_error(clean_block(b, "strict", True) for b in file_blocks([path])).decode()
        == "été straße ωμέγα"
    )


@pytest.mark.parametrize(
    "corpus",
    [
        "one two. three",
        "one\ntwo",
        "word",
        "one two " * 200,
        ["one two three.", "four five"],
        ["one", "two"],
        ("a b",),
    ],
)
def test_text_in_place_of_a_path_is_refused_with_how_to_split_it(corpus):
    with pytest.raises(CorpusError, match=r"text\.split\(\)") as caught:
        open_corpus(corpus, TrainConfig())
    assert len(str(caught.value)) <= 300 and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["corpus.txt", "texts/none", "*.txt", "/none", "./none"])
def test_a_missing_path_is_not_taken_for_text(name):
    with pytest.raises(CorpusError) as caught:
        find_files(name)
    assert name in str(caught.value) and "split" not in str(caught.value)


def test_an_empty_name_is_refused():
    with pytest.raises(CorpusError, match="empty"):
        find_files("")


def test_any_object_that_is_a_path_is_read(tmp_path):
    class Name:
        def __init__(self, path):
            self.path = path

        def __fspath__(self):
            return self.path

    (tmp_path / "corpus.txt").write_text("a b a b\n" * 5)
    for name in (Name(str(tmp_path / "corpus.txt")), Name(bytes(tmp_path / "corpus.txt"))):
        assert (
            open_corpus(name, TrainConfig()).tokens
            == open_corpus([name], TrainConfig()).tokens
            == 20
        )


def test_the_size_of_compressed_text_is_not_known(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / "b.txt").write_bytes(TEXT)
    assert reader.size_on_disk([tmp_path / "b.txt"]) == len(TEXT)
    assert reader.size_on_disk([tmp_path / "a.gz", tmp_path / "b.txt"]) == 0


@pytest.mark.parametrize("place", [0, 5, 255, 256, 257, 5000, None])
def test_the_last_white_space_is_found(place):
    data = np.full(9000, ord("x"), np.uint8)
    if place is not None:
        data[place] = ord("\x0c")
    assert reader._last_space(data, 0, 9000) == (0 if place is None else place + 1)


def test_a_word_of_many_blocks_is_read_whole(tmp_path, small_blocks):
    path, text = tmp_path / "corpus.txt", b"a b " + b"x" * 5000 + b" c\nd"
    path.write_bytes(text)
    assert abort_on_error(file_blocks([path])) == text


def test_the_order_of_files_does_not_depend_on_the_order_of_a_directory(tmp_path, monkeypatch):
    for name in ("d1", "d2", "d3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("a b\n")
    (tmp_path / "d1" / "b.txt").symlink_to("a.txt")
    found, plain = [], glob.glob
    for order in (sorted, lambda names: sorted(names, reverse=True)):
        monkeypatch.setattr(
            glob, "glob", lambda *args, order=order, **options: order(plain(*args, **options))
        )
        found += [find_files([tmp_path / "d*"]), find_files([tmp_path / "d1" / "*"])]
    assert found[:2] == found[2:] and [str(path)[-8:] for path in found[1]] == ["d1/a.txt"]
