"""What run.json and the header of a checkpoint may say."""

import math

import pytest

from fastw2v.config import TrainConfig
from fastw2v.errors import CheckpointError
from fastw2v.training.validation import (
    STATE,
    check_fingerprints,
    check_metadata,
    check_state,
    config_of,
)

N = 1000
CONFIG = TrainConfig(epochs=3)
GOOD = {
    "epoch": 1,
    "position": 500,
    "pairs": 9,
    "seconds": 1.5,
    "over": False,
    "best": -math.inf,
    "best_epoch": 0,
    "waited": 0,
    "evaluated": 0,
    "began": 2,
}
DEEP = [[[]]]


@pytest.mark.parametrize(
    "config, change",
    [
        (CONFIG, {}),
        (CONFIG, {"epoch": 3, "position": 0, "over": True}),
        (CONFIG, {"epoch": 3, "position": 0}),
        (CONFIG, {"epoch": 0, "position": 0, "seconds": 0}),
        (CONFIG, {"epoch": 2, "evaluated": 2, "best": 0.5, "best_epoch": 1, "waited": 1}),
        (
            TrainConfig(epochs=9, patience=2),
            {"epoch": 4, "position": 0, "over": True, "evaluated": 4, "waited": 2},
        ),
        (
            TrainConfig(time_budget="9s"),
            {"epoch": 70, "over": True, "evaluated": 71, "best_epoch": 71},
        ),
    ],
)
def test_check_state_of_a_run_is_right(config, change):
    check_state(GOOD | change, config, N)


@pytest.mark.parametrize("name", STATE)
@pytest.mark.parametrize(
    "value", [None, "1", [], {}, math.nan, math.inf, 10**400, -(10**400), -1e30, DEEP]
)
def test_check_state_with_what_is_no_number_of_it_raises(name, value):
    if (name, value) != ("best", -1e30):
        with pytest.raises(ValueError, match=r"its|it says") as raised:
            check_state(GOOD | {name: value}, CONFIG, N)
        assert len(str(raised.value)) < 150


@pytest.mark.parametrize(
    "change",
    [
        {"position": -1},
        {"position": N},
        {"position": True},
        {"position": 1.0},
        {"position": 2**63},
        {"epoch": -1},
        {"epoch": 4},
        {"epoch": 3},
        {"epoch": False},
        {"pairs": -1},
        {"pairs": 1.5},
        {"seconds": -1},
        {"seconds": 1e13},
        {"began": 1e13},
        {"began": -0.1},
        {"over": 0},
        {"over": True},
        {"best_epoch": 1},
        {"best_epoch": -1},
        {"evaluated": 3},
        {"evaluated": -1},
        {"waited": 1},
        {"waited": -1},
        {"best": True},
    ],
    ids=str,
)
def test_check_state_out_of_the_range_of_the_run_raises(change):
    with pytest.raises(ValueError, match=r"its|it says"):
        check_state(GOOD | change, CONFIG, N)


@pytest.mark.parametrize(
    "state",
    [None, [], {}, GOOD | {"tables": 1}, {n: x for n, x in GOOD.items() if n != "began"}],
    ids=str,
)
def test_check_state_of_other_parts_raises(state):
    with pytest.raises(ValueError, match="parts"):
        check_state(state, CONFIG, N)


@pytest.mark.parametrize(
    "values, named",
    [
        ([], "configuration"),
        ({"windows": 5}, "windows"),
        ({"window": "5"}, "window"),
        ({"window": True}, "window"),
        ({"alpha": 10**400}, "alpha"),
        ({"minn": [3, DEEP]}, "minn"),
        ({"subwords": None}, "subwords"),
        ({"model": DEEP}, "model"),
        ({"x" * 9000: 1}, "xx"),
    ],
)
def test_config_of_wrong_values_raises_naming_file_and_field(values, named):
    with pytest.raises(CheckpointError, match=named) as raised:
        config_of(values, "some/run.json", "9.9" * 99)
    assert str(raised.value).startswith("some/run.json: ") and len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "prints", [None, [], {"corpus": 1}, {"elsewhere": "ff"}, {"corpus": None}], ids=str
)
def test_check_fingerprints_of_other_things_raises(prints):
    check_fingerprints({"corpus": "ff", "vocabulary": "00"})
    with pytest.raises(ValueError, match="fingerprints"):
        check_fingerprints(prints)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": []},
        {"config": None},
        {"corpus": 3},
        {"fingerprints": []},
        {"fingerprints": {"corpus": 7}},
        {"fastw2v": 1},
        *(
            {"inputs": {name: 7}}
            for name in ("corpus", "init", "update", "vocab", "stop_words", "evaluate")
        ),
        *(
            {"inputs": {name: [1]}}
            for name in (
                "corpus",
                "init",
                "output",
                "stop_words",
                "evaluate",
                "save_output_vectors",
            )
        ),
        {"inputs": {"objects": "corpus"}},
        {"inputs": {"objects": ["metadata"]}},
        {"inputs": {"objects": [[]]}},
        {"inputs": {"checkpoint_every": 5}},
        {"inputs": {"output": True}},
    ],
    ids=str,
)
def test_check_metadata_of_wrong_types_raises_naming_the_part(change):
    good = {
        "fastw2v": "1",
        "config": {},
        "inputs": {"corpus": ["a"], "objects": [], "keep": None},
        "corpus": {},
    }
    check_metadata(good, "run.json")
    with pytest.raises(CheckpointError, match=r"run\.json: "):
        check_metadata(good | change, "run.json")


@pytest.mark.parametrize("metadata", [None, [], 1, {}])
def test_check_metadata_of_no_object_raises(metadata):
    with pytest.raises(CheckpointError, match=r"run\.json: "):
        check_metadata(metadata, "run.json")


def test_config_of_unknown_names_with_line_breaks_raises_one_short_line():
    with pytest.raises(CheckpointError, match=r"run\.json") as raised:
        config_of({"\n\x1b": 1, "y" * 5000: 2}, "run.json", "1\n2")
    assert str(raised.value).isprintable() and len(str(raised.value)) <= 300
