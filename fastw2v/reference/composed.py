"""Kept tokens that are composed of subwords (Eq. 20) while a centre may see them.

When the first such centre comes, a token gets a row of its own: the mean of the rows of its word
and its n-grams. Blocks train this row. What it has changed is added to each of the rows that it was
made of before the first centre that may not see the token.
"""

from fastw2v.equations.subwords import word_vector


class Composed:
    """A token that is composed of the rows ``bag`` of W_in."""

    def __init__(self, bag):
        self.bag = bag
        self.row = self.before = None


class Sight:
    """The tokens that are composed at present, the earliest first."""

    def __init__(self, W_in, frozen=False):
        """frozen : whether no changes are added to the rows of words and n-grams."""
        self.W_in, self.frozen, self.tokens = W_in, frozen, []

    def move(self, tokens):
        """Compose these tokens, and no others."""
        for token in self.tokens:
            if token not in tokens and not self.frozen:
                for row in token.bag:
                    self.W_in[row] += token.row - token.before
        for token in tokens:
            if token not in self.tokens:
                token.row = word_vector(token.bag, self.W_in)
                token.before = token.row.copy()
        self.tokens = tokens
