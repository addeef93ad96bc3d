"""Word2Vec as gensim's scripts use it."""

import copy
import gc
import gzip
import pickle
import warnings

import numpy as np
import pytest
from gensim.models import Word2Vec as Theirs

from fastw2v.compat.gensim import (
    CallbackAny2Vec,
    KeyedVectors,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    Word2Vec,
    utils,
)
from fastw2v.compat.gensim.models.doc2vec import TaggedLineDocument
from fastw2v.errors import (
    ConfigError,
    CorpusError,
    Fastw2vError,
    UnknownOptionError,
    UnsupportedError,
)

SMALL = dict(vector_size=8, workers=1, epochs=2, min_count=1)


@pytest.fixture(scope="module")
def sentences(world_path):
    return [line.split() for line in world_path.read_text().splitlines()[:1500]]


@pytest.fixture(scope="module")
def path(tmp_path_factory, sentences):
    made = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    made.write_text("".join(" ".join(words) + "\n" for words in sentences))
    return made


@pytest.mark.parametrize(
    "options",
    [{}, {"min_count": 40}, {"max_final_vocab": 50}, {"min_count": 3, "max_final_vocab": 100}],
)
def test_the_vocabulary_is_gensims_in_its_order(sentences, path, options):
    gensim_module = Theirs(vector_size=4, **options)
    gensim_module.build_vocab(sentences)
    for source in (
        {"corpus_iterable": sentences},
        {"corpus_file": str(path)},
        {"corpus_iterable": LineSentence(path)},
    ):
        model = Word2Vec(vector_size=4, **options)
        model.build_vocab(**source)
        assert model.wv.index_to_key == gensim_module.wv.index_to_key
        assert [model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key] == [
            gensim_module.wv.get_vecattr(word, "count") for word in gensim_module.wv.index_to_key
        ]
        assert (model.corpus_count, model.corpus_total_words) == (
            gensim_module.corpus_count,
            gensim_module.corpus_total_words,
        )
        assert model.effective_min_count == gensim_module.effective_min_count


def test_a_trim_rule_decides_as_in_gensim(sentences, path):
    def rule(word, count, min_count):
        return {"k": utils.RULE_KEEP, "q": utils.RULE_DISCARD}.get(word[0], utils.RULE_DEFAULT)

    gensim_module, ours, of_file = (
        cls(vector_size=4, min_count=30) for cls in (Theirs, Word2Vec, Word2Vec)
    )
    gensim_module.build_vocab(sentences, trim_rule=rule)
    ours.build_vocab(sentences, trim_rule=rule)
    of_file.build_vocab(corpus_file=path, trim_rule=rule)
    assert ours.wv.index_to_key == of_file.wv.index_to_key == gensim_module.wv.index_to_key
    assert not any(word.startswith("q") for word in ours.wv.index_to_key)


def test_frequencies_make_a_vocabulary(sentences):
    frequencies = {"a": 9, "b": 3, "c": 9, "d": 1}
    gensim_module, ours = (cls(vector_size=4, min_count=2) for cls in (Theirs, Word2Vec))
    for model in (gensim_module, ours):
        model.build_vocab_from_freq(frequencies)
    assert ours.wv.index_to_key == gensim_module.wv.index_to_key
    assert ours.train([["a", "b", "a"], ["d"]], total_examples=2, epochs=3) == (9, 12)


def test_every_source_of_the_same_words_trains_the_same(sentences, path, tmp_path):
    expected = Word2Vec(sentences, sg=1, **SMALL).wv
    (tmp_path / "one.txt").write_text(path.read_text())
    with open(path, "rb") as file:
        for source in (
            dict(corpus_file=str(path)),
            dict(sentences=LineSentence(path)),
            dict(sentences=LineSentence(file)),
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
    corpus = [
        line.tolist()
        for line in np.array_split(
            rng.permutation([w for w, n in counts.items() for _ in range(n)]), 90
        )
    ]
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
    other = [["king", "nobody", "queen"], ["somebody"], [], *sentences[:20]]
    tokens = sum(map(len, other))
    assert model.train(other, total_examples=3, epochs=1, start_alpha=1e-7, end_alpha=1e-8) == (
        tokens - 2,
        tokens,
    )
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
    assert model.get_latest_training_loss() == pytest.approx(
        again.get_latest_training_loss(), rel=0.02
    )


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
    # as gensim takes it, with a warning
    assert set(Word2Vec(["abba"] * 20, sample=0, **SMALL).wv.index_to_key) == {
        "a",
        "b",
    }


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

    model = Word2Vec(
        sentences,
        sg=1,
        compute_loss=True,
        callbacks=[Listener(), Begins()],
        **{**SMALL, "epochs": 3},
    )
    assert [item for item in seen if isinstance(item, str)] == [
        "train",
        "epoch",
        "epoch",
        "epoch",
        "end",
    ]
    losses, tables = zip(*(item for item in seen if not isinstance(item, str)), strict=True)
    assert 0 < losses[0] < losses[1] < losses[2] == model.get_latest_training_loss()
    assert not np.array_equal(tables[0], tables[1])
    np.testing.assert_array_equal(tables[2], model.wv.vectors)
    plain = Word2Vec(sentences, sg=1, **{**SMALL, "epochs": 3})
    np.testing.assert_array_equal(plain.wv.vectors, model.wv.vectors)


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration, KeyError])
def test_a_callback_stops_training_by_raising(sentences, kind):
    class Stop:
        def on_epoch_end(self, model):
            raise kind

    model = Word2Vec(**SMALL)
    model.build_vocab(sentences)
    begin = model.wv.vectors.copy()
    with pytest.raises(kind):
        model.train(sentences, total_examples=1, epochs=2, callbacks=[Stop()])
    assert not np.array_equal(model.wv.vectors, begin)


def test_output_words_are_gensims_on_equal_tables(sentences):
    model = Word2Vec(sentences, sg=1, **SMALL)
    gensim_module = Theirs(sentences, **SMALL)
    rows = [model.wv.key_to_index[word] for word in gensim_module.wv.index_to_key]
    gensim_module.wv.vectors, gensim_module.syn1neg = model.wv.vectors[rows], model.syn1neg[rows]
    ours, expected = (
        m.predict_output_word(["king", "queen", "nobody"], topn=5) for m in (model, gensim_module)
    )
    assert [word for word, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose([p for _, p in ours], [p for _, p in expected], rtol=1e-5)
    assert model.predict_output_word(["nobody"]) is None


@pytest.mark.parametrize(
    ("options", "error", "named"),
    [
        (dict(cbow_mean=0), UnsupportedError, "cbow_mean=0"),
        (dict(size=100), UnknownOptionError, "vector_size"),
        (dict(iter=3), TypeError, "epochs"),
        (dict(negative=0), ValueError, "hs"),
        (dict(workers=-1), ConfigError, "workers"),
        (dict(workers=0), ConfigError, "workers"),
        (dict(window=0), ConfigError, "window"),
        (dict(corpus_file="no/such.txt"), TypeError, "corpus_file|no/such.txt"),
        (dict(sentences="text"), TypeError, "corpus_iterable"),
        (dict(sentences=3), TypeError, "corpus_iterable"),
        (dict(sentences=[["a"]], corpus_file="x"), TypeError, "corpus_file"),
    ],
)
def test_what_cannot_be_is_said(options, error, named):
    with pytest.raises(error, match=named):
        Word2Vec(**options)


BAD_ARGUMENTS = [
    ("train", {"epochs": "three"}),
    ("train", {"epochs": np.zeros(3)}),
    ("train", {"start_alpha": "x"}),
    ("train", {"end_alpha": float("nan")}),
    ("train", {"report_delay": None}),
    ("train", {"callbacks": 3}),
    ("train", {"corpus_iterable": [["a"], 3]}),
    ("train", {"corpus_iterable": [[["a"]]]}),
    ("train", {"corpus_iterable": None, "corpus_file": 1e300}),
    ("build_vocab", {"corpus_iterable": [None]}),
    ("build_vocab", {"min_count": "many"}),
    ("build_vocab", {"sample": float("inf")}),
    ("build_vocab", {"progress_per": object()}),
    ("build_vocab", {"update": np.zeros(2)}),
    ("build_vocab", {"trim_rule": 3}),
    ("build_vocab_from_freq", {"word_freq": [1]}),
    ("scan_vocab", {"corpus_iterable": [["a"], 1.5]}),
    ("prepare_vocab", {"min_count": np.zeros((2, 2))}),
    ("score", {"sentences": None}),
    ("score", {"sentences": [1]}),
    ("score", {"sentences": [["a"]], "total_sentences": -1}),
    ("reset_from", {"other_model": 3}),
]


@pytest.mark.parametrize(("method", "arguments"), BAD_ARGUMENTS)
def test_methods_refuse_bad_arguments_in_a_line(method, arguments):
    model = Word2Vec(**SMALL, hs=1, negative=0)
    model.build_vocab([["a", "b"]])
    needed = {"corpus_iterable": [["a", "b"]]} if method in ("train", "build_vocab") else {}
    needed |= {"total_examples": 1, "epochs": 1} if method == "train" else {}
    with pytest.raises(Fastw2vError) as raised:
        getattr(model, method)(**needed | arguments)
    assert isinstance(raised.value, (TypeError, ValueError))
    assert "\n" not in str(raised.value) and len(str(raised.value)) <= 300


@pytest.mark.parametrize(
    "options",
    [
        dict(epochs="x"),
        dict(min_count=-1),
        dict(max_final_vocab="x"),
        dict(sample=float("inf")),
        dict(callbacks=1),
        dict(sorted_vocab=np.zeros(2)),
        dict(corpus_file=[1]),
        dict(corpus_file=10**30),
    ],
)
def test_options_that_training_cannot_use_are_named(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        Word2Vec(**options)


def test_sentences_of_files_that_are_not_utf8_say_where(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a b\nc \xff\n")
    for read in (LineSentence, TaggedLineDocument, Text8Corpus):
        with pytest.raises(UnicodeDecodeError, match="0xff") as raised:
            list(read(tmp_path / "a.txt"))
        assert isinstance(raised.value, CorpusError)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("none.txt", None, FileNotFoundError),
        ("cut.gz", gzip.compress(b"a b" * 99)[:20], EOFError),
        ("bad.gz", b"no gzip", OSError),
        ("bad.bz2", b"no bzip2", OSError),
        ("bad.xz", b"no xz", OSError),
        ("null\0", None, ValueError),
    ],
)
@pytest.mark.parametrize("kind", [LineSentence, PathLineSentences, Text8Corpus, TaggedLineDocument])
def test_files_of_sentences_that_cannot_be_read_raise_python_s_error_in_a_line(
    tmp_path, kind, name, content, error
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    elif kind is PathLineSentences:
        error = ValueError
    with pytest.raises(error) as raised:
        list(kind(f"{tmp_path}/{name}"))
    assert isinstance(raised.value, Fastw2vError) and "\n" not in str(raised.value)


@pytest.mark.parametrize("options", [{"max_sentence_length": 0}, {"limit": -1}, {"limit": "x"}])
def test_limits_of_sentences_that_cannot_be_are_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        LineSentence("corpus.txt", **options)


def test_what_training_needs_is_said(sentences):
    model = Word2Vec(**SMALL)
    with pytest.raises(RuntimeError, match="vocabulary"):
        model.train(sentences, total_examples=1, epochs=1)
    with pytest.raises(RuntimeError, match="vocabulary"):
        model.build_vocab(sentences, update=True)
    model.build_vocab(sentences)
    with pytest.raises(ValueError, match="total_examples"):
        model.train(sentences, epochs=1)
    with pytest.raises(ValueError, match="epochs"):
        model.train(sentences, total_examples=1)
    with pytest.raises(RuntimeError, match="hs=1"):
        model.score(sentences)
    with pytest.raises(AttributeError, match=r"model\.wv\.most_similar"):
        model.most_similar("king")
    model.wv.vectors_lockf = np.zeros(2)
    with pytest.raises(ValueError, match="vectors_lockf"):
        model.train(sentences, total_examples=1, epochs=1)


@pytest.mark.filterwarnings("error")
def test_both_losses_at_once_train_both_tables(sentences, tmp_path):
    seen = []

    class Listener:
        def on_epoch_end(self, model):
            seen.append([np.abs(model.syn1).sum(), np.abs(model.syn1neg).sum()])

    model = Word2Vec(sentences[:100], hs=1, callbacks=[Listener()], **SMALL)
    assert model.negative == 5 and len(seen) == model.epochs
    assert (np.diff(seen, axis=0) > 0).all() and np.abs(seen[0]).all()
    again = Word2Vec(sentences[:100], hs=1, **SMALL)
    np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
    assert (
        model.predict_output_word(model.wv.index_to_key[:2])
        and np.isfinite(model.score(sentences[:2])).all()
    )
    model.build_vocab([["gargoyle", "king"]] * 9, update=True)
    assert model.syn1.shape == model.syn1neg.shape == model.wv.vectors.shape
    model.train([["gargoyle", "king"]] * 9, total_examples=1, epochs=1)
    model.save(tmp_path / "both")
    loaded = Word2Vec.load(tmp_path / "both")
    np.testing.assert_array_equal(loaded.syn1, model.syn1)
    np.testing.assert_array_equal(loaded.syn1neg, model.syn1neg)
    loaded.train(sentences[:100], total_examples=1, epochs=1)


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
    from gensim.models import word2vec as gensim_module

    for ours, other, options in (
        (LineSentence, gensim_module.LineSentence, dict(max_sentence_length=5, limit=300)),
        (PathLineSentences, gensim_module.PathLineSentences, {}),
        (Text8Corpus, gensim_module.Text8Corpus, dict(max_sentence_length=77)),
    ):
        source = world_path if ours is not Text8Corpus else tmp_path / "text8"
        (tmp_path / "text8").write_text(world_path.read_text().replace("\n", " "))
        assert list(ours(str(source), **options)) == list(other(str(source), **options))


def test_words_of_a_text_are_gensims():
    from gensim.utils import simple_preprocess

    text = "Ünder the 3 Bridges_of _Königsberg, x averyveryverylongword L'été!"
    for options in ({}, {"deacc": True, "min_len": 1}):
        assert utils.simple_preprocess(text, **options) == simple_preprocess(text, **options)


@pytest.mark.parametrize("source", ["lists", "file"])
def test_training_is_logged_as_gensim_logs_it(sentences, path, caplog, source):
    """The vocabulary, progress, each epoch and the end, in gensim's words where these are what
    scripts look for.
    """
    given = {"sentences": sentences} if source == "lists" else {"corpus_file": path}
    with caplog.at_level("INFO"):
        model = Word2Vec(**given, vector_size=8, workers=1, min_count=30, epochs=3)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("fastw2v")]
    tokens = sum(map(len, sentences))
    for said in (
        "collecting all words",
        f"of {tokens} raw words and {len(sentences)} sentences",
        f"effective_min_count=30 retains {len(model.wv)} unique words",
        "sample=0.001 downsamples",
        "training model with 1 workers",
        f"EPOCH 0: training on {tokens} raw words",
        "EPOCH 2: training",
        f"training on {3 * tokens} raw words",
    ):
        assert any(said in line for line in lines), said
    assert sum(line.startswith("EPOCH") and "effective words/s" in line for line in lines) == 3
    assert [event["event"] for event in model.lifecycle_events] == ["build_vocab", "train"]


def test_progress_is_logged_as_often_as_asked(sentences, caplog):
    model = Word2Vec(**SMALL)
    with caplog.at_level("INFO"):
        model.build_vocab(sentences, progress_per=1000)
        model.train(sentences * 20, total_examples=1, epochs=1, report_delay=0)
    lines = caplog.text.splitlines()
    assert any("PROGRESS: at sentence #1000" in line for line in lines)
    assert any("EPOCH 0 - PROGRESS" in line for line in lines)


def test_what_subsampling_leaves_is_what_gensim_says(sentences):
    reports = []
    for cls in (Theirs, Word2Vec):
        for options in ({"min_count": 20}, {"sample": 50}, {"sample": 0, "min_count": 1}):
            model = cls(vector_size=4, **options)
            model.scan_vocab(sentences)
            dry = model.prepare_vocab(dry_run=True)
            assert not len(model.wv) or cls is Theirs
            reports.append((dry, model.prepare_vocab(keep_raw_vocab=True), len(model.raw_vocab)))
            model.prepare_weights()
    for ours, gensim_module in zip(reports[3:], reports[:3], strict=True):
        assert ours[2] == gensim_module[2] and ours[0] == ours[1]
        assert {k: v for k, v in ours[1].items() if k != "downsample_total"} == {
            k: v for k, v in gensim_module[1].items() if k != "downsample_total"
        }
        assert ours[1]["downsample_total"] == pytest.approx(
            gensim_module[1]["downsample_total"], rel=0.01
        )


def test_a_vocabulary_that_is_not_sorted_trains_the_same_words(sentences, tmp_path):
    plain, sorted_one = (Word2Vec(sentences, sorted_vocab=n, **SMALL) for n in (0, 1))
    gensim_module = Theirs(vector_size=4, sorted_vocab=0, min_count=1)
    gensim_module.build_vocab(sentences)
    assert plain.wv.index_to_key == gensim_module.wv.index_to_key != sorted_one.wv.index_to_key
    assert {w: plain.wv.get_vecattr(w, "count") for w in plain.wv} == {
        w: sorted_one.wv.get_vecattr(w, "count") for w in plain.wv
    }
    plain.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").wv.index_to_key == plain.wv.index_to_key


def test_a_null_word_is_the_last_one(sentences):
    model = Word2Vec(sentences, null_word=1, **SMALL)
    assert model.wv.index_to_key[-1] == "\0" and model.wv.get_vecattr("\0", "count") == 1
    assert len(model.syn1neg) == len(model.wv)


def test_steps_of_building_are_there_by_gensims_names(sentences):
    model = Word2Vec(sentences, **SMALL)
    words, vectors = list(model.wv.index_to_key), model.wv.vectors.copy()
    model.wv.add_vectors(["new"], [np.ones(8)])
    model.make_cum_table()
    model.update_weights()
    assert len(model.syn1neg) == len(words) + 1 and not model.syn1neg[-1].any()
    assert (
        model.cum_table[-1] == 2**31 - 1 and (np.diff(model.cum_table.astype(np.int64)) >= 0).all()
    )
    other = Word2Vec(vector_size=8, min_count=1)
    other.reset_from(model)
    assert other.wv.index_to_key == [*words, "new"] and not other.syn1neg.any()
    other.wv.index_to_key[-1:] = []
    assert model.wv.index_to_key[-1] == "new"
    model.init_weights()
    assert not np.array_equal(model.wv.vectors[:-1], vectors) and not model.syn1neg.any()
    report = Word2Vec(vector_size=100).estimate_memory(1000)
    assert report["vectors"] == 400_000 and report["total"] == report["vocab"] + 800_000
    assert model.random.randint(10) == model.random.randint(10)


def test_sentences_are_scored_as_gensim_scores_them(sentences):
    for sg in (0, 1):
        model = Word2Vec(sentences, sg=sg, hs=1, negative=0, window=3, **SMALL)
        gensim_module = Theirs(sentences, sg=sg, hs=1, negative=0, window=3, **SMALL)
        words = gensim_module.wv.index_to_key
        gensim_module.wv.vectors = model.wv.vectors[[model.wv.key_to_index[word] for word in words]]
        gensim_module.syn1 = model.syn1
        for row, word in enumerate(words):
            gensim_module.wv.expandos["code"][row] = model.wv.get_vecattr(word, "code").astype(
                np.uint8
            )
            gensim_module.wv.expandos["point"][row] = model.wv.get_vecattr(word, "point").astype(
                np.uint32
            )
        asked = [*sentences[:20], ["king", "nobody", "queen"], [], ["nobody"]]
        ours, expected = model.score(asked), gensim_module.score(asked, total_sentences=len(asked))
        # gensim looks logarithms up in a table
        np.testing.assert_allclose(ours, expected, rtol=0.03)
        assert ours.dtype == np.float32 and len(model.score(iter(asked), total_sentences=3)) == 3


def test_codes_are_those_of_a_huffman_tree(sentences):
    wv = Word2Vec(sentences, hs=1, negative=0, **SMALL).wv
    codes = {word: "".join(map(str, wv.get_vecattr(word, "code"))) for word in wv}
    lengths = np.array([len(code) for code in codes.values()])
    assert sum(2.0**-lengths) == pytest.approx(1) and len(set(codes.values())) == len(wv)
    assert (np.diff(lengths) >= 0).all() and wv.get_vecattr("king", "point")[0] == 0


def test_no_file_is_left_open(sentences, path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        for source in (
            {"sentences": sentences[:50]},
            {"corpus_file": path},
            {"sentences": LineSentence(path)},
        ):
            model = Word2Vec(**source, **SMALL)
            model.train([["nobody"]], total_examples=1, epochs=1)
            del model
            gc.collect()


@pytest.mark.parametrize("name", ["create_binary_tree", "seeded_vector", "load_binary_data"])
def test_gensims_other_names_say_that_they_are_not_offered(name):
    model = Word2Vec(**SMALL)
    with pytest.raises(UnsupportedError, match=name):
        getattr(model, name)
    assert not hasattr(model, name) and not hasattr(model.wv, "adjust_vectors")


def test_every_public_name_of_gensims_classes_is_there_or_has_a_reason():
    from gensim.models import FastText as TheirFastText
    from gensim.models import KeyedVectors as TheirVectors
    from gensim.models.fasttext import FastTextKeyedVectors as TheirNgrams

    from fastw2v.compat.gensim.models import fasttext, keyedvectors

    known = {*keyedvectors.UNSUPPORTED, *keyedvectors.RETIRED, "add_lifecycle_event"}
    pairs = [
        (Theirs, Word2Vec),
        (TheirFastText, fasttext.FastText),
        (TheirVectors, keyedvectors.KeyedVectors),
    ]
    for gensim_module, ours in [*pairs, (TheirNgrams, fasttext.FastTextKeyedVectors)]:
        assert not {name for name in dir(gensim_module) if name[0] != "_"} - set(dir(ours)) - known


def test_a_subclass_is_loaded_whatever_its_constructor_takes(sentences, tmp_path):
    class Walks(Word2Vec):
        def __init__(self, graph, **options):
            super().__init__(graph, **options)

    Walks(sentences[:100], **SMALL).save(tmp_path / "walks")
    assert type(Walks.load(tmp_path / "walks")) is Walks
    model = Word2Vec(**SMALL)
    model.wv = KeyedVectors.of(["king"], np.ones((1, 8), np.float32))
    with pytest.raises(RuntimeError, match="vocabulary"):
        model.train(sentences, total_examples=1, epochs=1)


def test_what_gensim_warns_of_is_logged(caplog):
    """Settings that are probably mistakes, in gensim's words, for which scripts look."""
    words = [["human", "tree"], ["graph", "tree"]] * 3
    both = Word2Vec(words, hs=1, negative=5, **SMALL)
    assert "Both hierarchical softmax and negative sampling are activated" in caplog.text
    assert "Effective 'alpha' higher" not in caplog.text
    both.train(words, total_examples=6, epochs=1)
    assert "Effective 'alpha' higher than previous training cycles" in caplog.text
    caplog.clear()
    model = Word2Vec(trim_rule=lambda *_: 0, callbacks=[CallbackAny2Vec()], **SMALL)
    model.build_vocab(["human", "tree"])
    for said in ("trim_rule", "callbacks", "Each 'sentences' item should be a list of words"):
        assert said in caplog.text
    assert both.predict_output_word(["nobody"]) is None and "context words" in caplog.text


def test_load_on_a_model_is_an_attribute_error(tmp_path):
    model = Word2Vec([["human", "tree"]], **SMALL)
    model.save(tmp_path / "model")
    with pytest.raises(AttributeError):
        model.load(tmp_path / "model")
    assert pickle.loads(pickle.dumps(model)).wv.index_to_key == model.wv.index_to_key
    model.wv.save(str(tmp_path / "vectors"))
    with pytest.raises(AttributeError):
        Word2Vec.load(tmp_path / "vectors")


def test_predicting_words_without_output_vectors_is_a_runtime_error(sentences):
    model = Word2Vec(vector_size=8)
    model.wv = Word2Vec(sentences, **SMALL).wv
    with pytest.raises(RuntimeError):
        model.predict_output_word(["king", "queen"])


def test_vectors_for_all_keys_have_counts_by_their_order(sentences):
    wv = Word2Vec(sentences, **SMALL).wv.vectors_for_all(["king", "queen", "nobody"])
    assert [wv.get_vecattr(word, "count") for word in ("king", "queen")] == [2, 1]


@pytest.mark.parametrize("name", ["update", "keep_raw_vocab", "min_count", "sample"])
def test_build_vocab_with_what_is_neither_true_nor_false_is_refused(name):
    with pytest.raises(ConfigError, match=name):
        Word2Vec(vector_size=4).build_vocab([["a", "b"]], **{name: np.ones(2)})


@pytest.mark.parametrize("name", ["update", "keep_raw_vocab", "min_count", "dry_run"])
def test_prepare_vocab_with_what_is_neither_true_nor_false_is_refused(name):
    with pytest.raises(ConfigError, match=name):
        Word2Vec(vector_size=4).prepare_vocab(**{name: np.ones(2)})
