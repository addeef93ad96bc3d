import numpy as np
import pytest

from fastw2v.config import TrainConfig
from fastw2v.corpus import reader
from fastw2v.corpus.encoded import open_corpus, write_encoded
from fastw2v.errors import CorpusError

CONFIG = TrainConfig(min_count=2, threads=2)
TEXT = "\n\nd1 a b\n  d2   a zz b \n\td3\nd2 zz\n\nd1 b a yy\nd4 a"


def by_hand(lines, tags, min_count=2):
    """The documents' names, and of each line with words its document and words, by splitting."""
    rows, names = [], []
    for number, line in enumerate(lines):
        tag, *words = line.split() if tags == "first" else [str(number), *line.split()]
        names += [tag] if tag not in names else []
        rows.append((names.index(tag), words))
    words = [word for _, row in rows for word in row]
    known = [(d, [w for w in row if words.count(w) >= min_count]) for d, row in rows]
    return names, [(document, row) for document, row in known if row]


def found(encoded):
    """The same of an encoded corpus."""
    documents, words = encoded.documents, encoded.vocabulary.words
    starts = [0, *(documents.line_ends[:-1] + 1)]
    rows = [
        (int(document), [words[i] for i in encoded.ids[start:stop]])
        for document, start, stop in zip(
            documents.of_line, starts, documents.line_ends, strict=True
        )
    ]
    return list(documents.tags), rows


def lines_of(text, tags):
    """The lines that are documents."""
    return [line for line in text.split("\n") if line.split() or tags == "line"]


@pytest.mark.parametrize("block", [8, 1 << 20])
@pytest.mark.parametrize("tags", ["line", "first"])
def test_open_corpus_text_has_documents(tmp_path, monkeypatch, tags, block):
    monkeypatch.setattr(reader, "BLOCK", block)
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text("d5 b a\n")
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    lines = lines_of(TEXT, tags) + ["d5 b a"]
    assert found(open_corpus(paths, CONFIG, tags=tags)) == by_hand(lines, tags)


@pytest.mark.parametrize("tags", ["line", "first"])
def test_open_corpus_token_lists_have_documents(tags):
    lines = lines_of(TEXT, tags) + ([""] if tags == "line" else [])
    encoded = open_corpus([line.split() for line in lines], CONFIG, tags=tags)
    assert found(encoded) == by_hand(lines, tags)


def test_open_corpus_encoded_file_has_a_document_for_each_line(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("a a\nb b c\n\nc\n")
    write_encoded(text, tmp_path / "c.fw2v", TrainConfig(min_count=1))
    documents = open_corpus(tmp_path / "c.fw2v", CONFIG, tags="line").documents
    assert (documents.count, documents.of_line.tolist()) == (3, [0, 1, 2])
    fewer = open_corpus(tmp_path / "c.fw2v", TrainConfig(max_vocab=1, min_count=1), tags="line")
    assert (fewer.documents.count, fewer.documents.of_line.tolist()) == (3, [0])
    assert fewer.documents.lengths.tolist() == [2, 0, 0]
    with pytest.raises(CorpusError, match="first"):
        open_corpus(tmp_path / "c.fw2v", CONFIG, tags="first")


def test_open_corpus_tag_that_is_not_utf8_names_its_line(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"d1 a a\nd\xff a a\n")
    with pytest.raises(CorpusError, match=r"text.txt:2: .*0xff.* 2"):
        open_corpus(path, CONFIG, tags="first")


@pytest.mark.parametrize("row", [["", "a", "a"], ["two words", "a", "a"]])
def test_open_corpus_bad_tag_of_token_list_is_refused(row):
    with pytest.raises(CorpusError, match="sentence 1"):
        open_corpus([["d", "a", "a"], row], CONFIG, tags="first")


def test_open_corpus_without_tags_has_no_documents():
    encoded = open_corpus([["a", "a"]], CONFIG)
    assert encoded.documents is None and np.array_equal(encoded.ids, [0, 0, -1])
