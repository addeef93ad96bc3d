"""The command line as a user meets it, in a process of its own where that makes a difference."""

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest

from tests.helpers import ROOT
from tests.helpers.command_line import fastw2v, fastw2v_process


@pytest.fixture(scope="module")
def trained(tmp_path_factory, world_path):
    folder = tmp_path_factory.mktemp("trained")
    done = fastw2v_process("train", world_path, "--threads", 2, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_train_leaves_vectors_and_speaks_on_standard_error_only(trained):
    folder, done = trained
    assert [path.name for path in folder.iterdir()] == ["vectors.bin"]
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["corpus", "training", "saved"]
    for part in ("100%", "M words/s", "rate 0.00010", "loss 1."):
        assert part in lines[1]


def test_quiet_says_nothing(tmp_path, world_path):
    done = fastw2v("train", world_path, "--quiet", "--epochs", 1, "-o", "v.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "v.txt").read_bytes().startswith(b"394 100\nthe ")


def test_training_from_an_encoded_corpus_a_pipe_and_text_is_the_same(tmp_path, world_path):
    assert fastw2v("encode", world_path, "-o", "w.fw2v", cwd=tmp_path).returncode == 0
    options = ["--threads", 1, "--vector-size", 10, "--epochs", 1]
    for run, corpus in ((fastw2v, world_path), (fastw2v, "w.fw2v"), (fastw2v_process, "-")):
        stdin = world_path.read_bytes() if corpus == "-" else None
        done = run("train", corpus, "-o", "v.bin", *options, cwd=tmp_path, stdin=stdin)
        assert done.returncode == 0, done.stderr
        (tmp_path / "v.bin").rename(tmp_path / f"{len(list(tmp_path.iterdir()))}.out")
    outputs = {path.read_bytes() for path in tmp_path.glob("*.out")}
    assert len(list(tmp_path.glob("*.out"))) == 3 and len(outputs) == 1


def test_output_vectors_can_be_saved_too(tmp_path, world_path):
    done = fastw2v(
        "train", world_path, "--epochs", 1, "--save-output-vectors", "out.bin", cwd=tmp_path
    )
    assert done.returncode == 0
    assert (tmp_path / "out.bin").stat().st_size == (tmp_path / "vectors.bin").stat().st_size
    assert (tmp_path / "out.bin").read_bytes() != (tmp_path / "vectors.bin").read_bytes()


def test_nearest_answers_on_standard_output(trained):
    done = fastw2v("nearest", "vectors.bin", "rain", "king", "-n", 3, cwd=trained[0])
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0 and len(lines) == 8
    assert {line.split()[1] for line in lines[1:4]} == {"snow", "hail", "sleet"}


def test_nearest_in_json(trained):
    done = fastw2v("nearest", "vectors.bin", "rain", "-n", 3, "--json", cwd=trained[0])
    answer = json.loads(done.stdout)
    assert answer["word"] == "rain" and {word for word, _ in answer["nearest"]} == {
        "snow",
        "hail",
        "sleet",
    }


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_analogy_answers(trained, method):
    done = fastw2v(
        "analogy",
        "vectors.bin",
        "man",
        "king",
        "woman",
        "--method",
        method,
        "--json",
        cwd=trained[0],
    )
    assert json.loads(done.stdout)["answers"][0][0] == "queen"


def test_without_words_they_are_asked_for_and_an_unknown_one_does_not_end_it(trained):
    done = fastw2v(
        "nearest", "vectors.bin", "-n", 1, cwd=trained[0], stdin=b"snw\n\nrain snow\nrain\n"
    )
    heads = [line for line in done.stdout.decode().splitlines() if line[0] != " "]
    assert done.returncode == 0 and heads == ["rain", "snow", "rain"]
    assert "line 1: 'snw' " in done.stderr.decode() and "snow" in done.stderr.decode()
    done = fastw2v("nearest", "vectors.bin", "-n", 1, cwd=trained[0], stdin=b"\xff\nrain\n")
    assert done.returncode == 0 and done.stdout.startswith(b"rain") and b"line 1: " in done.stderr
    done = fastw2v("analogy", "vectors.bin", "-n", 1, cwd=trained[0], stdin=b"man king woman\n")
    assert "queen" in done.stdout.decode()


def test_plot_draws(trained):
    assert fastw2v("plot", "vectors.bin", "-o", "p.png", cwd=trained[0]).returncode == 0
    assert (trained[0] / "p.png").stat().st_size > 10_000
    (trained[0] / "p.png").unlink()


USERS_ERRORS = {
    "missing file": (["train", "none.txt"], "none.txt: "),
    "empty file": (["train", "empty.txt"], "corpus"),
    "directory without text": (["train", "folder"], "folder: "),
    "nothing left": (["train", "small.txt"], "lower --min-count"),
    "binary junk": (["train", "junk.bin"], "junk.bin: "),
    "truncated gzip": (["train", "cut.gz"], "cut.gz: "),
    "no output directory": (["train", "small.txt", "-o", "none/v.bin"], "none/v.bin: "),
    "output is a directory": (["train", "small.txt", "-o", "folder"], "folder: "),
    "no directory for output vectors": (
        ["train", "small.txt", "--save-output-vectors", "none/v.bin"],
        "none/v.bin: ",
    ),
    "output over input": (
        ["train", "world", "-o", "world"],
        "world: ",
    ),
    "output over output": (
        ["train", "world", "-o", "v", "--save-output-vectors", "v"],
        "v: ",
    ),
    "encoding over the text": (
        ["encode", "world", "-o", "world"],
        "world: ",
    ),
    "no pair of words": (
        ["train", "single.txt", "--min-count", "1"],
        "single word",
    ),
    "a name too long": (["train", "a" * 300], "a" * 20),
    "vector size": (
        ["train", "small.txt", "--vector-size", "0"],
        ("--vector-size", "1", "65536", "0"),
    ),
    "alpha": (["train", "small.txt", "--alpha", "-1"], ("--alpha", "0", "-1")),
    "sample": (
        ["train", "small.txt", "--sample", "nan"],
        ("--sample", "0", "nan"),
    ),
    "threads": (
        ["train", "small.txt", "--threads", "-1"],
        ("--threads", "1", "1024", "-1"),
    ),
    "too high a rate": (
        ["train", "world", "--alpha", "1e9", "--min-alpha", "1e9"],
        "lower --alpha",
    ),
    "missing vectors": (["nearest", "none.bin", "a"], "none.bin: "),
    "no vectors": (["nearest", "small.txt", "a"], "small.txt: "),
    "a header that lies": (["nearest", "lies.bin", "a"], ("lies.bin: ", "small")),
    "damaged encoded corpus": (
        ["train", "bad.fw2v"],
        ("bad.fw2v: ", "size", "header"),
    ),
    "unknown word": (
        ["nearest", "vectors.bin", "snowy"],
        ("'snowy'", "394", "snow"),
    ),
    "unknown word to plot": (
        ["plot", "vectors.bin", "--words", "king,queen,kong"],
        "'kong'",
    ),
    "encoding over the stop words": (
        ["encode", "world", "--stop-words", "stop", "-o", "stop"],
        "stop: ",
    ),
    "an encoded corpus with the name of vectors": (
        ["encode", "world", "-o", "x.npz"],
        "x.fw2v",
    ),
    "phrases with the name of vectors": (["phrases", "world", "-o", "x.bin"], "x.txt"),
    "a picture of no kind": (
        ["plot", "vectors.bin", "-o", "p.doc"],
        (".png", ".svg", ".pdf", "p.png"),
    ),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, trained, world_path):
    import gzip

    folder = tmp_path_factory.mktemp("hostile")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "small.txt").write_bytes(b"a few words\n")
    (folder / "junk.bin").write_bytes(b"abc\xff\xfe\x00\x01")
    (folder / "cut.gz").write_bytes(gzip.compress(b"some words " * 1000)[:-10])
    (folder / "lies.bin").write_bytes(b"999999999 300\na " + b"\x00" * 50)
    (folder / "bad.fw2v").write_bytes(b"fw2v\x00ids" + b"\x01\x00\x00\x00" + b"\x07" * 60)
    (folder / "single.txt").write_bytes(b"one\nword\na\nline\n")
    (folder / "folder").mkdir()
    (folder / "stop").write_text("the a\n")
    (folder / "vectors.bin").write_bytes((trained[0] / "vectors.bin").read_bytes())
    (folder / "world").write_bytes(world_path.read_bytes())
    return folder


@pytest.mark.parametrize("args, named", USERS_ERRORS.values(), ids=USERS_ERRORS.keys())
def test_a_users_error_is_one_line_and_leaves_nothing(hostile, args, named):
    before = sorted(path.name for path in hostile.rglob("*"))
    done = fastw2v(*args, *(["--quiet"] if args[0] == "train" else []), cwd=hostile)
    assert done.returncode == 1, done.stderr
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("fastw2v: "), done.stderr
    for name in [named] if isinstance(named, str) else named:
        assert name in lines[0]
    assert done.stdout == b""
    assert sorted(path.name for path in hostile.rglob("*")) == before


@pytest.mark.parametrize(
    "args",
    [
        ["train"],
        ["train", "x", "--window", "wide"],
        ["analogy", "v.bin", "a", "b"],
        ["trane"],
        ["train", "x", "--no"],
    ],
)
def test_wrong_usage_is_exit_code_2(tmp_path, args):
    done = fastw2v(*args, cwd=tmp_path)
    assert done.returncode == 2 and b"Usage:" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line(trained):
    done = fastw2v("plot", "vectors.bin", "-o", "/dev/full", cwd=trained[0])
    assert (
        done.returncode == 1
        and b"fastw2v: /dev/full: " in done.stderr
        and done.stderr.count(b"\n") == 1
    )
    command = f"{sys.executable} -m fastw2v nearest vectors.bin king > /dev/full"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], cwd=trained[0], env=environment, capture_output=True
    )
    assert done.returncode == 1 and done.stderr.startswith(b"fastw2v: ")
    assert done.stderr.endswith(b": No space left on device\n") and done.stderr.count(b"\n") == 1


def test_words_with_unicode_spaces_are_trained_saved_and_asked_for(tmp_path):
    (tmp_path / "nbsp.txt").write_text("the price is 10\u00a0000 euros\n" * 50, encoding="utf8")
    assert fastw2v("train", "nbsp.txt", cwd=tmp_path).returncode == 0
    done = fastw2v("nearest", "vectors.bin", cwd=tmp_path, stdin="10\u00a0000\n".encode())
    assert done.returncode == 0 and len(done.stdout.decode().splitlines()) == 5


def test_vectors_can_go_into_a_pipe(tmp_path, world_path):
    done = fastw2v_process(
        "train", world_path, "-o", "/dev/stdout", "--epochs", 1, "--quiet", cwd=tmp_path
    )
    assert (
        done.returncode == 0
        and done.stdout.startswith(b"394 100\n")
        and len(done.stdout) > 394 * 400
    )
    assert not list(tmp_path.iterdir())


def test_what_is_empty_was_meant_to_be_something(tmp_path, world_path):
    for arguments in (
        ["train", ""],
        ["train", world_path, "-o", ""],
        ["train", world_path, "--run-dir="],
        ["nearest", ""],
    ):
        done = fastw2v(*arguments, cwd=tmp_path)
        assert done.returncode == 2 and b"empty" in done.stderr and not list(tmp_path.iterdir())


def test_what_has_no_effect_and_what_is_worth_nothing_is_said(tmp_path, world_path):
    (tmp_path / "few.txt").write_text(
        "".join(world_path.read_text().splitlines(keepends=True)[:500])
    )
    options = [
        "--buckets",
        9,
        "--eval-every",
        2,
        "--checkpoint-every",
        "1m",
        "--cbow-gradient",
        "mean",
        "--sync-every",
        9,
    ]
    done = fastw2v_process(
        "train", "few.txt", "--alpha", 0.5, "--epochs", 9, *options, "-o", "-", cwd=tmp_path
    )
    assert (
        done.returncode == 0
        and done.stdout[3:8] == b" 100\n"
        and [path.name for path in tmp_path.iterdir()] == ["few.txt"]
    )
    for name in options[::2]:
        assert f"{name} " in done.stderr.decode()
    assert b"lower --alpha" in done.stderr
    done = fastw2v("train", "few.txt", "--maxn", 6, "--epochs", 1, "-o", "v.txt", cwd=tmp_path)
    assert b"v.txt " in done.stderr and b"--alpha" not in done.stderr
    assert b"--maxn" not in done.stderr


def test_nobody_is_asked_where_standard_input_is_closed(trained):
    done = subprocess.run(
        ["bash", "-c", f"{shlex.quote(sys.executable)} -m fastw2v nearest vectors.bin <&-"],
        cwd=trained[0],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert done.returncode == 2 and b"standard input" in done.stderr


def test_training_goes_on_when_nobody_reads_what_it_says(tmp_path, world_path):
    command = (
        f"{sys.executable} -m fastw2v train {world_path} --epochs 1 2>&1 | true; exit"
        " ${PIPESTATUS[0]}"
    )
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0 and (tmp_path / "vectors.bin").exists()


def test_answers_may_be_cut_by_head(trained):
    asked = "king queen rain " * 20
    command = (
        f"{sys.executable} -m fastw2v nearest vectors.bin {asked} -n 300 | head -1; exit"
        " ${PIPESTATUS[0]}"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], cwd=trained[0], env=environment, capture_output=True
    )
    assert done.stdout == b"king\n" and done.stderr == b"" and done.returncode == 0


def test_help_is_there_at_once_for_every_command(tmp_path):
    for command in ([], ["train"], ["encode"], ["nearest"], ["analogy"], ["plot"]):
        done = fastw2v(*command, "--help", cwd=tmp_path)
        assert done.returncode == 0 and b"Usage:" in done.stdout
    code = (
        "import sys; from fastw2v.cli import cli; cli(['--help'], standalone_mode=False);"
        " sys.exit('numpy' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0
    )


def test_version(tmp_path):
    assert fastw2v("--version", cwd=tmp_path).stdout.startswith(b"fastw2v ")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_an_interrupt_stops_soon_and_keeps_what_was_learnt(tmp_path, world_path):
    (tmp_path / "vectors.bin").write_bytes(b"old")
    command = [
        sys.executable,
        "-m",
        "fastw2v",
        "train",
        str(world_path),
        "--epochs",
        "100000",
        "--threads",
        "2",
    ]
    command += ["--save-output-vectors", "out.txt"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr.readline().startswith("corpus")
    assert running.stderr.readline().startswith("training")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)  # all epochs take minutes
    assert running.returncode == 130
    assert (
        "vectors.bin " in said
        and "vectors.partial.bin: 394 words" in said
        and said.endswith("interrupted\n")
    )
    assert (tmp_path / "vectors.bin").read_bytes() == b"old"
    import fastw2v as package

    assert len(package.load(tmp_path / "vectors.partial.bin")) == 394
    names = ["out.partial.txt", "vectors.bin", "vectors.partial.bin"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_model_of_subwords_answers_for_words_it_never_saw(tmp_path, world_path):
    done = fastw2v("train", world_path, "--minn", 3, "--maxn", 6, "--epochs", 1, cwd=tmp_path)
    assert done.returncode == 0 and [path.name for path in tmp_path.iterdir()] == ["vectors.npz"], (
        done.stderr
    )
    done = fastw2v("nearest", "vectors.npz", "kingg", "-n", 1, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["nearest"][0][0] == "king"


@pytest.mark.parametrize(
    "options",
    [["--loss", "hs"], ["--loss", "hs", "--model", "cbow"], ["--loss", "softmax", "--dim", "4"]],
)
def test_every_loss_trains(tmp_path, world_path, options):
    few = world_path.read_text().splitlines(keepends=True)[:500]
    (tmp_path / "few.txt").write_text("".join(few))
    done = fastw2v("train", "few.txt", "--epochs", 1, *options, cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "vectors.bin").exists(), done.stderr


def test_going_on_evaluating_and_choosing_words(tmp_path, world_path):
    (tmp_path / "stop").write_text("the a\n")
    (tmp_path / "pairs.tsv").write_text("king\tqueen\t9\nking\train\t1\nking\tcoffee\t2\n")
    done = fastw2v(
        "train", world_path, "-o", "old.npz", "--stop-words", "stop", "--epochs", 1, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "new.txt").write_text("the king rules the robot\n" * 30)
    done = fastw2v(
        "train",
        "new.txt",
        "--update",
        "old.npz",
        "--eval",
        "pairs.tsv",
        "--epochs",
        2,
        "--sample",
        0,
        "-o",
        "v.txt",
        cwd=tmp_path,
    )
    said = done.stderr.decode()
    assert done.returncode == 0 and "output vectors" in said, said
    assert "epoch 1  pairs " in said and "epoch 2  pairs " in said
    words = [line.split()[0] for line in (tmp_path / "v.txt").read_text().splitlines()[1:]]
    assert {"king", "robot", "coffee", "the"} <= set(words)
    (tmp_path / "vocab").write_text("robot\nking 7\n")
    assert (
        fastw2v(
            "train", "new.txt", "--vocab", "vocab", "--sample", 0, "-o", "w.txt", cwd=tmp_path
        ).returncode
        == 0
    )
    assert (tmp_path / "w.txt").read_text().startswith("2 100\nrobot ")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--init", "none.bin"], "none.bin"),
        (["--vocab", "none"], "none: "),
        (["--eval", "none"], "none: "),
        (["--stop-words", "none"], "none: "),
        (["--minn", "6", "--maxn", "3"], "--maxn (3)"),
        (["--time-budget", "soon"], "--time-budget"),
    ],
)
def test_what_is_wrong_with_an_option_is_said(tmp_path, world_path, arguments, said):
    done = fastw2v("train", world_path, *arguments, cwd=tmp_path)
    assert done.returncode == 1 and said in done.stderr.decode() and b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_output_never_takes_the_place_of_an_input(tmp_path, world_path):
    for option in ("--vocab", "--stop-words", "--eval"):
        (tmp_path / "v.txt").write_text("king queen 1\nking rain 2\n")
        done = fastw2v("train", world_path, option, "v.txt", "-o", "v.txt", cwd=tmp_path)
        assert done.returncode == 1 and b"v.txt: " in done.stderr
        assert (tmp_path / "v.txt").read_text() == "king queen 1\nking rain 2\n"


def test_hierarchical_softmax_has_no_output_vectors_of_words(tmp_path, world_path):
    done = fastw2v(
        "train", world_path, "--loss", "hs", "--save-output-vectors", "o.bin", cwd=tmp_path
    )
    assert done.returncode == 2 and b"--save-output-vectors" in done.stderr


def test_phrases_are_text_an_encoded_corpus_and_a_list(tmp_path):
    (tmp_path / "c.txt").write_text(
        "he saw new york\nnew york is old\nthe old man\nhe is the man\n" * 20
    )
    options = ["--threshold", 1, "--encoded", "p.fw2v", "--list", "p.tsv", "--min-count", 1]
    done = fastw2v("phrases", "c.txt", *options, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == b"", done.stderr
    assert "new_york" in (tmp_path / "phrased.txt").read_text().splitlines()[0]
    assert "new_york\t40\t" in (tmp_path / "p.tsv").read_text()
    for corpus in ("phrased.txt", "p.fw2v"):
        done = fastw2v(
            "train", corpus, "-o", f"{corpus}.txt", "--sample", 0, "--threads", 1, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "phrased.txt.txt").read_bytes() == (tmp_path / "p.fw2v.txt").read_bytes()
    done = fastw2v("phrases", "c.txt", "-o", "c.txt", cwd=tmp_path)
    assert done.returncode == 1 and b"c.txt: " in done.stderr


def test_counts_are_beside_what_a_model_believes(tmp_path):
    (tmp_path / "c.txt").write_text("a b\na b\na c\n" * 30)
    done = fastw2v("counts", "c.txt", "a", "--json", "--epochs", 60, "--dim", 4, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [(row["word"], row["count"]) for row in answer["neighbours"][:2]] == [
        ("b", 60),
        ("c", 30),
    ]
    assert answer["neighbours"][0]["p"] == pytest.approx(2 / 3)
    assert (
        answer["neighbours"][0]["model"] == pytest.approx(2 / 3, abs=0.05) and answer["kl"] < 0.02
    )
    fastw2v("train", "c.txt", "-o", "m.npz", "--loss", "softmax", "--dim", 4, cwd=tmp_path)
    done = fastw2v("counts", "c.txt", "a", "--model", "m.npz", cwd=tmp_path)
    assert (
        done.returncode == 0
        and "0.66667" in done.stdout.decode()
        and "nats" in done.stdout.decode()
    )
    assert fastw2v("counts", "c.txt", "zebra", cwd=tmp_path).returncode == 1


def test_commands_without_numba_name_it(monkeypatch, capsys):
    from fastw2v import cli

    monkeypatch.setattr(cli, "cli", lambda **_: (_ for _ in ()).throw(missing))
    missing = ModuleNotFoundError("no", name="numba")
    with pytest.raises(SystemExit) as raised:
        cli.main()
    assert raised.value.code == 1 and "numba" in capsys.readouterr().err
    missing = ModuleNotFoundError("no", name="fastw2v.nothing")
    with pytest.raises(ModuleNotFoundError):
        cli.main()


@pytest.mark.parametrize("output", [".", "..", "/"])
@pytest.mark.parametrize(
    "args",
    [
        ["demo"],
        ["convert", "v.txt", "--to", "npy"],
        ["embed", "v.txt", "t.txt", "--weighting", "mean", "-o"],
        ["train", "t.txt", "--model", "dbow", "-o"],
        ["map", "v.txt", "-o"],
        ["plot", "v.txt", "-o"],
        ["phrases", "t.txt", "-o"],
        ["encode", "t.txt", "-o"],
    ],
)
def test_an_output_that_is_a_directory_is_one_line(tmp_path, args, output):
    (tmp_path / "v.txt").write_text("a 1 2\nb 3 4\nc 4 5\n")
    (tmp_path / "t.txt").write_text("a b c\n")
    done = fastw2v(*args, output, cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"director" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["t.txt", "v.txt"]
