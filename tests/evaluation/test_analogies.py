import numpy as np
import pytest

from fastw2v.evaluation import analogies
from fastw2v.evaluation.scores import BUNDLED, EvaluationOptions
from fastw2v.evaluation.sets import read_set, score_sets
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.evaluated import VECTORS, gensims, spelt


@pytest.fixture(scope="module")
def file(tmp_path_factory, world):
    """The world's questions in several cases, with unknown words, repeated words and an empty
    section.
    """
    rng = np.random.default_rng(6)
    lines = (BUNDLED / "world-analogies.txt").read_text().splitlines()
    cases = (str.upper, str.lower, str.title)
    lines = [
        line if line[0] == ":" else " ".join(cases[rng.integers(3)](word) for word in line.split())
        for line in lines
    ]
    drawn = [" ".join(rng.choice(world.words, 4)) for _ in range(150)]
    odd = [
        "king king queen queen",
        "king queen king Queen",
        "queen king QUEEN king",
        "rome italy rome rome",
        "king zebra man woman",
    ]
    path = tmp_path_factory.mktemp("analogies") / "questions.txt"
    path.write_text(
        "\n".join([*lines, ": none", ": gram1-drawn", *drawn, ": gram2-odd", *odd]) + "\n",
        encoding="utf8",
    )
    return path


@pytest.mark.parametrize("dummy4unknown", [False, True])
@pytest.mark.parametrize("case_insensitive", [True, False])
@pytest.mark.parametrize("restrict", [300_000, 390, 150])
def test_every_section_is_gensims(world, file, restrict, case_insensitive, dummy4unknown):
    for vectors in (world, spelt(world)):
        expected, sections = gensims(vectors).evaluate_word_analogies(
            str(file),
            restrict_vocab=restrict,
            case_insensitive=case_insensitive,
            dummy4unknown=dummy4unknown,
        )
        rules = EvaluationOptions(restrict, case_insensitive, dummy4unknown)
        (scores,) = score_sets(vectors, [read_set(file, "analogies")], rules)
        of_sections = [
            score for score in scores[:-1] if score.section not in ("semantic", "syntactic")
        ]
        found = [
            (score.section, score.correct, score.total - score.correct) for score in of_sections
        ]
        assert found == [
            (each["section"], len(each["correct"]), len(each["incorrect"]))
            for each in sections[:-1]
        ]
        assert scores[-1].score == expected and scores[-1].section == "total"
        assert scores[-1].oov == sum(score.oov for score in of_sections)
        parts = {score.section: score for score in scores}
        assert parts["semantic"].correct + parts["syntactic"].correct == scores[-1].correct
        assert parts["syntactic"].total == parts["gram1-drawn"].total + parts["gram2-odd"].total


def test_blocks_of_questions_are_answered_alike(world, file, monkeypatch):
    def counts():
        (scores,) = score_sets(world, [read_set(file, "analogies")])
        return [(score.section, score.correct, score.total, score.oov) for score in scores]

    whole = counts()
    monkeypatch.setattr(analogies, "MAX_SCORES", 7 * len(world))
    assert counts() == whole


def test_3cosmul_is_that_of_word_vectors(world, file):
    asked = [
        q
        for section in read_set(file, "analogies").items
        for q in section.questions
        if len({w.lower() for w in q[:3]}) == 3
    ]
    asked = [
        tuple(word.lower() for word in q) for q in asked if all(word.lower() in world for word in q)
    ]
    verdicts = analogies.judge(
        EvaluationVocabulary(world, EvaluationOptions(method="3cosmul")), asked
    )
    expected = [world.analogy(a, b, c, method="3cosmul")[0][0] == d for a, b, c, d in asked]
    assert (verdicts == expected).all() and 0 < sum(expected) < len(expected)


def test_words_asked_for_and_rare_ones_are_left_out():
    questions = [
        ("king", "man", "queen", "woman"),
        ("man", "woman", "king", "Queen"),
        ("king", "man", "queen", "apple"),
    ]
    assert analogies.judge(EvaluationVocabulary(VECTORS), questions).tolist() == [1, 1, 0]
    assert analogies.judge(
        EvaluationVocabulary(VECTORS, EvaluationOptions(restrict=4)), questions
    ).tolist() == [1, 1, -1]
    assert analogies.judge(
        EvaluationVocabulary(VECTORS, EvaluationOptions(case_insensitive=False)), questions
    ).tolist() == [
        1,
        -1,
        0,
    ]


def test_where_only_the_words_asked_for_are_left_nothing_is_right():
    few = WordVectors(["a", "b", "c"], np.eye(3, dtype=np.float32))
    assert analogies.judge(
        EvaluationVocabulary(few), [("a", "b", "c", "b"), ("a", "b", "c", "c")]
    ).tolist() == [
        0,
        0,
    ]


def test_sections_are_kept_empty_ones_too_and_comments_left_out(tmp_path):
    path = tmp_path / "q"
    path.write_text(
        "# said\r\nking\tman\tqueen\twoman\r\n: one\n\n:two three\nking,man , queen,woman\n",
        encoding="utf-8-sig",
    )
    read = read_set(path)
    assert read.kind == "analogies" and len(read) == 2
    assert [section.name for section in read.items] == ["", "one", "two three"]
    (scores,) = score_sets(VECTORS, [read])
    assert [(score.section, score.total) for score in scores] == [
        ("", 1),
        ("one", 0),
        ("two three", 1),
        ("total", 2),
    ]
    assert np.isnan(scores[1].score) and scores[-1].score == 1.0
