"""A lesson: why ReLU breaks a classifier of paraphrases (Eq. 14).

    python examples/paraphrases.py

The classifier says that two sentences are paraphrases with probability sigma(x1 . x2), x being the
mean vector of a sentence. With ReLU before the product no number is negative, so the product is at
least 0 and the probability at least 1/2: every pair is called a paraphrase.
"""

import numpy as np

from fastw2v.equations.paraphrase import paraphrase_probability

rng = np.random.default_rng(1)


def main() -> None:
    """Print the share of pairs that are called paraphrases, with and without ReLU."""
    x1, x2 = rng.normal(size=(2, 1000, 50))
    for relu in (False, True):
        share = np.mean(paraphrase_probability(x1, x2, relu) >= 0.5)
        print(f"relu={relu}: {share:.0%} of random pairs are called paraphrases")


if __name__ == "__main__":
    main()
