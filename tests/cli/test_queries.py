"""``nearest`` and ``analogy``: from the command line, a file, a pipe, a prompt."""

import json
import os
import select
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.cli.nearest import _text, sums
from fastw2v.errors import Fastw2vError, VectorsError
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers import ROOT
from tests.helpers.command_line import fastw2v


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world):
    folder = tmp_path_factory.mktemp("queries")
    world.save(folder / "v.bin")
    (folder / "words").write_text("king\n\nkinng\nrain snow\nrain\n")
    (folder / "questions").write_text("man king woman\nman king\nwalk walked sing\n")
    return folder


@pytest.mark.parametrize("source, stdin", [("words", None), ("-", True), (None, True)])
def test_a_file_or_a_pipe_of_words_is_answered_line_by_line(folder, source, stdin):
    stdin = (folder / "words").read_bytes() if stdin else None
    done = fastw2v(
        "nearest",
        "v.bin",
        "-n",
        1,
        *(["--from", source] if source else []),
        cwd=folder,
        stdin=stdin,
    )
    assert done.returncode == 0
    assert [line for line in done.stdout.decode().splitlines() if line[0] != " "] == [
        "king",
        "rain",
        "snow",
        "rain",
    ]
    for named in (b"line 3: 'kinng' ", b"394", b" king"):
        assert named in done.stderr


def test_in_json_every_question_has_its_line(folder):
    done = fastw2v("analogy", "v.bin", "--from", "questions", "-n", 1, "--json", cwd=folder)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["answers"][0][0] == "queen" and third["answers"][0][0] == "sang"
    assert second == {"words": ["man", "king"], "error": "should hold A B C, not 2 words"}


def ask(folder, monkeypatch, *args, source=None):
    """The exit code, output and errors of a command that runs in this process."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, list(args), input=source)
    return done.exit_code, done.stdout, done.stderr


def assert_same_answers(text, other):
    """Words and order are the same; scores may differ by the rounding of another product."""
    ours, theirs = text.splitlines(), other.splitlines()
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if a[0] != " ":
            assert a == b
        else:
            (score, word), (other_score, other_word) = a.split(), b.split()
            assert word == other_word and float(score) == pytest.approx(
                float(other_score), abs=2e-4
            )


def heads(text):
    """The lines of an answer that name a question."""
    return [line for line in text.splitlines() if line[0] != " "]


def test_questions_with_an_unknown_word_leave_the_others_answered_and_exit_code_1(
    folder, monkeypatch
):
    code, out, err = ask(
        folder, monkeypatch, "nearest", "v.bin", "king", "xyzzy", "rain", "-n", "1"
    )
    assert (
        code == 1 and heads(out) == ["king", "rain"] and err.count("\n") == 1 and "'xyzzy'" in err
    )
    code, out, _ = ask(
        folder, monkeypatch, "nearest", "v.bin", "king", "xyzzy", "rain", "-n", "1", "--json"
    )
    first, second, third = map(json.loads, out.splitlines())
    assert code == 1 and (first["word"], second["word"], third["word"]) == ("king", "xyzzy", "rain")
    assert "xyzzy" in second["error"] and "nearest" not in second and "error" not in first
    words = "man king woman xyzzy king woman walk walked sing".split()
    code, out, err = ask(folder, monkeypatch, "analogy", "v.bin", *words, "-n", "1")
    assert (
        code == 1
        and [line.split()[-1] for line in out.splitlines()] == ["?", "queen", "?", "sang"]
        and "'xyzzy'" in err
    )
    code, out, _ = ask(folder, monkeypatch, "analogy", "v.bin", *words, "-n", "1", "--json")
    assert code == 1 and "xyzzy" in json.loads(out.splitlines()[1])["error"]


@pytest.mark.parametrize(
    "args, source", [("king - man + woman".split(), None), ([], "king - man + woman\n")]
)
def test_a_sum_is_answered_as_the_analogy_is(folder, monkeypatch, args, source):
    code, out, _ = ask(
        folder, monkeypatch, "nearest", "v.bin", *args, "-n", "3", "--json", source=source
    )
    _, other, _ = ask(
        folder, monkeypatch, "analogy", "v.bin", "man", "king", "woman", "-n", "3", "--json"
    )
    found = json.loads(out)
    assert code == 0 and found["sum"] == "king - man + woman"
    assert [w for w, _ in found["nearest"]] == [w for w, _ in json.loads(other)["answers"]]
    assert [s for _, s in found["nearest"]] != []


@pytest.mark.parametrize(
    "line, read",
    [
        ("king", ["king"]),
        ("king rain", ["king", "rain"]),
        ("king - man + woman rain", ["king - man + woman", "rain"]),
        ("rain king \u2212 man", ["rain", "king \u2212 man"]),
        ("-", ["-"]),
        ("+ -", ["+", "-"]),
        ("- king", ["-", "king"]),
        ("king -", ["king", "-"]),
        ("- + -", ["- + -"]),
        ("mother-in-law c++", ["mother-in-law", "c++"]),
        ("king-man+woman", ["king-man+woman"]),
        ("", []),
    ],
)
def test_sums_of_a_line_are_its_words_and_those_with_a_sign_between(line, read):
    assert [_text(terms) for terms in sums(line.split())] == read


def test_words_with_signs_in_them_are_words_where_the_vocabulary_has_them(folder, monkeypatch, rng):
    words = ["mother-in-law", "c++", "-", "king", "man", "law"]
    WordVectors(words, rng.normal(size=(6, 4)).astype(np.float32)).save(folder / "signs.bin")
    code, out, _ = ask(
        folder,
        monkeypatch,
        "nearest",
        "signs.bin",
        "-n",
        "1",
        source="mother-in-law c++\n-\nking - c++\n",
    )
    assert code == 0 and heads(out) == ["mother-in-law", "c++", "-", "king - c++"]
    code, _, err = ask(folder, monkeypatch, "nearest", "signs.bin", "king-man")
    assert code == 1 and "spaces around + and -" in err


def test_lines_that_are_no_question_or_too_long_are_named(folder, monkeypatch):
    (folder / "long").write_bytes(b"king\n" + b"x" * (1 << 20))
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, ["nearest", "v.bin", "--from", "long"])
    assert isinstance(done.exception, VectorsError) and heads(done.stdout) == ["king"]
    for name in ("a\0b", "x" * 300, "."):
        done = CliRunner().invoke(cli, ["nearest", "v.bin", "--from", name])
        assert isinstance(done.exception, VectorsError)
        assert ascii(name)[1:6].rstrip("'") in str(done.exception)


@pytest.mark.parametrize(
    "command",
    [
        "nearest king v.bin",
        "analogy man king woman v.bin",
        "counts king words",
        "convert none v.bin",
    ],
)
def test_swapped_arguments_are_said_to_be(folder, monkeypatch, command):
    monkeypatch.chdir(folder)
    first, *args = command.split()
    error = CliRunner().invoke(cli, [first, *args]).exception
    assert isinstance(error, Fastw2vError) and f"fastw2v {first} {args[-1]} {args[0]}" in str(error)


def test_an_index_is_made_and_used_again(folder):
    pytest.importorskip(
        "usearch", reason="approximate search needs usearch: pip install 'fastw2v[ann]'"
    )
    answers = [
        fastw2v("nearest", "v.bin", "king", "-n", 3, "--index", "i", cwd=folder).stdout
        for _ in range(2)
    ]
    assert (
        answers[0] == answers[1] == fastw2v("nearest", "v.bin", "king", "-n", 3, cwd=folder).stdout
    )
    done = fastw2v("nearest", "v.bin", "king", "--index", "words", cwd=folder)
    assert done.returncode == 1 and b"words: " in done.stderr


@pytest.mark.parametrize(
    "args, code, said",
    [
        (["nearest", "v.bin", "king", "--from", "words"], 2, "--from"),
        (["analogy", "v.bin", "a", "b"], 2, "three words"),
        (["nearest", "v.bin", "--from", "none"], 1, "none: "),
        (["nearest", "v.bin", "king", "-n", "0"], 2, "'-n'"),
    ],
)
def test_wrong_questions(folder, args, code, said):
    done = fastw2v(*args, cwd=folder)
    assert done.returncode == code and said in done.stderr.decode() and done.stdout == b""


def typed(folder, *pieces, args=("-n", "1")):
    """Return what a terminal shows when pieces are typed at its prompts, and the exit code."""
    pty = pytest.importorskip("pty", reason="needs a terminal of its own: not on this system")
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    command = [sys.executable, "-m", "fastw2v", "nearest", "v.bin", *args]
    running = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        close_fds=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )
    os.close(slave)
    shown, prompts, end = b"", 0, time.monotonic() + 60
    while time.monotonic() < end:
        # a key pressed while the prompt prepares the terminal may be lost
        if not select.select([master], [], [], 2)[0]:
            if prompts and pieces[prompts - 1] in (b"\x03", b"\x04"):
                os.write(master, pieces[prompts - 1])
            continue
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other side is closed
            break
        shown += piece
        while shown.count(b"word: ") > prompts and prompts < len(pieces):
            os.write(master, pieces[prompts])
            prompts += 1
        if not piece:
            break
    os.close(master)
    if time.monotonic() >= end:
        running.kill()
    return shown.decode(errors="replace").replace("\r\n", "\n"), running.wait(60)


def test_a_prompt_answers_suggests_and_ends_with_the_input(folder):
    shown, code = typed(folder, b"kinng\n", b"king\n", b"\x04")
    assert (
        code == 0 and "did you mean king" in shown and "queen" in shown and "Traceback" not in shown
    )


def test_the_tab_key_completes_words_and_the_arrow_brings_them_back(folder):
    pytest.importorskip(
        "readline",
        reason="completion needs the readline module, which this Python is built without",
    )
    shown, code = typed(folder, b"quee\t\n", b"\x1b[A\n", b"\x04")
    assert code == 0 and shown.count("\nqueen\n") == 2


def test_the_prompt_says_how_to_leave_and_takes_sums_and_several_words(folder):
    shown, code = typed(
        folder, b"king - man + woman\n", b"rain snow\n", b"king\xff xyzzy\n", b"\x04"
    )
    assert (
        code == 0
        and "Ctrl-D" in shown.split("word: ")[0]
        and "Traceback" not in shown
        and "line 3" not in shown
    )
    assert (
        "\nking - man + woman\n" in shown
        and "\nrain\n" in shown
        and "\nsnow\n" in shown
        and "'xyzzy' is not in" in shown
    )


def test_interrupting_the_prompt_is_quiet(folder):
    shown, code = typed(folder, b"\x03")
    assert code == 130 and "Traceback" not in shown and "interrupted" not in shown


def test_nearest_from_a_file_answers_in_order_and_names_unknown_words(folder, monkeypatch):
    lines = ["king", "xyzzy", "king - man + woman", "", "queen king"]
    (folder / "words").write_text("\n".join(lines), encoding="utf8")
    code, out, err = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "2", "--from", "words")
    assert code == 0 and heads(out) == ["king", "king - man + woman", "queen", "king"]
    assert "line 2" in err and "xyzzy" in err
    piped = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "2", source="\n".join(lines))
    assert piped[0] == code
    assert_same_answers(piped[1], out)


def test_nearest_from_a_file_of_long_sums_and_wrong_words_equals_a_pipe(folder, monkeypatch):
    long = " + ".join(["king", "queen"] * 20)
    lines = ["king", long, "king-man + zork", "king-man", "queen"]
    (folder / "words").write_text("\n".join(lines), encoding="utf8")
    from_file = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "1", "--from", "words")
    piped = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "1", source="\n".join(lines))
    assert from_file[0] == piped[0] and from_file[2] == piped[2]
    assert_same_answers(from_file[1], piped[1])


def test_nearest_from_many_neighbours_equals_one_by_one(folder, monkeypatch):
    (folder / "words").write_text("king\nqueen\n", encoding="utf8")
    many = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "500", "--from", "words")
    one_by_one = ask(folder, monkeypatch, "nearest", "v.bin", "-n", "500", "king", "queen")
    assert_same_answers(many[1], one_by_one[1])
