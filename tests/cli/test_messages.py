"""Commands and options that there are not, and options in errors: what is meant is said, as it is
typed.
"""

import click
import pytest
from click.testing import CliRunner

from fastw2v.cli import COMMANDS, cli, main
from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.messages import COMMANDS_ELSEWHERE, as_typed
from fastw2v.errors import ConfigError


def usage_error(*args):
    done = CliRunner().invoke(cli, list(args))
    assert done.exit_code == 2, done.output
    return done.output


@pytest.mark.parametrize(
    "message, options, typed",
    [
        (
            "min_count must be more, got 'min_count'",
            ["min_count"],
            "--min-count must be more, got 'min_count'",
        ),
        ("min_alpha exceeds alpha", ["min_alpha", "alpha"], "--min-alpha exceeds --alpha"),
        ("min_alpha exceeds alpha", ["alpha", "min_alpha"], "--min-alpha exceeds --alpha"),
        (
            "give model='cbow', buckets=20",
            ["model", "buckets"],
            "give --model cbow, --buckets 20",
        ),
        ("a window in windows", [], "a window in windows"),
        ("a window in windows", ["window"], "a --window in windows"),
    ],
)
def test_as_typed_shows_the_options_of_an_error_as_the_shell_has_them(message, options, typed):
    assert as_typed(ConfigError(message, options=options)) == typed


@pytest.mark.parametrize(
    "args, shown",
    [
        (["train", "c", "--window", "0"], "--window "),
        (["train", "c", "--min-count", "-3"], "--min-count "),
        (["train", "c", "--minn", "3"], "--minn "),
        (["train", "c", "--time-budget", "x"], "--time-budget "),
        (["train", "c", "--deterministic", "--time-budget", "1s"], "--deterministic"),
        (
            ["train", "c", "--alpha", "0.1", "--min-alpha", "0.2"],
            "--min-alpha",
        ),
        (["encode", "c", "-o", "x", "--max-vocab", "0"], "--max-vocab "),
        (["phrases", "c", "--delimiter", "a b"], "--delimiter "),
        (["counts", "c", "w", "--vector-size", "0"], "--vector-size "),
        (["doctor", "--threads", "0"], "--threads "),
        (["train", "c", "--checkpoint-every", "x"], "--checkpoint-every "),
    ],
)
def test_an_error_names_options_as_they_are_typed(args, shown, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["fastw2v", *args])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert shown in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-2"])
def test_a_number_of_threads_that_numba_cannot_have_is_refused_before_it_is_imported(
    number, monkeypatch
):
    monkeypatch.setenv("NUMBA_NUM_THREADS", number)
    with pytest.raises(ConfigError, match="NUMBA_NUM_THREADS"):
        begin_compiling()


OPTIONS = {
    "train": {
        "--size": "--vector-size",
        "-size": "--vector-size",
        "--vectorSize": "--vector-size",
        "-dim": "--dim",
        "--workers": "--threads",
        "-thread": "--threads",
        "-threads": "--threads",
        "-iter": "--epochs",
        "-epoch": "--epochs",
        "-negative": "--negative",
        "-neg": "--negative",
        "-k": "--negative",
        "-hs": "--loss hs",
        "-cbow": "--model cbow",
        "--sg": "--model cbow",
        "-ws": "--window",
        "-lr": "--alpha",
        "-minCount": "--min-count",
        "-min-count": "--min-count",
        "--min_count": "--min-count",
        "-minn": "--minn",
        "--max-n": "--maxn",
        "--subwords": "--minn 3, --maxn 6",
        "-bucket": "--buckets",
        "-train": "train CORPUS",
        "-input": "train CORPUS",
        "--sentences": "train CORPUS",
        "-output": "--output",
        "-binary": "suffix",
        "--max-final-vocab": "--max-vocab",
        "-read-vocab": "--vocab",
        "-pretrainedVectors": "--init",
        "--epoch": "--epochs",
        "-t": "--sample",
    },
    "nearest": {
        "-k": "-n",
        "--topn": "-n",
        "--model": "nearest VECTORS",
        "--threads": "fastw2v train",
        "-json": "--json",
    },
    "analogy": {"--top-k": "-n", "-file": "--from"},
    "evaluate": {"--restrict_vocab": "--restrict-vocab", "--questions": "--analogies"},
    "convert": {"--type": "--to", "-model": "IN"},
    "encode": {"-output": "--output", "-minCount": "--min-count", "--workers": "--threads"},
}


@pytest.mark.parametrize(
    "command, option", [(command, option) for command in OPTIONS for option in OPTIONS[command]]
)
def test_a_foreign_option_gets_the_right_one_suggested(command, option):
    said = usage_error(command, "a", "b", option, "5").splitlines()[-1]
    assert (
        option.split("=")[0] in said and OPTIONS[command][option] in said and "mean -t" not in said
    )


def test_a_value_that_is_attached_to_a_short_option_is_no_foreign_option(tmp_path):
    done = CliRunner().invoke(cli, ["nearest", str(tmp_path / "none"), "a", "-n5"])
    assert "none: " in str(done.exception)
    done = CliRunner().invoke(cli, ["nearest", str(tmp_path / "none"), "--", "-size"])
    assert "none: " in str(done.exception)


@pytest.mark.parametrize(
    "args", [["--size", "5", "train", "c"], ["-train", "c", "-output", "v.bin"]]
)
def test_an_option_before_any_command_is_named_whole(args):
    assert args[0] in usage_error(*args) and "fastw2v train" in usage_error(*args)


@pytest.mark.parametrize(
    "name, meant",
    [
        ("similar", "nearest"),
        ("most_similar", "nearest"),
        ("distance", "nearest"),
        ("word-analogy", "analogy"),
        ("trian", "train"),
        ("SkipGram", "train"),
        ("word2phrase", "phrases"),
        ("evalaute", "evaluate"),
        ("tsne", "plot"),
    ],
)
def test_an_unknown_command_gets_the_right_one_suggested(name, meant):
    assert f"fastw2v {meant}?" in usage_error(name, "x").splitlines()[-1]
    assert "--help" in usage_error("xqzzy")


def test_commands_elsewhere_lead_to_commands_of_here_and_to_one_each():
    assert set(COMMANDS_ELSEWHERE) == set(COMMANDS)
    names = [name for line in COMMANDS_ELSEWHERE.values() for name in line.split()]
    assert len(names) == len(set(names)) and not set(names) & set(COMMANDS)


@pytest.mark.parametrize(
    "args, shown",
    [(["help"], "Commands:"), (["help", "nearest"], "--index"), (["nearest", "-h"], "--index")],
)
def test_help_is_a_command_too(args, shown):
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 0 and shown in done.stdout
    assert "fastw2v nearest?" in usage_error("help", "similar")


def test_without_arguments_help_goes_to_standard_error():
    done = CliRunner().invoke(cli, [])
    assert done.exit_code == 2 and "Commands:" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_and_option_has_a_name_that_messages_can_say(command):
    for parameter in cli.get_command(None, command).params:
        assert parameter.name.isidentifier()
        assert isinstance(parameter, click.Argument) or parameter.opts[0].startswith("-")
