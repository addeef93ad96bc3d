"""Ways to make vectors of texts, compared by the accuracy of a classifier of reviews.

    python bench/texts.py reviews.tsv.xz

The file has three columns, split (train or test), label, and text. Words are trained on all texts,
without labels. Logistic regression (scikit-learn) is trained on the train split, its strength
chosen by cross-validation there, and scored on the test split. Prints a table, means over seeds.
"""

import argparse
import csv
import lzma
from collections.abc import Iterator

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import normalize

import fastw2v
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
DEFAULT = "SIF, a = 0.01 (default)"


def read(path: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return which texts are for training, labels, and texts."""
    with lzma.open(path, "rt", encoding="utf8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    split, labels, texts = zip(*rows, strict=True)
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
    svd = TruncatedSVD(100, random_state=seed).fit(words[train]).transform(words)
    yield "TF-IDF + SVD, 100 dimensions", normalize(svd)
    from scipy.sparse import csr_matrix, hstack

    both = hstack([words, csr_matrix(normalize(embedded[DEFAULT]))]).tocsr()
    yield "TF-IDF beside SIF, a = 0.01", both


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reviews")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    train, labels, texts = read(options.reviews)
    scores: dict[str, list[float]] = {}
    for seed in range(1, options.seeds + 1):
        for name, X in features(texts, train, options.epochs, seed):
            if seed > 1 and name == "TF-IDF":
                continue
            model = LogisticRegressionCV(
                Cs=[0.3, 1, 3, 10, 30], cv=3, max_iter=1000, scoring="accuracy"
            )
            model.fit(X[train], labels[train])
            scores.setdefault(name, []).append(model.score(X[~train], labels[~train]))
            print(f"seed {seed}  {scores[name][-1]:.4f}  {name}", flush=True)
    for name, of_seeds in scores.items():
        print(f"| {name} | {np.mean(of_seeds):.3f} | {np.std(of_seeds):.3f} |")


if __name__ == "__main__":
    main()
