"""A lesson: why ReLU breaks a classifier of paraphrases (Eq. 14).

    python examples/paraphrases.py

The classifier gives two sentences the probability sigma(x1 . x2) of being paraphrases, where x is
the mean vector of a sentence. With ReLU before the product, no number is negative. So the product
is at least 0, the probability is at least 1/2, and every pair is classified as a paraphrase.
"""

import numpy as np

from fastw2v.equations.paraphrase import paraphrase_probability

rng = np.random.default_rng(1)


def main() -> None:
    """Print the share of pairs that are classified as paraphrases, with and without ReLU."""
    x1, x2 = rng.normal(size=(2, 1000, 50))
    for relu in (False, True):
        share = np.mean(paraphrase_probability(x1, x2, relu) >= 0.5)
        print(f"relu={relu}: {share:.0%} of random pairs are classified as paraphrases")


if __name__ == "__main__":
    main()
