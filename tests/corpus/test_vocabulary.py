import numpy as np
import pytest

from fastw2v.config import MAX_COUNT, TrainConfig
from fastw2v.corpus.encoded import open_corpus, write_encoded
from fastw2v.corpus.vocabulary import Selection, read_vocabulary, read_words
from fastw2v.errors import CorpusError

LINES = [["a", "b", "a", "c"], ["b", "a", "d"], ["d", "a"]]  # a 4, b 2, d 2, c 1
CONFIG = TrainConfig(min_count=1, threads=2)


def chosen(tmp_path, **selection):
    """Words, counts and lines of the corpus under a selection, the same from token lists and from
    an encoded corpus.
    """
    write_encoded(LINES, tmp_path / "all.fw2v", CONFIG)
    found = []
    for corpus in (LINES, tmp_path / "all.fw2v"):
        encoded = open_corpus(corpus, CONFIG, Selection(**selection))
        words, lines = encoded.vocabulary.words, [[]]
        for i in encoded.ids.tolist():
            lines += [[]] if i < 0 else []
            if i >= 0:
                lines[-1].append(words[i])
        assert encoded.tokens == sum(map(len, lines))
        assert (np.diff(encoded.vocabulary.counts) <= 0).all()
        found.append((words, encoded.vocabulary.counts.tolist(), lines[:-1]))
    assert found[0] == found[1]
    return found[0]


def test_stop_words_are_left_out(tmp_path):
    assert chosen(tmp_path, stop_words=frozenset(["a"])) == (
        ["b", "d", "c"],
        [2, 2, 1],
        [["b", "c"], ["b", "d"], ["d"]],
    )


def test_a_function_keeps_words_leaves_them_out_or_lets_min_count_decide(tmp_path):
    asked = []

    def keep(word, count):
        asked.append((word, count))
        return {"a": False, "c": True}.get(word)

    assert chosen(tmp_path, keep=keep, min_count=2) == (
        ["b", "d", "c"],
        [2, 2, 1],
        [["b", "c"], ["b", "d"], ["d"]],
    )
    assert sorted(asked[:4]) == [("a", 4), ("b", 2), ("c", 1), ("d", 2)]


def test_a_fixed_vocabulary_has_its_words_and_no_other(tmp_path):
    words = ["d", "x", "c"]  # without counts: those of the corpus, and at least 1
    assert chosen(tmp_path, fixed=dict.fromkeys(words, 0), min_count=5) == (
        ["d", "c", "x"],
        [2, 1, 1],
        [["c"], ["d"], ["d"]],
    )
    assert chosen(tmp_path, fixed={"d": 7, "x": 9})[:2] == (["x", "d"], [9, 7])


def test_tokens_that_are_numbers_are_words():
    found = open_corpus([[1, 2, 3], [1, 2]], CONFIG, Selection(fixed={1: 5, "2": 0})).vocabulary
    assert (found.words, found.counts.tolist()) == (["1", "2"], [5, 2])


def test_words_of_a_model_stay_and_new_ones_are_added(tmp_path):
    added = {"c": 10, "old": 3}
    assert chosen(tmp_path, added=added, min_count=3)[:2] == (["c", "a", "old"], [11, 4, 3])
    assert chosen(tmp_path, added=added, max_vocab=3)[:2] == (["c", "a", "old"], [11, 4, 3])
    # of which none is left out
    assert chosen(tmp_path, added=added, max_vocab=1)[0] == [
        "c",
        "old",
    ]


def test_more_words_than_fit_are_left_out_rarest_first(tmp_path):
    assert chosen(tmp_path, max_vocab=2, stop_words=frozenset(["b"]))[:2] == (["a", "d"], [4, 2])


@pytest.mark.parametrize(
    "selection",
    [
        {"fixed": {"x": 1}},
        {"stop_words": frozenset("abcd")},
        {"keep": lambda word, count: False},
        {"min_count": 9},
    ],
)
def test_if_nothing_is_left_an_error_says_so(selection):
    with pytest.raises(CorpusError, match="4"):
        open_corpus(LINES, CONFIG, Selection(**selection))


def test_words_of_an_endless_line_are_refused(monkeypatch):
    monkeypatch.setattr("fastw2v.corpus.vocabulary.MAX_LINE", 1000)
    with pytest.raises(CorpusError, match="/dev/zero"):
        read_vocabulary("/dev/zero")


def test_vocabulary_files(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("\ufeffthe 10\r\nking\n\né\u00a0é 3\n", encoding="utf8")  # split as a corpus is
    assert read_vocabulary(path) == {"the": 10, "king": 0, "é\u00a0é": 3}
    assert read_words(path) == {"the", "10", "king", "é\u00a0é", "3"}


@pytest.mark.parametrize(
    "text, named",
    [
        (b"a 1\nb two\n", "vocab.txt:2: "),
        (b"a b c\n", "vocab.txt:1: "),
        (b"a -1\n", "vocab.txt:1: "),
        (b"a\nb\na\n", "vocab.txt:3: .*'a'"),
        (b"\n \n", "vocab.txt: "),
        (b"a\n\xff\n", "UTF-8"),
    ],
)
def test_vocabulary_files_that_are_none_are_refused(tmp_path, text, named):
    (tmp_path / "vocab.txt").write_bytes(text)
    with pytest.raises(CorpusError, match=named):
        read_vocabulary(tmp_path / "vocab.txt")
    with pytest.raises(CorpusError, match=r"none\.txt: "):
        read_vocabulary(tmp_path / "none.txt")


def test_counts_that_are_added_stay_in_the_range_that_files_of_vectors_have(tmp_path):
    words, counts, _ = chosen(tmp_path, added={"a": MAX_COUNT})
    assert words[0] == "a" and counts[0] == MAX_COUNT
