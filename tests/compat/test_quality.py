"""Evaluations return what gensim's do."""

import sys

import numpy as np
import pytest
from scipy import stats

from fastw2v.compat.quality import correlation
from fastw2v.errors import EvaluationError


@pytest.fixture(scope="module")
def files(tmp_path_factory, both):
    """A file of analogies, some of whose words are unknown, some answers right; one of judged
    pairs.
    """
    folder, rng = tmp_path_factory.mktemp("sets"), np.random.default_rng(3)
    words = both[1].index_to_key
    tied = {*words[20:30], *words[300:310]}  # of equal vectors, either of which may come first
    lines = []
    for section in ("one", "two", "empty"):
        lines.append(f": {section}")
        for _ in range(0 if section == "empty" else 60):
            a, b, c = (words[i] for i in rng.choice(len(words), 3, replace=False))
            best = both[1].most_similar(positive=[b, c], negative=[a], topn=2, restrict_vocab=400)
            answer = best[rng.integers(2)][0]
            if answer not in tied:
                lines.append(" ".join([a, b, c, answer]))
        lines += ["w1 nobody w2 w3", "w1 w2 w3"]
    (folder / "analogies.txt").write_text("\n".join(lines) + "\n")
    pairs = ["# comment", "no number\there\tx"]
    pairs += [
        f"{words[i]}\t{words[j]}\t{rng.integers(10)}" for i, j in rng.choice(len(words), (50, 2))
    ]
    pairs += ["nobody\tw1\t3.5"]
    (folder / "pairs.tsv").write_text("\n".join(pairs) + "\n")
    return folder


@pytest.mark.parametrize(
    "options", [{}, {"restrict_vocab": 400}, {"case_insensitive": False}, {"dummy4unknown": True}]
)
def test_analogies_and_pairs_are_gensims(both, files, options):
    ours, gensim_module = (
        kv.evaluate_word_analogies(str(files / "analogies.txt"), **options) for kv in both
    )
    assert ours == gensim_module and 0 < ours[0] < 1
    ours, gensim_module = (
        kv.evaluate_word_pairs(str(files / "pairs.tsv"), **options) for kv in both
    )
    np.testing.assert_allclose(ours[0], gensim_module[0], rtol=1e-5)
    np.testing.assert_allclose(ours[1], gensim_module[1], rtol=1e-5)
    assert ours[2] == gensim_module[2] and ours[0].pvalue == ours[0][1]


def test_p_values_are_scipys():
    rng = np.random.default_rng(11)
    for n in (3, 4, 10, 353, 3000):
        x = rng.normal(size=n)
        for slope in (0, 0.1, 5):
            y = slope * x + rng.normal(size=n)
            np.testing.assert_allclose(
                correlation(x, y), stats.pearsonr(x, y), rtol=1e-9, atol=1e-300
            )


def test_files_that_cannot_be_evaluated_on_are_named(both, tmp_path):
    with pytest.raises(EvaluationError, match=r"none\.txt: "):
        both[0].evaluate_word_analogies(tmp_path / "none.txt")
    (tmp_path / "x.txt").write_text("a b c d\n")
    with pytest.raises(ValueError, match=r"x\.txt"):
        both[0].evaluate_word_analogies(tmp_path / "x.txt")
    with pytest.raises(ValueError, match=r"x\.txt"):
        both[0].evaluate_word_pairs(tmp_path / "x.txt")
    for name in ("cosine", "most_similar_of_all", "save", max):
        with pytest.raises(EvaluationError, match="similarity_function"):
            both[0].evaluate_word_analogies(tmp_path / "x.txt", similarity_function=name)
    for ask in (both[0].evaluate_word_analogies, both[0].evaluate_word_pairs):
        with pytest.raises(FileNotFoundError, match=r"none\.txt"):
            ask(tmp_path / "none.txt")


@pytest.mark.parametrize("options", [{"restrict_vocab": 400}, {"case_insensitive": False}])
def test_analogies_are_answered_by_the_method_that_is_named(both, files, options):
    kv = both[0]
    questions = [
        line.split()
        for line in (files / "analogies.txt").read_text().splitlines()
        if line[:1] != ":"
    ]
    fold = str if "case_insensitive" in options else str.upper
    known = {
        fold(word): word for word in reversed(kv.index_to_key[: options.get("restrict_vocab")])
    }
    right = []
    for question in questions:
        asked = tuple(map(fold, question))
        if len(asked) == 4 and all(word in known for word in asked):
            a, b, c = (known[word] for word in asked[:3])
            found = [fold(word) for word, _ in kv.most_similar_cosmul([b, c], [a], topn=5)]
            found = [word for word in found if word in known and word not in asked[:3]]
            right += [asked] if found[0] == asked[3] else []
    _, sections = kv.evaluate_word_analogies(
        files / "analogies.txt", similarity_function="most_similar_cosmul", **options
    )
    assert sections[-1]["correct"] == right


def test_evaluations_are_logged(both, caplog):
    with caplog.at_level("INFO"):
        both[0].log_accuracy({"section": "capitals", "correct": [1], "incorrect": [2, 3]})
        both[0].log_evaluate_word_pairs((0.5, 0.1), (0.25, 0.1), 3.0, "pairs.tsv")
    assert (
        "capitals: 33.3% (1/3)" in caplog.text
        and "pairs.tsv" in caplog.text
        and "0.2500" in caplog.text
    )


def test_p_value_without_scipy_is_nan_and_names_it(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    found = correlation(np.arange(5.0), np.array([0, 2, 1, 3, 4.0]))
    assert found.statistic == pytest.approx(0.9) and np.isnan(found.pvalue)
    assert "pip install scipy" in caplog.text
