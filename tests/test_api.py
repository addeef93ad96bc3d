import inspect
import re
from dataclasses import fields

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import ConfigError, CorpusError, Fastw2vError, TrainingError, UnknownOptionError
from fastw2v.events import Encoded, Progress

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "too"]] * 30


def test_vectors_come_from_paths_and_from_any_iterable(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(" ".join(sentence) for sentence in SENTENCES))
    expected = fastw2v.train(path, threads=1, vector_size=8)
    for corpus in (
        str(path),
        [path],
        SENTENCES,
        tuple(SENTENCES),
        (s for s in SENTENCES),
        (tuple(s) for s in SENTENCES),
    ):
        vectors = fastw2v.train(corpus, threads=1, vector_size=8)
        assert vectors.words == expected.words
        np.testing.assert_array_equal(vectors.vectors, expected.vectors)


def test_both_tables_and_the_counts_come_back():
    vectors = fastw2v.train(SENTENCES, threads=1, vector_size=8)
    assert vectors.vectors.shape == vectors.output_vectors.shape == (5, 8)
    assert vectors.vectors.dtype == np.float32
    assert dict(zip(vectors.words, vectors.counts.tolist(), strict=True)) == {
        "rules": 60,
        "the": 60,
        "king": 30,
        "queen": 30,
        "too": 30,
    }
    # by count, ties by first appearance
    assert vectors.words == [
        "the",
        "rules",
        "king",
        "queen",
        "too",
    ]
    assert np.abs(vectors.of_outputs()["king"]).max() > 0


def test_saved_vectors_load_the_same(tmp_path):
    vectors = fastw2v.train(SENTENCES, threads=1, vector_size=8)
    vectors.save(tmp_path / "v.bin")
    np.testing.assert_array_equal(fastw2v.load(tmp_path / "v.bin").vectors, vectors.vectors)


def test_tokens_may_be_numbers():
    walks = [[1, 2, 3], [3, 2, 1]] * 10
    vectors = fastw2v.train(walks, threads=1, vector_size=4, sample=0)
    assert sorted(vectors.words) == ["1", "2", "3"]
    assert 1 in vectors and 4 not in vectors
    np.testing.assert_array_equal(vectors[1], vectors["1"])
    assert {word for word, _ in vectors.nearest(np.int64(1))} == {"2", "3"}


def test_events_are_heard():
    events = []
    fastw2v.train(SENTENCES, threads=1, vector_size=4, on_event=events.append)
    assert any(isinstance(event, Encoded) for event in events)
    assert isinstance(events[-1], Progress) and events[-1].tokens == events[-1].total


def test_errors_have_one_base():
    with pytest.raises(ConfigError):
        fastw2v.train(SENTENCES, window=0)
    with pytest.raises(CorpusError, match="words"):
        fastw2v.train([])
    with pytest.raises(Fastw2vError):
        fastw2v.train("no/such/file.txt")


def test_the_public_names_are_there():
    assert set(fastw2v.__all__) == set(dir(fastw2v))
    for name in fastw2v.__all__:
        assert getattr(fastw2v, name) is not None
    with pytest.raises(AttributeError, match="'trane'"):
        fastw2v.trane  # noqa: B018


@pytest.mark.parametrize(
    "name, meant",
    [
        ("size", "vector_size"),
        ("dim", "vector_size"),
        ("iter", "epochs"),
        ("epoch", "epochs"),
        ("workers", "threads"),
        ("thread", "threads"),
        ("sg", "model='cbow'"),
        ("cbow", "model='cbow'"),
        ("hs", "loss='hs'"),
        ("ws", "window"),
        ("lr", "alpha"),
        ("learning_rate", "alpha"),
        ("neg", "negative"),
        ("min_n", "minn"),
        ("maxN", "maxn"),
        ("subwords", "minn=3, maxn=6"),
        ("minCount", "min_count"),
        ("min_cuont", "min_count"),
        ("max_final_vocab", "max_vocab"),
        ("cbow_mean", "cbow_gradient"),
        ("sentences", "train(corpus"),
        ("corpus_file", "train(corpus"),
        ("output", "vectors.save"),
        ("callbacks", "on_event"),
        ("trim_rule", "keep"),
        ("xqzzy", "help(fastw2v.train)"),
    ],
)
def test_train_with_an_unknown_option_names_the_one_that_is_meant(name, meant):
    with pytest.raises(UnknownOptionError) as caught:
        fastw2v.train("no corpus is read", **{name: 1})
    assert (
        isinstance(caught.value, TypeError)
        and repr(name) in str(caught.value)
        and meant in str(caught.value)
    )


@pytest.mark.parametrize("name", ["windows", "epochs"])
def test_resume_with_an_unknown_option_is_refused_by_name(name):
    with pytest.raises(UnknownOptionError, match=name):
        fastw2v.resume("no folder", **{name: 1})


def test_docstring_of_train_describes_every_setting_as_train_config_does():
    settings = inspect.getdoc(fastw2v.TrainConfig).split("----------\n")[1].split("\n\nRaises")[0]
    assert settings in inspect.getdoc(fastw2v.train)


def test_signature_of_train_has_every_option_with_its_type_and_default():
    parameters = inspect.signature(fastw2v.train).parameters
    for spec in fields(fastw2v.TrainConfig):
        parameter = parameters[spec.name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert (parameter.annotation, parameter.default) == (spec.type, spec.default), spec.name


@pytest.mark.parametrize("name", ["train", "resume", "load", "TrainConfig"])
def test_docstring_names_every_parameter(name):
    public = getattr(fastw2v, name)
    section = re.search(r"Parameters\n *-+\n(.*?)\n *-{5,}\n", public.__doc__, re.S)[1]
    documented = re.findall(r"\w+", " ".join(re.findall(r"^ {4}\S.*", section, re.M)))
    for parameter in inspect.signature(public).parameters:
        assert parameter in documented, parameter


@pytest.mark.parametrize("args", [(), ("corpus.txt", 100)])
def test_train_without_a_corpus_or_with_options_without_names_is_refused(args):
    with pytest.raises(UnknownOptionError, match=r"train\(corpus, "):
        fastw2v.train(*args)


def test_every_name_of_an_option_elsewhere_leads_to_one_of_here():
    from fastw2v.option_names import ELSEWHERE, counterparts, plain

    for option, names in ELSEWHERE.items():
        for name in names.split():
            assert plain(name) == name and counterparts(name, [option]) == [option]
    assert counterparts("min-count", ["min_count", "max_vocab"]) == ["min_count"]


@pytest.mark.parametrize(
    "text",
    [
        "No threading layer could be loaded.\nHINT:\nInstall TBB",
        "The threading layer requested 'x'",
    ],
)
def test_a_threading_layer_that_is_not_there_is_one_line(text, monkeypatch):
    def fail(*args):
        raise ValueError(text)

    monkeypatch.setenv("NUMBA_THREADING_LAYER", "tbb")
    monkeypatch.setattr("fastw2v.training.loop.make_trainer", fail)
    with pytest.raises(TrainingError, match="NUMBA_THREADING_LAYER") as caught:
        fastw2v.train([["a", "b"]] * 9, sample=0, min_count=1)
    assert "'tbb'" in str(caught.value) and "\n" not in str(caught.value)
    monkeypatch.setattr("fastw2v.training.threading_layer.os.environ", {})
    text = "something else"
    with pytest.raises(ValueError, match="something else"):
        fastw2v.train([["a", "b"]] * 9, sample=0, min_count=1)
