"""Word2Vec as gensim's scripts use it."""

import copy
import pickle

import numpy as np
import pytest
from gensim.models import Word2Vec as Theirs

from fastw2v.compat.gensim import CallbackAny2Vec, LineSentence, PathLineSentences, Text8Corpus, Word2Vec, models, utils
from fastw2v.errors import ConfigError, NotOfferedError, UnknownOptionError

SMALL = dict(vector_size=8, workers=1, epochs=2, min_count=1)


@pytest.fixture(scope="module")
def sentences(world_path):
    return [line.split() for line in world_path.read_text().splitlines()[:1500]]


@pytest.fixture(scope="module")
def path(tmp_path_factory, sentences):
    made = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    made.write_text("".join(" ".join(words) + "\n" for words in sentences))
    return made


@pytest.mark.parametrize("options", [{}, {"min_count": 40}, {"max_final_vocab": 50}, {"min_count": 3, "max_final_vocab": 100}])
def test_the_vocabulary_is_gensims_in_its_order(sentences, path, options):
    theirs = Theirs(vector_size=4, **options)
    theirs.build_vocab(sentences)
    for source in ({"corpus_iterable": sentences}, {"corpus_file": str(path)}, {"corpus_iterable": LineSentence(path)}):
        model = Word2Vec(vector_size=4, **options)
        model.build_vocab(**source)
        assert model.wv.index_to_key == theirs.wv.index_to_key
        assert [model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key] == [
            theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key
        ]
        assert (model.corpus_count, model.corpus_total_words) == (theirs.corpus_count, theirs.corpus_total_words)
        assert model.effective_min_count == theirs.effective_min_count


def test_a_trim_rule_decides_as_in_gensim(sentences, path):
    def rule(word, count, min_count):
        return {"k": utils.RULE_KEEP, "q": utils.RULE_DISCARD}.get(word[0], utils.RULE_DEFAULT)

    theirs, ours, of_file = (cls(vector_size=4, min_count=30) for cls in (Theirs, Word2Vec, Word2Vec))
    theirs.build_vocab(sentences, trim_rule=rule)
    ours.build_vocab(sentences, trim_rule=rule)
    of_file.build_vocab(corpus_file=path, trim_rule=rule)
    assert ours.wv.index_to_key == of_file.wv.index_to_key == theirs.wv.index_to_key
    assert not any(word.startswith("q") for word in ours.wv.index_to_key)


def test_frequencies_make_a_vocabulary(sentences):
    frequencies = {"a": 9, "b": 3, "c": 9, "d": 1}
    theirs, ours = (cls(vector_size=4, min_count=2) for cls in (Theirs, Word2Vec))
    for model in (theirs, ours):
        model.build_vocab_from_freq(frequencies)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.train([["a", "b", "a"], ["d"]], total_examples=2, epochs=3) == (9, 12)


def test_every_source_of_the_same_words_trains_the_same(sentences, path, tmp_path):
    expected = Word2Vec(sentences, sg=1, **SMALL).wv
    (tmp_path / "one.txt").write_text(path.read_text())
    for source in (
        dict(corpus_file=str(path)),
        dict(sentences=LineSentence(path)),
        dict(sentences=LineSentence(open(path, "rb"))),
        dict(sentences=PathLineSentences(tmp_path)),
        dict(sentences=(words for words in sentences)),  # read once: a generator does
        dict(sentences=[iter(words) for words in sentences]),
    ):
        made = Word2Vec(**source, sg=1, **SMALL).wv
        assert made.index_to_key == expected.index_to_key
        np.testing.assert_array_equal(made.vectors, expected.vectors)


@pytest.mark.parametrize("options", [{"sg": 1}, {}, {"hs": 1, "negative": 0}])
def test_building_and_training_apart_is_the_same(sentences, path, options):
    expected = Word2Vec(sentences, **options, **SMALL)
    for source in ({"corpus_iterable": sentences}, {"corpus_file": path}):
        model = Word2Vec(**options, **SMALL)
        model.build_vocab(**source)
        assert np.abs(model.wv.vectors).max() <= 0.5 / 8
        model.train(**source, total_examples=model.corpus_count, epochs=model.epochs)
        np.testing.assert_array_equal(model.wv.vectors, expected.wv.vectors)


def test_training_is_fastw2vs_own(sentences):
    import fastw2v

    counts = {f"w{i:02}": 3 * i for i in range(1, 40)}  # without ties, whose order is gensim's here
    rng = np.random.default_rng(5)
    corpus = [line.tolist() for line in np.array_split(rng.permutation([w for w, n in counts.items() for _ in range(n)]), 90)]
    model = Word2Vec(corpus, sg=1, sample=0, **SMALL)
    vectors = fastw2v.train(corpus, vector_size=8, threads=1, epochs=2, min_count=1, sample=0)
    assert model.wv.index_to_key == vectors.words
    np.testing.assert_array_equal(model.wv.vectors, vectors.vectors)
    np.testing.assert_array_equal(model.syn1neg, vectors.output_vectors)


@pytest.mark.parametrize("options", [{"sg": 1}, {"hs": 1, "negative": 0}])
def test_training_again_goes_on_from_both_tables(sentences, options):
    model = Word2Vec(sentences, **options, **SMALL)
    table = model.syn1 if model.hs else model.syn1neg
    before, outputs, kept = model.wv.vectors.copy(), table.copy(), model.wv.vectors
    other = [["king", "nobody", "queen"], ["somebody"], []] + sentences[:20]
    tokens = sum(map(len, other))
    assert model.train(other, total_examples=3, epochs=1, start_alpha=1e-7, end_alpha=1e-8) == (tokens - 2, tokens)
    assert model.wv.vectors is kept and 0 < np.abs(kept - before).max() < 1e-5
    assert np.abs(table - outputs).max() < 1e-5
    assert model.alpha == 1e-7  # as in gensim
    model.train(sentences, total_examples=1, epochs=1, start_alpha=0.025)
    assert np.abs(kept - before).max() > 1e-3


def test_a_tree_is_the_same_whatever_corpus_is_trained_on(sentences):
    """Tied words come in another order in another corpus, and keep their paths."""
    model = Word2Vec(sentences, hs=1, negative=0, **SMALL)
    again = copy.deepcopy(model)
    model.train(sentences, total_examples=1, epochs=1, start_alpha=1e-6, end_alpha=1e-6)
    again.train(sentences[::-1], total_examples=1, epochs=1, start_alpha=1e-6, end_alpha=1e-6)
    assert model.get_latest_training_loss() == pytest.approx(again.get_latest_training_loss(), rel=0.02)


def test_unknown_words_alone_train_nothing(sentences):
    model = Word2Vec(sentences, **SMALL)
    before = model.wv.vectors.copy()
    assert model.train([["hello", "world"]], total_examples=1, epochs=1) == (0, 2)
    assert model.train([], total_examples=1, epochs=1) == (0, 0)
    assert model.train([["king"]], total_examples=1, epochs=1) == (1, 1)
    np.testing.assert_array_equal(model.wv.vectors, before)


def test_new_words_are_added(sentences, path, tmp_path):
    more = [["king", "gargoyle", "queen", "gargoyle"], ["once", "king"]]
    (tmp_path / "more.txt").write_text("king gargoyle queen gargoyle\nonce king\n")
    for source in ({"corpus_iterable": more}, {"corpus_file": tmp_path / "more.txt"}):
        for options in ({}, {"hs": 1, "negative": 0}):
            model = Word2Vec(sentences, **{**SMALL, "min_count": 2}, **options)
            words, counts = list(model.wv.index_to_key), model.wv.expandos["count"].copy()
            before = model.wv.vectors.copy()
            model.build_vocab(**source, update=True)
            assert model.wv.index_to_key == [*words, "gargoyle"] and "once" not in words
            np.testing.assert_array_equal(model.wv.vectors[:-1], before)
            assert model.wv.get_vecattr("king", "count") == counts[words.index("king")] + 2
            assert model.wv.get_vecattr("gargoyle", "count") == 2
            new = model.wv["gargoyle"].copy()
            model.train(**source, total_examples=2, epochs=3)
            assert not np.array_equal(model.wv["gargoyle"], new)


def test_keys_of_any_kind_stay_what_they_are():
    walks = [[7, 8, 9], [9, 8, 7]] * 20
    model = Word2Vec(walks, sample=0, **SMALL)
    assert sorted(model.wv.index_to_key) == [7, 8, 9]
    np.testing.assert_array_equal(model.wv[7], model.wv.vectors[model.wv.key_to_index[7]])
    assert {key for key, _ in model.wv.most_similar(7)} == {8, 9}
    model = Word2Vec([["new york", ("a", 1), ""]] * 20, sample=0, **SMALL)
    assert set(model.wv.index_to_key) == {"new york", ("a", 1), ""}
    assert set(Word2Vec(["abba"] * 20, sample=0, **SMALL).wv.index_to_key) == {"a", "b"}  # as gensim takes it, with a warning


def test_callbacks_see_each_epoch(sentences):
    seen = []

    class Listener(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append((model.get_latest_training_loss(), model.wv.vectors.copy()))
            model.wv.most_similar("king")

    class Begins:
        def on_train_begin(self, model):
            seen.append("train")

        def on_epoch_begin(self, model):
            seen.append("epoch")

        def on_train_end(self, model):
            seen.append("end")

    model = Word2Vec(sentences, sg=1, compute_loss=True, callbacks=[Listener(), Begins()], **{**SMALL, "epochs": 3})
    assert [item for item in seen if isinstance(item, str)] == ["train", "epoch", "epoch", "epoch", "end"]
    losses, tables = zip(*(item for item in seen if not isinstance(item, str)), strict=True)
    assert 0 < losses[0] < losses[1] < losses[2] == model.get_latest_training_loss()
    assert not np.array_equal(tables[0], tables[1])
    np.testing.assert_array_equal(tables[2], model.wv.vectors)
    plain = Word2Vec(sentences, sg=1, **{**SMALL, "epochs": 3})
    np.testing.assert_array_equal(plain.wv.vectors, model.wv.vectors)


def test_a_callback_stops_training_by_raising(sentences):
    class Stop:
        def on_epoch_end(self, model):
            raise StopAsyncIteration

    model = Word2Vec(**SMALL)
    model.build_vocab(sentences)
    begin = model.wv.vectors.copy()
    with pytest.raises(StopAsyncIteration):
        model.train(sentences, total_examples=1, epochs=2, callbacks=[Stop()])
    assert not np.array_equal(model.wv.vectors, begin)


def test_output_words_are_gensims_on_equal_tables(sentences):
    model = Word2Vec(sentences, sg=1, **SMALL)
    theirs = Theirs(sentences, **SMALL)
    rows = [model.wv.key_to_index[word] for word in theirs.wv.index_to_key]
    theirs.wv.vectors, theirs.syn1neg = model.wv.vectors[rows], model.syn1neg[rows]
    ours, expected = (m.predict_output_word(["king", "queen", "nobody"], topn=5) for m in (model, theirs))
    assert [word for word, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose([p for _, p in ours], [p for _, p in expected], rtol=1e-5)
    assert model.predict_output_word(["nobody"]) is None


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (dict(cbow_mean=0), NotOfferedError, "cbow_mean=0"),
        (dict(null_word=1), NotOfferedError, "null_word"),
        (dict(sorted_vocab=0), NotOfferedError, "sorted_vocab=0"),
        (dict(size=100), UnknownOptionError, "since gensim 4 it is vector_size"),
        (dict(iter=3), TypeError, "it is epochs"),
        (dict(negative=0), ValueError, "hs"),
        (dict(workers=-1), ConfigError, "threads"),
        (dict(window=0), ConfigError, "window"),
        (dict(corpus_file="no/such.txt"), TypeError, "valid path"),
        (dict(sentences="text"), TypeError, "iterable of lists"),
        (dict(sentences=3), TypeError, "iterable of lists"),
        (dict(sentences=[["a"]], corpus_file="x"), TypeError, "same time"),
    ],
)
def test_what_cannot_be_is_said(options, error, said):
    with pytest.raises(error, match=said):
        Word2Vec(**options)


def test_what_training_needs_is_said(sentences):
    model = Word2Vec(**SMALL)
    with pytest.raises(RuntimeError, match="first build vocabulary"):
        model.train(sentences, total_examples=1, epochs=1)
    with pytest.raises(RuntimeError, match="online vocabulary-update"):
        model.build_vocab(sentences, update=True)
    model.build_vocab(sentences)
    with pytest.raises(ValueError, match="total_examples"):
        model.train(sentences, epochs=1)
    with pytest.raises(ValueError, match="epochs"):
        model.train(sentences, total_examples=1)
    with pytest.raises(NotOfferedError, match="score"):
        model.score(sentences)
    with pytest.raises(AttributeError, match=r"use model\.wv\.most_similar"):
        model.most_similar("king")
    with pytest.raises(NotOfferedError, match="import it from gensim"):
        models.Doc2Vec  # noqa: B018
    model.wv.vectors_lockf = np.zeros(1)
    with pytest.raises(NotOfferedError, match="vectors_lockf"):
        model.train(sentences, total_examples=1, epochs=1)


def test_both_objectives_at_once_are_one_with_a_warning(sentences):
    with pytest.warns(UserWarning, match="hierarchical softmax alone"):
        model = Word2Vec(sentences[:100], hs=1, **SMALL)
    assert model.negative == 0 and np.abs(model.syn1).max() > 0


def test_models_are_copied_and_pickled(sentences, path):
    model = Word2Vec(corpus_file=path, **SMALL)
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(made.wv.vectors, model.wv.vectors)
        made.train(sentences, total_examples=1, epochs=1)


def test_a_file_that_changed_is_read_again(tmp_path, sentences):
    file = tmp_path / "corpus.txt"
    file.write_text("king queen king queen\n" * 20)
    model = Word2Vec(sample=0, **SMALL)
    model.build_vocab(corpus_file=file)
    file.write_text("king queen king\n" * 7)
    assert model.train(corpus_file=file, total_words=1, epochs=1) == (21, 21)


def test_text_is_cut_as_in_gensim(tmp_path, world_path):
    from gensim.models import word2vec as theirs

    for ours, other, options in (
        (LineSentence, theirs.LineSentence, dict(max_sentence_length=5, limit=300)),
        (PathLineSentences, theirs.PathLineSentences, {}),
        (Text8Corpus, theirs.Text8Corpus, dict(max_sentence_length=77)),
    ):
        source = world_path if ours is not Text8Corpus else tmp_path / "text8"
        (tmp_path / "text8").write_text(world_path.read_text().replace("\n", " "))
        assert list(ours(str(source), **options)) == list(other(str(source), **options))


def test_words_of_a_text_are_gensims():
    from gensim.utils import simple_preprocess

    text = "Ünder the 3 Bridges_of _Königsberg, x averyveryverylongword L'été!"
    for options in ({}, {"deacc": True, "min_len": 1}):
        assert utils.simple_preprocess(text, **options) == simple_preprocess(text, **options)
