import dataclasses

import numpy as np
import pytest

import fastw2v
from fastw2v.config import TrainConfig
from fastw2v.errors import VectorsError
from fastw2v.reference import trainer as reference
from tests.helpers.trained import make_corpus

OPTIONS = {"min_count": 1, "epochs": 3, "vector_size": 20, "sample": 1e-2, "threads": 1}
CASES = {
    "DBOW": {"model": "dbow"},
    "DBOW by hierarchical softmax": {"model": "dbow", "loss": "hs"},
    "DM": {"model": "dm"},
    "DM, its gradient divided": {"model": "dm", "cbow_gradient": "mean"},
}


@pytest.fixture(scope="module")
def sentences():
    found, _ = make_corpus(np.random.default_rng(4), 1500)
    return [[f"w{word}" for word in sentence] for sentence in found]


@pytest.fixture(scope="module")
def models(sentences):
    return {name: fastw2v.train(sentences, **OPTIONS | options) for name, options in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_infer_equals_reference(models, sentences, name):
    vectors, config = models[name], TrainConfig(**OPTIONS | CASES[name], seed=7)
    document = [vectors.id(word) for word in sentences[0] + sentences[1]]
    outputs = vectors.documents.nodes if config.loss == "hs" else vectors.output_vectors
    W_in = np.vstack([vectors.vectors, np.zeros(20)]).astype(np.float64)
    V, W_out = len(vectors), np.array(outputs, np.float64)
    reference.train(
        [document], vectors.counts, W_in, W_out, config, documents=[V], only_documents=True
    )
    found = vectors.infer(sentences[0] + sentences[1], seed=7)
    np.testing.assert_allclose(found, W_in[V], rtol=1e-3, atol=1e-6)
    assert np.array_equal(W_out.astype(np.float32), outputs) and np.abs(found).max() > 1e-3


def test_infer_depends_on_document_alone(models, sentences):
    vectors = models["DM"]
    alone = [vectors.infer(sentence, seed=2, threads=1) for sentence in sentences[:9]]
    assert np.array_equal(vectors.infer(sentences[:9], seed=2, threads=2), alone)
    assert not np.array_equal(vectors.infer(sentences[0], seed=3), alone[0])
    assert np.array_equal(vectors.infer(" ".join(sentences[0]), seed=2), alone[0])


def test_infer_document_of_many_positions_is_not_cut(models, sentences):
    vectors, config = models["DBOW"], TrainConfig(**OPTIONS | CASES["DBOW"])
    text = [word for sentence in sentences * 4 for word in sentence]
    assert len(text) > 4096
    document = [vectors.id(word) for word in text]
    W_in = np.vstack([vectors.vectors, np.zeros(20)]).astype(np.float64)
    W_out, config = np.array(vectors.output_vectors, float), dataclasses.replace(config, epochs=1)
    reference.train(
        [document],
        vectors.counts,
        W_in,
        W_out,
        config,
        documents=[len(vectors)],
        only_documents=True,
    )
    np.testing.assert_allclose(vectors.infer(text, epochs=1), W_in[-1], rtol=2e-2, atol=1e-4)


@pytest.mark.parametrize("unknown", ["", [], ["nothing", "known"]])
def test_infer_without_known_words_gives_zeros(models, unknown):
    assert not models["DBOW"].infer(unknown).any()


@pytest.mark.parametrize(
    "bad",
    [
        7,
        None,
        {"a": 1},
        b"w1",
        [["w1"], "w2"],
        [["w1"], [3]],
        ["w1 w2", "w3"],
        [["w1", ""]],
        {"w1"},
        [{"w1"}],
        [{"w1": 1}],
        [frozenset(["w1"]), ["w1"]],
        np.array(1),
        [b"w1"],
    ],
)
def test_infer_of_no_documents_is_refused(models, bad):
    with pytest.raises(VectorsError):
        models["DBOW"].infer(bad)


@pytest.mark.parametrize("option", [{"epochs": 0}, {"alpha": -1.0}, {"seed": -1}, {"threads": 0}])
def test_infer_option_out_of_range_is_named(models, option):
    with pytest.raises(VectorsError, match=next(iter(option))):
        models["DBOW"].infer(["w1"], **option)


@pytest.mark.parametrize("name", CASES)
def test_infer_that_leaves_the_finite_numbers_raises(models, sentences, name):
    with pytest.raises(VectorsError, match="alpha"):
        models[name].infer(sentences[:3], alpha=1e40)


def test_infer_by_model_without_documents_is_refused(sentences):
    with pytest.raises(VectorsError, match="dbow or dm"):
        fastw2v.train(sentences, **OPTIONS).infer(["w1"])


def test_documents_answer_queries_by_tag(models, sentences):
    documents = models["DBOW"].documents
    assert len(documents) == len(sentences) and documents.tags[3] == "3"
    assert np.array_equal(documents[3], documents["3"])
    assert len(documents.nearest("3", 4)) == 4
    with pytest.raises(fastw2v.errors.UnknownWordError, match="'x y'"):
        documents["x y"]


@pytest.mark.parametrize("name", CASES)
def test_save_then_load_keeps_documents(models, sentences, tmp_path, name):
    vectors = models[name]
    vectors.save(tmp_path / "m.npz")
    again = fastw2v.load(tmp_path / "m.npz")
    assert again.documents.tags == vectors.documents.tags
    assert np.array_equal(again.documents.vectors, vectors.documents.vectors)
    assert np.array_equal(again.infer(sentences[5]), vectors.infer(sentences[5]))
