"""``nearest`` and ``analogy``: from the command line, a file, a pipe, a prompt."""

import json
import os
import select
import subprocess
import sys
import time

import pytest

from tests.cli.test_commands import fastw2v
from tests.conftest import ROOT


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
    done = fastw2v("nearest", "v.bin", "-n", 1, *(["--from", source] if source else []), cwd=folder, stdin=stdin)
    assert done.returncode == 0
    assert [line for line in done.stdout.decode().splitlines() if line[0] != " "] == ["king", "rain"]
    assert b"'kinng' is not in the vocabulary of 394 words; did you mean king" in done.stderr
    assert b"should hold a word, not 2 words" in done.stderr


def test_in_json_every_question_has_its_line(folder):
    done = fastw2v("analogy", "v.bin", "--from", "questions", "-n", 1, "--json", cwd=folder)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["answers"][0][0] == "queen" and third["answers"][0][0] == "sang"
    assert second == {"words": ["man", "king"], "error": "should hold A B C, not 2 words"}


def test_several_questions_on_the_command_line_are_answered_all_or_none(folder):
    done = fastw2v("analogy", "v.bin", *"man king woman walk walked sing".split(), "-n", 1, cwd=folder)
    assert [line.split()[-1] for line in done.stdout.decode().splitlines()] == ["?", "queen", "?", "sang"]
    done = fastw2v("nearest", "v.bin", "king", "kinng", cwd=folder)
    assert done.returncode == 1 and done.stdout == b"" and done.stderr.count(b"\n") == 1


def test_an_index_is_made_and_used_again(folder):
    pytest.importorskip("usearch", reason="approximate search needs usearch: pip install 'fastw2v[ann]'")
    answers = [fastw2v("nearest", "v.bin", "king", "-n", 3, "--index", "i", cwd=folder).stdout for _ in range(2)]
    assert answers[0] == answers[1] == fastw2v("nearest", "v.bin", "king", "-n", 3, cwd=folder).stdout
    done = fastw2v("nearest", "v.bin", "king", "--index", "words", cwd=folder)
    assert done.returncode == 1 and b"words: is no index of fastw2v" in done.stderr


@pytest.mark.parametrize(
    "args, code, said",
    [
        (["nearest", "v.bin", "king", "--from", "words"], 2, "not both"),
        (["analogy", "v.bin", "a", "b"], 2, "an analogy takes three words"),
        (["nearest", "v.bin", "--from", "none"], 1, "none: cannot be read"),
        (["nearest", "v.bin", "king", "-n", "0"], 2, "0 is not in the range"),
    ],
)
def test_wrong_questions(folder, args, code, said):
    done = fastw2v(*args, cwd=folder)
    assert done.returncode == code and said in done.stderr.decode() and done.stdout == b""


def typed(folder, *pieces, args=("-n", "1")):
    """What a terminal shows when pieces are typed, each once a prompt is there, and the exit code."""
    pty = pytest.importorskip("pty", reason="needs a terminal of its own: not on this system")
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    command = [sys.executable, "-m", "fastw2v", "nearest", "v.bin", *args]
    running = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, close_fds=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(slave)
    shown, prompts, end = b"", 0, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([master], [], [], 2)[0]:  # a key pressed while the prompt prepares the terminal may be lost
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
    return shown.decode().replace("\r\n", "\n"), running.wait(60)


def test_a_prompt_answers_suggests_and_ends_with_the_input(folder):
    shown, code = typed(folder, b"kinng\n", b"king\n", b"\x04")
    assert code == 0 and "did you mean king" in shown and "queen" in shown and "Traceback" not in shown


def test_the_tab_key_completes_words_and_the_arrow_brings_them_back(folder):
    pytest.importorskip("readline", reason="completion needs the readline module, which this Python is built without")
    shown, code = typed(folder, b"quee\t\n", b"\x1b[A\n", b"\x04")
    assert code == 0 and shown.count("\nqueen\n") == 2


def test_interrupting_the_prompt_is_quiet(folder):
    shown, code = typed(folder, b"\x03")
    assert code == 130 and "Traceback" not in shown and "interrupted" not in shown
