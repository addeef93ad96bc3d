"""Guesses of the last item of sessions equal those of a naive twin."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from fastw2v.cli import cli
from fastw2v.cli.messages import as_typed
from fastw2v.embedding import TextFiles
from fastw2v.errors import ConfigError, EvaluationError, Fastw2vError
from fastw2v.evaluation import next_item
from fastw2v.evaluation.next_item import read_sessions, score_next_items
from fastw2v.vectors.word_vectors import WordVectors

ITEMS = [f"i{n}" for n in range(40)]


@pytest.fixture
def vectors(rng):
    """Vectors of items, some of them equal, and one that is zero."""
    table = rng.normal(size=(40, 4)).astype(np.float32)
    table[[5, 6, 7, 30]] = table[8]
    table[9] = 0
    return WordVectors(ITEMS, table)


@pytest.fixture
def sessions(rng):
    """Sessions with unknown items, repetitions, and too few items."""
    names = [*ITEMS, "x", "y"]
    drawn = [[names[n] for n in rng.integers(0, 42, rng.integers(2, 9))] for _ in range(200)]
    fixed = [["i1", "i2", "i1"], ["i5", "i6"], ["i8", "i5", "i30"], ["i3", "i3"]]
    return [*drawn, *fixed, ["i1"], [], ["x", "i1"], ["i1", "x"], ["x", "y"]]


def naive(vectors, sessions, k):
    """(recall, MRR, NDCG, sessions, short, unknown), one session after the other."""
    unit, V = vectors.unit_vectors.astype(np.float64), len(vectors)
    ranks, short, unknown = [], 0, 0
    for session in sessions:
        rows = [vectors.ids.get(item) for item in session]
        context = [row for row in rows[:-1] if row is not None]
        if len(rows) < 2:
            short += 1
        elif not context or rows[-1] is None:
            unknown += 1
        else:
            query = vectors.unit_vectors[context].mean(axis=0)
            query = (query / max(np.linalg.norm(query), 1e-12)).astype(np.float64)
            scores = [math.fsum(unit[row] * query) for row in range(V)]
            order = sorted(range(V), key=lambda row: (-round(scores[row], 6), row))
            order = [row for row in order if row == rows[-1] or row not in context]
            ranks.append(1 + order.index(rows[-1]))
    found = [
        np.mean([rank <= k for rank in ranks]),
        np.mean([1 / rank for rank in ranks]),
        np.mean([1 / math.log2(1 + rank) if rank <= k else 0 for rank in ranks]),
    ]
    return [*found, len(ranks), short, unknown]


def write(path, sessions):
    path.write_text("\n".join(" ".join(session) for session in sessions) + "\n")
    return path


@pytest.mark.parametrize("k", [1, 10, 40])
def test_scores_equal_their_naive_twin(vectors, sessions, k, tmp_path, monkeypatch):
    ids = read_sessions(TextFiles([str(write(tmp_path / "s.txt", sessions))]), vectors)
    found = score_next_items(vectors, ids, k)
    expected = naive(vectors, sessions, k)
    assert [found.recall, found.mrr, found.ndcg] == pytest.approx(expected[:3])
    assert [found.sessions, found.short, found.unknown] == expected[3:]
    for name, size in (("QUERIES", 7), ("ITEMS", 11), ("SESSIONS", 32)):
        monkeypatch.setattr(next_item, name, size)
    assert score_next_items(vectors, ids, k) == found


def test_k_beyond_the_items_and_sessions_that_cannot_be_scored_are_errors(vectors):
    ids = np.array([-1, 0, 1], np.int32)
    with pytest.raises(EvaluationError, match="41"):
        score_next_items(vectors, ids, 41)
    for nothing in ([], [-1], [-1, -1, 3], [-1, -2, 1], [-1, 1, -2], [-1, -2, -2]):
        with pytest.raises(EvaluationError, match="sessions"):
            score_next_items(vectors, np.array(nothing, np.int32))


def test_evaluate_next_item_of_lines_and_of_tables(vectors, sessions, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vectors.save("a.npz")
    write(tmp_path / "s.txt", sessions)

    def run(*args):
        return CliRunner().invoke(cli, ["evaluate", *args], prog_name="fastw2v")

    done = run("a.npz", "a.npz", "--next-item", "s.txt", "-k", "5", "--json")
    rows = json.loads(done.stdout)["scores"]
    keys = ("recall", "mrr", "ndcg", "sessions", "short", "unknown")
    assert [rows[1][key] for key in keys] == pytest.approx(naive(vectors, sessions, 5))
    lines = run("a.npz", "--next-item", "s.txt").stdout.splitlines()
    assert lines[0].split()[2] == "recall@10" and lines[1].split()[0] == "a.npz"
    assert run("a.npz", "--next-item", "s.txt", "--pairs", "s.txt").exit_code == 2
    assert run("a.npz", "--column", "item").exit_code == 2
    assert isinstance(run(*"a.npz --next-item s.txt -k 41".split()).exception, EvaluationError)
    pytest.importorskip("pyarrow")
    events = [(s, t, item) for s, session in enumerate(sessions) for t, item in enumerate(session)]
    rows = "".join(f"{s},{t},{item}\n" for s, t, item in sorted(events, key=lambda e: (e[1], e[0])))
    (tmp_path / "e.csv").write_text("session,time,item\n" + rows)
    columns = "--column item --group-by session --order-by time".split()
    done = run("a.npz", "--next-item", "e.csv", *columns, "--json", "-k", "5")
    row = json.loads(done.stdout)["scores"][0]
    expected = naive(vectors, [session for session in sessions if session], 5)
    assert [row[key] for key in keys] == pytest.approx(expected)
    args = "a.npz --next-item e.csv --order-by time --column item".split()
    assert isinstance(run(*args).exception, ConfigError)


def test_evaluate_next_item_errors_name_the_file_and_what_the_command_line_can_do(
    vectors, sessions, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    vectors.save("a.npz")
    vectors.head(5).save("b.npz")
    write(tmp_path / "s.txt", sessions)
    (tmp_path / "latin1.txt").write_bytes(b"a b\ncaf\xe9 b\n")

    def refused(*args):
        done = CliRunner().invoke(cli, ["evaluate", *args])
        assert isinstance(done.exception, Fastw2vError)
        return as_typed(done.exception)

    assert "b.npz" in refused("a.npz", "b.npz", "--next-item", "s.txt", "-k", "9")
    said = refused("a.npz", "--next-item", "latin1.txt")
    assert "latin1.txt:2" in said and "iconv" in said and "--encoding-errors" not in said
    said = refused("a.npz", "--next-item", "nothere")
    assert "nothere" in said and "Python" not in said
    (tmp_path / "s.jsonl").write_text('{"item": "i1"}\n{"item": "i2"}\n')
    assert "--column item" in refused("a.npz", "--next-item", "s.jsonl")
