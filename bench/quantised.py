"""What float16 and int8 cost: the size of a model's file, and the quality of its vectors, beside
float32.

python -m bench.quantised vectors.bin --analogies questions-words.txt --pairs wordsim353.tsv
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import fastw2v
from bench.machine import describe
from fastw2v.evaluation.sets import read_set
from fastw2v.formats.registry import ALL_DTYPES as DTYPES

ASKED = 200  # words whose nearest ten are compared


def measure(vectors, dtype, sets, folder, exact):
    """A row of the table: dtype, MB of the file, score of each set, greatest error of a cosine,
    share of the nearest ten.
    """
    path = Path(folder, f"{dtype}.npz")
    fastw2v.WordVectors(vectors.words, vectors.table).save(path, dtype=dtype)
    loaded = fastw2v.load(path)
    scores = [each.score(loaded)[0] for each in sets]
    off, same = 0.0, 0
    for word, (cosines, found) in exact.items():
        off = max(off, float(np.abs(loaded.cosines(loaded[word]) - cosines).max()))
        same += len(found & {near for near, _ in loaded.nearest(word)})
    return [dtype, path.stat().st_size / 1e6, *scores, off, same / (10 * len(exact))]


def main():
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vectors")
    parser.add_argument("--analogies", action="append", default=[])
    parser.add_argument("--pairs", action="append", default=[])
    options = parser.parse_args()
    vectors, sets = (
        fastw2v.load(options.vectors),
        [read_set(path) for path in options.analogies + options.pairs],
    )
    asked = np.random.default_rng(1).choice(min(len(vectors), 30_000), ASKED, replace=False)
    words = [vectors.words[row] for row in asked]
    exact = {
        word: (vectors.cosines(vectors[word]), {near for near, _ in vectors.nearest(word)})
        for word in words
    }
    print(
        "| | MB |",
        " | ".join(each.name for each in sets),
        "| greatest error of a cosine | same among the nearest ten |",
    )
    print("|---|--:|" + "--:|" * (len(sets) + 2))
    with tempfile.TemporaryDirectory() as folder:
        for dtype in DTYPES:
            name, size, *scores, off, same = measure(vectors, dtype, sets, folder, exact)
            print(
                f"| {name} | {size:.1f} | {' | '.join(f'{s:.4f}' for s in scores)} | {off:.1e} |"
                f" {same:.3f} |"
            )
    machine = describe()
    print(
        f"\n{len(vectors):,} words, {vectors.table.shape[1]} dimensions; {machine['cpu']}; numpy"
        f" {machine['versions']['numpy']}"
    )


if __name__ == "__main__":
    main()
