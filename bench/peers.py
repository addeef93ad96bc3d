"""fastw2v beside other trainers: same text, same hyperparameters, same threads, one after the other in one run.

    python -m bench.peers CORPUS --eval FOLDER

CORPUS is a text file; FOLDER holds questions-words.txt, wordsim353.tsv and simlex999.tsv. gensim and fastText are
measured where they are installed. Skip-gram, D 100, window 5, K 5, sample 1e-3, min_count 5. For each: seconds of the
whole process, from its start to vectors on the disk; words/s in training, in words of the raw text for all (gensim
counts only those it keeps); peak memory; analogies over the 30,000 most frequent words, and Spearman's rho, as gensim
evaluates them. Medians of ``--repeat`` rounds, the trainers taking turns. Writes bench/results/peers.json, and
README's table.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from bench.machine import describe
from bench.table import RESULTS, update_readme

GENSIM = """
import sys
from gensim.models import Word2Vec
text, out, threads, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
model = Word2Vec(corpus_file=text, sg=1, hs=0, vector_size=100, window=5, negative=5, sample=1e-3, min_count=5, epochs=epochs,
                 workers=threads)
model.wv.save_word2vec_format(out, binary=True)
print("training_s", model.total_train_time)
"""
FASTTEXT = """
import sys, time
import fasttext
text, out, threads, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
began = time.perf_counter()
model = fasttext.train_unsupervised(text, model="skipgram", dim=100, ws=5, neg=5, t=1e-3, minCount=5, epoch=epochs, lr=0.025,
                                    minn=0, maxn=0, bucket=0, thread=threads, verbose=0)
print("training_s", time.perf_counter() - began)
words = [w for w in model.get_words() if w != "</s>"]
with open(out, "wb") as file:
    file.write(f"{len(words)} 100\\n".encode())
    for word in words:
        file.write(word.encode() + b" " + model.get_word_vector(word).astype("<f4").tobytes() + b"\\n")
"""


def commands(text, out, threads, epochs):
    """The trainers at hand, by name, as commands that leave word2vec's binary format at ``out``."""
    ours = [sys.executable, "-m", "fastw2v", "train", text, "-o", out, "--threads", str(threads), "--epochs", str(epochs)]
    found = {"fastw2v": ours, "fastw2v, negatives per pair": [*ours, "--negatives-per", "pair"]}
    versions = describe("gensim", "fasttext")["versions"]
    for name, label, script in (("gensim", "gensim (corpus_file)", GENSIM), ("fasttext", "fastText (no subwords)", FASTTEXT)):
        if versions[name]:
            found[label] = [sys.executable, "-c", script, text, out, str(threads), str(epochs)]
    return found


def measure(command, out, raw_words):
    """Run a trainer; returns its seconds, words/s in training and peak memory."""
    Path(out).unlink(missing_ok=True)
    began = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = running.stdout.read()
    _, status, usage = os.wait4(running.pid, 0)
    seconds = time.perf_counter() - began
    if status or not Path(out).exists():
        raise SystemExit(f"{command[:4]} failed:\n{said}")
    if told := re.search(r"training_s ([\d.]+)", said):
        words_per_s = raw_words / float(told.group(1))
    else:  # fastw2v counts the words of its vocabulary: convert
        covered = float(re.search(r"covering ([\d.]+)%", said).group(1)) / 100
        words_per_s = float(re.findall(r"([\d.]+) M words/s", said)[-1]) * 1e6 / covered
    return {"whole_process_s": seconds, "words_per_s": words_per_s, "peak_mb": usage.ru_maxrss / 1024}


def quality(path, folder):
    """Google analogies and Spearman's rho of vectors, as gensim evaluates them."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors.load_word2vec_format(path, binary=True)
    analogies, _ = vectors.evaluate_word_analogies(Path(folder, "questions-words.txt"), restrict_vocab=30_000)
    pairs = {name: vectors.evaluate_word_pairs(Path(folder, f"{name}.tsv"))[1][0] for name in ("wordsim353", "simlex999")}
    return {"analogies": float(analogies), **{name: float(rho) for name, rho in pairs.items()}}


def median_row(name, rounds):
    """One row of the result: the median of each figure over the rounds."""
    return {"name": name, "rounds": len(rounds), **{key: statistics.median(r[key] for r in rounds) for key in rounds[0]}}


@click.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False))
@click.option("--eval", "folder", required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--threads", default=2, show_default=True)
@click.option("--epochs", default=5, show_default=True)
@click.option("--repeat", default=1, show_default=True)
def main(corpus, folder, threads, epochs, repeat):
    """Measure all trainers at hand on CORPUS."""
    with open(corpus, "rb") as file:
        words = sum(len(line.split()) for line in file)
    rounds = {}
    with tempfile.TemporaryDirectory() as temporary:
        out = str(Path(temporary, "vectors.bin"))
        trainers = commands(corpus, out, threads, epochs)
        measure(trainers["fastw2v"][:-1] + ["1"], out, words)  # compiles
        for _ in range(repeat):
            for name, command in trainers.items():
                row = measure(command, out, words * epochs) | quality(out, folder)
                click.echo(f"{name}: {row}", err=True)
                rounds.setdefault(name, []).append(row)
    result = {
        "what": "skip-gram, D 100, window 5, K 5, sample 1e-3, min_count 5",
        "corpus": {"name": Path(corpus).name, "words": words},
        "epochs": epochs,
        "threads": threads,
        "machine": describe("gensim", "fasttext"),
        "rows": [median_row(name, some) for name, some in rounds.items()],
    }
    RESULTS.mkdir(exist_ok=True)
    Path(RESULTS, "peers.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf8")
    update_readme()


if __name__ == "__main__":
    main()
