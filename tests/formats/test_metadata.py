import numpy as np
import pytest

import fastw2v
from fastw2v.errors import ConfigError, MissingVectorsError, VectorsError
from fastw2v.formats import projector
from fastw2v.formats.metadata import read_metadata

TABLE = "id\ttitle\tgroup\tyear\ni1\tAlien (1979)\tsci-fi\t1979\ni2\t\tdrama\ni1\tagain\tx\t0\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "titles.tsv"
    path.write_text(TABLE, encoding="utf8")
    return path


def test_metadata_has_titles_and_columns_of_the_words_asked_for(path):
    metadata = read_metadata(path, ["i1", "i2", "i3"])
    assert metadata.columns == ("title", "group", "year")
    assert [metadata.title(word) for word in ("i1", "i2", "i3")] == ["Alien (1979)", "i2", "i3"]
    assert metadata.of("i2") == {"group": "drama"} and metadata.of("i3") == {}
    assert metadata.matching(["i3", "i2", "i1"], {"group": "drama"}) == [1]
    assert metadata.matching(["i3", "i1"], {"group": "sci-fi", "year": "1979"}) == [1]
    assert set(read_metadata(path, ["i2"]).values) == {"i2"}


@pytest.mark.parametrize("mark, end", [("\ufeff", "\n"), ("", "\r\n")])
def test_metadata_with_a_byte_order_mark_or_other_line_ends_is_read(path, mark, end):
    path.write_bytes((mark + TABLE.replace("\n", end)).encode())
    metadata = read_metadata(path, ["i1"])
    assert metadata.columns[-1] == "year" and metadata.value("year", "i1") == "1979"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "titles.tsv: "),
        (b"id\ttitle\n", "titles.tsv: "),
        (b"id,title\ni1,x\n", "titles.tsv:1:"),
        (b"id\ta\ta\ni1\tx\ty\n", "titles.tsv:1:"),
        (b"id\ttitle\ni1\tx\ty\n", "titles.tsv:2:"),
        (b"id\ttitle\ni1\t\xff\n", "titles.tsv:2:"),
        (b"id\ttitle\ni1\t" + b"x" * (1 << 20), "titles.tsv:2:"),
        (b"\0" * 5000, "titles.tsv:1:"),
    ],
)
def test_metadata_that_cannot_be_read_names_its_line(path, content, named):
    path.write_bytes(content)
    with pytest.raises(VectorsError, match=named):
        read_metadata(path, ["i1"])


def test_missing_files_and_columns_are_named(path):
    with pytest.raises(MissingVectorsError):
        read_metadata(path.with_name("none.tsv"), ["i1"])
    with pytest.raises(VectorsError, match="directory"):
        read_metadata(path.parent, ["i1"])
    with pytest.raises(ConfigError, match=r"'genre'.* title, group, year"):
        read_metadata(path, ["i1"]).value("genre", "i1")


def test_the_projector_has_titles_in_front_and_further_columns(path, tmp_path):
    vectors = fastw2v.WordVectors(["i2", "i1"], np.eye(2, dtype=np.float32), np.array([5, 3]))
    projector.write(tmp_path / "p", vectors, read_metadata(path, vectors.words))
    assert (tmp_path / "p" / "metadata.tsv").read_text(encoding="utf8").split("\n") == [
        "title\tword\tcount\tgroup\tyear",
        "i2\ti2\t5\tdrama\t",
        "Alien (1979)\ti1\t3\tsci-fi\t1979",
        "",
    ]
