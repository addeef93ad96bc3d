"""What float16 and int8 cost: the size of a model's file, and the quality of its vectors, beside
float32.

python -m bench.quantised vectors.bin --analogies questions-words.txt --pairs wordsim353.tsv
"""

import tempfile
from pathlib import Path

import click
import numpy as np

import fastw2v
from bench.machine import describe
from bench.table import write_result
from fastw2v.evaluation.sets import Evaluator, read_set
from fastw2v.formats.registry import ALL_DTYPES

QUERIES = 200  # words whose nearest ten are compared
FREQUENT = 30_000  # words that queries are drawn from


def measure(vectors, dtype, evaluate, neighbours, folder):
    """A row of the table: MB of the file, scores, largest error of a cosine, and the share of the
    nearest ten that are the same.

    neighbours : of each queried word, its cosines with all words and the set of its nearest ten.
    """
    path = Path(folder, f"{dtype}.npz")
    fastw2v.WordVectors(vectors.words, vectors.vectors).save(path, dtype=dtype)
    loaded = fastw2v.load(path)
    error, same = 0.0, 0
    for word, (cosines, nearest) in neighbours.items():
        error = max(error, float(np.abs(loaded.cosines(loaded[word]) - cosines).max()))
        same += len(nearest & {near for near, _ in loaded.nearest(word)})
    return {
        "dtype": dtype,
        "mb": path.stat().st_size / 1e6,
        "scores": evaluate(loaded),
        "cosine_error": error,
        "same_nearest": same / (10 * len(neighbours)),
    }


@click.command()
@click.argument("path", metavar="VECTORS")
@click.option("--analogies", multiple=True, metavar="FILE")
@click.option("--pairs", multiple=True, metavar="FILE")
def main(path, analogies, pairs):
    """Measure VECTORS, and write the result and the table of docs/formats.md."""
    vectors = fastw2v.load(path)
    evaluate = Evaluator([read_set(each) for each in (*analogies, *pairs)])
    frequent = min(len(vectors), FREQUENT)
    rng = np.random.default_rng(1)
    queries = rng.choice(frequent, min(QUERIES, frequent), replace=False)
    words = [vectors.words[row] for row in queries]
    neighbours = {
        word: (vectors.cosines(vectors[word]), {near for near, _ in vectors.nearest(word)})
        for word in words
    }
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(vectors, dtype, evaluate, neighbours, folder) for dtype in ALL_DTYPES]
    result = {
        "words": len(vectors),
        "dimensions": vectors.vectors.shape[1],
        "queries": len(words),
        "machine": describe(),
        "rows": rows,
    }
    write_result("quantised", result)


if __name__ == "__main__":
    main()
