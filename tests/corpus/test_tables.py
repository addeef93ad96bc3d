"""Columns of tables: what is read equals splitting the rows in Python, in every format."""

import bz2
import csv
import gzip
import io
import json
import lzma
from collections import defaultdict

import numpy as np
import pytest
from click.testing import CliRunner

import fastw2v
from fastw2v.cli import cli
from fastw2v.config import PhraseConfig, TrainConfig
from fastw2v.corpus.columns import column_names
from fastw2v.errors import CheckpointError, ConfigError, CorpusError
from fastw2v.events import Notice
from tests.helpers.corpora import LONG, lines, refusal

pa = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
pq = pytest.importorskip("pyarrow.parquet")
arrow_columns, table_rows, tables_module = (
    pytest.importorskip(f"fastw2v.corpus.{name}")
    for name in ("arrow_columns", "table_rows", "tables")
)
read_columns = tables_module.read_columns

TEXTS = ["the king rules\nthe land", 'a "quoted", text; with\ttabs', "", None, "café 東京 ½", "end"]
ROWS = [
    {
        "id": i,
        "text": TEXTS[i % len(TEXTS)],
        "items": [f"i{i % 7}", "b"][: i % 3],
        "numbers": [i, -1],
        "session": f"s{i % 5}",
        "time": (i * 37) % 11,
    }
    for i in range(60)
]
LISTS = ["parquet", "feather", "arrow", "arrows", "jsonl"]  # formats that hold lists
FORMATS = [*LISTS, "csv", "tsv", "semicolons.csv"]
DELIMITERS = {"csv": ",", "tsv": "\t", "semicolons.csv": ";"}
PACKERS = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def as_file(name, rows=ROWS):
    """The bytes of rows in a format."""
    if name == "jsonl":
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if name in DELIMITERS:
        out = io.StringIO(newline="")
        names = [key for key, value in rows[0].items() if not isinstance(value, list)]
        writer = csv.DictWriter(
            out, names, delimiter=DELIMITERS[name], extrasaction="ignore", lineterminator="\r\n"
        )
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()
    table, sink = pa.Table.from_pylist(rows), pa.BufferOutputStream()
    if name == "parquet":
        pq.write_table(table, sink, row_group_size=17)
    elif name == "feather":
        feather.write_feather(table, sink)
    else:
        new = pa.ipc.new_file if name == "arrow" else pa.ipc.new_stream
        with new(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=13)
    return sink.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The paths of the rows in all formats, by their names."""
    folder = tmp_path_factory.mktemp("tables")
    for name in FORMATS:
        (folder / f"t.{name}").write_bytes(as_file(name))
    return {name: folder / f"t.{name}" for name in FORMATS}


def naive(key="text"):
    """The lines of a column, as Python splits them."""
    values = [row[key] for row in ROWS if row[key]]
    split = [value.split() if isinstance(value, str) else list(map(str, value)) for value in values]
    return [line for line in split if line]


def sessions(ordered, rows=ROWS):
    found = defaultdict(list)
    for row in rows:
        found[row["session"]].append(row)
    return [
        [str(row["id"]) for row in (sorted(group, key=lambda r: r["time"]) if ordered else group)]
        for group in found.values()
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_column_of_texts_is_read_as_split_in_python(tables, name):
    events = []
    assert lines(tables[name], events.append, column="text") == naive()
    (notice,) = [event for event in events if isinstance(event, Notice)]
    # an empty text and a missing one are the same in CSV
    missing = 20 if name in DELIMITERS else 10
    assert str(tables[name]) in notice.text and f"{missing} values" in notice.text


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('id,text\n1,a b\n2,"c d\n3,e f\n4,g h\n', 2),
        ('id,text,title\n1,a,x\n2,c,"d\n3,e f,x\n', 2),  # of a column that is not read
        ('text\n"c d\ne f', 1),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_refused(tmp_path, text, row):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(CorpusError, match=rf"\b{row}\b"):
        list(read_columns(path, ["text"]))


@pytest.mark.parametrize("text", ['text\na b\nc d" e\n', 'text\na b\n"c d"" e"', "text\na b\n\n\n"])
def test_other_quotation_marks_and_empty_lines_end_no_table(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    table = [cell for rows in read_columns(path, ["text"]) for cell in rows.column(0).to_pylist()]
    assert table == [b"a b", *([b'c d" e'] if '"' in text else [])]


@pytest.mark.parametrize("items", [None, 3])
def test_long_texts_of_a_dictionary_in_parquet_are_read_a_few_rows_at_a_time(
    tmp_path, monkeypatch, items
):
    texts = ["a" * 1000, "b"] * 50
    rows = texts if items is None else [[text] * items for text in texts]
    pq.write_table(pa.table({"a.b": rows}), tmp_path / "t.parquet", row_group_size=60)
    monkeypatch.setattr(tables_module, "BATCH_BYTES", 10_000)
    batches = [
        batch.column(0) for batch in tables_module.read_columns(tmp_path / "t.parquet", ["a.b"])
    ]
    assert max(map(len, batches)) == 10 // (items or 1)
    read = [value for batch in batches for value in batch.to_pylist()]
    assert read == rows


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("column", ["items", "numbers"])
def test_a_column_of_lists_is_read_a_line_each(tables, name, column):
    assert lines(tables[name], column=column) == naive(column)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["parquet", "arrow", "arrows", "jsonl", "csv"])
def test_a_compressed_table_is_read_as_it_is(tables, tmp_path, name, packer):
    path = tmp_path / "table"  # the content says what it is
    path.write_bytes(PACKERS[packer](tables[name].read_bytes()))
    assert lines(path, column="text") == naive()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("gathered", [3, 1 << 16])
def test_rows_of_a_session_are_a_line_in_their_order(tables, name, gathered, monkeypatch):
    monkeypatch.setattr(table_rows, "GATHERED", gathered)
    options = {"column": "id", "group_by": "session"}
    assert lines(tables[name], **options) == sessions(ordered=False)
    assert lines(tables[name], **options, order_by="time") == sessions(ordered=True)


def test_sessions_span_files(tmp_path):
    for part in range(3):
        rows = ROWS[part::3]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{part}.parquet")
    found = lines(tmp_path, column="id", group_by="session", order_by="time")
    rows = [row for part in range(3) for row in ROWS[part::3]]
    assert found == sessions(True, rows)


def test_sessions_of_files_with_other_types_are_refused(tmp_path):
    for i, session in enumerate(("a", 1)):
        table = pa.table({"id": ["x"], "session": [session], "time": [session]})
        pq.write_table(table, tmp_path / f"{i}.parquet")
    for options in ({"group_by": "session"}, {"group_by": "id", "order_by": "time"}):
        assert "types" in refusal(tmp_path, column="id", **options)


def test_rows_of_equal_times_keep_their_order(tmp_path):
    rng = np.random.default_rng(3)
    rows = [
        {"id": i, "session": f"s{s}", "time": t}
        for i, (s, t) in enumerate(rng.integers(0, [50, 4], (20_000, 2)).tolist())
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet", row_group_size=300)
    options = {"column": "id", "group_by": "session", "order_by": "time"}
    assert lines(tmp_path / "t.parquet", **options) == sessions(True, rows)


def test_rows_without_a_session_or_an_item_are_left_out_with_their_number(tmp_path):
    rows = [{"session": None, "id": 1}, {"session": "a", "id": 2}, {"session": "a", "id": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    events = []
    found = lines(tmp_path / "t.parquet", events.append, column="id", group_by="session")
    assert found == [["2"]] and "2 of 3 rows" in "".join(getattr(e, "text", "") for e in events)


def test_missing_tokens_are_left_out_with_their_number(tmp_path):
    lists = pa.array([["a", None, "b"], None, [], ["c"], [None]])
    pq.write_table(pa.table({"items": lists}), tmp_path / "t.parquet")
    events = []
    assert lines(tmp_path / "t.parquet", events.append, column="items") == [["a", "b"], ["c"]]
    assert "3 values" in next(e.text for e in events if isinstance(e, Notice))


TYPES = {
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
    "binary": pa.binary(),
    "dictionary": pa.dictionary(pa.int8(), pa.string()),
}


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_text_is_read(tmp_path, name):
    array = pa.array(["the king", None, "rules"]).cast(pa.string())
    array = array.dictionary_encode() if name == "dictionary" else array.cast(TYPES[name])
    with pa.ipc.new_file(tmp_path / "t.arrow", pa.schema([("t", array.type)])) as writer:
        writer.write_table(pa.table({"t": array}))
    assert lines(tmp_path / "t.arrow", column="t") == [["the", "king"], ["rules"]]


@pytest.mark.parametrize(
    "kind", [pa.large_list(pa.string()), pa.list_(pa.string(), 2), pa.list_(pa.uint64())]
)
def test_every_type_of_list_is_read(tmp_path, kind):
    tokens = [["1", "2"], ["3", "4"]]
    values = [[int(t) for t in row] for row in tokens] if kind.value_type == pa.uint64() else tokens
    pq.write_table(pa.table({"t": pa.array(values, kind)}), tmp_path / "t.parquet")
    assert lines(tmp_path / "t.parquet", column="t") == tokens


def test_slices_of_arrays_are_read(tmp_path):
    texts = pa.array(["no", "the king", "rules", "no"]).slice(1, 2)
    lists = pa.array([["no"], ["a", "b"], ["c"], ["no"]]).slice(1, 2)
    assert lines(texts) == [["the", "king"], ["rules"]] and lines(lists) == [["a", "b"], ["c"]]
    assert lines(pa.chunked_array([lists, lists])) == [["a", "b"], ["c"]] * 2


@pytest.mark.parametrize("name", ["parquet", "feather", "arrow", "arrows", "jsonl"])
def test_a_table_without_a_column_is_refused_naming_its_columns(tables, name):
    said = refusal(tables[name])
    assert str(tables[name]) in said and "id, text, items" in said and "column='text'" in said


@pytest.mark.parametrize("name", FORMATS)
def test_a_column_that_is_not_there_is_refused_naming_those_that_are(tables, name):
    said = refusal(tables[name], column="txt")
    assert str(tables[name]) in said and "'txt'" in said and "id, text" in said
    assert column_names(tables[name])[:2] == ["id", "text"]


@pytest.mark.parametrize(
    "values, said",
    [
        ([1.5, 2.5], "double"),
        ([1, 2], "int64"),
        ([{"a": "b"}], "struct"),
        ([[["a"]]], "list"),
        ([[1.5]], "double"),
        ([[{"a": 1}]], "struct"),
        ([True], "bool"),
    ],
)
def test_a_column_of_another_type_is_refused_with_it(tmp_path, values, said):
    pq.write_table(pa.table({"t": values}), tmp_path / "t.parquet")
    found = refusal(tmp_path / "t.parquet", column="t")
    assert said in found and "'t'" in found and "t.parquet" in found


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.struct([("a", pa.int64())])])
def test_sessions_of_nested_items_are_refused(tmp_path, kind):
    value = ["a"] if pa.types.is_list(kind) else {"a": 1}
    table = pa.table({"t": pa.array([value], kind), "s": ["x"]})
    pq.write_table(table, tmp_path / "t.parquet")
    path = tmp_path / "t.parquet"
    assert "'t'" in refusal(path, column="t", group_by="s")
    assert "'t'" in refusal(path, column="s", group_by="s", order_by="t")


def test_empty_tables_are_refused(tmp_path):
    pq.write_table(pa.table({"t": pa.array([], pa.string())}), tmp_path / "t.parquet")
    assert "words" in refusal(tmp_path / "t.parquet", column="t")
    assert "words" in refusal(tmp_path / "t.parquet", column="t", group_by="t")
    (tmp_path / "empty").write_bytes(b"")
    assert "empty" in refusal(tmp_path / "empty", column="t")
    (tmp_path / "lines").write_bytes(b"\n\n")
    assert "empty" in refusal(tmp_path / "lines", column="t")


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_tokens_with_white_space_are_refused_with_their_row(tmp_path, name):
    rows = [{"items": ["a"]}, {"items": []}, {"items": None}, {"items": ["b", "new york"]}]
    (tmp_path / "t").write_bytes(as_file(name, rows))
    said = refusal(tmp_path / "t", column="items")
    assert "t: row 4" in said and "'new york'" in said
    rows = [{"item": "a", "s": 1}, {"item": "new york", "s": 2}]
    (tmp_path / "t").write_bytes(as_file(name, rows))
    said = refusal(tmp_path / "t", column="item", group_by="s")
    assert "t: session 2" in said and "'new york'" in said


@pytest.mark.parametrize("name", ["csv", "arrow", "parquet"])
def test_text_that_is_not_utf8_is_refused_with_its_row(tmp_path, name):
    texts, path = [b"one", b"two", b"the k\xffng"], tmp_path / "t"
    if name == "csv":
        path.write_bytes(b"id,t\n" + b"".join(b"1,%b\n" % text for text in texts))
    else:
        table = pa.table({"t": pa.array(texts).view(pa.string())})
        if name == "parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
    said = refusal(path, column="t")
    assert f"{path}:3" in said and "0xff" in said and "column 6" in said
    assert lines(path, column="t", encoding_errors="ignore")[2] == ["the", "kng"]


def test_a_text_without_columns_is_refused_as_no_table(tmp_path):
    (tmp_path / "a.txt").write_text("the king rules\nthe land\n")
    assert "a.txt: " in refusal(tmp_path / "a.txt", column="text")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    assert "PDF" in refusal(tmp_path / "a.pdf", column="text")


def test_json_lines_of_other_shapes_are_refused(tmp_path):
    path = tmp_path / "t.jsonl"
    for text, said in (
        ('[{"t": "a"}]', "jq"),
        ('{"t": "a"}\n{"t": \n', "t.jsonl:2"),
        ('{"t": "a"}\n[1]\n', "t.jsonl:2"),
        ('{"t": {"u": "a"}}\n', "nested"),
        ('{"t": ["a", "b"]}\n' * 300 + '{"t": "c"}\n', "line 1 on"),
        ('{"t": "' + "[" * 1000, "t.jsonl:1"),
        ('{"t":' * 50_000, "t.jsonl:1"),
    ):
        path.write_text(text)
        assert said in refusal(path, column="t"), text[:40]


def test_rows_of_csv_that_never_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables_module, "CSV_CHUNK", 1000)
    (tmp_path / "t.csv").write_text('id,t\n1,"a\n' + "2,b\n" * 3000)
    assert "quotation" in refusal(tmp_path / "t.csv", column="t")
    (tmp_path / "t.csv").write_text("id,t\n1,a\n2,b,c\n")
    assert "t.csv" in refusal(tmp_path / "t.csv", column="t")


def test_long_rows_of_json_lines_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tables_module, "CHUNK", 100)
    text = "".join(json.dumps({"t": "a " * n}) + "\n" for n in (1, 300, 2, 1000))
    (tmp_path / "t.jsonl").write_text(text)
    assert list(map(len, lines(tmp_path / "t.jsonl", column="t"))) == [1, 300, 2, 1000]
    monkeypatch.setattr(tables_module, "LONGEST_LINE", 1000)
    assert "t.jsonl: " in refusal(tmp_path / "t.jsonl", column="t")


def test_values_that_are_missing_from_rows_of_json_lines_are_missing(tmp_path):
    rows = [{"a": 1}, {"t": "the king", "a": "x"}, {"t": None}, {"t": "2020-01-01"}, {}]
    (tmp_path / "t.jsonl").write_text("\n" + "\n\n".join(map(json.dumps, rows)))
    assert lines(tmp_path / "t.jsonl", column="t") == [["the", "king"], ["2020-01-01"]]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    for name in ("csv", "jsonl"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + as_file(name))
        assert lines(tmp_path / name, column="text") == naive()


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["t", "t"])
    pq.write_table(table, tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("t,t\na,b\n")
    for name in ("t.parquet", "t.csv"):
        assert "2 columns" in refusal(tmp_path / name, column="t")


@pytest.mark.parametrize("name", ["parquet", "feather", "arrow", "arrows", "jsonl", "csv"])
def test_damaged_tables_are_refused_in_one_line_or_read(tables, tmp_path, name):
    data, path, rng = tables[name].read_bytes(), tmp_path / "t", np.random.default_rng(5)
    damaged = [data[: len(data) * k // 20] for k in range(1, 20)]
    for _ in range(60):
        mutated = bytearray(data)
        for place in rng.integers(0, len(data), 1 + rng.integers(6)):
            mutated[place] = rng.integers(256)
        damaged.append(bytes(mutated))
    refused = 0
    for some in damaged:
        path.write_bytes(some)
        for column in ("text", "items"):
            try:
                lines(path, column=column)
            except (CorpusError, ConfigError) as error:
                refused += 1
                assert len(str(error)) <= LONG and "\n" not in str(error)
    assert refused


def test_columns_and_text_are_split_into_words(tables, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("“Don’t”, said the well-known king—twice.\n(e.g. now)\u3000X\n" * 2)
    words = [["Don’t", "said", "the", "well-known", "king", "twice"], ["e", "g", "now", "X"]] * 2
    assert lines(path, tokenize="words") == words
    lower = [[word.lower() for word in line] for line in words]
    assert lines(path, tokenize="words", lowercase=True) == lower
    assert (
        lines(tables["parquet"], column="text", tokenize="words")[1]
        == "a quoted text with tabs".split()
    )
    for corpus, options in (
        (tables["parquet"], {"column": "items"}),
        ([["a", "b"]], {}),
        (pa.array([["a"]]), {}),
    ):
        assert "tokenize" in refusal(corpus, ConfigError, tokenize="words", **options)


def test_words_are_split_at_any_block_and_bad_bytes_are_found(tmp_path, monkeypatch):
    from fastw2v.corpus import reader

    text = "the king's well-known—land, “él” said: x\n" * 40
    (tmp_path / "a.txt").write_text(text)
    expected = lines(tmp_path / "a.txt", tokenize="words")
    for size in (16, 61, 64, 127):
        monkeypatch.setattr(reader, "BLOCK", size)
        assert lines(tmp_path / "a.txt", tokenize="words", threads=2) == expected
    (tmp_path / "a.txt").write_bytes(text.encode() + b"(a\xff)\n")
    assert "a.txt:41" in refusal(tmp_path / "a.txt", tokenize="words")
    found = lines(tmp_path / "a.txt", tokenize="words", encoding_errors="replace")
    assert found == [*expected, ["a"]]


def test_words_with_punctuation_are_noted_once_with_the_option(tmp_path):
    def notices(text, **options):
        (tmp_path / "a.txt").write_text(text)
        events = []
        lines(tmp_path / "a.txt", events.append, **options)
        return [event.text for event in events if isinstance(event, Notice)]

    running = "".join(f"the word{i}, said king{i}: “go” " for i in range(200))
    (said,) = notices(running)
    assert "--tokenize words" in said and "word0," in said
    assert notices(running, tokenize="words") == []
    split = "".join(f"the word{i} , said king{i} : go . " for i in range(200))
    assert notices(split) == notices("a, b, c, " * 99) == []


@pytest.mark.parametrize(
    "options",
    [
        {"group_by": "s"},
        {"order_by": "t"},
        {"column": "c", "order_by": "t"},
        {"column": "c", "group_by": "s", "tokenize": "words"},
        {"tokenize": "letters"},
        {"column": 5},
    ],
)
def test_options_of_columns_that_cannot_be_are_refused(options):
    for config in (TrainConfig, PhraseConfig):
        with pytest.raises(ConfigError) as caught:
            config(**options)
        assert caught.value.options


def test_an_encoded_corpus_takes_no_column(tables, tmp_path):
    path = str(tmp_path / "c.fw2v")
    for options in (["--column", "text", "--tokenize", "words"], ["--column", "items"]):
        result = CliRunner().invoke(cli, ["encode", str(tables["parquet"]), "-o", path, *options])
        assert result.exit_code == 0, result.output
    assert lines(path) == naive("items")
    assert "column='text'" in refusal(path, column="text")
    assert "tokenize='words'" in refusal(path, tokenize="words")


def test_commands_read_columns(tables, tmp_path):
    def run(*words):
        result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=True)
        return result.exit_code, result.output, result.exception

    out = tmp_path / "out.txt"
    code, said, _ = run("phrases", tables["csv"], "--column", "text", "-o", out)
    assert code == 0, said
    assert [line.split() for line in out.read_text().split("\n")[:-1]] == naive()
    options = ["--column", "id", "--group-by", "session", "--order-by", "time"]
    code, said, _ = run("encode", tables["jsonl"], *options, "-o", tmp_path / "s.fw2v")
    assert code == 0 and lines(tmp_path / "s.fw2v") == sessions(ordered=True)
    code, _, error = run("encode", tables["parquet"], "-o", tmp_path / "x.fw2v")
    assert code == 1 and isinstance(error, CorpusError) and error.options == ("column",)
    assert not (tmp_path / "x.fw2v").exists()


def test_a_run_on_a_column_is_resumed_by_its_folder_alone(tables, tmp_path):
    options = {"vector_size": 8, "epochs": 1, "min_count": 1, "threads": 1, "sample": 0}
    path, data = tmp_path / "run", tmp_path / "t.parquet"
    data.write_bytes(tables["parquet"].read_bytes())
    begun = fastw2v.train(data, column="id", group_by="session", run_dir=path, **options)
    recorded = json.loads((path / "run.json").read_text())
    assert recorded["config"]["column"] == "id" and recorded["config"]["group_by"] == "session"
    resumed = fastw2v.resume(path)
    np.testing.assert_array_equal(resumed.vectors, begun.vectors)
    pq.write_table(pa.Table.from_pylist(ROWS[::-1]), data)
    with pytest.raises(CheckpointError, match="vocabulary"):
        fastw2v.resume(path)


def test_read_columns_gives_all_values_in_their_order(tables):
    batches = read_columns(tables["parquet"], ["text"])
    found = [value for batch in batches for value in batch.column(0).to_pylist()]
    assert found == [row["text"] for row in ROWS]


def test_without_pyarrow_the_error_names_the_extra(tables, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "fastw2v[data]" in refusal(tables["csv"], column="text")
    assert "fastw2v[data]" in refusal(tables["parquet"])
    assert "fastw2v[data]" in refusal({"a": 1}, column="text")


def write_arrow(path, columns):
    table = pa.table(columns)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    return path


SCALARS = {
    "string_view": pa.array(["a", "b", "a"], pa.string_view()),
    "binary_view": pa.array([b"a", b"b", b"a"], pa.binary_view()),
    "dictionary of a value twice": pa.DictionaryArray.from_arrays([0, 1, 2], ["a", "b", "a"]),
    "dictionary of views": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0]), pa.array(["a", "b"], pa.string_view())
    ),
    "half": pa.array(np.array([1, 2, 1], np.float16)),
    "decimal": pa.array([1, 2, 1]).cast(pa.decimal128(19, 0)),
    "fixed": pa.array([b"a", b"b", b"a"], pa.binary(1)),
    "text beside binary": pa.array([b"a", b"\xff", b"a"]).view(pa.string()),
}
PYARROW = int(pa.__version__.split(".")[0])
for name, since in (("json_", 19), ("uuid", 18), ("decimal32", 21)):  # 19 and 20 cannot filter it
    if hasattr(pa, name) and PYARROW >= since:
        SCALARS[name] = {
            "json_": lambda: pa.ExtensionArray.from_storage(
                pa.json_(pa.string()), pa.array(["a", "b", "a"])
            ),
            "uuid": lambda: pa.ExtensionArray.from_storage(
                pa.uuid(), pa.array([bytes(16), bytes(15) + b"1", bytes(16)], pa.binary(16))
            ),
            "decimal32": lambda: (
                pa.array([1, 2, 1]).cast(pa.decimal128(19, 0)).cast(pa.decimal32(9, 0))
            ),
        }[name]()


@pytest.mark.parametrize("name", SCALARS)
def test_values_of_every_scalar_type_group_and_sort_rows(tmp_path, name):
    columns = {"item": ["x", "y", "z"], "key": SCALARS[name], "one": [1, 1, 1]}
    path = write_arrow(tmp_path / "t.arrow", columns)
    assert lines(path, column="item", group_by="key") == [["x", "z"], ["y"]]
    assert lines(path, column="item", group_by="one", order_by="key") == [["x", "z", "y"]]


def test_dictionaries_of_nothing_are_missing_values(tmp_path):
    nothing = pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.nulls(1))
    path = write_arrow(tmp_path / "t.arrow", {"x": nothing, "s": ["a", "b", "c"]})
    for options in ({"column": "x"}, {"column": "x", "group_by": "s"}):
        assert "no words" in refusal(path, **options)
    assert "no words" in refusal(path, column="s", group_by="x")
    assert lines(path, column="s", group_by="s", order_by="x") == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([{"a": 1}]),
        pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([["a"]])),
        pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array(["a"])),
        pa.array([[["a"]]]),
    ],
)
def test_other_types_are_refused_by_name_in_every_role(tmp_path, values):
    path = write_arrow(tmp_path / "t.arrow", {"t": values, "s": ["a"]})
    for options in (
        {"column": "t"},
        {"column": "t", "group_by": "s"},
        {"column": "s", "group_by": "t"},
        {"column": "s", "group_by": "s", "order_by": "t"},
    ):
        said = refusal(path, **options)
        assert "'t'" in said and str(values.type)[:10] in said


def repeated(shape):
    """Arrow columns that name one text of 100 letters 60 times."""
    text = "the king rules " + "x" * 85
    if shape == "views":
        return pa.array([text] * 60, pa.string_view())
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 60, pa.int8()), pa.array([text]))
    return texts if shape == "dictionary" else pa.ListArray.from_arrays(range(61), texts)


@pytest.mark.parametrize("shape", ["dictionary", "views", "lists"])
def test_texts_that_are_named_many_times_are_written_out_in_slices(tmp_path, monkeypatch, shape):
    path = write_arrow(tmp_path / "t.arrow", {"t": repeated(shape), "s": [1, 2, 3] * 20})
    sizes, real = [], arrow_columns.decoded
    monkeypatch.setattr(arrow_columns, "DECODED", 250)

    def noted(array, what):
        sizes.append(len(array))
        return real(array, what)

    monkeypatch.setattr(table_rows, "decoded", noted)
    if shape == "lists":
        assert "white space" in refusal(path, column="t")
    else:
        assert lines(path, column="t") == [["the", "king", "rules", "x" * 85]] * 60
        assert "white space" in refusal(path, column="t", group_by="s")
        expected = [[str(s)] * 20 for s in (1, 2, 3)]
        assert lines(path, column="s", group_by="s", order_by="t") == expected
    assert max(sizes) <= 2 < len(sizes) or shape == "lists"
    monkeypatch.setattr(arrow_columns, "LONGEST_ROW", 99)
    assert "'t'" in refusal(path, column="t")


@pytest.mark.parametrize("held", [0, 1 << 26])
def test_dictionaries_of_many_batches_become_one(tmp_path, monkeypatch, held):
    monkeypatch.setattr(table_rows, "HELD", held)
    (tmp_path / "t.arrows").write_bytes(as_file("arrows"))
    options = {"column": "id", "group_by": "session", "order_by": "time"}
    assert lines(tmp_path / "t.arrows", **options) == sessions(ordered=True)


@pytest.mark.parametrize("name", ["arrow", "parquet"])
@pytest.mark.parametrize("shape", ["texts", "dictionary", "lists", "sessions"])
def test_encoding_errors_are_the_same_in_every_shape(tmp_path, name, shape):
    texts, path = pa.array([b"one", b"k\xffng", b"a b"][: 2 + (shape == "texts")]), tmp_path / "t"
    texts = texts.view(pa.string())
    if shape == "dictionary":
        texts = pa.DictionaryArray.from_arrays(pa.array(range(len(texts))), texts)
    column = pa.ListArray.from_arrays([0, 2], texts) if shape == "lists" else texts
    table = pa.table({"t": column, "s": [1] * len(column)})
    if name == "arrow":
        write_arrow(path, {"t": column, "s": [1] * len(column)})
    else:
        pq.write_table(table, path, store_schema=False)
    options = {"column": "t"} | ({"group_by": "s"} if shape == "sessions" else {})
    assert "0xff" in refusal(path, **options)
    found = lines(path, encoding_errors="replace", **options)
    assert [word for line in found for word in line][:2] == ["one", "k\ufffdng"]


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_a_bad_token_beside_bytes_that_are_not_utf8_is_named(tmp_path, name):
    items = pa.array([b"\xff", b"a b"]).view(pa.string())
    lists = pa.ListArray.from_arrays([0, 1, 2], items)
    columns, path = {"item": items, "s": [1, 1], "lists": lists}, tmp_path / "t"
    write_arrow(path, columns) if name == "arrow" else pq.write_table(pa.table(columns), path)
    for options in ({"column": "lists"}, {"column": "item", "group_by": "s"}):
        assert "'a b'" in refusal(path, encoding_errors="replace", **options)


def test_names_of_csv_may_be_longer_than_the_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(tables_module, "SAMPLE", 64)
    names, path = [f"gene{i}" for i in range(50)], tmp_path / "t.csv"
    path.write_text(",".join([*names, "text"]) + "\n" + "1," * 50 + "a b\n")
    assert lines(path, column="text") == [["a", "b"]]
    assert lines(path, column="gene3") == [["1"]]
    assert "'other'" in refusal(path, column="other")
    monkeypatch.setattr(tables_module, "CSV_CHUNK", 128)
    assert "first line" in refusal(path, column="text")
