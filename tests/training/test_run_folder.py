"""An interrupted and resumed run gives the result of an uninterrupted one; what has changed is
refused by name.
"""

import json
import os
import select
import signal
import threading

import numpy as np
import pytest

import fastw2v
from fastw2v import files
from fastw2v.config import TrainConfig
from fastw2v.errors import CheckpointError, ConfigError, TrainingError
from fastw2v.events import Notice, Progress
from fastw2v.training import loop
from fastw2v.training.checkpoint import Checkpoints
from fastw2v.training.hogwild import HogwildTrainer
from fastw2v.training.inputs import RunInputs
from fastw2v.training.interrupts import Interrupts, Terminated
from fastw2v.training.interval import CheckpointInterval
from fastw2v.training.run_folder import RunFolder

WORDS = [f"w{i}" for i in range(30)]
OPTIONS = dict(threads=1, epochs=3, vector_size=20, min_count=1, sample=1e-2)
CASES = {
    "one thread": {},
    "deterministic": {"deterministic": True},
    "CBOW of subwords by hierarchical softmax": {
        "model": "cbow",
        "loss": "hs",
        "minn": 2,
        "maxn": 3,
        "buckets": 99,
    },
    "DBOW and words, with tags": {"model": "dbow", "train_words": True, "tags": "first"},
}


class Stopped(Exception):
    """As if it had been killed."""


@pytest.fixture(autouse=True)
def many_events(monkeypatch):
    monkeypatch.setattr(loop, "BETWEEN", 1e-9)
    monkeypatch.setattr(loop, "first_size", lambda *args: 256)
    reserve_buffers = Checkpoints.reserve_buffers

    def wait_for_buffers(self, arrays):
        return reserve_buffers(self, arrays) or self.buffers.ready.wait()

    # each is waited for, so that the next one comes where it is due
    monkeypatch.setattr(Checkpoints, "reserve_buffers", wait_for_buffers)
    monkeypatch.setattr(Checkpoints, "busy", False)


@pytest.fixture
def corpus(tmp_path, rng):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(rng.choice(WORDS, 12)) + "\n" for _ in range(300)))
    return path


def stop_at(share):
    def on_event(event):
        if isinstance(event, Progress) and event.tokens >= share * event.total:
            raise Stopped

    return on_event


def stopped(corpus, folder, share=0.5, **options):
    with pytest.raises(Stopped):
        fastw2v.train(
            corpus,
            run_dir=folder,
            checkpoint_every=500,
            on_event=stop_at(share),
            **OPTIONS | options,
        )


def same(one, other):
    assert one.words == other.words
    np.testing.assert_array_equal(one.vectors, other.vectors)
    if one.documents is not None:
        assert one.documents.tags == other.documents.tags
        np.testing.assert_array_equal(one.documents.vectors, other.documents.vectors)


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_a_resumed_run_equals_an_uninterrupted_one(corpus, tmp_path, options):
    whole = fastw2v.train(corpus, **OPTIONS | options)
    stopped(corpus, tmp_path / "run", 0.5, **options)
    with pytest.raises(Stopped):
        fastw2v.resume(tmp_path / "run", on_event=stop_at(0.8), checkpoint_every=500)
    events = []
    same(fastw2v.resume(tmp_path / "run", on_event=events.append), whole)
    assert any("run/checkpoint-" in event.text for event in events if isinstance(event, Notice))
    assert min(event.tokens for event in events if isinstance(event, Progress)) > 0.5 * 3 * 3600
    same(fastw2v.resume(tmp_path / "run"), whole)  # once more: there is nothing left to do


def test_evaluation_and_patience_go_on_too(corpus, tmp_path):
    norms = []
    options = OPTIONS | {"epochs": 6}
    fastw2v.train(
        corpus,
        evaluate=lambda vectors: norms.append(np.linalg.norm(vectors.vectors)) or 0.0,
        **options,
    )

    def evaluate(vectors):
        # the best are those after epoch 2
        return -abs(float(np.linalg.norm(vectors.vectors) - norms[1]))

    options |= {"patience": 2}
    whole = fastw2v.train(corpus, evaluate=evaluate, **options)
    assert np.linalg.norm(whole.vectors) == norms[1]
    with pytest.raises(Stopped):
        fastw2v.train(
            corpus,
            run_dir=tmp_path / "run",
            checkpoint_every=500,
            evaluate=evaluate,
            on_event=stop_at(0.45),
            **options,
        )
    events = []
    with pytest.raises(CheckpointError, match="evaluate="):
        fastw2v.resume(tmp_path / "run")
    same(fastw2v.resume(tmp_path / "run", evaluate=evaluate, on_event=events.append), whole)
    assert any("epoch 4" in event.text for event in events if isinstance(event, Notice))
    # once more: what has ended is there
    same(fastw2v.resume(tmp_path / "run", evaluate=evaluate), whole)


def test_a_damaged_checkpoint_gives_way_to_the_one_before(corpus, tmp_path):
    whole = fastw2v.train(corpus, **OPTIONS)
    stopped(corpus, tmp_path / "run")
    newest, older = sorted((tmp_path / "run").glob("checkpoint-*"), reverse=True)
    newest.write_bytes(newest.read_bytes()[:-100])
    events = []
    same(fastw2v.resume(tmp_path / "run", on_event=events.append), whole)
    said = [event.text for event in events if isinstance(event, Notice)]
    assert str(newest) in said[0] and str(older) in said[1]


def test_without_a_whole_checkpoint_it_begins_anew(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    for path in (tmp_path / "run").glob("checkpoint-*"):
        path.write_bytes(b"")
    with pytest.raises(Stopped):
        fastw2v.resume(tmp_path / "run", on_event=stop_at(0.3), checkpoint_every=500)
    events = []
    same(fastw2v.resume(tmp_path / "run", on_event=events.append), fastw2v.train(corpus, **OPTIONS))
    said = [event.text for event in events if isinstance(event, Notice)]
    # the damaged ones, of later positions, were not in the way of new ones
    assert "run/checkpoint-" in said[0]
    assert len(list((tmp_path / "run").glob("checkpoint-*.damaged"))) == 2


def test_what_failed_before_it_began_may_be_begun_again(corpus, tmp_path):
    for wrong, options in (
        ("nosuch.txt", {}),
        (corpus, {"checkpoint_every": "often"}),
        (corpus, {"min_count": 10**6}),
    ):
        with pytest.raises(fastw2v.Fastw2vError):
            fastw2v.train(wrong, run_dir=tmp_path / "run", **OPTIONS | options)
    same(
        fastw2v.train(corpus, run_dir=tmp_path / "run", **OPTIONS), fastw2v.train(corpus, **OPTIONS)
    )


def test_begin_in_a_used_folder_refuses_and_releases_the_lock(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    with pytest.raises(CheckpointError):
        fastw2v.train(corpus, run_dir=tmp_path / "run", **OPTIONS)
    fastw2v.resume(tmp_path / "run")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_lock_is_not_handed_on_to_forked_processes(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    (output, into), (begun, begin) = os.pipe(), os.pipe()
    with RunFolder.find(tmp_path / "run"):
        child = os.fork()
        if not child:
            os.close(into)
            os.write(begin, b".")
            os.read(output, 1)  # until the parent closes its end
            os._exit(0)
    try:
        assert select.select([begun], [], [], 60)[0]  # what a child does first is done
        fastw2v.resume(tmp_path / "run")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for end in (output, into, begun, begin):
            os.close(end)


def test_what_a_killed_process_left_half_written_is_removed(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    (tmp_path / "run" / files._temporary_name()).write_bytes(b"half")
    fastw2v.resume(tmp_path / "run")
    assert not list((tmp_path / "run").glob(".fastw2v-*"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")
def test_a_log_that_cannot_be_written_costs_the_log_only(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    (tmp_path / "run" / "log.jsonl").unlink()
    (tmp_path / "run" / "log.jsonl").symlink_to("/dev/full")
    events = []
    same(fastw2v.resume(tmp_path / "run", on_event=events.append), fastw2v.train(corpus, **OPTIONS))
    assert any("log" in event.text for event in events if isinstance(event, Notice))


def test_a_second_interrupt_in_the_middle_of_a_stretch_writes_no_checkpoint(
    corpus, tmp_path, monkeypatch
):
    """Tables are ahead of the position then."""
    whole, train = fastw2v.train(corpus, **OPTIONS), HogwildTrainer.train
    calls = []

    def interrupted(self, epoch, start, stop, rate):
        calls.append(start)
        statistics = train(self, epoch, start, stop, rate)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return statistics

    monkeypatch.setattr(HogwildTrainer, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fastw2v.train(corpus, run_dir=tmp_path / "run", checkpoint_every=10**6, **OPTIONS)
    assert not list((tmp_path / "run").glob("checkpoint-*"))
    monkeypatch.undo()
    same(fastw2v.resume(tmp_path / "run"), whole)


def test_handlers_of_the_program_are_left_alone():
    got = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: got.append(number))
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGTERM)
            interrupts.check()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert got == [signal.SIGTERM]


def test_a_run_killed_before_its_first_checkpoint_is_begun_anew(corpus, tmp_path):
    with RunFolder.begin(tmp_path / "run", TrainConfig(**OPTIONS), RunInputs(corpus=[corpus])):
        pass
    same(fastw2v.resume(tmp_path / "run"), fastw2v.train(corpus, **OPTIONS))


def test_a_changed_corpus_is_refused_by_name(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    text = corpus.read_text()
    *lines, last = text.splitlines()
    corpus.write_text("\n".join([*lines, " ".join(reversed(last.split()))]) + "\n")
    with pytest.raises(CheckpointError, match="run: the corpus is"):
        fastw2v.resume(tmp_path / "run")
    corpus.write_text(text + "w1 new\n")
    with pytest.raises(CheckpointError, match="run: the corpus and vocabulary are"):
        fastw2v.resume(tmp_path / "run")
    corpus.write_text(text)
    fastw2v.resume(tmp_path / "run")


def test_a_changed_configuration_is_refused_by_name(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    metadata = json.loads(path.read_text())
    metadata["config"]["window"] = 7
    path.write_text(json.dumps(metadata))
    with pytest.raises(CheckpointError, match=r"window .*7.*5"):
        fastw2v.resume(tmp_path / "run")


def test_other_vectors_to_begin_with_and_other_evaluation_are_refused(corpus, tmp_path):
    first = fastw2v.train(corpus, **OPTIONS)
    first.save(tmp_path / "v.bin")
    (tmp_path / "pairs.tsv").write_text("w1 w2 3\nw2 w3 1\nw4 w5 2\n")
    stopped(corpus, tmp_path / "run", init=tmp_path / "v.bin", evaluate=[tmp_path / "pairs.tsv"])
    (tmp_path / "pairs.tsv").write_text("w1 w2 3\nw2 w3 2\nw4 w5 1\n")
    with pytest.raises(CheckpointError, match="run: the evaluation is"):
        fastw2v.resume(tmp_path / "run")
    fastw2v.train(corpus, **OPTIONS | {"seed": 5}).save(tmp_path / "v.bin")
    with pytest.raises(CheckpointError, match="run: the evaluation and vectors"):
        fastw2v.resume(tmp_path / "run")


@pytest.mark.parametrize(
    "content, named",
    [
        (None, "run.json"),
        ("{", "run.json: "),
        ("[]", "run.json: "),
        ('{"config": {}}', "run.json: "),
        ('{"config": {"window": -1}, "inputs": {}, "corpus": {}}', "window"),
        ('{"config": {}, "inputs": [], "corpus": {}}', "run.json: "),
        (
            '{"fastw2v": "9.9", "config": {"x": 1}, "inputs": {}, "corpus": {}}',
            "9.9.*'x'",
        ),
    ],
)
def test_a_folder_without_a_run_is_refused(tmp_path, content, named):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(CheckpointError, match=named):
        RunFolder.find(tmp_path)
    with pytest.raises(CheckpointError, match="none: "):
        RunFolder.find(tmp_path / "none")


def test_a_folder_that_holds_a_run_is_not_begun_anew(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    with pytest.raises(CheckpointError, match=r"run: .* --resume"):
        fastw2v.train(corpus, run_dir=tmp_path / "run", **OPTIONS)


def test_a_refusal_gives_the_lock_back(corpus, tmp_path):
    """At once: not when the error, which holds everything that raised it, is forgotten."""
    run = tmp_path / "run", TrainConfig(**OPTIONS), RunInputs(corpus=[corpus])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.jsonl").write_text("of something else")
    with pytest.raises(CheckpointError, match=r"log\.jsonl: ") as refused:
        RunFolder.begin(*run)
    (tmp_path / "run" / "log.jsonl").unlink()
    RunFolder.begin(*run).close()
    with pytest.raises(fastw2v.errors.CorpusError) as also_refused:
        fastw2v.resume(tmp_path / "run", corpus=tmp_path / "none")
    RunFolder.find(tmp_path / "run").close()
    assert refused.tb and also_refused.tb


def test_two_at_work_in_one_folder_are_one_too_many(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    process = f"run: process {os.getpid()} on "
    with RunFolder.find(tmp_path / "run"), pytest.raises(CheckpointError, match=process):
        fastw2v.resume(tmp_path / "run")
    fastw2v.resume(tmp_path / "run")


def test_the_log_tells_of_everything(corpus, tmp_path):
    stopped(corpus, tmp_path / "run")
    log = tmp_path / "run" / "log.jsonl"
    with open(log, "a") as file:
        file.write('{"kind": "prog')  # as a kill leaves it
    fastw2v.resume(tmp_path / "run")
    lines = log.read_text().splitlines()
    kinds = [json.loads(line)["kind"] for line in lines if line != '{"kind": "prog']
    assert len(kinds) == len(lines) - 1
    for kind in ("begin", "progress", "checkpoint", "resume", "end"):
        assert kind in kinds
    assert json.loads(lines[-1]) and all("NaN" not in line for line in lines)
    last = next(json.loads(line) for line in reversed(lines) if "progress" in line)
    assert last["tokens"] == last["total"] == 3 * 3600 and last["words_per_s"] > 0


def test_numbers_out_of_range_stop_with_the_last_good_checkpoint(corpus, tmp_path):
    with pytest.raises(TrainingError, match=r"epoch 1, \d+% .* learning rate"):
        fastw2v.train(
            corpus, run_dir=tmp_path / "run", **OPTIONS | {"alpha": 1e30, "min_alpha": 1e30}
        )


def test_a_corpus_that_was_no_file_is_given_again(tmp_path, corpus):
    sentences = [line.split() for line in corpus.read_text().splitlines()]
    stopped(sentences, tmp_path / "run")
    with pytest.raises(CheckpointError, match="corpus="):
        fastw2v.resume(tmp_path / "run")
    same(fastw2v.resume(tmp_path / "run", corpus=sentences), fastw2v.train(sentences, **OPTIONS))
    with pytest.raises(ConfigError, match="vocab"):
        fastw2v.train(sentences, run_dir=tmp_path / "other", vocab={"w1": 9}, **OPTIONS)


def test_an_interrupt_leaves_a_checkpoint(corpus, tmp_path):
    whole = fastw2v.train(corpus, **OPTIONS)

    def on_event(event):
        if isinstance(event, Progress) and event.tokens > 4000:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Terminated):
        fastw2v.train(corpus, run_dir=tmp_path / "run", on_event=on_event, **OPTIONS)
    assert len(list((tmp_path / "run").glob("checkpoint-*"))) == 1
    same(fastw2v.resume(tmp_path / "run"), whole)


def test_signals_wait_until_it_is_asked_for_them():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)  # the second does not wait
    with Interrupts(ready=lambda: False), pytest.raises(Terminated):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_elsewhere_than_in_the_main_thread_there_are_no_signals():
    done = []

    def work():
        with Interrupts() as interrupts:
            interrupts.check()
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


@pytest.mark.parametrize(
    "text, seconds, tokens, due",
    [
        ("5m", 299, 10**12, False),
        ("5m", 300, 0, True),
        ("1.5h", 5400, 0, True),
        ("90s", 90, 0, True),
        (500, 10**9, 499, False),
        ("500", 0, 500, True),
    ],
)
def test_checkpoint_interval_is_a_time_or_a_number_of_tokens(text, seconds, tokens, due):
    assert CheckpointInterval(text).is_due(seconds, tokens) is due


@pytest.mark.parametrize("text", ["", "0", "0s", "-1", "5 days", "nan", "1e5", None])
def test_checkpoint_interval_of_other_text_raises(text):
    with pytest.raises(ConfigError, match="checkpoint_every"):
        CheckpointInterval(text)


@pytest.mark.parametrize(
    ("different", "said"),
    [
        (["corpus"], "the corpus is not"),
        (["documents"], "the documents are not"),
        (["vectors_to_begin_with"], "the vectors to begin with are not"),
        (["corpus", "evaluation"], "the corpus and evaluation are not"),
    ],
)
def test_run_folder_names_what_differs_in_a_sentence(tmp_path, different, said):
    run = RunFolder(tmp_path, {}, TrainConfig(), None)
    with pytest.raises(CheckpointError, match=said):
        run._check_fingerprints("", dict.fromkeys(different, "1"), {})
