import os
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastw2v
from fastw2v.errors import VectorsError
from fastw2v.formats import text_lines
from fastw2v.formats.word2vec import read

WORDS = ["the", "straße", "10\u00a0000", "a-b", "nan", "\u3000"]


def write(path, words, vectors, format=None):
    fastw2v.WordVectors(words, vectors).save(path, format)


@pytest.fixture
def vectors(rng):
    table = rng.normal(size=(6, 7)).astype(np.float32)
    table[0, :4] = [0, 1, -2.5, 1e-30]
    return table


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.vec", "v"])
def test_what_is_written_is_read_back_exactly(tmp_path, vectors, name):
    write(tmp_path / name, WORDS, vectors)
    loaded = fastw2v.load(tmp_path / name)
    assert loaded.words == WORDS
    np.testing.assert_array_equal(loaded.vectors, vectors)


@pytest.mark.parametrize("name", ["v.bin", "v.txt"])
def test_vectors_of_one_dimension(tmp_path, vectors, name):
    write(tmp_path / name, WORDS, vectors[:, :1])
    np.testing.assert_array_equal(read(tmp_path / name).vectors, vectors[:, :1])


def test_text_is_in_its_shortest_form_without_a_trailing_space(tmp_path):
    write(tmp_path / "v.txt", ["a"], np.array([[1, 0.1, -2.5, 1e-30]], np.float32))
    assert (tmp_path / "v.txt").read_bytes() == b"1 4\na 1 0.1 -2.5 1e-30\n"


@settings(max_examples=200, deadline=None)
@given(
    numbers=st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9
    )
)
def test_text_keeps_every_bit_of_every_number(tmp_path_factory, numbers):
    path, table = tmp_path_factory.getbasetemp() / "v.txt", np.array([numbers], np.float32)
    write(path, ["a"], table)
    np.testing.assert_array_equal(read(path).vectors.view(np.int32), table.view(np.int32))


def test_what_could_not_be_read_back_is_not_written(tmp_path):
    for words, table in ((["a"], [[np.nan]]), (["a"], [[np.inf]]), ([], np.empty((0, 3)))):
        with pytest.raises(VectorsError, match=r"v\.bin: "):
            write(tmp_path / "v.bin", words, np.array(table, np.float32))
    assert not list(tmp_path.iterdir())


def test_text_with_a_space_in_a_word_is_still_text(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\n. . 0.5 0.1\nb 1 2\n")
    assert read(tmp_path / "v.txt").words == [". .", "b"]


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VectorsError, match="pipe: "):
        read(tmp_path / "pipe")


def test_binary_is_word2vecs(tmp_path):
    write(tmp_path / "v.bin", ["a"], np.array([[1, 2]], np.float32))
    assert (tmp_path / "v.bin").read_bytes() == b"1 2\na " + np.array(
        [1, 2], "<f4"
    ).tobytes() + b"\n"


def test_word2vec_c_files_are_read(tmp_path):
    text = b"2 2\nthe 0.100000 -1.000000 \nof 2.000000 0.000000 \n"
    (tmp_path / "c.txt").write_bytes(text)
    loaded = read(tmp_path / "c.txt")
    assert loaded.words == ["the", "of"]
    np.testing.assert_array_equal(loaded.vectors, np.array([[0.1, -1], [2, 0]], np.float32))


@pytest.mark.parametrize("binary", [True, False])
def test_gensim_reads_ours_and_we_read_gensims(tmp_path, vectors, binary):
    models = pytest.importorskip("gensim.models")
    write(tmp_path / "ours", WORDS, vectors, "binary" if binary else "text")
    theirs = models.KeyedVectors.load_word2vec_format(tmp_path / "ours", binary=binary)
    assert theirs.index_to_key == WORDS
    np.testing.assert_array_equal(theirs.vectors, vectors)
    theirs.save_word2vec_format(tmp_path / "theirs", binary=binary)
    back = read(tmp_path / "theirs")
    assert back.words == WORDS
    np.testing.assert_array_equal(back.vectors, vectors)


@pytest.mark.parametrize("word", ["new york", "a\nb", "", " a", "a\x0cb"])
def test_words_that_a_file_cannot_hold_are_refused_before_anything_is_written(tmp_path, word):
    with pytest.raises(VectorsError, match=re.escape(ascii(word))):
        write(tmp_path / "v.bin", [word], np.ones((1, 2), np.float32))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["v.bin", "v.txt"])
def test_a_file_cut_anywhere_is_noticed(tmp_path, vectors, name):
    path = tmp_path / name
    write(path, WORDS, vectors)
    whole = path.read_bytes()
    last_newline = len(whole) - 1  # may be missing
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        if size == last_newline:
            assert read(path).words == WORDS
        elif name == "v.bin" or size < len(whole) - 20:  # a cut last number may still be a number
            with pytest.raises(VectorsError):
                read(path)


BAD_HEADERS = [
    b"",
    b"\n",
    b"word 1 2\n",
    b"5\n",
    b"-1 5\n",
    b"0 0\n",
    b"99999999999 300\na 1\n",
    b"1 99999999999\na 1\n",
    b"x" * 200,
    b"2 2",
]


@pytest.mark.parametrize("data", BAD_HEADERS)
def test_headers_that_lie_are_refused_before_memory_is_taken(tmp_path, data):
    (tmp_path / "v.bin").write_bytes(data)
    with pytest.raises(VectorsError, match=r"v\.bin: "):
        read(tmp_path / "v.bin")


def test_more_than_the_header_says_is_refused(tmp_path, vectors):
    for name in ("v.bin", "v.txt"):
        write(tmp_path / name, WORDS, vectors)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole.replace(b"6 7", b"5 7", 1))
        with pytest.raises(VectorsError, match=f"{name}:.* 5 "):
            read(tmp_path / name)


def test_rows_of_the_wrong_length_and_numbers_that_are_none_are_named(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\na 1 2\nb 1.00000\n")
    with pytest.raises(VectorsError, match=r"v\.txt:3: .* 2 "):
        read(tmp_path / "v.txt")
    (tmp_path / "v.txt").write_bytes(b"2 2\na 1 2\nb 1 x\n")
    with pytest.raises(VectorsError, match=r"v\.txt:3: "):
        read(tmp_path / "v.txt")


def test_vectors_that_are_not_finite_are_named(tmp_path, vectors):
    write(tmp_path / "v.bin", WORDS, vectors)
    whole = (tmp_path / "v.bin").read_bytes()
    (tmp_path / "v.bin").write_bytes(
        whole.replace(vectors[3, 2].tobytes(), np.float32(np.nan).tobytes())
    )
    with pytest.raises(VectorsError, match=r"'a-b' .*row 4"):
        read(tmp_path / "v.bin")


@pytest.mark.parametrize("load", [read, fastw2v.load])
def test_a_missing_file_is_one_line(tmp_path, load):
    with pytest.raises(
        VectorsError, match=r"^[^:]*none\.bin: .*No such file or directory$"
    ) as error:
        load(tmp_path / "none.bin")
    assert isinstance(error.value, FileNotFoundError)


def test_errors_are_also_those_that_scripts_catch(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"3 2\na 1 2\n")
    with pytest.raises(EOFError):
        fastw2v.load(tmp_path / "v.txt")
    (tmp_path / "v.txt").write_bytes(b"1 2\n\xff 1 2\n")
    with pytest.raises(UnicodeDecodeError):
        fastw2v.load(tmp_path / "v.txt")


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.npz"])
def test_vectors_that_gensims_face_loads_can_be_changed(tmp_path, vectors, name):
    from fastw2v.compat.gensim.models import KeyedVectors

    fastw2v.WordVectors(WORDS, vectors).save(tmp_path / name)
    loads = [KeyedVectors.load]
    if name != "v.npz":
        loads.append(lambda path: KeyedVectors.load_word2vec_format(path, binary=name == "v.bin"))
    for load in loads:
        loaded = load(tmp_path / name)
        loaded.vectors -= loaded.vectors.mean(axis=0)
        np.testing.assert_allclose(loaded.vectors.sum(axis=0), 0, atol=1e-5)


def test_text_without_memory_to_compile_is_written_and_read_alike(tmp_path, monkeypatch, rng):
    vectors = fastw2v.WordVectors(["a", "b", "c"], rng.normal(size=(3, 7)).astype(np.float32))
    monkeypatch.setattr(text_lines, "SMALL", 0)
    vectors.save(tmp_path / "compiled.txt")
    monkeypatch.setattr(text_lines, "too_little_memory", lambda threads: (100, 700))
    monkeypatch.setitem(sys.modules, "fastw2v.kernels.text.decimals", None)
    vectors.save(tmp_path / "plain.txt")
    assert (tmp_path / "plain.txt").read_bytes() == (tmp_path / "compiled.txt").read_bytes()
    np.testing.assert_array_equal(fastw2v.load(tmp_path / "plain.txt").vectors, vectors.vectors)


@pytest.mark.parametrize(
    "word, D", [("\ufeffa", 3), ("\ufeff", 3), ("a", 1), ("PK\x03\x04", 3)], ids=ascii
)
def test_vectors_that_glove_could_not_be_read_from_again_are_not_written(tmp_path, word, D):
    vectors = fastw2v.WordVectors([word, "b"], np.ones((2, D), np.float32))
    with pytest.raises(VectorsError, match=r"\.txt"):
        vectors.save(tmp_path / "v.glove")
    assert not list(tmp_path.iterdir())
    vectors.save(tmp_path / "v.txt")
    assert fastw2v.load(tmp_path / "v.txt").words == [word, "b"]
