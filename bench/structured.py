"""Readers for ``bench.fuzz`` whose files are changed by bench.mutations: what is wrong in them
stands behind right checksums.
"""

import json
import os
import struct
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner

from bench import mutations
from bench.readers import PART, Reader, good_corpora, good_vectors, load_vectors, read_corpus
from fastw2v import api
from fastw2v.cli import cli
from fastw2v.compat.gensim.models import KeyedVectors, Word2Vec
from fastw2v.errors import Fastw2vError
from fastw2v.events import Progress
from fastw2v.formats.index import open_index
from fastw2v.plots.run_log import read_run
from fastw2v.vectors.subwords import Subwords
from fastw2v.vectors.word_vectors import WordVectors

VICTIM = b"not to be changed\n"
SMALL = dict(vector_size=4, min_count=1, threads=1, epochs=2)
SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules", "tóo"]] * 5


class Stop(Exception):
    """Ends a training that goes well, but for too long."""


@contextmanager
def inside(folder):
    """Make a folder, and work in it: names in run.json are relative to it."""
    before = os.getcwd()
    Path(folder).mkdir(exist_ok=True)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@cache
def run_files():
    """The files of a run that was interrupted in the second of two epochs, by name."""

    def stop(event):
        if isinstance(event, Progress) and event.epoch == 2:
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as folder, inside(folder):
        Path("corpus.txt").write_bytes(PART)
        with suppress(KeyboardInterrupt):
            api.train("corpus.txt", run_dir="run", on_event=stop, **SMALL)
        files = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    metadata = json.loads(files["run.json"])
    metadata["inputs"] |= {"corpus": ["corpus.txt"], "output": "out.bin"}
    return files | {"run.json": json.dumps(metadata).encode()}


def write_run(path, **changed):
    """Write a run folder with some files changed, what it trains on, and a file that nothing may
    touch; returns its folder.
    """
    folder = path.with_name("run")
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in (run_files() | changed).items():
        (folder / name).write_bytes(data)
    path.with_name("corpus.txt").write_bytes(PART)
    path.with_name("victim").write_bytes(VICTIM)
    return folder


def resume(folder):
    """Resume a run by ``fastw2v.resume``, for an event or two."""

    def stop(event):
        if isinstance(event, Progress):
            raise Stop

    with suppress(Stop):
        vectors = api.resume("run", on_event=stop)
        assert np.isfinite(vectors.vectors).all(), "numbers that are not finite"


def resume_by_command(folder):
    """Resume a run by the command line, if it ends soon."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        metadata = json.loads((folder / "run.json").read_bytes())
        if metadata["config"]["epochs"] > 9 or metadata["config"]["time_budget"]:
            return
    raise_refusal(CliRunner().invoke(cli, ["train", "--resume", "run", "--quiet"]).exception)


def raise_refusal(error):
    """Raise the error that a command has ended with, if any; wrong usage as a Fastw2vError."""
    if isinstance(error, click.ClickException):
        raise Fastw2vError(error.format_message())
    if error is not None and not (isinstance(error, SystemExit) and not error.code):
        raise error


def read_changed_run(name, path, rng, ways):
    """Read a run in which a file has changed, in one of some ways; nothing beside it may have
    changed then.
    """
    work = path.with_name("work")
    with inside(work):
        folder = write_run(work / "file", **{name: path.read_bytes()})
        try:
            ways[rng.randrange(len(ways))](folder)
        finally:
            assert (
                Path("victim").read_bytes() == VICTIM and not path.with_name("victim").exists()
            ), "another file was changed"


def read_checkpoint(path, data, rng):
    """Resume from a checkpoint."""
    name = next(name for name in run_files() if name.endswith(".fw2c"))
    read_changed_run(name, path, rng, [resume])


def read_run_json(path, data, rng):
    """Resume a run by Python or the command line, or read it for a report."""
    read_changed_run("run.json", path, rng, [resume, resume_by_command, read_run])


def read_log(path, data, rng):
    """Read a run for a report."""
    read_changed_run("log.jsonl", path, rng, [read_run])


def change_log(data, rng):
    """A line of a log changed."""
    lines = data.rstrip(b"\n").split(b"\n")
    place = rng.randrange(len(lines))
    lines[place] = mutations.change_text_json(lines[place], rng)
    return b"\n".join(lines) + b"\n"


def load_both(path, data, rng):
    """By ``fastw2v.load``, or by the gensim-compatible classes."""
    if rng.random() < 0.5:
        load_vectors(path, data, rng)
    else:
        check_keyed(
            KeyedVectors.load(str(path)) if rng.random() < 0.7 else Word2Vec.load(str(path)).wv
        )


def load_format(binary):
    """A function that reads word2vec's format by ``fastw2v.load`` or by ``KeyedVectors``."""

    def load(path, data, rng):
        if rng.random() < 0.5:
            return load_vectors(path, data, rng)
        header = binary or data.split(b"\n")[0].count(b" ") == 1
        check_keyed(
            KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not header)
        )

    return load


def check_keyed(vectors):
    """A row for each key."""
    assert len(vectors.index_to_key) == len(vectors.vectors) == len(vectors.key_to_index), "rows"


def read_hub(name):
    """The function that reads a hub folder in which the file of this name has changed."""

    def read(path, data, rng):
        folder = path.with_name("hub")
        folder.mkdir(exist_ok=True)
        for other, good in hub_files(rng.choice(("float32", "float16", "int8"))).items():
            (folder / other).write_bytes(data if other == name else good)
        load_vectors(folder, data, rng)

    return read


def small_vectors(subwords=None):
    """Four words, their vectors and counts."""
    rng, words = np.random.default_rng(1), ["the", "king", "é字", "x" * 40]
    return WordVectors(
        words, rng.normal(size=(4, 6)).astype(np.float32), np.array([9, 5, 3, 1]), subwords=subwords
    )


@cache
def hub_files(dtype):
    """The files of a hub folder by name."""
    with tempfile.TemporaryDirectory() as folder:
        small_vectors().save(Path(folder, "hub"), format="hub", dtype=dtype)
        return {path.name: path.read_bytes() for path in Path(folder, "hub").iterdir()}


def saved(save):
    """The bytes of the file that ``save(path)`` writes."""
    with tempfile.TemporaryDirectory() as folder:
        save(str(Path(folder, "good")))
        return Path(folder, "good").read_bytes()


def good_models():
    """Models with all optional parts, of each type of number, and gensim-compatible models."""
    rng = np.random.default_rng(2)
    tables = [rng.normal(size=(n, 6)).astype(np.float32) for n in (3, 4)]
    vectors = small_vectors(Subwords(2, 3, 10, np.array([1, 4, 7], np.int32), *tables))
    models = [
        saved(lambda path, dtype=dtype: vectors.save(path, format="model", dtype=dtype))
        for dtype in ("float32", "int8")
    ]
    model = Word2Vec(vector_size=4, min_count=1, workers=1)
    model.build_vocab(SENTENCES)
    return [*models, saved(model.save), saved(model.wv.save)]


def good_pickles():
    """What gensim itself saves, if it is installed."""
    try:
        from gensim import models
    except ImportError:
        return []
    options = dict(vector_size=4, min_count=1, epochs=1, workers=1)
    word2vec, fasttext = (
        models.Word2Vec(SENTENCES, **options),
        models.FastText(SENTENCES, bucket=9, **options),
    )
    return [saved(word2vec.save), saved(word2vec.wv.save), saved(fasttext.save)]


def good_fasttext():
    """A model of fastText of three words and ten buckets."""
    tables = [np.random.default_rng(3).normal(size=(n, 4)).astype("<f4") for n in (13, 3)]
    head = struct.pack(
        "<2i12id", 793712314, 12, 4, 5, 5, 1, 5, 1, 2, 2, 10, 3, 4, 100, 1e-4
    ) + struct.pack("<iiiqq", 3, 3, 0, 100, -1)
    words = b"".join(
        word.encode() + b"\0" + struct.pack("<qb", 9, 0) for word in ("</s>", "der", "müde")
    )
    return [
        head
        + words
        + b"".join(struct.pack("<?qq", False, *table.shape) + table.tobytes() for table in tables)
    ]


def good_rows():
    """Text with a header, and without."""
    text = good_vectors(".txt")[0]
    return [text, text.partition(b"\n")[2]]


@contextmanager
def own_key(folder):
    """A key for signatures that is not the user's."""
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    try:
        yield
    finally:
        del os.environ["XDG_CONFIG_HOME"]
        if before is not None:
            os.environ["XDG_CONFIG_HOME"] = before


def good_indexes():
    """An index, signed with a key that no longer exists."""
    with tempfile.TemporaryDirectory() as folder, own_key(folder):
        return [saved(small_vectors().index().save)]


def read_index(path, data, rng):
    """Open it, and ask it."""
    with own_key(path.parent):
        found = open_index(path, small_vectors()).nearest("king", 2)
    assert len(found) == 2 and found[0][0] in ("the", "é字", "x" * 40), "other neighbours"


STRUCTURED = [
    Reader(
        "checkpoint",
        lambda: [run_files()[name] for name in run_files() if name.endswith(".fw2c")],
        read_checkpoint,
        change=mutations.change_checkpoint,
    ),
    # it may ask for a thousand threads
    Reader(
        "run.json",
        lambda: [run_files()["run.json"]],
        read_run_json,
        change=mutations.change_text_json,
        memory=64 << 20,
    ),
    Reader("log.jsonl", lambda: [run_files()["log.jsonl"]], read_log, change=change_log),
    Reader("corpus crc", good_corpora, read_corpus, change=mutations.change_corpus),
    Reader("npz arrays", good_models, load_both, change=mutations.change_model),
    Reader(
        "hub words",
        lambda: [hub_files("float32")["tokenizer.json"]],
        read_hub("tokenizer.json"),
        change=mutations.change_text_json,
    ),
    Reader(
        "hub tensors",
        lambda: [hub_files(kind)["model.safetensors"] for kind in ("float32", "int8")],
        read_hub("model.safetensors"),
        change=mutations.change_safetensors,
    ),
    Reader("index", good_indexes, read_index, change=mutations.change_index),
    Reader("rows", good_rows, load_format(False), change=mutations.change_rows),
    Reader(
        "binary rows",
        lambda: good_vectors(".bin"),
        load_format(True),
        change=mutations.change_binary,
    ),
    Reader("fastText", good_fasttext, load_both, change=mutations.change_fasttext),
    Reader("pickles", good_pickles, load_both, change=mutations.change_pickle),
]
