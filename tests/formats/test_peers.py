"""Each format loaded by the program it is written for, where that is installed: `pytest -m peers
-rs` says which are not.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

import fastw2v

pytestmark = pytest.mark.peers
WORDS = ["the", "straße", "a-b", "king"]


@pytest.fixture
def vectors(rng):
    return fastw2v.WordVectors(
        WORDS, rng.normal(size=(4, 8)).astype(np.float32), np.arange(4, 0, -1)
    )


def peer(name):
    """A module of another program, or a skipped test that says how to get it."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    return pytest.importorskip(
        name, reason=f"{name} is not installed: pip install {name.split('.')[0].replace('_', '-')}"
    )


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # gensim leaves v.glove open
@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.vec.gz", "v.bin.gz", "v.glove"])
def test_gensim(tmp_path, vectors, name):
    models = peer("gensim.models")
    vectors.save(tmp_path / name)
    loaded = models.KeyedVectors.load_word2vec_format(
        tmp_path / name, binary=".bin" in name, no_header=name == "v.glove"
    )
    assert loaded.index_to_key == WORDS
    np.testing.assert_array_equal(loaded.vectors, vectors.vectors)


@pytest.mark.parametrize("name", ["v.txt", "v.txt.gz"])
def test_spacy(tmp_path, vectors, name):
    spacy = peer("spacy")
    vectors.save(tmp_path / name)
    command = [
        sys.executable,
        "-m",
        "spacy",
        "init",
        "vectors",
        "en",
        str(tmp_path / name),
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = spacy.load(tmp_path / "out")
    for word in WORDS:
        np.testing.assert_array_equal(loaded.vocab[word].vector, vectors[word])


@pytest.mark.parametrize("dtype, off", [("float32", 0), ("float16", 2e-3), ("int8", 2e-2)])
def test_safetensors_and_tokenizers(tmp_path, vectors, dtype, off):
    load_file = peer("safetensors.numpy").load_file
    tokenizers = peer("tokenizers")
    vectors.save(tmp_path / "hub", "hub", dtype)
    tensors = load_file(tmp_path / "hub" / "model.safetensors")
    table = tensors["embeddings"] * (
        tensors["weights"][:, None] if dtype == "int8" else np.float32(1)
    )
    np.testing.assert_allclose(table, [*vectors.vectors, np.zeros(8)], atol=off)
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "hub" / "tokenizer.json"))
    assert tokenizer.encode(" king\tstraße\n zzz a-b").ids == [3, 1, 4, 2]


@pytest.mark.parametrize("dtype, off", [("float32", 1e-7), ("int8", 2e-2)])
def test_model2vec(tmp_path, vectors, dtype, off):
    model2vec = peer("model2vec")
    vectors.save(tmp_path / "hub", "hub", dtype)
    found = model2vec.StaticModel.from_pretrained(tmp_path / "hub").encode(["king", "king the zzz"])
    np.testing.assert_allclose(
        found, [vectors["king"], vectors[["king", "the"]].mean(axis=0)], atol=off
    )


@pytest.mark.parametrize("dtype, off", [("float32", 1e-7), ("int8", 2e-2)])
def test_sentence_transformers(tmp_path, vectors, dtype, off):
    transformers = peer("sentence_transformers")
    vectors.save(tmp_path / "hub", "hub", dtype)
    found = transformers.SentenceTransformer(str(tmp_path / "hub"), device="cpu").encode(
        ["king", "king the"]
    )
    np.testing.assert_allclose(
        found, [vectors["king"], vectors[["king", "the"]].mean(axis=0)], atol=off
    )


def test_tensorboard(tmp_path, vectors):
    plugin = peer("tensorboard.plugins.projector.projector_plugin")
    config = peer("tensorboard.plugins.projector.projector_config_pb2").ProjectorConfig()
    from google.protobuf import text_format

    vectors.save(tmp_path / "p", "projector")
    text_format.Parse((tmp_path / "p" / "projector_config.pbtxt").read_text(), config)
    table = plugin._read_tensor_tsv_file(str(tmp_path / "p" / config.embeddings[0].tensor_path))
    np.testing.assert_array_equal(table, vectors.vectors)
    rows = (
        (tmp_path / "p" / config.embeddings[0].metadata_path)
        .read_text(encoding="utf8")
        .splitlines()
    )
    assert rows == ["word\tcount", "the\t4", "straße\t3", "a-b\t2", "king\t1"]
