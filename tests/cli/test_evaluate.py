"""``fastw2v evaluate`` and ``fastw2v paraphrase`` as a user meets them."""

import csv
import io
import json

import pytest

from fastw2v.evaluation.scores import BUNDLED
from tests.helpers import ROOT
from tests.helpers.command_line import fastw2v

DATA = ROOT / "data"
FILES = ["--analogies", BUNDLED / "world-analogies.txt", "--pairs", BUNDLED / "world-pairs.tsv"]
FILES += ["--categories", BUNDLED / "world-categories.tsv"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world):
    folder = tmp_path_factory.mktemp("evaluate")
    world.save(folder / "vectors.bin")
    return folder


@pytest.fixture(scope="module")
def scores(folder):
    """The scores of the own sets, as JSON, by set and section."""
    done = fastw2v("evaluate", "vectors.bin", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["words"], answer["dimensions"], answer["restrict_vocab"]) == (394, 100, 300_000)
    return done, {(row["set"], row["section"]): row for row in answer["scores"]}


def test_without_files_the_own_sets_are_asked_and_hardly_known_ones_are_told(scores):
    done, rows = scores
    assert (
        rows["world-analogies", "total"]["score"] > 0.9
        and rows["world-analogies", "total"]["oov"] == 0
    )
    assert (
        rows["world-pairs", "total"]["low"]
        < rows["world-pairs", "total"]["score"]
        < rows["world-pairs", "total"]["high"]
    )
    assert rows["world-categories", "total"]["total"] == 56
    assert (
        rows["english-analogies", "gram-plural"]["score"] is None
        and rows["english-analogies", "gram-plural"]["oov"] == 96
    )
    said = done.stderr.decode().splitlines()
    assert [line.split()[1] for line in said] == ["english-analogies:", "english-pairs:"]
    assert all(
        "have all their words in vectors.bin; the score says little" in line for line in said
    )


def test_csv_has_the_numbers_of_json(folder, scores):
    done = fastw2v("evaluate", "vectors.bin", "--csv", *FILES, cwd=folder)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert done.returncode == 0 and done.stderr == b"" and len(rows) == 6
    for row in rows:
        expected = scores[1][row["set"], row["section"]]
        assert row == {key: "" if x is None else str(x) for key, x in expected.items()}


def test_the_table_is_aligned(folder, scores):
    done = fastw2v("evaluate", "vectors.bin", *FILES, cwd=folder)
    lines = done.stdout.decode().splitlines()
    right = scores[1]["world-analogies", "capitals"]["correct"]
    assert lines[0].split() == ["analogies,", "3cosadd", "accuracy", "right", "asked", "unknown"]
    assert lines[3].split() == ["capitals", f"{right / 56:.3f}", str(right), "56", "0"]
    assert (
        len({len(line) for line in lines[0:6] if line != "world-analogies"}) == 1 and lines[6] == ""
    )
    assert (
        lines[8].startswith("world-pairs ")
        and " to " in lines[8]
        and lines[11].startswith("world-categories ")
    )


def test_rules_are_options(folder, tmp_path):
    (tmp_path / "q").write_text(": all\nKING queen man woman\nking queen man Zebra\n")
    asked = ["evaluate", folder / "vectors.bin", "--analogies", "q", "--json"]
    totals = []
    for options in (
        [],
        ["--case-sensitive"],
        ["--dummy4unknown"],
        ["--restrict-vocab", 3],
        ["--method", "3cosmul"],
    ):
        done = fastw2v(*asked, *options, cwd=tmp_path)
        totals.append(
            json.loads(done.stdout)["scores"][-1] if done.returncode == 0 else done.stderr.decode()
        )
    assert [
        (row["correct"], row["total"], row["oov"]) for row in (totals[0], totals[2], totals[4])
    ] == [(1, 1, 1), (1, 2, 1), (1, 1, 1)]
    for said, option in (
        (totals[1], "--case-sensitive"),
        (totals[3], "--restrict-vocab"),
    ):
        assert said.startswith("fastw2v: ") and " q " in said and said.count("\n") == 1
        assert option in said


def test_paraphrases_are_all_there_are_with_relu(folder):
    done = fastw2v(
        "paraphrase", "vectors.bin", BUNDLED / "world-paraphrases.tsv", "--json", cwd=folder
    )
    (report,) = json.loads(done.stdout)["sets"]
    assert report["positives"] == 0.3 and report["unknown"] == 0
    assert {score["accuracy"] for score in report["scores"] if score["relu"]} == {0.3}
    assert max(score["accuracy"] for score in report["scores"]) > 0.5
    (folder / "pairs.txt").write_bytes((BUNDLED / "world-paraphrases.tsv").read_bytes())
    assert fastw2v("paraphrase", "vectors.bin", "pairs.txt", cwd=folder).returncode == 0
    done = fastw2v("paraphrase", "vectors.bin", cwd=folder)
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("english-paraphrases: 300 pairs, 0.300 of them paraphrases")
    assert lines[8].startswith("world-paraphrases") and lines[12].split() == [
        "with",
        "ReLU",
        "0.300",
        "1.000",
        lines[12].split()[-1],
    ]


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["evaluate", "vectors.bin", "--analogies", "short"], ["short:2: ", "'a b c'"]),
        (["evaluate", "vectors.bin", "--pairs", "vectors.bin"], ["vectors.bin:2: ", "UTF-8"]),
        (["evaluate", "vectors.bin", "--categories", "none"], ["none: "]),
        (["evaluate", "none.bin"], ["none.bin: "]),
        (["paraphrase", "vectors.bin", "short"], ["short:1: "]),
        (["paraphrase", "short", "vectors.bin"], ["fastw2v paraphrase vectors.bin short"]),
    ],
)
def test_a_users_error_is_one_line(folder, arguments, named):
    (folder / "short").write_text(": s\na b c\n")
    done = fastw2v(*arguments, cwd=folder)
    said = done.stderr.decode()
    assert done.returncode == 1 and done.stdout == b""
    assert said.startswith("fastw2v: ") and said.count("\n") == 1
    assert [name for name in named if name not in said] == []


def test_two_forms_of_one_answer_are_wrong_usage(folder):
    assert fastw2v("evaluate", "vectors.bin", "--json", "--csv", cwd=folder).returncode == 2
