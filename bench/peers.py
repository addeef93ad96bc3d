"""fastw2v beside other trainers: same text, same hyperparameters, same threads, taking turns in one
run.

    python -m bench.peers CORPUS --eval FOLDER

CORPUS is a text file; FOLDER holds questions-words.txt, wordsim353.tsv and simlex999.tsv. gensim
and fastText are measured where they are installed, word2vec, pWord2Vec, pSGNScc and koan where
they are found on PATH. Skip-gram, D 100 (or ``--vector-size``), window 5, K 5, sample 1e-3,
min_count 5. For each: seconds of the whole process, from its start to vectors on the disk; words/s
in training; peak memory; analogies over the 30,000 most frequent words, and Spearman's rho, as
gensim evaluates them.

Words are those of the raw text, seconds those of the wall clock, for all: word2vec.c divides by CPU
time, gensim and koan count only the words they keep, so what they print is not used. Training is
timed inside (gensim; fastText, with its pass for the vocabulary), reported by fastw2v and koan, or
lasts from the first to the last line of progress (the others).

Medians of ``--repeat`` rounds, the same for all programs. Their BLAS chooses its code for this CPU
and uses one thread: they start threads of their own. ``--built`` says how a program was built.
Writes bench/results/peers-CPU.json, and README's tables.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from bench.machine import describe
from bench.table import write_result

GENSIM = """
import sys
from gensim.models import Word2Vec
text, out, threads, epochs, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
from gensim.models.word2vec import LineSentence
by_file = sys.argv[6] == "corpus_file"
source = {"corpus_file": text} if by_file else {"sentences": LineSentence(text)}
model = Word2Vec(**source, sg=1, hs=0, vector_size=size, window=5, negative=5, sample=1e-3,
                 min_count=5, epochs=epochs,
                 workers=threads)
model.wv.save_word2vec_format(out, binary=True)
print("training_s", model.total_train_time)
"""
FASTTEXT = """
import sys, time
import fasttext
text, out, threads, epochs, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
began = time.perf_counter()
model = fasttext.train_unsupervised(text, model="skipgram", dim=size, ws=5, neg=5, t=1e-3,
                                    minCount=5, epoch=epochs, lr=0.025,
                                    minn=0, maxn=0, bucket=0, thread=threads, verbose=0)
print("training_s", time.perf_counter() - began)
words = [w for w in model.get_words() if w != "</s>"]
with open(out, "wb") as file:
    file.write(f"{len(words)} {size}\\n".encode())
    for word in words:
        vector = model.get_word_vector(word).astype("<f4")
        file.write(word.encode() + b" " + vector.tobytes() + b"\\n")
"""


def commands(text, out, threads, epochs, size):
    """The trainers at hand, by name, as commands that leave word2vec's binary format at ``out``."""
    ours = [
        sys.executable,
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
        "--vector-size",
        str(size),
    ]
    found = {"fastw2v": ours, "fastw2v, negatives per pair": [*ours, "--negatives-per", "pair"]}
    script = [text, out, str(threads), str(epochs), str(size)]
    versions = describe("gensim", "fasttext")["versions"]
    if versions["gensim"]:
        found["gensim (corpus_file)"] = [sys.executable, "-c", GENSIM, *script, "corpus_file"]
        found["gensim (iterable)"] = [sys.executable, "-c", GENSIM, *script, "iterable"]
    if versions["fasttext"]:
        found["fastText (no subwords)"] = [sys.executable, "-c", FASTTEXT, *script]
    common = (
        f"-size {size} -window 5 -negative 5 -sample 1e-3 -min-count 5 -alpha 0.025 -binary 1"
        f" -threads {threads} -iter {epochs}"
    )
    common = ["-train", text, "-output", out, *common.split()]
    koan = f"-d {size} -c 5 -n 5 -o 1e-3 -k 5 -l 0.025 -b false -t {threads} -e {epochs}"
    koan = ["-f", text, "-p", out, *koan.split()]
    for name, options in (
        ("word2vec", [*common, "-cbow", "0", "-hs", "0"]),
        ("pWord2Vec", [*common, "-batch-size", "11"]),
        ("pSGNScc", [*common, "-batch-size", "11"]),
        ("koan", koan),
    ):
        if shutil.which(name):
            found[name] = [name, *options]
    return found


def peers_environment():
    """The environment for a program whose BLAS is to run at its best, in one thread."""
    forced = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    kept = {name: value for name, value in os.environ.items() if name not in forced}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


PROGRESS = re.compile(rb"Alpha:|Progress|words/s|[Ee]poch|%")


def listen(stream):
    """All that a trainer says, and how long it reported progress: from the first to the last such
    line.
    """
    output, first, last = b"", None, None
    while data := os.read(stream.fileno(), 1 << 16):
        if PROGRESS.search(data):
            last = time.perf_counter()
            first = first or last
        output = (output + data)[-1_000_000:]
    return output.decode(errors="replace"), last - first if first else None


# Runs a program and says what memory it needed at most. The kernel counts the memory of the process
# that starts a program too, so this one is small.
START = """
import os, sys
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print("peak_kb", usage.ru_maxrss)
sys.exit(status != 0)
"""


def measure(command, out, raw_words):
    """Run a trainer, whose paths are absolute; returns its seconds, words/s in training and peak
    memory.
    """
    Path(out).unlink(missing_ok=True)
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-S", "-c", START, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=peers_environment(),
        cwd=Path(out).parent,  # where some programs leave a file of times
    )
    output, heard_s = listen(running.stdout)
    status = running.wait()
    seconds = time.perf_counter() - began
    if status or not Path(out).exists():
        raise SystemExit(f"{command[:4]} failed:\n{output[-3000:]}")
    if (reported := re.search(r"training_s ([\d.]+)", output)) or (
        reported := re.search(r"training +100%.* in ([\d.]+) s", output)
    ):
        training_s = max(float(reported.group(1)), 0.05)  # some say tenths only
    else:
        training_s = heard_s
    return {
        "whole_process_s": seconds,
        "words_per_s": raw_words / training_s,
        "peak_mb": int(re.search(r"peak_kb (\d+)", output).group(1)) / 1024,
    }


def quality(path, folder):
    """Google analogies and Spearman's rho of vectors, as gensim evaluates them."""
    from gensim.models import KeyedVectors

    with open(path, "rb") as file:
        head = file.read(4096)
    text = b"\0" not in head  # koan's, which has no header either
    vectors = KeyedVectors.load_word2vec_format(path, binary=not text, no_header=text)
    analogies, _ = vectors.evaluate_word_analogies(
        Path(folder, "questions-words.txt"), restrict_vocab=30_000
    )
    pairs = {
        name: vectors.evaluate_word_pairs(Path(folder, f"{name}.tsv"))[1][0]
        for name in ("wordsim353", "simlex999")
    }
    return {"analogies": float(analogies), **{name: float(rho) for name, rho in pairs.items()}}


def count_words(path):
    """How many words a text has."""
    with open(path, "rb") as file:
        return sum(len(line.split()) for line in file)


CORPUS = click.argument("corpus", type=click.Path(exists=True, dir_okay=False, resolve_path=True))
EVAL = click.option(
    "--eval", "folder", required=True, type=click.Path(exists=True, file_okay=False)
)
THREADS = click.option("--threads", default=2, show_default=True)
EPOCHS = click.option("--epochs", default=5, show_default=True)
REPEAT = click.option("--repeat", default=3, show_default=True)
BUILT = click.option(
    "--built",
    multiple=True,
    metavar="NAME=TEXT",
    callback=lambda context, parameter, texts: dict(text.split("=", 1) for text in texts),
    help="How a program was built: compiler, its options, and BLAS.",
)


def measure_in_turns(trainers, out, raw_words, repeat, score, label=""):
    """Run several trainers in turns; return a row for each, with the medians of its rounds.

    Parameters
    ----------
    trainers : the command of each trainer, by name.
    out : the file that each command writes.
    raw_words : the words that each trains, for the figure of words/s.
    repeat : the number of rounds.
    score : score(name) returns more figures of the file, as a dictionary.
    label : what is trained, for the lines that tell of progress.
    """
    rounds = {name: [] for name in trainers}
    for _ in range(repeat):
        for name, command in trainers.items():
            rounds[name].append(measure(command, out, raw_words) | score(name))
            click.echo(f"{label}{name}: {rounds[name][-1]}", err=True)
    return [
        {
            "name": name,
            "rounds": repeat,
            **{key: statistics.median(row[key] for row in rows) for key in rows[0]},
        }
        for name, rows in rounds.items()
    ]


@click.command()
@CORPUS
@EVAL
@THREADS
@EPOCHS
@click.option(
    "--vector-size", "size", default=100, show_default=True, help="Not 100: into a file of its own."
)
@REPEAT
@BUILT
def main(corpus, folder, threads, epochs, size, repeat, built):
    """Measure all trainers at hand on CORPUS."""
    words = count_words(corpus)
    with tempfile.TemporaryDirectory() as temporary:
        out = str(Path(temporary, "vectors.bin"))
        trainers = commands(corpus, out, threads, epochs, size)
        measure([*trainers["fastw2v"], "--epochs", "1"], out, words)  # compiles
        rows = measure_in_turns(
            trainers, out, words * epochs, repeat, lambda name: quality(out, folder)
        )
    result = {
        "what": f"skip-gram, D {size}, window 5, K 5, sample 1e-3, min_count 5",
        "corpus": {"name": Path(corpus).name, "words": words},
        "epochs": epochs,
        "threads": threads,
        "machine": describe("gensim", "fasttext"),
        "built": built,
        "rows": rows,
    }
    write_result("peers-" if size == 100 else f"peers-{size}-", result)


if __name__ == "__main__":
    main()
