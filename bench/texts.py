"""Ways to make vectors of texts, compared by the accuracy of a classifier of reviews.

    python -m bench.texts reviews.tsv.xz

The file has three columns, split (train or test), label, and text. Words are trained on all texts,
without labels. Logistic regression (scikit-learn) is trained on the train split, its strength
chosen by cross-validation there, and scored on the test split. Means over seeds.

Writes bench/results/texts.json, and the table of docs/texts.md.
"""

import csv
import lzma
from collections.abc import Iterator

import click
import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import normalize

import fastw2v
from bench.machine import describe
from bench.table import write_result
from fastw2v.embedding import TextEmbedder

EMBEDDINGS = {
    "mean": dict(weighting="mean"),
    "mean, 1 component removed": dict(weighting="mean", remove_components=1),
    "IDF": dict(weighting="idf"),
    "IDF, 1 component removed": dict(weighting="idf", remove_components=1),
    "SIF, a = 0.001": dict(sif_a=1e-3),
    "SIF, a = 0.001, 1 component removed": dict(sif_a=1e-3, remove_components=1),
    "SIF, a = 0.01 (default)": {},
    "SIF, a = 0.01, 1 component removed": dict(remove_components=1),
}
DIMENSIONS = 100  # of the singular value decomposition
DEFAULT = "SIF, a = 0.01 (default)"


def read(path: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return which texts are for training, labels, and texts. Raises click.ClickException."""
    try:
        with lzma.open(path, "rt", encoding="utf8") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        split, labels, texts = zip(*rows, strict=True)
    except (lzma.LZMAError, EOFError, ValueError, OSError, csv.Error) as error:
        raise click.ClickException(
            f"{path}: should be lines of split, label and text, packed with xz"
        ) from error
    return np.array(split) == "train", np.array(labels), list(texts)


def features(
    texts: list[str], train: np.ndarray, epochs: int, seed: int
) -> Iterator[tuple[str, object]]:
    """Yield the name and the matrix of each way to make vectors."""
    vectors = fastw2v.train([text.split() for text in texts], epochs=epochs, seed=seed)
    train_texts = [text for text, chosen in zip(texts, train, strict=True) if chosen]
    embedded = {}
    for name, settings in EMBEDDINGS.items():
        embedded[name] = TextEmbedder(vectors, **settings).fit(train_texts).embed(texts)
        yield name, normalize(embedded[name])
    tfidf = TfidfVectorizer(min_df=5, token_pattern=r"\S+", sublinear_tf=True)
    words = tfidf.fit(train_texts).transform(texts)
    yield "TF-IDF", words
    svd = TruncatedSVD(DIMENSIONS, random_state=seed).fit(words[train]).transform(words)
    yield f"TF-IDF + SVD, {DIMENSIONS} dimensions", normalize(svd)
    from scipy.sparse import csr_matrix, hstack

    both = hstack([words, csr_matrix(normalize(embedded[DEFAULT]))]).tocsr()
    yield "TF-IDF beside SIF, a = 0.01", both


def accuracy(X: object, train: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy on the test split of a model of the train split."""
    model = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.3, 1, 3, 10, 30]}, cv=3)
    return float(model.fit(X[train], labels[train]).score(X[~train], labels[~train]))


@click.command()
@click.argument("reviews", type=click.Path(exists=True, dir_okay=False))
@click.option("--epochs", default=5, show_default=True)
@click.option("--seeds", default=2, show_default=True, help="How many.")
def main(reviews: str, epochs: int, seeds: int) -> None:
    """Measure every way."""
    train, labels, texts = read(reviews)
    scores: dict[str, list[float]] = {}
    for seed in range(1, seeds + 1):
        for name, X in features(texts, train, epochs, seed):
            if seed > 1 and name == "TF-IDF":
                continue
            scores.setdefault(name, []).append(accuracy(X, train, labels))
            click.echo(f"seed {seed}  {scores[name][-1]:.4f}  {name}", err=True)
    result = {
        "machine": describe("scikit-learn"),
        "texts": {"train": int(train.sum()), "test": int((~train).sum())},
        "epochs": epochs,
        "seeds": seeds,
        "rows": [
            {"name": name, "accuracy": float(np.mean(values)), "deviation": float(np.std(values))}
            for name, values in scores.items()
        ],
    }
    write_result("texts", result)


if __name__ == "__main__":
    main()
