"""Kept tokens that are composed of subwords (Eq. 20) while a centre may see them.

When the first such centre comes, a token gets a row of its own: the mean of the rows of its word
and its n-grams. Blocks train this row. What it has changed is added to each of the rows that it was
made of before the first centre that may not see the token.
"""

from collections.abc import Sequence

import numpy as np

from fastw2v.equations.subwords import word_vector

Bag = Sequence[int] | np.ndarray  # rows of W_in that a word is the mean of


class Composed:
    """A token that is composed of the rows ``bag`` of W_in."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.row: np.ndarray = np.empty(0)  # [D] while it is composed
        self.before = self.row


class Sight:
    """The tokens that are composed at present, the earliest first."""

    def __init__(
        self, W_in: np.ndarray, frozen: bool = False, factors: np.ndarray | None = None
    ) -> None:
        """frozen : whether no changes are added to the rows of words and n-grams;  factors : what
        they are multiplied by, of each row of W_in.
        """
        self.W_in, self.frozen = W_in, frozen
        self.tokens: Sequence[Composed] = []
        self.factors = np.ones(len(W_in)) if factors is None else factors

    def move(self, tokens: "Sequence[Composed]") -> None:
        """Compose these tokens, and no others."""
        for token in self.tokens:
            if token not in tokens and not self.frozen:
                for row in token.bag:
                    self.W_in[row] += self.factors[row] * (token.row - token.before)
        for token in tokens:
            if token not in self.tokens:
                token.row = word_vector(token.bag, self.W_in)
                token.before = token.row.copy()
        self.tokens = tokens
