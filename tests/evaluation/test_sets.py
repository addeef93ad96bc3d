import numpy as np
import pytest

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.analogies import analogy_accuracy
from fastw2v.evaluation.pairs import pair_scores, spearman
from fastw2v.evaluation.sets import Evaluator, read_set
from fastw2v.vectors.word_vectors import WordVectors

WORDS = "king queen man woman apple".split()
VECTORS = WordVectors(WORDS, np.array([[1, 1, 0], [1, -1, 0], [0.1, 1, 0], [0.1, -1, 0], [0, 0, 2]], np.float32))


def test_spearman_is_scipys(rng):
    stats = pytest.importorskip("scipy.stats")
    for _ in range(20):
        x, y = rng.integers(0, 6, 30), rng.normal(size=30)
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    assert np.isnan(spearman(np.ones(1), np.ones(1))) and np.isnan(spearman(np.ones(3), np.arange(3)))


def test_pairs_are_found_in_lower_case_and_the_others_left_out():
    rho, n = pair_scores(VECTORS, [("King", "man", 9), ("king", "woman", 1), ("queen", "apple", 2), ("king", "prince", 5)])
    assert n == 3 and rho == pytest.approx(1.0)


def test_analogies_leave_out_the_words_asked_for_and_rare_ones():
    questions = [("king", "man", "queen", "woman"), ("man", "woman", "king", "Queen"), ("king", "man", "queen", "apple")]
    assert analogy_accuracy(VECTORS, questions) == (pytest.approx(2 / 3), 3)
    assert analogy_accuracy(VECTORS, questions, restrict=4) == (1.0, 2)
    assert np.isnan(analogy_accuracy(VECTORS, [("a", "b", "c", "d")])[0])


def test_accuracy_is_gensims(world, tmp_path):
    models = pytest.importorskip("gensim.models")
    words = list(world.words[:200])
    keyed = models.KeyedVectors(world.vectors.shape[1])
    keyed.add_vectors(world.words, world.vectors)
    questions = [(words[i], words[i + 1], words[i + 7], words[i + 3]) for i in range(150)]
    asked = [(words[i], words[i + 1], words[i + 7]) for i in range(9)]
    questions += [(*three, world.analogy(*three)[0][0]) for three in asked]
    (tmp_path / "q.txt").write_text(": all\n" + "".join(" ".join(q) + "\n" for q in questions))
    expected, _ = keyed.evaluate_word_analogies(str(tmp_path / "q.txt"))
    kind = read_set(tmp_path / "q.txt")
    assert kind.kind == "analogies" and kind.score(world)[0] == pytest.approx(expected) and expected > 0


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
    assert scores == {str(tmp_path / "c"): pytest.approx(-1), str(tmp_path / "more" / "c"): pytest.approx(1)}


@pytest.mark.parametrize(
    "text, said",
    [
        (b": s\na b c\n", ":2: should be four words"),
        (b": s\n", "holds no questions"),
        (b"a b 1\na b\n", ":2: should be two words and a number"),
        (b"", "fewer than two pairs"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_files_that_are_neither_are_refused(tmp_path, text, said):
    (tmp_path / "x").write_bytes(text)
    with pytest.raises(EvaluationError, match=said):
        read_set(tmp_path / "x")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_set(tmp_path / "none")
