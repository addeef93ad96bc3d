"""What a file is, told by its first bytes."""

import gzip
import io
import json
import pickle

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import VectorsError


def npy():
    out = io.BytesIO()
    np.save(out, np.ones((2, 3), np.float32))
    return out.getvalue()


NAMED = {
    "pickle 2": (pickle.dumps({"a": 1}, 2), "pickle"),
    "pickle 5": (pickle.dumps([np.ones(3)], 5), "pickle"),
    "Parquet": (b"PAR1\x15\x04\x15" + bytes(90), "Parquet table"),
    "Arrow": (b"ARROW1\x00\x00" + bytes(90), "Arrow or Feather table"),
    "NumPy": (npy(), "NumPy array"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "PDF document"),
    "HTML": (b"\n<!DOCTYPE html><html><body>404</body>", "web page"),
    "UTF-16": ("2 2\na 1 2\nb 3 4\n".encode("utf-16"), "UTF-16"),
    "an encoded corpus": (b"fw2v\x00ids" + bytes(90), "encoded corpus"),
    "a checkpoint": (b"fastw2v checkpoint 1\n" + bytes(90), "checkpoint of a run"),
    "an index": (b'{"format": "fastw2v-index-1", "vectors": []}\n', "an index made by --index"),
    "JSON": (b'{"king": [1, 2, 3]}', "is JSON"),
    "safetensors": (len(b'{"a": {}}').to_bytes(8, "little") + b'{"a": {}}', "safetensors"),
    "an index of faiss": (b"IHNf\x08\0\0\0\4\0\0\0" + bytes(30), "index of faiss"),
    "floret's table": (b"2 3 2 3 2 2166136261 < >\n0 0.5 1 2 \n1 3 -4 5 \n", "floret .*\\.vec"),
    "floret's table, cut": (b"9000000000 300 5 4 2 1 < >\n0 nan", "floret .*\\.vec"),
    "floret's table without n-grams": (b"2 1 0 0 1 7 BOW EOW\r\n0 1\r\n", "floret .*\\.vec"),
    "Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n",
        "git lfs pull",
    ),
    "tar": (b"v.txt".ljust(257, b"\0") + b"ustar\x0000" + bytes(200), "tar archive"),
    "text": (
        b"It was the best of times,\nit was the worst of times.\n",
        "not a word2vec file, nor GloVe's",
    ),
    "nothing": (b"", "it is empty"),
    "zeros": (b"0 0\n", "0 words of 0 numbers"),
    "no dimension": (b"2 0\na\nb\n", "2 words of 0 numbers"),
}


@pytest.mark.parametrize("name", ["v", "v.bin"])
@pytest.mark.parametrize("data, said", NAMED.values(), ids=NAMED.keys())
def test_what_is_no_file_of_vectors_is_named(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(VectorsError, match=said) as error:
        fastw2v.load(tmp_path / name)
    assert "\n" not in str(error.value) and len(str(error.value)) - len(str(tmp_path)) < 300


def test_a_compressed_table_of_floret_is_named(tmp_path):
    (tmp_path / "v.gz").write_bytes(gzip.compress(NAMED["floret's table"][0]))
    with pytest.raises(VectorsError, match=r"v\.gz: .*floret .*\.vec"):
        fastw2v.load(tmp_path / "v.gz")


@pytest.mark.parametrize(
    "text", ["1 2 3 4 5 6 7 8\n2 2 3 4 5 6 7 8\n", "2 7\n1 2 3 4 5 6 < >\n", "< 1 2\n> 3 4\n"]
)
def test_vectors_of_numbers_and_marks_are_not_taken_for_a_table_of_floret(tmp_path, text):
    (tmp_path / "v.txt").write_text(text)
    try:
        assert len(fastw2v.load(tmp_path / "v.txt")) == 2
    except VectorsError as error:
        assert "floret" not in str(error)


def test_a_pickle_is_named_where_it_cannot_be_read(tmp_path):
    from fastw2v.formats.word2vec import read

    (tmp_path / "m").write_bytes(pickle.dumps(1, 4))
    for format in ("binary", "text"):
        with pytest.raises(VectorsError, match="pickle"):
            read(tmp_path / "m", format)
    for data in (gzip.compress(pickle.dumps(1, 4)), b"ccopy_reg\n_reconstructor\n"):
        (tmp_path / "m").write_bytes(data)
        with pytest.raises(VectorsError, match="pickle"):
            fastw2v.load(tmp_path / "m")


@pytest.mark.parametrize(
    "name, named",
    [
        ("run.json", "run folder"),
        ("projector_config.pbtxt", "projector"),
        ("x", "model"),
    ],
)
def test_folders_that_hold_no_vectors_are_named(tmp_path, name, named):
    (tmp_path / name).write_text(json.dumps({}))
    with pytest.raises(VectorsError, match=named):
        fastw2v.load(tmp_path)


def lines(sizes, separator=" ", before=""):
    return "".join(
        f"w{i}{before or separator}{separator.join(['0.5'] * n)}\n" for i, n in enumerate(sizes)
    ).encode()


@pytest.mark.parametrize("at", [0, 1, 3, 9, 10, 25])
@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("header", [b"", b"30 4\n"])
def test_a_row_that_is_too_short_or_too_long_is_refused_with_its_line(tmp_path, at, size, header):
    sizes = [4] * 30
    sizes[at] = size
    (tmp_path / "v.txt").write_bytes(header + lines(sizes))
    with pytest.raises(
        VectorsError,
        match=rf"v\.txt:{at + 1 + bool(header)}: .* 4 ",
    ):
        fastw2v.load(tmp_path / "v.txt")


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("header", ["", "5 3\n"])
@pytest.mark.parametrize(
    "row",
    [
        "{}\t{} {} {}",
        "{}\t{}\t{}\t{}",
        "{}  {}   {} {}",
        "{}    {:8}{:12} {:9}",
        "  {} {}\t {} {} \t",
        "{} {} {} {} \r",
    ],
)
def test_tabs_doubled_spaces_and_padded_numbers_are_read(
    tmp_path, monkeypatch, row, header, compiled
):
    from fastw2v.formats import text_lines

    if compiled:
        monkeypatch.setattr(text_lines, "SMALL", 0)
    words = ["a", "bé", "17", "a.b", "0.5"]
    rows = [row.format(word, "1.5", "-2", i) for i, word in enumerate(words)]
    (tmp_path / "v.txt").write_text(header + "\n".join(rows) + "\n", encoding="utf8", newline="\n")
    loaded = fastw2v.load(tmp_path / "v.txt")
    assert loaded.words == words
    np.testing.assert_array_equal(loaded.vectors, [[1.5, -2, i] for i in range(5)])


@pytest.mark.parametrize("header", [b"", b"3 2\n"])
def test_words_with_spaces_are_read_unless_they_end_like_a_number(tmp_path, header):
    path = tmp_path / "v.txt"
    path.write_bytes(header + b"a 0.1 0.2\nwindows 7 0.1 0.2\n. . . 0.3 0.4\n")
    assert fastw2v.load(path).words == ["a", "windows 7", ". . ."]
    path.write_bytes(header + b"a 0.1 0.2\nb -7 0.1 0.2\nc 0.3 0.4\n")
    with pytest.raises(VectorsError, match=rf"v\.txt:{2 + bool(header)}: .* 2 "):
        fastw2v.load(path)


@pytest.mark.parametrize("data", [b"2 2\na 1 2\nb 3 4\n", b"a 1 2\nb 3 4\n"])
def test_a_byte_order_mark_is_skipped(tmp_path, data):
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbf" + data)
    assert fastw2v.load(tmp_path / "v.txt").words == ["a", "b"]


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.npz", "v.glove", "hub"])
def test_a_limit_reads_the_first_words(tmp_path, rng, name):
    vectors = fastw2v.WordVectors(
        list("abcde"), rng.normal(size=(5, 3)).astype(np.float32), np.arange(5)[::-1]
    )
    vectors.save(tmp_path / name, "hub" if name == "hub" else None)
    for limit in (1, 3, 5, 99):
        loaded = fastw2v.load(tmp_path / name, limit=limit)
        assert loaded.words == vectors.words[:limit]
        np.testing.assert_array_equal(loaded.vectors, vectors.vectors[:limit])
    for limit in (0, -1, 1.5, "2", True):
        with pytest.raises(VectorsError, match="limit"):
            fastw2v.load(tmp_path / name, limit=limit)


@pytest.mark.parametrize("name", ["v.txt", "v.bin"])
def test_a_header_that_counts_too_many_or_too_few_can_be_read_with_the_limit_that_the_error_names(
    tmp_path, rng, name
):
    path = tmp_path / name
    fastw2v.WordVectors(list("abcde"), rng.normal(size=(5, 3)).astype(np.float32)).save(path)
    whole = path.read_bytes()
    for header, n in ((b"7 3", 5), (b"2 3", 2)):
        path.write_bytes(whole.replace(b"5 3", header, 1))
        with pytest.raises(VectorsError, match=rf"limit={n}"):
            fastw2v.load(path)
        assert fastw2v.load(path, limit=n).words == list("abcde")[:n]


def test_errors_of_long_paths_stay_below_300_characters(tmp_path):
    folder = tmp_path / ("a" * 200) / ("b" * 200)
    folder.mkdir(parents=True)
    good = b"2 2\nking 1 2\nqueen 1 2\n"
    changed = {
        "empty": b"",
        "word.bin": b"2 2\nk\xff" + b"\xfe" * 60 + b" " + bytes(8) + b"\nqueen " + bytes(8) + b"\n",
        "cut": good[:-6],
        "row": good.replace(b"queen 1 2", b"queen 1 x"),
        "more": good + b"x 1 2\n",
    }
    for name, data in changed.items():
        (folder / name).write_bytes(data)
        with pytest.raises(VectorsError) as raised:
            fastw2v.load(folder / name)
        assert str(raised.value).isprintable() and len(str(raised.value)) <= 300
