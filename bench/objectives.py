"""Every objective beside other trainers: same text, same settings, same threads, taking turns in
one run.

    python -m bench.objectives CORPUS --eval FOLDER

gensim and fastText are measured where they are installed, pWord2Vec and pSGNScc where they are
found on PATH, each with its own default learning rate. D 100, window 5, K 5, sample 1e-3, min_count
5, but for what the name of an objective says. FOLDER holds questions-words.txt and wordsim353.tsv,
men3k-natural.tsv, rw.tsv. Rare words that are not in the vocabulary are asked for too: without
subwords they have no vector, and their pairs are left out.

Medians of ``--repeat`` rounds. Writes bench/results/objectives-CPU.json, and README's tables.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from bench.machine import describe
from bench.peers import (
    BUILT,
    CORPUS,
    EPOCHS,
    EVAL,
    REPEAT,
    THREADS,
    count_words,
    measure,
    measure_in_turns,
)
from bench.table import write_result

PAIRS = ("wordsim353", "men3k-natural", "rw")
WORD2VEC = {"sg": 1, "hs": 0, "negative": 5}
SUBWORDS = {"min_n": 3, "max_n": 6, "bucket": 2_000_000}
GENSIM = """
import sys, json
import gensim.models
text, out, threads, epochs, kind, options = sys.argv[1:7]
model = getattr(gensim.models, kind)(
    corpus_file=text, window=5, sample=1e-3, min_count=5,
    epochs=int(epochs), workers=int(threads), **json.loads(options))
print("training_s", model.total_train_time)
model.wv.save(out)
"""
FASTTEXT = """
import sys, time
import fasttext
text, out, threads, epochs = sys.argv[1:5]
began = time.perf_counter()
model = fasttext.train_unsupervised(text, model="skipgram", dim=100, ws=5, neg=5, t=1e-3,
                                    minCount=5, epoch=int(epochs), minn=3, maxn=6,
                                    thread=int(threads), verbose=0)
print("training_s", time.perf_counter() - began)
model.save_model(out)
"""


class Objective(NamedTuple):
    """What is trained.

    ours : options of ``fastw2v train``;  gensim : options of gensim's Word2Vec, or of its FastText
    if there is a min_n;  peers : whether pWord2Vec and pSGNScc can train it, which have skip-gram
    with negative sampling.
    """

    ours: str
    gensim: dict
    peers: bool = False


OBJECTIVES = {
    "skip-gram, negative sampling": Objective("", WORD2VEC, peers=True),
    "skip-gram, negatives per pair": Objective("--negatives-per pair", WORD2VEC),
    "skip-gram, K 10": Objective("--negative 10", WORD2VEC | {"negative": 10}, peers=True),
    "skip-gram, K 15": Objective("--negative 15", WORD2VEC | {"negative": 15}, peers=True),
    "skip-gram, D 300": Objective("--vector-size 300", WORD2VEC | {"vector_size": 300}, peers=True),
    "skip-gram, deterministic": Objective("--deterministic", WORD2VEC),
    "skip-gram, hierarchical softmax": Objective("--loss hs", {"sg": 1, "hs": 1, "negative": 0}),
    "CBOW, negative sampling": Objective("--model cbow", {"sg": 0, "hs": 0, "negative": 5}),
    "CBOW, hierarchical softmax": Objective(
        "--model cbow --loss hs", {"sg": 0, "hs": 1, "negative": 0}
    ),
    "skip-gram, subwords": Objective("--minn 3 --maxn 6", WORD2VEC | SUBWORDS),
}


def commands(objective, text, out, threads, epochs):
    """The trainers at hand, by name, as commands that leave a model of their own at ``out``."""
    versions = describe("gensim", "fasttext")["versions"]
    script = [text, out, str(threads), str(epochs)]
    common = f"--threads {threads} --epochs {epochs} {objective.ours}".split()
    found = {"fastw2v": [sys.executable, "-m", "fastw2v", "train", text, "-o", out, *common]}
    subwords = "min_n" in objective.gensim
    if versions["gensim"]:
        kind, options = "FastText" if subwords else "Word2Vec", json.dumps(objective.gensim)
        found["gensim"] = [sys.executable, "-c", GENSIM, *script, kind, options]
    if versions["fasttext"] and subwords:
        found["fastText"] = [sys.executable, "-c", FASTTEXT, *script]
    size, negative = objective.gensim.get("vector_size", 100), objective.gensim["negative"]
    options = (
        f"-train {text} -output {out} -size {size} -window 5 -negative {negative} -sample 1e-3"
        f" -min-count 5 -binary 1 -threads {threads} -iter {epochs} -batch-size 11"
    )
    for name in ("pWord2Vec", "pSGNScc"):
        if objective.peers and shutil.which(name):
            found[name] = [name, *options.split()]
    return found


def load(trainer, path):
    """The words of a trained model, their vectors, and a function from any word to its vector or
    None.
    """
    if trainer == "gensim":
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


def quality(trainer, path, folder):
    """Google analogies over the 30,000 most frequent words, and Spearman's rho of all pairs that
    have vectors.
    """
    from gensim.models import KeyedVectors
    from scipy.stats import spearmanr

    words, vectors, vector = load(trainer, path)
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(list(words), vectors)
    questions = Path(folder, "questions-words.txt")
    found = {"analogies": float(keyed.evaluate_word_analogies(questions, restrict_vocab=30_000)[0])}
    for name in PAIRS:
        lines = Path(folder, f"{name}.tsv").read_text(encoding="utf8").splitlines()
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        scored = []
        for a, b, score in ((row[0].lower(), row[1].lower(), row[2]) for row in rows):
            x, y = vector(a), vector(b)
            if x is not None and y is not None:
                cosine = x @ y / max(np.linalg.norm(x) * np.linalg.norm(y), 1e-12)
                scored.append((float(score), float(cosine)))
        found[name] = float(spearmanr(*zip(*scored, strict=True))[0])
    return found


@click.command()
@CORPUS
@EVAL
@THREADS
@EPOCHS
@REPEAT
@click.option("--objective", "chosen", multiple=True, type=click.Choice(list(OBJECTIVES)))
@BUILT
def main(corpus, folder, threads, epochs, repeat, chosen, built):
    """Train every objective with every trainer at hand."""
    words, rows = count_words(corpus), []
    with tempfile.TemporaryDirectory() as temporary:
        for name in chosen or OBJECTIVES:
            # fastText names its models .bin; fastw2v reads any name by its content
            out = str(Path(temporary, "model.npz" if "subwords" in name else "model.bin"))
            trainers = commands(OBJECTIVES[name], corpus, out, threads, epochs)
            measure([*trainers["fastw2v"], "--epochs", "1"], out, words)  # compiles
            measured = measure_in_turns(
                trainers,
                out,
                words * epochs,
                repeat,
                lambda trainer, out=out: quality(trainer, out, folder),
                f"{name}, ",
            )
            rows += [{"objective": name} | row for row in measured]
    result = {
        "machine": describe("gensim", "fasttext"),
        "corpus": {"name": Path(corpus).name, "words": words},
        "threads": threads,
        "epochs": epochs,
        "built": built,
        "rows": rows,
    }
    write_result("objectives-", result)


if __name__ == "__main__":
    main()
