"""``fastw2v demo``: the bundled corpus is that of the checkout, and replaces nothing."""

import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.errors import OutputError


def test_demo_writes_the_corpus_of_the_checkout_and_names_the_next_command(
    tmp_path, monkeypatch, world_path
):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["demo"])
    assert done.exit_code == 0 and "fastw2v train world.txt" in done.output
    assert (tmp_path / "world.txt").read_bytes() == world_path.read_bytes()
    for name in ("world-analogies.txt", "world-pairs.tsv", "world-categories.tsv"):
        assert (tmp_path / name).read_bytes() == (world_path.parent / name).read_bytes()
    assert CliRunner().invoke(cli, ["demo"]).exit_code == 0  # the same files again


@pytest.mark.parametrize("name", ["world.txt", "world-pairs.tsv"])
def test_demo_of_a_file_with_other_content_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match=name):
        cli.main(["demo"], standalone_mode=False)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_demo_of_a_dash_writes_to_standard_output(world_path):
    assert CliRunner().invoke(cli, ["demo", "-"]).stdout_bytes == world_path.read_bytes()
