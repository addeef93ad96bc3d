import json

import pytest

from fastw2v.corpus.reader import file_blocks
from fastw2v.corpus.text_types import ENOUGH, check_text_type
from fastw2v.errors import CorpusError

PROSE = (
    "The king, who rules the land, was old; his queen, however, was young.\nShe said: go, and he"
    " went.\n\n"
)


def kinds(text, whole=True):
    data = text if isinstance(text, bytes) else text.encode()
    return [
        kind
        for kind, notice in check_text_type(data, "a.txt", whole)
        if notice.text.startswith("a.txt: ")
    ]


def refusal(text, whole=True):
    with pytest.raises(CorpusError) as caught:
        kinds(text, whole)
    said = str(caught.value)
    assert said.startswith("a.txt: ") and len(said) <= 300 and "\n" not in said
    return said


ORDINARY = {
    "prose": PROSE * 20,
    "one line": "the king, the queen",
    "one word": "king",
    "words on lines of their own": "king\nqueen\nland\n" * 20,
    "numbers with commas, on lines of their own": "1,000\nking\nqueen\n" * 20,
    "walks": "1 2 3 4 5 6 7\n3 4 5 6 7 8 9\n" * 20,
    "a text that counts first": "12 300\nthe king rules the land\n" * 20,
    "measurements": "\n".join(f"t{i} 1.5 2.5 3.5 4.5 5.5 6.5" for i in range(20)),
    "a list in brackets": "[1] the king\n[2] the queen\n" * 20,
    "prose that begins with a brace": "{the} king rules\n" * 20,
    "prose that begins with a quotation in brackets": (
        '["Who rules?", he asked.] The king rules.\n' * 20
    ),
    "a number in brackets": "[1]\n[2]\n",
    "code of a column and its end": "let x = 1;\nlet y = 2;\n" * 20,
    "one no-break space": "la reine\u00a0: le roi\n",
    "code": "if (x) { return [1, 2]; }\nfor (;;) { break; }\n" * 20,
    "words with commas between": "king, queen, land\n" * 20,
    "lines of the same number of commas": "the king, the queen, the land\n" * 20,
    "words between tabs": "king\tqueen\tland\n" * 20,
    "pairs between tabs": "king\tqueen\n" * 20,
    "vertical text": "The\tDT\tthe\nking\tNN\tking\n\n" * 20,
    "markdown": "# The king\n\n| king | queen |\n|---|---|\n| a | b |\n" * 20,
    "a tag in prose": "<doc id=1>\nthe king rules\n</doc>\n" * 20,
    "a smaller-than sign": "<3 the king\n" * 20,
    "French": "La reine, qui régnait, était jeune : « Allez », dit-elle.\n" * 20,
    "split Japanese": "王 が 国 を 治め て い た 。\n" * 20,
    "split Chinese": "国王 统治 国家 ， 女王 也 统治\n" * 20,
    "Chinese words on lines of their own": "国王\n女王\n国家\n" * 20,
    "Korean": "왕이 나라를 다스렸다 그리고 여왕도 다스렸다\n" * 20,
    "a no-break space now and then": "la reine\u00a0: " + "le roi régnait " * 200,
    "unpaired quotation marks": '"the king, he said\nthe "queen", too\n' * 20,
    "zero bytes": "the king\0rules the land\n" * 20,
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_text_is_neither_refused_nor_noted(name, whole):
    assert kinds(ORDINARY[name], whole) == []


def test_the_first_bytes_of_any_length_of_ordinary_text_are_not_refused():
    for text in ORDINARY.values():
        for size in range(60):
            check_text_type(text.encode()[:size], "a", False)


RECORD = {"id": 7, "text": "the king rules the land, he said", "stars": 5}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii", [True, False])
def test_json_documents_are_refused(indent, ascii):
    for value in (
        RECORD,
        [RECORD] * 9,
        ["the kîng", "rules"] * 9,
        [["a", "b"]] * 9,
        {"data": [RECORD] * 9},
    ):
        text = json.dumps(value, indent=indent, ensure_ascii=ascii)
        assert "JSON" in refusal(text)
        assert "JSON" in refusal("\n " + text)


def test_a_json_document_that_goes_on_is_refused():
    text = json.dumps([{"text": "the king rules the land " * 20}] * 300, indent=1)
    assert "JSON" in refusal(text[:-500], whole=False)


@pytest.mark.parametrize("whole", [True, False])
def test_json_lines_are_refused_with_the_column_of_the_text(whole):
    said = refusal(f"{json.dumps(RECORD)}\n" * 50, whole)
    assert "JSON lines" in said and "id, text, stars" in said and "column='text'" in said
    said = refusal(f"{json.dumps({'id': 1, 'words': ['the', 'king', 'rules']})}\n\n" * 50, whole)
    assert "column='words'" in said
    assert "join" in refusal(
        '["the", "king"]\n["rules"]\n'.replace('["rules"]', '["a", "b"]') * 50, whole
    )


def test_hostile_json_is_judged_without_a_failure():
    for text in (
        "[" * 100_000,
        '{"a":' * 50_000,
        "[" + "9" * 5000 + "]",
        '{"' + "x" * 9000,
        "{}\n" * 9,
        "[]",
        "{",
        '"',
    ):
        kinds(text, whole=False)
    long = {"n\n\x1b[1m" * 50 + str(i): "x" * i for i in range(99)}
    assert "JSON lines" in refusal(json.dumps(long) + "\n" + json.dumps(long))


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE html>\n<html>",
        "<html lang=en>",
        "\n <HTML>",
        "<!-- saved --><!doctype HTML PUBLIC '-//W3C'>",
        '<?xml version="1.0"?>\n<!DOCTYPE html>',
    ],
)
def test_html_pages_are_refused(head):
    assert "HTML" in refusal(head + "<body><p>the king rules</p>\n" * 20)


def test_xml_is_refused():
    assert "XML" in refusal('<?xml version="1.0" encoding="UTF-8"?>\n<book>the king</book>')
    assert "wikiextractor" in refusal(
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">\n<page>\n'
    )


@pytest.mark.parametrize("name", ["commas", "semicolons", "bars"])
def test_a_table_without_a_space_is_refused_with_its_separator(name):
    sign = {"commas": ",", "semicolons": ";", "bars": "|"}[name]
    baskets = "bread\nbread,milk\nmilk,butter,bread\nbutter,milk\n" * 9
    numbers = "".join(f"{i},apple{i % 3},{i * 7}\n" for i in range(40))
    for text in (baskets, numbers, "a,b\r\nc,d"):
        said = refusal(text.replace(",", sign))
        assert name in said and f"tr '{sign}' ' '" in said and "--min-count" not in said
    long = numbers * (2 * ENOUGH // len(numbers))
    assert name in refusal(long.replace(",", sign), whole=False)
    assert kinds(numbers.replace(",", sign)[:200], whole=False) in (
        [],
        ["table"],
    )  # more may follow


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_with_names_in_its_first_line_is_refused_naming_them(sign):
    rows = [["id", "text", "stars"]]
    rows += [
        [str(i), f"the king; and the {'queen,' * (i % 3)} rule", str(i % 5)] for i in range(60)
    ]
    text = "".join(
        sign.join(f'"{cell}"' if sign in cell else cell for cell in row) + "\r\n" for row in rows
    )
    said = refusal(text)
    assert "id, text, stars" in said and "column='text'" in said


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["1,He rules, for now,4", "2,none at all,3", "id,id,id"])
def test_a_table_without_names_is_noted(sign, header):
    rows = [header.split(",") if header.count(",") == 2 else ["1", "He rules, for now", "4"]]
    rows += [
        [str(i), f"the king; and the {'queen,' * (i % 3)} rule", str(i % 5)] for i in range(60)
    ]
    text = "".join(
        sign.join(f'"{cell}"' if sign in cell else cell for cell in row) + "\r\n" for row in rows
    )
    ((kind, notice),) = check_text_type(text.encode(), "a.csv", True)
    assert kind == "table" and "3 columns" in notice.text and "column 2" in notice.text
    assert "--column" in notice.text


@pytest.mark.parametrize("quote", ["", '"'])
def test_events_between_tabs_are_refused_by_a_column_of_numbers(quote):
    names = "\t".join(f"{quote}{name}{quote}" for name in ("session", "time", "item"))
    rows = "".join(f"{i // 4}\t{i % 4}\t{quote}item{i % 7}{quote}\n" for i in range(60))
    said = refusal(f"{names}\n{rows}")
    assert "session, time, item" in said and "column='item'" in said


def test_baskets_between_tabs_are_text_even_if_a_column_of_them_has_numbers():
    assert kinds("7up\t100\n" + "12\t15\n13\t14\n" * 20) == []
    assert kinds("bread\tmilk\n" + "bread\t15\nmilk\tbread\n" * 20) == []


def test_pairs_of_sentences_between_tabs_are_noted():
    pairs = "the king rules\tder König regiert\nshe rules the land\tsie regiert das Land\n"
    assert kinds(pairs * 20) == ["table"]


@pytest.mark.parametrize("lines", range(1, 7))
def test_a_table_with_cells_of_many_lines_is_noticed(lines):
    cell = '"the king rules,\n' + "the land\n" * lines + '"'
    rows = "".join(f"{i},{cell},4\n" for i in range(60))
    assert kinds("id,,stars\n" + rows) == ["table"]
    assert "id, text, stars" in refusal("id,text,stars\n" + rows)


@pytest.mark.parametrize(
    "sign, code",
    [("\u3000", "U+3000"), ("\u00a0", "U+00A0"), ("\u2003", "U+2003"), ("\u200b", "U+200B")],
)
def test_words_between_other_white_space_are_refused_or_noted(sign, code):
    lines = "".join(
        sign.join(words) + "\n" for words in [["東京", "王", "女王"], ["la", "reine", "règne"]] * 20
    )
    assert code in refusal(lines) and "sed" in refusal(lines)
    assert kinds(lines + "two words\n") == kinds(lines, whole=False) == ["spaces"]


def test_text_without_spaces_is_refused_or_noted():
    for line in (
        "国王统治着这片土地，女王也统治着它。",
        "王が国を治めていた。女王もまた国を治めていた。",
        "พระราชาปกครองแผ่นดินและพระราชินีก็ปกครองด้วย",
    ):
        assert "split" in refusal(f"{line}\n" * 20)
        assert kinds(f"{line} {line}\n" * 20) == ["unspaced"]


def test_paragraphs_that_begin_with_ideographic_spaces_are_noted():
    assert kinds("\u3000\u3000国王 统治 国家 女王 也\n" * 20) == ["spaces"]


@pytest.mark.parametrize("header", [b"", b"20 6\n", b"20 6 \r\n"])
def test_vectors_as_text_are_refused(header):
    rows = b"".join(b"w%d 0.12345 -1.5e-3 0.98765 -0.33333 0.5 1\n" % i for i in range(20))
    assert "--init" in refusal(header + rows)


def test_a_notice_is_given_once_for_all_files_of_its_kind(tmp_path):
    events = []
    for name in "abc":
        (tmp_path / name).write_text("la\u00a0reine règne\n" * 20, encoding="utf8")
    blocks = list(file_blocks([tmp_path / name for name in "abc"], events.append))
    assert len(blocks) == 3 and len(events) == 1 and f"{tmp_path / 'a'}: " in events[0].text


def test_a_byte_order_mark_hides_nothing(tmp_path):
    (tmp_path / "a.json").write_text(f"{json.dumps(RECORD)}\n" * 9, encoding="utf-8-sig")
    with pytest.raises(CorpusError, match="JSON lines"):
        list(file_blocks([tmp_path / "a.json"]))
