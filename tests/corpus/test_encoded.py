import tracemalloc

import numpy as np
import pytest

from bench.naive import encode
from fastw2v.config import TrainConfig
from fastw2v.corpus import encoder
from fastw2v.corpus.encoded import HEADER, open_corpus, read_encoded, write_encoded
from fastw2v.errors import CorpusError
from fastw2v.events import Encoded, Reading
from fastw2v.kernels.jit import JIT

TEXT = b"a b a c\n\nb a d\nd a\n"
ALL = TrainConfig(min_count=1, threads=2)


@pytest.fixture
def text_path(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def encoded_path(text_path, tmp_path):
    write_encoded(text_path, tmp_path / "corpus.fw2v", ALL)
    return tmp_path / "corpus.fw2v"


def as_lists(encoded):
    return (
        [w.encode() for w in encoded.vocabulary.words],
        encoded.vocabulary.counts.tolist(),
        encoded.ids.tolist(),
    )


@pytest.mark.parametrize("min_count", [1, 2, 3])
def test_text_token_lists_and_encoded_files_are_the_same_corpus(text_path, encoded_path, min_count):
    config = TrainConfig(min_count=min_count, threads=2)
    lists = [[word.decode() for word in line.split()] for line in TEXT.split(b"\n")]
    for corpus in (text_path, str(text_path), [text_path], lists, iter(lists), encoded_path):
        encoded = open_corpus(corpus, config)
        assert as_lists(encoded) == encode(TEXT, min_count)
        assert (encoded.tokens_read, encoded.words_seen) == (9, 4)
        assert encoded.tokens == sum(encoded.vocabulary.counts)
        assert encoded.lines == (encoded.ids == -1).sum()


def test_real_text_in_many_blocks_is_the_same_on_any_number_of_threads(world_path, monkeypatch):
    monkeypatch.setattr(encoder, "GATHERED", 1000)
    monkeypatch.setattr("fastw2v.corpus.reader.BLOCK", 1 << 16)
    expected = encode(world_path.read_bytes(), 5)
    for threads in (1, 3):
        assert as_lists(open_corpus(world_path, TrainConfig(threads=threads))) == expected


def test_max_vocab_prunes_text_and_encoded_files_alike(text_path, encoded_path):
    config = TrainConfig(min_count=1, max_vocab=2, threads=1)
    assert as_lists(open_corpus(text_path, config)) == as_lists(open_corpus(encoded_path, config))


def test_files_are_joined_and_each_ends_its_line(tmp_path):
    for name, text in (("1.txt", "a b"), ("2.txt", "c\nd")):
        (tmp_path / name).write_text(text)
    assert open_corpus(tmp_path, ALL).ids.tolist() == [0, 1, -1, 2, -1, 3, -1]


def test_ids_are_read_only_and_the_temporary_file_has_no_name(text_path, tmp_path):
    encoded = open_corpus(text_path, ALL, folder=tmp_path)
    with pytest.raises(ValueError):
        encoded.ids[0] = 7
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]


def test_events_tell_how_far_the_reading_is(text_path):
    events = []
    open_corpus(text_path, ALL, notify=events.append)
    assert events[0] == Reading(len(TEXT), len(TEXT))
    assert (events[-1].tokens, events[-1].lines, events[-1].words) == (9, 3, 4)
    assert isinstance(events[-1], Encoded)


@pytest.mark.parametrize("data", [b"", b" \n\t\n "])
def test_a_text_without_words_is_refused(tmp_path, data):
    (tmp_path / "empty.txt").write_bytes(data)
    with pytest.raises(CorpusError, match="words"):
        open_corpus(tmp_path / "empty.txt", ALL)


@pytest.mark.parametrize("name", ["text_path", "encoded_path"])
def test_a_vocabulary_with_nothing_left_says_what_to_lower(name, request):
    with pytest.raises(CorpusError, match="min_count"):
        open_corpus(request.getfixturevalue(name), TrainConfig(min_count=100))


def test_binary_junk_is_refused_by_name(tmp_path, rng):
    junk = tmp_path / "junk.bin"
    junk.write_bytes(rng.integers(0, 256, 100_000, np.uint8).tobytes())
    with pytest.raises(CorpusError, match=r"junk\.bin: "):
        open_corpus(junk, ALL)


def test_the_first_invalid_byte_of_a_late_block_is_placed_right(tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.corpus.reader.BLOCK", 1 << 12)
    path = tmp_path / "late.txt"
    path.write_bytes(b"some words stand here\n" * 1000 + b"and caf\xe9\n")
    with pytest.raises(CorpusError, match=r"late\.txt:1001: .*0xe9.* 8"):
        open_corpus(path, ALL)


def test_lowercase_is_refused_for_encoded_files(encoded_path):
    with pytest.raises(CorpusError, match="lowercase"):
        open_corpus(encoded_path, TrainConfig(lowercase=True))


def test_an_encoded_file_is_not_joined_with_text(encoded_path, text_path):
    with pytest.raises(CorpusError, match="encoded"):
        open_corpus([encoded_path, text_path], ALL)


def test_an_encoded_file_is_never_taken_for_text(encoded_path, tmp_path):
    (tmp_path / "folder").mkdir()
    encoded_path.rename(tmp_path / "folder" / "corpus.fw2v")
    with pytest.raises(CorpusError, match=r"corpus\.fw2v: "):
        open_corpus(tmp_path / "folder", TrainConfig(encoding_errors="replace"))


def test_replaced_bytes_do_not_disturb_the_order_of_first_appearance(tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.corpus.reader.BLOCK", 1 << 10)
    (tmp_path / "bad.txt").write_bytes(b"\xff" * 1000 + b" late" + b" x" * 300 + b" after")
    words = open_corpus(
        tmp_path / "bad.txt", TrainConfig(min_count=1, threads=1, encoding_errors="replace")
    ).vocabulary.words
    assert words == ["x", "\ufffd" * 1000, "late", "after"]


def test_a_users_own_error_is_not_taken_for_one_of_files():
    def sentences():
        yield ["a", "b"]
        raise FileNotFoundError("mine")

    with pytest.raises(FileNotFoundError, match="mine"):
        open_corpus(sentences(), ALL)


def test_encoding_keeps_nothing_if_it_fails(tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"good \xff")
    with pytest.raises(CorpusError):
        write_encoded(tmp_path / "bad.txt", tmp_path / "out.fw2v", ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.txt"]


def test_any_damage_to_an_encoded_file_is_noticed(encoded_path):
    whole = encoded_path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x41
        encoded_path.write_bytes(damaged)
        with pytest.raises(CorpusError):
            read_encoded(encoded_path)
    for size in range(len(whole)):
        encoded_path.write_bytes(whole[:size])
        with pytest.raises(CorpusError):
            read_encoded(encoded_path)


def test_ids_out_of_range_never_reach_a_kernel(encoded_path):
    whole = bytearray(encoded_path.read_bytes())
    whole[HEADER.size : HEADER.size + 4] = (1000).to_bytes(4, "little")
    encoded_path.write_bytes(whole)
    with pytest.raises(CorpusError, match="ids"):
        read_encoded(encoded_path)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.skipif(not JIT, reason="takes long without compiled code")
def test_a_large_vocabulary_takes_few_bytes_a_word_beside_its_letters(
    tmp_path, rng, monkeypatch, threads
):
    """As many random words as fill a table to the share that 5 million do, which take 117 bytes of
    memory a word. Counted here is memory asked for, some of which is never touched, and more or
    less of it as the threads share the text.
    """
    monkeypatch.setattr("fastw2v.corpus.reader.BLOCK", 1 << 16)
    n, letters = 5_000_000 // 16, 12
    text = rng.integers(97, 123, (n, letters + 1)).astype(np.uint8)
    text[:, letters], text[::10, letters] = 32, 10
    (tmp_path / "some.txt").write_bytes(text[: n // 8].tobytes())
    (tmp_path / "random.txt").write_bytes(text.tobytes())
    del text
    config = TrainConfig(min_count=1, threads=threads)
    # tables grow and are merged here too: nothing is left to compile
    open_corpus(tmp_path / "some.txt", config)
    tracemalloc.start()
    try:
        assert len(open_corpus(tmp_path / "random.txt", config).vocabulary) == n
        assert tracemalloc.get_traced_memory()[1] / n - letters <= 128
    finally:
        tracemalloc.stop()
