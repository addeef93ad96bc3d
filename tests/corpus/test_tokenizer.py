import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.naive import encode
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoder import encode_blocks
from fastw2v.corpus.reader import PADDING, Block
from fastw2v.corpus.tokenizer import WordTable
from fastw2v.corpus.vocabulary import Selection, by_count
from fastw2v.errors import CorpusError
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.text.words import DROPPED, renumber

EXAMPLES = 300 if JIT else 30


def block(data, offset=0, ends=True):
    return Block(
        np.frombuffer(data + b" " * PADDING, np.uint8), len(data), "text", offset, 1, 0, ends
    )


def encode_with(blocks, path, *, min_count=1, threads=1, max_vocab=None):
    """Words, counts and ids by the production encoder."""
    with open(path, "w+b") as out:
        counted = encode_blocks(
            blocks,
            out,
            0,
            selection=Selection(min_count=min_count, max_vocab=max_vocab),
            config=TrainConfig(threads=threads),
            notify=lambda done: None,
        )
        ids = np.fromfile(path, np.int32).tolist()
    assert len(ids) == counted.ids
    return (
        [word.encode() for word in counted.vocabulary.words],
        counted.vocabulary.counts.tolist(),
        ids,
    )


letters = st.sampled_from("ab é字\u00a0\u0085\u2003\u3000\x00\x1c\x1f😀")
words = st.text(letters, min_size=0, max_size=40) | st.text("abcdefgh", max_size=5)
spaces = st.sampled_from([" ", "\n", "\t", "\r\n", "\x0b", "\x0c", "\r", "  ", "\n\n", " \n "])
texts = st.lists(words | spaces, max_size=120).map(lambda parts: "".join(parts).encode())


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=texts, min_count=st.integers(1, 3), threads=st.integers(1, 3))
def test_any_text_is_encoded_as_by_splitting_and_counting(
    tmp_path_factory, text, min_count, threads
):
    expected = encode(text, min_count)
    path = tmp_path_factory.getbasetemp() / "ids"
    if not expected[0]:
        with pytest.raises(CorpusError):
            encode_with([block(text)], path, min_count=min_count, threads=threads)
    else:
        assert encode_with([block(text)], path, min_count=min_count, threads=threads) == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=st.binary(max_size=400) | st.text("ab \n", max_size=2000).map(str.encode))
def test_any_bytes_are_counted_as_by_splitting(text):
    table = WordTable(bits=8)
    table.count(
        np.frombuffer(text + b" " * PADDING, np.uint8),
        len(text),
        0,
        np.empty(len(text) + 2, np.int32),
    )
    split = text.split()
    assert table.tokens == len(split)
    assert table.spelling().split(b"\n")[:-1] == list(dict.fromkeys(split))
    if text:
        assert table.first().tolist() == [first_place(text, word) for word in dict.fromkeys(split)]
    assert table.close().tolist() == [split.count(word) for word in dict.fromkeys(split)]


def first_place(text, word):
    """Where a word first stands in a text as a word of its own."""
    place = 0
    for part in text.split():
        place = text.index(part, place)
        if part == word:
            return place
        place += len(part)


def test_words_of_every_length_around_the_key_size_are_told_apart(tmp_path):
    made = [bytes([a]) * n + bytes([b]) for n in range(40) for a in b"xy" for b in b"xyz"]
    text = b" ".join(made * 2) + b"\n"
    assert encode_with([block(text)], tmp_path / "ids") == encode(text)


def test_long_words_that_differ_in_one_byte_are_told_apart(tmp_path):
    word = bytearray(b"abcdefgh" * 40)
    made = []
    for place in range(0, len(word), 7):
        word[place] ^= 1
        made.append(bytes(word))
    text = b"\n".join(made + made)
    assert encode_with([block(text)], tmp_path / "ids") == encode(text)


def test_a_table_grows_without_losing_a_word(tmp_path, rng):
    numbers = rng.integers(0, 30_000 if JIT else 2000, size=60_000 if JIT else 3000)
    text = b" ".join(str(n).encode() for n in numbers)
    assert encode_with([block(text)], tmp_path / "ids", threads=2) == encode(text)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blocks_counted_by_many_threads_are_joined_in_their_order(
    tmp_path, rng, threads, monkeypatch
):
    monkeypatch.setattr("fastw2v.corpus.encoder.GATHERED", 100)
    lines = [
        b" ".join(b"w%d" % n for n in rng.zipf(1.5, size=rng.integers(0, 30)) % 1000)
        for _ in range(4000 if JIT else 400)
    ]
    text, blocks, place = b"\n".join(lines), [], 0
    while place < len(text):
        stop = text.find(b" ", place + int(rng.integers(5000))) + 1 or len(text)
        blocks.append(block(text[place:stop], place, ends=stop == len(text)))
        place = stop
    assert encode_with(blocks, tmp_path / "ids", threads=threads, min_count=3) == encode(text, 3)


def test_words_are_ordered_by_count_and_then_by_their_place(rng):
    counts = np.concatenate(
        [rng.integers(1, 9, 500), rng.integers(65_530, 65_545, 500), [2**40, 2**40 + 1]]
    )
    first = rng.permutation(len(counts))
    expected = [i for i in np.lexsort((first, -counts)) if counts[i] >= 3]
    assert by_count(counts, first, 3).tolist() == expected


def test_blocks_follow_one_another_and_the_end_of_a_source_ends_its_line(tmp_path):
    blocks = [block(b"a b ", ends=False), block(b"c\nd", offset=4), block(b"e", offset=7)]
    assert encode_with(blocks, tmp_path / "ids")[2] == [0, 1, 2, -1, 3, -1, 4, -1]


def test_a_smaller_vocabulary_keeps_the_most_frequent(tmp_path):
    assert encode_with([block(b"c b b a a a\nc")], tmp_path / "ids", max_vocab=2) == (
        [b"a", b"c"],
        [3, 2],
        [1, 0, 0, 0, -1, 1, -1],  # c ties with b, and came first
    )


def test_dropped_words_leave_no_empty_lines():
    ids = np.array([0, -1, 1, -1, -1, 0, 1, -1], np.int32)
    m, line_open = renumber(ids, len(ids), np.array([DROPPED, 0], np.int32), False, ids)
    assert (ids[:m].tolist(), line_open) == ([0, -1, 0, -1], False)


def test_a_word_far_larger_than_its_table_is_counted(tmp_path):
    text = b"a " + b"x" * (3_000_000 if JIT else 100_000) + b" a"
    assert encode_with([block(text)], tmp_path / "ids", threads=2) == encode(text)
