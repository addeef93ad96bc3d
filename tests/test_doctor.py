import json

import pytest
from click.testing import CliRunner

from fastw2v import doctor
from fastw2v.cli import cli
from fastw2v.kernels.jit import JIT


@pytest.fixture
def hasty(monkeypatch):
    for name, value in (("FEW", 200), ("MANY", 20_000 if JIT else 200), ("SECONDS", 0.0)):
        monkeypatch.setattr(doctor, name, value)


def test_made_up_text_is_lines_of_frequent_words_first():
    encoded, lines = doctor.synthetic_corpus(400, 30)
    assert (
        lines.shape == (20, 20) and encoded.tokens == 400 and encoded.ids.tolist().count(-1) == 20
    )
    assert [row[:-1] for row in encoded.ids.reshape(20, 21).tolist()] == lines.tolist()


def test_a_machine_that_is_right_passes(hasty):
    done = CliRunner().invoke(cli, ["doctor", "--threads", "2", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (
        len(found["differences"]) == 4
        and 0 < max(found["differences"].values()) <= found["allowed"]
    )
    assert [speed["threads"] for speed in found["speeds"]] == [1, 2]
    assert all(speed["words_per_s"] > 0 and speed["share"] > 0 for speed in found["speeds"])
    assert found["speeds"][0]["arithmetic"] == 1 and 0 < found["speeds"][1]["arithmetic"] < 4
    assert found["register_bits"] in ((128, 256, 512) if JIT else (0,))


def test_a_machine_that_is_wrong_is_told_so(hasty, monkeypatch):
    train = doctor.reference.train

    def other(sentences, counts, W_in, W_out, *rest):
        train(sentences, counts, W_in, W_out, *rest)
        W_out[0, 0] += 0.01

    monkeypatch.setattr(doctor.reference, "train", other)
    done = CliRunner().invoke(cli, ["doctor", "--threads", "1"])
    assert done.exit_code == 1 and done.stdout.count("WRONG") == 4
