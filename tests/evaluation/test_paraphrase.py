import numpy as np
import pytest

from fastw2v.equations.negative_sampling import sigmoid
from fastw2v.errors import EvaluationError
from fastw2v.evaluation.paraphrase import (
    bundled_sentence_pairs,
    read_sentence_pairs,
    score_paraphrases,
)
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.vectors.word_vectors import WordVectors

VECTORS = WordVectors(["good", "fine", "bad"], np.array([[2, 0], [1, 1], [-1, 0.5]], np.float32))


def test_probabilities_by_hand_and_unknown_words_left_out(tmp_path):
    (tmp_path / "p").write_text(
        "one\ttwo\tsame\nGood zebra\tfine good\t1\ngood\tbad\t0\ngood\tzebra\t1\n", encoding="utf8"
    )
    report = score_paraphrases(
        "p", read_sentence_pairs(tmp_path / "p"), EvaluationVocabulary(VECTORS)
    )
    assert (report.pairs, report.left_out, report.positives, report.words, report.unknown) == (
        2,
        1,
        0.5,
        8,
        2,
    )
    plain, relu, centred, centred_relu = report.scores
    assert plain.lowest == pytest.approx(sigmoid(-2.0)) and (plain.accuracy, plain.called) == (
        1.0,
        0.5,
    )
    assert relu.lowest == 0.5 and (relu.accuracy, relu.called) == (0.5, 1.0)
    means = np.array([[2, 0], [1.5, 0.5], [2, 0], [-1, 0.5]])
    means -= means.mean(axis=0)
    assert centred.centred and centred.lowest == pytest.approx(
        min(sigmoid(means[0] @ means[1]), sigmoid(means[2] @ means[3]))
    )
    assert centred_relu.relu and centred_relu.accuracy == 0.5


def test_with_relu_the_accuracy_is_the_share_of_paraphrases_and_centred_without_it_is_better(world):
    path, pairs = next(
        (path, pairs) for path, pairs in bundled_sentence_pairs().items() if "world" in path
    )
    report = score_paraphrases(path, pairs, EvaluationVocabulary(world))
    assert report.pairs == 300 and report.unknown == 0 and report.positives == 0.3
    for score in report.scores:
        if score.relu:
            assert score.accuracy == 0.3 and score.called == 1.0 and score.lowest >= 0.5
    centred = report.scores[2]
    assert centred.accuracy > 0.5 and centred.lowest < 0.5


@pytest.mark.parametrize(
    "text, named",
    [
        ("a\tb\n", "x:1: "),
        ("a\tb\t2\n", "x:1: "),
        ("s1\ts2\tlabel\na\tb\tyes\n", "x:2: "),
        ("", "x: "),
        ("zebra\tgood\t1\n", "x: .* 1 "),
    ],
)
def test_files_that_are_not_sentence_pairs_are_refused(tmp_path, text, named):
    (tmp_path / "x").write_text(text)
    with pytest.raises(EvaluationError, match=named):
        score_paraphrases("x", read_sentence_pairs(tmp_path / "x"), EvaluationVocabulary(VECTORS))
