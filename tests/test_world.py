"""The project's own corpus: made again byte for byte, and learnt from with the defaults."""

import importlib.util

import numpy as np
import pytest

from fastw2v.evaluation.scores import BUNDLED
from tests.helpers import ROOT

DATA = ROOT / "data"


def test_the_generator_makes_the_files_again(tmp_path):
    spec = importlib.util.spec_from_file_location("make_world", DATA / "make_world.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["world-analogies.txt", "world-pairs.tsv", "world.txt"]
    for name in names:
        folder = DATA if name == "world.txt" else BUNDLED
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    assert 1e6 < (DATA / "world.txt").stat().st_size < 3e6


def test_the_defaults_recover_the_planted_analogies(world):
    right, asked = {}, {}
    for line in (BUNDLED / "world-analogies.txt").read_text().splitlines():
        if line.startswith(":"):
            section = line[2:]
            right[section] = asked[section] = 0
        else:
            a, b, c, d = line.split()
            asked[section] += 1
            right[section] += world.analogy(a, b, c)[0][0] == d
    assert sum(asked.values()) == 222
    for section in asked:
        assert right[section] / asked[section] >= 0.9, section


def test_the_defaults_recover_the_planted_similarities(world):
    rows = [line.split("\t") for line in (BUNDLED / "world-pairs.tsv").read_text().splitlines()]
    cosines = {
        score: [world.similarity(a, b) for a, b, s in rows if s == score]
        for score in ("9", "5", "1")
    }
    assert np.mean(cosines["9"]) > np.mean(cosines["5"]) > np.mean(cosines["1"])
    assert min(cosines["9"]) > np.quantile(cosines["1"], 0.99)


def test_the_words_of_the_course_notes_are_in_it(world):
    from fastw2v.plots.word_map import COURSE_WORDS

    assert set(COURSE_WORDS) <= set(world.words)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"negatives_per": "pair"}, {"threads": 1}, {"seed": 2}, {"vector_size": 300}, {"window": 3}],
)
def test_other_settings_recover_them_too(world_path, options):
    import fastw2v

    vectors = fastw2v.train(world_path, **{"threads": 2, **options})
    questions = [
        line.split()
        for line in (BUNDLED / "world-analogies.txt").read_text().splitlines()
        if line[0] != ":"
    ]
    right = [vectors.analogy(a, b, c)[0][0] == d for a, b, c, d in questions]
    assert np.mean(right) >= 0.9
