"""Run folders as training leaves them, for the tests of reports."""

import json
from dataclasses import asdict

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus

TOTAL = 1000
BEGAN = 1_790_000_000


def progress(tokens, seconds, *, loss=1.5, time=None, **other):
    """A line of progress at a number of tokens of TOTAL, of two epochs."""
    told = dict(
        kind="progress",
        tokens=tokens,
        total=TOTAL,
        epoch=1 + (tokens > TOTAL // 2),
        rate=0.025 * (1 - tokens / TOTAL),
    )
    told |= dict(loss=loss, pairs=5 * tokens, seconds=seconds, words_per_s=tokens / seconds)
    return told | {"time": BEGAN + seconds if time is None else time} | other


def begin(time=BEGAN):
    """The line that a start of the program leaves."""
    return {"kind": "begin", "time": time, "threads": 2, "machine": "a <machine>"}


def make_run(folder, lines, *, end="", output="vectors.npz", corpus=None, **config):
    """Write a run folder whose log has these lines, and after them ``end`` as it stands; ``corpus``
    is a text to encode.
    """
    folder.mkdir()
    config = TrainConfig(epochs=2, **config)
    told = {
        "files": ["some & text.txt"],
        "tokens_read": 9,
        "lines": 3,
        "words_seen": 4,
        "tokens": 8,
        "words": 3,
    }
    if corpus is not None:
        encoded = open_corpus(corpus, config)
        words = zip(encoded.vocabulary.words, encoded.vocabulary.counts.tolist(), strict=True)
        (folder / "vocabulary.txt").write_text(
            "".join(f"{word} {count}\n" for word, count in words)
        )
        told |= dict(
            tokens_read=encoded.tokens_read, tokens=encoded.tokens, words=len(encoded.vocabulary)
        )
    run = {
        "fastw2v": "0.1.0",
        "config": asdict(config),
        "output": str(folder.parent / output),
        "corpus": told,
    }
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + end)
    return folder
