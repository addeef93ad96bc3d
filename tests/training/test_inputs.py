"""What a run reads and writes: on the way to run.json and back, and on other ranks."""

import json
from pathlib import Path

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import ConfigError, ConfigTypeError, OutputError, TrainingError
from fastw2v.training.inputs import READ, RunInputs
from fastw2v.training.validation import check_metadata
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.ranks import on_ranks

FILES = {
    "corpus": ["a.txt", "-"],
    "init": "v.bin",
    "vocab": Path("vocab.txt"),
    "stop_words": "stop.txt",
    "evaluate": ["pairs.tsv"],
    "output": "out.bin",
    "save_output_vectors": "other.bin",
    "checkpoint_every": 500,
}
VECTORS = WordVectors(["a"], np.zeros((1, 2), np.float32))


def test_inputs_of_files_come_back_from_json_with_absolute_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recorded = json.loads(json.dumps(RunInputs(**FILES).to_json()))
    check_metadata({"config": {}, "inputs": recorded, "corpus": {}}, "run.json")
    inputs = RunInputs.from_json(recorded)
    assert inputs.corpus == [str(tmp_path / "a.txt"), "-"]
    assert inputs.evaluate == [str(tmp_path / "pairs.tsv")]
    for name in ("init", "vocab", "stop_words", "output", "save_output_vectors"):
        assert getattr(inputs, name) == str(tmp_path / FILES[name])
    assert inputs.interval.tokens == 500 and recorded["objects"] == []


@pytest.mark.parametrize(
    "given, objects",
    [
        ({"corpus": [["a", "b"]]}, ["corpus"]),
        ({"corpus": (line for line in [["a"]])}, ["corpus"]),
        ({"keep": max, "evaluate": len}, ["keep", "evaluate"]),
        ({"corpus": "a.txt", "evaluate": ()}, []),
        ({"stop_words": ["b", "a"]}, []),
    ],
)
def test_inputs_that_are_no_files_are_named_as_objects(given, objects):
    recorded = RunInputs(**given).to_json()
    assert sorted(recorded["objects"]) == sorted(objects)
    assert all(recorded[name] is None for name in objects)
    json.dumps(recorded)


@pytest.mark.parametrize(
    "name, value",
    [
        ("init", VECTORS),
        ("update", VECTORS),
        ("vocab", {"a": 1}),
        ("vocab", ["a", "b"]),
    ],
)
def test_inputs_that_must_be_files_are_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name):
        RunInputs(**{name: value}).to_json()


@pytest.mark.parametrize(
    "given, named",
    [
        ({"update": "m.npz", "init": "v.bin"}, "update"),
        ({"update": "m.npz", "vocab": ["a"]}, "update"),
        ({"keep": 3}, "keep"),
        ({"checkpoint_every": "often"}, "checkpoint_every"),
        ({"checkpoint_every": 0}, "checkpoint_every"),
    ],
)
def test_inputs_that_contradict_one_another_are_refused_by_name(given, named):
    with pytest.raises(ConfigError, match=named):
        RunInputs(**given)


def test_inputs_that_are_given_again_replace_those_of_the_run():
    recorded = RunInputs(corpus="a.txt", init="v.bin")
    inputs = recorded.updated(RunInputs(evaluate=len, checkpoint_every="9s"))
    assert (inputs.corpus, inputs.init, inputs.evaluate) == ("a.txt", "v.bin", len)
    assert inputs.interval.seconds == 9


def test_inputs_of_run_json_without_any_have_defaults():
    inputs = RunInputs.from_json({"corpus": "a.txt"})
    assert inputs.corpus == ["a.txt"] and inputs.interval.seconds == 300
    assert all(getattr(inputs, name) is None for name in READ if name != "corpus")


@pytest.mark.parametrize(
    "other, named",
    [
        ({"corpus": "b.txt"}, "corpus"),
        ({"stop_words": ["a"]}, "stop_words"),
        ({"init": VECTORS}, "init"),
    ],
)
def test_check_same_on_ranks_with_other_inputs_raises_on_all(other, named):
    def work(ranks):
        inputs = {"corpus": "a.txt", "stop_words": ["a", "b"]} | (other if ranks.rank else {})
        with pytest.raises(TrainingError, match=named if ranks.rank else "rank 1"):
            RunInputs(**inputs).check_same(ranks, {"window": 5})
        return True

    assert on_ranks(2, work) == [True, True]


def test_check_same_on_ranks_with_the_same_inputs_passes():
    on_ranks(2, lambda ranks: RunInputs(corpus=[["a"]], keep=max).check_same(ranks, {"seed": 1}))


@pytest.mark.parametrize("words", [[2, 1], {"2", "1"}, np.array(["1", "2"])])
def test_to_json_of_stop_words_keeps_them_as_sorted_strings(words):
    assert RunInputs(stop_words=words).to_json()["stop_words"] == ["1", "2"]


@pytest.mark.parametrize("vocab", [{}, np.array(["a", "b"])])
def test_to_json_of_a_vocabulary_that_is_no_file_raises(vocab):
    with pytest.raises(ConfigError, match="vocab"):
        RunInputs(vocab=vocab).to_json()


def test_check_apart_refuses_what_is_written_into_a_directory_of_the_corpus(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "link").symlink_to("texts")
    texts, run, output = tmp_path / "texts", tmp_path / "run", str(tmp_path / "v.bin")
    for wrong in (texts / "run", tmp_path / "link" / "run", texts):
        with pytest.raises(OutputError, match="texts"):
            RunInputs(corpus=texts, output=output).check_apart(wrong)
    with pytest.raises(OutputError, match=r"v\.bin"):
        RunInputs(corpus=[str(texts)], output=str(texts / "v.bin")).check_apart(run)
    RunInputs(corpus=[str(texts)], output=output).check_apart(texts / ".run")  # hidden: not read
    RunInputs(corpus=[["a"], ["b"]], output=output).check_apart(run)


@pytest.mark.parametrize(
    "options",
    [
        dict(vocab=5),
        dict(vocab=b"a"),
        dict(stop_words=5),
        dict(stop_words=b"a"),
        dict(evaluate=[5]),
        dict(evaluate=5),
        dict(keep=5),
        dict(on_event=5),
    ],
    ids=str,
)
def test_an_input_of_another_type_is_named(options):
    ((name, value),) = options.items()
    with pytest.raises(ConfigTypeError, match=name) as raised:
        fastw2v.train([["a", "b"]], **options)
    assert isinstance(raised.value, TypeError) and repr(value) in str(raised.value)
