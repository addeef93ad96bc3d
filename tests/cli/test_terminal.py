"""What is printed: on a terminal, in a pipe, in any encoding, and where nobody can read it."""

import io
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from click.shell_completion import ShellComplete

from fastw2v.cli import cli, main, progress, terminal
from fastw2v.cli.progress import COMPILING, ProgressLine, fit_to_width, progress_line
from fastw2v.errors import OutputError
from fastw2v.events import Notice, Progress
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers import ROOT

HOSTILE = "\x1b]0;t\x07\x7f\x9b1m\u200e\u202eevil\u2066\u2028\u2029\x85"
WORDS = ["sea", "lake" + HOSTILE, "pond\r  0.99  ocean", "žába", "川"]


class Stream(io.TextIOWrapper):
    """A stream in memory: a terminal or not, of some encoding."""

    def __init__(self, encoding="utf8", terminal=False):
        super().__init__(io.BytesIO(), encoding, newline="")
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


class Full(Stream):
    def write(self, text):
        raise OSError(28, "No space left on device")


def controls(text):
    """Characters that a terminal must not see, beside the ends of lines."""
    return [sign for sign in text.replace("\n", "") if terminal.CONTROL.match(sign)]


@pytest.fixture
def streams(monkeypatch):
    """A function that puts streams in place of the standard ones, and returns them."""

    def put(out=None, err=None, source=b""):
        pair = out or Stream(), err or Stream()
        monkeypatch.setattr("sys.stdout", pair[0])
        monkeypatch.setattr("sys.stderr", pair[1])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source), pair[0].encoding))
        return pair

    return put


@pytest.fixture
def run(tmp_path, monkeypatch, streams, rng):
    """A function that runs a command in a folder with vectors of hostile words: its exit code,
    output and errors.
    """
    monkeypatch.chdir(tmp_path)
    rows = rng.normal(size=(5, 6)).astype(np.float32)
    WordVectors(WORDS, rows, output_vectors=rows).save("v.npz")

    def call(*args, out=None, err=None, source=b""):
        pair = streams(out, err, source)
        monkeypatch.setattr("sys.argv", ["fastw2v", *args])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, *(stream.text() for stream in pair)

    return call


@pytest.mark.parametrize(
    "sign",
    [
        chr(c)
        for c in (0, 9, 10, 27, 31, 127, 128, 155, 159, 0x200F, 0x2029, 0x202A, 0x2069, 0xDC80)
    ],
)
def test_escaped_of_a_control_character_is_a_backslash_escape(sign):
    assert terminal.escaped(f"a{sign}b") == f"a{sign.encode('unicode_escape').decode()}b"


def test_escaped_leaves_words_of_all_scripts_alone():
    text = "naïve žába 川 می\u200cخواهم 👩\u200d🚀 a\\b"
    assert terminal.escaped(text) == text


def test_shortened_of_a_long_error_keeps_its_beginning_and_its_end():
    text = terminal.shortened("name" + "x" * 5000 + "what to do")
    assert len(text) <= 300 and text.startswith("name") and text.endswith("what to do")
    assert terminal.shortened("x" * 300) == "x" * 300


@pytest.mark.parametrize(
    "args", [["sea"], ["sea", "--json"], ["sea - lake + žába"], [HOSTILE], [WORDS[1]]]
)
def test_nearest_on_a_terminal_shows_no_control_character(run, args):
    code, out, err = run(
        "nearest", "v.npz", *args, out=Stream(terminal=True), err=Stream(terminal=True)
    )
    assert (
        not controls(out)
        and not controls(err)
        and (code == 0) == (HOSTILE not in args and " - " not in args[0])
    )


def test_nearest_in_a_pipe_has_the_words_byte_for_byte(run):
    _, out, _ = run("nearest", "v.npz", "sea")
    assert all(f"  {word}\n" in out for word in WORDS[1:])


def test_nearest_in_json_has_escapes_in_a_pipe_too(run):
    _, out, _ = run("nearest", "v.npz", "sea", "--json")
    assert not controls(out) and {word for word, _ in json.loads(out)["nearest"]} == set(WORDS[1:])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("args", [["川"], ["žába", "--json"], ["sea"]])
def test_nearest_in_an_encoding_that_lacks_words_answers(run, encoding, args):
    code, out, _ = run("nearest", "v.npz", *args, out=Stream(encoding))
    assert code == 0
    if "--json" in args:
        assert "川" in [word for word, _ in json.loads(out)["nearest"]]
    else:
        assert "\\u5ddd" in out


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf8"])
def test_nearest_of_lines_reads_utf8_whatever_the_encoding(run, encoding):
    code, out, err = run(
        "nearest", "v.npz", "--json", out=Stream(encoding), source="\ufeff川\r\nžába\n".encode()
    )
    assert (code, err) == (0, "") and [json.loads(line)["word"] for line in out.splitlines()] == [
        "川",
        "žába",
    ]


def test_nearest_of_lines_reads_another_encoding_that_standard_input_has(run):
    rows = np.eye(2, dtype=np.float32)
    WordVectors(["König", "Rat"], rows).save("de.npz")
    code, out, _ = run(
        "nearest", "de.npz", "--json", out=Stream("cp1252"), source="König\n".encode("cp1252")
    )
    assert code == 0 and json.loads(out)["word"] == "König"


@pytest.mark.parametrize(
    "args",
    [
        ["nearest", f"{HOSTILE}.bin", "a"],
        ["evaluate", "v.npz", "--pairs", f"{HOSTILE}\n.tsv"],
        ["encode", f"{HOSTILE}.txt", "-o", "x.fw2v"],
        ["convert", "v.npz", f"{HOSTILE}.bin"],
        ["plot", "v.npz", "--words", f"{HOSTILE},a,b"],
    ],
)
def test_messages_hold_no_control_character_and_are_one_line(run, args):
    _, _, err = run(*args)
    assert err.count("\n") == 1 and not controls(err)


@pytest.mark.parametrize(
    "args",
    [
        ["nearest", "v.npz", f"--{HOSTILE}\n"],
        [HOSTILE],
        ["nearest", "v.npz", "-n", f"{HOSTILE}\nx"],
    ],
)
def test_usage_errors_hold_no_control_character(run, args):
    code, _, err = run(*args)
    assert (
        code == 2
        and not controls(err)
        and len([line for line in err.splitlines() if line.startswith("Error: ")]) == 1
    )
    assert err.splitlines()[-1].startswith("Error: ")


def test_progress_on_a_terminal_escapes_what_it_shows(streams):
    _, err = streams(err=Stream(terminal=True))
    with ProgressLine() as show:
        show(Notice(f"{HOSTILE}\n.txt: is read"))
    assert (
        err.text().startswith("note     \\x1b]0;t")
        and not controls(err.text())
        and err.text().count("\n") == 1
    )


def test_notes_to_a_full_or_closed_standard_error_are_dropped(streams):
    streams(err=Full())
    terminal.echo_note("nobody reads this")
    _, err = streams()
    err.close()
    terminal.echo_note("nor this")
    with ProgressLine() as show:
        show.say("nor this")
    sys.stderr = None  # monkeypatch puts it back
    terminal.echo_error("nor this")


def test_answers_to_a_full_or_closed_standard_output_are_an_error(streams):
    streams(out=Full())
    for say in (terminal.echo_answer, terminal.echo_json):
        with pytest.raises(OutputError, match="No space left"):
            say("word")
    sys.stdout = None
    for say in (terminal.echo_answer, terminal.echo_json):
        with pytest.raises(OutputError, match="closed"):
            say("word")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_convert_with_a_full_standard_error_ends_with_exit_code_0(run, tmp_path):
    run("nearest", "v.npz", "sea")
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "fastw2v", "convert", "v.npz", "o.npz"]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=full
        )
    assert done.returncode == 0 and (tmp_path / "o.npz").exists()


def test_an_error_of_the_system_is_one_line(run, monkeypatch):
    def fail(*args):
        raise PermissionError(13, "Permission denied", "v.npz")

    monkeypatch.setattr("fastw2v.api.load", fail)
    assert run("nearest", "v.npz", "sea") == (1, "", "fastw2v: v.npz: Permission denied\n")


def test_a_long_error_is_cut_in_its_middle(run):
    code, _, err = run("nearest", "v" * 2000, "sea")
    assert code == 1 and len(err) < 320 and err.startswith("fastw2v: vvv")


@pytest.mark.parametrize("epochs, shown", [(5, "epoch 3/5"), (None, "epoch 3")])
def test_progress_line_shows_the_time_left_within_60_columns_and_fits_80(epochs, shown):
    event = Progress(tokens=50, total=100, epoch=3, rate=0.01234, loss=1.1, pairs=9, seconds=3599.0)
    line = progress_line(event, 1.1, epochs)
    assert shown in line[:30] and "59:59 left" in line[:60]
    assert len(line) <= 79 and line.endswith("rate 0.01234")


def test_compiling_is_shown_on_a_terminal_until_the_next_line(streams):
    for live in (True, False):
        _, err = streams(err=Stream(terminal=live))
        with ProgressLine() as show:
            show.compiling()
            show.compiling()
            assert err.text() == (COMPILING if live else "")
            show.say("corpus")
        assert err.text().endswith("corpus\n")


@pytest.mark.parametrize(
    "args", [["train"], ["train", "--vocab"], ["nearest"], ["convert", "a.bin"], ["report", "-o"]]
)
def test_shell_completion_of_names_completes_files(args):
    (item,) = ShellComplete(cli, {}, "fastw2v", "_FASTW2V_COMPLETE").get_completions(args, "da")
    assert item.type == "file"


def test_shell_completion_lists_commands_and_options():
    complete = ShellComplete(cli, {}, "fastw2v", "_FASTW2V_COMPLETE")
    assert [item.value for item in complete.get_completions([], "tr")] == ["train"]
    assert "--vector-size" in [item.value for item in complete.get_completions(["train"], "--v")]


def test_long_work_is_shown_on_a_terminal_and_cleared(streams, monkeypatch):
    monkeypatch.setattr(progress, "LONG_WORK", 0.0)
    _, err = streams(err=Stream(terminal=True))
    with progress.working(lambda: "building"):
        time.sleep(1.2)
    assert "building  " in err.text() and err.text().endswith(" \r")
    _, err = streams(err=Stream(terminal=False))
    with progress.working(lambda: "building"):
        pass
    assert err.text() == ""


@pytest.mark.parametrize(
    "width, line",
    [(40, "training 7%  epoch 1/6  loss 1.2"), (30, "training 7%  epoch 1/6"), (5, "train")],
)
def test_fitting_leaves_out_whole_parts_of_a_line(width, line):
    assert fit_to_width("training 7%  epoch 1/6  loss 1.2", width) == line
