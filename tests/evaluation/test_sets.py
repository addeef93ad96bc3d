import importlib.util

import numpy as np
import pytest

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.scores import BUNDLED
from fastw2v.evaluation.sets import Evaluator, bundled_sets, read_set, score_sets
from tests.helpers import ROOT
from tests.helpers.evaluated import VECTORS

DATA = ROOT / "data"


def test_files_are_told_apart_by_what_is_in_them(tmp_path):
    for name, text, kind in [
        ("a", ": s\na b c d\n", "analogies"),
        ("b", "a b c d\n", "analogies"),
        ("c", "# said\nking\tman\t1.5\nking\tqueen\t2\n", "pairs"),
        ("d", "word1,word2,score\nking,man,1.5\nking,queen,2\n", "pairs"),
        ("e", "king man 1.5\nking queen 3\n", "pairs"),
        ("f", "\ufeffking man 5 1\nking queen 3 1\n", "pairs"),
    ]:
        (tmp_path / name).write_text(text, encoding="utf8")
        assert read_set(tmp_path / name).kind == kind, name
    scores = Evaluator([read_set(tmp_path / "c"), read_set(tmp_path / "e")])(VECTORS)
    assert scores == {"c": pytest.approx(-1), "e": pytest.approx(-1)}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c").write_text("king man 3\nking queen 2\n")
    scores = Evaluator([read_set(tmp_path / "c"), read_set(tmp_path / "more" / "c")])(VECTORS)
    assert scores == {
        str(tmp_path / "c"): pytest.approx(-1),
        str(tmp_path / "more" / "c"): pytest.approx(1),
    }


@pytest.mark.parametrize(
    "kind, text, named",
    [
        (None, b": s\na b c\n", "x:2: .*'a b c'"),
        (None, b": s\n", "x: "),
        (None, b"a b 1\na b\n", "x:2: "),
        (None, b"", "x: "),
        (None, b"a b 1\nc d \xff\n", "x:2: byte 0xff"),
        ("analogies", b"a b c d\n# e\n\na b c d e\n", "x:4: "),
        ("analogies", b"a\tb\t\td\n", "x:1: "),
        ("pairs", b"a b\nc d 1\n", "x:1: "),
        ("pairs", b"a b nan\nc d 1\n", "x:1: "),
        (
            "pairs",
            b"\xef\xbb\xbfa b 1\r\nc d e\r\n",
            "x:2: .*'c d e'",
        ),
        ("categories", b"a x\nb\n", "x:2: "),
        ("categories", b"a\tx\nb\tx\n", "x: .*categories"),
    ],
)
def test_files_that_are_no_sets_are_refused(tmp_path, kind, text, named):
    (tmp_path / "x").write_bytes(text)
    with pytest.raises(EvaluationError, match=named):
        read_set(tmp_path / "x", kind)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(EvaluationError, match=f"{path.name}: "):
            read_set(path)


def test_a_set_without_a_known_item_is_found_before_training(tmp_path):
    unknown = {"q": ": s\nking man queen zebra\n", "p": "king zebra 1\nking elf 2\n"}
    for name, text in unknown.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(EvaluationError, match=f"^{name}: "):
            Evaluator([read_set(tmp_path / name)]).check(VECTORS)
        (tmp_path / name).write_text(text.replace("zebra", "woman"))
        Evaluator([read_set(tmp_path / name)]).check(VECTORS)
        assert len(Evaluator([read_set(tmp_path / name)])(VECTORS)) == 1


def test_make_sets_writes_the_bundled_sets_again_byte_for_byte(tmp_path):
    spec = importlib.util.spec_from_file_location("make_sets", DATA / "make_sets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 6
    for name in names:
        assert (tmp_path / name).read_bytes() == (BUNDLED / name).read_bytes()


def test_data_links_to_all_bundled_sets():
    links = {path.name for mask in ("world-*", "english-*") for path in DATA.glob(mask)}
    assert len(links) == 8
    assert links == {path.name for path in BUNDLED.iterdir() if path.suffix != ".xz"}


def test_inflections_are_spelt_as_english_spells_them():
    lines = (BUNDLED / "english-analogies.txt").read_text().splitlines()
    pairs = {(a, b) for a, b, *_ in (line.split() for line in lines if line[0] != ":")}
    assert {
        ("city", "cities"),
        ("box", "boxes"),
        ("stop", "stopped"),
        ("study", "studying"),
        ("carry", "carried"),
    } <= pairs
    assert {
        ("big", "bigger"),
        ("large", "largest"),
        ("easy", "easier"),
        ("happy", "happily"),
        ("swim", "swimmer"),
    } <= pairs
    assert {
        ("open", "opening"),
        ("listen", "listened"),
        ("reach", "reaches"),
        ("play", "played"),
        ("slow", "slower"),
    } <= pairs
    assert ("describe", "describing") in pairs


def test_bundled_sets_are_read_and_the_world_is_learnt(world):
    sets = bundled_sets()
    kinds = ["analogies"] * 2 + ["pairs"] * 2 + ["categories"] * 2
    assert [each.kind for each in sets] == kinds
    scores = {of_set[-1].set: of_set[-1] for of_set in score_sets(world, sets)}
    assert scores["world-analogies"].score > 0.9 and scores["world-analogies"].oov == 0
    assert (
        scores["world-pairs"].score > 0.8
        and scores["world-pairs"].low < scores["world-pairs"].score
    )
    assert scores["english-pairs"].oov > 400 and not np.isnan(scores["english-pairs"].score)


def test_bundled_sets_are_installed_with_the_package():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf8")
    assert "[tool.setuptools.package-data]" in text and '"fastw2v.evaluation" = ["data/*"]' in text


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "."])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(EvaluationError):
        read_set(name)


def test_a_file_that_is_far_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.evaluation.lines.MAX_BYTES", 10)
    (tmp_path / "q").write_text("a b c d\n" * 2)
    with pytest.raises(EvaluationError, match="q: "):
        read_set(tmp_path / "q")
    monkeypatch.undo()
    (tmp_path / "q").write_text("\n" * ((1 << 20) + 1))
    with pytest.raises(EvaluationError, match="q: "):
        read_set(tmp_path / "q")
