"""Document vectors of fastw2v and gensim: speed of training, and accuracy of a classifier.

    python -m bench.documents reviews.tsv.xz

The file has three columns, split (train or test), label, and text. Both programs train vectors of
all texts, without labels, with D 100, window 5, K 5, sample 1e-4, min_count 5 and their own default
learning rates, taking turns. gensim reads the text itself (``corpus_file``), which is its fastest
way. Logistic regression (scikit-learn) is trained on the vectors of the train split and scored on
the test split. Medians of ``--repeat`` rounds.

Writes bench/results/documents-CPU.json, and the table of docs/documents.md.
"""

import json
import sys
import tempfile
from pathlib import Path

import click
import numpy as np
from sklearn.preprocessing import normalize

from bench.machine import describe
from bench.peers import REPEAT, THREADS, count_words, measure, measure_in_turns
from bench.table import write_result
from bench.texts import accuracy, read

GENSIM = """
import sys, json
import numpy
from gensim.models.doc2vec import Doc2Vec
text, out, threads, epochs, options = sys.argv[1:6]
model = Doc2Vec(corpus_file=text, vector_size=100, window=5, sample=1e-4, min_count=5, negative=5,
                epochs=int(epochs), workers=int(threads), **json.loads(options))
print("training_s", model.total_train_time)
with open(out, "wb") as file:
    numpy.savez(file, document_vectors=model.dv.vectors)
"""
MODELS = {  # options of fastw2v train, and of gensim's Doc2Vec
    "DBOW": ("--model dbow", {"dm": 0}),
    "DM (mean)": ("--model dm", {"dm": 1, "dm_mean": 1}),
    "DBOW, deterministic": ("--model dbow --deterministic", None),
    "DM (mean), deterministic": ("--model dm --deterministic", None),
}


def commands(name: str, text: str, out: str, threads: int, epochs: int) -> dict[str, list[str]]:
    """The trainers of a model, by name, as commands that write vectors of documents to ``out``."""
    ours, gensim = MODELS[name]
    common = f"--threads {threads} --epochs {epochs} --sample 1e-4 {ours}".split()
    found = {"fastw2v": [sys.executable, "-m", "fastw2v", "train", text, "-o", out, *common]}
    if gensim is not None and describe("gensim")["versions"]["gensim"]:
        script = [text, out, str(threads), str(epochs), json.dumps(gensim)]
        found["gensim"] = [sys.executable, "-c", GENSIM, *script]
    return found


@click.command()
@click.argument("reviews", type=click.Path(exists=True, dir_okay=False))
@THREADS
@click.option("--epochs", default=10, show_default=True)
@REPEAT
def main(reviews: str, threads: int, epochs: int, repeat: int) -> None:
    """Train documents with both programs."""
    train, labels, texts = read(reviews)
    rows: list[dict[str, object]] = []

    def quality(path: str) -> dict[str, float]:
        with np.load(path, allow_pickle=False) as model:
            X = normalize(model["document_vectors"])
        return {"accuracy": accuracy(X, train, labels)}

    with tempfile.TemporaryDirectory() as folder:
        text, out = str(Path(folder, "reviews.txt")), str(Path(folder, "documents.npz"))
        Path(text).write_text("\n".join(texts) + "\n", encoding="utf8")
        words = count_words(text)
        for name in MODELS:
            trainers = commands(name, text, out, threads, epochs)
            measure([*trainers["fastw2v"], "--epochs", "1"], out, words)  # compiles
            measured = measure_in_turns(
                trainers, out, words * epochs, repeat, lambda trainer: quality(out), f"{name}, "
            )
            rows += [{"model": name} | row for row in measured]
    result = {
        "machine": describe("gensim", "scikit-learn"),
        "texts": len(texts),
        "words": words,
        "threads": threads,
        "epochs": epochs,
        "rows": rows,
    }
    write_result("documents-", result)


if __name__ == "__main__":
    main()
