import numpy as np
import pytest
from gensim.models import doc2vec as gensim_module

from fastw2v.compat.gensim import Doc2Vec, TaggedDocument
from fastw2v.compat.gensim.models import KeyedVectors
from fastw2v.compat.gensim.models.doc2vec import TaggedLineDocument
from fastw2v.errors import ConfigError, CorpusError, NotAModelError, UnsupportedError

OPTIONS = {"vector_size": 16, "min_count": 1, "epochs": 20, "workers": 1, "sample": 0, "seed": 5}
TOPICS = [[f"{letter}{i}" for i in range(12)] for letter in "abcd"]


def documents(tag=int, count=60):
    """Documents of four topics in turn; one of them has no words."""
    rng = np.random.default_rng(6)
    made = [TaggedDocument(rng.choice(TOPICS[i % 4], 25).tolist(), [tag(i)]) for i in range(count)]
    return [*made, TaggedDocument([], [tag(count)])]


@pytest.fixture(scope="module")
def models():
    return {
        name: Doc2Vec(documents(), **OPTIONS, **options)
        for name, options in {"dm": {"dm": 1}, "dbow": {"dm": 0}}.items()
    }


@pytest.mark.parametrize("name", ["dm", "dbow"])
def test_doc2vec_tells_topics_apart(models, name):
    model = models[name]
    nearest = [tag for tag, _ in model.dv.most_similar(0, topn=10)]
    assert sum(tag % 4 == 0 for tag in nearest) >= 9
    inferred = model.infer_vector(TOPICS[1] * 2, epochs=50)
    nearest = [tag for tag, _ in model.dv.most_similar([inferred], topn=10)]
    assert sum(tag % 4 == 1 for tag in nearest) >= 9
    assert np.array_equal(model.infer_vector(TOPICS[1] * 2, epochs=50), inferred)
    seen, other = TOPICS[2] * 2, TOPICS[3] * 2
    assert model.similarity_unseen_docs(seen, seen) > model.similarity_unseen_docs(seen, other)


def test_doc2vec_steps_equal_constructor(models):
    model = Doc2Vec(dm=1, **OPTIONS)
    model.build_vocab(documents())
    model.train(documents(), total_examples=model.corpus_count, epochs=model.epochs)
    assert np.array_equal(model.dv.vectors, models["dm"].dv.vectors)
    assert np.array_equal(model.wv.vectors, models["dm"].wv.vectors)


@pytest.mark.parametrize("tag", [int, "t{}".format], ids=["numbers", "strings"])
def test_doc2vec_tags_are_those_of_gensim(tag):
    docs = documents(tag)
    docs = docs[3:] + docs
    ours, other = Doc2Vec(min_count=1), gensim_module.Doc2Vec(min_count=1)
    ours.build_vocab(docs)
    other.build_vocab([gensim_module.TaggedDocument(*document) for document in docs])
    assert ours.dv.index_to_key == other.dv.index_to_key
    assert ours.dv.vectors.shape == other.dv.vectors.shape
    assert (ours.corpus_count, ours.corpus_total_words) == (
        other.corpus_count,
        other.corpus_total_words,
    )
    with pytest.raises(KeyError):
        ours.dv["no tag"]


@pytest.mark.parametrize("name", ["dm", "dbow"])
def test_doc2vec_save_then_load_is_the_model(models, tmp_path, name):
    model = models[name]
    model.save(tmp_path / "m")
    again = Doc2Vec.load(tmp_path / "m")
    assert str(again) == str(model) and again.dv.index_to_key == model.dv.index_to_key
    assert np.array_equal(again.dv.vectors, model.dv.vectors)
    assert np.array_equal(again.infer_vector(TOPICS[0]), model.infer_vector(TOPICS[0]))
    again.train(documents(), total_examples=again.corpus_count, epochs=1)


def test_doc2vec_word2vec_format_has_words_and_documents(models, tmp_path):
    models["dm"].save_word2vec_format(tmp_path / "dw", doctag_vec=True, binary=True)
    both = KeyedVectors.load_word2vec_format(tmp_path / "dw", binary=True)
    assert len(both) == len(models["dm"].wv) + len(models["dm"].dv)
    assert np.array_equal(both["*dt_7"], models["dm"].dv[7])


def test_tagged_line_documents_are_lines_of_a_file(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("a b\n\nc\n")
    assert list(TaggedLineDocument(path)) == [(["a", "b"], [0]), ([], [1]), (["c"], [2])]
    model = Doc2Vec(min_count=1)
    model.build_vocab(corpus_file=str(path))
    assert (len(model.dv), sorted(model.wv.key_to_index)) == (3, ["a", "b", "c"])


@pytest.mark.parametrize(
    "error, options",
    [
        (UnsupportedError, {"dm_concat": 1}),
        (UnsupportedError, {"dm_mean": 0}),
        (UnsupportedError, {"documents": [TaggedDocument(["a"], ["x", "y"])]}),
        (UnsupportedError, {"documents": [TaggedDocument(["a"], "xy")]}),
        (CorpusError, {"documents": [["a", "b"]]}),
        (CorpusError, {"documents": [TaggedDocument(["a"], [-1])]}),
        (CorpusError, {"documents": [TaggedDocument(["a"], [10**9])]}),
        (TypeError, {"documents": iter([])}),
        (TypeError, {"vectorsize": 3}),
        (RuntimeError, {"documents": []}),
    ],
)
def test_doc2vec_what_is_not_offered_is_refused(error, options):
    with pytest.raises(error):
        Doc2Vec(**options)


def test_doc2vec_train_with_a_new_tag_is_refused(models):
    with pytest.raises(CorpusError, match="'new'"):
        models["dm"].train([TaggedDocument(["a1"], ["new"])], total_examples=1, epochs=1)


def test_doc2vec_load_of_vectors_is_refused(models, tmp_path):
    models["dm"].wv.save(tmp_path / "wv")
    with pytest.raises(NotAModelError):
        Doc2Vec.load(tmp_path / "wv")


def test_doc2vec_of_documents_alone_takes_a_window_of_zero():
    documents = [TaggedDocument(["a", "b", "a"], [0]), TaggedDocument(["b", "c"], [1])]
    model = Doc2Vec(documents, vector_size=4, window=0, dm=0, min_count=1, workers=1, epochs=1)
    assert model.window == 0 and model.dv.vectors.shape == (2, 4)
    with pytest.raises(ConfigError, match="window"):
        Doc2Vec(documents, window=0, dm=1, min_count=1)


@pytest.mark.parametrize("name", ["epochs", "alpha", "min_alpha"])
@pytest.mark.parametrize("value", [np.ones(2), "x", float("nan")], ids=["array", "text", "nan"])
def test_doc2vec_infer_vector_with_what_is_no_number_is_refused(models, name, value):
    with pytest.raises(ConfigError, match=name):
        models["dm"].infer_vector(["a1"], **{name: value})
