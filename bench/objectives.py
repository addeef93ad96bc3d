"""Every objective beside gensim's: same text, same settings, same threads, one after the other.

    python -m bench.objectives CORPUS --eval FOLDER

Skip-gram with hierarchical softmax, CBOW with negative sampling and with hierarchical softmax, and
subwords of 3 to 6 letters (gensim's FastText). D 100, window 5, K 5, sample 1e-3, min_count 5, each
with its own default learning rate. FOLDER holds questions-words.txt and wordsim353.tsv,
men3k-natural.tsv, rw.tsv. Rare words that are not in the vocabulary are asked for too: without
subwords they have no vector, and their pairs are left out.

Each runs once. Writes bench/results/objectives.json, and README's table of objectives.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np

from bench.machine import describe
from bench.peers import measure
from bench.table import RESULTS, update_tables

PAIRS = ("wordsim353", "men3k-natural", "rw")
WAYS = {
    "skip-gram, hierarchical softmax": (
        ["--loss", "hs"],
        "Word2Vec",
        {"sg": 1, "hs": 1, "negative": 0},
    ),
    "CBOW, negative sampling": (["--model", "cbow"], "Word2Vec", {"sg": 0, "hs": 0, "negative": 5}),
    "CBOW, hierarchical softmax": (
        ["--model", "cbow", "--loss", "hs"],
        "Word2Vec",
        {"sg": 0, "hs": 1, "negative": 0},
    ),
    "skip-gram, subwords": (
        ["--minn", "3", "--maxn", "6"],
        "FastText",
        {"sg": 1, "hs": 0, "negative": 5, "min_n": 3, "max_n": 6, "bucket": 2_000_000},
    ),
}
GENSIM = """
import sys, json
import gensim.models
text, out, threads, epochs, kind, options = sys.argv[1:7]
model = getattr(gensim.models, kind)(
    corpus_file=text, vector_size=100, window=5, sample=1e-3, min_count=5,
    epochs=int(epochs), workers=int(threads), **json.loads(options))
print("training_s", model.total_train_time)
model.wv.save(out)
"""


def commands(name, text, out, threads, epochs):
    """fastw2v and gensim, by name, as commands that leave a model of their own at ``out``."""
    ours, kind, options = WAYS[name]
    script = [text, out, str(threads), str(epochs)]
    found = {
        "fastw2v": [
            "-m",
            "fastw2v",
            "train",
            text,
            "-o",
            out,
            "--threads",
            str(threads),
            "--epochs",
            str(epochs),
            *ours,
        ]
    }
    found["gensim"] = ["-c", GENSIM, *script, kind, json.dumps(options)]
    return {name: [sys.executable, *command] for name, command in found.items()}


def load(who, path):
    """The words of a trained model, their vectors, and a function from any word to its vector or
    None.
    """
    if who == "gensim":
        from gensim.models import KeyedVectors

        vectors = KeyedVectors.load(path)
        return (
            vectors.index_to_key,
            vectors.vectors,
            lambda word: vectors[word] if word in vectors else None,  # noqa: SIM401
        )
    import fastw2v
    from fastw2v.errors import UnknownWordError

    vectors = fastw2v.load(path)

    def vector(word):
        try:
            return vectors[word]
        except UnknownWordError:
            return None

    return vectors.words, vectors.vectors, vector


def quality(who, path, folder):
    """Google analogies over the 30,000 most frequent words, and Spearman's rho of all pairs that
    have vectors.
    """
    from gensim.models import KeyedVectors
    from scipy.stats import spearmanr

    words, vectors, vector = load(who, path)
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(list(words), vectors)
    found = {
        "analogies": float(
            keyed.evaluate_word_analogies(
                Path(folder, "questions-words.txt"), restrict_vocab=30_000
            )[0]
        )
    }
    for name in PAIRS:
        lines = Path(folder, f"{name}.tsv").read_text(encoding="utf8").splitlines()
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        scored = []
        for a, b, score in ((row[0].lower(), row[1].lower(), row[2]) for row in rows):
            x, y = vector(a), vector(b)
            if x is not None and y is not None:
                scored.append(
                    (float(score), float(x @ y / max(np.linalg.norm(x) * np.linalg.norm(y), 1e-12)))
                )
        found[name] = float(spearmanr(*zip(*scored, strict=True))[0])
    return found


@click.command()
@click.argument("corpus")
@click.option(
    "--eval", "folder", required=True, help="Folder with questions-words.txt and the sets of pairs."
)
@click.option("--threads", default=2, show_default=True)
@click.option("--epochs", default=5, show_default=True)
@click.option(
    "--objective", "chosen", multiple=True, type=click.Choice(list(WAYS)), help="Only these."
)
def main(corpus, folder, threads, epochs, chosen):
    """Train every objective with everyone at hand."""
    words = int(
        subprocess.run(
            ["wc", "-w", corpus], capture_output=True, text=True, check=True
        ).stdout.split()[0]
    )
    rows = []
    with tempfile.TemporaryDirectory() as room:
        for name in chosen or WAYS:
            out = str(Path(room, "model.npz"))
            for who, command in commands(name, corpus, out, threads, epochs).items():
                if who == "fastw2v":
                    measure([*command, "--epochs", "1"], out, words)  # compiles
                measured = measure(command, out, words * epochs) | quality(who, out, folder)
                rows.append({"objective": name, "name": who} | measured)
                click.echo(json.dumps(rows[-1]), err=True)
    machine = describe("gensim")
    result = {
        "machine": machine,
        "corpus": {"name": Path(corpus).name, "words": words},
        "threads": threads,
        "epochs": epochs,
    }
    Path(RESULTS, "objectives.json").write_text(
        json.dumps(result | {"rows": rows}, indent=1) + "\n", encoding="utf8"
    )
    update_tables()


if __name__ == "__main__":
    main()
